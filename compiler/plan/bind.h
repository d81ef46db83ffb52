/* Finding binding times; only for bind_*.c and pass_binding.c. */
#ifndef NFL_PLAN_BIND_H
#define NFL_PLAN_BIND_H

#include "plan/binding.h"

struct arena;

struct varref {
    const struct var *var;
    struct varref *next;
};

/* When something is known, and what it depends on at packet time. */
struct known {
    struct binding binding;
    LIST(struct varref) vars; /* state of the NF; no doubles */
    bool packet;              /* the packet, the moment, what C keeps */
};

/* The shapes in which something is true, and in which it is false. */
struct holds {
    uint32_t yes, no;
};

struct bind_local {
    struct known known;
    struct holds holds;
};

/* Of a header, as it is where the analysis stands on the way of a packet. */
struct bind_field {
    struct binding binding;
    bool written; /* since it arrived */
};

/* The conditions under which a place is reached. */
struct control {
    struct known known;
    uint32_t alive, sure;
};

/* A statement that changes state of the NF at hand. */
struct writer {
    const struct ir_stmt *stmt;
    const struct ir_handler *handler;
    const struct var *var;
    struct writer *next;
};

/* Bytes of headers that are written at flow time, or wanted at packet time, in
 * the order in which a packet comes by. */
struct touch {
    struct bound *action;      /* at flow time; NULL: wanted */
    const struct field *field; /* NULL: all */
    uint32_t shapes;
    const struct ir_nf *nf;
    const char *text;
    struct loc loc;
    struct touch *next;
};

struct bind {
    struct arena *arena;
    struct bindings *out;
    const struct tree *tree;
    const struct ir_chain *chain;
    const struct ir_nf *nf;
    unsigned side;
    unsigned *first_field; /* by header: number of its first field */
    unsigned n_fields;
    struct bind_field *fields; /* by number */
    struct loc resized;        /* where headers were added or removed before;
                                  src NULL: nowhere */
    LIST(struct writer) writers;
    LIST(struct touch) touches;
    /* A translation at packet time: by which NF, NULL: none; by several. */
    const struct ir_nf *translator;
    bool translators;
    struct loc translated;

    /* of the handler at hand */
    const struct ir_handler *handler;
    struct bind_local *locals; /* by index */
    struct control control;
    struct known returned;    /* why a return was reached .. */
    uint32_t returned_shapes; /* .. in which shapes */
    enum bound_class class;
};

/* ---- bind_known.c ---- */

struct known known_at(enum time t);
/* At packet time, of the packet or the moment. */
struct known known_late(struct bind *b, struct loc loc, const char *text);
void known_join(struct bind *b, struct known *to, const struct known *x);
void known_add_var(struct bind *b, struct known *to, const struct var *v);
const struct why *why_new(struct bind *b, struct loc loc, const char *text,
                          struct loc by_loc, const char *by);

/* Which header of the stack h is, inner ones too; -1: none. */
int shape_place(const struct plan_shape *s, const struct header *h);
/* Is the field's value known? */
bool shape_knows(const struct plan_shape *s, const struct field *f,
                 num_t *value);
/* What a condition is in each shape, if the shape or the side tell. */
struct holds holds_in(const struct bind *b, const struct ir_expr *e);
struct bind_field *field_at(const struct bind *b, const struct field *f);

/* ---- bind_state.c ---- */

/* Runs with FLOW/NEW or FLOW/CONFIG only. */
bool handler_once(const struct ir_nf *nf, const struct handler *h);
void writers_find(struct bind *b);
/* The state of the NF that an object is; NULL: none that changes. */
const struct var *object_state(const struct ir_expr *self);
/* What is read of a variable, a table or an object. */
struct known state_known(struct bind *b, const struct var *v, struct loc loc);
/* Fills in who may flip a guarded action. */
void flips_find(struct bind *b, const struct known *k, struct bound *to);
/* Looks for translations at packet time in the chain. */
void translations_find(struct bind *b);
/* True if the NF at hand may see another tuple than its packets begin with. */
bool tuple_late(const struct bind *b);

/* ---- bind_expr.c ---- */

struct known bind_expr(struct bind *b, const struct ir_expr *e);
/* What a call or a look-up, without its effects, depends on. */
struct known bind_call(struct bind *b, const struct ir_stmt *s);

/* ---- bind_stmt.c ---- */

void bind_handler(struct bind *b, struct bound_handler *h);

/* ---- bind_clash.c ---- */

/* All fields that e reads are wanted in the packet. */
void touch_reads(struct bind *b, const struct ir_expr *e);
/* field NULL: all. action NULL: at packet time. */
void touch_add(struct bind *b, struct bound *action, const struct field *f,
               const char *text, struct loc loc);
/* Of each action that cannot wait, what it cannot wait for. */
void clashes_find(struct bind *b);

#endif
