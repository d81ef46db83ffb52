/* Timers of NFs: LANGUAGE.md, "Timers". Each worker runs those of its shards.
 */
#ifndef NFL_FLOW_TIMER_H
#define NFL_FLOW_TIMER_H

#include <nfl/session.h>

struct nfl_timer {
    struct nfl_chain *chain;
    unsigned index; /* among the chain's */
    uint64_t due;   /* tick */
};

/* The clock starts: periods count from here. */
void nfl_timers_start(struct nfl_worker *w, uint64_t now);
/* The one that is due first at w->now, by tick, chain and index; false, and
 * w->timer_at is true again, if none is. */
bool nfl_timer_first(struct nfl_worker *w, struct nfl_timer *t);
/* Runs it once for all periods that went by. */
void nfl_timer_run(struct nfl_worker *w, const struct nfl_timer *t);

#endif
