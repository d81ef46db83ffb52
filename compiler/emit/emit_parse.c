/* Parsing: a function for each header, which takes it or not and says which
 * one is due next, and the loop around them. */
#include "emit/emit.h"
#include <string.h>

static const char *const role_id[ROLE_N] = {
    [ROLE_SRC] = "NFLG_SRC",     [ROLE_DST] = "NFLG_DST",
    [ROLE_PROTO] = "NFLG_PROTO", [ROLE_SPORT] = "NFLG_SPORT",
    [ROLE_DPORT] = "NFLG_DPORT",
};

static void numbers(struct emit *e)
{
    const struct header *h;

    LIST_EACH (h, &e->plan->ir->tree->headers)
        cw(e->w, "#define %s %u", name_header(e, h), h->index);
}

static const char *bytes(struct emit *e, const struct ir_expr *x,
                         const char *otherwise)
{
    return x ? emit_value(e, x) : otherwise;
}

/* Returns if the header is not there. */
static void take(struct emit *e, const struct ir_header *h)
{
    const struct header *s = h->source;
    const char *fixed = arena_fmt(e->arena, "%u", s->fixed_bytes);
    const char *size, *end;

    if (h->valid) {
        cw_at(e->w, h->valid->loc);
        cw(e->w, "if (!p || %s)", emit_negation(e, h->valid).text);
    } else {
        cw(e->w, "if (!p)");
    }
    cw_in(e->w);
    cw_any(e->w, "return NFLG_MALFORMED;");
    cw_out(e->w);
    cw_home(e->w);
    if (h->size || h->end)
        cw_at(e->w, h->size ? h->size->loc : h->end->loc);
    size = bytes(e, h->size, fixed);
    end = bytes(e, h->end, "nflg_left(h)");
    if (s->end_optional)
        end = arena_fmt(e->arena, "nflg_believe(h, %s, %s)", size, end);
    cw(e->w, "if (!nflg_take(h, %s, %s, %s, %s))", name_header(e, s), fixed,
       size, end);
    cw_in(e->w);
    cw_any(e->w, "return NFLG_MALFORMED;");
    cw_out(e->w);
}

static void given(struct emit *e, const struct ir_given *g, bool last)
{
    const struct given *s = g->source;

    if (g->cond) {
        cw_at(e->w, g->cond->loc);
        cw_open(e->w, "if (%s)", emit_value(e, g->cond));
    }
    if (s->none)
        cw_any(e->w, "h->no_flow = true;");
    for (int i = 0; i < ROLE_N; i++)
        if (s->field[i])
            cw_any(e->w, "nflg_give(h, %s, %u, %u);", role_id[i],
                   s->field[i]->bit_off, s->field[i]->bits);
    if (last)
        cw_any(e->w, "return NFLG_DONE;");
    if (g->cond)
        cw_close(e->w, "");
    cw_home(e->w);
}

static const struct after *follows(const struct header *h,
                                   const struct header *parent,
                                   const struct after *last)
{
    const struct after *a = last ? last->next : h->after.first;

    while (a && a->parent != parent)
        a = a->next;
    return a;
}

/* The next header behind `parent` where its selector is value, after `last`. */
static const struct header *at_value(const struct emit *e,
                                     const struct header *parent, num_t value,
                                     const struct header *last)
{
    const struct header *h =
        last ? last->next : e->plan->ir->tree->headers.first;
    const struct after *a;

    for (; h; h = h->next)
        for (a = follows(h, parent, NULL); a; a = follows(h, parent, a))
            if (a->value == value)
                return h;
    return NULL;
}

/* Which one is due: of several the first whose `valid` holds. */
static void due(struct emit *e, const struct header *parent, num_t value)
{
    const struct header *h = at_value(e, parent, value, NULL);
    const struct header *more = at_value(e, parent, value, h);

    if (!more) {
        cw(e->w, "return %s;", name_header(e, h));
        return;
    }
    for (; h; h = at_value(e, parent, value, h)) {
        cw(e->w, "if (gv_%s(h))", h->name);
        cw(e->w, "    return %s;", name_header(e, h));
    }
    cw(e->w, "return NFLG_DONE;");
}

