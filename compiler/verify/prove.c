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
    /* of no packets all would be so */
    if (smt_ask(s->z, s->known, s->z->no, &where) != NOT_ALWAYS)
        return UNKNOWN;
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

static void add_exit(const struct scene *s, struct proof *p, const char *name,
                     unsigned at)
{
    add(s, p, arena_fmt(s->arena, "the exit that %s chose", name),
        p->law.exits[at], p->plan.exits[at], s->z->yes);
    add(s, p, arena_fmt(s->arena, "%s chooses none for ever", name),
        p->law.settled[at], p->plan.settled[at], s->z->yes);
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

        add(s, p, arena_fmt(s->arena, "%s has FLOW/NEW", name), p->law.seen[at],
            p->plan.seen[at], s->z->yes);
        if (n->ir->source->nf->exits.n)
            add_exit(s, p, name, at);
        if (!s->dropped[at])
            continue;
        add(s, p, arena_fmt(s->arena, "%s drops the flow", name),
            p->law.dropped[at], p->plan.dropped[at], s->z->yes);
        add(s, p, arena_fmt(s->arena, "why %s drops the flow", name),
            p->law.drop_reason[at], p->plan.drop_reason[at],
            p->law.dropped[at]);
    }
    add_hops(s, p);
    add(s, p, "the session ends behind it", p->law.ends, p->plan.ends,
        s->z->yes);
    LIST_EACH (i, &s->chain->ir->nfs)
        LIST_EACH (h, &i->handlers)
            add(s, p,
                arena_fmt(s->arena, "%s's handler in line %u runs",
                          i->source->name, loc_linecol(h->source->loc).line),
                p->law.ran[h->index], p->plan.ran[h->index], s->z->yes);
}

/* What is kept would be made the same behind the packet, unless it is void. */
static void add_row(const struct scene *s, struct proof *p)
{
    const term *behind = row_terms(&p->law);
    const struct row_slot *i;
    unsigned n = 0;

    LIST_EACH (i, &s->chain->row[s->side].slots) {
        add(s, p,
            arena_fmt(s->arena, "what %s computes once, line %u,",
                      i->nf->ir->source->name, loc_linecol(i->expr->loc).line),
            behind[n], p->plan.kept[n], smt_not(s->z, p->law.renewed));
        n++;
    }
}

/* Of a packet that both edited all is the same if it was made the same. */
static void add_edits(const struct scene *s, struct proof *p, term leaves)
{
    add(s, p, "headers were added or removed", p->law.edited, p->plan.edited,
        leaves);
    add(s, p, "what it is behind that", p->law.body, p->plan.body,
        smt_and(s->z, leaves, smt_and(s->z, p->law.edited, p->plan.edited)));
}

