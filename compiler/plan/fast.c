#include "plan/fast.h"
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/binding.h"
#include "plan/plan.h"
#include "unit.h"

const char *const fast_mode_name[] = {
    [FAST_NONE] = "general",
    [FAST_STEPS] = "step by step",
    [FAST_MERGED] = "merged",
};

/* ---- what handlers do to bytes of a packet ---- */

struct touch {
    struct ir_visit visit;
    const struct plan *plan;
    bool writes;
    const struct ir_expr *reads; /* bytes that a translation changes; or NULL */
    const struct ir_stmt *stores;
    const struct ir_stmt *resizes;
    const struct ir_stmt *holds;
    unsigned size; /* of the code for one shape, roughly: in statements */
};

/* Do translations change it? They set what the tuple is made of, and then the
 * checksums. */
static bool translated(const struct plan *p, const struct field *f)
{
    const struct plan_shape *s;
    unsigned i;

    LIST_EACH (s, &p->shapes) {
        for (i = 0; i < ROLE_N; i++)
            if (s->role[i] == f && i != ROLE_PROTO)
                return true;
        for (i = 0; i < s->n_sums; i++)
            if (s->sum[i].sum->field == f)
                return true;
    }
    return false;
}

static void see_expr(struct ir_visit *v, const struct ir_expr *e)
{
    struct touch *t = (struct touch *)v;

    t->size += e->op == IR_bytes ? 60 : e->op == IR_get ? 4 : 1;
    if (!t->reads && (e->op == IR_bytes ||
                      (e->op == IR_field && translated(t->plan, e->field))))
        t->reads = e;
}

static unsigned size_of(const struct ir_stmt *s)
{
    switch (s->op) {
    case IR_encap:
    case IR_decap:
    case IR_make:
    case IR_sums_now:
        return 150;
    case IR_call: /* what the TCP monitor says is a bit of a word */
        return s->member->monitors ? 3 : 15;
    case IR_find:
    case IR_cell:
        return 15;
    default:
        return s->table ? 10 : 2;
    }
}

static void see_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct touch *t = (struct touch *)v;

    t->size += size_of(s);
    t->writes |= s->op == IR_store_field || s->op == IR_sums_now ||
                 (s->op == IR_call && s->member->edits);
    if (!t->stores && s->op == IR_store_field && translated(t->plan, s->field))
        t->stores = s;
    if (!t->holds && s->op == IR_call && s->member->holds)
        t->holds = s;
    if (!t->resizes && (s->op == IR_encap || s->op == IR_decap))
        t->resizes = s;
}

/* ---- conditions of handlers ---- */

struct changes { /* what handlers do to headers */
    struct ir_visit visit;
    const struct header *header;
    bool adds, resizes;
};

static void see_change(struct ir_visit *v, const struct ir_stmt *s)
{
    struct changes *c = (struct changes *)v;
    const struct tlayer *l;

    c->resizes |= s->op == IR_encap || s->op == IR_decap;
    if (s->op == IR_encap)
        LIST_EACH (l, &s->stack->layers)
            c->adds |= l->header == c->header;
}

struct doubts {
    struct ir_visit visit;
    const struct plan *plan;
    bool negates; /* it may hold because a header is not there */
    bool any;
};

/* May it be something else on the way than when the packet arrived? No NF can
 * store to what decides how packets are parsed. */
static void see_asked(struct ir_visit *v, const struct ir_expr *e)
{
    struct doubts *d = (struct doubts *)v;
    struct changes c = {.visit = {NULL, see_change}};
    const struct ir_chain *chain;
    const struct ir_nf *n;
    const struct ir_handler *h;

    if (e->op != IR_has && e->op != IR_field)
        return;
    c.header = e->op == IR_has ? e->header : e->field->header;
    LIST_EACH (chain, &d->plan->ir->chains)
        LIST_EACH (n, &chain->nfs)
            LIST_EACH (h, &n->handlers)
                ir_walk_handler(&c.visit, h);
    d->any |= c.adds ||
              (c.resizes && (e->op == IR_field || c.header->of || d->negates));
}

struct negates {
    struct ir_visit visit;
    bool any;
};

static void see_not(struct ir_visit *v, const struct ir_expr *e)
{
    ((struct negates *)v)->any |= e->op == IR_not;
}

/* May the handler run for packets of shapes for which it would not, had nothing
 * changed since they arrived? */
