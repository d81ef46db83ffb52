/* Packets of tests in slash notation: eth / ip(src = 10.0.0.1) / "x". */
#include "sema/testing.h"

enum { BYTES_MAX = 9000 };

/* ---- fields ---- */

/* The field that the header always gives to the flow as that. */
static struct field *field_giving(const struct header *h, enum role r)
{
    const struct given *g;

    LIST_EACH (g, &h->given)
        if (!g->cond && g->field[r])
            return g->field[r];
    return NULL;
}

/* `src` is also what a header gives to the flow as its source: of one that
 * has ports, the port. */
static struct field *field_find(const struct header *h, const char *name)
{
    static const enum role ports[] = {
        [ROLE_SRC] = ROLE_SPORT, [ROLE_DST] = ROLE_DPORT};
    struct field *f = header_field(h, name);

    for (enum role r = ROLE_SRC; !f && r <= ROLE_DST; r++) {
        if (strcmp(name, role_name[r]) != 0)
            continue;
        f = field_giving(h, r);
        if (!f)
            f = field_giving(h, ports[r]);
    }
    return f;
}

/* The flags of a field are names for its masks. */
static void bind_flags(struct scope *sc, const struct field *f)
{
    struct enumval *v;

    LIST_EACH (v, &f->flags)
        scope_bind(sc, v->name, NULL,
                   expr_number(sc, v->loc, f->type, v->value));
}

static bool constant(struct scope *sc, const struct ast_expr *e,
                     struct type *type, num_t *to)
{
    struct texpr *v = expr_value(sc, e, type);

    if (v->type->kind != TY_ERROR)
        v = fold(sc, v);
    *to = v->value.u;
    return v->type->kind != TY_ERROR;
}

static bool prefix(struct scope *sc, const struct ast_expr *e, struct tmatch *m)
{
    const struct type *t = m->field->type;

    if (t->form != e->lit) {
        diag_error(sc->sema->diags, e->loc,
                   "this is a network, where '%s' is needed", t->name);
        return false;
    }
    m->lo = e->num;
    m->hi = e->num | num_mask(t->bits - e->plen);
    return true;
}

static bool range(struct scope *sc, const struct ast_expr *e, struct tmatch *m)
{
    if (!constant(sc, e->a, m->field->type, &m->lo) ||
        !constant(sc, e->b, m->field->type, &m->hi))
        return false;
    if (m->lo <= m->hi)
        return true;
    diag_error(sc->sema->diags, e->loc, "this range is empty");
    return false;
}

static bool match_value(struct scope *sc, const struct ast_expr *e,
                        struct tmatch *m, bool pattern)
{
    if (pattern && e->kind == AE_PREFIX)
        return prefix(sc, e, m);
    if (pattern && e->kind == AE_RANGE)
        return range(sc, e, m);
    if (e->kind == AE_PREFIX || e->kind == AE_RANGE) {
        diag_error(sc->sema->diags, e->loc,
                   "a packet that is sent has one value here");
        return false;
    }
    if (!constant(sc, e, m->field->type, &m->lo))
        return false;
    m->hi = m->lo;
    return true;
}

static void no_field(struct sema *s, const struct header *h,
                     const struct ast_arg *a)
{
    struct diag *d =
        diag_error(s->diags, a->name_loc, "header '%s' has no field '%s'",
                   h->name, a->name);
    const struct field *f;
    const struct enumval *v;

    LIST_EACH (f, &h->fields)
        LIST_EACH (v, &f->flags)
            if (strcmp(v->name, a->name) == 0) {
                diag_hint(d, "it is a flag: %s(%s = %s)", h->name, f->name,
                          v->name);
                return;
            }
    advise_field(s, d, h, a->name);
}

static bool add_match(struct scope *up, struct tpart *part,
                      const struct ast_arg *a, bool pattern)
{
    struct tmatch *m = ARENA_NEW(up->sema->arena, struct tmatch), *o;
    const struct header *h = part->header;
    struct scope sc = *up;

    if (!a->name) {
        diag_hint(diag_error(sc.sema->diags, a->value->loc,
                             "say which field of '%s' this is", h->name),
                  "%s(%s = ...)", h->name, h->fields.first->name);
        return false;
    }
    m->field = field_find(h, a->name);
    m->loc = loc_span(a->name_loc, a->value->loc);
    if (!m->field) {
        no_field(sc.sema, h, a);
        return false;
    }
    LIST_EACH (o, &part->fields) {
        if (o->field != m->field)
            continue;
        diag_error(sc.sema->diags, a->name_loc, "'%s' is given twice", a->name);
        return false;
    }
    bind_flags(&sc, m->field);
    if (!match_value(&sc, a->value, m, pattern))
        return false;
    LIST_ADD(&part->fields, m);
    return true;
}

