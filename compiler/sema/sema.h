/* What the files of sema share. Only files of this folder include it. */
#ifndef NFL_SEMA_SEMA_H
#define NFL_SEMA_SEMA_H

#include "base/arena.h"
#include "base/diag.h"
#include "sema/tree.h"
#include <string.h>

enum { MAX_HEADERS = 256 };

/* A set of headers, by index. */
struct hset {
    uint64_t w[MAX_HEADERS / 64];
};

struct sema {
    struct arena *arena;
    struct diags *diags;
    const struct ast *ast;
    const char *stdlib;     /* its folder */
    struct source *aliases; /* a file there; NULL: not read yet */
    struct tree *tree;
    LIST(struct type) made; /* uN, ranges and tuples, each once */
    struct type *error, *boolean, *string, *file, *duration, *none;
    struct type *any; /* of keys, in declarations of extern types */
    unsigned calls;   /* of functions so far */
    unsigned copies;  /* expressions and statements that loops and calls made */
    unsigned claims;  /* values by which headers follow others */
    bool copies_told; /* that they are too many */
    LIST(struct let) lets;
};

/* A name that a `let` of the source gives. */
struct let {
    const char *name;
    struct loc loc;
    bool read;
    struct let *next;
};

/* The functions that stand around a call. */
struct calling {
    const struct ast_decl *fn;
    struct calling *up;
    unsigned depth;
};

/* Names that are visible at one place. */
struct binding {
    const char *name;    /* in the source; a copy of a loop's body has another
                            for the local itself */
    struct local *local; /* NULL: value stands for the name */
    struct texpr *value; /* a function's argument */
    struct binding *up;
};

/* Where an expression or statement stands. */
struct scope {
    struct sema *sema;
    struct nf *nf;           /* NULL outside of NFs */
    struct handler *handler; /* NULL outside of handlers */
    struct header *header;   /* its own lines: names are fields */
    bool bytes;              /* a number of bytes: fields count as u32 */
    struct event *event;     /* its own condition: names are its parameters */
    struct binding *names;
    struct hset present;        /* headers that are known to be there */
    struct hset gone;           /* removed since the block at hand began */
    const struct tstack *added; /* the last one, if nothing went since */
    struct scope *caller;       /* of an action: what `or` behind its call says
                                   stands for what it does not say itself */
    const struct ast_stmt *call;
    struct hset *need; /* a condition: headers it turns out to need */
    bool packet;       /* there is a packet at hand */
    unsigned copy;     /* of a loop's body; 0 outside of loops */
    bool again;        /* a later copy: what was said once is not said again */
    struct calling *calling; /* functions that are being put in place */
    bool constant;           /* only constants may occur */
    const char *arg;         /* of a call: the parameter at hand; or NULL */
    bool filter;             /* the condition of a chain */
};

/* ---- typeref.c: types by name ---- */
struct type *type_uint(struct sema *s, unsigned bits);
/* An error, and the error type, if it would have too many values. */
struct type *type_tuple(struct sema *s, struct loc at,
                        struct type *const *parts, unsigned n);
/* Reports a tuple or struct of too many values. */
bool type_is_large(struct sema *s, struct loc at, const struct type *t);
struct type *type_named(struct sema *s, const char *name);
struct type *type_of_form(struct sema *s, enum ast_lit form);
struct type *type_resolve(struct sema *s, const struct ast_type *t);
void types_declare(struct sema *s);
/* A type of that shape; the name is for messages. */
struct type *type_make(struct sema *s, enum type_kind kind, const char *name);
bool type_is_number(const struct type *t); /* TY_UINT or TY_ENUM */
bool type_is_plain(const struct type *t);  /* a number without address form */
bool type_is_atomic(
    const struct type *t); /* processors update it in one step */

/* ---- lookup.c: declarations by name ---- */
struct header *header_named(struct sema *s, const char *name);
struct event *event_named(struct sema *s, const char *path);
struct nf *nf_named(struct sema *s, const char *name);
struct object *object_named(struct sema *s, const char *name);
struct chain *chain_named(struct sema *s, const char *name);
struct member *member_named(const struct object *o, const char *name);
void twice(struct sema *s, struct loc at, const char *what, const char *name,
           struct loc before);
