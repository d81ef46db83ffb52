/* nflc graph --svg: one row for each way of a chain, from left to right. NFs of
 * one stage stand above one another; a copy has a dashed border. */
#include "base/arena.h"
#include "sema/tree.h"
#include "tool/explain.h"
#include "tool/graph.h"
#include "tool/graph_draw.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static void escaped(const char *s, FILE *to)
{
    for (; *s; s++) {
        const char *e = *s == '<' ? "&lt;" : *s == '&' ? "&amp;" : NULL;

        if (e)
            fputs(e, to);
        else
            fputc(*s, to);
    }
}

void svg_words(struct svg *v, const char *class, unsigned x, unsigned y,
               const char *text)
{
    fprintf(v->to, "<text class=\"%s\" x=\"%u\" y=\"%u\"", class, x, y);
    if (strlen(text) * LETTER > BOX_W - LETTER && strcmp(class, "nf") == 0)
        fprintf(v->to, " textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\"",
                BOX_W - LETTER);
    fputc('>', v->to);
    escaped(text, v->to);
    fputs("</text>\n", v->to);
}

void svg_box(struct svg *v, const char *class, unsigned y, const char *text)
{
    fprintf(v->to,
            "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%d\" "
            "height=\"%d\" rx=\"5\"/>\n",
            class, v->x, y, BOX_W, BOX_H);
    svg_words(v, "nf", v->x + BOX_W / 2, y + BOX_H / 2 + 5, text);
}

void svg_line(struct svg *v, unsigned x, unsigned y, unsigned to_x,
              unsigned to_y)
{
    fprintf(v->to, "<path class=\"way\" d=\"M%u %u L%u %u\"/>\n", x, y, to_x,
            to_y);
}

static unsigned tallest(const struct deps_way *w)
{
    const struct deps_stage *s;
    unsigned most = 1;

    LIST_EACH (s, &w->stages)
        most = s->members.n > most ? s->members.n : most;
    return most * BOX_H + (most - 1) * GAP_Y;
}

struct svg_merge {
    struct graph_merge merge;
    struct svg *svg;
    unsigned x, y, n;
};

static void svg_merge(struct graph_merge *m, const char *text)
{
    struct svg_merge *s = (struct svg_merge *)m;

    if (!s->n++)
        svg_words(s->svg, "note", s->x, s->y += LINE, "merge:");
    svg_words(s->svg, "note", s->x, s->y += LINE, text);
}

/* All of a stage, in the middle of the height of its way. Returns where what is
 * said of it ends. */
static unsigned stage(struct svg *v, const struct deps_stage *s,
                      unsigned middle)
{
    unsigned height = s->members.n * BOX_H + (s->members.n - 1) * GAP_Y;
    unsigned y = middle - height / 2;
    const struct deps_member *m;
    struct svg_merge merge = {
        {v->unit->arena, svg_merge}, v, v->x, middle + height / 2, 0};

    v->x += GAP_X;
    merge.x = v->x + BOX_W / 2;
    LIST_EACH (m, &s->members) {
        svg_line(v, v->x - GAP_X, middle, v->x, y + BOX_H / 2);
        svg_line(v, v->x + BOX_W, y + BOX_H / 2, v->x + BOX_W + GAP_X, middle);
        svg_box(v, m->copy ? "copy" : "nf", y, m->nf->at->name);
        if (m->copy)
            svg_words(v, "note", v->x + BOX_W / 2, y + BOX_H + 10,
                      m->copy == COPY_WHOLE ? "copy of the packet"
                                            : "copy of the headers");
        y += BOX_H + GAP_Y;
    }
    graph_merges(&merge.merge, s);
    v->x += BOX_W + GAP_X;
    return merge.y;
}

static void way(struct svg *v, const struct deps_chain *c,
                const struct deps_way *w)
{
    unsigned middle = v->y + LINE + tallest(w) / 2, low = middle, end;
    const char *last = graph_port(c, w, 1);
    const struct deps_stage *s;

    v->x = MARGIN;
    svg_words(
        v, "way", v->x, v->y,
        arena_fmt(v->unit->arena, "packets from %s", c->source->side[w->side]));
    svg_box(v, "port", middle - BOX_H / 2, graph_port(c, w, 0));
    v->x += BOX_W;
    LIST_EACH (s, &w->stages) {
        end = stage(v, s, middle);
        low = end > low ? end : low;
    }
    if (last)
        svg_box(v, "port", middle - BOX_H / 2, last);
    end = middle + tallest(w) / 2;
    v->y = (low > end ? low : end) + 2 * MARGIN;
}

static unsigned width_of(const struct deps *d)
{
    const struct deps_chain *c;
    const struct deps_way *w;
    unsigned most = 0, branches = 0, n;

    LIST_EACH (c, &d->chains) {
        n = svg_branches_width(c->source);
        branches = n > branches ? n : branches;
        LIST_EACH (w, &c->ways)
            most = w->stages.n > most ? w->stages.n : most;
    }
    n = 2 * MARGIN + 2 * BOX_W + most * (BOX_W + 2 * GAP_X);
    return n > branches ? n : branches;
}

static void chains(struct svg *v)
{
    const struct deps_chain *c;
    const struct deps_way *w;

    v->y = 2 * MARGIN;
    LIST_EACH (c, &v->unit->deps->chains) {
        svg_words(v, "chain", MARGIN, v->y, c->source->name);
        if (c->source->filter) {
            v->y += LINE;
            svg_words(v, "way", MARGIN, v->y,
                      explain_filter(v->unit->arena, c->source));
        }
        v->y += LINE + GAP_Y;
        svg_branches(v, c->source);
        LIST_EACH (w, &c->ways)
            way(v, c, w);
    }
}

static const char style[] =
    "<style>\n"
    "text { font: 13px monospace; text-anchor: middle; fill: #222 }\n"
    "text.chain { font-size: 18px; font-weight: bold; text-anchor: start }\n"
    "text.way { text-anchor: start; fill: #555 }\n"
    "text.exit { font-size: 11px; text-anchor: start }\n"
    "text.note { font-size: 10px; fill: #555 }\n"
    "rect { fill: #eaf2fb; stroke: #27567d }\n"
    "rect.copy { stroke-dasharray: 5 3; fill: #fdf4e3; stroke: #8a5a00 }\n"
    "rect.port { fill: #eee; stroke: #777 }\n"
    "path { stroke: #777; fill: none }\n"
    "</style>\n";

bool graph_svg(const struct unit *u, FILE *to)
{
    struct svg v = {.unit = u, .width = width_of(u->deps)};
    char *body = NULL;
    size_t size;

    v.to = open_memstream(&body, &size);
    if (!v.to)
        return false;
    chains(&v); /* its height is known when it is drawn */
    if (fclose(v.to) != 0) {
        free(body);
        return false;
    }
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
            "height=\"%u\" viewBox=\"0 0 %u %u\">\n%s"
            "<path d=\"M0 0H%uV%uH0z\" style=\"fill:#fff;stroke:none\"/>\n"
            "%s</svg>\n",
            v.width, v.y, v.width, v.y, style, v.width, v.y, body);
    free(body);
    return true;
}
