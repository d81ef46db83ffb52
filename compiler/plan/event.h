/* Who gets which emitted events, and timers; only for this folder. */
#ifndef NFL_PLAN_EVENT_H
#define NFL_PLAN_EVENT_H

#include "plan/plan.h"

struct arena;

void events_plan(struct arena *a, struct plan_chain *c);

#endif
