#include "verify/prove.h"
#include "base/arena.h"

/* ---- lemmas ---- */

/* Sums of checksums have less than 2^24: 64 words of 17 bits, and one. */
enum answer prove_folding(struct smt *z)
{
    term a = smt_fit(z, smt_any(z, "rest", smt_bits(z, 24)), 32);
    term b = smt_fit(z, smt_any(z, "row", smt_bits(z, 24)), 32);
    term once = sums_fold(z, Z3_mk_bvadd(z->c, a, b));
    term twice = sums_fold(z, Z3_mk_bvadd(z->c, a, sums_fold(z, b)));
    Z3_model where;

    return smt_ask(z, z->yes, smt_same(z, once, twice), &where);
}

enum answer prove_facts(const struct scene *s)
{
    const struct plan_shape *p = s->shape;
    term all = s->z->yes;
    Z3_model where;

    for (unsigned i = 0; i < p->n_facts; i++) {
        const struct field *f = p->fact[i].field;

        all = smt_and(s->z, all,
                      smt_same(s->z, s->arrived[scene_field(s, f)],
                               smt_num(s->z, p->fact[i].value, f->bits)));
    }
    return smt_ask(s->z, s->known, all, &where);
}

/* ---- what may differ ---- */

static struct difference *add(const struct scene *s, struct proof *p,
                              const char *what, term law, term plan, term where)
{
    struct difference *d = ARENA_NEW(s->arena, struct difference);

    d->what = what;
    d->law = law;
    d->plan = plan;
    d->differs = smt_and(s->z, where, smt_differ(s->z, law, plan));
    LIST_ADD(&p->all, d);
    return d;
}

static bool is_sum(const struct scene *s, const struct field *f)
{
    for (unsigned k = 0; k < s->shape->n_sums; k++)
        if (s->shape->sum[k].sum->field == f)
            return true;
    return false;
}

/* Of a packet that both let pass; checksums come later. */
static void add_fields(const struct scene *s, struct proof *p, term leaves)
{
    const struct field *f;
    unsigned n = 0;

    for (unsigned i = 0; i < s->shape->n; i++)
        LIST_EACH (f, &s->shape->header[i]->fields) {
            const char *what =
                arena_fmt(s->arena, "%s.%s", f->header->name, f->name);

            if (!is_sum(s, f))
                add(s, p, what, p->law.field[n], p->plan.field[n], leaves)
                    ->field = f;
            n++;
        }
}

static void add_hops(const struct scene *s, struct proof *p)
{
    const struct plan_nf *n;

    LIST_EACH (n, &s->chain->nfs) {
        unsigned i = s->place[n->position];

        for (unsigned r = 0; r < ROLE_N; r++) {
            const char *what = arena_fmt(s->arena, "%s of the flow behind %s",
                                         role_name[r], n->ir->source->name);

            if (s->hops.set[i][r])
                add(s, p, what, scene_tuple(s, &p->law.hops, i + 1, r),
                    scene_tuple(s, &p->plan.hops, i + 1, r), s->z->yes)
                    ->field = s->shape->role[r];
        }
    }
}

static void add_state(const struct scene *s, struct proof *p)
{
    const struct plan_nf *n;
    const struct ir_nf *i;
    const struct ir_handler *h;
    unsigned v;

    for (v = 0; v < s->n_vars; v++)
        add(s, p,
            arena_fmt(s->arena, "%s.%s", s->vars[v].nf->ir->source->name,
                      s->vars[v].var->name),
            p->law.var[v], p->plan.var[v], s->z->yes);
    LIST_EACH (n, &s->chain->nfs) {
        const char *name = n->ir->source->name;
        unsigned at = n->position;

        if (!s->dropped[at])
            continue;
        add(s, p, arena_fmt(s->arena, "%s drops the flow", name),
            p->law.dropped[at], p->plan.dropped[at], s->z->yes);
        add(s, p, arena_fmt(s->arena, "why %s drops the flow", name),
            p->law.drop_reason[at], p->plan.drop_reason[at],
            p->law.dropped[at]);
    }
    add_hops(s, p);
    LIST_EACH (i, &s->chain->ir->nfs)
        LIST_EACH (h, &i->handlers)
            add(s, p,
                arena_fmt(s->arena, "%s's handler in line %u runs",
                          i->source->name, loc_linecol(h->source->loc).line),
                p->law.ran[h->index], p->plan.ran[h->index], s->z->yes);
}