/* Adds which module of the standard library may declare the name; false if
 * none seems to (module.c). */
bool hint_module(struct sema *s, struct diag *d, const char *name);
/* Adds "did you mean" where one of the names is near; false if none is. */
bool hint_near(struct diag *d, const char *word, const char *const *names,
               unsigned n);
#define HINT_NEAR(d, s, word, list)                                            \
    ({                                                                         \
        const char *near_[128] = {NULL};                                       \
        unsigned n_ = 0;                                                       \
        for (const __typeof__(*(list)->first) *i_ = (list)->first;             \
             i_ && n_ < 128; i_ = i_->next)                                    \
            near_[n_++] = i_->name;                                            \
        hint_near((d), (word), near_, n_);                                     \
    })

/* What it handles, for messages: "PKT/TCP", "a timer" */
const char *handler_what(const struct handler *h);

/* ---- param.c ---- */
void params_declare(struct sema *s, const ast_params *from, params *to);
void members_declare(struct sema *s, const ast_params *from, params *to);
/* Those of an extern type. */
void type_params(struct sema *s, const ast_params *from, params *to);
/* Those of a function, of which no default may call it. */
void function_params(struct scope *sc, const struct ast_decl *d, params *to);

/* ---- cextern.c: extern types from which C, and whether it can take them;
 * what a payload is must be known ---- */
void cexterns_declare(struct sema *s);

/* ---- the kinds of declarations, in this order ---- */
void externs_name(struct sema *s);
void externs_declare(struct sema *s);
void headers_declare(struct sema *s);
void events_declare(struct sema *s);
void nfs_declare(struct sema *s);
void chains_declare(struct sema *s);
void tests_declare(struct sema *s);
/* ingress.c: its ports, of which others may have one, too. */
void ports_add(struct sema *s, struct chain *c, const struct ast_decl *d);
/* ingress.c: its condition. */
void filter_add(struct sema *s, struct chain *c, const struct ast_decl *d);
/* ingress.c: which chains share ports, and whether they can; keys are known. */
void ingress_check(struct sema *s);
/* key.c: sets the chain's key and facts; all else is known. */
void key_derive(struct sema *s, struct chain *c);
/* key_table.c: adds a fact for each access to a shared table. */
void key_tables(struct sema *s, struct chain *c);
/* By which ends all of them can be divided (bit 0: left); reports if by none.
 */
unsigned key_table_ends(struct sema *s, const struct chain *c, bool report);
/* Reports those of a one-way chain with flows, which cannot be divided. */
void key_one_way(struct sema *s, const struct chain *c);

/* ---- struct.c ---- */
bool type_is_struct(const struct type *t);
void struct_declare(struct sema *s, const struct ast_decl *d);
/* Stat(packets = 1, bytes = p.len) */
struct texpr *struct_call(struct scope *sc, const struct ast_expr *e,
                          struct type *t);
/* Part number i of a tuple. */
struct texpr *part_of(struct scope *sc, struct texpr *a, unsigned i,
                      struct loc loc);
/* a.text, where a is a struct. */
void struct_no_member(struct scope *sc, const struct ast_expr *e,
                      const struct type *t);
struct texpr *struct_member(struct scope *sc, const struct ast_expr *e,
                            struct texpr *a);

/* ---- whole.c: state of several values ---- */
/* Declares the variables of v, whose type is a tuple. */
void whole_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                   enum storage storage, struct type *type);
/* NULL if the NF has none of that name. */
struct texpr *whole_value(struct scope *sc, const struct ast_expr *e);
/* True if e is made of variables only, so that it can be assigned. */
bool whole_is_place(const struct texpr *e);
void whole_assign(struct scope *sc, const struct ast_stmt *s,
                  struct texpr *target, struct tblock *to);
/* The names of let (a, b) = value, which is in the local. */
void parts_bind(struct scope *sc, const struct ast_stmt *s, struct local *value,
                struct tblock *to);

