/* Types of the tree as types of the IR, and constants part by part. */
#include "ir/gen.h"
#include <stdlib.h>

struct ir_type ir_num(unsigned bits)
{
    struct ir_type t = {IR_NUM, bits};

    return t;
}

struct ir_type ir_bool(void)
{
    struct ir_type t = {IR_BOOL, 1};

    return t;
}

struct ir_type ir_type_of(const struct type *t)
{
    struct ir_type r = {IR_VOID, 0};

    switch (t->kind) {
    case TY_BOOL:
        return ir_bool();
    case TY_UINT:
    case TY_ENUM:
        return ir_num(t->bits);
    case TY_DURATION:
        return ir_num(64);
    case TY_UNION:
        r.kind = IR_ADDR;
        return r;
    case TY_STRING:
    case TY_FILE:
        r.kind = IR_STRING;
        return r;
    case TY_OBJECT:
        r.kind = IR_OBJECT;
        return r;
    case TY_VOID:
        return r;
    case TY_RANGE:
    case TY_TUPLE:
    case TY_TABLE:
    case TY_ERROR:
        break;
    }
    abort(); /* more than one value, or an error that stops before the IR */
}

static void add_number(struct gen *g, struct ir_type type, num_t n,
                       struct loc loc, ir_exprs *to)
{
    struct ir_expr *e = ir_const(g, type, n, loc);

    LIST_ADD(to, e);
}

static void const_tuple(struct gen *g, const struct type *t,
                        const struct value *v, struct loc loc, ir_exprs *to)
{
    const struct part *p;
    unsigned i = 0;

    LIST_EACH (p, &t->parts) {
        gen_const(g, p->type, v ? &v->parts[i] : NULL, loc, to);
        i++;
    }
}

void gen_const(struct gen *g, const struct type *t, const struct value *v,
               struct loc loc, ir_exprs *to)
{
    struct ir_expr *e;

    if (t->kind == TY_TUPLE) {
        const_tuple(g, t, v, loc, to);
    } else if (t->kind == TY_RANGE) {
        add_number(g, ir_type_of(t->elem), v ? v->u : 0, loc, to);
        add_number(g, ir_type_of(t->elem), v ? v->hi : 0, loc, to);
    } else if (t->kind == TY_STRING || t->kind == TY_FILE) {
        e = ir_node(g, IR_str, ir_type_of(t), loc);
        e->str = v ? v->str : "";
        LIST_ADD(to, e);
    } else {
        e = ir_const(g, ir_type_of(t), v ? v->u : 0, loc);
        e->v6 = v ? v->alt : 0;
        LIST_ADD(to, e);
    }
}
