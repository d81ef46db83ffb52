/* C of the program: `extern type` and `extern fn` with `from "x.c"`. Compiled,
 * held against what is declared of it, and linked: into a binary, or to a
 * shared object for the interpreter. Only build, run, interp and test do so. */
#ifndef TOOL_CCODE_H
#define TOOL_CCODE_H

#include "tool/words.h"

#include <stdbool.h>

struct object;
struct settings;
struct unit;

struct ccode {
    struct arena *arena;
    const struct unit *u;
    const char *folder; /* a temporary one */
    const char *cc;
    const char *flags; /* sanitizers; "" */
    bool verbose, excused;
    bool spoke;           /* set if a compiler had something to say */
    struct words objects; /* in the folder */
    struct words sources; /* of them */
    struct words cflags, libs;
    struct words files; /* that the compiler read, but for those it made */
};

/* True if the program has some. */
bool ccode_any(const struct unit *u);
/* Where the file of C lies. */
const char *ccode_path(struct arena *a, const struct object *o);
/* Where a further file of it lies. */
const char *ccode_beside(struct arena *a, const struct object *o,
                         const char *name);
/* What pkg-config says of a library; "" if it knows none of this name. */
const char *ccode_library(struct arena *a, const char *name);
/* Compiles all of it to objects, and checks what it does. False after a
 * message. */
bool ccode_compile(struct ccode *c);
/* Writes NAME, the glue by which the interpreter calls it. */
bool ccode_glue(struct ccode *c, const char *name);
/* For the interpreter: sets u->externs to the loaded object if the program has
 * C. False after a message. */
bool ccode_load(struct unit *u, const struct settings *s);

#endif
