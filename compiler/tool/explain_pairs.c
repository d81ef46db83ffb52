/* nflc explain: what NFs of a chain have in common, and which of them may run
 * at the same time. */
#include "base/arena.h"
#include "plan/deps.h"
#include "plan/plan.h"
#include "sema/tree.h"
#include "tool/explain.h"
#include "unit.h"
#include <string.h>

enum { WIDTH = 12 };

static const char *answer(const struct dep *d)
{
    if (d->answer != d->buffered)
        return d->buffered == ANSWER_COPY ? "wait+copy" : "wait";
    if (d->answer == ANSWER_COPY)
        return d->whole ? "copy all" : "copy";
    return answer_name[d->answer];
}

static const char *name(const struct unit *u, const struct deps_nf *n)
{
    return strlen(n->at->name) < WIDTH
               ? n->at->name
               : arena_fmt(u->arena, "%.*s.", WIDTH - 2, n->at->name);
}

static void matrix(const struct unit *u, const struct deps_way *w, FILE *to)
{
    const struct deps_nf *a, *b;

    fprintf(to, "    %-*s", WIDTH, "");
    LIST_EACH (b, &w->nfs)
        if (b != w->nfs.first)
            fprintf(to, "%-*s", b->next ? WIDTH : 0, name(u, b));
    fputc('\n', to);
    LIST_EACH (a, &w->nfs) {
        if (!a->next)
            break;
        fprintf(to, "    %-*s", WIDTH, name(u, a));
        for (b = w->nfs.first->next; b; b = b->next) {
            const struct deps_pair *p = deps_pair(w, a, b);

            fprintf(to, "%-*s", b->next ? WIDTH : 0, p ? answer(&p->dep) : "");
        }
        fputc('\n', to);
    }
}

static void reason(const struct unit *u, const struct deps_pair *p,
                   enum need need, const char *what, FILE *to)
{
    const struct conflict *c = &p->dep.why[need];

    if (!c->first)
        return;
    fprintf(to, "    %s: %s %s (%s), %s %s (%s)\n", what, p->first->at->name,
            c->first->text, deps_place(u->arena, u->tree->main, c->first->loc),
            p->second->at->name, c->second->text,
            deps_place(u->arena, u->tree->main, c->second->loc));
}

/* What makes it worse than parallel, the worst only. */
static void reasons(const struct unit *u, const struct deps_pair *p, FILE *to)
{
    if (p->dep.buffered == ANSWER_ORDERED)
        reason(u, p, NEED_ORDER, "ordered", to);
    else if (p->dep.answer == ANSWER_ORDERED)
        reason(u, p, NEED_VERDICT, "wait", to);
    if (p->dep.buffered == ANSWER_COPY)
        reason(u, p, NEED_COPY, "copy", to);
}

static void stages(const struct deps_way *w, FILE *to)
{
    const struct deps_stage *s;
    const struct deps_member *m;

    fputs("    stages: ", to);
    LIST_EACH (s, &w->stages) {
        LIST_EACH (m, &s->members)
            fprintf(to, "%s%s", m->nf->at->name, m->next ? " | " : "");
        fputs(s->next ? " -> " : "\n", to);
    }
}

void explain_pairs(const struct unit *u, const struct deps_chain *c, FILE *to)
{
    const struct deps_way *w;
    const struct deps_pair *p;

    LIST_EACH (w, &c->ways) {
        if (w->nfs.n < 2)
            continue;
        fprintf(to, "\n  may run at the same time, for packets from '%s'\n",
                c->source->side[w->side]);
        matrix(u, w, to);
        LIST_EACH (p, &w->pairs)
            reasons(u, p, to);
        stages(w, to);
    }
}

static void explain_share(const struct unit *u, const struct plan_nf *n,
                          const struct plan_handler *h, unsigned side, FILE *to)
{
    const struct plan_share *s = &h->shares[side];

    if (!s->with)
        return;
    fprintf(to,
            "  shared: for packets from '%s', %s at position %u has looked for "
            "%s at position %u%s (on %s, %s)\n",
            n->ir->chain->source->side[side], s->with->ir->source->name,
            s->with->position, n->ir->source->name, n->position,
            s->cond ? ", where they are set alike" : "", h->ir->source->events,
            deps_place(u->arena, u->tree->main, h->ir->source->loc));
}

void explain_shares(const struct unit *u, const struct plan_chain *c, FILE *to)
{
    const struct plan_nf *n;
    const struct plan_handler *h;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (h, &n->run[RAISE_PACKET])
            for (unsigned side = 0; side < 2; side++)
                explain_share(u, n, h, side, to);
}
