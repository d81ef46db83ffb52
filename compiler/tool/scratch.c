#include "tool/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *scratch_new(struct arena *a)
{
    const char *tmp = getenv("TMPDIR");
    char *folder;

    if (!tmp || !*tmp)
        tmp = "/tmp";
    folder = arena_fmt(a, "%s/nflc.XXXXXX", tmp);
    if (mkdtemp(folder))
        return folder;
    fprintf(stderr, "nflc: cannot make a temporary folder in %s: %s\n", tmp,
            strerror(errno));
    return NULL;
}

void scratch_remove(struct arena *a, const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(arena_fmt(a, "%s/%s", folder, entry->d_name));
    if (dir)
        closedir(dir);
    if (rmdir(folder) < 0)
        fprintf(stderr, "nflc: cannot remove %s: %s\n", folder,
                strerror(errno));
}
