/* A chain: the visits to its NFs, in the order of each side, for a packet, a
 * burst, and the end of a flow. LANGUAGE.md, section 4. */
#include "emit/emit.h"
#include "ir/walk.h"
#include <string.h>

/* How a packet gets past an NF. */
enum pace {
    GENERAL, /* it may be the first of its flow */
    STEPS,   /* it has a shape, and the NF has seen its flow */
    MERGED,  /* and does not translate: all that is done behind the last NF */
};

static const char *const pace_prefix[] = {"gn", "gt", "gm"};

/* On the fast path it may have functions of its own, by side. */
static const char *handler_call(struct emit *e, const struct plan_nf *n,
                                const struct ir_handler *h, enum pace pace)
{
    const char *name = name_handler(e, n, h), *by[2];

    for (unsigned side = 0; side < 2; side++)
        by[side] = pace != GENERAL && emit_is_kept(e, h, side)
                       ? emit_kept_name(e, n, h, side)
                       : name;
    if (!e->chain->ir->source->two_way || by[0] == by[1])
        return arena_fmt(e->arena, "%s(c, h)", by[0]);
    return arena_fmt(e->arena, "(c->side == 0 ? %s(c, h) : %s(c, h))", by[0],
                     by[1]);
}

/* a(c, h) && b(c, h), of the handlers that a raiser runs; NULL if none. */
static const char *conjunction(struct emit *e, const struct plan_nf *n,
                               enum raiser raiser, enum pace pace)
{
    const struct plan_handler *h;
    const char *all = NULL, *one;
    enum rank rank = RANK_PACKET;

    LIST_EACH (h, &n->run[raiser]) {
        if (pace != GENERAL && !fast_may_run(e->plan, h->ir))
            continue;
        one = handler_call(e, n, h->ir, pace);
        if (h->ir->source->rank != rank && n->ir->source->nf->switched && all)
            one = arena_fmt(e->arena, "(gw_%s(c), %s)", name_nf(e, n), one);
        rank = h->ir->source->rank;
        all = all ? arena_fmt(e->arena, "%s && %s", all, one) : one;
    }
    return all;
}

const char *emit_why_dropped(struct emit *e, const struct plan_nf *n)
{
    if (n->drop_reason)
        return name_reason(e, n, n->drop_reason);
    return arena_fmt(e->arena, "s->drop[%d]", n->drop_slot);
}

static void slot(struct emit *e, const struct plan_nf *n)
{
    const char *chain = name_chain(e);

    if (n->drop_slot < 0 || n->drop_reason)
        return;
    cw(e->w, "struct gc_%s_session *s = (struct gc_%s_session *)c->session;",
       chain, chain);
    cw_blank(e->w);
}

/* ---- first packets on the fast path: of chains with branches ---- */

struct resizes {
    struct ir_visit visit;
    bool any;
};

static void see_resize(struct ir_visit *v, const struct ir_stmt *s)
{
    ((struct resizes *)v)->any |= s->op == IR_encap || s->op == IR_decap;
}

/* Do handlers of first packets add or remove headers? */
static bool first_resizes(const struct plan_nf *n)
{
    struct resizes r = {.visit = {NULL, see_resize}};
    const struct plan_handler *h;

    LIST_EACH (h, &n->run[RAISE_NEW])
        ir_walk_handler(&r.visit, h->ir);
    return r.any;
}

/* They work on a copy: so the head of the packet at hand stays constants. */
static void first_apart(struct emit *e, const struct plan_nf *n)
{
    const char *name = name_nf(e, n);

    cw_blank(e->w);
    cw(e->w, "/* A packet of a shape is the first of its flow at %s. */",
       n->ir->source->name);
    cw(e->w, "NFLG_COLD bool gb_%s(struct nfl_ctx *c, struct nflg_head *h)",
       name);
    cw_open(e->w, "%s", "");
    emit_look(e, n, "c");
    cw(e->w, "return %s;", conjunction(e, n, RAISE_NEW, GENERAL));
    cw_close(e->w, "");
    cw_blank(e->w);
    cw(e->w, "NFLG_FN bool ga_%s(const struct nfl_ctx *c, struct nflg_head *h)",
       name);
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nflg_head first = *h;");
    cw(e->w, "struct nfl_ctx at = *c;");
    cw(e->w, "bool on = gb_%s(&at, &first);", name);
    cw_blank(e->w);
    cw(e->w, "%s;",
       first_resizes(n) ? "*h = first" : "nflg_written(h, &first)");
    cw(e->w, "return on;");
    cw_close(e->w, "");
}

