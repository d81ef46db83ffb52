/* What the workers did, as the rows of the report and the lines of the final
 * state: for each back end's main. Not for the packet path. */
#ifndef NFL_FLOW_SUMMARY_H
#define NFL_FLOW_SUMMARY_H

#include <nfl/report.h>
#include <nfl/session.h>
#include <nfl/trace.h>

/* Fills program, drops, flows, handlers and values; the rest (ports, first,
 * last) is the caller's and stays. Rows of drops: those of the runtime by
 * nfl_drop, with chain NULL where they fall before any chain (no_chain,
 * one_way, oversize, tx_full), table_full once for each chain with flows; then
 * the module's reasons in order. Handlers: by chain, then as listed. False if
 * there is no memory; what was filled must be freed in both cases. */
bool nfl_summary_report(const struct nfl_workers *all,
                        const struct nfl_module *m, struct nfl_report *r);
/* Frees what nfl_summary_report made, and nothing else. */
void nfl_summary_fini(struct nfl_report *r);

/* Adds the lines of a chain's tables. */
void nfl_summary_tables(const struct nfl_chain *c, uint64_t now,
                        struct nfl_state *s);

/* Adds the lines of flows, shared variables, tables and objects. */
void nfl_summary_state(const struct nfl_workers *all,
                       const struct nfl_module *m, struct nfl_state *s);

#endif
