#include "tool/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(const char *path, const char *why)
{
    fprintf(stderr, "nflc: cannot write %s: %s\n", path, why);
    return false;
}

/* Is there a folder for the file? */
static bool has_folder(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder;
    struct stat st;

    if (!slash)
        return true;
    folder = slash == path ? "/" : arena_strn(a, path, (size_t)(slash - path));
    if (slash[1] == '\0')
        return refuse(path, "that names a folder, not a file");
    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    return refuse(path, arena_fmt(a, "there is no folder %s", folder));
}

bool output_open(struct output *o, struct arena *a, const char *path,
                 bool binary)
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash + 1 - path) : 0, fd;
    struct stat st;
    mode_t mask;
    char *part;

    *o = (struct output){.path = path};
    if (!has_folder(a, path))
        return false;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return refuse(path, "it is a folder; name another file with -o");
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        o->part = path;
        return !binary || refuse(path, "it is not a regular file");
    }
    part = arena_fmt(a, "%.*s.%s.XXXXXX", n, path, path + n);
    fd = mkstemp(part);
    if (fd < 0)
        return refuse(path, strerror(errno));
    mask = umask(0);
    umask(mask);
    fchmod(fd, 0666 & ~mask);
    close(fd);
    o->part = part;
    return true;
}

bool output_close(FILE *to, const char *path)
{
    bool bad = ferror(to) != 0;
    const char *why = "not all of it was taken; is the disk full?";

    errno = 0;
    if ((to == stdout ? fflush(to) : fclose(to)) != 0) {
        bad = true;
        why = errno ? strerror(errno) : why;
    }
    return !bad || refuse(path, why);
}

bool output_commit(const struct output *o)
{
    if (strcmp(o->part, o->path) == 0 || rename(o->part, o->path) == 0)
        return true;
    refuse(o->path, strerror(errno));
    unlink(o->part);
    return false;
}

void output_abort(const struct output *o)
{
    if (strcmp(o->part, o->path) != 0)
        unlink(o->part);
}
