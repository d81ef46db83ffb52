/* Tables: for each shard a list of entries in order of insertion, searched
 * from its beginning. */
#ifndef NFL_INTERP_TABLE_H
#define NFL_INTERP_TABLE_H

#include "interp/value.h"
#include "sema/tree.h"
#include <nfl/report.h>
#include <nfl/trace.h>

struct moment;
struct station;
struct world;

struct entry {
    struct ival key, value; /* they own their parts */
    uint64_t expires;       /* tick; UINT64_MAX: never */
    struct entry *next;
};
typedef LIST(struct entry) entries;

struct tab { /* of one NF at its place */
    const struct var *var;
    unsigned shards;
    uint64_t size, ticks; /* ticks 0: entries stay */
    entries *of;          /* by shard */
    uint64_t added, evicted, refused;
    struct tab *next;
};

/* Makes the tables of an NF at its place in the chain. */
void tables_make(struct world *w, const struct chain *c, struct station *st);
void tables_free(struct station *st);
/* Entries that are due at w->now are there no longer. */
void tables_expire(struct world *w);

/* A TE_TABLE. False if it failed. The parts of the result of ACCESS_CELL are
 * the entry's. */
bool table_access(struct moment *m, const struct texpr *e, struct ival *result);
/* The numbers of the cell that an entry is, made if there is none. NULL if the
 * table refused. */
struct ival *table_cell(struct moment *m, const struct texpr *e,
                        const struct ival *key);

/* x of type t, as the language writes it. */
void value_print(FILE *to, const struct type *t, const struct ival *x);

uint64_t table_entries(const struct tab *t);
/* Adds the greatest entries to its row. */
void table_top(const struct tab *t, unsigned most,
               struct nfl_report_table *row);
/* The lines of the final state; prefix is "CHAIN NF NAME". */
void table_state(const struct tab *t, const char *prefix, struct nfl_state *to);

#endif
