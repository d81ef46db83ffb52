/* Which shapes there are. */
#include "plan/shape.h"
#include "base/arena.h"
#include "ir/walk.h"

/* ---- what chains ask for ---- */

struct asked {
    struct ir_visit visit;
    bool *is; /* by index of the header */
};

/* A tag: it says nothing of the flow, and carries no packet of its own. */
static bool is_tag(const struct header *h)
{
    return !h->given.n && !h->tunnel && !h->checksums.n && !h->of;
}

static void ask(const struct asked *a, const struct header *h)
{
    a->is[h->index] = is_tag(h);
}

static void ask_expr(struct ir_visit *v, const struct ir_expr *e)
{
    if (e->op == IR_field)
        ask((struct asked *)v, e->field->header);
    if (e->op == IR_has || e->op == IR_bytes)
        ask((struct asked *)v, e->header);
}

static void ask_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    const struct tlayer *l;

    if (s->op == IR_store_field)
        ask((struct asked *)v, s->field->header);
    if (s->op == IR_decap)
        LIST_EACH (l, &s->stack->layers)
            ask((struct asked *)v, l->header);
}

/* By index of the header: is it a tag that handlers of packets ask for? */
static bool *asked_for(struct arena *a, const struct ir *ir)
{
    struct asked all = {.visit = {ask_expr, ask_stmt}};
    const struct ir_chain *c;
    const struct ir_nf *n;
    const struct ir_handler *h;

    all.is = arena_alloc(a, ir->tree->headers.n + 1);
    LIST_EACH (c, &ir->chains)
        LIST_EACH (n, &c->nfs)
            LIST_EACH (h, &n->handlers)
                if (h->source->raiser == RAISE_PACKET)
                    ir_walk_handler(&all.visit, h);
    return all.is;
}

/* ---- finding them ---- */

struct search {
    struct arena *arena;
    bool *asked; /* by index: headers that a longer stack must have, one of
                    them; NULL: any stack will do */
    const struct ir *ir;
    plan_shapes found;
    struct plan_shape path; /* so far */
    unsigned bytes;         /* of its headers */
    unsigned depth;         /* of those that are looked for */
};

/* One that finds no room is only not known. */
static void add_fact(struct search *s, const struct field *f, num_t value)
{
    struct plan_shape *p = &s->path;

    if (p->n_facts < SHAPE_FACTS)
        p->fact[p->n_facts++] = (struct shape_fact){f, value};
}

/* What follows from the condition being so. */
static void learn(struct search *s, const struct ir_expr *e, bool so)
{
    if (!e)
        return;
    if (e->op == (so ? IR_land : IR_lor)) {
        learn(s, e->a, so);
        learn(s, e->b, so);
    } else if (e->op == (so ? IR_eq : IR_ne) && e->a->op == IR_here &&
               ir_is_const(e->b)) {
        add_fact(s, e->a->field, e->b->num);
    }
}

/* False if h may give more, or less, to the tuple than its roles. */
static bool take_roles(struct search *s, const struct ir_header *h)
{
    const struct ir_given *g;

    LIST_EACH (g, &h->given) {
        if (g->source->none && g->cond) {
            learn(s, g->cond, false);
            continue;
        }
        if (g->source->none || g->cond)
            return false;
        for (unsigned i = 0; i < ROLE_N; i++) {
            const struct field *f = g->source->field[i];

            if (!f)
                continue;
            if (i != ROLE_PROTO &&
                (f->bit_off % 16 || f->bits % 16 || s->bytes % 2))
                return false;
            s->path.role[i] = f;
            s->path.role_in[i] = s->path.n;
        }
    }
    return true;
}

static bool take_sums(struct search *s, const struct header *h)
{
    struct plan_shape *p = &s->path;
    const struct checksum *c;

    LIST_EACH (c, &h->checksums) {
        if (c->field->cond || c->field->bit_off % 16 || s->bytes % 2 ||
            p->n_sums == SHAPE_SUMS)
            return false;
        p->sum[p->n_sums++] =
            (struct shape_sum){c, p->n, s->bytes + c->field->bit_off / 8};
    }
    return true;
}

