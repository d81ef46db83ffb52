/* Chains that share ports: which of them takes a packet. LANGUAGE.md, "Which
 * chain takes a packet". All packets of a burst are parsed first; the question
 * is asked in each packet's turn, since those before it open and end sessions.
 */
#include "emit/emit.h"
#include <string.h>

/* The module's index of a chain. */
static unsigned index_of(const struct emit *e, const struct plan_chain *c)
{
    const struct plan_chain *i;
    unsigned n = 0;

    for (i = e->plan->chains.first; i != c; i = i->next)
        n++;
    return n;
}

static bool is_of(const struct plan_chain *c, const struct plan_chain *group)
{
    return c->ir->source->group == group->ir->source;
}

static bool is_first(const struct plan_chain *c)
{
    return is_of(c, c);
}

/* The place of the chain's hash among those of a packet. */
static unsigned slot_of(const struct emit *e, const struct plan_chain *group,
                        const struct plan_chain *c)
{
    const struct plan_chain *i;
    unsigned n = 0;

    for (i = e->plan->chains.first; i != c; i = i->next)
        n += is_of(i, group) && i->ir->source->tracks;
    return n;
}

/* How many chains of the group have a flow table. */
static unsigned slots(const struct emit *e, const struct plan_chain *group)
{
    return slot_of(e, group, NULL);
}

static bool enters(const struct plan_chain *c, const struct plan_chain *group,
                   const struct port *p)
{
    unsigned side;

    return is_of(c, group) && chain_enters(c->ir->source, p, &side);
}

static bool is_port_of(const struct emit *e, const struct plan_chain *group,
                       const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (enters(c, group, p))
            return true;
    return false;
}

/* ---- a port ---- */

static void take(struct emit *e, const struct plan_chain *group,
                 const struct plan_chain *c)
{
    const struct chain *s = c->ir->source;

    if (s->tracks)
        cw(e->w, "gc_%s_packet(w, &w->chains[%u], h, hash[%u]);", s->name,
           index_of(e, c), slot_of(e, group, c));
    else
        cw(e->w, "gc_%s_packet(w, &w->chains[%u], h);", s->name,
           index_of(e, c));
}

static void take_if(struct emit *e, const struct plan_chain *group,
                    const struct plan_chain *c, const char *cond)
{
    cw_open(e->w, "if (%s)", cond);
    take(e, group, c);
    cw(e->w, "return;");
    cw_close(e->w, "");
}

/* Whose session it is. */
static void claims(struct emit *e, const struct plan_chain *group,
                   const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (enters(c, group, p) && c->ir->source->tracks)
            take_if(e, group, c,
                    arena_fmt(e->arena,
                              "nflg_has_flow(h) && "
                              "nflg_claims(w, &w->chains[%u], h, hash[%u])",
                              index_of(e, c), slot_of(e, group, c)));
}

/* Who asks for it; true if somebody takes whatever is left. */
static bool asks(struct emit *e, const struct plan_chain *group,
                 const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains) {
        if (!enters(c, group, p))
            continue;
        if (!c->ir->filter) {
            take(e, group, c);
            return true;
        }
        cw(e->w, "nflg_enter(&c, w, &w->chains[%u], h->pkt);", index_of(e, c));
        take_if(e, group, c,
                arena_fmt(e->arena, "gc_%s_takes(&c, h)", c->ir->source->name));
    }
    return false;
}

static bool has_filter(const struct emit *e, const struct plan_chain *group,
                       const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (enters(c, group, p) && c->ir->filter)
            return true;
    return false;
}

/* Do chains that take packets from the port have flow tables? */
static bool has_tables(const struct emit *e, const struct plan_chain *group,
                       const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (enters(c, group, p) && c->ir->source->tracks)
            return true;
    return false;
}

static void port(struct emit *e, const struct plan_chain *group,
                 const struct port *p)
{
    bool filter = has_filter(e, group, p);

    cw_blank(e->w);
    cw(e->w, "/* The chain that takes a packet from %s. */", p->name);
    cw(e->w, "static void gport_%s(struct nfl_worker *w, struct nflg_head *h%s",
       p->name, has_tables(e, group, p) ? "," : ")");
    if (has_tables(e, group, p))
        cw(e->w, "%*sconst uint64_t *hash)",
           (int)(sizeof("static void gport_(") - 1 + strlen(p->name)), "");
    cw_open(e->w, "%s", "");
    if (filter) {
        cw(e->w, "struct nfl_ctx c;");
        cw_blank(e->w);
    }
    claims(e, group, p);
    if (!asks(e, group, p))
        cw(e->w, "nflg_discard(w, h->pkt, NFL_DROP_unclaimed);");
    cw_close(e->w, "");
}