static bool in_doubt(const struct plan *p, const struct ir_handler *h)
{
    struct doubts d = {.visit = {see_asked, NULL}, .plan = p};
    struct negates n = {.visit = {see_not, NULL}};

    ir_walk_block(&n.visit, h->guard);
    ir_walk_expr(&n.visit, h->when);
    d.negates = n.any;
    ir_walk_block(&d.visit, h->guard);
    ir_walk_expr(&d.visit, h->when);
    return d.any;
}

/* For packets of how many shapes it may run. */
static unsigned shapes_of(const struct plan *p, const struct ir_handler *h)
{
    const struct plan_shape *s;
    unsigned n = 0;

    LIST_EACH (s, &p->shapes)
        n += shape_may_run(s, h);
    return n < p->shapes.n && in_doubt(p, h) ? p->shapes.n : n;
}

bool fast_may_run(const struct plan *p, const struct ir_handler *h)
{
    const struct plan_shape *s;

    if (!h->when)
        return true;
    LIST_EACH (s, &p->shapes)
        if (shape_may_run(s, h))
            return true;
    return in_doubt(p, h);
}

/* Do handlers of first packets run on the fast path? Where there are branches:
 * by which ways the packets of a flow will come is not known before. Else its
 * NFs have had their first packets. */
static bool firsts_too(const struct plan_chain *c)
{
    return c->ir->source->branches;
}

/* The handler may run for packets of a shape from that side. */
static bool may_run_from(const struct plan *p, const struct plan_chain *c,
                         unsigned side, const struct ir_handler *h)
{
    return fast_may_run(p, h) &&
           (h->source->from != FROM_SIDE ||
            handler_side(h->source, c->ir->source) == side);
}

/* size: of all shapes. */
static struct touch touch_of(const struct plan *p, const struct plan_chain *c,
                             unsigned side, unsigned *size)
{
    struct touch t = {.visit = {see_expr, see_stmt}, .plan = p};
    const struct plan_nf *n;
    const struct plan_handler *h;

    *size = 0;
    LIST_EACH (n, &c->nfs) {
        LIST_EACH (h, &n->run[RAISE_PACKET]) {
            if (!may_run_from(p, c, side, h->ir))
                continue;
            t.size = 0;
            row_walk_handler(&p->rows[side], &t.visit, h->ir);
            *size += t.size * shapes_of(p, h->ir);
        }
        t.size = 0;
        if (firsts_too(c))
            LIST_EACH (h, &n->run[RAISE_NEW])
                ir_walk_handler(&t.visit, h->ir);
        *size += t.size * p->shapes.n;
    }
    return t;
}

/* ---- what handlers do to the flow ---- */

struct rewrites {
    struct ir_visit visit;
    bool any;
};

static void see_rewrite(struct ir_visit *v, const struct ir_stmt *s)
{
    ((struct rewrites *)v)->any |= s->op == IR_call && s->member->rewrites;
}

/* Before FLOW/CONFIG its packet has left the fast path. */
static bool rewrites(const struct plan_chain *c)
{
    struct rewrites r = {.visit = {NULL, see_rewrite}};
    const struct plan_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->ir->handlers)
            if (h->source->raiser != RAISE_CONFIG &&
                (h->source->raiser != RAISE_NEW || firsts_too(c)))
                ir_walk_handler(&r.visit, h);
    return r.any;
}

/* ---- what ways have in common ---- */

static bool any_leaves(const plan_steps *steps)
{
    const struct plan_step *s;
    const struct plan_branch *b;

    LIST_EACH (s, steps)
        LIST_EACH (b, &s->branches)
            if (b->out || any_leaves(&b->steps))
                return true;
    return false;
}

/* Does each packet that leaves pass the same NFs that translate? */
static bool all_translated(const struct plan_chain *c)
{
    const plan_steps *steps = &c->stages.first->order[0];
    const struct plan_step *s;
    unsigned n = 0;

    LIST_EACH (s, steps)
        n += s->nf->hop >= 0;
    return n == c->n_hops && (!n || !any_leaves(steps));
}

/* ---- the decision ---- */

static uint64_t needs(const struct plan_chain *c)
{
    const struct plan_nf *n;
    uint64_t need = 0;

    LIST_EACH (n, &c->nfs)
        if (n->run[RAISE_NEW].n || plan_hears(n))
            need |= (uint64_t)1 << n->position;
    return firsts_too(c) ? 0 : need;
}

