/* Emitted events in a chain: who gets them, that they come to an end, and how
 * many one packet can raise. */
#include "base/mem.h"
#include "sema/sema.h"
#include <stdlib.h>

enum { MOST = 1024 };

struct node { /* a handler at its place */
    const struct position *at;
    const struct handler *handler;
    const struct tstmt *by; /* on the way: the `emit` that leads on, or NULL */
    enum { NEW, ON_THE_WAY, DONE } state;
    unsigned events; /* that one run of it raises, with all that follows */
};

struct graph {
    struct sema *sema;
    const struct chain *chain;
    struct node *nodes;
    struct node **way;
    unsigned n, depth;
    bool told;
};

static void add(unsigned *to, unsigned n)
{
    *to = *to + n > 2 * MOST ? 2 * MOST : *to + n;
}

/* ---- cycles ---- */

static void tell_cycle(struct graph *g, const struct node *again)
{
    unsigned i = 0;
    const struct node *x;
    struct diag *d = NULL;

    if (g->told)
        return;
    g->told = true;
    while (g->way[i] != again)
        i++;
    for (; i < g->depth; i++) {
        x = g->way[i];
        if (!x->by)
            continue;
        if (!d)
            d = diag_error(g->sema->diags, x->by->loc,
                           "this would never end: '%s' leads to '%s' again",
                           x->by->event->path, x->by->event->path);
        else
            diag_also(d, x->by->loc, "who gets it emits '%s' in turn",
                      x->by->event->path);
    }
    if (d)
        diag_hint(d, "what is to happen later, a timer can do: on timer 10ms");
}

static void visit(struct graph *g, struct node *x);

/* What one event raises that the statement emits. */
static unsigned emitted(struct graph *g, struct node *x, const struct tstmt *s)
{
    unsigned n = 1;

    x->by = s;
    for (unsigned i = 0; i < g->n; i++)
        if (handler_takes(g->nodes[i].handler, s->event)) {
            visit(g, &g->nodes[i]);
            add(&n, g->nodes[i].events);
        }
    x->by = NULL;
    return n;
}

static unsigned raised(struct graph *g, struct node *x, const struct tblock *b)
{
    const struct tstmt *s;
    unsigned n = 0, one, other;

    if (!b)
        return 0;
    LIST_EACH (s, &b->stmts) {
        if (s->kind == TS_EMIT)
            add(&n, emitted(g, x, s));
        one = raised(g, x, s->body);
        other = raised(g, x, s->other);
        add(&n, one > other ? one : other);
        add(&n, raised(g, x, s->alt));
    }
    return n;
}

static void visit(struct graph *g, struct node *x)
{
    const struct ruleref *r;

    if (x->state == ON_THE_WAY)
        tell_cycle(g, x);
    if (x->state != NEW)
        return;
    x->state = ON_THE_WAY;
    g->way[g->depth++] = x;
    x->events = raised(g, x, x->handler->body);
    LIST_EACH (r, &x->handler->rules)
        for (unsigned i = 0; i < g->n; i++)
            if (g->nodes[i].at == x->at && g->nodes[i].handler == r->rule) {
                visit(g, &g->nodes[i]);
                add(&x->events, g->nodes[i].events);
            }
    g->depth--;
    x->state = DONE;
}

/* ---- events that nobody gets ---- */

static bool is_own(const struct sema *s, const struct nf *n)
{
    return strncmp(n->src->path, s->stdlib, strlen(s->stdlib)) != 0;
}

static bool anyone_takes(const struct graph *g, const struct event *e)
{
    for (unsigned i = 0; i < g->n; i++)
        if (handler_takes(g->nodes[i].handler, e))
            return true;
    return false;
}

static void find_lost(struct graph *g, const struct tblock *b, struct loc *told)
{
    const struct tstmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (s->kind == TS_EMIT && !anyone_takes(g, s->event) &&
            told->off != s->loc.off) {
            *told = s->loc; /* copies of a loop repeat it */
            diag_hint(diag_warning(g->sema->diags, s->loc,
                                   "in chain '%s' nobody subscribes to '%s'",
                                   g->chain->name, s->event->path),
                      "on %s { ... }", s->event->path);
        }
        find_lost(g, s->body, told);
        find_lost(g, s->other, told);
        find_lost(g, s->alt, told);
    }
}

static bool emits(const struct tblock *b, const struct handler *h)
{
    const struct tstmt *s;

    if (!b)
        return false;
    LIST_EACH (s, &b->stmts)
        if ((s->kind == TS_EMIT && handler_takes(h, s->event)) ||
            emits(s->body, h) || emits(s->other, h) || emits(s->alt, h))
            return true;
    return false;
}

static void find_idle(struct graph *g, const struct handler *h)
{
    if (h->raiser != RAISE_EMIT || !is_own(g->sema, h->nf))
        return;
    for (unsigned i = 0; i < g->n; i++)
        if (emits(g->nodes[i].handler->body, h))
            return;
    diag_warning(g->sema->diags, h->loc, "in chain '%s' nobody emits '%s'",
                 g->chain->name, h->events);
}

/* ---- a chain ---- */

static void nodes_make(struct graph *g)
{
    const struct position *p;
    const struct handler *h;
    unsigned n = 0;

    LIST_EACH (p, &g->chain->nfs)
        n += p->nf->handlers.n;
    g->nodes = mem_zeroed(n + 1, sizeof(*g->nodes));
    g->way = mem_zeroed(n + 1, sizeof(struct node *));
    LIST_EACH (p, &g->chain->nfs)
        LIST_EACH (h, &p->nf->handlers) {
            g->nodes[g->n].at = p;
            g->nodes[g->n++].handler = h;
        }
}

/* An NF that stands at several places is told of once. */
static bool is_again(const struct graph *g, unsigned node)
{
    for (unsigned i = 0; i < node; i++)
        if (g->nodes[i].handler == g->nodes[node].handler)
            return true;
    return false;
}

void deliveries_check(struct sema *s, struct chain *c)
{
    struct graph g = {.sema = s, .chain = c};
    struct loc told = {0};

    nodes_make(&g);
    for (unsigned i = 0; i < g.n; i++) {
        visit(&g, &g.nodes[i]);
        if (g.nodes[i].handler->raiser != RAISE_EMIT &&
            g.nodes[i].handler->raiser != RAISE_RULE)
            add(&c->most_events, g.nodes[i].events);
        if (diags_errors(s->diags) || is_again(&g, i))
            continue;
        if (is_own(s, g.nodes[i].at->nf))
            find_lost(&g, g.nodes[i].handler->body, &told);
        find_idle(&g, g.nodes[i].handler);
    }
    if (c->most_events > MOST && !g.told)
        diag_note(diag_error(s->diags, c->loc,
                             "one packet could raise more than %d events in "
                             "chain '%s'",
                             MOST, c->name),
                  "emit less often, or let a timer do it");
    free(g.way);
    free(g.nodes);
}
