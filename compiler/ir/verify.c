/* Is the IR well-formed? Types of operands, and that a local is made before it
 * is read. What fails here is a mistake of the compiler. */
#include "ir/ir.h"
#include "base/mem.h"
#include "ir/walk.h"
#include <stdlib.h>

struct check {
    struct ir_visit visit;
    const struct ir_handler *handler;
    bool *made; /* locals, by index */
};

static const char *const operands[IR_OP_N] = {
#define EXPR(name, operands, result) [IR_##name] = operands,
#define STMT(name)                   [IR_##name] = "--",
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
};

static const char results[IR_OP_N] = {
#define EXPR(name, operands, result) [IR_##name] = result,
#define STMT(name)                   [IR_##name] = '-',
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
};

static _Noreturn void broken(enum ir_op op, struct loc at, const char *what)
{
    fprintf(stderr, "nflc: internal error: %s of %s at %s:%u\n", what,
            ir_op_name[op], at.src ? at.src->path : "?",
            at.src ? loc_linecol(at).line : 0);
    abort();
}

static bool fits(char want, struct ir_type t)
{
    switch (want) {
    case 'n':
    case 'm':
        return t.kind == IR_NUM && t.bits >= 1 && t.bits <= 128;
    case 'b':
        return t.kind == IR_BOOL;
    case 'a':
        return t.kind == IR_ADDR;
    case 't':
        return t.kind == IR_BOOL || t.kind == IR_ADDR ||
               (t.kind == IR_NUM && t.bits >= 1 && t.bits <= 128);
    case 'v':
        return t.kind == IR_STRING || fits('t', t);
    case 'x':
        return t.kind == IR_OBJECT || fits('t', t);
    case 's':
        return t.kind == IR_STRING;
    case 'w':
        return t.kind == IR_WORDS;
    case 'o':
        return t.kind == IR_OBJECT;
    default:
        return false;
    }
}

static bool same(struct ir_type a, struct ir_type b)
{
    return a.kind == b.kind && (a.kind != IR_NUM || a.bits == b.bits);
}

static void check_operand(const struct ir_expr *e, char want,
                          const struct ir_expr *operand)
{
    if (want == '-' ? operand != NULL : !operand || !fits(want, operand->type))
        broken(e->op, e->loc, "an operand");
}

static bool is_shift(enum ir_op op)
{
    return op == IR_shl || op == IR_shr;
}

/* What the kind of the node must name. */
static void check_names(const struct check *c, const struct ir_expr *e)
{
    bool ok = true;

    if (e->op == IR_local)
        ok = e->local && c->made && c->made[e->local->index];
    else if (e->op == IR_flow_var || e->op == IR_shared_var ||
             e->op == IR_atomic_var)
        ok = e->var != NULL;
    else if (e->op == IR_field || e->op == IR_here)
        ok = e->field && (e->op == IR_here) == !c->handler;
    else if (e->op == IR_has || e->op == IR_bytes)
        ok = e->header != NULL;
    else if (e->op == IR_get)
        ok = e->member != NULL;
    else if (e->op == IR_entry)
        ok = c->handler != NULL;
    else if (e->op == IR_object)
        ok = e->object != NULL;
    else if (e->op == IR_config)
        ok = e->config != NULL;
    else if (e->op == IR_in || e->op == IR_words)
        ok = e->items.n > 0;
    if (!ok)
        broken(e->op, e->loc, "the name");
}

static void check_expr(struct ir_visit *v, const struct ir_expr *e)
{
    const struct check *c = (const struct check *)v;
    const char *want = operands[e->op];
    const struct ir_item *i;

    check_operand(e, want[0], e->a);
    check_operand(e, want[1], e->b);
    if (!fits(results[e->op], e->type))
        broken(e->op, e->loc, "the result");
    if (results[e->op] == 'm' && !same(e->type, e->a->type))
        broken(e->op, e->loc, "the width of the result");
    if (e->b && !is_shift(e->op) && !same(e->a->type, e->b->type))
        broken(e->op, e->loc, "the width of an operand");
    LIST_EACH (i, &e->items)
        if (e->a && e->a->type.kind == IR_NUM &&
            (!same(i->lo->type, e->a->type) || !same(i->hi->type, e->a->type)))
            broken(e->op, e->loc, "an item");
    check_names(c, e);
}

