/* pass plan: what runs where, in which order, and how state lies in memory.
 * needs: ir, bindings   provides: plan   invalidates: nothing
 * Trivial so far: one stage per chain that runs every handler in turn. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/event.h"
#include "plan/layout.h"
#include "plan/share.h"
#include "unit.h"

struct look { /* what handlers contain */
    struct ir_visit visit;
    bool drops_flow, writes, chooses, refuses;
    bool several; /* reasons for which flows are dropped */
    const struct reason *why;
};

static void look_drop(struct look *l, const struct ir_stmt *s)
{
    l->several |= l->drops_flow && l->why != s->reason;
    l->drops_flow = true;
    l->why = s->reason;
}

static void look_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct look *l = (struct look *)v;

    if (s->op == IR_drop_flow)
        look_drop(l, s);
    l->writes |=
        s->op == IR_store_field || s->op == IR_encap || s->op == IR_decap;
    l->chooses |= s->op == IR_goto_flow;
    l->refuses |= s->op == IR_end_flow;
}

static void add_handlers(struct arena *a, struct plan_nf *n, struct look *l)
{
    const struct ir_handler *h;

    LIST_EACH (h, &n->ir->handlers) {
        struct plan_handler *p = ARENA_NEW(a, struct plan_handler);

        p->ir = h;
        LIST_ADD(&n->run[h->source->raiser], p);
        ir_walk_handler(&l->visit, h);
    }
}

static void add_reasons(struct arena *a, struct plan *plan, struct plan_nf *n)
{
    const struct reason *r;

    LIST_EACH (r, &n->ir->source->nf->reasons) {
        struct plan_reason *p = ARENA_NEW(a, struct plan_reason);

        p->source = r;
        p->nf = n;
        p->index = plan->n_reasons++;
        LIST_ADD(&n->reasons, p);
    }
}

static void add_nf(struct arena *a, struct plan *plan, struct plan_chain *c,
                   const struct ir_nf *ir)
{
    struct plan_nf *n = ARENA_NEW(a, struct plan_nf);
    struct look look = {.visit = {NULL, look_stmt}};
    bool rewrites = ir->source->nf->rewrites;

    n->ir = ir;
    n->position = ir->source->index;
    add_handlers(a, n, &look);
    add_reasons(a, plan, n);
    n->hop = rewrites ? (int)c->n_hops++ : -1;
    n->drop_slot = look.drops_flow ? (int)c->n_drop_slots++ : -1;
    n->drop_reason = look.several ? NULL : look.why;
    n->exit_slot = look.chooses ? (int)c->n_exit_slots++ : -1;
    c->writes |= look.writes || rewrites;
    c->ends |= n->run[RAISE_END].n > 0;
    c->judges |= n->run[RAISE_CONFIG].n > 0;
    c->stops |= n->run[RAISE_STOP].n > 0;
    c->refuses |= look.refuses;
    LIST_ADD(&c->nfs, n);
}

static struct plan_nf *nf_at(const struct plan_chain *c, unsigned position)
{
    struct plan_nf *n = c->nfs.first;

    while (n->position != position)
        n = n->next;
    return n;
}

static void add_step(struct plan_steps *to, struct plan_step *p, bool front)
{
    if (!front || !to->first) {
        LIST_ADD(to, p);
        return;
    }
    p->next = to->first;
    to->first = p;
    to->n++;
}

/* From the right side in reverse order, but an NF before its branches. */
static void add_steps(struct arena *a, const struct plan_chain *c,
                      const struct step *first, bool right, plan_steps *to)
{
    const struct step *st;
    const struct branch *br;

    for (st = first; st; st = st->next) {
        struct plan_step *p = ARENA_NEW(a, struct plan_step);

        p->nf = nf_at(c, st->at->index);
        p->fixed = st->fixed;
        LIST_EACH (br, &st->branches) {
            struct plan_branch *b = ARENA_NEW(a, struct plan_branch);

            b->exits = br->exits;
            b->out = br->out;
            add_steps(a, c, br->steps.first, right, &b->steps);
            LIST_ADD(&p->branches, b);
        }
        add_step(to, p, right);
    }
}

/* All NFs in one stage. */
static void add_stage(struct arena *a, struct plan_chain *c)
{
    struct plan_stage *s = ARENA_NEW(a, struct plan_stage);
    const struct chain *source = c->ir->source;

    add_steps(a, c, source->steps.first, false, &s->order[0]);
    if (source->two_way)
        add_steps(a, c, source->steps.first, true, &s->order[1]);
    LIST_ADD(&c->stages, s);
}

static void add_chain(const struct unit *u, struct plan *plan,
                      const struct ir_chain *ir)
{
    struct arena *a = u->arena;
    struct plan_chain *c = ARENA_NEW(a, struct plan_chain);
    const struct ir_nf *n;

    c->ir = ir;
    c->layout = PLAN_RTC;
    LIST_EACH (n, &ir->nfs)
        add_nf(a, plan, c, n);
    events_plan(a, c);
    add_stage(a, c);
    share_handlers(u, c);
    layout_vars(a, c);
    LIST_ADD(&plan->chains, c);
}

void pass_plan(struct unit *u)
{
    struct plan *p = ARENA_NEW(u->arena, struct plan);
    const struct ir_chain *c;

    p->ir = u->ir;
    LIST_EACH (c, &u->ir->chains)
        add_chain(u, p, c);
    fast_plan(u, p);
    u->plan = p;
}
