/* The fast path: a function for the packets of each shape that arrive at a
 * side, with all handlers in it. LANGUAGE.md, "The fast path". */
#include "emit/emit.h"
#include <string.h>

static const char *const side_name[] = {"left", "right"};

bool emit_is_fast(const struct plan_chain *c)
{
    return c->fast[0].mode != FAST_NONE || c->fast[1].mode != FAST_NONE;
}

bool emit_settles(const struct plan_chain *c)
{
    return emit_is_fast(c) && c->ir->source->tracks;
}

/* ---- a side ---- */

/* One statement for each thing that becomes another one. */
static void translate(struct emit *e, const struct plan_shape *s, bool saved)
{
    static const char *const part[ROLE_N] = {
        [ROLE_SRC] = "src",
        [ROLE_DST] = "dst",
        [ROLE_SPORT] = "sport",
        [ROLE_DPORT] = "dport",
    };

    if (saved)
        cw(e->w, "nflg_touch(&h);");
    for (unsigned i = 0; i < ROLE_N; i++)
        if (part[i])
            cw(e->w, "nflg_putbits(h.data, %u, %u, to.%s);",
               s->at[s->role_in[i]] * 8 + s->role[i]->bit_off, s->role[i]->bits,
               part[i]);
}

/* All that translations change but the checksums. */
static void become(struct emit *e, const struct plan_shape *s, unsigned side)
{
    bool saved = e->chain->fast[side].sums == SUMS_COMPARED;
    unsigned at;

    if (emit_lies4(s, &at)) {
        if (saved)
            cw(e->w, "nflg_touch(&h);");
        cw(e->w, "nflg_become4(h.data + %u, session, %u);", at, side);
        return;
    }
    cw(e->w, "to = nflg_leaving(&c);");
    translate(e, s, saved);
}

static void leave(struct emit *e, const struct plan_shape *s, unsigned side)
{
    const struct plan_fast *f = &e->chain->fast[side];
    bool row = plan_has_row(e->chain, side);

    if (f->mode == FAST_MERGED && e->chain->n_hops)
        become(e, s, side);
    if (f->sums == SUMS_COMPARED) {
        cw(e->w, "nflg_leave(&c, &h, &g_sums);");
        return;
    }
    if (row && f->rewrites) {
        cw(e->w, "if (session->shape[back] != %u)", s->number);
        cw(e->w, "    nflg_row(NFLG_AT(&c), (const struct nflg_head[]){h}, "
                 "h.tuple, s->row[back], &g_sums);");
    }
    for (unsigned i = 0; i < s->n_sums; i++) {
        const char *by = f->sums == SUMS_COUNTED
                             ? arena_fmt(e->arena, "h.delta[%u]", i)
                             : "0";

        if (row)
            by = arena_fmt(e->arena, "%s%ss->row[back][%u]",
                           f->sums == SUMS_COUNTED ? by : "",
                           f->sums == SUMS_COUNTED ? " + " : "", i);
        if (row || f->sums == SUMS_COUNTED)
            cw(e->w, "nflg_shift(&h, %u, %s, %s);", s->sum[i].at,
               s->sum[i].sum->optional ? "true" : "false", by);
    }
    cw(e->w, "nflg_out(pkt, %u);", e->chain->ir->source->port[!side]->index);
}

/* gm_a(&c, &h) && gm_b(&c, &h) */
static const char *visits(struct emit *e, unsigned side)
{
    const struct plan_step *s;
    const char *all = NULL, *one, *chain = name_chain(e);

    if (e->chain->ir->source->branches && !e->chain->ir->source->two_way)
        return arena_fmt(e->arena, "gy_%s_left(&c, &h)", chain);
    if (e->chain->ir->source->branches)
        return arena_fmt(e->arena,
                         "back ? gy_%s_back_%s(&c, &h) : gy_%s_%s(&c, &h)",
                         chain, side_name[side], chain, side_name[side]);
    LIST_EACH (s, &e->chain->stages.first->order[side]) {
        one = arena_fmt(e->arena, "%s_%s(&c, &h)",
                        e->chain->fast[side].mode == FAST_MERGED ? "gm" : "gt",
                        name_nf(e, s->nf));
        all = all ? arena_fmt(e->arena, "%s && %s", all, one) : one;
    }
    return all ? all : "true";
}

