/* Shapes: functions that know a packet of one, and what stores to its fields
 * change. LANGUAGE.md, "The fast path". */
#include "base/arena.h"
#include "emit/emit.h"
#include "ir/walk.h"

/* ---- what a packet is ---- */

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

bool emit_lies4(const struct plan_shape *s, unsigned *at)
{
    static const enum role order[] = {ROLE_SRC, ROLE_DST, ROLE_SPORT,
                                      ROLE_DPORT};
    unsigned i, bit[4];

    for (i = 0; i < 4; i++)
        bit[i] = s->at[s->role_in[order[i]]] * 8 + s->role[order[i]]->bit_off;
    *at = bit[0] / 8;
    return s->role[ROLE_SRC]->bits == 32 && bit[1] == bit[0] + 32 &&
           bit[2] == bit[1] + 32 && bit[3] == bit[2] + 16;
}

/* A header with another one behind it, or with options, is as long as its fixed
 * fields. To look at that first leaves less to be looked at. */
static void fixed(struct emit *e, const struct header *h)
{
    const struct field *f = h->size ? h->size_by.field : NULL;
    num_t value;

    if (!f || !linear_solve(&h->size_by, h->fixed_bytes, &value))
        return;
    cw(e->w, "if (!nflg_due(&h, %u) ||", h->fixed_bytes);
    cw(e->w, "    nflg_getbits32(h.data + h.at, %u, %u) != %s)", f->bit_off,
       f->bits, emit_num(e, value, 32));
    cw(e->w, "    return 0;");
}

/* The headers that the shapes from s on with the same first `depth` ones have
 * next: a switch over what is due. */
static void choices(struct emit *e, const struct plan_shape *s, unsigned depth)
{
    const struct header *h = s->header[depth - 1];
    const struct plan_shape *o, *i;
    unsigned at;

    if (depth == s->n) {
        /* Where options are they would have to be looked for. */
        if (option_any(e->plan->ir->tree, h))
            fixed(e, h);
        cw(e->w, "if (gp_%s(&h) != NFLG_DONE)", h->name);
        cw(e->w, "    return 0;");
        if (emit_lies4(s, &at))
            cw(e->w,
               "return nflg_looked4(&h, %u, %u, key4, key6, two_way, side);",
               s->number, at);
        else
            cw(e->w, "return nflg_looked(&h, %u, key4, key6, two_way, side);",
               s->number);
        return;
    }
    fixed(e, h);
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
    cw(e->w, "/* The shape of a packet that arrives at a side, 0 if it has "
             "none. */");
    cw(e->w, "NFLG_FN unsigned g_shape(struct nfl_pkt *pkt, uint64_t *key4, "
             "uint64_t *key6,");
    cw(e->w, "                         bool two_way, unsigned side)");
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
    if (any_counts(e)) {
        cw_blank(e->w);
        cw(e->w,
           "/* By shape: the checksums that a field changes, as bits. */");
        cover_tables(e);
    }
}
