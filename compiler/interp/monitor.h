/* The TCP monitor of a chain: LANGUAGE.md, "TCP". */
#ifndef NFL_INTERP_MONITOR_H
#define NFL_INTERP_MONITOR_H

#include "interp/world.h"

/* What it has for the shards of a chain. */
void monitor_init(struct world *w, struct passage *c);

/* A packet arrived, and its session is up to date: it is seen, if some handler
 * asks. Fills in m->view. */
void monitor_sees(struct moment *m);

/* Would the packet have to wait, if it arrived now? */
bool monitor_early(struct moment *m);
/* It does. */
void monitor_holds(struct moment *m);
/* Of a packet that would be seen: its sequence number, and how many it has. */
uint32_t monitor_seq(const struct moment *m);
/* It was held, and enters: what stands in its header is as new as can be. */
void monitor_renews(struct moment *m);
/* Its payload is in no stream, so it does not leave an inline chain. */
bool monitor_unfit(const struct moment *m);
uint32_t monitor_length(const struct moment *m);

/* The NF at hand changes n bytes from `at` in the stream on, here and in what
 * is sent again. False: it cannot. */
bool monitor_write(struct moment *m, uint64_t at, const uint8_t *bytes,
                   uint32_t n);
/* What the NF at hand changed before is changed again in the packet. */
void monitor_repeats(struct moment *m);

/* The session ends. */
void monitor_forgets(struct session *s);

/* Does the NF at hand keep bytes? Then as which of those that do? */
bool monitor_keeps(const struct moment *m);
unsigned monitor_slot(const struct moment *m);

#endif
