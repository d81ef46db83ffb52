/* Messages of the compiler for programs. */
#ifndef TOOL_DIAG_JSON_H
#define TOOL_DIAG_JSON_H

#include "base/diag.h"
#include <jansson.h>

/* What was printed: an array of {"severity", "code", "text", "file", "line",
 * "column", "length", "notes", "hints"}, lines and columns (of bytes) from 1;
 * file and so on only where there is a place. A note is an object as well. */
json_t *diag_json(const struct diags *d, bool remarks);

#endif
