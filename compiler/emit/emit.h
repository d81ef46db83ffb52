/* Writing the C module; only for this folder. One file per construct. */
#ifndef NFL_EMIT_EMIT_H
#define NFL_EMIT_EMIT_H

#include "emit/cw.h"
#include "plan/plan.h"

/* How strongly an expression binds, the strongest first. */
enum prec {
    PREC_PRIMARY,
    PREC_UNARY,
    PREC_MUL,
    PREC_ADD,
    PREC_SHIFT,
    PREC_LESS,
    PREC_EQUAL,
    PREC_AND,
    PREC_XOR,
    PREC_OR,
    PREC_LAND,
    PREC_LOR,
};

struct cexpr { /* an expression as C */
    const char *text;
    enum prec prec;
};

struct emit {
    struct arena *arena;
    struct cw *w;
    const struct plan *plan;
    bool consolidate;    /* NFs share what they find out of a packet */
    const char *program; /* name of the main file without its end */
    const char **symbol; /* of each NF at its place, by module_index */
    const struct plan_chain *chain;
    const struct plan_nf *nf;
    const struct ir_handler *handler;
    bool packet;       /* the handler has one */
    bool asks;         /* rules are asked where it ends */
    unsigned temps;    /* of the handler so far */
    unsigned options;  /* of the program's headers */
    const char *entry; /* that a statement updates */
    /* On the fast path: what sessions keep is read, of packets from `side`; or
     * it is evaluated, when the row is made. */
    const struct row_map *row;
    unsigned side;
    bool keeps;
};

/* An emitter for each operation: a missing one fails at link time. */
typedef struct cexpr emit_expr_fn(struct emit *e, const struct ir_expr *x);
typedef void emit_stmt_fn(struct emit *e, const struct ir_stmt *s);

#define EXPR(name, operands, result) emit_expr_fn emit_##name;
#define STMT(name)                   emit_stmt_fn emit_##name;
#include "ir/ir_op.def"
#undef EXPR
#undef STMT

/* ---- emit_expr.c ---- */

struct cexpr emit_expr(struct emit *e, const struct ir_expr *x);
/* As an operand of an operator that binds at `prec`, in parentheses if C
 * needs them, or people do. */
const char *emit_operand(struct emit *e, const struct ir_expr *x,
                         enum prec prec);
/* !x, as people would write it. */
struct cexpr emit_negation(struct emit *e, const struct ir_expr *x);
/* As an argument, or an initialiser. */
const char *emit_value(struct emit *e, const struct ir_expr *x);
/* Bits of the C type that numbers of so many bits are computed in. */
unsigned emit_carrier(unsigned bits);
const char *emit_ctype(struct ir_type t);
/* text, which an extern returned, cut to the width of t. */
const char *emit_fit(struct emit *e, const char *text, struct ir_type t);
const char *emit_num(struct emit *e, num_t v, unsigned carrier);

/* ---- emit_config.c ---- */

/* The local cf of a function, which emit_config reads; `chain` is C. */
void emit_config_local(struct emit *e, const char *chain);
void emit_config_block(struct emit *e);
void emit_config_descs(struct emit *e);

/* ---- emit_call.c ---- */

/* "nfs_pool_take(c, ..." up to the last argument, without `)`. */
const char *emit_call_head(struct emit *e, const struct member *m,
                           const struct ir_expr *self, const ir_exprs *args);
bool emit_is_prelude(const struct emit *e, const struct object *o);
/* text, which a function returned, as the local. */
void emit_keep(struct emit *e, const struct ir_local *l, const char *text);
/* Declares where a call puts its results: "r_NAME". */
void emit_results(struct emit *e, const struct ir_stmt *s);
/* Prototypes of all that this program may call. */
void emit_prototypes(struct emit *e);

/* ---- emit_extern.c ---- */

/* The prototypes of C of the program and what stands around it; with `made`
 * also new and free. */
