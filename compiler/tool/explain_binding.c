/* nflc explain: what is done once for each flow, what for each packet, and why.
 * The same list is printed as text and as JSON. */
#include "base/arena.h"
#include "plan/binding.h"
#include "plan/deps.h"
#include "sema/tree.h"
#include "plan/plan.h"
#include "tool/explain.h"
#include "tool/explain_fast.h"
#include "unit.h"
#include <jansson.h>
#include <string.h>

enum when { ONCE, CHANGE, EVENT, PACKET, NEVER, WHEN_N };

static const char *const when_name[WHEN_N] = {
    [ONCE] = "flow",     [CHANGE] = "change", [EVENT] = "event",
    [PACKET] = "packet", [NEVER] = "never",
};

struct item { /* something that an NF does */
    enum when when;
    const char *what;
    struct loc loc;
    const char *why;
    unsigned sides; /* bit: packets from there */
    struct item *next;
};
typedef LIST(struct item) items;

struct list {
    const struct unit *unit;
    unsigned side;
    const struct var *fired; /* of the rule at hand: nobody wrote it */
    items items;
};

/* ---- what an NF does ---- */

static const char *place(const struct list *l, struct loc loc)
{
    return deps_place(l->unit->arena, l->unit->tree->main, loc);
}

static const char *why_text(const struct list *l, const struct why *w)
{
    struct arena *a = l->unit->arena;
    const char *text;

    if (!w)
        return NULL;
    text = arena_fmt(a, "%s, %s", w->text, place(l, w->loc));
    return w->by ? arena_fmt(a, "%s, which %s, %s", text, w->by,
                             place(l, w->by_loc))
                 : text;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void add(struct list *l, enum when when, const char *what,
                struct loc loc, const char *why)
{
    struct item *i;

    LIST_EACH (i, &l->items)
        if (i->when == when && strcmp(i->what, what) == 0 &&
            strcmp(place(l, i->loc), place(l, loc)) == 0 && same(i->why, why)) {
            i->sides |= 1u << l->side;
            return;
        }
    i = ARENA_NEW(l->unit->arena, struct item);
    *i = (struct item){when, what, loc, why, 1u << l->side, NULL};
    LIST_ADD(&l->items, i);
}

/* What a header action, or a drop, does. */
static const char *action_text(const struct list *l, const struct ir_stmt *s)
{
    struct arena *a = l->unit->arena;

    switch (s->op) {
    case IR_store_field:
        return arena_fmt(a, "writes %s.%s", s->field->header->name,
                         s->field->name);
    case IR_drop:
        return "drops the packet";
    case IR_drop_flow:
        return "drops the flow";
    case IR_encap:
        return arena_fmt(a, "adds %s", s->stack->text);
    case IR_decap:
        return arena_fmt(a, "removes %s", s->stack->text);
    case IR_goto:
        return "chooses an exit";
    default:
        return NULL;
    }
}

/* What it reads on the line where it stands is no news. */
static const char *why_else(const struct list *l, const struct why *w,
                            struct loc loc)
{
    return w && strcmp(place(l, w->loc), place(l, loc)) != 0 ? why_text(l, w)
                                                             : NULL;
}

/* Something that is asked for each packet. */
static void add_asked(struct list *l, const struct binding *b)
{
    const char *by = b->why && b->why->by
                         ? arena_fmt(l->unit->arena, "%s, %s", b->why->by,
                                     place(l, b->why->by_loc))
                         : NULL;

    if (b->time == TIME_PACKET)
        add(l, PACKET, b->why->text, b->why->loc, by);
}

static const char *flips_text(const struct list *l, const struct bound *b)
{
    struct arena *a = l->unit->arena;
    const char *text = NULL;
    const struct flip *f;

    LIST_EACH (f, &b->flips)
        text = arena_fmt(a, "%s%s%s changes, %s", text ? text : "",
                         text ? "; or " : "when ", f->var->name,
                         place(l, f->stmt->loc));
    return text ? text : why_text(l, b->control.why);
}

static const char *clash_text(const struct list *l, const struct clash *c)
{
    if (!c)
        return NULL;
    return arena_fmt(l->unit->arena, "into the packet at once: %s %s, %s",
                     c->nf->source->name, c->text, place(l, c->loc));
}

static void add_effect(struct list *l, const struct ir_stmt *s,
                       const struct bound *b)
{
    const char *what = action_text(l, s);

    if (b->class == BOUND_ACTION)
        add(l, ONCE, what, s->loc, clash_text(l, b->clash));
    else if (b->class == BOUND_GUARDED)
        add(l, CHANGE, what, s->loc, flips_text(l, b));
    else if (b->class == BOUND_RESIDUAL && what)
        add(l, PACKET, what, s->loc, why_else(l, b->binding.why, s->loc));
    else if (b->class == BOUND_RESIDUAL && (!s->var || s->var != l->fired))
        add(l, PACKET, b->binding.why->text, s->loc, NULL);
}

static void add_block(struct list *l, const struct ir_block *block)
{
    const struct ir_stmt *s;

    if (!block)
        return;
    LIST_EACH (s, &block->stmts) {
        const struct bound *b = binding_of(l->unit->bindings, s, l->side);

        if (s->op == IR_if)
            add_asked(l, &b->own);
        add_effect(l, s, b);
        add_block(l, s->body);
        add_block(l, s->other);
    }
}

static const char *on(const struct list *l, const struct handler *h)
{
    return h->raiser == RAISE_RULE
               ? "a rule"
               : arena_fmt(l->unit->arena, "on %s", h->events);
}

static void add_handler(struct list *l, const struct bound_handler *h)
{
    const struct handler *s = h->ir->source;
    const struct bound_way *w = &h->way[l->side];

    if (h->apart && w->shapes) {
        add(l,
            s->raiser == RAISE_EMIT || s->raiser == RAISE_TIMER ? EVENT : ONCE,
            on(l, s), s->loc, NULL);
        return;
    }
    if (!h->way[0].shapes && !h->way[1].shapes)
        add(l, NEVER, on(l, s), s->loc, NULL);
    if (!w->shapes)
        return;
    if (s->raiser != RAISE_RULE)
        add_asked(l, &w->guard);
    l->fired = s->fired;
    add_block(l, h->ir->guard);
    add_block(l, h->ir->body);
}

static items items_of(const struct unit *u, const struct bound_chain *c,
                      const struct ir_nf *n)
{
    struct list l = {.unit = u};
    const struct bound_handler *h;

    LIST_EACH (h, &c->handlers)
        if (h->nf == n)
            for (l.side = 0; l.side <= c->ir->source->two_way; l.side++)
                add_handler(&l, h);
    return l.items;
}

/* ---- as text ---- */

static void item_text(const struct unit *u, const struct chain *c,
                      const struct item *i, FILE *to)
{
    fprintf(to, "      %-6s  %s, %s", when_name[i->when], i->what,
            deps_place(u->arena, u->tree->main, i->loc));
    if (c->two_way && i->sides != 3)
        fprintf(to, ", of packets from '%s'", c->side[i->sides == 2]);
    fprintf(to, "%s%s\n", i->why ? ": " : "", i->why ? i->why : "");
}

static void nf_text(const struct unit *u, const struct bound_chain *c,
                    const struct ir_nf *n, FILE *to)
{
    items all = items_of(u, c, n);
    const struct item *i;

    fprintf(to, "    %s%s\n", n->source->name,
            all.n ? "" : ": nothing for packets of flows");
    for (unsigned w = 0; w < WHEN_N; w++)
        LIST_EACH (i, &all)
            if (i->when == w)
                item_text(u, c->ir->source, i, to);
}

static const struct bound_chain *chain_of(const struct unit *u,
                                          const struct chain *c)
{
    const struct bound_chain *i = u->bindings->chains.first;

    while (i->ir->source != c)
        i = i->next;
    return i;
}

void explain_binding(const struct unit *u, const struct chain *c, FILE *to)
{
    const struct bound_chain *b = chain_of(u, c);
    const struct plan_shape *s;
    const struct ir_nf *n;

    if (!c->tracks || !u->bindings->shapes.n)
        return;
    fputs("\n  what can be done once for a flow, where state changes, or for "
          "each "
          "packet, of\n    ",
          to);
    LIST_EACH (s, &u->bindings->shapes)
        fprintf(to, "%s%s", s->text, s->next ? ", " : "\n");
    LIST_EACH (n, &b->ir->nfs)
        nf_text(u, b, n, to);
}

/* ---- as JSON ---- */

static json_t *item_json(const struct chain *c, const struct item *i)
{
    json_t *sides = json_array();

    for (unsigned s = 0; s < 2; s++)
        if (i->sides >> s & 1)
            json_array_append_new(sides, json_string(c->side[s]));
    return json_pack("{ss ss ss si ss* so}", "when", when_name[i->when], "what",
                     i->what, "file", i->loc.src->path, "line",
                     (int)loc_linecol(i->loc).line, "why", i->why, "sides",
                     sides);
}

static const struct plan_chain *plan_chain_of(const struct unit *u,
                                              const struct bound_chain *c)
{
    const struct plan_chain *p = u->plan->chains.first;

    while (p->ir != c->ir)
        p = p->next;
    return p;
}

static json_t *chain_json(const struct unit *u, const struct bound_chain *c)
{
    json_t *nfs = json_array();
    const struct ir_nf *n;

    LIST_EACH (n, &c->ir->nfs) {
        items all = items_of(u, c, n);
        json_t *list = json_array();
        const struct item *i;

        LIST_EACH (i, &all)
            json_array_append_new(list, item_json(c->ir->source, i));
        json_array_append_new(
            nfs, json_pack("{ss si so}", "nf", n->source->name, "position",
                           (int)n->source->index, "does", list));
    }
    return json_pack("{ss sb so so}", "chain", c->ir->source->name, "flows",
                     c->ir->source->tracks, "fast",
                     explain_fast_json(u, plan_chain_of(u, c)), "nfs", nfs);
}

bool explain_json(const struct unit *u, bool line, FILE *to)
{
    json_t *shapes = json_array(), *chains = json_array(), *all;
    const struct plan_shape *s;
    const struct bound_chain *c;
    bool done;

    LIST_EACH (s, &u->bindings->shapes)
        json_array_append_new(shapes, json_string(s->text));
    LIST_EACH (c, &u->bindings->chains)
        json_array_append_new(chains, chain_json(u, c));
    all = json_pack("{ss so so}", "file", u->path, "shapes", shapes, "chains",
                    chains);
    done = all && json_dumpf(all, to, line ? 0 : JSON_INDENT(2)) == 0;
    fputc('\n', to);
    json_decref(all);
    return done;
}
