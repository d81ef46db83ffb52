/* Adding and removing headers: what follows what and which fields say it, as
 * tables, and the two statements. */
#include "emit/emit.h"
#include <string.h>

/* ---- tables ---- */

static const char *form(struct emit *e, const struct linear *l)
{
    if (!l->known || !l->field)
        return "{0}";
    return arena_fmt(e->arena, "{%u, %u, %u, %u}", l->field->bit_off,
                     l->field->bits, (unsigned)l->mul, (unsigned)l->add);
}

/* The function that finds a selector that may be absent, or moves. */
static const char *finder(struct emit *e, const struct field *s)
{
    if (!s || !s->cond)
        return "NULL";
    return arena_fmt(e->arena, "gf_%s_%s", s->header->name, s->name);
}

static void kinds(struct emit *e)
{
    const struct header *h;
    const struct field *s;

    cw(e->w, "static const struct nflg_kind g_kind[] = {");
    LIST_EACH (h, &e->plan->ir->tree->headers) {
        s = h->select;
        cw(e->w, "    {%s, %s, %u, %u, %s, %s, %s%s, %d, %d, %d}, /* %s */",
           form(e, &h->size_by), form(e, &h->end_by), s ? s->bit_off : 0,
           s ? s->bits : 0, finder(e, s), name_header(e, h->select_as),
           h->select_if ? "gn_" : "NULL", h->select_if ? h->name : "", h->first,
           h->tunnel, header_gives_source(h), h->name);
    }
    cw(e->w, "};");
}

static const struct after *first_after(const struct header *h,
                                       const struct header *parent)
{
    const struct after *a = h->after.first;

    while (a->parent != parent)
        a = a->next;
    return a;
}

/* One that begins a range stands for all of it. */
static bool is_added(const struct header *h, const struct after *a)
{
    return !a->range || a == first_after(h, a->parent);
}

static void afters(struct emit *e)
{
    const struct header *h;
    const struct after *a;
    unsigned n = 0;

    cw(e->w, "static const struct nflg_after g_after[] = {");
    cw(e->w, "    {0},");
    LIST_EACH (h, &e->plan->ir->tree->headers)
        LIST_EACH (a, &h->after)
            if (is_added(h, a))
                cw(e->w, "    {%s, %s, %s},", name_header(e, a->parent),
                   name_header(e, h), emit_num(e, a->value, 128));
    cw(e->w, "};");
    cw(e->w, "static const uint16_t g_follows[NFLG_HEADERS][NFLG_HEADERS] = {");
    LIST_EACH (h, &e->plan->ir->tree->headers)
        LIST_EACH (a, &h->after) {
            n += is_added(h, a);
            if (a == first_after(h, a->parent))
                cw(e->w, "    [%s][%s] = %u,", name_header(e, a->parent),
                   name_header(e, h), n);
        }
    cw(e->w, "};");
}

void emit_kinds(struct emit *e)
{
    if (!e->plan->ir->edits)
        return;
    cw_blank(e->w);
    kinds(e);
    afters(e);
    cw(e->w, "static const struct nflg_kinds g_kinds = {g_kind, g_after, "
             "g_follows};");
}

/* ---- statements ---- */

/* static const uint16_t NAME[] = {H_ip, H_gre}; */
static void list_kinds(struct emit *e, const struct ir_stmt *s,
                       const char *name)
{
    const struct tlayer *l;
    const char *all = "";

    LIST_EACH (l, &s->stack->layers)
        all = arena_fmt(e->arena, "%s%s%s", all, *all ? ", " : "",
                        name_header(e, l->header));
    cw(e->w, "static const uint16_t %s[] = {%s};", name, all);
}

static void list_sizes(struct emit *e, const struct ir_stmt *s,
                       const char *name)
{
    const struct tlayer *l;
    const char *all = "";

    LIST_EACH (l, &s->stack->layers)
        all = arena_fmt(e->arena, "%s%s%u", all, *all ? ", " : "", l->bytes);
    cw(e->w, "static const uint16_t %s[] = {%s};", name, all);
}

