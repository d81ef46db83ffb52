/* The fast path of a chain as JSON, for `nflc explain --json`. */
#ifndef NFL_TOOL_EXPLAIN_FAST_H
#define NFL_TOOL_EXPLAIN_FAST_H

#include <jansson.h>

struct plan_chain;
struct unit;

/* [{"from", "mode", "why", "file", "line"}], one for each side; the caller's.
 */
json_t *explain_fast_json(const struct unit *u, const struct plan_chain *c);

#endif