static term no_difference(const struct scene *s, const struct proof *p)
{
    const struct difference *d;
    term all = s->z->yes;

    LIST_EACH (d, &p->all)
        all = smt_and(s->z, all, smt_not(s->z, d->differs));
    return all;
}

/* ---- checksums ---- */

/* What the plan makes of the words that checksum k covers: those of the tuple
 * are known with the flow, others are looked at if it knows of changes. */
static struct words planned(const struct proof *p, unsigned k)
{
    const struct scene *s = p->plan.scene;
    struct words w = sums_words(&p->plan, k), row = sums_row(&p->plan, k);

    if (!course_is_merged(s))
        return w;
    for (unsigned i = 0; i < w.n; i++)
        if (w.key[i]) {
            w.was[i] = row.was[i];
            w.is[i] = row.is[i];
        } else if (s->chain->fast[s->side].sums == SUMS_NONE) {
            w.is[i] = w.was[i];
        }
    return w;
}

/* If all words are what the language says, so is their sum, with carries added
 * early or late. */
static enum answer prove_sum(const struct scene *s, struct proof *p, unsigned k,
                             term leaves)
{
    const struct field *f = s->shape->sum[k].sum->field;
    struct words law = sums_words(&p->law, k), plan = planned(p, k);
    term all = s->z->yes, *at = &p->law.field[scene_field(s, f)];
    struct difference *d;
    enum answer a;

    for (unsigned i = 0; i < law.n; i++)
        all = smt_and(s->z, all,
                      smt_and(s->z, smt_same(s->z, law.was[i], plan.was[i]),
                              smt_same(s->z, law.is[i], plan.is[i])));
    all = smt_and(s->z, all, smt_same(s->z, p->law.payload, p->plan.payload));
    *at = sums_result(&p->law, k, sums_total(s->z, &law));
    d = add(s, p,
            arena_fmt(s->arena, "checksum %s.%s", f->header->name, f->name),
            *at, sums_result(&p->plan, k, sums_total(s->z, &plan)), leaves);
    d->field = f;
    p->plan.field[scene_field(s, f)] = d->plan;
    a = smt_ask(s->z, smt_and(s->z, s->known, leaves), all, &p->where);
    if (a == ALWAYS)
        p->plan.field[scene_field(s, f)] = *at; /* as has been proved */
    if (a == ALWAYS)
        d->differs = s->z->no;
    return a == ALWAYS
               ? a
               : smt_ask(s->z, s->known, smt_not(s->z, d->differs), &p->where);
}

/* ---- the proof ---- */

static bool settled(struct proof *p, enum answer a, const char *what)
{
    p->answer = a;
    p->what = what;
    return a == ALWAYS;
}

void prove_way(const struct scene *s, struct proof *p)
{
    struct smt *z = s->z;
    term leaves;

    *p = (struct proof){.answer = ALWAYS};
    run_init(&p->law, s);
    run_init(&p->plan, s);
    course_law(&p->law);
    course_plan(&p->plan);
    leaves = smt_and(z, p->law.passes, p->plan.passes);
    add(s, p, "the packet passes", p->law.passes, p->plan.passes, z->yes);
    add(s, p, "the reason of the drop", p->law.reason, p->plan.reason,
        smt_not(z, p->law.passes));
    add_fields(s, p, leaves);
    add_state(s, p);
    add(s, p, "calls, tables and events", p->law.story, p->plan.story, z->yes);
    if (!settled(p, smt_ask(z, s->known, no_difference(s, p), &p->where),
                 "what becomes of packet and state"))
        return;
    for (unsigned k = s->shape->n_sums; k-- > 0;)
        if (!settled(p, prove_sum(s, p, k, leaves),
                     arena_fmt(s->arena, "the checksum of %s",
                               s->shape->header[s->shape->sum[k].in]->name)))
            return;
}