void emit_extern(struct emit *e, const struct object *o, bool made);
/* "gx_scanner_scan" */
const char *emit_extern_name(struct emit *e, const struct member *m);

/* ---- emit_table.c ---- */

/* Where a part of a key lies in its words: from bit `at` on, within a word or
 * two whole ones; of an address, `v6` is the bit of its family. */
struct emit_spot {
    unsigned at, bits, v6;
};

/* Of the parts of the table's key, and how many words there are. */
const struct emit_spot *emit_spots(struct emit *e, const struct ir_table *t,
                                   unsigned *words);
/* The descriptors of the parts of type, in an array of that name; s: where they
 * lie. */
void emit_key_parts(struct emit *e, const struct type *type,
                    const struct emit_spot *s, const char *name);
/* "struct gt_CHAIN_NF_NAME" */
const char *emit_entry_type(struct emit *e, const struct ir_table *t);

/* ---- emit_access.c ---- */

/* Declares the key; the call that looks for the entry, or makes it. */
const char *emit_entry_call(struct emit *e, const struct ir_stmt *s);
/* Declares the entry, which the call finds; its name. */
const char *emit_entry_local(struct emit *e, const struct ir_stmt *s,
                             const char *call);

/* Declares the words of a key; the arguments that hand them to a function. */
const char *emit_key_words(struct emit *e, const struct ir_expr *key);

/* ---- emit_rows.c: tables from files ---- */

/* "struct gc_CHAIN_row3": a value of the object. */
const char *emit_row_type(struct emit *e, const struct ir_object *o);
void emit_row_types(struct emit *e);
void emit_row_descs(struct emit *e);

/* ---- emit_stmt.c ---- */

void emit_statement(struct emit *e, const struct ir_stmt *s);
void emit_block(struct emit *e, const struct ir_block *b);
/* if (cond) b; of the statement s. */
void emit_branch(struct emit *e, const struct ir_stmt *s, const char *cond,
                 const struct ir_block *b);
/* True if what follows the block is never reached. */
bool emit_block_leaves(const struct ir_block *b);
/* drop, drop flow, return as a C statement. */
const char *emit_leave(struct emit *e, const struct ir_stmt *s);

/* ---- emit_event.c ---- */

/* The arguments that the event at hand gives to a handler: ", uint32_t l_n" */
const char *emit_given(struct emit *e, const struct ir_handler *h);
/* False if nothing in the chain ever raises what it handles. */
bool emit_is_used(const struct emit *e, const struct plan_nf *n,
                  const struct ir_handler *h);
/* A function that asks the rules which the handler may concern. */
void emit_asks(struct emit *e, const struct ir_handler *h);
/* The end of the handler at hand: `on` says whether its packet goes on. */
const char *emit_leave_with(struct emit *e, const char *on);
/* Looks what the NF is subscribed to; `c` is the context, as C. */
void emit_look(struct emit *e, const struct plan_nf *n, const char *c);

/* ---- emit_tcp.c ---- */
/* What a session has for the monitor. */
void emit_tcp_members(struct emit *e);
/* How many NFs have a monitor of their own beside the chain's. */
unsigned emit_tcp_more(const struct emit *e);
void emit_tcp(struct emit *e);
/* Which NF it is of those that keep bytes of streams. */
void emit_tcp_keeps(struct emit *e, const struct plan_nf *n);
/* --no-consolidate: an NF that asks the monitor has one of its own. */
void emit_tcp_alone(struct emit *e, const struct plan_nf *n);
/* The monitor sees the packet of head h; `waits` is done where it has to wait
 * in front of the chain. */
void emit_tcp_sees(struct emit *e, const char *c, const char *h,
                   const char *waits);

/* ---- emit_inline.c ---- */

bool emit_is_inline(const struct emit *e);
/* The function by which segments that waited enter, and its call behind a
 * packet. */
