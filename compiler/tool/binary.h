/* From the C module to a binary, in memory. */
#ifndef TOOL_BINARY_H
#define TOOL_BINARY_H

#include "tool/build.h"

/* Takes the binary from the cache, or compiles and links it in a temporary
 * folder, and fills the cache. False after a message, or after a signal. The
 * content is in the build's arena. */
bool binary_make(struct build *b, const struct unit *u, struct blob *bin);

#endif
