/* What a session keeps for the packets that arrive at a side of its chain: the
 * values of expressions at flow time, evaluated once, where a packet that went
 * the general way leaves the session so that the next one may go the fast way.
 * Handlers on the fast path read them instead.
 *
 * An expression is kept if it costs more than a load, has no effect, and asks
 * nothing of the bytes of a packet: fields that the flow's tuple gives are read
 * from the tuple. Its locals are given their values by the statements that are
 * run, too, when a row is made. */
#ifndef NFL_PLAN_ROW_H
#define NFL_PLAN_ROW_H

#include "ir/walk.h"

struct arena;
struct bindings;
struct plan;
struct plan_chain;
struct plan_nf;
struct unit;

/* Of a side; a program that wants more evaluates the cheapest anew. */
enum { ROW_BITS = 32, ROW_BYTES = 32 };

struct row_flip { /* a write that may change what is kept: it looks */
    const struct ir_stmt *store;
    struct row_flip *next;
};

struct row_slot {
    const struct ir_expr *expr;
    const struct ir_handler *handler;
    const struct plan_nf *nf;
    unsigned cost;   /* of evaluating it; a load is 1 */
    unsigned bytes;  /* of its value; 0: it is a bit */
    unsigned number; /* of the bit, or of the value */
    LIST(struct row_flip) flips;
    bool anywhere; /* it is the same, asked where its NF handles whatever packet
                      of the flow */
    struct row_slot *next;
};

struct row_dead {                     /* a store that is not done */
    const struct ir_stmt *store, *by; /* that overwrites it */
    const struct plan_nf *nf, *by_nf;
    struct row_dead *next;
};

struct row_cancel { /* headers that are neither added nor removed */
    const struct ir_stmt *push, *pop;
    const struct plan_nf *nf, *by_nf;
    struct row_cancel *next;
};

struct row_cut { /* of a removal that is not done */
    const struct header *header;
    bool cuts; /* the frame ends with it */
    struct row_cut *next;
};

struct plan_row {
    LIST(struct row_slot) slots; /* as packets come by */
    LIST(struct row_dead) dead;
    LIST(struct row_cancel) cancels; /* as they are removed */
    unsigned room; /* bytes by which a frame would have grown, at most: one that
                      cannot goes the general way */
    unsigned n_bits, n_values;
    bool asks_config; /* parameters or files: a change makes it void */
};

/* What is done with a statement when a row is made. */
enum row_make {
    MAKE_NOTHING,
    MAKE_PARTS, /* what it, or its blocks, have to keep; blocks under no
                   condition */
    MAKE_IF,    /* the same, under its condition: it is known */
    MAKE_ALL,   /* it is run: it gives locals their values */
};

/* By number of an expression or statement, for packets from one side. */
struct row_map {
    const struct row_slot **slot; /* kept in; NULL: it is evaluated */
    bool *skips; /* its locals are not asked any more, it is overwritten, or it
                    cancels */
    enum row_make *makes;
    bool *there;           /* a `has` that holds: of headers that cancel */
    struct row_cut **cuts; /* inner headers first; of removals that cancel */
};

/* Makes room in plan.rows; fills it in, and plan_chain.row[side]; empties them
 * where there is no fast path. */
void row_init(const struct unit *u, struct plan *p);
void row_plan(const struct unit *u, struct plan *p, struct plan_chain *c,
              unsigned side);
void row_none(struct plan *p, struct plan_chain *c, unsigned side);

/* The slot that the expression is read from on the fast path, or NULL. */
static inline const struct row_slot *row_slot_of(const struct row_map *m,
                                                 const struct ir_expr *e)
{
    return m->slot[e->number];
}

/* Does something of the handler differ on the fast path? Is a slot read? */
bool row_changes(const struct row_map *m, const struct ir_handler *h);
bool row_reads(const struct row_map *m, const struct ir_handler *h);
/* Is there something in the block that is done when a row is made? */
bool row_makes_in(const struct row_map *m, const struct ir_block *b);
/* Visits what is left of a handler on the fast path. An expression that is kept
 * is not visited, nor what it asks. */
void row_walk_handler(const struct row_map *m, struct ir_visit *v,
                      const struct ir_handler *h);
/* Bytes of the emitted struct of a row, its alignment, and bytes of its bits.
 */
unsigned row_bytes(const struct plan_row *r, unsigned *align);
unsigned row_bits_bytes(const struct plan_row *r);
/* Which part of the tuple a field is; ROLE_N: none that is translated. */
enum role row_role(const struct plan *p, const struct field *f);

/* The slots of a side, one a line. */
void row_dump(const struct plan_row *r, FILE *to);

/* ---- row_keep.c; for row*.c only ---- */

struct row_find {
    struct arena *arena;
    const struct bindings *bindings;
    const struct plan *plan;
    struct plan_chain *chain;
    const struct plan_nf *nf;
    const struct ir_handler *handler;
    struct row_map *map;
    unsigned side;
    struct row_local { /* of the handler, by index */
        bool late;     /* its value is not always known at flow time */
        bool set;      /* given more than one value */
        bool moves;    /* it asks what other packets may change */
        unsigned cost;
    } *locals;
};

enum { ROW_WORTH = 3 }; /* the least cost of what is kept */

/* Fills in what is known of the locals of the handler at hand. */
void row_locals(struct row_find *f);
bool row_may_keep(const struct row_find *f, const struct ir_expr *e);
unsigned row_cost(const struct row_find *f, const struct ir_expr *e);
/* Does what may be kept ask what other packets of the flow may change? */
bool row_moves(const struct row_find *f, const struct ir_expr *e);
/* Only gives locals values, at flow time. */
bool row_defines(const struct row_find *f, const struct ir_stmt *s);
bool row_same(const struct row_find *f, const struct ir_expr *a,
              const struct ir_expr *b);

/* ---- row_flip.c; for row*.c only ---- */

/* True of a variable of flows that no packet like those at hand changes on the
 * fast path: only its NF's handlers of packets that come from the other side,
 * or have no shape. */
bool row_elsewhere(const struct row_find *f, const struct var *v);
/* Fills in flips and anywhere, given what is made. */
void row_flips(struct row_find *f, struct row_slot *s);

/* ---- cancel.c, row_dead.c, row_live.c; for row.c only ---- */

/* Finds what is added and removed again on the way from the side: fills in
 * cancels and room, skips, there and cuts. */
void row_cancels(struct row_find *f);

/* Finds the stores of the side that are not done: fills in skips. */
void row_dead(struct row_find *f);

/* Of the handler at hand, given its slots: fills in skips and makes. */
void row_live(struct row_find *f);

#endif