static void first_packet(struct emit *e, const struct plan_nf *n,
                         enum pace pace)
{
    const char *new = conjunction(e, n, RAISE_NEW, GENERAL);

    if (new && pace != GENERAL) {
        cw(e->w, "if (nflg_first(c) && !ga_%s(c, h))", name_nf(e, n));
        cw(e->w, "    return false;");
    } else if (new) {
        emit_look(e, n, "c");
        cw(e->w, "if (nflg_first(c) && !(%s))", new);
        cw(e->w, "    return false;");
    } else if (plan_hears(n)) {
        cw(e->w, "nflg_first(c);");
    }
}

static bool visit_uses_packet(const struct emit *e, const struct plan_nf *n)
{
    return !e->consolidate || n->drop_slot >= 0 || n->hop >= 0 ||
           n->run[RAISE_NEW].n || n->run[RAISE_PACKET].n;
}

static void visit(struct emit *e, const struct plan_nf *n, enum pace pace)
{
    const char *packet = conjunction(e, n, RAISE_PACKET, pace);
    bool translates = n->hop >= 0 && pace != MERGED;
    bool first = e->chain->ir->source->tracks &&
                 (pace == GENERAL || e->chain->ir->source->branches);

    cw_blank(e->w);
    cw(e->w, "/* A packet%s visits %s. */",
       pace == GENERAL ? "" : " of a flow that it knows", n->ir->source->name);
    cw(e->w, "%s bool %s_%s(struct nfl_ctx *c, struct nflg_head *h)",
       pace == GENERAL   ? "static"
       : e->chain->calls ? "NFLG_SLOW"
                         : "NFLG_ALONG",
       pace_prefix[pace], name_nf(e, n));
    cw_open(e->w, "%s", "");
    slot(e, n);
    if (pace == GENERAL ? !visit_uses_packet(e, n)
                        : n->drop_slot < 0 && !translates && !packet &&
                              !(first && n->run[RAISE_NEW].n))
        cw(e->w, "(void)h;");
    cw(e->w, "c->nf = %u;", n->position);
    emit_tcp_keeps(e, n);
    emit_inline_before(e, n);
    if (!e->consolidate)
        cw(e->w, "nflg_alone(c, h, g_parse);");
    if (!e->consolidate)
        emit_tcp_alone(e, n);
    if (n->ir->source->nf->exits.n)
        cw(e->w, "c->exit = 0;");
    if (n->drop_slot >= 0) {
        cw(e->w, "if (nflg_dropped(c))");
        cw(e->w, "    return nflg_drop(c, h, %s);", emit_why_dropped(e, n));
    }
    if (translates)
        cw(e->w, "nflg_undo(c, h, %d);", n->hop);
    if (first)
        first_packet(e, n, pace);
    emit_due(e, n, "c", true);
    if (packet)
        emit_look(e, n, "c");
    if (n->ir->source->nf->changes)
        packet = arena_fmt(e->arena, "%s%snflg_change_again(c, h)",
                           packet ? packet : "", packet ? " && " : "");
    if (translates)
        cw(e->w, "return %s%snflg_apply(c, h, %d);", packet ? packet : "",
           packet ? " && " : "", n->hop);
    else
        cw(e->w, "return %s;", packet ? packet : "true");
    cw_close(e->w, "");
}

/* "static void gc_CHAIN_what(" with the worker, the chain and more. */
static void function(struct emit *e, const char *what, const char *more)
{
    const char *head =
        arena_fmt(e->arena, "static void gc_%s_%s(", name_chain(e), what);

    cw_blank(e->w);
    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*s%s)", (int)strlen(head), "", more);
    cw_open(e->w, "%s", "");
}

/* After a change of parameters. */
void emit_reconfigured(struct emit *e, const char *chain)
{
    const struct plan_chain *c = e->chain;

    if (!c->judges && !plan_rows_ask_config(c))
        return;
    if (!c->judges) {
        cw(e->w, "nflg_reconfigured(&c);");
        return;
    }
    cw(e->w, "if (nflg_reconfigured(&c))");
    cw(e->w, "    gc_%s_again(w, %s, c.session);", name_chain(e), chain);
}