/* ---- cell.c ---- */
/* What makes an extern type a cell; reports what cannot be. */
void cell_type_check(struct sema *s, struct object *o);
/* Declares the numbers of a, if its type is a cell's; else false. */
bool cell_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                  enum storage storage);
/* The cell that the values of a table are, and the tuple of its numbers; NULL
 * if `a` is no such type, *ok is false if something was wrong. */
struct type *cell_values(struct sema *s, struct nf *n, const struct ast_type *a,
                         struct table *t, bool *ok);
/* The cell that e names, or t[k] of a table of them; NULL if it is none. */
struct cell *cell_named(struct scope *sc, const struct ast_expr *e);
/* limit.take(n) as a statement, perhaps behind `let`; NULL if wrong. */
struct tstmt *cell_stmt(struct scope *sc, const struct ast_stmt *s,
                        struct cell *c);
/* The name of its first function, for hints; "" if c is NULL. */
const char *cell_function(const struct cell *c);
/* e, which is used as a value. */
struct texpr *cell_no_value(struct scope *sc, const struct ast_expr *e,
                            const struct cell *c);

/* ---- optional.c: fields that are there only if a condition holds ---- */
/* f is such a field, behind `bits` bits that are always there. */
void optional_field(struct sema *s, struct field *f, struct texpr *cond,
                    unsigned bits);
/* f is behind a gap, so that it ends with its header. */
void gap_field(struct sema *s, struct field *f, const struct ast_expr *cond);
/* The size of a header that has some. */
struct texpr *optional_size(struct sema *s, struct header *h);
/* When the lines of h are known: its fields are within its size. */
void optional_fit(struct sema *s, struct header *h, const struct ast_decl *d);
/* Which ones of a header that is added are there, and where: by what is set.
 * False if something was wrong. */
bool optional_given(struct scope *sc, struct tlayer *l);
/* What follows l is said by a selector that may be absent: then it is there. */
bool optional_selector(struct scope *sc, struct tlayer *l);

/* May e hold, as far as the values of l's fields are known? */
bool layer_could(const struct tlayer *l, const struct texpr *e);

/* ---- option.c ---- */
/* `after parent` of an option. */
void option_of(struct sema *s, struct header *h, struct header *parent,
               const struct ast_after *a);
/* When all headers are declared. */
void option_check(struct sema *s, struct header *h, const struct ast_decl *d);
/* Puts the option l into the header that is added before it. */
bool option_add(struct scope *sc, struct tlayer *to, struct tlayer *l);

/* ---- inner.c: p.vxlan.ip ---- */
/* The first header named so behind h; NULL if there is no such header, or h has
 * a field of that name. */
struct header *inner_header(struct sema *s, struct header *h, const char *name);
/* The header of `p has a.b`, or NULL. */
struct header *inner_has(struct scope *sc, const struct ast_expr *e);

/* ---- action.c: fn name(params) { ... } ---- */
/* The action that a statement calls, name(p, ...) or p.name(...), or, for
 * p.encap(a, ...), encap_a; else NULL. */
const struct ast_decl *action_called(struct scope *sc,
                                     const struct ast_expr *e);
/* Its statements, with the arguments, to `to`. */
void action_into(struct scope *sc, const struct ast_stmt *s,
                 const struct ast_decl *d, struct tblock *to);
/* `emit` of an event that the stack raises: an action of the library that does
 * what is asked for. False if there is none. */
bool action_asked(struct scope *sc, const struct ast_stmt *s,
                  struct tblock *to);
/* One that nobody calls, whose parameters are bound. */
void action_check(struct scope *sc, const struct ast_decl *d);

/* ---- linear.c ---- */
struct linear linear_of(const struct texpr *e);
/* True if a packet may have two headers that give addresses to its flow. */
bool headers_nest(const struct tree *t);

/* ---- stack.c: p.encap(A / B(f = v)), p.decap(A) ---- */
/* True if e calls a function of the packet whose argument is such a stack. */
bool stack_call(struct scope *sc, const struct ast_expr *e);
struct tstmt *stack_stmt(struct scope *sc, const struct ast_stmt *s,
                         struct tblock *to);