/* ---- bytes ---- */

static const struct ast_expr *only_argument(struct scope *sc,
                                            const struct ast_expr *e,
                                            const char *like)
{
    const struct ast_arg *a = e->args.first;

    if (e->args.n == 1 && !a->name)
        return a->value;
    diag_hint(
        diag_error(sc->sema->diags, e->loc, "'%s' takes one value", e->a->text),
        "%s", like);
    return NULL;
}

static const char *string_argument(struct scope *sc, const struct ast_expr *e,
                                   const char *like)
{
    const struct ast_expr *v = only_argument(sc, e, like);

    if (!v)
        return NULL;
    if (v->kind == AE_LIT && v->lit == LIT_STRING)
        return v->text;
    diag_hint(diag_error(sc->sema->diags, v->loc, "a string is needed here"),
              "%s", like);
    return NULL;
}

/* bytes(N): N of them that count up, so that a shift shows. */
static bool counted_bytes(struct scope *sc, const struct ast_expr *e,
                          struct tpart *part)
{
    const struct ast_expr *v = only_argument(sc, e, "bytes(100)");
    uint8_t *bytes;
    num_t n;

    if (!v || !constant(sc, v, type_uint(sc->sema, 32), &n))
        return false;
    if (n > BYTES_MAX) {
        diag_error(sc->sema->diags, v->loc,
                   "a packet has at most %d bytes here", BYTES_MAX);
        return false;
    }
    bytes = arena_alloc(sc->sema->arena, (size_t)n + 1);
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (uint8_t)i;
    part->bytes = bytes;
    part->n = (size_t)n;
    return true;
}

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdefABCDEF", *at = strchr(digits, c);

    if (!c || !at)
        return -1;
    return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static bool hex_bytes(struct scope *sc, const struct ast_expr *e,
                      struct tpart *part)
{
    const char *text = string_argument(sc, e, "hex(\"00 ff\")");
    uint8_t *bytes;
    int hi, lo;

    if (!text)
        return false;
    bytes = arena_alloc(sc->sema->arena, strlen(text) + 1);
    part->bytes = bytes;
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        hi = hex_digit(text[0]);
        lo = hex_digit(text[1]);
        if (hi < 0 || lo < 0) {
            diag_hint(diag_error(sc->sema->diags, e->loc,
                                 "these are no pairs of hexadecimal digits"),
                      "hex(\"00 ff\")");
            return false;
        }
        bytes[part->n++] = (uint8_t)(hi << 4 | lo);
        text++;
    }
    return true;
}

/* ---- parts ---- */

static const char *parents_of(struct sema *s, const struct header *h)
{
    const char *text = NULL;
    const struct header *o;

    LIST_EACH (o, &s->tree->headers)
        if (header_follows(o, h))
            text =
                text ? arena_fmt(s->arena, "%s, %s", text, o->name) : o->name;
    return text;
}

/* Says which header can be before h, after `last` could not. */
static bool misplaced(struct scope *sc, const struct tpart *part,
                      const struct tpart *last)
{
    const struct header *h = part->header;
    const char *parents = parents_of(sc->sema, h);
    struct diag *d;

    if (last)
        d = diag_error(sc->sema->diags, part->loc, "'%s' cannot follow '%s'",
                       h->name, last->header ? last->header->name : "bytes");
    else
        d = diag_error(sc->sema->diags, part->loc,
                       "a frame cannot begin with '%s'", h->name);
    if (parents)
        diag_note(d, "it follows %s", parents);
    else
        diag_note(d, "frames begin with it");
    return false;
}

/* The header that is meant before h where none is written: what frames begin
 * with, or the only one there is; or NULL. */
static struct header *usual_parent(const struct header *h)
{
    const struct after *a;
    bool one = true;

    LIST_EACH (a, &h->after) {
        if (a->parent->first)
            return a->parent;
        one &= a->parent == h->after.first->parent || a->parent == h;
    }
    return one && h->after.first ? h->after.first->parent : NULL;
}