/* Finds the session, or returns. */
static void begin(struct emit *e, unsigned side)
{
    const struct plan_chain *c = e->chain;

    if (!c->ir->source->tracks) {
        cw(e->w, "(void)f, (void)i;");
        cw(e->w, "nflg_enter(&c, w, chain, pkt);");
        cw(e->w, "c.side = %u;", side);
        return;
    }
    cw(e->w, "session = nflg_again(w, chain, f, i, pkt, known, %s, %s, &back);",
       !c->ir->source->two_way ? "f->shape[i] & NFLG_TURNED"
       : side                  ? "true"
                               : "false",
       c->judges || plan_rows_ask_config(c) ? "true" : "false");
    cw(e->w, "if (!session)");
    cw(e->w, "    return false;");
    if (plan_has_row(c, side))
        cw(e->w, "s = (struct gc_%s_session *)session;", name_chain(e));
    cw(e->w, "nflg_go_on(&c, w, chain, session, %u, back);", side);
}

static void locals(struct emit *e, const struct plan_shape *s, unsigned side)
{
    const struct plan_chain *c = e->chain;
    unsigned at;

    if (c->ir->source->tracks)
        cw(e->w, "static const struct nflg_known known = {%u, %s, %u};",
           s->number, s->role[ROLE_SRC]->bits > 32 ? "true" : "false",
           s->at[s->role_in[ROLE_SPORT]]);
    if (plan_has_row(c, side))
        cw(e->w, "struct gc_%s_session *s;", name_chain(e));
    if (c->ir->source->tracks)
        cw(e->w, "struct nfl_session *session;");
    cw(e->w, "struct nflg_head h;");
    cw(e->w, "struct nfl_ctx c;");
    if (c->fast[side].mode == FAST_MERGED && c->n_hops && !emit_lies4(s, &at))
        cw(e->w, "struct nfl_tuple to;");
    if (c->events.n)
        cw(e->w, "struct gc_%s_events ev;", name_chain(e));
    if (c->ir->source->tracks)
        cw(e->w, "bool back;");
    cw_blank(e->w);
}

/* "WHAT gc_CHAIN_x(" and what every packet brings, and more. */
static void function(struct emit *e, const char *what, const char *name,
                     const char *more)
{
    const char *head = arena_fmt(e->arena, "%s %s(", what, name);
    int in = (int)strlen(head);

    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*sconst struct nflg_looks *f, unsigned i,", in, "");
    cw(e->w, "%*sstruct nfl_pkt *pkt%s)", in, "", more);
    cw_open(e->w, "%s", "");
}

/* All that a shape says of a packet is a constant. */
static void parse(struct emit *e, const struct plan_shape *s)
{
    num_t proto;

    cw(e->w, "if (!gs_%u(&h, pkt))", s->number);
    cw(e->w, "    __builtin_unreachable();");
    cw(e->w, "h.no_flow = false;");
    if (shape_fact(s, s->role[ROLE_PROTO], &proto))
        cw(e->w, "h.tuple.proto = %u;", (unsigned)proto);
}

static void of_shape(struct emit *e, const struct plan_shape *s, unsigned side)
{
    const struct plan_chain *c = e->chain;
    const struct chain *source = c->ir->source;

    cw_blank(e->w);
    cw(e->w, "/* %s from %s */", s->text, source->side[side]);
    function(e,
             source->branches || c->calls ? "NFLG_SLOW bool" : "NFLG_FLAT bool",
             arena_fmt(e->arena, "gf_%s_%s%u", name_chain(e), side_name[side],
                       s->number),
             "");
    locals(e, s, side);
    if (c->row[side].room) {
        cw(e->w, "if (!nflg_may_grow(pkt, %u))", c->row[side].room);
        cw(e->w, "    return false;");
    }
    begin(e, side);
    parse(e, s);
    if (!source->tracks && source->key != KEY_NONE && source->shards > 1)
        cw(e->w, "nflg_shard(&c, &h);");
    if (c->fast[side].sums == SUMS_COUNTED)
        cw(e->w, "nflg_count(&h, %u);", s->number);
    emit_tcp_sees(e, "&c", "&h", "return true");
    emit_begin(e, "&c");
    cw_open(e->w, "if (%s)", visits(e, side));
    if (!source->port[1]) {
        cw(e->w, "nflg_discard(w, pkt, NFL_DROP_end);");
    } else if (emit_is_inline(e)) {
        cw_open(e->w, "if (nflg_may_leave(&c, &h))");
        leave(e, s, side);
        cw_close(e->w, "");
    } else {
        leave(e, s, side);
    }
    cw_close(e->w, "");
    emit_end(e, "&c");
    emit_pass_made(e, "&c");
    /* Elsewhere no NF sees its first packet of the flow here. */
    if (c->refuses && source->tracks && (source->branches || emit_makes(c)))
        emit_end_refused(e);
    emit_go_on(e, "pkt");
    emit_inline_behind(e, "pkt");
    cw(e->w, "return true;");
    cw_close(e->w, "");
}