void emit_pass(struct emit *e, const char *h)
{
    const struct chain *s = e->chain->ir->source;
    const char *n = s->name;

    if (emit_branches(e->chain)) {
        cw(e->w, "if (c.back ? c.side == 0 ? gc_%s_back_left(&c, %s)", n, h);
        cw(e->w, "                         : gc_%s_back_right(&c, %s)", n, h);
        cw(e->w, "    : c.side == 0 ? gc_%s_left(&c, %s)", n, h);
        cw(e->w, "                  : gc_%s_right(&c, %s))", n, h);
    } else if (s->two_way)
        cw(e->w, "if (c.side == 0 ? gc_%s_left(&c, %s) : gc_%s_right(&c, %s))",
           n, h, n, h);
    else
        cw(e->w, "if (gc_%s_left(&c, %s))", n, h);
    if (!s->port[1]) {
        cw(e->w, "    nflg_discard(w, (%s)->pkt, NFL_DROP_end);", h);
        return;
    }
    emit_passed(e, h);
}

static void packet(struct emit *e)
{
    const struct chain *s = e->chain->ir->source;

    function(e, "packet",
             emit_settles(e->chain)
                 ? "struct nflg_head *h, uint64_t hash, unsigned shape"
             : s->tracks ? "struct nflg_head *h, uint64_t hash"
                         : "struct nflg_head *h");
    cw(e->w, "struct nfl_ctx c;");
    if (e->chain->events.n)
        cw(e->w, "struct gc_%s_events ev;", s->name);
    cw_blank(e->w);
    cw(e->w, "nflg_enter(&c, w, chain, h->pkt);");
    emit_begin(e, "&c");
    if (!s->two_way && s->port[1]) {
        cw_open(e->w, "if (c.side != 0)");
        cw(e->w, "nflg_discard(w, h->pkt, NFL_DROP_one_way);");
        cw(e->w, "return;");
        cw_close(e->w, "");
    }
    if (s->tracks) {
        cw(e->w, "if (!nflg_session(&c, h, hash))");
        cw(e->w, "    return;");
    } else if (s->key != KEY_NONE && s->shards > 1) {
        cw(e->w, "nflg_shard(&c, h);");
    }
    emit_reconfigured(e, "chain");
    emit_tcp_sees(e, "&c", "h", "return");
    emit_pass(e, "h");
    emit_end(e, "&c");
    emit_pass_made(e, "&c");
    if (e->chain->refuses && emit_is_inline(e))
        emit_end_refused(e);
    if (e->chain->refuses && emit_settles(e->chain)) {
        cw(e->w, "if (%s && shape)",
           emit_is_inline(e) ? "c.session" : "!nflg_end_refused(&c)");
        cw(e->w, "    gc_%s_settle(&c, h, shape);", s->name);
    } else if (e->chain->refuses && !emit_is_inline(e)) {
        cw(e->w, "nflg_end_refused(&c);");
    } else if (emit_settles(e->chain)) {
        cw(e->w, "if (shape)");
        cw(e->w, "    gc_%s_settle(&c, h, shape);", s->name);
    }
    emit_go_on(e, "h->pkt");
    emit_inline_behind(e, "h->pkt");
    cw_close(e->w, "");
}

/* All packets are parsed and their sessions asked for before the first has its
 * turn: a packet's bytes change in its own turn only. */
static void burst_of_flows(struct emit *e)
{
    cw(e->w, "struct nflg_burst b;");
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "    g_parse(&b.h[i], pkts[i]);");
    cw(e->w, "nflg_look_up(chain, &b, n);");
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "nflg_fetch(chain, &b, i + NFLG_AHEAD);");
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    cw(e->w, "gc_%s_packet(w, chain, &b.h[i], b.hash[i]);", name_chain(e));
    cw_close(e->w, "");
}