/* Headers that are left out in front, where there is only one choice; `most` of
 * them: a header may follow itself only. */
static bool add_parents(struct scope *sc, struct tpacket *p, struct tpart *part,
                        size_t most)
{
    struct tpart *outer;

    if (part->header->first)
        return true;
    outer = ARENA_NEW(sc->sema->arena, struct tpart);
    outer->loc = part->loc;
    outer->header = usual_parent(part->header);
    if (!outer->header || !most)
        return misplaced(sc, part, NULL);
    if (!add_parents(sc, p, outer, most - 1))
        return false;
    LIST_ADD(&p->parts, outer);
    return true;
}

static struct header *header_get(struct scope *sc, const struct ast_expr *name)
{
    struct header *h =
        name->kind == AE_NAME ? header_named(sc->sema, name->text) : NULL;
    struct diag *d;

    if (h)
        return h;
    d = name->text ? diag_error(sc->sema->diags, name->loc,
                                "there is no header '%s'", name->text)
                   : diag_error(sc->sema->diags, name->loc,
                                "the name of a header must be here");
    if (!name->text ||
        (!hint_module(sc->sema, d, name->text) &&
         !HINT_NEAR(d, sc->sema, name->text, &sc->sema->tree->headers)))
        diag_note(d, "bytes are \"text\", hex(\"00 ff\") or bytes(100)");
    return NULL;
}

static bool is_call(const struct ast_expr *e, const char *name)
{
    return e->kind == AE_CALL && e->a->kind == AE_NAME &&
           strcmp(e->a->text, name) == 0;
}

static bool header_part(struct scope *sc, const struct ast_expr *e,
                        struct tpart *part, bool pattern)
{
    const struct ast_expr *name = e->kind == AE_CALL ? e->a : e;
    const struct ast_arg *a;
    bool ok = true;

    part->header = header_get(sc, name);
    if (!part->header)
        return false;
    if (e->kind == AE_CALL)
        LIST_EACH (a, &e->args)
            ok &= add_match(sc, part, a, pattern);
    return ok;
}

static bool fill_part(struct scope *sc, const struct ast_expr *e,
                      struct tpart *part, bool pattern)
{
    part->loc = e->loc;
    if (e->kind == AE_LIT && e->lit == LIT_STRING) {
        part->bytes = (const uint8_t *)e->text;
        part->n = strlen(e->text);
        return true;
    }
    if (is_call(e, "bytes"))
        return counted_bytes(sc, e, part);
    if (is_call(e, "hex"))
        return hex_bytes(sc, e, part);
    return header_part(sc, e, part, pattern);
}

static const struct tpart *before(const struct tpacket *p,
                                  const struct tpart *part)
{
    const struct tpart *o = p->parts.first;

    if (o == part)
        return NULL;
    while (o->next != part)
        o = o->next;
    return o;
}

static bool stands_behind(const struct header *up, const struct header *h)
{
    return header_is_option(h) ? h->of == up : header_follows(up, h) != NULL;
}

static bool add_part(struct scope *sc, const struct ast_expr *e,
                     struct tpacket *p, bool pattern)
{
    struct tpart *part = ARENA_NEW(sc->sema->arena, struct tpart);
    const struct tpart *last = p->parts.last;

    if (e->kind == AE_BINARY)
        return add_part(sc, e->a, p, pattern) && add_part(sc, e->b, p, pattern);
    if (!fill_part(sc, e, part, pattern))
        return false;
    while (last && last->header && header_is_option(last->header))
        last = before(p, last);
    if (last && part->header &&
        (!last->header || !stands_behind(last->header, part->header)))
        return misplaced(sc, part, last);
    if (!last && !pattern && part->header &&
        !add_parents(sc, p, part, sc->sema->tree->headers.n))
        return false;
    LIST_ADD(&p->parts, part);
    return true;
}

struct tpacket *test_packet(struct scope *sc, const struct ast_expr *e,
                            bool pattern)
{
    struct tpacket *p = ARENA_NEW(sc->sema->arena, struct tpacket);

    p->loc = e->loc;
    if (is_call(e, "file") && !pattern) {
        p->file = string_argument(sc, e, "file(\"some.pcap\")");
        return p->file ? p : NULL;
    }
    return add_part(sc, e, p, pattern) ? p : NULL;
}