/* Is `child`, by a range, the only header at this value? */
static bool in_range(const struct emit *e, const struct header *parent,
                     const struct header *child, const struct after *a)
{
    const struct header *one;

    if (!a || !a->range || a->parent != parent)
        return false;
    one = at_value(e, parent, a->value, NULL);
    return one == child && !at_value(e, parent, a->value, one);
}

/* The values of ranges. */
static void choose_ranges(struct emit *e, const struct header *s,
                          const char *value, const struct header *child)
{
    const struct after *a, *last;
    unsigned carrier = emit_carrier(s->select->bits);

    for (a = child->after.first; a; a = last->next) {
        last = a;
        if (!in_range(e, s->select_as, child, a))
            continue;
        while (in_range(e, s->select_as, child, last->next) &&
               last->next->value == last->value + 1)
            last = last->next;
        cw(e->w, "if (%s >= %s && %s <= %s)", value,
           emit_num(e, a->value, carrier), value,
           emit_num(e, last->value, carrier));
        cw(e->w, "    return %s;", name_header(e, child));
    }
}

/* Which header is due next, by the value of the selector. C has no switch
 * over more than 64 bits. */
static void choose(struct emit *e, const struct ir_header *h)
{
    const struct header *s = h->source, *child;
    struct ir_expr read = {.op = IR_here, .field = s->select};
    const struct after *a;
    bool wide = s->select->bits > 64;
    unsigned carrier = emit_carrier(s->select->bits);
    const char *value;

    read.type.kind = IR_NUM;
    read.type.bits = s->select->bits;
    value = emit_value(e, &read);
    if (s->select->cond) {
        cw(e->w, "const %s s = %s;", emit_ctype(read.type), value);
        cw_blank(e->w);
        value = "s";
    }
    LIST_EACH (child, &e->plan->ir->tree->headers)
        choose_ranges(e, s, value, child);
    if (!wide)
        cw(e->w, "switch (%s) {", value);
    LIST_EACH (child, &e->plan->ir->tree->headers)
        for (a = follows(child, s->select_as, NULL); a;
             a = follows(child, s->select_as, a)) {
            if (at_value(e, s->select_as, a->value, NULL) != child ||
                in_range(e, s->select_as, child, a))
                continue;
            if (wide)
                cw(e->w, "if (%s == %s)", value,
                   emit_num(e, a->value, carrier));
            else
                cw(e->w, a->value > 255 ? "case 0x%llx:" : "case %llu:",
                   (unsigned long long)a->value);
            cw_in(e->w);
            due(e, s->select_as, a->value);
            cw_out(e->w);
        }
    if (!wide)
        cw(e->w, "}");
}

static bool has_children(const struct emit *e, const struct header *parent)
{
    const struct header *h;

    LIST_EACH (h, &e->plan->ir->tree->headers)
        if (follows(h, parent, NULL))
            return true;
    return false;
}

/* True if another header claims a place of h. */
static bool is_contested(const struct emit *e, const struct header *h)
{
    const struct after *a;
    const struct header *one;

    LIST_EACH (a, &h->after) {
        one = at_value(e, a->parent, a->value, NULL);
        if (one != h || at_value(e, a->parent, a->value, h))
            return true;
    }
    return false;
}

static void valid(struct emit *e, const struct ir_header *h)
{
    const struct header *s = h->source;

    cw_blank(e->w);
    cw(e->w, "/* Is the header that is due a %s? */", s->name);
    cw(e->w, "static bool gv_%s(const struct nflg_head *h)", s->name);
    cw_open(e->w, "%s", "");
    cw(e->w, "const uint8_t *p = nflg_due(h, %u);", s->fixed_bytes);
    cw_blank(e->w);
    cw_at(e->w, h->valid->loc);
    cw(e->w, "return p && %s;", emit_operand(e, h->valid, PREC_LAND));
    cw_home(e->w);
    cw_close(e->w, "");
}

