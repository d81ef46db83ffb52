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

/* A chain of the group takes the fast path; p: one that takes packets from that
 * port. */
static bool any_fast(const struct emit *e, const struct plan_chain *group,
                     const struct port *p)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (is_of(c, group) && emit_is_fast(c) && (!p || enters(c, group, p)))
            return true;
    return false;
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

    if (s->tracks) {
        cw(e->w, "gc_%s_packet(w, &w->chains[%u], h, hash[%u]%s);", s->name,
           index_of(e, c), slot_of(e, group, c),
           emit_settles(c) ? ", shape" : "");
        return;
    }
    if (emit_is_fast(c))
        cw(e->w, "if (!gc_%s_fast(w, &w->chains[%u], NULL, 0, h->pkt, shape))",
           s->name, index_of(e, c));
    cw(e->w, "%sgc_%s_packet(w, &w->chains[%u], h);",
       emit_is_fast(c) ? "    " : "", s->name, index_of(e, c));
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
    int in = (int)(sizeof("static void gport_(") - 1 + strlen(p->name));
    bool filter = has_filter(e, group, p);

    cw_blank(e->w);
    cw(e->w, "/* The chain that takes a packet from %s. */", p->name);
    cw(e->w, "static void gport_%s(struct nfl_worker *w,", p->name);
    if (has_tables(e, group, p))
        cw(e->w, "%*sconst uint64_t *hash,", in, "");
    if (any_fast(e, group, p))
        cw(e->w, "%*sunsigned shape,", in, "");
    cw(e->w, "%*sstruct nflg_head *h)", in, "");
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

/* hash, shape: of the packet at hand, as C. */
static void choose(struct emit *e, const struct plan_chain *group,
                   const char *hash, const char *shape)
{
    const struct port *p;

    cw(e->w, "switch (pkts[i]->port) {");
    LIST_EACH (p, &e->plan->ir->tree->ports) {
        if (!is_port_of(e, group, p))
            continue;
        cw(e->w, "case %u:", p->index);
        cw(e->w, "    gport_%s(w, %s%s&h[i]);", p->name,
           has_tables(e, group, p) ? hash : "",
           any_fast(e, group, p) ? shape : "");
        cw(e->w, "    break;");
    }
    cw(e->w, "}");
}

static void burst_of_all(struct emit *e, const struct plan_chain *group)
{
    const char *name = group->ir->source->name;
    unsigned n = slots(e, group);

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
    choose(e, group, "hash[i], ", "");
    cw_close(e->w, "");
}

/* ---- some chains take the fast path ---- */

/* One that takes packets from the port and has the same keys for them. */
static const struct plan_chain *looked(const struct emit *e,
                                       const struct plan_chain *group,
                                       const struct plan_chain *c,
                                       const struct port *p)
{
    const struct plan_chain *i;
    unsigned side, other;

    chain_enters(c->ir->source, p, &side);
    for (i = e->plan->chains.first; i != c; i = i->next)
        if (is_of(i, group) && i->ir->source->tracks &&
            i->ir->source->two_way == c->ir->source->two_way &&
            chain_enters(i->ir->source, p, &other) && other == side)
            return i;
    return NULL;
}

static void look_of(struct emit *e, const struct plan_chain *group,
                    const struct plan_chain *c, const struct port *p)
{
    const struct plan_chain *same = looked(e, group, c, p);
    unsigned slot = slot_of(e, group, c), side;

    cw(e->w, "    enters[%u] |= (uint64_t)1 << i;", slot);
    if (same) {
        cw(e->w, "    nflg_look_same(&f[%u], &f[%u], i);", slot,
           slot_of(e, group, same));
        return;
    }
    chain_enters(c->ir->source, p, &side);
    cw(e->w,
       "    shape = f[%u].shape[i] = g_shape(pkt, f[%u].key4[i], "
       "f[%u].key6[i], %s, %u);",
       slot, slot, slot, c->ir->source->two_way ? "true" : "false", side);
}

/* What a packet is, and its keys in the chains that may have its session. */
static void look(struct emit *e, const struct plan_chain *group)
{
    const struct plan_chain *c;
    const struct port *p;

    cw_blank(e->w);
    head(e, group, "look", "struct nfl_pkt *pkt, struct nflg_head *h,");
    cw(e->w, "    struct nflg_looks *f, uint64_t *enters, unsigned *shapes, "
             "unsigned i)");
    cw_open(e->w, "%s", "");
    cw(e->w, "uint64_t none[NFL_KEY6_WORDS];");
    cw(e->w, "unsigned shape = 0;");
    cw_blank(e->w);
    cw(e->w, "(void)w, (void)f, (void)enters, (void)none;");
    cw(e->w, "switch (pkt->port) {");
    LIST_EACH (p, &e->plan->ir->tree->ports) {
        if (!is_port_of(e, group, p))
            continue;
        cw(e->w, "case %u: /* %s */", p->index, p->name);
        LIST_EACH (c, &e->plan->chains)
            if (enters(c, group, p) && c->ir->source->tracks)
                look_of(e, group, c, p);
        if (!has_tables(e, group, p) && any_fast(e, group, p))
            cw(e->w, "    shape = g_shape(pkt, none, none, true, 0);");
        cw(e->w, "    break;");
    }
    cw(e->w, "}");
    cw(e->w, "if (!shape)");
    cw(e->w, "    g_parse(h, pkt);");
    cw(e->w, "shapes[i] = shape;");
    cw_close(e->w, "");
}

