/* A stream into memory that says, whatever becomes of it, whether all of it is
 * there: open_memstream forgets a write for which there was no memory. */
#ifndef NFL_CORE_MEMTEXT_H
#define NFL_CORE_MEMTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct nfl_memtext { /* zeroed at first; stays where it is while it is open */
    char *text;      /* not terminated; the caller frees it, also after false */
    size_t len, room;
};

/* NULL if there is no memory. */
FILE *nfl_memtext_open(struct nfl_memtext *t);
/* False if some of it could not be written. */
bool nfl_memtext_close(FILE *f);

#endif
