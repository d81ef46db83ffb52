#include "core/outfile.h"
#include "core/fail.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0666 };

/* The folder of a path; malloc'ed. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path), *dir;

    if (!copy)
        return NULL;
    dir = strdup(dirname(copy));
    free(copy);
    return dir;
}

/* ---- checks before a file is opened ---- */

static bool check_folder(const char *path, char *err, size_t errlen)
{
    char *dir = folder_of(path);
    struct stat st;
    bool ok = true;

    if (!dir)
        return nfl_fail(err, errlen, "%s: no memory", path);
    if (stat(dir, &st) != 0)
        ok = nfl_fail(err, errlen,
                      "cannot write %s: folder %s: %s; create it first", path,
                      dir, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        ok = nfl_fail(err, errlen, "cannot write %s: %s is not a folder", path,
                      dir);
    else if (access(dir, W_OK | X_OK) != 0)
        ok = nfl_fail(err, errlen, "cannot write %s: folder %s: %s", path, dir,
                      strerror(errno));
    free(dir);
    return ok;
}

bool nfl_outfile_check(const char *path, char *err, size_t errlen)
{
    struct stat st;

    if (!*path || path[strlen(path) - 1] == '/')
        return nfl_fail(err, errlen, "cannot write '%s': no file name", path);
    if (strcmp(path, "-") == 0)
        return nfl_fail(err, errlen,
                        "cannot write -: standard output is /dev/stdout, a "
                        "file ./-");
    if (stat(path, &st) != 0)
        return check_folder(path, err, errlen);
    if (S_ISDIR(st.st_mode))
        return nfl_fail(err, errlen, "cannot write %s: it is a folder", path);
    if (access(path, W_OK) != 0)
        return nfl_fail(err, errlen, "cannot write %s: %s", path,
                        strerror(errno));
    return !S_ISREG(st.st_mode) || check_folder(path, err, errlen);
}

/* ---- opening ---- */

static mode_t wanted_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return MODE & ~mask;
}

static int open_temp(struct nfl_outfile *o)
{
    int fd;

    if (asprintf(&o->temp, "%s.XXXXXX", o->path) < 0) {
        o->temp = NULL;
        errno = ENOMEM;
        return -1;
    }
    fd = mkostemp(o->temp, O_CLOEXEC);
    if (fd < 0) {
        free(o->temp);
        o->temp = NULL;
        return -1;
    }
    fchmod(fd, wanted_mode());
    return fd;
}

static int open_fd(struct nfl_outfile *o)
{
    struct stat st;
    char *dir;
    int fd;

    o->direct = stat(o->path, &st) == 0 && !S_ISREG(st.st_mode);
    if (o->direct)
        return open(o->path, O_WRONLY | O_CLOEXEC);
    dir = folder_of(o->path);
    if (!dir)
        return -1;
    fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, MODE);
    free(dir);
    return fd < 0 ? open_temp(o) : fd;
}

static void outfile_free(struct nfl_outfile *o)
{
    if (o->f)
        fclose(o->f);
    if (o->temp)
        unlink(o->temp);
    free(o->temp);
    free(o->path);
    free(o);
}

struct nfl_outfile *nfl_outfile_open(const char *path, char *err, size_t errlen)
{
    struct nfl_outfile *o;
    int fd;

    if (!nfl_outfile_check(path, err, errlen))
        return NULL;
    o = calloc(1, sizeof(*o));
    if (!o) {
        nfl_fail(err, errlen, "%s: no memory", path);
        return NULL;
    }
    o->path = realpath(path, NULL);
    if (!o->path)
        o->path = strdup(path);
    fd = o->path ? open_fd(o) : -1;
    o->f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!o->f) {
        nfl_fail(err, errlen, "cannot write %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        outfile_free(o);
        return NULL;
    }
    return o;
}

/* ---- closing ---- */

/* Gives the nameless file a temporary name: link(2) does not replace. */
static bool name_it(struct nfl_outfile *o)
{
    char from[64];
    unsigned i;

    snprintf(from, sizeof(from), "/proc/self/fd/%d", fileno(o->f));
    for (i = 0; i < 100; i++) {
        if (asprintf(&o->temp, "%s.%ld-%u", o->path, (long)getpid(), i) < 0) {
            o->temp = NULL;
            errno = ENOMEM;
            return false;
        }
        if (linkat(AT_FDCWD, from, AT_FDCWD, o->temp, AT_SYMLINK_FOLLOW) == 0)
            return true;
        free(o->temp);
        o->temp = NULL;
        if (errno != EEXIST)
            return false;
    }
    return false;
}

/* All bytes are in the file, or errno says why not. An error of an earlier
 * write is remembered by the stream, its errno is not. */
static bool flushed(struct nfl_outfile *o)
{
    bool before = ferror(o->f) != 0 || o->error;

    errno = 0;
    if (fflush(o->f) == 0 && !before)
        return true;
    if (o->error)
        errno = o->error;
    else if (errno == 0)
        errno = EIO;
    return false;
}

static bool put_in_place(struct nfl_outfile *o)
{
    FILE *f = o->f;

    if (!flushed(o) || (!o->direct && !o->temp && !name_it(o)))
        return false;
    o->f = NULL;
    if (fclose(f) != 0)
        return false;
    if (o->direct)
        return true;
    if (rename(o->temp, o->path) != 0)
        return false;
    free(o->temp);
    o->temp = NULL;
    return true;
}

bool nfl_outfile_close(struct nfl_outfile *o, bool keep, char *err,
                       size_t errlen)
{
    bool ok = !keep || put_in_place(o);

    if (!ok)
        nfl_fail(err, errlen, "cannot write %s: %s; nothing is left of it",
                 o->path, strerror(errno));
    outfile_free(o);
    return ok;
}
