/* pass deps: which NFs of a chain may run at the same time, and why not.
 * needs: tree, effects   provides: deps   invalidates: nothing
 * For packets from each side of a chain: a matrix of all pairs of NFs, and
 * stages, as early as the answers allow. */
#include "base/arena.h"
#include "base/diag.h"
#include "plan/act.h"
#include "plan/deps.h"
#include "sema/tree.h"
#include "unit.h"

const char *const deps_copy_name[] = {"none", "headers", "whole"};

const struct deps_pair *deps_pair(const struct deps_way *w,
                                  const struct deps_nf *first,
                                  const struct deps_nf *second)
{
    const struct deps_pair *p;

    LIST_EACH (p, &w->pairs)
        if (p->first == first && p->second == second)
            return p;
    return NULL;
}

/* ---- pairs ---- */

static void refuse(struct unit *u, const struct deps_chain *c,
                   const struct deps_way *w, const struct deps_pair *p)
{
    const struct conflict *order = &p->dep.why[NEED_ORDER];
    const struct conflict *why =
        order->first ? order : &p->dep.why[NEED_VERDICT];
    struct diag *d = diag_remark(
        u->diags, p->second->at->loc,
        "'%s' has to wait for '%s', for packets from '%s'", p->second->at->name,
        p->first->at->name, c->source->side[w->side]);

    diag_also(d, why->first->loc, "'%s' %s", p->first->at->name,
              why->first->text);
    diag_also(d, why->second->loc, "'%s' %s", p->second->at->name,
              why->second->text);
    if (p->dep.buffered != ANSWER_ORDERED)
        diag_note(d, "not if its effects could wait for the verdict");
}

/* With branches an NF may stand before another one on one way, and behind it on
 * another: the worse answer holds. */
static void other_order(const struct deps_nf *a, const struct deps_nf *b,
                        struct deps_pair *p)
{
    struct dep d;

    rule_pair(&b->acts, &a->acts, &d);
    if (d.answer < p->dep.answer ||
        (d.answer == p->dep.answer && d.buffered <= p->dep.buffered))
        return;
    for (unsigned i = 0; i < NEED_N; i++)
        d.why[i] = (struct conflict){d.why[i].second, d.why[i].first};
    p->dep = d;
}

static void add_pairs(struct unit *u, const struct deps_chain *c,
                      struct deps_way *w)
{
    const struct deps_nf *a, *b;

    LIST_EACH (a, &w->nfs) {
        for (b = a->next; b; b = b->next) {
            struct deps_pair *p = ARENA_NEW(u->arena, struct deps_pair);

            p->first = a;
            p->second = b;
            rule_pair(&a->acts, &b->acts, &p->dep);
            if (c->source->branches)
                other_order(a, b, p);
            LIST_ADD(&w->pairs, p);
            if (p->dep.answer == ANSWER_ORDERED)
                refuse(u, c, w, p);
        }
    }
}

/* ---- stages ---- */

/* Behind all that it has to wait for; not before what still needs the packet
 * as it was, or whose verdict counts more. */
static void set_level(const struct deps_way *w, struct deps_nf *n)
{
    const struct deps_pair *p;

    LIST_EACH (p, &w->pairs) {
        unsigned least = p->first->level;

        if (p->second != n)
            continue;
        if (p->dep.answer == ANSWER_ORDERED)
            least++;
        else if (p->dep.answer == ANSWER_PARALLEL &&
                 !p->dep.why[NEED_MERGE].first)
            continue;
        if (n->level < least)
            n->level = least;
    }
}

static struct deps_member *member(const struct deps_stage *s,
                                  const struct deps_nf *n)
{
    struct deps_member *m;

    LIST_EACH (m, &s->members)
        if (m->nf == n)
            return m;
    return NULL;
}

/* Of two that must not work on the same bytes one gets a copy: of the headers,
 * if it does not touch the payload. */
static void copy_one(const struct deps_pair *p, struct deps_member *a,
                     struct deps_member *b)
{
    if (p->dep.answer != ANSWER_COPY || a->copy || b->copy)
        return;
    if (!acts_touch(&b->nf->acts, OF_PAYLOAD))
        b->copy = COPY_HEADERS;
    else if (!acts_touch(&a->nf->acts, OF_PAYLOAD))
        a->copy = COPY_HEADERS;
    else
        b->copy = COPY_WHOLE;
}

static void add_stage(struct unit *u, struct deps_way *w, unsigned level)
{
    struct deps_stage *s = ARENA_NEW(u->arena, struct deps_stage);
    const struct deps_nf *n;
    const struct deps_pair *p;

    LIST_EACH (n, &w->nfs) {
        struct deps_member *m;

        if (n->level != level)
            continue;
        m = ARENA_NEW(u->arena, struct deps_member);
        m->nf = n;
        LIST_ADD(&s->members, m);
    }
    if (!s->members.n)
        return;
    LIST_EACH (p, &w->pairs) {
        struct deps_member *a = member(s, p->first), *b = member(s, p->second);

        if (a && b)
            copy_one(p, a, b);
    }
    LIST_ADD(&w->stages, s);
}

static void add_way(struct unit *u, struct deps_chain *c, unsigned side)
{
    struct deps_way *w = ARENA_NEW(u->arena, struct deps_way);
    const struct position *p;
    struct deps_nf *n;

    w->side = side;
    LIST_EACH (p, &c->source->nfs) {
        n = ARENA_NEW(u->arena, struct deps_nf);
        n->at = p;
        n->acts = acts_of(u, c->source, p, side);
        if (side == 1 && w->nfs.first) {
            n->next = w->nfs.first; /* they visit the last one first */
            w->nfs.first = n;
            w->nfs.n++;
        } else {
            LIST_ADD(&w->nfs, n);
        }
    }
    add_pairs(u, c, w);
    LIST_EACH (n, &w->nfs)
        set_level(w, n);
    for (unsigned level = 0; level < w->nfs.n; level++)
        add_stage(u, w, level);
    LIST_ADD(&c->ways, w);
}

void pass_deps(struct unit *u)
{
    struct deps *d = ARENA_NEW(u->arena, struct deps);
    const struct chain *c;

    LIST_EACH (c, &u->tree->chains) {
        struct deps_chain *to = ARENA_NEW(u->arena, struct deps_chain);

        to->source = c;
        add_way(u, to, 0);
        if (c->two_way)
            add_way(u, to, 1);
        LIST_ADD(&d->chains, to);
    }
    u->deps = d;
}