void emit_inline_enter(struct emit *e);
void emit_inline_behind(struct emit *e, const char *pkt);
/* The packet of c, with head h, leaves the chain, in a line of an `if`. */
void emit_passed(struct emit *e, const char *h);
/* The session of c ends behind its packet, if it is refused. */
void emit_end_refused(struct emit *e);
/* Whose changes the NF sees. */
void emit_inline_before(struct emit *e, const struct plan_nf *n);

/* Before and after all visits: the list `ev` of what is emitted. */
void emit_begin(struct emit *e, const char *c);
void emit_end(struct emit *e, const char *c);
/* The NF gets what waits for it; with a packet, which it may drop. */
void emit_due(struct emit *e, const struct plan_nf *n, const char *c,
              bool packet);
void emit_timer_descs(struct emit *e);

/* ---- the module's sections, in order ---- */

void emit_headers(struct emit *e); /* emit_parse.c: numbers, parsing */
/* emit_option.c: how options are found; returns how many there are. */
unsigned emit_options(struct emit *e);
void emit_sums(struct emit *e);  /* emit_sums.c: tables of checksums */
void emit_kinds(struct emit *e); /* emit_edit.c: what follows what */
/* emit_edit.c: what is done instead of a statement that is left out. */
void emit_cuts(struct emit *e, const struct ir_stmt *s);
void emit_reasons(struct emit *e);    /* emit_state.c */
void emit_state(struct emit *e);      /* emit_state.c: session, shared block */
void emit_entries(struct emit *e);    /* emit_table.c */
void emit_tables(struct emit *e);     /* emit_table.c: descriptors */
void emit_events(struct emit *e);     /* emit_event.c: the list of a chain */
void emit_handlers(struct emit *e);   /* emit_handler.c: of a chain */
void emit_deliveries(struct emit *e); /* emit_event.c: who gets what */
void emit_visits(struct emit *e);     /* emit_chain.c: NFs, burst, end */
/* emit_chain.c: the packet of c, with head h, goes its way. */
void emit_pass(struct emit *e, const char *h);
void emit_filter(struct emit *e);    /* emit_handler.c: of a chain */
void emit_ways(struct emit *e);      /* emit_way.c: from NF to NF */
void emit_fast_ways(struct emit *e); /* the same of chains with branches */
void emit_timers(struct emit *e);    /* emit_event.c */
void emit_objects(struct emit *e);   /* emit_object.c: init, fini, state */
/* emit_object.c: does the chain have objects to report? */
bool emit_has_report(const struct emit *e);
bool emit_has_inherit(const struct emit *e);
/* emit_ingress.c: for chains that share ports, prototypes and functions. */
void emit_ingress_prototypes(struct emit *e);
void emit_ingress(struct emit *e);
void emit_descs(struct emit *e);  /* emit_desc.c: of a chain */
void emit_module(struct emit *e); /* emit_desc.c */

/* ---- emit_fast.c: packets of a known shape ---- */

bool emit_is_fast(const struct plan_chain *c);
/* True if sessions remember that their packets may go that way. */
bool emit_settles(const struct plan_chain *c);
void emit_fast(struct emit *e);       /* of a chain */
void emit_fast_burst(struct emit *e); /* the body of its burst function */

/* ---- emit_keep.c: what sessions keep for packets from a side ---- */

/* Members of the struct of a session. */
void emit_kept_types(struct emit *e);
/* True if the handler has a function of its own for the fast path. */
bool emit_is_kept(const struct emit *e, const struct ir_handler *h,
                  unsigned side);
/* Its name, and that of the one which evaluates what is kept. */
const char *emit_kept_name(struct emit *e, const struct plan_nf *n,
                           const struct ir_handler *h, unsigned side);
struct cexpr emit_kept(struct emit *e, const struct row_slot *s);
/* Behind a store to a variable of the flow: makes void what it changes; true if
 * that asks parameters. */
