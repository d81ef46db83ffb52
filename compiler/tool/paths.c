#include "tool/paths.h"

#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program; "" when the kernel does not tell. */
static void exe_folder(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    char *slash;

    folder[n > 0 ? n : 0] = '\0';
    slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
}

static bool lies_in(const char *path, const char *folder)
{
    char real[PATH_MAX];
    size_t n;

    if (!realpath(folder, real))
        return false;
    n = strlen(real);
    return strncmp(path, real, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Length of the longest common prefix of A and B that ends a component. */
static size_t common(const char *a, const char *b)
{
    size_t i, end = 0;

    for (i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            end = i;
    if ((!a[i] && (!b[i] || b[i] == '/')) || (!b[i] && a[i] == '/'))
        end = i;
    return end;
}

/*
 * The folder that stands to BIN as CONFIGURED stands to the configured
 * bindir: an installation may have been moved as a whole. The configured
 * folder when there is no such folder.
 */
static const char *installed(const char *bin, const char *configured)
{
    size_t keep = common(NFL_BINDIR, configured);
    char path[2 * PATH_MAX];
    const char *up, *copy;
    int n = snprintf(path, PATH_MAX, "%s", bin);

    for (up = &NFL_BINDIR[keep]; n > 0 && *up; up++)
        if (*up == '/' && up[1] && up[1] != '/') {
            while (n > 0 && path[--n] != '/')
                continue;
            path[n] = '\0';
        }
    snprintf(path + n, PATH_MAX, "%s", configured + keep);
    if (access(path, F_OK) != 0)
        return configured;
    copy = strdup(path);
    if (!copy)
        mem_none();
    return copy;
}

/* The source folder may be configured as "../..". */
static const char *plain(const char *path)
{
    const char *real = realpath(path, NULL);

    if (!real && errno == ENOMEM)
        mem_none();
    return real ? real : path;
}

static void find(struct nfl_paths *p)
{
    char folder[PATH_MAX];

    exe_folder(folder);
    if (lies_in(folder, NFL_BUILDDIR)) {
        p->stdlib = plain(NFL_SRCDIR "/stdlib");
        p->lib = NFL_BUILDDIR;
        p->libexec = NFL_BUILDDIR;
        p->include = plain(NFL_SRCDIR "/runtime/include");
        return;
    }
    p->stdlib = installed(folder, NFL_PKGDATADIR "/stdlib");
    p->lib = installed(folder, NFL_PKGLIBDIR);
    p->libexec = installed(folder, NFL_PKGLIBEXECDIR);
    p->include = installed(folder, NFL_PKGINCLUDEDIR);
}

const struct nfl_paths *paths_get(void)
{
    static struct nfl_paths paths;

    if (!paths.stdlib)
        find(&paths);
    return &paths;
}