/* ---- a chain ---- */

/* Where a packet that went the general way leaves its session so that the next
 * one may go the fast way. A row is made of the stack that arrived, which those
 * that cancel leave: where handlers of first packets added headers the next one
 * settles. */
static void settle(struct emit *e)
{
    const struct plan_chain *c = e->chain;
    uint8_t order[64];
    unsigned side, n, i;

    cw_blank(e->w);
    cw(e->w, "/* A packet of a shape has gone the general way. */");
    cw(e->w,
       "NFLG_SLOW void gc_%s_settle(struct nfl_ctx *c, "
       "const struct nflg_head *h, unsigned shape)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct gc_%s_session *s = (struct gc_%s_session *)c->session;",
       name_chain(e), name_chain(e));
    cw_blank(e->w);
    if (!plan_has_row(c, 0) && !plan_has_row(c, 1))
        cw(e->w, "(void)h;");
    cw(e->w, "if (s->session.shape[c->back] == shape)");
    cw(e->w, "    return;");
    for (side = 0; side < (c->ir->source->two_way ? 2u : 1u); side++) {
        const char *way = "";

        if (c->fast[side].mode == FAST_NONE)
            continue;
        n = emit_order(c, side, order);
        for (i = 0; i < n; i++)
            way = arena_fmt(e->arena, "%s%s%u", way, i ? ", " : "", order[i]);
        cw_open(e->w, "if (c->side == %u)", side);
        if (c->fast[side].need) {
            cw(e->w, "static const uint8_t way[] = {%s};", way);
            cw_blank(e->w);
            cw(e->w, "if (!nflg_ready(c, way, %u, %s))", n,
               emit_num(e, c->fast[side].need, 64));
            cw(e->w, "    return;");
        }
        if (c->row[side].slots.n) {
            cw(e->w, "if (!nflg_arrives_again(c, h))");
            cw(e->w, "    return;");
        }
        if (plan_has_row(c, side)) {
            cw(e->w, "if (!nflg_is_as_arrived(h))");
            cw(e->w, "    return;");
            cw(e->w, "nflg_row(c, h, nflg_arriving(c), s->row[c->back], "
                     "&g_sums);");
        }
        emit_keep_all(e, side);
        cw(e->w, "s->session.shape[c->back] = (uint8_t)shape;");
        cw_close(e->w, "");
    }
    cw_close(e->w, "");
}

static void turn(struct emit *e)
{
    const struct plan_chain *c = e->chain;
    const struct plan_shape *s;
    unsigned side;

    cw_blank(e->w);
    cw(e->w, "/* A packet, in its turn; false if it has to go the general way. "
             "*/");
    function(e, c->ir->source->group ? "NFLG_SLOW bool" : "NFLG_FN bool",
             arena_fmt(e->arena, "gc_%s_fast", name_chain(e)),
             ", unsigned shape");
    cw(e->w, "shape &= NFLG_SHAPE;");
    for (side = 0; side < 2; side++) {
        if (c->fast[side].mode == FAST_NONE)
            continue;
        cw_open(e->w, "if (pkt->port == %u)", c->ir->source->port[side]->index);
        LIST_EACH (s, &e->plan->shapes) {
            cw(e->w, "if (shape == %u)", s->number);
            cw(e->w, "    return gf_%s_%s%u(w, chain, f, i, pkt);",
               name_chain(e), side_name[side], s->number);
            cw(e->w, "nflg_apart();");
        }
        cw_close(e->w, "");
    }
    cw(e->w, "return false;");
    cw_close(e->w, "");
}

void emit_fast(struct emit *e)
{
    const struct plan_shape *s;
    unsigned side;

    if (!emit_is_fast(e->chain))
        return;
    emit_fast_ways(e);
    for (side = 0; side < 2; side++)
        LIST_EACH (s, &e->plan->shapes)
            if (e->chain->fast[side].mode != FAST_NONE)
                of_shape(e, s, side);
    if (e->chain->ir->source->tracks) {
        emit_keepers(e);
        settle(e);
    }
    turn(e);
}

