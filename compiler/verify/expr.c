/* Expressions of the IR as terms. */
#include "base/arena.h"
#include "verify/scene.h"
#include <string.h>

/* ---- reads ---- */

static term constant(struct run *r, const struct ir_expr *e)
{
    if (e->type.kind == IR_BOOL)
        return e->num ? r->z->yes : r->z->no;
    if (e->type.kind == IR_NUM)
        return smt_num(r->z, e->num, e->type.bits);
    return Z3_mk_concat(r->z->c, smt_num(r->z, e->v6, 1),
                        smt_num(r->z, e->num, 128));
}

static term config(struct run *r, const struct ir_expr *e)
{
    struct scene *s = (struct scene *)r->scene;
    struct config_at *c;

    for (c = s->configs; c; c = c->next)
        if (c->config == e->config && c->part == e->num)
            return c->value;
    c = ARENA_NEW(s->arena, struct config_at);
    c->config = e->config;
    c->part = e->num;
    c->value =
        smt_any(r->z,
                arena_fmt(s->arena, "%s.%s%s", e->config->nf->source->name,
                          e->config->name, e->num ? " (last)" : ""),
                scene_sort(r->z, e->type));
    c->next = s->configs;
    s->configs = c;
    return c->value;
}

static term variable(struct run *r, const struct var *v)
{
    unsigned i = 0;

    while (r->scene->vars[i].nf != r->nf || r->scene->vars[i].var != v)
        i++;
    return r->var[i];
}

static term field(struct run *r, const struct ir_expr *e)
{
    int i = scene_field(r->scene, e->field);

    if (r->keeps && i >= 0)
        return row_field(r, e);
    /* Of a header that is not there: asked only where it is. */
    return edits_read(r, e->field, e->type.bits,
                      i < 0 ? smt_num(r->z, 0, e->type.bits)
                            : smt_fit(r->z, r->field[i], e->type.bits));
}

/* A number as an address. */
static term as_address(struct run *r, term n, bool v6)
{
    return Z3_mk_concat(r->z->c, smt_num(r->z, v6, 1), smt_fit(r->z, n, 128));
}

/* What the flow's tuple says, where the NF at hand sees it. */
static term flow_part(struct run *r, enum role role, struct ir_type t)
{
    const struct scene *s = r->scene;
    term n = scene_tuple(s, &r->hops, row_place(r), role);

    if (t.kind != IR_ADDR)
        return smt_fit(r->z, n, t.bits);
    return as_address(r, n, s->shape->role[role]->bits == 128);
}

/* What is so of all packets of the fast path. */
static term packet_part(struct run *r, const struct ir_expr *e)
{
    const char *name = e->member->name, *what;
    term length;

    if (strcmp(name, "in_flow") == 0)
        return r->z->yes;
    if (strcmp(name, "malformed") == 0)
        return r->z->no;
    what = arena_fmt(r->scene->arena, "packet.%s", name);
    if (e->member->steady)
        return smt_any(r->z, what, scene_sort(r->z, e->type));
    length = stacks_length(r);
    return edits_look(
        r, smt_apply(r->z, what, scene_sort(r->z, e->type), 1, &length));
}

bool expr_is_pure(const struct run *r, const struct member *m)
{
    const struct object *o = m->object;

    if (m->edits || m->rewrites || m->leases || m->updates || m->cuts ||
        m->keeps)
        return false;
    return type_is_at_hand(r->scene->plan->ir->tree, o->type) ||
           (!o->updates && !object_keeps(o) && !o->file);
}

/* A property, as of now. That of the payload is the same at all places. */
static term get(struct run *r, const struct ir_expr *e)
{
    struct terms args = {.n = 0};
    const struct member *m = e->member;
    const char *name =
        arena_fmt(r->scene->arena, "%s.%s", m->object->name, m->name);

    if (e->a->op == IR_flow)
        for (unsigned i = 0; i < ROLE_N; i++)
            if (strcmp(m->name, role_name[i]) == 0)
                return flow_part(r, (enum role)i, e->type);
    if (e->a->op == IR_packet)
        return packet_part(r, e);
    args.of[args.n++] =
        expr_is_pure(r, m) ? edits_look(r, r->content) : r->story;
    if (!expr_is_pure(r, m))
        name =
            arena_fmt(r->scene->arena, "%s.%s of %p", r->nf->ir->source->name,
                      name, (const void *)e->a->object);
    expr_args(r, e->a, &args);
    return smt_apply(r->z, name, scene_sort(r->z, e->type), args.n, args.of);
}