/* Where the fields are that may be absent; 0: it is. */
static void optional(struct emit *e, const struct ir_header *h)
{
    const struct ir_optional *o;

    LIST_EACH (o, &h->optional) {
        cw_blank(e->w);
        cw(e->w, "NFLG_FN unsigned gf_%s_%s(const uint8_t *p)", h->source->name,
           o->field->name);
        cw_open(e->w, "%s", "");
        cw_at(e->w, o->cond->loc);
        if (ir_is_const(o->cond)) /* behind a gap */
            cw(e->w, "return %s;", emit_value(e, o->off));
        else
            cw(e->w, "return %s ? %s : 0;", emit_operand(e, o->cond, PREC_LAND),
               emit_operand(e, o->off, PREC_LAND));
        cw_home(e->w);
        cw_close(e->w, "");
    }
}

/* Whether the selector says what follows: for headers that are added. */
static void counts(struct emit *e, const struct ir_header *h)
{
    if (!h->select_if || !e->plan->ir->edits)
        return;
    cw_blank(e->w);
    cw(e->w, "NFLG_FN bool gn_%s(const uint8_t *p)", h->source->name);
    cw_open(e->w, "%s", "");
    cw_at(e->w, h->select_if->loc);
    cw(e->w, "return %s;", emit_value(e, h->select_if));
    cw_home(e->w);
    cw_close(e->w, "");
}

static bool has_next(const struct emit *e, const struct ir_header *h)
{
    return h->source->select && has_children(e, h->source->select_as);
}

/* Does the condition of what the header gives last say that nothing follows,
 * too, as of fragments? Then it is asked once: compilers do not see that both
 * questions are one. */
static bool is_last(struct emit *e, const struct ir_header *h,
                    const struct ir_given *g)
{
    return has_next(e, h) && h->select_if && g->cond && !g->next &&
           strcmp(emit_value(e, g->cond),
                  emit_negation(e, h->select_if).text) == 0;
}

static void parse_header(struct emit *e, const struct ir_header *h)
{
    const struct header *s = h->source;
    const struct ir_given *g;
    bool asked = false;

    cw_blank(e->w);
    cw(e->w, "/* %s (%s:%u) */", s->name,
       cw_comment(e->arena, s->loc.src->path), loc_linecol(s->loc).line);
    cw(e->w, "NFLG_FN int gp_%s(struct nflg_head *h)", s->name);
    cw_open(e->w, "%s", "");
    cw(e->w, "const uint8_t *p = nflg_due(h, %u);", s->fixed_bytes);
    cw_blank(e->w);
    take(e, h);
    cw_home(e->w);
    if (s->quote)
        cw(e->w, "nflg_quote(h);");
    LIST_EACH (g, &h->given) {
        asked = is_last(e, h, g);
        given(e, g, asked);
    }
    if (!s->select && has_children(e, s)) {
        due(e, s, 0);
        cw_close(e->w, "");
        return;
    }
    if (has_next(e, h)) {
        if (h->select_if && !asked) {
            cw_at(e->w, h->select_if->loc);
            cw(e->w, "if (%s)", emit_negation(e, h->select_if).text);
            cw_in(e->w);
            cw_any(e->w, "return NFLG_DONE;");
            cw_out(e->w);
            cw_home(e->w);
        }
        choose(e, h);
    }
    cw(e->w, "return NFLG_DONE;");
    cw_close(e->w, "");
}

