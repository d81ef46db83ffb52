/* What an NF does to packets that come from one side of its chain, as acts for
 * the rules; from its effects and nothing else. Only for this folder. */
#ifndef NFL_PLAN_ACT_H
#define NFL_PLAN_ACT_H

#include "plan/rule.h"

struct unit;
struct chain;
struct position;
struct handler;

/* Changes of its own state first: of several reasons that is the one to tell.
 */
acts acts_of(const struct unit *u, const struct chain *c,
             const struct position *p, unsigned side);

/* Only what one handler asks. */
acts acts_read(const struct unit *u, const struct chain *c,
               const struct handler *h, unsigned side);

#endif