static struct plan_fast none(const char *why, struct loc loc)
{
    return (struct plan_fast){.mode = FAST_NONE, .why = why, .loc = loc};
}

static struct plan_fast by_steps(struct plan_fast f, const char *why,
                                 struct loc loc)
{
    f.mode = FAST_STEPS;
    f.sums = SUMS_COMPARED;
    f.why = why;
    f.loc = loc;
    return f;
}

static struct plan_fast decide(const struct unit *u, const struct plan *p,
                               const struct plan_chain *c, unsigned side)
{
    const struct chain *source = c->ir->source;
    struct plan_fast f = {.mode = FAST_MERGED, .need = needs(c)};
    bool restores; /* the monitor, bytes that came first */
    struct touch t;

    if (!u->consolidate)
        return none("--no-consolidate", source->loc);
    if (!p->shapes.n)
        return none("no packet of a known shape has a flow", source->loc);
    t = touch_of(p, c, side, &f.size);
    f.resizes = t.resizes;
    if (t.resizes)
        return by_steps(f, "headers are added or removed", t.resizes->loc);
    restores = source->monitors && source->tcp.in_line && source->tcp.unacked;
    if (t.writes || restores)
        f.sums = !source->branches && !restores && fast_writes_once(p, c, side)
                     ? SUMS_COUNTED
                     : SUMS_COMPARED;
    if (!c->n_hops)
        return f;
    f.rewrites = rewrites(c);
    if (t.reads)
        return by_steps(f, "bytes that translations change are read",
                        t.reads->loc);
    if (t.stores)
        return by_steps(f, "bytes that translations change are written",
                        t.stores->loc);
    if (t.holds)
        return by_steps(f, "packets wait as they are there", t.holds->loc);
    if (source->branches && !all_translated(c))
        return by_steps(f, "ways differ in who translates", source->loc);
    return f;
}

/* In chains that have flows. */
static unsigned stateless(const struct plan_chain *c, unsigned side)
{
    const struct plan_step *s = c->stages.first->order[side].first;
    unsigned n = 0;

    if (!c->ir->source->tracks)
        return 0;
    for (; s && !s->nf->ir->source->nf->needs_flow; s = s->next) {
        n++;
        if (s->branches.first)
            break;
    }
    return n;
}

void fast_plan(const struct unit *u, struct plan *p)
{
    struct plan_chain *c;

    if (u->consolidate)
        p->shapes = u->bindings->shapes;
    row_init(u, p);
    LIST_EACH (c, &p->chains)
        for (unsigned side = 0; side < 2; side++) {
            if (side && !c->ir->source->two_way)
                continue;
            row_plan(u, p, c, side);
            c->fast[side] = decide(u, p, c, side);
            c->fast[side].stateless = stateless(c, side);
            if (c->fast[side].mode == FAST_NONE)
                row_none(p, c, side);
        }
    LIST_EACH (c, &p->chains)
        c->calls = c->fast[0].size + c->fast[1].size > FAST_SIZE_MAX;
}

void fast_dump(const struct plan *p, const struct plan_chain *c, FILE *to)
{
    static const char *const sums[] = {
        [SUMS_NONE] = "\n",
        [SUMS_COUNTED] = ", checksums follow each store\n",
        [SUMS_COMPARED] = ", checksums by comparison\n",
    };
    const struct plan_shape *s;
    unsigned side;

    for (side = 0; side < (c->ir->source->two_way ? 2u : 1u); side++) {
        const struct plan_fast *f = &c->fast[side];

        fprintf(to, "  fast path from %s: %s", c->ir->source->side[side],
                fast_mode_name[f->mode]);
        if (f->why)
            fprintf(to, " (line %u: %s)", loc_linecol(f->loc).line, f->why);
        fputs(sums[f->sums], to);
        if (f->stateless)
            fprintf(to,
                    "    the first %u need no flow: behind the look-up, which "
                    "they do not save\n",
                    f->stateless);
        row_dump(&c->row[side], to);
    }
    if (c->calls)
        fputs("  handlers are called there, not inlined\n", to);
    if (c->fast[0].mode == FAST_NONE && c->fast[1].mode == FAST_NONE)
        return;
    LIST_EACH (s, &p->shapes)
        fprintf(to, "  shape %u: %s\n", s->number, s->text);
}