/* ---- all ports of a group ---- */

/* "static void gi_CHAIN_what(" with the worker, and more. */
static void head(struct emit *e, const struct plan_chain *group,
                 const char *what, const char *more)
{
    const char *text = arena_fmt(e->arena, "static void gi_%s_%s(",
                                 group->ir->source->name, what);

    cw(e->w, "%sstruct nfl_worker *w,", text);
    cw(e->w, "%*s%s", (int)strlen(text), "", more);
}

static void burst_head(struct emit *e, const struct plan_chain *group,
                       const char *end)
{
    head(e, group, "burst", "struct nfl_chain *chain,");
    cw(e->w, "%*sstruct nfl_pkt *const *pkts, unsigned n%s",
       (int)(sizeof("static void gi__burst(") - 1 +
             strlen(group->ir->source->name)),
       "", end);
}

/* Asks for what may be the session of a packet. */
static void fetch(struct emit *e, const struct plan_chain *group)
{
    const struct plan_chain *c;
    const struct port *p;

    cw_blank(e->w);
    head(e, group, "fetch", "const struct nflg_head *h, uint64_t *hash)");
    cw_open(e->w, "%s", "");
    cw(e->w, "if (!nflg_has_flow(h))");
    cw(e->w, "    return;");
    cw(e->w, "switch (h->pkt->port) {");
    LIST_EACH (p, &e->plan->ir->tree->ports) {
        if (!is_port_of(e, group, p))
            continue;
        cw(e->w, "case %u: /* %s */", p->index, p->name);
        LIST_EACH (c, &e->plan->chains)
            if (enters(c, group, p) && c->ir->source->tracks)
                cw(e->w, "    hash[%u] = nflg_ask(&w->chains[%u], h);",
                   slot_of(e, group, c), index_of(e, c));
        cw(e->w, "    break;");
    }
    cw(e->w, "}");
    cw_close(e->w, "");
}

static void choose(struct emit *e, const struct plan_chain *group)
{
    const struct port *p;

    cw(e->w, "switch (pkts[i]->port) {");
    LIST_EACH (p, &e->plan->ir->tree->ports) {
        if (!is_port_of(e, group, p))
            continue;
        cw(e->w, "case %u:", p->index);
        cw(e->w, "    gport_%s(w, &h[i]%s);", p->name,
           has_tables(e, group, p) ? ", hash[i]" : "");
        cw(e->w, "    break;");
    }
    cw(e->w, "}");
}

static void burst(struct emit *e, const struct plan_chain *group)
{
    const char *name = group->ir->source->name;
    unsigned n = slots(e, group);

    cw_blank(e->w);
    burst_head(e, group, ")");
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nflg_head h[NFL_BURST];");
    if (n)
        cw(e->w, "uint64_t hash[NFL_BURST][%u] = {{0}};", n);
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw(e->w, "(void)chain;");
    cw(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "    g_parse(&h[i], pkts[i]);");
    if (n) {
        cw(e->w, "for (i = 0; i < n && i < NFLG_AHEAD; i++)");
        cw(e->w, "    gi_%s_fetch(w, &h[i], hash[i]);", name);
    }
    cw_open(e->w, "for (i = 0; i < n; i++)");
    if (n) {
        cw(e->w, "if (i + NFLG_AHEAD < n)");
        cw(e->w,
           "    gi_%s_fetch(w, &h[i + NFLG_AHEAD], hash[i + NFLG_AHEAD]);",
           name);
    }
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    choose(e, group);
    cw_close(e->w, "");
    cw_close(e->w, "");
}

/* ---- the module ---- */

void emit_ingress_prototypes(struct emit *e)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (is_first(c)) {
            cw_blank(e->w);
            burst_head(e, c, ");");
        }
}

void emit_ingress(struct emit *e)
{
    const struct plan_chain *c;
    const struct port *p;

    LIST_EACH (c, &e->plan->chains) {
        if (!is_first(c))
            continue;
        e->chain = c;
        LIST_EACH (p, &e->plan->ir->tree->ports)
            if (is_port_of(e, c, p))
                port(e, c, p);
        if (slots(e, c))
            fetch(e, c);
        burst(e, c);
    }
}