/* One that was not made, for its statement cannot run for packets like this, is
 * not asked either. */
static term local(struct run *r, const struct ir_expr *e)
{
    term l = r->local[e->local->index];

    if (l)
        return l;
    return e->type.kind == IR_BOOL
               ? r->z->no
               : smt_num(r->z, 0,
                         e->type.kind == IR_ADDR ? ADDRESS_BITS : e->type.bits);
}

static term awake(struct run *r, const struct ir_expr *e)
{
    return smt_same(r->z, smt_slice(r->z, r->awake, (unsigned)e->num, 1),
                    smt_num(r->z, 1, 1));
}

static term read_term(struct run *r, const struct ir_expr *e)
{
    switch (e->op) {
    case IR_const:
        return constant(r, e);
    case IR_in_flow:
        return r->scene->chain->ir->source->tracks ? r->z->yes : r->z->no;
    case IR_from_client:
        return r->scene->back ? r->z->no : r->z->yes;
    case IR_from_side:
        return r->scene->side == e->num ? r->z->yes : r->z->no;
    case IR_awake:
        return awake(r, e);
    case IR_config:
        return config(r, e);
    case IR_local:
        return local(r, e);
    case IR_flow_var:
    case IR_shared_var:
    case IR_atomic_var:
        return variable(r, e->var);
    case IR_field:
    case IR_here:
        return field(r, e);
    case IR_has:
        if (r->plans && r->row && r->row->there[e->number])
            return r->z->yes;
        return edits_has(r, e->header,
                         scene_header(r->scene, e->header) < 0 ? r->z->no
                                                               : r->z->yes);
    case IR_get:
        return get(r, e);
    default:
        return NULL;
    }
}

/* ---- operators ---- */

/* x << n or x >> n: 0 if n is the width or more. */
static term shift(struct run *r, const struct ir_expr *e)
{
    term a = expr_term(r, e->a), n = expr_term(r, e->b);
    unsigned width = smt_width(r->z, a), by = smt_width(r->z, n);
    unsigned wide = width > by ? width : by;
    term x = smt_fit(r->z, a, wide), y = smt_fit(r->z, n, wide);

    x = e->op == IR_shl ? Z3_mk_bvshl(r->z->c, x, y)
                        : Z3_mk_bvlshr(r->z->c, x, y);
    return smt_fit(r->z, x, width);
}

static term divide(struct run *r, term a, term b)
{
    term zero = smt_num(r->z, 0, smt_width(r->z, a));

    return smt_if(r->z, smt_same(r->z, b, zero), zero,
                  Z3_mk_bvudiv(r->z->c, a, b));
}

static term number_term(struct run *r, enum ir_op op, term a, term b)
{
    Z3_context c = r->z->c;

    switch (op) {
    case IR_add:
        return Z3_mk_bvadd(c, a, b);
    case IR_sub:
        return Z3_mk_bvsub(c, a, b);
    case IR_mul:
        return Z3_mk_bvmul(c, a, b);
    case IR_div:
        return divide(r, a, b);
    case IR_mod: /* by zero it is a, here and in the language */
        return Z3_mk_bvurem(c, a, b);
    case IR_and:
        return Z3_mk_bvand(c, a, b);
    case IR_or:
        return Z3_mk_bvor(c, a, b);
    case IR_xor:
        return Z3_mk_bvxor(c, a, b);
    case IR_lt:
        return Z3_mk_bvult(c, a, b);
    case IR_le:
        return Z3_mk_bvule(c, a, b);
    case IR_gt:
        return Z3_mk_bvugt(c, a, b);
    case IR_ge:
        return Z3_mk_bvuge(c, a, b);
    default:
        return NULL;
    }
}