/* One that has something behind it is as long as its fixed fields. */
static bool take_size(struct search *s, const struct header *h)
{
    num_t value;

    if (!h->size)
        return true;
    if (!h->size_by.known || !h->size_by.field ||
        !linear_solve(&h->size_by, h->fixed_bytes, &value))
        return false;
    add_fact(s, h->size_by.field, value);
    return true;
}

static bool all_roles(const struct plan_shape *p)
{
    for (unsigned i = 0; i < ROLE_N; i++)
        if (!p->role[i])
            return false;
    return true;
}

static bool is_wanted(const struct search *s)
{
    for (unsigned i = 0; s->asked && i < s->path.n; i++)
        if (s->asked[s->path.header[i]->index])
            return true;
    return !s->asked;
}

static void found(struct search *s)
{
    struct plan_shape *p;

    if (s->found.n == SHAPES_MAX || !is_wanted(s))
        return;
    p = arena_dup(s->arena, &s->path, sizeof(*p));
    p->number = s->found.n + 1;
    p->next = NULL;
    for (unsigned i = 0; i < p->n; i++)
        p->text =
            i ? arena_fmt(s->arena, "%s / %s", p->text, p->header[i]->name)
              : p->header[i]->name;
    LIST_ADD(&s->found, p);
}

static void extend(struct search *s, const struct header *h);

/* How h follows the parent, by a value of its selector; NULL: it does not. One
 * that does by several values says nothing of them: *one is false. */
static const struct after *follows(const struct header *h,
                                   const struct header *parent, bool *one)
{
    const struct after *a, *first = NULL;

    *one = true;
    LIST_EACH (a, &h->after) {
        if (a->parent != parent)
            continue;
        *one = !first && !a->range;
        first = first ? first : a;
    }
    return first;
}

/* Those that may follow h. */
static void go_on(struct search *s, const struct ir_header *h)
{
    const struct header *parent =
        h->source->select ? h->source->select_as : h->source;
    const struct plan_shape path = s->path;
    const struct header *child;
    const struct after *a;
    unsigned bytes = s->bytes;
    bool one;

    LIST_EACH (child, &s->ir->tree->headers) {
        a = child->of ? NULL : follows(child, parent, &one);
        if (!a)
            continue;
        learn(s, h->select_if, true);
        if (h->source->select && one)
            add_fact(s, h->source->select, a->value);
        extend(s, child);
        s->path = path;
        s->bytes = bytes;
    }
}

static const struct ir_header *ir_of(const struct ir *ir,
                                     const struct header *h)
{
    const struct ir_header *i = ir->headers.first;

    while (i->source != h)
        i = i->next;
    return i;
}

static void extend(struct search *s, const struct header *h)
{
    const struct ir_header *i = ir_of(s->ir, h);
    unsigned at = s->bytes;

    if (shape_has(&s->path, h) || s->path.n == SHAPE_HEADERS ||
        !take_roles(s, i) || !take_sums(s, h))
        return;
    learn(s, i->valid, true);
    s->path.header[s->path.n] = h;
    s->path.at[s->path.n++] = at;
    if (all_roles(&s->path)) {
        if (s->path.n == s->depth)
            found(s);
        return;
    }
    if (s->path.n == s->depth || !take_size(s, h))
        return;
    s->bytes += h->fixed_bytes;
    go_on(s, i);
}

static void find(struct search *s)
{
    const struct header *h;

    LIST_EACH (h, &s->ir->tree->headers)
        if (h->first) {
            s->path = (struct plan_shape){0};
            s->bytes = 0;
            extend(s, h);
        }
}

/* Longer ones with tags that chains ask for, as no shorter one has: packets
 * that arrive at their ports are likely to have them. */
static void find_longer(struct search *s)
{
    const struct plan_shape *p;

    s->asked = asked_for(s->arena, s->ir);
    LIST_EACH (p, &s->found)
        for (unsigned i = 0; i < p->n; i++)
            s->asked[p->header[i]->index] = false;
    for (; s->depth <= SHAPE_HEADERS; s->depth++)
        find(s);
}

plan_shapes shapes_find(struct arena *a, const struct ir *ir)
{
    struct search s = {.arena = a, .ir = ir};

    for (s.depth = 1; s.depth <= SHAPE_HEADERS && !s.found.n; s.depth++)
        find(&s);
    if (s.found.n)
        find_longer(&s);
    return s.found;
}
