#include "plan/share.h"
#include "base/arena.h"
#include "base/diag.h"
#include "ir/walk.h"
#include "plan/act.h"
#include "plan/plan.h"
#include "sema/effect.h"
#include "unit.h"
#include <string.h>

/* ---- is it the same, and what has to be equal for that ---- */

struct flat { /* the expressions of a handler, in order of evaluation */
    struct ir_visit visit;
    struct arena *arena;
    LIST(struct flat_expr) all;
};

struct flat_expr {
    const struct ir_expr *e;
    struct flat_expr *next;
};

static void flatten(struct ir_visit *v, const struct ir_expr *e)
{
    struct flat *f = (struct flat *)v;
    struct flat_expr *x = ARENA_NEW(f->arena, struct flat_expr);

    x->e = e;
    LIST_ADD(&f->all, x);
}

static struct flat flat_of(struct arena *a, const struct ir_handler *h)
{
    struct flat f = {.visit = {flatten, NULL}, .arena = a};

    ir_walk_handler(&f.visit, h);
    return f;
}

static struct ir_expr *node(struct arena *a, enum ir_op op,
                            const struct ir_expr *x, const struct ir_expr *y)
{
    struct ir_expr *e = ARENA_NEW(a, struct ir_expr);

    e->op = op;
    e->type.kind = IR_BOOL;
    e->loc = x->loc;
    e->a = arena_dup(a, x, sizeof(*x));
    e->b = arena_dup(a, y, sizeof(*y));
    return e;
}

/* Two handlers of one source, at two places: false if they ask different things
 * there. What may be set from outside has to be equal when a packet comes:
 * *cond, or NULL. */
static bool same(struct arena *a, const struct ir_handler *x,
                 const struct ir_handler *y, struct ir_expr **cond)
{
    struct flat f = flat_of(a, x), g = flat_of(a, y);
    const struct flat_expr *i = f.all.first, *k = g.all.first;

    *cond = NULL;
    for (; i && k; i = i->next, k = k->next) {
        struct ir_expr *eq;

        if (i->e->op != k->e->op || i->e->num != k->e->num ||
            i->e->v6 != k->e->v6 || i->e->object || k->e->object)
            return false;
        if (!i->e->config)
            continue;
        if (i->e->type.kind > IR_ADDR)
            return false;
        eq = node(a, IR_eq, i->e, k->e);
        *cond = *cond ? node(a, IR_land, *cond, eq) : eq;
    }
    return !i && !k;
}

/* ---- does nothing in between change it ---- */

/* A function of the packet and the flow's tuple: it lets the packet pass, or
 * drops it. */
static bool pure(const struct unit *u, const struct handler *h)
{
    const struct effect *e = effect_of(u->effects, h);
    const struct effref *r;

    if (h->raiser != RAISE_PACKET || h->rules.n || e->chooses || e->emits.n ||
        e->writes.n || e->adds.n || e->removes.n || e->leases || e->rewrites)
        return false;
    LIST_EACH (r, &e->reads)
        if (r->var || (r->member && r->member->fn))
            return false;
    return true;
}

/* Of the NFs from `from` to `to` on the way of packets from a side, both of
 * which are looked at, too: handlers before and behind may change it. */
static bool undisturbed(const struct unit *u, const struct chain *c,
                        const struct plan_step *from, const struct plan_nf *to,
                        const struct handler *h, unsigned side)
{
    acts reads = acts_read(u, c, h, side);
    const struct plan_step *s;

    for (s = from; s; s = s->next) {
        acts between = acts_of(u, c, s->nf->ir->source, side);
        struct dep d;

        rule_pair(&between, &reads, &d);
        if (d.why[NEED_ORDER].first || d.why[NEED_COPY].first)
            return false;
        if (s->nf == to)
            return true;
    }
    return false;
}

/* ---- over a chain ---- */

static struct plan_handler *twin(struct plan_nf *n, const struct handler *h)
{
    struct plan_handler *p;

    LIST_EACH (p, &n->run[RAISE_PACKET])
        if (p->ir->source == h)
            return p;
    return NULL;
}

/* The first NF on the way that does what p does decides for all. */
static void share_one(const struct unit *u, struct plan_chain *c,
                      const struct plan_step *order, struct plan_nf *n,
                      struct plan_handler *p, unsigned side)
{
    const struct handler *h = p->ir->source;
    const struct chain *chain = c->ir->source;
    const struct plan_nf *first = NULL;
    const struct plan_step *s;

    for (s = order; s && s->nf != n; s = s->next) {
        const struct plan_handler *q = twin(s->nf, h);
        struct ir_expr *cond;

        if (!q || !same(u->arena, q->ir, p->ir, &cond))
            continue;
        first = first ? first : s->nf;
        if (undisturbed(u, chain, s, n, h, side)) {
            p->shares[side].with = s->nf;
            p->shares[side].cond = cond;
            return;
        }
    }
    if (first)
        diag_also(diag_remark(u->diags, n->ir->source->loc,
                              "'%s' asks again what '%s' asked, for packets "
                              "from '%s': it may change in between",
                              n->ir->source->name, first->ir->source->name,
                              chain->side[side]),
                  h->loc, "what it asks");
}

/* Of steps without exits between them: whoever passes one passes all. */
static void share_steps(const struct unit *u, struct plan_chain *c,
                        const struct plan_steps *steps, unsigned side)
{
    const struct plan_step *s, *begin = steps->first;
    const struct plan_branch *b;
    struct plan_handler *p;

    LIST_EACH (s, steps) {
        if (s->branches.first)
            begin = s->next;
        LIST_EACH (b, &s->branches)
            share_steps(u, c, &b->steps, side);
        if (s->branches.first)
            continue;
        LIST_EACH (p, &s->nf->run[RAISE_PACKET])
            if (pure(u, p->ir->source))
                share_one(u, c, begin, s->nf, p, side);
    }
}

void share_handlers(const struct unit *u, struct plan_chain *c)
{
    for (unsigned side = 0; side < 2; side++)
        share_steps(u, c, &c->stages.first->order[side], side);
}