/* The function of the packet that e calls, or NULL. */
struct member *packet_member(struct scope *sc, const struct ast_expr *e);
/* As stack_typed with values; what follows the last one may be said. */
struct tstack *stack_whole(struct scope *sc, const struct ast_expr *e);
/* What a stack that is made needs before: counters go up, values are kept. */
void stack_values(struct scope *sc, struct tstack *t, struct tblock *to);
/* Lengths must be numbers that can be set. */
void stack_check_ends(struct scope *sc, struct loc at);

/* ---- make.c: p.reply(A / B(f = v)), p.send(...), p.turn() ---- */
struct tstmt *turn_stmt(struct scope *sc, const struct ast_stmt *s);
struct tstmt *make_stmt(struct scope *sc, const struct ast_stmt *s,
                        struct tblock *to);

/* True if the last stack that was added shows that the inner header is there.
 */
bool stack_shows(const struct scope *sc, const struct header *h);
/* One whose `end` no field says by a factor and a summand; NULL: none. */
const struct header *header_unsolved(const struct sema *s);
/* A / B(f = v), outermost first; NULL if something was wrong. With `values`,
 * else only names. */
struct tstack *stack_typed(struct scope *sc, const struct ast_expr *e,
                           bool values);

/* ---- chain.c ---- */
/* An argument of flows(...), from lo to hi; else lo and an error. */
num_t flows_number(struct scope *sc, const struct ast_arg *a, struct type *t,
                   num_t lo, num_t hi, const char *what);

/* ---- streams.c: the TCP monitor of a chain ---- */
void streams_usual(struct chain *c);
/* Who asks for m asks the monitor, or keeps bytes, if it is marked so. */
void note_monitors(struct scope *sc, const struct member *m);
/* True if the argument of flows(...) is about it. */
bool streams_arg(struct scope *sc, struct chain *c, const struct ast_arg *a);
void streams_check(struct sema *s, struct chain *c);

/* ---- rows.c: tables that are read from files ---- */
struct type *rows_type(struct sema *s, const struct ast_type *t);
bool rows_is(const struct type *t);

/* ---- side.c ---- */

/* `from name`: the parameter, NULL if it is a label. */
struct param *side_param(const struct nf *n, const char *name);
/* Has arguments: if handlers ask for its side, it gets its own. */
void position_turn(struct sema *s, const struct chain *c, struct position *p);
/* The parameter that e names, if it is such a table, or NULL. */
struct texpr *rows_named(struct scope *sc, const struct ast_expr *e);
/* rows[k], k in rows: calls; an error if the key is wrong. */
struct texpr *rows_find_call(struct scope *sc, const struct ast_expr *e,
                             struct texpr *rows);
struct texpr *rows_has_call(struct scope *sc, const struct ast_expr *e,
                            struct texpr *rows);

/* ---- keyed.c ---- */
/* Parameters of a function, of which one may be of type `any`. */
void keyed_params(struct sema *s, const ast_params *from, params *to);
/* Marks o if its functions change it, or take keys. */
void keyed_check(struct sema *s, struct object *o);
/* The type of pool(...), or of count_min[ipaddr](...); NULL if wrong. */
struct type *keyed_type(struct sema *s, const struct ast_type *a,
                        struct object *o);

/* ---- header.c ---- */
/* By name; NULL if the header has none. */
struct field *header_field(const struct header *h, const char *name);

/* ---- hset.c ---- */
void hset_remove(struct hset *h, const struct hset *x);
void hset_add(struct hset *h, const struct header *x);
bool hset_has(const struct hset *h, const struct header *x);
void hset_or(struct hset *h, const struct hset *x);
void hset_and(struct hset *h, const struct hset *x);
/* Adds what the headers in the set imply: the first one, and a parent that is
 * the only one that can come before. */
void hset_close(struct sema *s, struct hset *h);

/* ---- expr.c ---- */
/* A value; `want` may be NULL, else the result has that type (or is an error
 * that was reported). */
struct texpr *expr_value(struct scope *sc, const struct ast_expr *e,
                         struct type *want);
struct texpr *expr_new(struct scope *sc, enum tekind kind, struct loc loc,
                       struct type *type);
struct texpr *expr_error(struct scope *sc, struct loc loc);
struct texpr *expr_coerce(struct scope *sc, struct texpr *e, struct type *want);
struct texpr *expr_binary(struct scope *sc, enum ast_op op, struct loc loc,
                          struct type *type, struct texpr *a, struct texpr *b);
