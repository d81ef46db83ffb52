/* What a run did: the rows of the report and the lines of the final state. */
#ifndef NFL_INTERP_SUMMARY_H
#define NFL_INTERP_SUMMARY_H

#include <nfl/report.h>
#include <nfl/trace.h>

struct world;

/* Fills in drops, flows, handlers and values, in memory of the run. */
void summary_report(const struct world *w, struct nfl_report *r);

void summary_state(const struct world *w, struct nfl_state *to);

#endif