static void check_value(const struct ir_stmt *s, struct ir_type want)
{
    if (!s->value || !same(s->value->type, want))
        broken(s->op, s->loc, "the value");
}

static void check_local(const struct check *c, const struct ir_stmt *s)
{
    if (!s->local)
        broken(s->op, s->loc, "the local");
    if (s->op == IR_set && !c->made[s->local->index])
        broken(s->op, s->loc, "the local");
    c->made[s->local->index] = true;
    check_value(s, s->local->type);
}

static const struct ir_expr *part_at(const ir_exprs *list, unsigned i)
{
    const struct ir_expr *e = list->first;

    while (e && i-- > 0)
        e = e->next;
    return e;
}

/* a are parts of b, from the first-th on. */
static bool fits_parts(const ir_exprs *a, const ir_exprs *b, unsigned first)
{
    const struct ir_expr *x = a->first, *y = part_at(b, first);

    for (; x && y; x = x->next, y = y->next)
        if (!same(x->type, y->type))
            return false;
    return !x;
}

static bool fits_whole(const ir_exprs *a, const ir_exprs *b)
{
    return a->n == b->n && fits_parts(a, b, 0);
}

static bool may_fail(const struct ir_stmt *s)
{
    if (s->op == IR_table_read)
        return true;
    return s->table->var->table->full == FULL_REFUSE &&
           (s->op == IR_table_set || s->op == IR_table_update);
}

static void check_update(const struct ir_stmt *s)
{
    const struct ir_expr *part = part_at(&s->table->value, s->part);

    if (s->value ? !part || !same(part->type, s->value->type)
                 : !fits_parts(&s->values, &s->table->value, s->part))
        broken(s->op, s->loc, "the value");
}

/* An access to a table. */
static void check_access(const struct check *c, const struct ir_stmt *s)
{
    if (!s->table || !fits_whole(&s->args, &s->table->key))
        broken(s->op, s->loc, "the key");
    if (s->op == IR_table_has)
        c->made[s->local->index] = true;
    if (s->op == IR_table_set && !fits_whole(&s->values, &s->table->value))
        broken(s->op, s->loc, "the value");
    if (s->op == IR_table_update)
        check_update(s);
    if (may_fail(s) != (s->other != NULL))
        broken(s->op, s->loc, "the alternative");
}

static void check_cell(const struct ir_stmt *s)
{
    bool refuses = s->table && s->table->var->table->full == FULL_REFUSE;

    if (!s->member || !s->table == !s->var)
        broken(s->op, s->loc, "the cell");
    if (s->table && !fits_whole(&s->args, &s->table->key))
        broken(s->op, s->loc, "the key");
    if ((refuses || s->member->fails) != (s->other != NULL))
        broken(s->op, s->loc, "the alternative");
}

static void check_results(const struct check *c, const struct ir_stmt *s)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results) {
        c->made[r->local->index] = true;
        if (r->other && !same(r->other->type, r->local->type))
            broken(s->op, s->loc, "the result");
    }
}

/* Each field that is set has a value of its width. */
static bool check_stack(const struct ir_stmt *s)
{
    const struct ir_expr *v = s->values.first;
    const struct tlayer *l;
    const struct tset *set;

    LIST_EACH (l, &s->stack->layers)
        LIST_EACH (set, &l->sets) {
            if (!v ||
                !same(v->type, (struct ir_type){IR_NUM, set->field->bits}))
                return false;
            v = v->next;
        }
    if (s->stack->up && (!v || v->type.kind != IR_NUM))
        return false;
    return (s->stack->up ? !v->next : !v) &&
           (s->stack->layers.n > 0 || (s->op == IR_make && s->value));
}

static void check_find(const struct check *c, const struct ir_stmt *s)
{
    if (!s->member || !s->self || !s->other == (s->op == IR_find))
        broken(s->op, s->loc, "the function");
    if (s->op == IR_find_has)
        c->made[s->local->index] = true;
    check_results(c, s);
}

