/* From NF to NF in a chain with branches: by its steps, as LANGUAGE.md, section
 * 4, says, and by those of the plan. A packet is where `passes` holds; what
 * NFs do elsewhere is done to nobody. */
#include "base/arena.h"
#include "ir/walk.h"
#include "verify/scene.h"

enum { EXIT_BITS = 8 };

/* ---- which exit ---- */

static term exit_num(struct run *r, unsigned number)
{
    return smt_num(r->z, number, EXIT_BITS);
}

struct chooses {
    struct ir_visit visit;
    bool any;
};

static void see_choice(struct ir_visit *v, const struct ir_stmt *s)
{
    ((struct chooses *)v)->any |= s->op == IR_goto_flow;
}

bool ways_told(const struct plan_nf *n)
{
    struct chooses c = {{NULL, see_choice}, false};
    const struct ir_handler *h;

    LIST_EACH (h, &n->ir->handlers)
        if (h->source->raiser == RAISE_EMIT || h->source->raiser == RAISE_RULE)
            ir_walk_handler(&c.visit, h);
    return c.any;
}

static void know(struct scene *s, term fact)
{
    s->known = smt_and(s->z, s->known, fact);
}

/* Handlers of first packets choose, those of later ones, or of events. */
static void know_exit(struct scene *s, const struct plan_nf *n)
{
    unsigned at = n->position, most = n->ir->source->nf->exits.n;
    term none = smt_same(s->z, s->exit[at], smt_num(s->z, 0, EXIT_BITS));

    know(s, Z3_mk_bvule(s->z->c, s->exit[at], smt_num(s->z, most, EXIT_BITS)));
    know(s, smt_or(s->z, smt_not(s->z, s->settled[at]), none));
    if (n->run[RAISE_NEW].n && !ways_told(n))
        know(s, smt_or(s->z, s->seen[at], none));
}

void ways_scene(struct scene *s)
{
    const struct plan_nf *n;

    s->exit = arena_alloc(s->arena, (s->chain->nfs.n + 1) * sizeof(term));
    s->settled = arena_alloc(s->arena, (s->chain->nfs.n + 1) * sizeof(term));
    LIST_EACH (n, &s->chain->nfs) {
        const char *name = n->ir->source->name;
        unsigned at = n->position;

        s->exit[at] = smt_num(s->z, 0, EXIT_BITS);
        s->settled[at] = s->z->no;
        if (n->exit_slot < 0)
            continue;
        s->exit[at] = smt_any(s->z, arena_fmt(s->arena, "%s.exit", name),
                              smt_bits(s->z, EXIT_BITS));
        s->settled[at] = smt_any(s->z, arena_fmt(s->arena, "%s.settled", name),
                                 smt_bool(s->z));
        know_exit(s, n);
    }
}

void ways_choose(struct run *r, unsigned number, bool flow, term when)
{
    unsigned at = r->nf->position;
    term *exit = flow ? &r->exits[at] : &r->exit;

    if (flow)
        when = smt_and(r->z, when, smt_not(r->z, r->settled[at]));
    *exit = smt_if(r->z, when, exit_num(r, number), *exit);
}

void ways_enter(struct run *r)
{
    r->exit = exit_num(r, 0);
}

void ways_tell(struct run *r, term exit)
{
    unsigned at = r->nf->position;
    term may = smt_and(r->z, r->passes, smt_not(r->z, r->settled[at]));

    r->exits[at] = smt_if(r->z, may, exit, r->exits[at]);
}

/* Of a packet that was at the NF at this position: by the language, or by the
 * plan. In a two-way chain packets choose none for themselves. */
static term exit_at(const struct run *r, unsigned at)
{
    const struct scene *s = r->scene;
    struct smt *z = r->z;
    const term *of_flow = r->exits;

    if (r->plans && s->wrong == WRONG_EXIT)
        of_flow = s->exit;
    if (s->chain->ir->source->two_way)
        return of_flow[at];
    return smt_if(z, smt_same(z, r->exit, smt_num(z, 0, EXIT_BITS)),
                  of_flow[at], r->exit);
}

static term taken(struct run *r, term exit, uint32_t exits)
{
    term any = r->z->no;

    for (unsigned i = 0; i < 32; i++)
        if (exits >> i & 1)
            any = smt_or(r->z, any, smt_same(r->z, exit, exit_num(r, i)));
    return any;
}

/* As no exit was chosen till now, none ever is. */
static void settle(struct run *r, unsigned at, bool fixed)
{
    term none = smt_same(r->z, r->exits[at], exit_num(r, 0));

    if (fixed)
        r->settled[at] =
            smt_or(r->z, r->settled[at], smt_and(r->z, r->passes, none));
}

/* ---- as the language says ---- */

static const struct plan_nf *nf_of(const struct run *r, const struct step *s)
{
    const struct plan_nf *n = r->scene->chain->nfs.first;

    while (n->ir->source != s->at)
        n = n->next;
    return n;
}

/* Step number i of those in the order of flows from a side. */
static const struct step *nth(const struct steps *all, unsigned side,
                              unsigned i)
{
    const struct step *s = all->first;

    for (unsigned k = side == 0 ? i : all->n - 1 - i; k > 0; k--)
        s = s->next;
    return s;
}