/* How many headers are named by what is in front of them; writes the table. */
static unsigned inners(struct emit *e, bool write)
{
    const struct header *h;
    unsigned n = 0;

    if (write) {
        cw_blank(e->w);
        cw(e->w, "static const struct nflg_inner g_inner[] = {");
    }
    LIST_EACH (h, &e->plan->ir->tree->headers) {
        if (!h->of || header_is_option(h))
            continue;
        n++;
        if (write)
            cw(e->w, "    {%s, %s, %s},", name_header(e, h),
               name_header(e, h->of), name_header(e, h->real));
    }
    if (write) {
        cw(e->w, "};");
        cw(e->w, "static const struct nflg_inners g_inners = {g_inner, %u};",
           n);
    }
    return n;
}

static bool tracks_fragments(const struct emit *e)
{
    const struct chain *c;

    LIST_EACH (c, &e->plan->ir->tree->chains)
        if (c->tracks && c->fragments == FRAGMENTS_TRACK)
            return true;
    return false;
}

static void loop(struct emit *e)
{
    const struct header *h, *first = NULL;

    LIST_EACH (h, &e->plan->ir->tree->headers)
        if (h->first)
            first = h;
    cw_blank(e->w);
    cw(e->w, "/* Finds the headers of a frame. */");
    cw(e->w, "static void g_parse(struct nflg_head *h, struct nfl_pkt *pkt)");
    cw_open(e->w, "%s", "");
    cw(e->w, "int due = %s;", first ? name_header(e, first) : "NFLG_DONE");
    cw_blank(e->w);
    cw(e->w, "nflg_begin(h, pkt);");
    cw_open(e->w, "while (due >= 0)");
    cw_open(e->w, "switch (due)");
    cw_out(e->w);
    LIST_EACH (h, &e->plan->ir->tree->headers) {
        if (h->of)
            continue;
        cw(e->w, "case H_%s:", h->name);
        cw_in(e->w);
        cw(e->w, "due = gp_%s(h);", h->name);
        cw(e->w, "break;");
        cw_out(e->w);
    }
    cw(e->w, "default:");
    cw(e->w, "    due = NFLG_DONE;");
    cw_in(e->w);
    cw_close(e->w, "");
    cw_close(e->w, "");
    cw(e->w, "h->malformed = due == NFLG_MALFORMED;");
    if (tracks_fragments(e)) {
        cw(e->w, "if (__builtin_expect(pkt->later, 0))");
        cw(e->w, "    nflg_later(h);");
    }
    if (inners(e, false) || e->options)
        cw(e->w, "nflg_find_inner(h);");
    cw_close(e->w, "");
}

/* For who divides packets among workers. */
static void tuple(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* The tuple of a packet as it arrives; false if it has no flow. "
             "*/");
    cw(e->w, "static bool g_tuple(struct nfl_pkt *pkt, struct nfl_tuple *t)");
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nflg_head h;");
    cw_blank(e->w);
    cw(e->w, "g_parse(&h, pkt);");
    cw(e->w, "*t = h.tuple;");
    cw(e->w, "return nflg_has_flow(&h);");
    cw_close(e->w, "");
}

void emit_headers(struct emit *e)
{
    const struct ir_header *h;
    const struct ir *ir = e->plan->ir;

    if (ir->edits)
        cw(e->w, "#define NFLG_EDITS");
    cw(e->w, "#define NFLG_HEADERS %u", ir->headers.n ? ir->headers.n : 1);
    numbers(e);
    cw_blank(e->w);
    cw(e->w, "#include <nfl/gen.h>");
    cw_blank(e->w);
    cw(e->w, "/* ---- headers ---- */");
    LIST_EACH (h, &ir->headers)
        optional(e, h), counts(e, h);
    LIST_EACH (h, &ir->headers)
        if (is_contested(e, h->source))
            valid(e, h);
    LIST_EACH (h, &ir->headers)
        if (!h->source->of)
            parse_header(e, h);
    if (inners(e, false))
        inners(e, true);
    e->options = emit_options(e);
    loop(e);
    tuple(e);
}