struct texpr *expr_number(struct scope *sc, struct loc loc, struct type *type,
                          num_t n);
/* True if e is a literal or a bare name that only an expected type resolves. */
bool expr_untyped(struct scope *sc, const struct ast_expr *e);
/* a == b and the like; cond.c cares for the headers that it needs. */
struct texpr *expr_compare(struct scope *sc, const struct ast_expr *e);
struct binding *scope_find(const struct scope *sc, const char *name);
void scope_bind(struct scope *sc, const char *name, struct local *local,
                struct texpr *value);

/* ---- literal.c ---- */
struct texpr *literal_value(struct scope *sc, const struct ast_expr *e,
                            struct type *want);

/* ---- advise.c: hints for wrong names ---- */
/* PACKET.WORD is neither a header nor a property. */
void advise_packet(struct sema *s, struct diag *d, const char *packet,
                   const char *word);
void advise_field(struct sema *s, struct diag *d, const struct header *h,
                  const char *word);
void advise_event(struct sema *s, struct diag *d, const char *path);

/* ---- unused.c: warnings ---- */
void let_made(struct sema *s, const char *name, struct loc at);
void let_read(struct sema *s, const struct local *local);
void lets_check(struct sema *s);
/* Does no value come to this arm behind n others? Each is a TE_IN. */
bool arm_is_dead(const struct texpr *const *arms, unsigned n,
                 const struct texpr *arm);
/* Do they take all values of the type? */
bool arms_take_all(const struct texpr *const *arms, unsigned n,
                   const struct type *t);

/* ---- alias.c ---- */
/* The names that a word of other tools may mean, one a call; *at is NULL before
 * the first. NULL: there is no other one. */
const char *alias_next(struct sema *s, const char *word, const char **at);

/* ---- advise_habit.c: hints for ways of other languages ---- */
/* The source at a place. */
const char *loc_text(struct sema *s, struct loc at);
/* e is a string that is compared with bytes. */
void advise_bytes(struct sema *s, struct diag *d, const struct ast_expr *e);
/* e is bytes[...]. */
void advise_index(struct sema *s, struct diag *d, const struct ast_expr *e);
/* e calls `has`; false: it does not. */
bool advise_has(struct diag *d, const struct ast_expr *e);
void advise_full(struct diag *d, const char *word);
/* True if the word asks for the time, or for chance. */
bool advise_clock(struct diag *d, const char *word);
/* A type called map, list or so; what stands in its brackets, or NULL. */
bool advise_container(struct diag *d, const char *word, const char *inside);
/* match (a, b) { (1, 2) -> ... } */
void advise_tuple(struct sema *s, struct diag *d, const struct ast_stmt *m);

/* ---- advise_name.c: hints for what has another type, or is not there ---- */
/* e is a number where a range is needed; false: it says nothing of one. */
bool advise_range(struct sema *s, struct diag *d, const struct ast_expr *e);
/* Reports a member of a set that is a lesser number minus a greater. */
bool refuse_negative(struct scope *sc, const struct ast_expr *e);
/* Reports a comparison of all flags with the names of some. */
bool refuse_flags(struct scope *sc, const struct ast_expr *e);
/* What is at `at` has the type t, and perhaps lacks its port. */
void advise_end(struct scope *sc, struct diag *d, struct loc at,
                const struct type *t, const struct type *want);
/* e is OBJECT.NAME, which OBJECT, the packet or the flow, does not have: the
 * other one may. */
bool advise_swapped(struct scope *sc, struct diag *d, const struct ast_expr *e,
                    const struct type *t);
/* p or f is no name here: the packet or the flow may have another one. */
bool advise_called(struct scope *sc, struct diag *d, const struct ast_expr *e);
/* e is OBJECT.NAME: NAME may be a variable of the NF. */
bool advise_variable(struct scope *sc, struct diag *d,
                     const struct ast_expr *e);
/* The last number of a loop is no constant. */
void advise_bounds(struct sema *s, struct diag *d, const struct ast_stmt *loop);

