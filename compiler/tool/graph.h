/* nflc graph: a chain as stages of NFs that may run at the same time. */
#ifndef TOOL_GRAPH_H
#define TOOL_GRAPH_H

#include "plan/deps.h"
#include "tool/settings.h"
#include <stdbool.h>
#include <stdio.h>

struct unit;

/* Returns the exit status. */
int graph(const struct unit *u, const struct settings *s);

/* Of one form each; false if there is no memory. */
bool graph_json(const struct unit *u, FILE *to);
bool graph_svg(const struct unit *u, FILE *to);

/* The port where packets of a way come from (0) or leave (1); NULL: none. */
const char *graph_port(const struct deps_chain *c, const struct deps_way *w,
                       unsigned end);

/* What the stage writes to copies and puts together behind, and whose verdict
 * counts: calls `each` with "ip.src of Nat" and the like. */
struct graph_merge {
    struct arena *arena;
    void (*each)(struct graph_merge *m, const char *text);
};
void graph_merges(struct graph_merge *m, const struct deps_stage *s);

/* The branches of the chain: nothing where there are none. */
void graph_branches_text(const struct unit *u, const struct chain *c, FILE *to);
struct json_t *graph_branches_json(const struct chain *c);

#endif
