/* nflc build, nflc run and nflc -S: from the C module to a file, or to the end
 * of the program. */
#ifndef TOOL_BUILD_H
#define TOOL_BUILD_H

#include "tool/cache.h"
#include "tool/toolchain.h"

#include <stdio.h>

struct unit;
struct output;

struct build {
    const struct settings *settings;
    struct arena *arena;
    struct toolchain tools;
    struct cache *cache; /* NULL: none */
    const char *folder;  /* a temporary one that is there, or NULL */
    struct output *part; /* one that is open, or NULL */
    struct words files;  /* that C of the program is made of */
    const char *name;    /* of the program: "edge" */
    const char *out;
};

/* What can be said before the passes run. -1 to go on, or the exit status. */
int build_start(struct build *b, struct arena *a, const struct settings *s);
/* Writes the file, or becomes the program. Returns the exit status. */
int build_finish(struct build *b, const struct unit *u);

#endif
