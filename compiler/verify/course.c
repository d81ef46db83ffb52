/* A packet's way past the NFs of a chain: as LANGUAGE.md, section 4, says, and
 * as the plan does. */
#include "base/arena.h"
#include "verify/scene.h"

/* ---- a visit ---- */

static term *drop_slot(struct run *r)
{
    return &r->dropped[r->nf->position];
}

/* The flow was dropped here before. */
static void leave_dropped(struct run *r)
{
    unsigned at = r->nf->position;
    term now;

    if (!*drop_slot(r))
        return;
    now = smt_and(r->z, r->passes, *drop_slot(r));
    r->reason = smt_if(r->z, now, r->drop_reason[at], r->reason);
    r->passes = smt_and(r->z, r->passes, smt_not(r->z, *drop_slot(r)));
}

static term unknown(struct run *r, const char *what, unsigned i, sort of,
                    term old)
{
    term args[] = {r->story, old};

    return smt_apply(r->z,
                     arena_fmt(r->scene->arena, "due.%s.%u at %s", what, i,
                               r->nf->ir->source->name),
                     of, 2, args);
}

struct written {
    struct ir_visit visit;
    const struct var *var;
    bool any;
};

static void see_written(struct ir_visit *v, const struct ir_stmt *s)
{
    struct written *w = (struct written *)v;
    const struct var *n = s->var;

    w->any |= (s->op == IR_store_flow || s->op == IR_store_shared ||
               s->op == IR_update_atomic) &&
              s->var == w->var;
    if (s->op == IR_cell && !s->table)
        for (unsigned i = 0; i < s->member->object->numbers; i++, n = n->next)
            w->any |= n == w->var;
}

/* By events, or by the rules that they make run. */
static bool told_to_write(const struct run *r, const struct var *v)
{
    struct written w = {{NULL, see_written}, v, false};
    const struct ir_handler *h;

    LIST_EACH (h, &r->nf->ir->handlers)
        if (h->source->raiser == RAISE_EMIT || h->source->raiser == RAISE_RULE)
            ir_walk_handler(&w.visit, h);
    return w.any;
}

/* What NFs before emitted: handlers that see no packet, but may change the
 * state of the NF that they write, and drop the flow. */
static void take_events(struct run *r)
{
    term told, drops;

    if (!r->nf->run[RAISE_EMIT].n)
        return;
    told = smt_any(r->z, "nothing", r->z->story);
    for (unsigned i = 0; i < r->scene->n_vars; i++)
        if (r->scene->vars[i].nf == r->nf)
            told = unknown(r, "state", i, r->z->story, r->var[i]);
    told = unknown(r, "all", 0, r->z->story, told);
    r->story = smt_if(r->z, r->passes, told, r->story);
    for (unsigned i = 0; i < r->scene->n_vars; i++)
        if (r->scene->vars[i].nf == r->nf &&
            told_to_write(r, r->scene->vars[i].var))
            r->var[i] =
                smt_if(r->z, r->passes,
                       unknown(r, "var", i, Z3_get_sort(r->z->c, r->var[i]),
                               r->var[i]),
                       r->var[i]);
    if (ways_told(r->nf))
        ways_tell(r, unknown(r, "exit", 0,
                             Z3_get_sort(r->z->c, r->exits[r->nf->position]),
                             r->exits[r->nf->position]));
    if (!*drop_slot(r))
        return;
    drops = smt_and(r->z, r->passes,
                    unknown(r, "drop", 0, smt_bool(r->z), *drop_slot(r)));
    *drop_slot(r) = smt_or(r->z, *drop_slot(r), drops);
    r->drop_reason[r->nf->position] =
        smt_if(r->z, drops,
               unknown(r, "why", 0, smt_bits(r->z, REASON_BITS),
                       r->drop_reason[r->nf->position]),
               r->drop_reason[r->nf->position]);
    leave_dropped(r);
}

/* True of the flow's first packet at the NF. */
static term begin(struct run *r)
{
    const struct plan_nf *n = r->nf;
    term *seen = &r->seen[n->position], now;

    if (!n->run[RAISE_NEW].n && !plan_hears(n))
        return r->z->no;
    now = smt_and(r->z, r->passes, smt_not(r->z, *seen));
    *seen = smt_or(r->z, *seen, now);
    return now;
}

/* What it is subscribed to, as it is now. */
static void look(struct run *r)
{
    const struct nf *nf = r->nf->ir->source->nf;

    r->awake = smt_num(r->z, nf->awake, 64);
    for (unsigned i = 0; nf->switched && i < r->scene->n_vars; i++)
        if (r->scene->vars[i].nf == r->nf &&
            r->scene->vars[i].var == nf->switched)
            r->awake =
                Z3_mk_bvxor(r->z->c, r->awake, smt_fit(r->z, r->var[i], 64));
}