static void burst(struct emit *e)
{
    function(e, "burst", "struct nfl_pkt *const *pkts, unsigned n");
    if (emit_is_fast(e->chain)) {
        emit_fast_burst(e);
    } else if (e->chain->ir->source->tracks) {
        burst_of_flows(e);
    } else {
        cw(e->w, "struct nflg_head h;");
        cw(e->w, "unsigned i;");
        cw_blank(e->w);
        cw_open(e->w, "for (i = 0; i < n; i++)");
        cw(e->w, "nfl_worker_tick(w, pkts[i]);");
        cw(e->w, "g_parse(&h, pkts[i]);");
        cw(e->w, "gc_%s_packet(w, chain, &h);", name_chain(e));
        cw_close(e->w, "");
    }
    cw_close(e->w, "");
}

/* ---- without a packet: the end of a flow, a change of parameters ---- */

static void flow_handlers(struct emit *e, const struct plan_nf *n,
                          enum raiser raiser)
{
    const struct plan_handler *h;

    cw(e->w, "c.nf = %u;", n->position);
    cw_open(e->w, "if (nflg_seen(&c))");
    if (raiser == RAISE_CONFIG)
        cw(e->w, "nflg_judge_again(&c);");
    emit_look(e, n, "&c");
    LIST_EACH (h, &n->run[raiser]) {
        if (h != n->run[raiser].first && raiser == RAISE_CONFIG)
            cw(e->w, "if (!nflg_dropped(&c))");
        cw(e->w, "%s%s(&c);",
           h != n->run[raiser].first && raiser == RAISE_CONFIG ? "    " : "",
           name_handler(e, n, h->ir));
    }
    cw_close(e->w, "");
}

static void flow_visit(struct emit *e, const struct plan_nf *n,
                       enum raiser raiser)
{
    if (raiser_closes(raiser))
        emit_due(e, n, "&c", false);
    if (n->run[raiser].n)
        flow_handlers(e, n, raiser);
    if (raiser == RAISE_CONFIG)
        emit_due(e, n, "&c", false);
}

static void flow_order(struct emit *e, unsigned side, enum raiser raiser)
{
    uint8_t order[64];
    unsigned n = emit_order(e->chain, side, order);
    const struct plan_nf *nf;

    for (unsigned i = 0; i < n; i++)
        LIST_EACH (nf, &e->chain->nfs)
            if (nf->position == order[i])
                flow_visit(e, nf, raiser);
}

/* In chain order from the initiator. */
static void of_flow(struct emit *e, const char *what, enum raiser raiser)
{
    function(e, what, "struct nfl_session *session");
    cw(e->w, "struct nfl_ctx c;");
    if (e->chain->events.n)
        cw(e->w, "struct gc_%s_events ev;", name_chain(e));
    cw_blank(e->w);
    cw(e->w, "nflg_enter_flow(&c, w, chain, session);");
    emit_begin(e, "&c");
    if (!e->chain->ir->source->two_way) {
        flow_order(e, 0, raiser);
    } else {
        cw_open(e->w, "if (c.side == 0)");
        flow_order(e, 0, raiser);
        cw_out(e->w);
        cw(e->w, "} else {");
        cw_in(e->w);
        flow_order(e, 1, raiser);
        cw_close(e->w, "");
    }
    emit_end(e, "&c");
    cw_close(e->w, "");
}

static bool is_paced(const struct plan_chain *c, enum fast_mode mode)
{
    return c->fast[0].mode == mode || c->fast[1].mode == mode;
}

void emit_visits(struct emit *e)
{
    const struct plan_nf *n;

    LIST_EACH (n, &e->chain->nfs) {
        visit(e, n, GENERAL);
        if (emit_is_fast(e->chain) && e->chain->ir->source->branches &&
            e->chain->ir->source->tracks && n->run[RAISE_NEW].n)
            first_apart(e, n);
        if (is_paced(e->chain, FAST_STEPS))
            visit(e, n, STEPS);
        if (is_paced(e->chain, FAST_MERGED))
            visit(e, n, MERGED);
    }
    emit_ways(e);
    if (e->chain->judges)
        of_flow(e, "again", RAISE_CONFIG);
    emit_made(e);
    emit_inline_enter(e);
    emit_fast(e);
    packet(e);
    if (!e->chain->ir->source->group)
        burst(e);
    if (e->chain->ends)
        of_flow(e, "end", RAISE_END);
    if (e->chain->stops)
        of_flow(e, "stop", RAISE_STOP);
}
