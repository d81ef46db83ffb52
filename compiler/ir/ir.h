/* The intermediate representation: for each place in a chain the handlers of
 * its NF, with the parameters of that place put in. Structured statements over
 * expression trees. An expression is a pure read; all effects, and all that
 * may fail, are statements, so a pass sees them one by one, each with its place
 * in the source. Tuples and ranges are gone: only their parts are here.
 *
 * Filled by pass_ir, never changed after it. */
#ifndef NFL_IR_IR_H
#define NFL_IR_IR_H

#include "sema/tree.h"
#include <stdio.h>

struct unit;

enum ir_op {
#define EXPR(name, operands, result) IR_##name,
#define STMT(name)                   IR_##name,
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
    IR_OP_N
};

enum ir_kind {
    IR_NUM,
    IR_BOOL,
    IR_ADDR,
    IR_STRING,
    IR_OBJECT,
    IR_WORDS,
    IR_VOID
};

struct ir_type {
    enum ir_kind kind;
    unsigned bits; /* IR_NUM: 1 to 128 */
};

struct ir_local {
    const char *name; /* of the source; unique in the handler */
    unsigned index;
    struct ir_type type;
    bool used;                 /* read somewhere */
    const struct param *param; /* of the event: the handler is given it .. */
    unsigned part;             /* .. or this part of it */
    struct ir_local *next;
};

struct ir_item { /* lo <= x <= hi; if x is an address: of family v6 */
    struct ir_expr *lo, *hi;
    unsigned v6;
    struct ir_item *next;
};

struct ir_expr {
    enum ir_op op;
    unsigned number; /* from 1, in the order of making; 0: made after pass_ir */
    struct ir_type type;
    struct loc loc;
    num_t num;       /* const, from_side, address, config */
    unsigned v6;     /* const of an address */
    const char *str; /* str */
    struct ir_local *local;
    struct var *var;
    struct field *field;
    struct header *header;
    struct member *member;
    struct ir_object *object;
    unsigned part; /* entry: of the table's value */
    struct ir_config *config;
    struct ir_expr *a, *b;
    LIST(struct ir_item) items;
    struct ir_expr *next; /* among arguments */
};
typedef LIST(struct ir_expr) ir_exprs;

struct ir_block {
    LIST(struct ir_stmt) stmts;
};

struct ir_result { /* one part of what a call returns */
    struct ir_local *local;
    struct ir_expr *other; /* its value if the call fails; NULL: it has none */
    struct ir_result *next;
};

struct ir_stmt {
    enum ir_op op;
    unsigned number; /* as of an expression */
    struct loc loc;
    struct ir_local *local;
    struct field *field;
    struct var *var;
    struct ir_expr *value;
    struct ir_block *body, *other; /* other: NULL if there is none */
    struct reason *reason;
    const struct event *event;
    enum update update; /* update_atomic */
    struct member *member;
    struct ir_expr *self;
    ir_exprs args;
    struct ir_table *table;
    const struct tstack *stack;     /* encap, decap, make */
    unsigned part;                  /* table_update: of the value; goto; make */
    unsigned most;                  /* make */
    ir_exprs values;                /* table_set: by part; encap, make */
    LIST(struct ir_result) results; /* in the order of the parts */
    struct ir_stmt *next;
};

/* A table of an NF at its place. */
struct ir_table {
    unsigned index; /* among the chain's */
    const struct var *var;
    struct ir_nf *nf;
    num_t size;     /* entries, over all shards */
    num_t ticks;    /* of its timeout; 0: entries stay */
    ir_exprs key;   /* a constant of each part: for its type */
    ir_exprs value; /* the same; none in a set */
    struct ir_table *next;
};

/* What may be set from outside: a value of a parameter of an NF, or of an
 * argument from which an object is made. Parameters of several values have one
 * for each, called limit.packets or last.0. */
struct ir_config {
    unsigned index;   /* among the chain's */
    const char *name; /* "outside", "rules", "backends.key" */
    const struct type *type;
    struct value value;   /* in the source */
    struct param *param;  /* of the NF */
    struct param *arg;    /* of the object that is made from it, or NULL */
    struct ir_object *of; /* that object */
    struct ir_nf *nf;
    const char *fixed; /* why it cannot change while the program runs */
    bool compiled;     /* nor be set at all */
    struct ir_config *next;
};

/* An object of the chain, made when the program starts. */
struct ir_object {
    unsigned index;   /* among the chain's, in order of making */
    const char *name; /* as the source calls it */
    struct object *type;
    struct var *var;     /* the state it is, or NULL */
    struct param *param; /* the parameter it was given to, or NULL */
    struct ir_nf *nf;
    struct loc loc;
    ir_exprs args;  /* constants and earlier objects */
    ir_exprs value; /* of type->rows: the same of its values */
    ir_exprs key;   /* of type->key: a constant of each part, for its type */
    struct ir_object *next;
};

struct ir_handler {
    const struct handler *source;
    unsigned index; /* among the chain's */
    bool needs_flow;
    struct ir_block *guard; /* runs before `when` is asked */
    struct ir_expr *when;   /* NULL: always */
    struct ir_block *body;
    LIST(struct ir_local) locals;
    struct ir_handler *next;
};

struct ir_nf { /* an NF at its place */
    const struct position *source;
    struct ir_chain *chain;
    LIST(struct ir_handler) handlers; /* in source order */
    struct ir_nf *next;
};

struct ir_chain {
    const struct chain *source;
    struct ir_handler *filter; /* NULL: none. It is no NF's, and has no body:
                                  whether the chain takes the packet */
    LIST(struct ir_nf) nfs;    /* by position */
    LIST(struct ir_object) objects;
    LIST(struct ir_table) tables;
    LIST(struct ir_config) configs; /* by index */
    unsigned n_handlers;
    struct ir_chain *next;
};

struct ir_given {
    const struct given *source;
    struct ir_expr *cond; /* NULL: always */
    struct ir_given *next;
};

struct ir_optional { /* a field that may be absent */
    const struct field *field;
    struct ir_expr *cond, *off;
    struct ir_optional *next;
};

/* The expressions of a header, over `here`. */
struct ir_header {
    const struct header *source;
    struct ir_expr *size, *end, *valid, *select_if; /* NULL: see tree.h */
    LIST(struct ir_given) given;
    LIST(struct ir_optional) optional;
    struct ir_header *next;
};

struct ir {
    const struct tree *tree;
    /* Headers are added or removed somewhere, or their bytes are read. */
    bool edits;
    unsigned n_exprs, n_stmts;      /* the greatest number of each */
    LIST(struct ir_header) headers; /* by index */
    LIST(struct ir_chain) chains;
};

void pass_ir(struct unit *u);
void ir_dump(const struct ir *ir, FILE *to);

/* True if a call hands out its results by pointers: it fails, or there are
 * several. */
static inline bool ir_by_pointer(const struct ir_stmt *call)
{
    return call->member->fails || call->results.n > 1;
}

/* Ends the process with a message if the IR is not well-formed: a mistake of
 * the compiler, never of the program. */
void ir_verify(const struct ir *ir);

extern const char *const ir_op_name[IR_OP_N];

/* a OP b, of a comparison; false: it is none. */
bool ir_compare(enum ir_op op, num_t a, num_t b, num_t *out);

static inline bool ir_is_const(const struct ir_expr *e)
{
    return e->op == IR_const;
}

#endif
