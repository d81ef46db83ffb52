/* Tables that are read from files, in a running program. */
#ifndef NFL_ROWS_H
#define NFL_ROWS_H

#include <nfl/module.h>
#include <nfl/rows_text.h>

/* What generated code calls. The key is words, as those of an object with keys
 * are; NULL, or the values. */
void *nfs_rows_new(struct nfl_chain *c, struct nfl_setup *setup,
                   const struct nfl_rows_desc *d, const char *file);
void nfs_rows_free(void *object);
void nfs_rows_state(const void *object, struct nfl_state *s,
                    const char *prefix);
const void *nfs_rows_find(const void *object, const uint64_t *key,
                          unsigned words);

/* What the file says, for objects that are made of the table. */
const struct nfl_rows *nfs_rows_all(const void *object);

#endif