/* Headers that the plan does not add are gone again, and nobody could tell. */
static void add_stacks(const struct scene *s, struct proof *p, term leaves)
{
    const struct claim *c;

    add(s, p, "other headers than arrived", stacks_grown(&p->law), s->z->no,
        leaves);
    LIST_EACH (c, &p->law.claims)
        add(s, p, c->what, c->was, c->is, c->where);
    stacks_end(&p->law);
    add(s, p, "the length of the frame", p->law.frame, p->plan.frame, leaves);
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

/* What the plan adds to checksum k for a word, in parts: that of the tuple is
 * known with the flow; stores are counted one by one, or not at all; or the
 * words are compared on leaving. */
enum { PARTS_MAX = 24 };

struct parts {
    term was[PARTS_MAX], is[PARTS_MAX];
    unsigned n;
    bool more; /* than there is room for */
};

static void part(struct parts *w, term was, term is)
{
    w->more = w->n == PARTS_MAX;
    if (w->more)
        return;
    w->was[w->n] = was;
    w->is[w->n++] = is;
}

static struct parts parts_of(const struct proof *p, const struct words *w,
                             const struct words *row, unsigned i)
{
    const struct scene *s = p->plan.scene;
    enum fast_sums sums = s->chain->fast[s->side].sums;
    struct parts to = {.n = 0};
    const struct stored *st;

    if (sums == SUMS_COMPARED)
        part(&to, w->was[i], w->is[i]);
    if (sums == SUMS_COMPARED)
        return to;
    if (w->key[i] && course_is_merged(s))
        part(&to, row->was[i], row->is[i]);
    if (sums == SUMS_COUNTED)
        LIST_EACH (st, &p->plan.stores)
            if (st->at == w->at[i])
                part(&to, st->was, st->is);
    return to;
}

/* Does the plan add for a word what the language says? The same words, or the
 * same in sum. */
static term adds_same(struct smt *z, term was, term is, const struct parts *to)
{
    term zero = smt_num(z, 0, 16), total = sums_change(z, zero, zero);

    if (to->more)
        return z->no;
    if (to->n == 0)
        return smt_same(z, was, is);
    if (to->n == 1)
        return smt_or(z,
                      smt_and(z, smt_same(z, was, to->was[0]),
                              smt_same(z, is, to->is[0])),
                      smt_and(z, smt_same(z, was, is),
                              smt_same(z, to->was[0], to->is[0])));
    for (unsigned i = 0; i < to->n; i++)
        total = Z3_mk_bvadd(z->c, total, sums_change(z, to->was[i], to->is[i]));
    return smt_same(z, total, sums_change(z, was, is));
}

/* What the plan makes of checksum k. *same: it adds the same for each word. */
static term planned_sum(const struct scene *s, const struct proof *p,
                        unsigned k, term *same)
{
    struct words law = sums_words(&p->law, k), w = sums_words(&p->plan, k);
    struct words row = sums_row(&p->plan, k);
    struct smt *z = s->z;
    term zero = smt_num(z, 0, 16), total = sums_change(z, zero, zero);

    *same = smt_same(z, p->law.payload, p->plan.payload);
    for (unsigned i = 0; i < w.n; i++) {
        struct parts parts = parts_of(p, &w, &row, i);

        *same = smt_and(z, *same, adds_same(z, law.was[i], law.is[i], &parts));
        for (unsigned n = 0; n < parts.n; n++)
            total = Z3_mk_bvadd(z->c, total,
                                sums_change(z, parts.was[n], parts.is[n]));
    }
    return sums_result(&p->plan, k, total);
}

/* If the plan adds for each word what the language says, the sum is the same,
 * with carries added early or late. */
static enum answer prove_sum(const struct scene *s, struct proof *p, unsigned k,
                             term leaves)
{
    const struct field *f = s->shape->sum[k].sum->field;
    struct words law = sums_words(&p->law, k);
    term same, plan = planned_sum(s, p, k, &same);
    term *at = &p->law.field[scene_field(s, f)];
    struct difference *d;
    enum answer a;

    *at = sums_result(&p->law, k, sums_total(s->z, &law));
    d = add(s, p,
            arena_fmt(s->arena, "checksum %s.%s", f->header->name, f->name),
            *at, plan, leaves);
    d->field = f;
    a = smt_ask(s->z, smt_and(s->z, s->known, leaves), same, &p->where);
    p->plan.field[scene_field(s, f)] = a == ALWAYS ? *at : plan;
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
    add_edits(s, p, leaves);
    leaves = smt_and(z, leaves, smt_not(z, p->law.edited));
    add_stacks(s, p, leaves);
    if (p->law.beyond) {
        p->answer = UNKNOWN;
        p->what = NULL;
        return;
    }
    add(s, p, "the packet passes", p->law.passes, p->plan.passes, z->yes);
    add(s, p, "the reason of the drop", p->law.reason, p->plan.reason,
        smt_not(z, p->law.passes));
    add_fields(s, p, leaves);
    add_state(s, p);
    add_row(s, p);
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
