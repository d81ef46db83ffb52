/* The plan: what runs where, in which order, and how state lies in memory.
 * Only data. So far there is one layout, `rtc`: one stage per chain, all of
 * its NFs on the core that owns the shard.
 *
 * Filled by pass_plan, never changed after it. */
#ifndef NFL_PLAN_PLAN_H
#define NFL_PLAN_PLAN_H

#include "plan/fast.h"
#include "plan/row.h"
#include <stdio.h>

struct unit;

enum plan_layout { PLAN_RTC };

struct plan_var { /* a scalar of the source in the session or a block */
    const struct var *var;
    struct plan_nf *nf;
    unsigned bytes;  /* 1, 2, 4, 8, 16; an address of either family 32 */
    unsigned offset; /* from the start of the variables, naturally aligned */
    struct plan_var *next;
};
typedef LIST(struct plan_var) plan_vars;

struct plan_reason {
    const struct reason *source;
    unsigned index; /* among the module's */
    struct plan_nf *nf;
    struct plan_reason *next;
};

/* The handler finds out what that of another NF found out before of the same
 * packet: nothing, for it did not drop it. */
struct plan_share {
    const struct plan_nf *with; /* NULL: it has to look itself */
    const struct ir_expr *cond; /* if this holds; NULL: always */
};

struct plan_handler {
    const struct ir_handler *ir;
    struct plan_share shares[2]; /* by the side that packets come from */
    struct plan_handler *next;
};

struct plan_nf {
    const struct ir_nf *ir;
    unsigned position;
    int hop;       /* its translation in a session, or -1 */
    int drop_slot; /* its reason in a session, or -1 */
    /* The only one for which it drops flows; NULL: the slot says. */
    const struct reason *drop_reason;
    int exit_slot; /* the exit that was chosen, in a session, or -1 */
    LIST(struct plan_handler) run[RAISE_N]; /* by raiser, in source order */
    LIST(struct plan_reason) reasons;
    struct plan_nf *next;
};

/* An event that NFs of the chain emit, and somebody gets. */
struct plan_event {
    const struct event *source;
    unsigned index;
    const struct ir_stmt *like; /* one of the statements: types of its parts */
    uint64_t takers, emitters;  /* by position */
    struct plan_event *next;
};

struct plan_timer {
    const struct ir_handler *ir;
    struct plan_nf *nf;
    num_t ticks; /* its period */
    bool every;  /* it runs for each shard, else once */
    struct plan_timer *next;
};

struct plan_branch {
    uint32_t exits; /* bit: number of an exit; 0: none was chosen */
    struct plan_steps {
        struct plan_step *first, *last;
        unsigned n;
    } steps;
    bool out;
    struct plan_branch *next;
};

struct plan_step { /* a visit to an NF, then to those of one branch */
    struct plan_nf *nf;
    LIST(struct plan_branch) branches;
    bool fixed; /* see struct step */
    struct plan_step *next;
};
typedef struct plan_steps plan_steps;

struct plan_stage {
    plan_steps order[2]; /* of flows from the left, the right */
    struct plan_stage *next;
};

struct plan_chain {
    const struct ir_chain *ir;
    enum plan_layout layout;
    LIST(struct plan_stage) stages;
    LIST(struct plan_nf) nfs; /* by position */
    unsigned n_hops, n_drop_slots, n_exit_slots;
    plan_vars flow_vars;
    plan_vars shared_vars; /* of a shard: shared and split */
    plan_vars atomic_vars; /* of all shards */
    unsigned flow_bytes, shared_bytes, atomic_bytes;
    LIST(struct plan_event) events; /* by index */
    LIST(struct plan_timer) timers; /* by position, then source order */
    unsigned most_events;           /* under way at one time */
    bool ends;                      /* some NF subscribes to the end of flows */
    bool refuses;             /* some NF ends flows that begin: drop new */
    bool judges;              /* some NF subscribes to changes of parameters */
    bool stops;               /* some NF subscribes to the end of runs */
    bool writes;              /* something may change bytes of a packet */
    struct plan_fast fast[2]; /* by side */
    struct plan_row row[2];   /* the same */
    bool calls; /* handlers on the fast path: they are too long to be inlined */
    struct plan_chain *next;
};

struct plan {
    const struct ir *ir;
    LIST(struct plan_chain) chains;
    plan_shapes shapes;
    struct row_map rows[2]; /* by side, of all chains */
    unsigned n_reasons;
};

void pass_plan(struct unit *u);
void plan_dump(const struct plan *p, FILE *to);
/* Does a session keep how checksums change on the way from a side? Of how many
 * checksums; 0: of none, and from no side. */
bool plan_has_row(const struct plan_chain *c, unsigned side);
unsigned plan_row_sums(const struct plan *p, const struct plan_chain *c);
/* Does what sessions keep depend on parameters, of packets from any side? */
bool plan_rows_ask_config(const struct plan_chain *c);
/* Does the NF handle what comes to flows that it has seen, without a packet? */
static inline bool plan_hears(const struct plan_nf *n)
{
    return n->run[RAISE_END].n || n->run[RAISE_CONFIG].n ||
           n->run[RAISE_STOP].n;
}
/* Of how many directions of a flow packets arrive at one side. */
unsigned plan_ends(const struct plan_chain *c);
/* Bytes of the emitted struct of a flow beyond the runtime's session. */
unsigned plan_flow_adds(const struct plan *p, const struct plan_chain *c);

/* Does the NF keep bytes of streams? How many of the chain do? */
bool plan_keeps(const struct plan_nf *n);
unsigned plan_tcp_slots(const struct plan_chain *c);
/* May it be that no handler of the chain that asks the TCP monitor is awake for
 * a flow? */
bool plan_tcp_sleeps(const struct plan_chain *c);
/* Does C of some NF change payloads? */
bool plan_edits(const struct plan_chain *c);
/* Some NF changes bytes of streams. */
bool plan_changes(const struct plan_chain *c);

#endif
