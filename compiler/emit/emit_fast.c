/* The fast path: what a packet of each shape is, and a function for those of
 * each that arrive at a side, with all handlers in it. LANGUAGE.md, "The fast
 * path". */
#include "base/arena.h"
#include "emit/emit.h"
#include "ir/walk.h"
#include <string.h>

static const char *const side_name[] = {"left", "right"};

bool emit_is_fast(const struct plan_chain *c)
{
    return c->fast[0].mode != FAST_NONE || c->fast[1].mode != FAST_NONE;
}

bool emit_has_row(const struct plan_chain *c, unsigned side)
{
    return c->fast[side].mode == FAST_MERGED &&
           c->fast[side].sums != SUMS_COMPARED && c->n_hops > 0;
}

unsigned emit_row_sums(const struct emit *e)
{
    const struct plan_shape *s;
    unsigned n = 0;

    LIST_EACH (s, &e->plan->shapes)
        if (s->n_sums > n)
            n = s->n_sums;
    return n;
}

/* ---- shapes ---- */

/* The i-th header is the one that is due; then the next, or the end, is. */
static void one_shape(struct emit *e, const struct plan_shape *s)
{
    const char *due;

    cw_blank(e->w);
    cw(e->w, "/* %s */", s->text);
    cw(e->w, "NFLG_FN bool gs_%u(struct nflg_head *h, struct nfl_pkt *pkt)",
       s->number);
    cw_open(e->w, "%s", "");
    cw(e->w, "nflg_begin(h, pkt);");
    for (unsigned i = 0; i < s->n; i++) {
        due = i + 1 < s->n ? name_header(e, s->header[i + 1]) : "NFLG_DONE";
        cw(e->w, "if (gp_%s(h) != %s)", s->header[i]->name, due);
        cw(e->w, "    return false;");
        if (i + 1 < s->n && s->header[i]->size) {
            cw(e->w, "if (h->at != %u)", s->at[i + 1]);
            cw(e->w, "    return false;");
        }
    }
    cw(e->w, "return true;");
    cw_close(e->w, "");
}

static bool same_path(const struct plan_shape *a, const struct plan_shape *b,
                      unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        if (a->header[i] != b->header[i])
            return false;
    return true;
}

/* The headers that the shapes from s on with the same first `depth` ones have
 * next: a switch over what is due. */
static void choices(struct emit *e, const struct plan_shape *s, unsigned depth)
{
    const struct header *h = s->header[depth - 1];
    const struct plan_shape *o, *i;

    if (depth == s->n) {
        cw(e->w, "return gp_%s(&h) == NFLG_DONE ? nflg_looked(l, &h, %u) : 0;",
           h->name, s->number);
        return;
    }
    cw(e->w, "switch (gp_%s(&h)) {", h->name);
    for (o = s; o; o = o->next) {
        if (!same_path(s, o, depth))
            continue;
        for (i = s; i != o && !same_path(i, o, depth + 1);)
            i = i->next;
        if (i != o)
            continue;
        cw(e->w, "case %s:", name_header(e, o->header[depth]));
        cw_in(e->w);
        if (h->size) {
            cw(e->w, "if (h.at != %u)", s->at[depth]);
            cw(e->w, "    return 0;");
        }
        choices(e, o, depth + 1);
        cw_out(e->w);
    }
    cw(e->w, "}");
    cw(e->w, "return 0;");
}

static void look(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* The shape of a packet, 0 if it has none. */");
    cw(e->w, "NFLG_FLAT unsigned g_shape(struct nflg_look *l, "
             "struct nfl_pkt *pkt)");
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nflg_head h;");
    cw_blank(e->w);
    cw(e->w, "nflg_begin(&h, pkt);");
    choices(e, e->plan->shapes.first, 1);
    cw_close(e->w, "");
}

/* ---- which checksums a store changes ---- */

/* Is f one of the pseudo fields that the checksum of header i covers? They are
 * those of the nearest header before it that has some. */
