/* The TCP monitor of a chain: see tcp.h. */
#ifndef NFL_FLOW_MONITOR_H
#define NFL_FLOW_MONITOR_H

#include <nfl/session.h>

/* The pieces of the shards that the worker owns. False and err: no memory; to
 * be undone by nfl_monitor_fini all the same. */
bool nfl_monitor_init(struct nfl_chain *c, const struct nfl_part *part,
                      char *err, size_t errlen);
void nfl_monitor_fini(struct nfl_chain *c);

/* Bytes of room that a worker needs for the chain; 0: none. */
size_t nfl_monitor_scratch(const struct nfl_chain *c);

/* The session ends. */
void nfl_monitor_forgets(const struct nfl_chain *c, struct nfl_session *s);

#endif