/* ---- access.c: names, fields, members, calls ---- */
struct texpr *access_name(struct scope *sc, const struct ast_expr *e,
                          struct type *want);
/* True, and an error, if a is the bytes of a header, which has no members. */
bool access_in_bytes(struct scope *sc, const struct ast_expr *e,
                     const struct texpr *a);
struct texpr *access_dot(struct scope *sc, const struct ast_expr *e);
/* True if e names the packet at hand. */
bool access_packet(struct scope *sc, const struct ast_expr *e);
struct texpr *access_has(struct scope *sc, const struct ast_expr *e);
/* `fails` says whether a call that may fail is all right here. */
struct texpr *access_call(struct scope *sc, const struct ast_expr *e,
                          bool fails);
/* Binds arguments to parameters; *out has one entry for each parameter. */
bool bind_args(struct scope *sc, const struct ast_arg *args,
               const params *params, struct loc at, const char *what,
               struct targ **first);
void set_args(struct texpr *e, struct targ *first);
struct texpr *make_object(struct scope *sc, const struct ast_expr *e,
                          struct object *o);
/* The header that p.tcp or p.vxlan.ip names; NULL if e is something else. */
struct header *access_header(struct scope *sc, const struct ast_expr *e);
/* A field that may be assigned (the header must be known to be there). */
struct field *access_field(struct scope *sc, const struct ast_expr *e);

/* ---- cond.c ---- */
/* A condition. *implied: headers that are there if it holds. */
struct texpr *cond_value(struct scope *sc, const struct ast_expr *e,
                         struct hset *implied);
/* Reads off a typed condition which headers are there if it holds. */
void cond_implied(const struct texpr *c, struct hset *implied);
/* .. and if it does not hold. */
void cond_refuted(const struct texpr *c, struct hset *implied);

/* ---- inset.c ---- */
struct texpr *in_value(struct scope *sc, const struct ast_expr *e);

/* ---- table.c, access_table.c ---- */
/* Declares v, which is `table[...](...)`; false if something was wrong. */
bool table_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                   struct var *v);
/* True if it can be the key of a table, or its value. */
bool type_is_storable(const struct type *t);
/* t, or NULL if values of it cannot be `what`: "the key of a table". */
struct type *key_type_fits(struct sema *s, struct type *t, struct loc at,
                           const char *what);
/* The first use of a table of -e says what its keys are; false if they cannot
 * be. */
bool table_infer(struct sema *s, struct var *v, const struct texpr *key);
/* What only a chain tells: the number of shards, and arguments. */
void tables_check(struct sema *s, const struct chain *c,
                  const struct position *p);
/* The table that e names, or NULL. */
struct var *table_named(struct scope *sc, const struct ast_expr *e);
/* k in t */
struct texpr *table_has(struct scope *sc, const struct ast_expr *e,
                        struct var *v);
/* t[k] inside an expression: an error. */
struct texpr *table_inside(struct scope *sc, const struct ast_expr *e);
/* Of a statement about a table: NULL if something was wrong. */
struct tstmt *table_let(struct scope *sc, const struct ast_stmt *s);
struct tstmt *table_assign(struct scope *sc, const struct ast_stmt *s);
struct tstmt *table_call(struct scope *sc, const struct ast_stmt *s,
                         struct var *v);
/* The access to t[k]; NULL if the key is wrong. */
struct texpr *table_entry(struct scope *sc, const struct ast_expr *e,
                          enum access what);

/* ---- fold.c ---- */
/* Replaces a constant expression by its value; reports if it is none. */
struct texpr *fold(struct scope *sc, struct texpr *e);

/* Adds what x must be one of; false if something was wrong. */
bool in_items(struct scope *sc, const struct ast_expr *patterns,
              struct texpr *in);

/* ---- function.c: put in place where they are called ---- */
void functions_declare(struct sema *s);
const struct ast_decl *function_named(struct sema *s, const char *name);
/* Counts what stands in a copy of its own: in a loop's round, in a call. */
void copies_count(struct scope *sc, unsigned n);
/* Reports, once, that there are more of them than a program may have. */
bool copies_many(struct scope *sc, struct loc at);
/* Reports a call of a function within itself. */
bool calls_itself(struct scope *sc, const struct ast_expr *e,
                  const struct ast_decl *d);