static bool in_pseudo(const struct plan_shape *s, unsigned i,
                      const struct field *f)
{
    const struct fieldref *r;

    while (i-- > 0)
        if (s->header[i]->pseudo.n) {
            LIST_EACH (r, &s->header[i]->pseudo)
                if (r->field == f)
                    return true;
            return false;
        }
    return false;
}

static unsigned covers(const struct plan_shape *s, const struct field *f)
{
    unsigned mask = 0, at = 0, i;

    while (at < s->n && s->header[at] != f->header)
        at++;
    if (at == s->n)
        return 0;
    for (i = 0; i < s->n_sums; i++) {
        const struct shape_sum *k = &s->sum[i];

        if (k->in == at || (k->sum->rest && k->in < at) ||
            (k->sum->pseudo && in_pseudo(s, k->in, f)))
            mask |= 1u << i;
    }
    return mask;
}

static bool any_counts(const struct emit *e)
{
    const struct plan_chain *c;

    LIST_EACH (c, &e->plan->chains)
        if (c->fast[0].sums == SUMS_COUNTED || c->fast[1].sums == SUMS_COUNTED)
            return true;
    return false;
}

struct stored {
    struct ir_visit visit;
    LIST(struct stored_field) fields;
    struct arena *arena;
};

struct stored_field {
    const struct field *field;
    struct stored_field *next;
};

static void see_store(struct ir_visit *v, const struct ir_stmt *s)
{
    struct stored *st = (struct stored *)v;
    struct stored_field *f;

    if (s->op != IR_store_field)
        return;
    LIST_EACH (f, &st->fields)
        if (f->field == s->field)
            return;
    f = ARENA_NEW(st->arena, struct stored_field);
    f->field = s->field;
    LIST_ADD(&st->fields, f);
}

const char *emit_covers(struct emit *e, const struct field *f)
{
    return any_counts(e) && !f->cond && !f->real
               ? arena_fmt(e->arena, "gk_%s_%s", f->header->name, f->name)
               : NULL;
}

/* By shape: bits of the checksums that each field that is written changes. */
static void cover_tables(struct emit *e)
{
    struct stored st = {.visit = {NULL, see_store}, .arena = e->arena};
    const struct plan_chain *c;
    const struct plan_nf *n;
    const struct ir_handler *h;
    const struct stored_field *f;
    const struct plan_shape *s;
    const char *masks;

    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (n, &c->nfs)
            LIST_EACH (h, &n->ir->handlers)
                ir_walk_handler(&st.visit, h);
    LIST_EACH (f, &st.fields) {
        if (!emit_covers(e, f->field))
            continue;
        masks = "0";
        LIST_EACH (s, &e->plan->shapes)
            masks = arena_fmt(e->arena, "%s, %u", masks, covers(s, f->field));
        cw(e->w, "static const uint8_t %s[] = {%s};", emit_covers(e, f->field),
           masks);
    }
}

/* The network layer looks at the header with the ports. */
static void ports(struct emit *e)
{
    const struct plan_shape *s;

    cw_blank(e->w);
    cw(e->w, "/* By shape: the first byte of the header with the ports. */");
    cw(e->w, "static const uint16_t g_shape_l4[] = {");
    cw(e->w, "    0,");
    LIST_EACH (s, &e->plan->shapes)
        cw(e->w, "    %u, /* %s */", s->at[s->role_in[ROLE_SPORT]], s->text);
    cw(e->w, "};");
}