void emit_flips(struct emit *e, const struct ir_stmt *s);
bool emit_flips_ask(const struct emit *e, const struct ir_stmt *s);
/* A field that the flow's tuple gives. */
struct cexpr emit_of_tuple(struct emit *e, const struct ir_expr *x);
/* The shapes that have the header; bit: its number. */
unsigned emit_shapes_with(const struct emit *e, const struct header *h);
/* The functions that evaluate, and their calls when a row is made. */
void emit_keepers(struct emit *e);
void emit_keep_all(struct emit *e, unsigned side);

/* ---- emit_shape.c ---- */

/* True if source, destination and ports are those of IPv4 and lie one behind
 * the other; *at: their first byte. */
bool emit_lies4(const struct plan_shape *s, unsigned *at);
void emit_shapes(struct emit *e);
/* The array that says, by shape, which checksums the field changes; NULL if no
 * store counts. */
const char *emit_covers(struct emit *e, const struct field *f);

/* How a scalar is kept (emit_table.c), and read from text (emit_config.c):
 * "uint16_t", "NUMBER". */
const char *emit_storage(struct ir_type t);
const char *emit_param_kind(const struct type *t);
/* True of a two-way chain with branches (emit_way.c). */
bool emit_branches(const struct plan_chain *c);
/* Can a packet leave in one of the branches of s? */
bool emit_may_leave(const struct plan_step *s);
/* case 1: case 2: */
void emit_cases(struct emit *e, uint32_t exits);
/* Why the NF dropped a flow: a constant, or of the session `s`. */
const char *emit_why_dropped(struct emit *e, const struct plan_nf *n);
/* How much of an entry of IPv4 packets of a shape need. */
const char *emit_entry_needed(struct emit *e, const struct plan_chain *c);
/* Behind an NF that translates no exit is chosen any more. */
void emit_settle_exit(struct emit *e, const struct plan_step *s);

/* The flow of the context c, of `chain`, gets to know changed parameters. */
void emit_reconfigured(struct emit *e, const char *chain);

/* ---- emit_made.c ---- */
/* Do NFs of the chain make packets? */
bool emit_makes(const struct plan_chain *c);
bool emit_turns(const struct plan_chain *c);
void emit_made(struct emit *e);
/* Do packets wait at NFs of the chain? */
bool emit_holds(const struct plan_chain *c);
/* Behind a packet of the context c, in a function that knows w. */
void emit_pass_made(struct emit *e, const char *c);
/* What such a function has: the head and the context of a packet. */
void emit_locals(struct emit *e);
/* Behind the packet pkt, when nothing more is to be done for it. */
void emit_go_on(struct emit *e, const char *pkt);
/* The positions in the order of flows from a side; returns how many. */
unsigned emit_order(const struct plan_chain *c, unsigned side,
                    uint8_t order[64]);

/* enum nfl_fmt of a value (emit_desc.c) */
const char *emit_fmt(const struct type *t);

/* ---- names.c ---- */

void names_init(struct emit *e);
const char *name_nf(const struct emit *e, const struct plan_nf *n);
/* By its place in the IR. */
const struct plan_nf *plan_nf_of(const struct plan_chain *c,
                                 const struct ir_nf *n);
const char *name_chain(const struct emit *e); /* of the chain at hand */
const char *name_handler(const struct emit *e, const struct plan_nf *n,
                         const struct ir_handler *h);
const char *name_header(const struct emit *e, const struct header *h);
const char *name_reason(const struct emit *e, const struct plan_nf *n,
                        const struct reason *r);
const char *name_local(const struct emit *e, const struct ir_local *l);
/* Of an NF's variables, in a session or shared block. */
const char *name_member(const struct emit *e, const struct plan_nf *n);
/* Of a variable, in a session or shared block. */
/* Of the variable in the struct of its NF. */
const char *name_state(struct arena *a, const struct var *v);
const char *name_var(const struct emit *e, const struct plan_nf *n,
                     const struct var *v);

#endif