/* lo <= x <= hi; of an address in the family of the item. */
static term item(struct run *r, const struct ir_expr *e, term x,
                 const struct ir_item *i)
{
    term lo = expr_term(r, i->lo), hi = expr_term(r, i->hi), in = r->z->yes;

    if (e->a->type.kind == IR_BOOL)
        return smt_same(r->z, x, lo);
    if (e->a->type.kind == IR_ADDR) {
        in =
            smt_same(r->z, smt_slice(r->z, x, 128, 1), smt_num(r->z, i->v6, 1));
        x = smt_slice(r->z, x, 0, 128);
        lo = smt_fit(r->z, smt_fit(r->z, lo, 128), 128);
        hi = smt_fit(r->z, smt_fit(r->z, hi, 128), 128);
    }
    if (i->lo == i->hi)
        return smt_and(r->z, in, smt_same(r->z, x, lo));
    in = smt_and(r->z, in, Z3_mk_bvuge(r->z->c, x, lo));
    return smt_and(r->z, in, Z3_mk_bvule(r->z->c, x, hi));
}

static term member_of(struct run *r, const struct ir_expr *e)
{
    term x = expr_term(r, e->a), any = r->z->no;
    const struct ir_item *i;

    LIST_EACH (i, &e->items)
        any = smt_or(r->z, any, item(r, e, x, i));
    return any;
}

term expr_term(struct run *r, const struct ir_expr *e)
{
    term a = r->kept ? row_kept(r, e) : NULL;

    if (!a)
        a = read_term(r, e);

    if (a)
        return a;
    if (e->op == IR_in)
        return member_of(r, e);
    if (e->op == IR_shl || e->op == IR_shr)
        return shift(r, e);
    if (e->op == IR_entry)
        return smt_fit(
            r->z,
            smt_apply(r->z, arena_fmt(r->scene->arena, "entry.%u", e->part),
                      smt_bits(r->z, 129), 1, &r->entry),
            e->type.kind == IR_NUM ? e->type.bits : ADDRESS_BITS);
    a = expr_term(r, e->a);
    switch (e->op) {
    case IR_not:
        return smt_not(r->z, a);
    case IR_land:
        return smt_and(r->z, a, expr_term(r, e->b));
    case IR_lor:
        return smt_or(r->z, a, expr_term(r, e->b));
    case IR_eq:
        return smt_same(r->z, a, expr_term(r, e->b));
    case IR_ne:
        return smt_differ(r->z, a, expr_term(r, e->b));
    case IR_compl:
        return Z3_mk_bvnot(r->z->c, a);
    case IR_cast:
        return smt_fit(r->z, a, e->type.bits);
    case IR_number:
        return smt_if(r->z, a, smt_num(r->z, 1, e->type.bits),
                      smt_num(r->z, 0, e->type.bits));
    case IR_address:
        return as_address(r, a, e->num != 0);
    default:
        return number_term(r, e->op, a, expr_term(r, e->b));
    }
}

term here_term(const struct scene *s, const struct ir_expr *e)
{
    struct run r = {.scene = s,
                    .z = s->z,
                    .field = s->arrived,
                    .edited = s->z->no,
                    .frame = s->frame};

    return expr_term(&r, e);
}

/* ---- arguments ---- */

static void add(struct terms *to, term t)
{
    if (to->n < sizeof(to->of) / sizeof(to->of[0]))
        to->of[to->n++] = t;
}

static void add_fields(struct run *r, struct terms *to)
{
    add(to, edits_bytes(r));
}

static void add_flow(struct run *r, struct terms *to)
{
    const struct scene *s = r->scene;

    for (unsigned i = 0; i < ROLE_N; i++)
        add(to, scene_tuple(s, &r->hops, row_place(r), i));
}

void expr_args(struct run *r, const struct ir_expr *e, struct terms *to)
{
    const struct ir_item *i;

    switch (e->op) {
    case IR_str:
    case IR_object: /* the same at one place always */
        return;
    case IR_flow:
        add_flow(r, to);
        return;
    case IR_packet:
    case IR_bytes:
        add_fields(r, to);
        return;
    case IR_words:
        LIST_EACH (i, &e->items)
            expr_args(r, i->lo, to);
        return;
    default:
        break;
    }
    if (e->type.kind == IR_OBJECT || e->type.kind == IR_STRING)
        return; /* the payload, of which the story tells; a parameter */
    add(to, expr_term(r, e));
}