void emit_shapes(struct emit *e)
{
    const struct plan_chain *c;
    const struct plan_shape *s;
    bool any = false;

    LIST_EACH (c, &e->plan->chains)
        any |= emit_is_fast(c);
    if (!any)
        return;
    cw_blank(e->w);
    cw(e->w, "/* ---- shapes ---- */");
    LIST_EACH (s, &e->plan->shapes)
        one_shape(e, s);
    look(e);
    ports(e);
    if (any_counts(e)) {
        cw_blank(e->w);
        cw(e->w,
           "/* By shape: the checksums that a field changes, as bits. */");
        cover_tables(e);
    }
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

static void leave(struct emit *e, const struct plan_shape *s, unsigned side)
{
    const struct plan_fast *f = &e->chain->fast[side];
    bool row = emit_has_row(e->chain, side);

    if (f->mode == FAST_MERGED && e->chain->n_hops) {
        cw(e->w, "to = nflg_leaving(&c);");
        translate(e, s, f->sums == SUMS_COMPARED);
    }
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
    cw(e->w, "nflg_out(&c, &h);");
}

/* gm_a(&c, &h) && gm_b(&c, &h) */
static const char *visits(struct emit *e, unsigned side)
{
    const struct plan_step *s;
    const char *all = NULL, *one;

    LIST_EACH (s, &e->chain->stages.first->order[side]) {
        one = arena_fmt(e->arena, "%s_%s(&c, &h)",
                        e->chain->fast[side].mode == FAST_MERGED ? "gm" : "gt",
                        name_nf(e, s->nf));
        all = all ? arena_fmt(e->arena, "%s && %s", all, one) : one;
    }
    return all ? all : "true";
}

/* "NFLG_WHAT gf_CHAIN_x(" and what every packet brings. */
static void function(struct emit *e, const char *what, const char *name)
{
    const char *head = arena_fmt(e->arena, "%s %s(", what, name);
    int in = (int)strlen(head);

    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*sstruct nfl_session *session, bool back,", in, "");
    cw(e->w, "%*sstruct nfl_pkt *pkt)", in, "");
    cw_open(e->w, "%s", "");
}

static void of_shape(struct emit *e, const struct plan_shape *s, unsigned side)
{
    const struct plan_chain *c = e->chain;

    cw_blank(e->w);
    cw(e->w, "/* %s from %s */", s->text, c->ir->source->side[side]);
    function(e, "NFLG_FLAT void",
             arena_fmt(e->arena, "gf_%s_%s%u", name_chain(e), side_name[side],
                       s->number));
    if (emit_has_row(c, side))
        cw(e->w, "struct gc_%s_session *s = (struct gc_%s_session *)session;",
           name_chain(e), name_chain(e));
    cw(e->w, "struct nflg_head h;");
    cw(e->w, "struct nfl_ctx c;");
    if (c->fast[side].mode == FAST_MERGED && c->n_hops)
        cw(e->w, "struct nfl_tuple to;");
    if (c->events.n)
        cw(e->w, "struct gc_%s_events ev;", name_chain(e));
    cw_blank(e->w);
    cw(e->w, "if (!session || !gs_%u(&h, pkt))", s->number);
    cw(e->w, "    __builtin_unreachable();");
    cw(e->w, "nflg_go_on(&c, w, chain, session, %u, back);", side);
    if (c->fast[side].sums == SUMS_COUNTED)
        cw(e->w, "nflg_count(&h, %u);", s->number);
    emit_begin(e, "&c");
    cw_open(e->w, "if (%s)", visits(e, side));
    if (c->ir->source->port[1])
        leave(e, s, side);
    else
        cw(e->w, "nflg_discard(w, pkt, NFL_DROP_end);");
    cw_close(e->w, "");
    emit_end(e, "&c");
    cw_close(e->w, "");
}

/* ---- a chain ---- */

/* Where a packet that went the general way leaves its session so that the next
 * one may go the fast way. */
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
        cw(e->w, "static const uint8_t way[] = {%s};", n ? way : "0");
        cw_blank(e->w);
        cw(e->w, "if (!nflg_ready(c, way, %u, %s))", n,
           emit_num(e, c->fast[side].need, 64));
        cw(e->w, "    return;");
        if (emit_has_row(c, side))
            cw(e->w, "nflg_row(c, h, nflg_arriving(c), s->row[c->back], "
                     "&g_sums);");
        cw(e->w, "s->session.shape[c->back] = (uint8_t)shape;");
        cw_close(e->w, "");
    }
    if (!emit_has_row(c, 0) && !emit_has_row(c, 1))
        cw(e->w, "(void)h;");
    cw_close(e->w, "");
}

