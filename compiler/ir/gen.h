/* Building the IR; only for this folder. */
#ifndef NFL_IR_GEN_H
#define NFL_IR_GEN_H

#include "base/arena.h"
#include "ir/ir.h"

struct gen {
    struct arena *arena;
    const struct tree *tree;
    bool edits; /* headers are added or removed somewhere */
    unsigned n_exprs, n_stmts;
    struct ir_chain *chain; /* NULL: the expressions of a header */
    struct ir_nf *nf;
    struct ir_handler *handler;
    struct ir_block *block; /* statements are added here */
    ir_exprs *locals;       /* parts of each local, by its index */
};

/* ---- gen_build.c: nodes, with constants folded ---- */

struct ir_type ir_num(unsigned bits);
struct ir_type ir_bool(void);
struct ir_expr *ir_node(struct gen *g, enum ir_op op, struct ir_type type,
                        struct loc loc);
struct ir_expr *ir_const(struct gen *g, struct ir_type type, num_t v,
                         struct loc loc);
struct ir_expr *ir_unary(struct gen *g, enum ir_op op, struct ir_type type,
                         struct ir_expr *a, struct loc loc);
struct ir_expr *ir_binary(struct gen *g, enum ir_op op, struct ir_type type,
                          struct ir_expr *a, struct ir_expr *b, struct loc loc);
struct ir_expr *ir_cast(struct gen *g, struct ir_expr *a, struct ir_type to,
                        struct loc loc);
struct ir_expr *ir_in(struct gen *g, struct ir_expr *in);
/* A read of the local. */
struct ir_expr *ir_read(struct gen *g, struct ir_local *l, struct loc loc);
/* Copies a node: it stands in one list only. */
struct ir_expr *ir_copy(struct gen *g, const struct ir_expr *e);

/* ---- gen_type.c ---- */

/* Of a type that is one value: scalars, unions, strings, objects. */
struct ir_type ir_type_of(const struct type *t);
/* Adds the constant v of type t, part by part. */
void gen_const(struct gen *g, const struct type *t, const struct value *v,
               struct loc loc, ir_exprs *to);

/* ---- gen_expr.c ---- */

enum ir_op ir_op_of(enum ast_op op);
/* Adds the parts of e. Calls inside become statements before. */
void gen_parts(struct gen *g, const struct texpr *e, ir_exprs *to);
/* Of a type that is one value. */
struct ir_expr *gen_expr(struct gen *g, const struct texpr *e);

/* ---- gen_call.c ---- */

/* True if a call is somewhere in e, so its evaluation has effects. */
bool gen_has_call(const struct texpr *e);
/* The value of e, which later statements cannot change. */
struct ir_expr *gen_keep(struct gen *g, struct ir_expr *e);
/* Adds the parts of an argument, kept if one that follows makes a call. */
void gen_arg(struct gen *g, const struct targ *a, ir_exprs *to);
/* What happens where a call, or an access, fails. */
void gen_alternative(struct gen *g, struct ir_stmt *call,
                     const struct tstmt *s);
/* Results of a call for the parts of t; adds reads of them. */
void gen_results(struct gen *g, struct ir_stmt *call, const struct type *t,
                 const char *name, ir_exprs *to);
/* A call inside an expression: a statement, and reads of its result. */
void gen_call(struct gen *g, const struct texpr *e, ir_exprs *to);
/* A call that is a statement of the source. */
void gen_call_stmt(struct gen *g, const struct tstmt *s);

/* ---- gen_stmt.c ---- */

struct ir_local *gen_local(struct gen *g, const char *name,
                           struct ir_type type);
struct ir_stmt *gen_add(struct gen *g, enum ir_op op, struct loc loc);
struct ir_block *gen_block(struct gen *g, const struct tblock *b);

/* ---- gen_event.c ---- */

/* The locals that the event at hand gives to the handler. */
void gen_given(struct gen *g, const struct handler *h);
void gen_emit(struct gen *g, const struct tstmt *s);
/* Of a rule: what is asked, and what is done when it begins to hold. `first`:
 * what must hold for it to be asked, or NULL. */
void gen_rule(struct gen *g, const struct handler *h, struct ir_expr *first);

/* ---- gen_config.c ---- */

/* Adds what may be set of a parameter of the NF at hand, or of the argument
 * `arg` of its object. */
void gen_config(struct gen *g, struct param *param, struct param *arg,
                const char *name, const struct type *t, const struct value *v);
/* Adds reads of a parameter, or of the argument. */
void gen_config_parts(struct gen *g, const struct param *param,
                      const struct param *arg, struct loc loc, ir_exprs *to);
/* What the object was made of cannot change any more. */
void gen_config_fix(struct gen *g, struct ir_object *o);

/* ---- gen_object.c ---- */

void gen_objects(struct gen *g);
struct ir_object *gen_param_object(const struct gen *g, const struct param *p);
struct ir_object *gen_var_object(const struct gen *g, const struct var *v);

/* ---- gen_table.c ---- */

void gen_tables(struct gen *g);
/* k in t, inside an expression. */
struct ir_expr *gen_table_has(struct gen *g, const struct texpr *e);
void gen_table_stmt(struct gen *g, const struct tstmt *s);
/* rows[k]; k in rows, inside an expression. */
void gen_find(struct gen *g, struct ir_stmt *call, const struct tstmt *s);
/* A call of a cell. */
void gen_cell_stmt(struct gen *g, const struct tstmt *s);

/* ---- gen_header.c ---- */

/* p.encap(...), p.decap(...) */
void gen_stack_stmt(struct gen *g, const struct tstmt *s);
void gen_headers(struct gen *g, struct ir *ir);

#endif
