/* The C module as text. */
#ifndef NFL_EMIT_CTEXT_H
#define NFL_EMIT_CTEXT_H

#include <stddef.h>
#include <stdio.h>

struct unit;

struct ctext {
    const char *text; /* NUL-terminated */
    size_t len;
};

void pass_emit(struct unit *u);
void ctext_dump(const struct ctext *t, FILE *to);

#endif
