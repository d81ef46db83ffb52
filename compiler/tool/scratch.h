/* The temporary folder of a build. */
#ifndef TOOL_SCRATCH_H
#define TOOL_SCRATCH_H

#include "base/arena.h"

/* A new folder, mode 0700, in $TMPDIR or /tmp. NULL after a message. */
const char *scratch_new(struct arena *a);

/* Removes the folder and the files in it; it holds no folders. */
void scratch_remove(const char *folder);

#endif