static void put(uint8_t *to, unsigned bit, unsigned n, num_t v)
{
    for (; n > 0; n--, bit++)
        if (v >> (n - 1) & 1)
            to[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* The bytes with what is known now; returns how many there are. */
static unsigned template(const struct ir_stmt *s, uint8_t *bytes)
{
    const struct ir_expr *v = s->values.first;
    const struct tlayer *l;
    const struct field *f;
    const struct tset *set;
    unsigned at = 0;

    LIST_EACH (l, &s->stack->layers) {
        LIST_EACH (f, &l->header->fields) {
            LIST_EACH (set, &l->sets)
                if (set->field == f)
                    break;
            if (!set && !f->cond)
                put(bytes, at * 8 + f->bit_off, f->bits, f->def);
        }
        LIST_EACH (set, &l->sets) {
            if (ir_is_const(v))
                put(bytes, at * 8 + set->bit, set->field->bits, v->num);
            v = v->next;
        }
        at += l->bytes;
    }
    return at;
}

static void write_template(struct emit *e, const char *name,
                           const uint8_t *bytes, unsigned n)
{
    const char *row = "";

    cw(e->w, "uint8_t %s[%u] = {", name, n);
    for (unsigned i = 0; i < n; i++) {
        row = arena_fmt(e->arena, "%s%s%u%s", row, i % 12 ? " " : "    ",
                        bytes[i], i + 1 < n ? "," : "");
        if (i % 12 == 11 || i + 1 == n) {
            cw(e->w, "%s", row);
            row = "";
        }
    }
    cw(e->w, "};");
}

/* What is known when the packet is here. */
static void write_values(struct emit *e, const struct ir_stmt *s,
                         const char *name)
{
    const struct ir_expr *v = s->values.first;
    const struct tlayer *l;
    const struct tset *set;
    unsigned at = 0;

    LIST_EACH (l, &s->stack->layers) {
        LIST_EACH (set, &l->sets) {
            if (!ir_is_const(v))
                cw(e->w, "nflg_putbits(%s, %u, %u, %s);", name,
                   at * 8 + set->bit, set->field->bits, emit_value(e, v));
            v = v->next;
        }
        at += l->bytes;
    }
}

static unsigned no_sums(const struct tstack *t)
{
    const struct tlayer *l;
    unsigned i = 0, mask = 0;

    LIST_EACH (l, &t->layers)
        mask |= (unsigned)l->no_sum << i++;
    return mask;
}

static unsigned by_hand(const struct tstack *t)
{
    const struct tlayer *l;
    unsigned i = 0, mask = 0;

    LIST_EACH (l, &t->layers)
        mask |= (unsigned)l->by_hand << i++;
    return mask;
}

static void call(struct emit *e, const struct ir_stmt *s, const char *call)
{
    if (s->other->stmts.n)
        emit_branch(e, s, arena_fmt(e->arena, "!%s", call), s->other);
    else
        cw(e->w, "(void)%s;", call);
}

/* s1, what is added or made; b1, its bytes. Returns the 1. */
static unsigned new_headers(struct emit *e, const struct ir_stmt *s)
{
    uint8_t bytes[STACK_MAX * 256] = {0};
    unsigned n = template(s, bytes), i = ++e->temps;
    const char *k = arena_fmt(e->arena, "k%u", i);
    const char *z = arena_fmt(e->arena, "z%u", i);
    const char *b = arena_fmt(e->arena, "b%u", i);

    list_kinds(e, s, k);
    list_sizes(e, s, z);
    cw(e->w, "static const struct nflg_stack s%u = {", i);
    cw(e->w, "    %s, %s, %u, %u, %u, %u, %s};", k, z, s->stack->layers.n, n,
       no_sums(s->stack), by_hand(s->stack), s->stack->up ? "true" : "false");
    write_template(e, b, bytes, n);
    write_values(e, s, b);
    cw_at(e->w, s->loc);
    return i;
}

void emit_encap(struct emit *e, const struct ir_stmt *s)
{
    unsigned i = new_headers(e, s);

    call(e, s,
         arena_fmt(e->arena, "nflg_encap(h, &s%u, b%u, %s)", i, i,
                   s->stack->up ? emit_value(e, s->values.last) : "0"));
}

void emit_make(struct emit *e, const struct ir_stmt *s)
{
    unsigned i;

    if (stack_turns(s->stack)) {
        cw(e->w, "nflg_turn(c, h, %s);", emit_value(e, s->value));
        return;
    }
    i = new_headers(e, s);
    cw(e->w, "nflg_make(c, h, &s%u, b%u, %s, %u, %s, &g_sums);", i, i,
       s->value ? emit_value(e, s->value) : "(struct nflg_bytes){NULL, 0}",
       s->most, s->part ? "true" : "false");
}

/* What is left of a removal that cancels. */
void emit_cuts(struct emit *e, const struct ir_stmt *s)
{
    const struct row_cut *c;

    for (c = e->row->cuts[s->number]; c; c = c->next) {
        const struct linear *l = &c->header->end_by;
        const char *name = name_header(e, c->header);

        if (!c->cuts)
            continue;
        cw_at(e->w, s->loc);
        cw(e->w, "if (nflg_has(h, %s))", name);
        cw(e->w, "    nflg_cut(h, %s, %u, %u, %u);", name, l->field->bit_off,
           l->field->bits, (unsigned)l->add);
    }
}

void emit_decap(struct emit *e, const struct ir_stmt *s)
{
    const char *k = arena_fmt(e->arena, "k%u", ++e->temps);

    list_kinds(e, s, k);
    cw_at(e->w, s->loc);
    call(e, s,
         arena_fmt(e->arena, "nflg_decap(h, %s, %u)", k, s->stack->layers.n));
}
