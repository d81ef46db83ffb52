/* Dependencies as text, for people and golden tests. */
#include "base/arena.h"
#include "plan/deps.h"
#include "sema/tree.h"
#include <string.h>

const char *deps_place(struct arena *a, const struct source *main,
                       struct loc loc)
{
    const char *slash;

    if (loc.src == main)
        return arena_fmt(a, "line %u", loc_linecol(loc).line);
    slash = strrchr(loc.src->path, '/');
    return arena_fmt(a, "%s:%u", slash ? slash + 1 : loc.src->path,
                     loc_linecol(loc).line);
}

static const char *const need_name[] = {
    [NEED_MERGE] = "merge",
    [NEED_COPY] = "copy",
    [NEED_VERDICT] = "verdict",
    [NEED_ORDER] = "order",
};

static void dump_act(const struct act *a, FILE *to)
{
    fprintf(to, "%s (%u)", a->text, loc_linecol(a->loc).line);
}

static void dump_pair(const struct deps_pair *p, FILE *to)
{
    fprintf(to, "    %s, %s: %s", p->first->at->name, p->second->at->name,
            answer_name[p->dep.answer]);
    if (p->dep.buffered != p->dep.answer)
        fprintf(to, ", buffered %s", answer_name[p->dep.buffered]);
    fputc('\n', to);
    for (unsigned i = NEED_MERGE; i < NEED_N; i++) {
        const struct conflict *c = &p->dep.why[i];

        if (!c->first)
            continue;
        fprintf(to, "      %s: ", need_name[i]);
        dump_act(c->first, to);
        fputs(", ", to);
        dump_act(c->second, to);
        fputc('\n', to);
    }
}

static void dump_stage(const struct deps_stage *s, unsigned index, FILE *to)
{
    const struct deps_member *m;

    fprintf(to, "    stage %u:", index);
    LIST_EACH (m, &s->members) {
        fprintf(to, " %s", m->nf->at->name);
        if (m->copy)
            fprintf(to, " (copy: %s)", deps_copy_name[m->copy]);
    }
    fputc('\n', to);
}

static void dump_way(const struct deps_chain *c, const struct deps_way *w,
                     FILE *to)
{
    const struct deps_pair *p;
    const struct deps_stage *s;
    unsigned i = 0;

    fprintf(to, "  from %s\n", c->source->side[w->side]);
    LIST_EACH (p, &w->pairs)
        dump_pair(p, to);
    LIST_EACH (s, &w->stages)
        dump_stage(s, i++, to);
}

void deps_dump(const struct deps *d, FILE *to)
{
    const struct deps_chain *c;
    const struct deps_way *w;

    LIST_EACH (c, &d->chains) {
        fprintf(to, "chain %s\n", c->source->name);
        LIST_EACH (w, &c->ways)
            dump_way(c, w, to);
    }
}
