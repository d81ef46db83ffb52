/* The file that a command writes. It is written under another name in the
 * same folder and renamed at the end, so that it is never half-written. */
#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdio.h>

struct output {
    const char *path;
    const char *part; /* the name it has until it is whole */
};

/* Takes a name for the file; false after a message if it cannot be written. A
 * binary needs a regular file, text may go to a device, too. */
bool output_open(struct output *o, struct arena *a, const char *path,
                 bool binary);
/* Closes a stream, or flushes standard output: false after a message if
 * something could not be written. */
bool output_close(FILE *to, const char *path);
/* The file takes its place: false after a message. Or it never was. */
bool output_commit(const struct output *o);
void output_abort(const struct output *o);

#endif
