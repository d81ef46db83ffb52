#include "tool/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* It is opened at once, since removing must not need memory: that there is
 * none may be why. */
static DIR *opened;

const char *scratch_new(struct arena *a)
{
    const char *tmp = getenv("TMPDIR");
    char *folder;
    int why;

    if (!tmp || !*tmp)
        tmp = "/tmp";
    folder = arena_fmt(a, "%s/nflc.XXXXXX", tmp);
    if (mkdtemp(folder)) {
        opened = opendir(folder);
        if (opened)
            return folder;
        why = errno;
        rmdir(folder);
        errno = why;
    }
    fprintf(stderr, "nflc: cannot make a temporary folder in %s: %s\n", tmp,
            strerror(errno));
    return NULL;
}

void scratch_remove(const char *folder)
{
    struct dirent *entry;

    rewinddir(opened);
    while ((entry = readdir(opened)))
        unlinkat(dirfd(opened), entry->d_name, 0); /* "." and ".." stay */
    closedir(opened);
    if (rmdir(folder) < 0)
        fprintf(stderr, "nflc: cannot remove %s: %s\n", folder,
                strerror(errno));
}
