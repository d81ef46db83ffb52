/* The files that a command line and a source name. */
#include "core/fail.h"
#include "core/outfile.h"
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <nfl/options.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- file() of the source ---- */

static bool lies_in(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    if (n == 1) /* the root */
        return true;
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* malloc'ed, links followed. NULL: not there (*missing), or err says why. */
static char *below(const char *dir, const char *name, bool *missing, char *err,
                   size_t errlen)
{
    char *folder = realpath(dir, NULL), *joined = NULL, *path = NULL;

    *missing = false;
    if (!folder) {
        nfl_fail(err, errlen, "cannot read the folder %s: %s", dir,
                 strerror(errno));
        return NULL;
    }
    if (asprintf(&joined, "%s/%s", folder, name) < 0) {
        nfl_fail(err, errlen, "no memory");
        joined = NULL;
    } else if (!(path = realpath(joined, NULL))) {
        *missing = errno == ENOENT;
        nfl_fail(err, errlen, "cannot read %s: %s", joined, strerror(errno));
    } else if (!lies_in(path, folder)) {
        nfl_fail(err, errlen,
                 "file(\"%s\") leaves the folder %s; copy the file there, or "
                 "name its own folder with --files=DIR",
                 name, folder);
        free(path);
        path = NULL;
    }
    free(joined);
    free(folder);
    return path;
}

/* A program may run far from its source. */
static void add_advice(char *err, size_t errlen)
{
    size_t n = strlen(err);

    if (!strstr(err, "--files"))
        snprintf(err + n, errlen - n, "; --files=DIR names another folder");
}

static bool readable(const char *path, char *err, size_t errlen)
{
    struct stat st;

    if (stat(path, &st) != 0 || access(path, R_OK) != 0)
        return nfl_fail(err, errlen, "cannot read %s: %s", path,
                        strerror(errno));
    if (S_ISDIR(st.st_mode))
        return nfl_fail(err, errlen, "cannot read %s: it is a folder", path);
    return true;
}

/* Below --files if it is there, else below `folder`. */
static char *find(const struct nfl_options *o, const char *folder,
                  const char *name, char *err, size_t errlen)
{
    bool missing = true;
    char *path = NULL;

    if (name[0] == '/') {
        nfl_fail(err, errlen,
                 "file(\"%s\") is absolute; name it relative to the source, "
                 "or to --files=DIR",
                 name);
        return NULL;
    }
    if (o && o->files)
        path = below(o->files, name, &missing, err, errlen);
    if (!path && missing) {
        path = below(folder, name, &missing, err, errlen);
        if (!path && !(o && o->files))
            add_advice(err, errlen);
    }
    return path;
}

char *nfl_options_file(const struct nfl_options *o, const char *srcdir,
                       const char *name, char *err, size_t errlen)
{
    const char *cut = name[0] == '/' ? strstr(name, "//") : NULL;
    char *folder, *path;

    if (!*name)
        return strdup("");
    folder = cut ? strndup(name, (size_t)(cut - name)) : strdup(srcdir);
    if (!folder) {
        nfl_fail(err, errlen, "no memory");
        return NULL;
    }
    path = find(o, folder, cut ? cut + 2 : name, err, errlen);
    free(folder);
    if (path && !readable(path, err, errlen)) {
        free(path);
        path = NULL;
    }
    return path;
}

/* ---- the files of the command line ---- */

/* Where a file is, or would be. False: it is no regular file, so that nothing
 * gets lost if it is named twice. */
static bool place_of(const char *path, char place[2 * PATH_MAX])
{
    char copy[PATH_MAX], base[PATH_MAX], real[PATH_MAX];
    struct stat st;

    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode) || !realpath(path, real))
            return false;
        snprintf(place, 2 * PATH_MAX, "%s", real);
        return true;
    }
    snprintf(copy, sizeof(copy), "%s", path);
    snprintf(base, sizeof(base), "%s", basename(copy));
    snprintf(copy, sizeof(copy), "%s", path);
    if (!realpath(dirname(copy), real))
        return false;
    snprintf(place, 2 * PATH_MAX, "%s/%s", real, base);
    return true;
}

static bool same_place(const char *a, const char *b)
{
    char pa[2 * PATH_MAX], pb[2 * PATH_MAX];

    return place_of(a, pa) && place_of(b, pb) && strcmp(pa, pb) == 0;
}

/* The i-th file that the run writes; NULL where there is none. */
static const char *output(const struct nfl_options *o, unsigned i)
{
    if (i < o->n_ports)
        return o->ports[i].out;
    return i == o->n_ports ? o->state : o->trace;
}

static bool check_output(const struct nfl_options *o, unsigned i, char *err,
                         size_t errlen)
{
    const char *path = output(o, i);
    unsigned j;

    if (!nfl_outfile_check(path, err, errlen))
        return false;
    for (j = 0; j < o->n_ports; j++)
        if (o->ports[j].in && same_place(path, o->ports[j].in))
            return nfl_fail(err, errlen,
                            "%s is read and written; give the output another "
                            "name",
                            path);
    for (j = 0; j < i; j++)
        if (output(o, j) && same_place(path, output(o, j)))
            return nfl_fail(err, errlen,
                            "%s is written twice; give each output a name of "
                            "its own",
                            path);
    return true;
}

bool nfl_options_check(const struct nfl_options *o, char *err, size_t errlen)
{
    unsigned i;

    for (i = 0; i < o->n_ports + 2; i++)
        if (output(o, i) && !check_output(o, i, err, errlen))
            return false;
    return true;
}
