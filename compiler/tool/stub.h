/* Goes away with stub.c. */
#ifndef TOOL_STUB_H
#define TOOL_STUB_H

#include <stdio.h>

struct unit;
struct ctext;

void pass_emit(struct unit *u);
void ctext_dump(const struct ctext *c, FILE *to);

#endif
