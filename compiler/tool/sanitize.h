/* --sanitize: the heap backend with ASan and UBSan, all of it compiled from
 * source. Only in the build tree, where the sources are. */
#ifndef TOOL_SANITIZE_H
#define TOOL_SANITIZE_H

#include "tool/toolchain.h"

extern const char sanitize_flags[];

/* Are the sources there? False after a message. */
bool sanitize_sources(void);
/* Compiles those whose object is older than any source, and adds all objects
 * and libraries to t->libs. False after a message. */
bool sanitize_objects(struct toolchain *t);

#endif