static void turn_from(struct emit *e, const struct plan_chain *group,
                      const struct port *p)
{
    const struct plan_chain *c;
    unsigned at, slot;

    cw(e->w, "case %u: /* %s */", p->index, p->name);
    LIST_EACH (c, &e->plan->chains) {
        if (!enters(c, group, p) || !c->ir->source->tracks)
            continue;
        at = index_of(e, c);
        slot = slot_of(e, group, c);
        cw(e->w, "    if (nflg_knows(&w->chains[%u], &f[%u], i))", at, slot);
        if (emit_is_fast(c))
            cw(e->w,
               "        return gc_%s_fast(w, &w->chains[%u], &f[%u], i, pkt, "
               "f[%u].shape[i]);",
               c->ir->source->name, at, slot, slot);
        else
            cw(e->w, "        return false;");
    }
    cw(e->w, "    break;");
}

/* Of several tables that know a packet's tuple the first one counts, as it does
 * where the packet goes the general way. */
static void turn(struct emit *e, const struct plan_chain *group)
{
    const struct port *p;

    cw_blank(e->w);
    cw(e->w, "/* A packet of a shape, in its turn: false if it has to go the "
             "general way. */");
    cw(e->w, "static bool gi_%s_turn(struct nfl_worker *w,",
       group->ir->source->name);
    cw(e->w, "    const struct nflg_looks *f, struct nfl_pkt *pkt, unsigned "
             "i)");
    cw_open(e->w, "%s", "");
    cw(e->w, "switch (pkt->port) {");
    LIST_EACH (p, &e->plan->ir->tree->ports)
        if (is_port_of(e, group, p) && has_tables(e, group, p))
            turn_from(e, group, p);
    cw(e->w, "}");
    cw(e->w, "return false;");
    cw_close(e->w, "");
}

/* Asks for the sessions, in all tables. */
static void look_up(struct emit *e, const struct plan_chain *group)
{
    const struct plan_chain *c;
    unsigned slot;

    LIST_EACH (c, &e->plan->chains) {
        if (!is_of(c, group) || !c->ir->source->tracks)
            continue;
        slot = slot_of(e, group, c);
        cw(e->w, "nflg_look_up_some(&w->chains[%u], &f[%u], h, pkts, n,",
           index_of(e, c), slot);
        cw(e->w, "                  %s, enters[%u]);", emit_entry_needed(e, c),
           slot);
    }
}

static void burst_of_shapes(struct emit *e, const struct plan_chain *group)
{
    const char *name = group->ir->source->name;
    unsigned n = slots(e, group), k;

    cw(e->w, "struct nflg_head h[NFL_BURST];");
    if (n) {
        cw(e->w, "struct nflg_looks f[%u];", n);
        cw(e->w, "uint64_t enters[%u] = {0}, hash[%u];", n, n);
    }
    cw(e->w, "unsigned shape[NFL_BURST], i;");
    cw_blank(e->w);
    cw(e->w, "(void)chain;");
    for (k = 0; k < n; k++)
        cw(e->w, "nflg_look_at_none(&f[%u], n);", k);
    cw(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "    gi_%s_look(w, pkts[i], &h[i], %s, shape, i);", name,
       n ? "f, enters" : "NULL, NULL");
    look_up(e, group);
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    if (n) {
        cw(e->w, "if (shape[i] && gi_%s_turn(w, f, pkts[i], i))", name);
        cw(e->w, "    continue;");
    }
    cw(e->w, "if (shape[i])");
    cw(e->w, "    g_parse(&h[i], pkts[i]);");
    for (k = 0; k < n; k++)
        cw(e->w, "hash[%u] = f[%u].hash[i];", k, k);
    choose(e, group, "hash, ", "shape[i] & NFLG_SHAPE, ");
    cw_close(e->w, "");
}

static void burst(struct emit *e, const struct plan_chain *group)
{
    cw_blank(e->w);
    burst_head(e, group, ")");
    cw_open(e->w, "%s", "");
    if (any_fast(e, group, NULL))
        burst_of_shapes(e, group);
    else
        burst_of_all(e, group);
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
        if (any_fast(e, c, NULL)) {
            look(e, c);
            if (slots(e, c))
                turn(e, c);
        } else if (slots(e, c)) {
            fetch(e, c);
        }
        burst(e, c);
    }
}
