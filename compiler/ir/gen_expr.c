/* Expressions of the tree as expressions of the IR. */
#include "ir/gen.h"
#include <stdlib.h>

static void add(ir_exprs *to, struct ir_expr *e)
{
    LIST_ADD(to, e);
}

struct ir_expr *gen_expr(struct gen *g, const struct texpr *e)
{
    ir_exprs parts = {0};

    gen_parts(g, e, &parts);
    if (parts.n != 1)
        abort(); /* a tuple or a range, where the tree has one value */
    return parts.first;
}

/* ---- names ---- */

static void param_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    if (e->type->kind == TY_OBJECT) {
        struct ir_expr *o = ir_node(g, IR_object, ir_type_of(e->type), e->loc);

        o->object = gen_param_object(g, e->param);
        add(to, o);
        return;
    }
    gen_config_parts(g, e->param, NULL, e->loc, to);
}

static void local_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    struct ir_expr *p;

    if (type_is_at_hand(g->tree, e->type)) {
        add(to, ir_node(g, e->type == g->tree->flow ? IR_flow : IR_packet,
                        ir_type_of(e->type), e->loc));
        return;
    }
    LIST_EACH (p, &g->locals[e->local->index]) {
        struct ir_expr *r = ir_copy(g, p);

        r->loc = e->loc;
        add(to, r);
    }
}

static struct ir_expr *var(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r;
    static const enum ir_op ops[ST_N] = {
        [ST_FLOW] = IR_flow_var,
        [ST_SHARED] = IR_shared_var,
        [ST_SPLIT] = IR_shared_var,
        [ST_ATOMIC] = IR_atomic_var,
    };
    enum ir_op op = ops[e->var->storage];

    if (e->type->kind == TY_OBJECT)
        op = IR_object;
    r = ir_node(g, op, ir_type_of(e->type), e->loc);
    r->var = e->var;
    if (op == IR_object)
        r->object = gen_var_object(g, e->var);
    return r;
}

static struct ir_expr *field(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r =
        ir_node(g, g->chain ? IR_field : IR_here, ir_type_of(e->type), e->loc);

    r->field = e->field;
    return r;
}

static struct ir_expr *has(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r = ir_node(g, IR_has, ir_bool(), e->loc);

    r->header = e->header;
    return r;
}

/* The checksums are a statement of its own, so that everybody sees when they
 * change. */
static struct ir_expr *bytes(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r = ir_node(g, IR_bytes, ir_type_of(e->type), e->loc);

    gen_add(g, IR_sums_now, e->loc);
    r->header = e->header;
    g->edits = true; /* where headers end is known by the same tables */
    return r;
}

static struct ir_expr *awake(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r = ir_node(g, IR_awake, ir_bool(), e->loc);

    r->num = e->part;
    return r;
}

static struct ir_expr *get(struct gen *g, const struct texpr *e)
{
    struct ir_expr *self = gen_expr(g, e->a);
    struct ir_expr *r = ir_node(g, IR_get, ir_type_of(e->type), e->loc);

    r->a = self;
    r->member = e->member;
    return r;
}

/* ---- operators ---- */

enum ir_op ir_op_of(enum ast_op op)
{
    static const enum ir_op ops[] = {
        [OP_ADD] = IR_add, [OP_SUB] = IR_sub,   [OP_MUL] = IR_mul,
        [OP_DIV] = IR_div, [OP_MOD] = IR_mod,   [OP_AND] = IR_and,
        [OP_OR] = IR_or,   [OP_XOR] = IR_xor,   [OP_SHL] = IR_shl,
        [OP_SHR] = IR_shr, [OP_EQ] = IR_eq,     [OP_NE] = IR_ne,
        [OP_LT] = IR_lt,   [OP_LE] = IR_le,     [OP_GT] = IR_gt,
        [OP_GE] = IR_ge,   [OP_LAND] = IR_land, [OP_LOR] = IR_lor,
        [OP_NOT] = IR_not, [OP_NEG] = IR_compl,
    };

    return ops[op];
}

static struct ir_block *sub_block(struct gen *g)
{
    return ARENA_NEW(g->arena, struct ir_block);
}