static void law_forward(struct run *r, const struct steps *all, term *out)
{
    for (unsigned i = 0; i < all->n; i++) {
        const struct step *s = nth(all, r->scene->side, i);
        const struct branch *b;
        term here, exit, behind = r->z->no;

        course_step(r, nf_of(r, s));
        if (!s->branches.n)
            continue;
        here = r->passes;
        exit = exit_at(r, s->at->index);
        LIST_EACH (b, &s->branches) {
            term *to = b->out ? out : &behind;

            r->passes = smt_and(r->z, here, taken(r, exit, b->exits));
            law_forward(r, &b->steps, out);
            *to = smt_or(r->z, *to, r->passes);
        }
        r->passes = behind;
    }
}

/* Do packets of the flow leave in one of the branches of s? */
static term law_leaves(struct run *r, const struct step *s)
{
    const struct branch *b;
    term any = r->z->no;

    LIST_EACH (b, &s->branches) {
        term in = b->out ? r->z->yes : r->z->no;

        for (unsigned i = 0; i < b->steps.n; i++)
            in = smt_or(r->z, in, law_leaves(r, nth(&b->steps, 0, i)));
        any = smt_or(
            r->z, any,
            smt_and(r->z, in, taken(r, exit_at(r, s->at->index), b->exits)));
    }
    return any;
}

static void law_backward(struct run *r, const struct steps *all)
{
    unsigned opener = 1 - r->scene->side, i;
    term start = r->passes, *from;

    /* where the flow left first, or at the last step, its answers come in */
    from = arena_alloc(r->scene->arena, (all->n + 1) * sizeof(term));
    for (i = 0; i < all->n; i++) {
        from[i] = start;
        if (i + 1 < all->n) {
            term leaves = law_leaves(r, nth(all, opener, i));

            from[i] = smt_and(r->z, start, leaves);
            start = smt_and(r->z, start, smt_not(r->z, leaves));
        }
    }
    if (all->n)
        r->passes = r->z->no;
    while (i-- > 0) {
        const struct step *s = nth(all, opener, i);
        const struct branch *b;
        term here, exit, behind = r->z->no;

        r->passes = here = smt_or(r->z, r->passes, from[i]);
        if (s->branches.n) {
            settle(r, s->at->index, s->fixed);
            exit = exit_at(r, s->at->index);
            LIST_EACH (b, &s->branches) {
                r->passes = smt_and(r->z, here, taken(r, exit, b->exits));
                law_backward(r, &b->steps);
                behind = smt_or(r->z, behind, r->passes);
            }
            r->passes = behind;
        }
        course_step(r, nf_of(r, s));
    }
}

void ways_law(struct run *r)
{
    const struct chain *c = r->scene->chain->ir->source;
    term out = r->z->no;

    if (c->two_way && r->scene->back)
        law_backward(r, &c->steps);
    else
        law_forward(r, &c->steps, &out);
    r->passes = smt_or(r->z, r->passes, out);
}

/* ---- as the plan does ---- */

static void plan_forward(struct run *r, const plan_steps *steps, term *out)
{
    const struct plan_step *s;
    const struct plan_branch *b;

    LIST_EACH (s, steps) {
        term here, exit, behind = r->z->no;

        course_step(r, s->nf);
        if (!s->branches.first)
            continue;
        here = r->passes;
        exit = exit_at(r, s->nf->position);
        LIST_EACH (b, &s->branches) {
            term *to = b->out ? out : &behind;

            r->passes = smt_and(r->z, here, taken(r, exit, b->exits));
            plan_forward(r, &b->steps, out);
            *to = smt_or(r->z, *to, r->passes);
        }
        r->passes = behind;
    }
}

static term plan_leaves(struct run *r, const struct plan_step *s)
{
    const struct plan_branch *b;
    const struct plan_step *i;
    term any = r->z->no;

    LIST_EACH (b, &s->branches) {
        term in = b->out ? r->z->yes : r->z->no;

        LIST_EACH (i, &b->steps)
            in = smt_or(r->z, in, plan_leaves(r, i));
        any = smt_or(
            r->z, any,
            smt_and(r->z, in, taken(r, exit_at(r, s->nf->position), b->exits)));
    }
    return any;
}

static void plan_backward(struct run *r, const struct plan_step *s)
{
    const struct plan_branch *b;
    term leaves, here, exit, behind = r->z->no;

    if (!s)
        return;
    leaves = s->next ? plan_leaves(r, s) : r->z->no;
    here = smt_and(r->z, r->passes, leaves);
    r->passes = smt_and(r->z, r->passes, smt_not(r->z, leaves));
    plan_backward(r, s->next);
    r->passes = here = smt_or(r->z, r->passes, here);
    if (s->branches.first) {
        settle(r, s->nf->position, s->fixed && s->nf->exit_slot >= 0);
        exit = exit_at(r, s->nf->position);
        LIST_EACH (b, &s->branches) {
            r->passes = smt_and(r->z, here, taken(r, exit, b->exits));
            plan_backward(r, b->steps.first);
            behind = smt_or(r->z, behind, r->passes);
        }
        r->passes = behind;
    }
    course_step(r, s->nf);
}

void ways_plan(struct run *r)
{
    const struct scene *s = r->scene;
    const struct plan_stage *stage = s->chain->stages.first;
    term out = r->z->no;

    if (s->chain->ir->source->two_way && s->back)
        plan_backward(r, stage->order[1 - s->side].first);
    else
        plan_forward(r, &stage->order[s->side], &out);
    r->passes = smt_or(r->z, r->passes, out);
}
