/* What a worker needs for the packets that wait in front of inline chains:
 * <nfl/early.h>. */
#ifndef NFL_FLOW_EARLY_H
#define NFL_FLOW_EARLY_H

#include <nfl/early.h>

/* Room in the shards that the worker owns. False and err: no memory; to be
 * undone by nfl_early_fini all the same. */
bool nfl_early_init(struct nfl_chain *c, const struct nfl_part *part, char *err,
                    size_t errlen);
void nfl_early_fini(struct nfl_chain *c);

/* How many can enter while a burst passes. */
size_t nfl_early_most(const struct nfl_chain *c);

/* The session ends: its packets are dropped. */
void nfl_early_forget(struct nfl_worker *w, const struct nfl_chain *c,
                      const struct nfl_session *s);
/* So does the run. */
void nfl_early_end(struct nfl_worker *w, const struct nfl_chain *c);

#endif