/* Where there are branches handlers of first packets run on the fast path, too:
 * else its packets are no first ones. */
static void first(struct run *r)
{
    const struct plan_handler *h;
    term now = begin(r), rest;

    if (!r->scene->chain->ir->source->branches)
        return;
    rest = smt_and(r->z, r->passes, smt_not(r->z, now));
    r->passes = now;
    look(r);
    LIST_EACH (h, &r->nf->run[RAISE_NEW])
        run_handler(r, h->ir, r->z->no);
    r->passes = smt_or(r->z, rest, r->passes);
}

static void enter(struct run *r, const struct plan_nf *n)
{
    r->nf = n;
    ways_enter(r);
    leave_dropped(r);
}

/* Handlers of packets; the plan's: but for those that another NF has answered.
 */
static void handle(struct run *r)
{
    const struct plan_handler *h;

    take_events(r);
    look(r);
    LIST_EACH (h, &r->nf->run[RAISE_PACKET]) {
        if (r->plans && !fast_may_run(r->scene->plan, h->ir))
            continue;
        const struct plan_share *s = &h->shares[r->scene->side];
        term skip = r->z->no;

        if (r->plans && s->with)
            skip = s->cond ? expr_term(r, s->cond) : r->z->yes;
        run_handler(r, h->ir, skip);
    }
}

/* ---- translations ---- */

static term *role_field(struct run *r, unsigned role)
{
    const struct scene *s = r->scene;

    return &r->field[scene_field(s, s->shape->role[role])];
}

/* Of an initiator's packet that leaves the NF, or a responder's that enters. */
static void hop(struct run *r)
{
    const struct scene *s = r->scene;
    unsigned i = s->place[r->nf->position];
    term here = s->chain->ir->source->branches ? r->passes : r->z->yes;

    for (unsigned role = 0; role < ROLE_N; role++) {
        term *f = role_field(r, s->back ? scene_turned((enum role)role) : role);

        term set = r->hops.set[i][role], to;

        if (!set)
            continue;
        to = scene_tuple(s, &r->hops, s->back ? i : i + 1, role);
        *f = smt_if(r->z, smt_and(r->z, here, set), to, *f);
        edits_translate(r, s->back ? scene_turned((enum role)role) : role, to,
                        smt_and(r->z, r->passes, set));
    }
}

/* The place of the NF that translates last on the way. */
static unsigned last_hop(const struct scene *s)
{
    unsigned i = s->n_nfs - 1;

    while (i > 0 && s->way[i]->hop < 0)
        i--;
    return s->place[s->way[i]->position];
}

void course_tuple(const struct scene *s, const struct hops *h, bool leaves,
                  term of[ROLE_N])
{
    unsigned at = leaves != s->back ? s->n_nfs : 0;

    if (leaves && s->wrong == WRONG_HOP && s->n_nfs)
        at = last_hop(s) + s->back;
    for (unsigned i = 0; i < ROLE_N; i++)
        of[i] = scene_tuple(s, h, at, s->back ? scene_turned((enum role)i) : i);
}

/* All at once. */
static void merge(struct run *r)
{
    term leaves[ROLE_N];

    course_tuple(r->scene, &r->hops, true, leaves);
    for (unsigned role = 0; role < ROLE_N; role++)
        if (role != ROLE_PROTO)
            *role_field(r, role) = leaves[role];
}

/* ---- the ways ---- */

bool course_is_merged(const struct scene *s)
{
    return s->chain->fast[s->side].mode == FAST_MERGED && s->chain->n_hops;
}

void course_step(struct run *r, const struct plan_nf *n)
{
    const struct scene *s = r->scene;
    bool translates = !r->plans || !course_is_merged(s);

    enter(r, n);
    if (translates && s->back)
        hop(r);
    if (!r->plans || s->chain->ir->source->branches)
        first(r);
    handle(r);
    if (translates && !s->back)
        hop(r);
}

static void visit_all(struct run *r)
{
    for (unsigned i = 0; i < r->scene->n_nfs; i++)
        course_step(r, r->scene->way[i]);
}

void course_law(struct run *r)
{
    if (r->scene->chain->ir->source->branches)
        ways_law(r);
    else
        visit_all(r);
}

void course_plan(struct run *r)
{
    const struct scene *s = r->scene;
    bool merged = course_is_merged(s);

    r->plans = true;
    r->kept = row_terms(r);
    r->row = &s->plan->rows[s->side];
    if (merged && s->wrong == WRONG_EARLY)
        merge(r);
    if (s->chain->ir->source->branches)
        ways_plan(r);
    else
        visit_all(r);
    if (merged && s->wrong != WRONG_EARLY)
        merge(r);
}
