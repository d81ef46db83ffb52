/* nflc explain: which NFs of a chain may run at the same time. */
#include "base/arena.h"
#include "plan/deps.h"
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