static void check_goto(const struct ir_stmt *s, enum raiser raiser)
{
    bool may = s->op == IR_goto
                   ? raiser_has_packet(raiser)
                   : !raiser_closes(raiser) && raiser != RAISE_TIMER;

    if (s->part < 1 || s->part > EXITS_MAX || !may)
        broken(s->op, s->loc, "the exit");
}

/* dispatch */
static void check_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    const struct check *c = (const struct check *)v;
    enum raiser raiser = c->handler->source->raiser;
    bool packet = raiser_has_packet(raiser);

    switch (s->op) {
    case IR_let:
    case IR_set:
        check_local(c, s);
        break;
    case IR_store_field:
        if (!packet)
            broken(s->op, s->loc, "the place");
        check_value(s, (struct ir_type){IR_NUM, s->field->bits});
        break;
    case IR_store_flow:
    case IR_store_shared:
    case IR_update_atomic:
        if (!s->var || !s->value)
            broken(s->op, s->loc, "the variable");
        break;
    case IR_if:
        check_value(s, (struct ir_type){IR_BOOL, 1});
        break;
    case IR_drop:
    case IR_drop_flow:
        if ((!s->reason && s->op != IR_drop) ||
            !(packet || (s->op == IR_drop_flow && raiser_drops_flow(raiser))))
            broken(s->op, s->loc, "the place");
        break;
    case IR_end_flow:
        if (raiser != RAISE_NEW)
            broken(s->op, s->loc, "the place");
        break;
    case IR_return:
        break;
    case IR_sums_now:
        if (!packet)
            broken(s->op, s->loc, "the place");
        break;
    case IR_emit:
        if (!s->event || s->event->raiser != RAISE_EMIT)
            broken(s->op, s->loc, "the event");
        break;
    case IR_goto:
    case IR_goto_flow:
        check_goto(s, raiser);
        break;
    case IR_call:
        if (!s->member || !s->self != s->member->object->plain ||
            s->member->fails != (s->other != NULL))
            broken(s->op, s->loc, "the function");
        check_results(c, s);
        break;
    case IR_find_has:
    case IR_find:
        check_find(c, s);
        break;
    case IR_cell:
        check_cell(s);
        check_results(c, s);
        break;
    case IR_encap:
    case IR_decap:
        if (!packet || !s->other || !check_stack(s))
            broken(s->op, s->loc, "the headers");
        break;
    case IR_make:
        if (!packet || s->other || !s->most || !check_stack(s))
            broken(s->op, s->loc, "the headers");
        break;
    case IR_table_has:
    case IR_table_read:
    case IR_table_set:
    case IR_table_update:
    case IR_table_remove:
        check_access(c, s);
        check_results(c, s);
        break;
    default:
        broken(s->op, s->loc, "the kind");
    }
}

static void check_handler(const struct ir_handler *h)
{
    struct check c = {{check_expr, check_stmt}, h, NULL};
    const struct ir_local *l;

    c.made = mem_zeroed(h->locals.n + 1, sizeof(*c.made));
    LIST_EACH (l, &h->locals)
        c.made[l->index] = l->param != NULL;
    ir_walk_handler(&c.visit, h);
    free(c.made);
}

static void check_header(const struct ir_header *h)
{
    struct check c = {{check_expr, NULL}, NULL, NULL};
    const struct ir_given *g;
    const struct ir_optional *o;

    ir_walk_expr(&c.visit, h->size);
    ir_walk_expr(&c.visit, h->end);
    ir_walk_expr(&c.visit, h->valid);
    ir_walk_expr(&c.visit, h->select_if);
    LIST_EACH (o, &h->optional) {
        ir_walk_expr(&c.visit, o->cond);
        ir_walk_expr(&c.visit, o->off);
    }
    LIST_EACH (g, &h->given)
        ir_walk_expr(&c.visit, g->cond);
}

void ir_verify(const struct ir *ir)
{
    const struct ir_header *h;
    const struct ir_chain *c;
    const struct ir_nf *n;
    const struct ir_handler *k;

    LIST_EACH (h, &ir->headers)
        check_header(h);
    LIST_EACH (c, &ir->chains) {
        if (c->filter)
            check_handler(c->filter);
        LIST_EACH (n, &c->nfs)
            LIST_EACH (k, &n->handlers)
                check_handler(k);
    }
}