/* a && b where b makes a call: b's statements happen only if it is asked. */
static struct ir_expr *lazy(struct gen *g, const struct texpr *e)
{
    bool land = e->op == OP_LAND;
    struct ir_expr *a = gen_expr(g, e->a), *read;
    struct ir_local *l = gen_local(g, land ? "and" : "or", ir_bool());
    struct ir_block *outer = g->block;
    struct ir_stmt *s = gen_add(g, IR_let, e->loc);

    s->local = l;
    s->value = a;
    read = ir_read(g, l, e->loc);
    s = gen_add(g, IR_if, e->loc);
    s->value = land ? read : ir_unary(g, IR_not, ir_bool(), read, e->loc);
    s->body = g->block = sub_block(g);
    a = gen_expr(g, e->b);
    s = gen_add(g, IR_set, e->loc);
    s->local = l;
    s->value = a;
    g->block = outer;
    return ir_read(g, l, e->loc);
}

/* Tuples are equal if all of their parts are. */
static struct ir_expr *equal(struct gen *g, const struct texpr *e, bool calls)
{
    ir_exprs as = {0}, bs = {0};
    struct ir_expr *a, *b, *r = ir_const(g, ir_bool(), 1, e->loc), *next;
    ir_exprs kept = {0};

    gen_parts(g, e->a, &as);
    for (a = as.first; a; a = next) {
        next = a->next;
        if (calls)
            a = gen_keep(g, a);
        LIST_ADD(&kept, a);
    }
    gen_parts(g, e->b, &bs);
    for (a = kept.first, b = bs.first; a; a = a->next, b = b->next)
        r = ir_binary(g, IR_land, ir_bool(), r,
                      ir_binary(g, IR_eq, ir_bool(), ir_copy(g, a),
                                ir_copy(g, b), e->loc),
                      e->loc);
    return e->op == OP_EQ ? r : ir_unary(g, IR_not, ir_bool(), r, e->loc);
}

static struct ir_expr *binary(struct gen *g, const struct texpr *e)
{
    bool calls = gen_has_call(e->b);
    struct ir_expr *a, *b;

    if (calls && (e->op == OP_LAND || e->op == OP_LOR))
        return lazy(g, e);
    if (e->a->type->kind == TY_TUPLE)
        return equal(g, e, calls);
    a = gen_expr(g, e->a);
    if (calls)
        a = gen_keep(g, a);
    b = gen_expr(g, e->b);
    return ir_binary(g, ir_op_of(e->op), ir_type_of(e->type), a, b, e->loc);
}

static struct ir_expr *in(struct gen *g, const struct texpr *e)
{
    struct ir_expr *r = ir_node(g, IR_in, ir_bool(), e->loc);
    const struct titem *t;
    bool calls = false;

    LIST_EACH (t, &e->items)
        calls |= gen_has_call(t->lo) || gen_has_call(t->hi);
    r->a = gen_expr(g, e->a);
    if (calls)
        r->a = gen_keep(g, r->a);
    LIST_EACH (t, &e->items) {
        struct ir_item *i = ARENA_NEW(g->arena, struct ir_item);

        i->v6 = t->alt;
        i->lo = gen_expr(g, t->lo);
        if (calls)
            i->lo = gen_keep(g, i->lo);
        i->hi = t->hi == t->lo ? i->lo : gen_expr(g, t->hi);
        LIST_ADD(&r->items, i);
    }
    return ir_in(g, r);
}

/* ---- conversions ---- */

static struct ir_expr *address(struct gen *g, struct ir_expr *a, unsigned v6,
                               const struct type *to, struct loc loc)
{
    struct ir_expr *r;

    if (a->type.kind == IR_ADDR)
        return a;
    r = ir_node(g, ir_is_const(a) ? IR_const : IR_address, ir_type_of(to), loc);
    if (ir_is_const(a)) {
        r->num = a->num;
        r->v6 = v6;
        return r;
    }
    r->num = v6;
    r->a = a;
    return r;
}

/* Takes the parts of one value of type `from`, the first being p, and adds
 * them as parts of type `to`. Returns the part behind. */