static void burst_without_flows(struct emit *e)
{
    cw(e->w, "struct nflg_head h;");
    cw(e->w, "uint64_t key[NFL_KEY6_WORDS];");
    cw(e->w, "unsigned shape, i;");
    cw_blank(e->w);
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    cw(e->w, "shape = g_shape(pkts[i], key, key, true, 0);");
    cw(e->w, "if (gc_%s_fast(w, chain, NULL, i, pkts[i], shape))",
       name_chain(e));
    cw(e->w, "    continue;");
    cw(e->w, "g_parse(&h, pkts[i]);");
    cw(e->w, "gc_%s_packet(w, chain, &h);", name_chain(e));
    cw_close(e->w, "");
}

static void all_shapes(struct emit *e)
{
    cw_open(e->w, "for (at = 0; at < n; at = to)");
    cw(e->w, "to = nflg_group(at, n);");
    cw(e->w, "others = false;");
    cw_open(e->w, "for (i = at; i < to; i++)");
    cw(e->w, "f.shape[i] = g_shape(pkts[i], f.key4[i], f.key6[i], %s,",
       e->chain->ir->source->two_way ? "true" : "false");
    cw(e->w, "                     pkts[i]->port != %u);",
       e->chain->ir->source->port[0]->index);
    cw_open(e->w, "if (nflg_is_other(f.shape[i]))");
    cw(e->w, "others = true;");
    cw(e->w, "f.key4[i][0] = f.key4[i][1] = 0;");
    cw(e->w, "if (!f.shape[i])");
    cw(e->w, "    g_parse(&h[i], pkts[i]);");
    cw_close(e->w, "");
    cw_close(e->w, "");
    cw(e->w, "nflg_hash_group(chain, &f, h, pkts, at, to, others);");
    cw_close(e->w, "");
}

/* The first line, which is all that the network layer asks, and what the chain
 * adds; what the monitor has, unless it is seldom asked. */
const char *emit_entry_needed(struct emit *e, const struct plan_chain *c)
{
    const struct plan_nf *n;
    unsigned align;
    bool more = c->n_hops || c->n_exit_slots || c->flow_vars.n || c->events.n ||
                c->ir->source->branches || row_bytes(&c->row[0], &align) ||
                row_bytes(&c->row[1], &align);

    LIST_EACH (n, &c->nfs)
        more |= n->drop_slot >= 0 && !n->drop_reason;
    if (plan_tcp_sleeps(c))
        return arena_fmt(e->arena, "offsetof(struct gc_%s_session, tcp)",
                         c->ir->source->name);
    return more || c->ir->source->monitors
               ? arena_fmt(e->arena, "sizeof(struct gc_%s_session)",
                           c->ir->source->name)
               : "NFL_ENTRY_ALIGN";
}

void emit_fast_burst(struct emit *e)
{
    const char *chain = name_chain(e);

    if (!e->chain->ir->source->tracks) {
        burst_without_flows(e);
        return;
    }
    cw(e->w, "const unsigned bytes = %s;", emit_entry_needed(e, e->chain));
    cw(e->w, "struct nflg_head h[NFL_BURST];");
    cw(e->w, "struct nflg_looks f;");
    cw(e->w, "unsigned i, at, to;");
    cw(e->w, "bool others;");
    cw_blank(e->w);
    all_shapes(e);
    cw(e->w, "for (i = 0; i < n && i < NFLG_AHEAD; i++)");
    cw(e->w, "    nflg_fetch_look(chain, &f, i, bytes);");
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "if (i + NFLG_AHEAD < n)");
    cw(e->w, "    nflg_fetch_look(chain, &f, i + NFLG_AHEAD, bytes);");
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    cw(e->w, "if (gc_%s_fast(w, chain, &f, i, pkts[i], f.shape[i]))", chain);
    cw(e->w, "    continue;");
    cw(e->w, "if (f.shape[i])");
    cw(e->w, "    g_parse(&h[i], pkts[i]);");
    cw(e->w,
       "gc_%s_packet(w, chain, &h[i], f.hash[i], "
       "f.shape[i] & NFLG_SHAPE);",
       chain);
    cw_close(e->w, "");
}