static void dispatch(struct emit *e)
{
    const struct plan_chain *c = e->chain;
    const struct plan_shape *s;
    unsigned side;

    cw(e->w, "switch (l->shape * 2 + side) {");
    LIST_EACH (s, &e->plan->shapes)
        for (side = 0; side < 2; side++) {
            if (c->fast[side].mode == FAST_NONE)
                continue;
            cw(e->w, "case %u:", s->number * 2 + side);
            cw(e->w, "    gf_%s_%s%u(w, chain, s, back, pkt);", name_chain(e),
               side_name[side], s->number);
            cw(e->w, "    break;");
        }
    cw(e->w, "}");
}

static void turn(struct emit *e)
{
    const struct plan_chain *c = e->chain;
    const char *head =
        arena_fmt(e->arena, "NFLG_FN bool gc_%s_fast(", name_chain(e));
    const char *only = c->fast[1].mode == FAST_NONE   ? " || side != 0"
                       : c->fast[0].mode == FAST_NONE ? " || side != 1"
                                                      : "";

    cw_blank(e->w);
    cw(e->w, "/* A packet of a shape, in its turn; false if it has to go the "
             "general way. */");
    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*sconst struct nflg_look *l, struct nfl_pkt *pkt)",
       (int)strlen(head), "");
    cw_open(e->w, "%s", "");
    cw(e->w, "unsigned side = pkt->port != chain->desc->port[0];");
    cw(e->w, "struct nfl_session *s;");
    cw(e->w, "bool back;");
    cw_blank(e->w);
    cw(e->w, "if (!l->shape%s)", only);
    cw(e->w, "    return false;");
    cw(e->w, "s = nfl_session_again(w, chain, &l->tuple, side, l->hash, "
             "l->shape,");
    cw(e->w,
       "                      pkt->data + g_shape_l4[l->shape], %s, "
       "&back);",
       c->judges ? "true" : "false");
    cw(e->w, "if (!s)");
    cw(e->w, "    return false;");
    dispatch(e);
    cw(e->w, "return true;");
    cw_close(e->w, "");
}

void emit_fast(struct emit *e)
{
    const struct plan_shape *s;
    unsigned side;

    if (!emit_is_fast(e->chain))
        return;
    for (side = 0; side < 2; side++)
        LIST_EACH (s, &e->plan->shapes)
            if (e->chain->fast[side].mode != FAST_NONE)
                of_shape(e, s, side);
    settle(e);
    turn(e);
}

void emit_fast_burst(struct emit *e)
{
    const char *chain = name_chain(e);

    cw(e->w, "struct nflg_looks f;");
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "f.look[i].shape = g_shape(&f.look[i], pkts[i]);");
    cw(e->w, "if (!f.look[i].shape)");
    cw(e->w, "    g_parse(&f.b.h[i], pkts[i]);");
    cw_close(e->w, "");
    cw(e->w, "nflg_look_up_all(chain, &f, pkts, n);");
    cw_open(e->w, "for (i = 0; i < n; i++)");
    cw(e->w, "nflg_fetch_look(chain, &f, i + NFLG_AHEAD);");
    cw(e->w, "nfl_worker_tick(w, pkts[i]);");
    cw(e->w, "if (gc_%s_fast(w, chain, &f.look[i], pkts[i]))", chain);
    cw(e->w, "    continue;");
    cw(e->w, "if (f.look[i].shape)");
    cw(e->w, "    g_parse(&f.b.h[i], pkts[i]);");
    cw(e->w,
       "gc_%s_packet(w, chain, &f.b.h[i], f.look[i].hash, "
       "f.look[i].shape);",
       chain);
    cw_close(e->w, "");
}