static struct ir_expr *cast_part(struct gen *g, struct ir_expr *p,
                                 const struct type *from, const struct type *to,
                                 struct loc loc, ir_exprs *list)
{
    const struct part *f, *t;
    struct ir_expr *next = p->next;

    if (to->kind == TY_TUPLE) {
        f = from->parts.first;
        LIST_EACH (t, &to->parts) {
            p = cast_part(g, p, f->type, t->type, loc, list);
            f = f->next;
        }
        return p;
    }
    if (to->kind == TY_RANGE) {
        p = cast_part(g, p, from->elem, to->elem, loc, list);
        return cast_part(g, p, from->elem, to->elem, loc, list);
    }
    if (from == to)
        add(list, p);
    else if (to->kind == TY_UNION)
        add(list, address(g, p, from == to->alt[1], to, loc));
    else
        add(list, ir_cast(g, p, ir_type_of(to), loc));
    return next;
}

static void cast_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    ir_exprs parts = {0};

    gen_parts(g, e->a, &parts);
    cast_part(g, parts.first, e->a->type, e->type, e->loc, to);
}

static void tuple_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    const struct targ *a;

    LIST_EACH (a, &e->args)
        gen_arg(g, a, to);
}

static unsigned count_parts(struct gen *g, const struct type *t)
{
    ir_exprs parts = {0};

    gen_const(g, t, NULL, t->loc, &parts);
    return parts.n;
}

/* The values of one part of a tuple. */
static void part_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    const struct part *p = e->a->type->parts.first;
    ir_exprs parts = {0};
    struct ir_expr *x, *next;
    unsigned skip = 0, n;

    for (unsigned i = 0; i < e->part; i++, p = p->next)
        skip += count_parts(g, p->type);
    n = count_parts(g, p->type);
    gen_parts(g, e->a, &parts);
    for (x = parts.first; skip; skip--)
        x = x->next;
    for (; n; n--, x = next) {
        next = x->next;
        LIST_ADD(to, x);
    }
}

/* The first or the last of a range. */
static struct ir_expr *range_end(struct gen *g, const struct texpr *e)
{
    ir_exprs parts = {0};

    gen_parts(g, e->a, &parts);
    return ir_copy(g, e->kind == TE_LOW ? parts.first : parts.last);
}

/* dispatch */
void gen_parts(struct gen *g, const struct texpr *e, ir_exprs *to)
{
    switch (e->kind) {
    case TE_CONST:
        gen_const(g, e->type, &e->value, e->loc, to);
        break;
    case TE_PARAM:
        param_parts(g, e, to);
        break;
    case TE_AWAKE:
        add(to, awake(g, e));
        break;
    case TE_LOCAL:
        local_parts(g, e, to);
        break;
    case TE_VAR:
        add(to, var(g, e));
        break;
    case TE_FIELD:
        add(to, field(g, e));
        break;
    case TE_HAS:
        add(to, has(g, e));
        break;
    case TE_BYTES:
        add(to, bytes(g, e));
        break;
    case TE_GET:
        add(to, get(g, e));
        break;
    case TE_CALL:
        gen_call(g, e, to);
        break;
    case TE_TABLE:
        add(to, gen_table_has(g, e));
        break;
    case TE_NOT:
        add(to, ir_unary(g, IR_not, ir_bool(), gen_expr(g, e->a), e->loc));
        break;
    case TE_COMPL:
        add(to, ir_unary(g, IR_compl, ir_type_of(e->type), gen_expr(g, e->a),
                         e->loc));
        break;
    case TE_BINARY:
        add(to, binary(g, e));
        break;
    case TE_IN:
        add(to, in(g, e));
        break;
    case TE_CAST:
        cast_parts(g, e, to);
        break;
    case TE_TUPLE:
        tuple_parts(g, e, to);
        break;
    case TE_PART:
        part_parts(g, e, to);
        break;
    case TE_LOW:
    case TE_HIGH:
        add(to, range_end(g, e));
        break;
    case TE_NEW:
        abort(); /* only as the argument of a place or of state */
    }
}
