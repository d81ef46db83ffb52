#include "tool/graph.h"
#include "tool/explain.h"
#include "base/arena.h"
#include "sema/tree.h"
#include "tool/output.h"
#include "unit.h"
#include <errno.h>
#include <string.h>

const char *graph_port(const struct deps_chain *c, const struct deps_way *w,
                       unsigned end)
{
    const struct port *p = c->source->port[w->side ^ end];

    return p ? p->name : NULL;
}

/* ---- what is put together behind a stage ---- */

static bool written_in_copy(const struct deps_member *m, const struct act *a)
{
    return m->copy && (a->kind == ACT_WRITE || a->kind == ACT_RESIZE) &&
           (a->of == OF_FIELD || a->of == OF_PAYLOAD || a->of == OF_FRAME);
}

/* "writes ip.src" says ip.src, "translates tcp.sport" that. */
static const char *thing(const char *text)
{
    const char *space = strchr(text, ' ');

    return space ? space + 1 : text;
}

void graph_merges(struct graph_merge *m, const struct deps_stage *s)
{
    const struct deps_member *i;
    const struct act *a;

    if (s->members.n < 2)
        return;
    LIST_EACH (i, &s->members)
        LIST_EACH (a, &i->nf->acts)
            if (written_in_copy(i, a))
                m->each(m, arena_fmt(m->arena, "%s of %s", thing(a->text),
                                     i->nf->at->name));
    LIST_EACH (i, &s->members)
        LIST_EACH (a, &i->nf->acts)
            if (a->kind == ACT_DROP)
                m->each(m, arena_fmt(m->arena, "the verdict of %s",
                                     i->nf->at->name));
}

/* ---- as text ---- */

struct text_merge {
    struct graph_merge merge;
    FILE *to;
    unsigned n;
};

static void text_merge(struct graph_merge *m, const char *text)
{
    struct text_merge *t = (struct text_merge *)m;

    fprintf(t->to, "%s%s", t->n++ ? ", " : "             then merge ", text);
}

static void text_stage(const struct unit *u, const struct deps_stage *s,
                       unsigned index, FILE *to)
{
    struct text_merge t = {{u->arena, text_merge}, to, 0};
    const struct deps_member *m;

    fprintf(to, "    stage %-3u  ", index);
    LIST_EACH (m, &s->members) {
        fputs(m->nf->at->name, to);
        if (m->copy == COPY_HEADERS)
            fputs(" (on a copy of the headers)", to);
        if (m->copy == COPY_WHOLE)
            fputs(" (on a copy of the packet)", to);
        fputs(m->next ? " | " : "\n", to);
    }
    graph_merges(&t.merge, s);
    if (t.n)
        fputc('\n', to);
}

static void text_way(const struct unit *u, const struct deps_chain *c,
                     const struct deps_way *w, FILE *to)
{
    const char *last = graph_port(c, w, 1);
    const struct deps_stage *s;
    unsigned i = 1;

    fprintf(to, "  packets from %s\n    %s\n", c->source->side[w->side],
            graph_port(c, w, 0));
    LIST_EACH (s, &w->stages)
        text_stage(u, s, i++, to);
    fprintf(to, "    %s\n", last ? last : "(nothing leaves)");
}

static bool text(const struct unit *u, FILE *to)
{
    const struct deps_chain *c;
    const struct deps_way *w;

    LIST_EACH (c, &u->deps->chains) {
        fprintf(to, "chain %s%s%s\n", c->source->name,
                c->source->filter ? " " : "",
                explain_filter(u->arena, c->source));
        graph_branches_text(u, c->source, to);
        LIST_EACH (w, &c->ways)
            text_way(u, c, w, to);
        if (c->next)
            fputc('\n', to);
    }
    return true;
}

/* ---- the command ---- */

static bool draw(const struct unit *u, enum graph_form form, FILE *to)
{
    if (form == GRAPH_JSON)
        return graph_json(u, to);
    return form == GRAPH_SVG ? graph_svg(u, to) : text(u, to);
}

static int to_file(const struct unit *u, const struct settings *s)
{
    struct output o;
    FILE *to;

    if (!output_open(&o, u->arena, s->out, false))
        return 1;
    to = fopen(o.part, "w");
    if (!to) {
        fprintf(stderr, "nflc: %s: %s\n", o.part, strerror(errno));
        output_abort(&o);
        return 1;
    }
    if (!draw(u, s->graph, to) || !output_close(to, s->out)) {
        output_abort(&o);
        return 1;
    }
    return output_commit(&o) ? 0 : 1;
}

int graph(const struct unit *u, const struct settings *s)
{
    if (s->out && strcmp(s->out, "-") != 0)
        return to_file(u, s);
    if (draw(u, s->graph, stdout))
        return 0;
    fputs("nflc: no memory\n", stderr);
    return 1;
}
