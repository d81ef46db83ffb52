/* Memory layout; only for this folder. */
#ifndef NFL_PLAN_LAYOUT_H
#define NFL_PLAN_LAYOUT_H

#include "plan/plan.h"

struct arena;

void layout_vars(struct arena *a, struct plan_chain *c);

/* What a session has for the TCP monitor: a multiple of SESSION_ALIGN. */
unsigned plan_tcp_bytes(const struct plan_chain *c);

#endif
