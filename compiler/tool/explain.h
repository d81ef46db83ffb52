/* nflc explain: what the compiler found out, in the terms of the source. */
#ifndef NFL_TOOL_EXPLAIN_H
#define NFL_TOOL_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

struct unit;

/* For each chain: its NFs and what each handler reads, writes and may do;
 * how flows are divided among shards, and why; what a flow table of its size
 * is expected to lose. */
void explain(const struct unit *u, FILE *to);

/* `explain CODE...` and `explain --codes`; argv[0] is the word explain. Returns
 * the exit status, or -1 if the arguments are files (explain_code.c). */
int explain_codes(int argc, char **argv);

/* Flows that `shards` shards of together `size` entries are expected to be
 * too few for, if `flows` are divided among them by a good hash. */
double explain_loss(double flows, double size, double shards);

/* The loss at some loads, of `what`. */
void explain_loads(double size, double shards, const char *what, FILE *to);

/* Which of a chain's NFs may run at the same time (explain_pairs.c). */
struct deps_chain;
void explain_pairs(const struct unit *u, const struct deps_chain *c, FILE *to);

/* What is done once for each flow of a chain, and what for each packet and why
 * (explain_binding.c); of all chains, as JSON, perhaps in one line: false if
 * there is no memory. */
struct chain;
void explain_binding(const struct unit *u, const struct chain *c, FILE *to);
bool explain_json(const struct unit *u, bool line, FILE *to);

/* Which packets take the fast path, and how (explain_fast.c). */
struct plan_chain;
void explain_fast(const struct unit *u, const struct plan_chain *c, FILE *to);

/* What handlers need not ask, since another NF did. */
void explain_shares(const struct unit *u, const struct plan_chain *c, FILE *to);

/* Who tells whom what (explain_events.c). */
struct chain;
void explain_events(const struct unit *u, const struct chain *c, FILE *to);

/* The condition of a chain as it is written, "if ...", in one line; "" if it
 * has none. In the arena. And which packets it takes, if somebody else has its
 * ports (explain_way.c). */
struct arena;
struct tree;
const char *explain_filter(struct arena *a, const struct chain *c);
void explain_ingress(struct arena *a, const struct tree *tree,
                     const struct chain *c, FILE *to);
/* Branches, and what intents leave free. */
void explain_way(const struct chain *c, FILE *to);

/* Its TCP monitor, if it has one (explain_tcp.c). */
void explain_tcp(const struct chain *c, FILE *to);

/* The tables of a chain's NFs (explain_tables.c). */
struct ir_chain;
void explain_tables(const struct ir_chain *c, FILE *to);

/* Its objects that functions change: memory, error (explain_objects.c). */
void explain_objects(const struct ir_chain *c, FILE *to);

#endif
