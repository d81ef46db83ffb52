/* nflc graph: the branches of a chain, as the source names them. Stages follow
 * from them and from effects; a branch is what the exits of its NF choose. */
#include "base/arena.h"
#include "tool/graph.h"
#include "tool/graph_draw.h"
#include "unit.h"
#include <jansson.h>

static const char *exits_text(struct arena *a, const struct step *s,
                              const struct branch *b)
{
    const struct exit *x;
    const char *text = "";

    LIST_EACH (x, &s->at->nf->exits)
        if (b->exits >> x->number & 1)
            text = arena_fmt(a, "%s%s%s", text, *text ? ", " : "", x->name);
    if (b->exits & 1)
        text = arena_fmt(a, "%s%selse", text, *text ? ", " : "");
    return text;
}

static const char *end_text(const struct branch *b)
{
    return b->out ? "out" : "next";
}

/* ---- as text ---- */

static void text_steps(struct arena *a, const struct step *first,
                       unsigned depth, FILE *to)
{
    const struct step *s;
    const struct branch *b;

    for (s = first; s; s = s->next) {
        fprintf(to, "%*s%s\n", (int)(4 + 4 * depth), "", s->at->name);
        LIST_EACH (b, &s->branches) {
            fprintf(to, "%*s%s ->\n", (int)(6 + 4 * depth), "",
                    exits_text(a, s, b));
            text_steps(a, b->steps.first, depth + 1, to);
            fprintf(to, "%*s%s\n", (int)(8 + 4 * depth), "", end_text(b));
        }
    }
}

void graph_branches_text(const struct unit *u, const struct chain *c, FILE *to)
{
    if (!c->branches)
        return;
    fprintf(to, "  branches\n");
    text_steps(u->arena, c->steps.first, 0, to);
}

/* ---- as JSON ---- */

static json_t *json_steps(const struct step *first);

static json_t *json_branch(const struct step *s, const struct branch *b)
{
    const struct exit *x;
    json_t *exits = json_array();

    LIST_EACH (x, &s->at->nf->exits)
        if (b->exits >> x->number & 1)
            json_array_append_new(exits, json_string(x->name));
    return json_pack("{so sb so ss}", "exits", exits, "else",
                     (int)(b->exits & 1), "steps", json_steps(b->steps.first),
                     "then", end_text(b));
}

static json_t *json_steps(const struct step *first)
{
    json_t *all = json_array(), *step, *branches;
    const struct step *s;
    const struct branch *b;

    for (s = first; s; s = s->next) {
        step = json_pack("{ss si}", "nf", s->at->name, "position",
                         (int)s->at->index);
        branches = json_array();
        LIST_EACH (b, &s->branches)
            json_array_append_new(branches, json_branch(s, b));
        if (s->branches.first)
            json_object_set(step, "branches", branches);
        json_decref(branches);
        json_array_append_new(all, step);
    }
    return all;
}

json_t *graph_branches_json(const struct chain *c)
{
    return c->branches ? json_steps(c->steps.first) : NULL;
}

/* ---- as a picture ---- */

/* Steps go from left to right; what they branch to stands behind them, one
 * branch below the other. */
struct extent {
    unsigned w, h;
};

static struct extent extent_of(const struct step *first)
{
    struct extent all = {0, BOX_H}, in;
    const struct step *s;
    const struct branch *b;

    for (s = first; s; s = s->next) {
        unsigned wide = 0, high = 0;

        LIST_EACH (b, &s->branches) {
            in = extent_of(b->steps.first);
            wide = in.w > wide ? in.w : wide;
            high += in.h + LINE + GAP_Y;
        }
        if (s->branches.first)
            wide += 2 * GAP_X;
        all.w += BOX_W + wide + (s->next ? GAP_X : 0);
        all.h = high > all.h ? high : all.h;
    }
    return all;
}

/* Draws at (v->x, middle), and moves v->x behind. */
static void draw_steps(struct svg *v, const struct step *first,
                       unsigned middle);

static void draw_branch(struct svg *v, const struct step *s,
                        const struct branch *b, unsigned from, unsigned middle,
                        unsigned at, unsigned to)
{
    v->x = from + GAP_X;
    svg_line(v, from, middle, v->x, at);
    svg_words(v, "exit", v->x, at - BOX_H / 2 - 4,
              exits_text(v->unit->arena, s, b));
    draw_steps(v, b->steps.first, at);
    if (b->out) {
        svg_line(v, v->x, at, v->x + GAP_X / 2, at);
        svg_words(v, "exit", v->x + GAP_X / 2 + 4, at + 4, "out");
    } else {
        svg_line(v, v->x, at, to - GAP_X, at);
        svg_line(v, to - GAP_X, at, to, middle);
    }
}

static void draw_steps(struct svg *v, const struct step *first, unsigned middle)
{
    const struct step *s;
    const struct branch *b;

    for (s = first; s; s = s->next) {
        unsigned high = 0, wide = 0, from, at;

        svg_box(v, "nf", middle - BOX_H / 2, s->at->name);
        from = v->x += BOX_W;
        LIST_EACH (b, &s->branches) {
            struct extent in = extent_of(b->steps.first);

            high += in.h + LINE + GAP_Y;
            wide = in.w > wide ? in.w : wide;
        }
        at = middle - high / 2;
        LIST_EACH (b, &s->branches) {
            struct extent in = extent_of(b->steps.first);

            draw_branch(v, s, b, from, middle, at + LINE + in.h / 2,
                        from + wide + 2 * GAP_X);
            at += in.h + LINE + GAP_Y;
        }
        if (s->branches.first)
            v->x = from + wide + 2 * GAP_X;
        if (s->next) {
            svg_line(v, v->x, middle, v->x + GAP_X, middle);
            v->x += GAP_X;
        }
    }
}

unsigned svg_branches_width(const struct chain *c)
{
    return c->branches ? extent_of(c->steps.first).w + 2 * MARGIN + GAP_X : 0;
}

void svg_branches(struct svg *v, const struct chain *c)
{
    struct extent all = extent_of(c->steps.first);

    if (!c->branches)
        return;
    v->x = MARGIN;
    svg_words(v, "way", v->x, v->y, "branches");
    draw_steps(v, c->steps.first, v->y + LINE + all.h / 2);
    v->y += LINE + all.h + 2 * MARGIN;
}