/* NULL if there is no function of that name. */
struct texpr *function_call(struct scope *sc, const struct ast_expr *e);

/* ---- loop.c: match and for ---- */
void match_into(struct scope *sc, const struct ast_stmt *s, struct tblock *to);
void for_into(struct scope *sc, const struct ast_stmt *s, struct tblock *to);

/* ---- update.c ---- */
/* Finds out how the handlers of n change its state, and reports what atomic
 * state cannot take. */
void updates_find(struct sema *s, struct nf *n);

/* ---- emit.c: events that NFs emit ---- */
void event_fields(struct sema *s, struct event *e, const struct ast_decl *d);
/* NULL, and an error, if there is none. */
struct event *event_find(struct sema *s, const struct ast_path *p);
struct tstmt *emit_stmt(struct scope *sc, const struct ast_stmt *s);

/* ---- subscribe.c: what an NF switches for a flow ---- */
void switches_find(struct sema *s, struct nf *n, const struct ast_decl *d);
/* Of nf.awake, or -1. */
int switch_bit(const struct nf *n, const struct event *e, const char *name);
struct tstmt *switch_stmt(struct scope *sc, const struct ast_stmt *s);
/* Whether the subscription holds; NULL: it always does. */
struct texpr *awake(struct scope *sc, const struct event *e, const char *name,
                    struct loc at);

/* ---- timer.c ---- */
void timer_period(struct scope *sc, struct handler *h,
                  const struct ast_handler *a);
/* At a place, where parameters have values. */
void timers_check(struct sema *s, const struct position *p);

/* ---- rule.c ---- */
void rule_check(struct sema *s, struct nf *n, struct handler *h);
/* Which rules are asked after which handlers. */
void rules_find(struct sema *s, struct nf *n);

/* ---- deliver.c: emitted events in a chain ---- */
/* Sets most_events; reports cycles. */
void deliveries_check(struct sema *s, struct chain *c);

/* ---- nf.c ---- */
/* State that has no name in the source. */
struct var *var_hidden(struct sema *s, struct nf *n, const char *name,
                       struct loc loc, enum storage storage, struct type *type);
/* ---- exits.c ---- */
void exits_declare(struct sema *s, struct nf *n, const struct ast_decl *d);
/* goto: the statement that ends the handler; what chooses is in `to`. */
struct tstmt *exit_goto(struct scope *sc, const struct ast_stmt *s,
                        struct tblock *to);
/* Whether the NF may choose its exits where it stands. */
void exits_check(struct sema *s, const struct chain *c, const struct step *st);

/* ---- intent.c ---- */
/* The NFs of intents in their order; sets what c keeps of it, if not NULL.
 * NULL if the rules contradict each other. */
const struct ast_use_nf *intents_order(struct sema *s, struct chain *c,
                                       const struct ast_decl *d);

/* ---- chain_body.c ---- */
/* The NFs of a chain, templates and other chains put in place. */
void chain_body(struct sema *s, struct chain *c, const struct ast_decl *d);

/* ---- stmt.c ---- */
/* True if what follows the block is never reached. */
bool block_ends(const struct tblock *b);
struct tstmt *tstmt_new(struct scope *sc, enum tskind kind, struct loc loc);
/* One that has no name in the source. */
struct local *hidden_local(struct scope *sc, struct loc at, struct type *type);
struct local *add_local(struct scope *sc, const char *name, struct loc at,
                        struct type *type);
/* The value to be assigned by s. */
struct texpr *assigned(struct scope *sc, const struct ast_stmt *s,
                       struct type *want);
void block_into(struct scope *sc, const struct ast_block *b, struct tblock *to);
struct tblock *block_stmts(struct scope *sc, const struct ast_block *b);
/* What `let` names, as a whole. */
struct local *let_local(struct scope *sc, const struct ast_stmt *s,
                        struct type *type);
/* What follows `or`, of a call or an access that can fail. */
void alternative(struct scope *sc, const struct ast_stmt *s, struct tstmt *t);
struct reason *reason_get(struct nf *nf, struct arena *a, struct loc at,
                          const char *text);

#endif
