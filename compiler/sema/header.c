/* Headers: fields and their places, what follows what, what they give to the
 * tuple of a flow, what their checksums cover. */
#include "sema/sema.h"

struct field *header_field(const struct header *h, const char *name)
{
    struct field *f;

    LIST_EACH (f, &h->fields)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* The field of that name; reports if there is none. */
static struct field *field_get(struct sema *s, struct header *h,
                               const char *name, struct loc at)
{
    struct field *f = header_field(h, name);
    struct diag *d;

    if (f)
        return f;
    d = diag_error(s->diags, at, "header '%s' has no field '%s'", h->name,
                   name);
    HINT_NEAR(d, s, name, &h->fields);
    return NULL;
}

static struct scope header_scope(struct sema *s, struct header *h)
{
    struct scope sc = {.sema = s, .header = h};

    hset_add(&sc.present, h);
    return sc;
}

static struct texpr *header_cond(struct sema *s, struct header *h,
                                 const struct ast_expr *e)
{
    struct scope sc = header_scope(s, h);
    struct hset implied = {0};

    return e ? cond_value(&sc, e, &implied) : NULL;
}

static struct texpr *header_bytes(struct sema *s, struct header *h,
                                  const struct ast_expr *e)
{
    struct scope sc = header_scope(s, h);

    sc.bytes = true; /* ihl * 4 does not fit into the 4 bits of ihl */
    return expr_value(&sc, e, type_uint(s, 32));
}

/* ---- what decides how a packet is parsed cannot be assigned ---- */

static void fix_fields(struct texpr *e, const char *why)
{
    struct titem *i;

    if (!e)
        return;
    if (e->kind == TE_FIELD && !e->field->fixed)
        e->field->fixed = why;
    fix_fields(e->a, why);
    fix_fields(e->b, why);
    LIST_EACH (i, &e->items) {
        fix_fields(i->lo, why);
        fix_fields(i->hi, why);
    }
}

static const char *const parses = "it decides how the packet is parsed";

/* ---- fields ---- */

/* `= counter(COND)`: the condition, or NULL. */
static const struct ast_expr *counter_of(const struct ast_expr *e)
{
    if (!e || e->kind != AE_CALL || e->a->kind != AE_NAME ||
        strcmp(e->a->text, "counter") != 0 || e->args.n != 1)
        return NULL;
    return e->args.first->value;
}

/* When all fields are known. */
static void field_counts(struct sema *s, struct header *h,
                         const struct ast_hline *l)
{
    struct field *f = header_field(h, l->name);
    const struct ast_expr *c = counter_of(l->def);

    if (f && c)
        f->counts = header_cond(s, h, c);
}

static void field_default(struct sema *s, struct field *f,
                          const struct ast_expr *e)
{
    struct scope sc = {.sema = s, .constant = true};

    if (e && !counter_of(e))
        f->def = fold(&sc, expr_value(&sc, e, f->type))->value.u;
}

static void field_flags(struct sema *s, struct field *f,
                        const struct ast_hline *l)
{
    struct ast_enumval *v;
    struct enumval *m;

    LIST_EACH (v, &l->flags) {
        m = ARENA_NEW(s->arena, struct enumval);
        m->name = v->name;
        m->loc = v->loc;
        m->value = v->value ? v->value->num : 0;
        if (!m->value || m->value > num_mask(f->bits))
            diag_error(s->diags, v->loc,
                       "a mask of '%s' needs a value from 1 to the %u bits of "
                       "the field",
                       f->name, f->bits);
        LIST_ADD(&f->flags, m);
    }
}

static void add_field(struct sema *s, struct header *h,
                      const struct ast_hline *l, bool gap, unsigned *bit)
{
    struct field *f = ARENA_NEW(s->arena, struct field), *other;

    f->type = type_resolve(s, l->type);
    if (f->type->kind == TY_ERROR)
        return;
    if (!type_is_number(f->type)) {
        diag_error(s->diags, l->type->loc,
                   "a field is a number of bits, not '%s'", f->type->name);
        return;
    }
    other = header_field(h, l->name);
    if (other)
        twice(s, l->name_loc, "field", l->name, other->loc);
    f->name = l->name;
    f->doc = l->doc;
    f->loc = l->name_loc;
    f->header = h;
    f->index = h->fields.n;
    f->bit_off = *bit;
    f->bits = f->type->bits;
    if (gap)
        gap_field(s, f, l->expr);
    else if (l->expr)
        optional_field(s, f, header_cond(s, h, l->expr), *bit);
    else
        *bit += f->bits;
    if (!gap && !l->expr && h->fields.last && h->fields.last->cond)
        diag_note(diag_error(s->diags, l->name_loc,
                             "'%s' is behind a field that may be absent",
                             f->name),
                  "what is always there comes first");
    field_flags(s, f, l);
    field_default(s, f, l->def);
    LIST_ADD(&h->fields, f);
}

/* Who goes on after an error may ask any header for its first field. */
static void no_fields(struct sema *s, struct header *h)
{
    struct field *f = ARENA_NEW(s->arena, struct field);

    diag_error(s->diags, h->loc, "header '%s' has no fields", h->name);
    if (h->fields.n)
        return;
    f->name = "field";
    f->loc = h->loc;
    f->header = h;
    f->type = type_uint(s, 8);
    f->bits = f->type->bits;
    LIST_ADD(&h->fields, f);
}

static void add_fields(struct sema *s, struct header *h,
                       const struct ast_decl *d)
{
    struct ast_hline *l;
    struct field *f;
    unsigned bit = 0;
    bool gap = false;

    LIST_EACH (l, &d->lines)
        if (l->kind == AH_FIELD)
            add_field(s, h, l, gap, &bit);
        else if (l->kind == AH_MARK && strcmp(l->name, "gap") == 0)
            gap = true;
    LIST_EACH (f, &h->fields)
        fix_fields(f->cond, parses);
    if (bit % 8 != 0)
        diag_error(s->diags, d->loc,
                   "the fields of header '%s' have %u bits, which is not a "
                   "whole number of bytes",
                   h->name, bit);
    else if (bit == 0)
        no_fields(s, h);
    else if (bit > 256 * 8)
        diag_error(s->diags, d->loc, "header '%s' is longer than 256 bytes",
                   h->name);
    h->fixed_bytes = bit / 8;
    if (h->fields.last && h->fields.last->cond && !gap)
        h->size = optional_size(s, h);
}

static void add_next(struct sema *s, struct header *h,
                     const struct ast_hline *l)
{
    struct field *f = field_get(s, h, l->name, l->name_loc);

    if (!f)
        return;
    h->select = f;
    if (!f->fixed)
        f->fixed = parses;
    if (l->as && !(h->select_as = header_named(s, l->as))) {
        h->select_as = h;
        HINT_NEAR(
            diag_error(s->diags, l->as_loc, "there is no header '%s'", l->as),
            s, l->as, &s->tree->headers);
    }
    h->select_if = header_cond(s, h, l->expr);
    fix_fields(h->select_if, parses);
}

/* ---- what headers give to the flow, checksums ---- */

static int role_of(const char *name)
{
    for (int i = 0; i < ROLE_N; i++)
        if (strcmp(name, role_name[i]) == 0)
            return i;
    return -1;
}

static bool role_fits(int role, const struct field *f)
{
    if (f->bit_off % 8 != 0 || f->cond)
        return false;
    if (role == ROLE_PROTO)
        return f->bits == 8;
    if (role == ROLE_SPORT || role == ROLE_DPORT)
        return f->bits == 16;
    return f->bits == 32 || f->bits == 128;
}

static void add_given(struct sema *s, struct header *h,
                      const struct ast_hline *l)
{
    struct given *g = ARENA_NEW(s->arena, struct given);
    struct ast_role *r;
    struct field *f;
    int role;

    g->none = l->kind == AH_NOFLOW;
    g->cond = header_cond(s, h, l->expr);
    fix_fields(g->cond, parses);
    LIST_EACH (r, &l->roles) {
        role = role_of(r->role);
        f = field_get(s, h, r->field, r->field_loc);
        if (role < 0) {
            diag_note(diag_error(s->diags, r->role_loc,
                                 "a flow has no '%s' to give", r->role),
                      "it has src, dst, proto, sport and dport");
            continue;
        }
        if (f && !role_fits(role, f)) {
            diag_error(s->diags, r->field_loc,
                       "'%s' of %u bits at bit %u cannot be the flow's %s",
                       f->name, f->bits, f->bit_off, r->role);
            continue;
        }
        g->field[role] = f;
    }
    LIST_ADD(&h->given, g);
}

static void add_checksum(struct sema *s, struct header *h,
                         const struct ast_hline *l)
{
    struct checksum *c = ARENA_NEW(s->arena, struct checksum);
    struct ast_name *n;
    struct diag *d;

    c->field = field_get(s, h, l->name, l->name_loc);
    if (!c->field)
        return;
    if (c->field->bits != 16 || c->field->bit_off % 16 != 0) {
        diag_error(s->diags, l->name_loc,
                   "a checksum is a field of 16 bits at an even byte");
        return;
    }
    c->field->fixed = "it is a checksum, which is kept right by itself";
    c->optional = l->optional;
    LIST_EACH (n, &l->names) {
        if (strcmp(n->text, "header") == 0)
            c->header = true;
        else if (strcmp(n->text, "rest") == 0)
            c->rest = true;
        else if (strcmp(n->text, "pseudo") == 0)
            c->pseudo = true;
        else {
            d = diag_error(s->diags, n->loc, "a checksum cannot cover '%s'",
                           n->text);
            diag_note(d, "it covers header or rest, and pseudo");
        }
    }
    LIST_ADD(&h->checksums, c);
}

static void add_pseudo(struct sema *s, struct header *h,
                       const struct ast_hline *l)
{
    struct ast_name *n;
    struct fieldref *r;
    struct field *f;

    LIST_EACH (n, &l->names) {
        f = field_get(s, h, n->text, n->loc);
        if (!f)
            continue;
        if (f->bit_off % 8 != 0 || f->bits % 16 != 0 || f->cond) {
            diag_error(s->diags, n->loc,
                       "a pseudo field is a whole number of 16-bit words");
            continue;
        }
        r = ARENA_NEW(s->arena, struct fieldref);
        r->field = f;
        LIST_ADD(&h->pseudo, r);
    }
}

static void add_mark(struct sema *s, struct header *h,
                     const struct ast_hline *l)
{
    if (strcmp(l->name, "tunnel") == 0)
        h->tunnel = true;
    else if (strcmp(l->name, "quote") == 0)
        h->quote = true;
    else if (strcmp(l->name, "option") == 0)
        h->real = h;
    else if (strcmp(l->name, "gap") != 0)
        diag_note(diag_error(s->diags, l->loc, "'%s' says nothing of a header",
                             l->name),
                  "a field is written NAME: TYPE; a header may be a tunnel, a "
                  "quote or an option, or have a gap");
}

static void add_line(struct sema *s, struct header *h,
                     const struct ast_hline *l)
{
    switch (l->kind) {
    case AH_FIELD:
        field_counts(s, h, l);
        break;
    case AH_MARK:
        add_mark(s, h, l);
        break;
    case AH_SIZE:
        h->size = header_bytes(s, h, l->expr);
        h->size_by = linear_of(h->size);
        fix_fields(h->size, parses);
        break;
    case AH_END:
        h->end = header_bytes(s, h, l->expr);
        h->end_by = linear_of(h->end);
        h->end_optional = l->optional;
        fix_fields(h->end, parses);
        break;
    case AH_VALID:
        h->valid = header_cond(s, h, l->expr);
        fix_fields(h->valid, parses);
        break;
    case AH_NEXT:
        add_next(s, h, l);
        break;
    case AH_FLOW:
    case AH_NOFLOW:
        add_given(s, h, l);
        break;
    case AH_CHECKSUM:
        add_checksum(s, h, l);
        break;
    case AH_PSEUDO:
        add_pseudo(s, h, l);
        break;
    }
}

/* Of one range; of all headers: each is compared with each. */
enum { CLAIMS_MAX = 256, CLAIMS_ALL = 4096 };

/* Two headers that claim the same value after the same parent: where both have
 * a `valid`, that decides; a value alone comes before one of a range. */
static void claim(struct sema *s, struct header *h, struct header *parent,
                  num_t value, bool range, struct loc at)
{
    struct header *o;
    struct after *a;

    if (s->claims == CLAIMS_ALL)
        diag_error(s->diags, at, "headers follow others at more than %d values",
                   CLAIMS_ALL);
    if (s->claims++ >= CLAIMS_ALL)
        return;
    LIST_EACH (o, &s->tree->headers) {
        LIST_EACH (a, &o->after) {
            if (o != h && a->parent == parent && a->value == value &&
                a->range == range && !(o->valid && h->valid)) {
                diag_also(diag_error(s->diags, at,
                                     "header '%s' already follows '%s' there",
                                     o->name, parent->name),
                          o->loc, "declared here");
                return;
            }
        }
    }
    a = ARENA_NEW(s->arena, struct after);
    a->parent = parent;
    a->value = value;
    a->range = range;
    a->always = !parent->select;
    LIST_ADD(&h->after, a);
}

static void unknown(struct sema *s, const char *name, struct loc at)
{
    HINT_NEAR(diag_error(s->diags, at, "there is no header '%s'", name), s,
              name, &s->tree->headers);
}

/* after A(VALUE), after A(LOW..HIGH) */
static void claim_values(struct sema *s, struct header *h,
                         struct header *parent, const struct ast_expr *v)
{
    struct scope sc = {.sema = s, .constant = true};
    bool range = v->kind == AE_RANGE;
    struct type *t = parent->select->type;
    struct texpr *lo = fold(&sc, expr_value(&sc, range ? v->a : v, t));
    struct texpr *hi = range ? fold(&sc, expr_value(&sc, v->b, t)) : lo;

    if (lo->kind != TE_CONST || hi->kind != TE_CONST)
        return;
    if (hi->value.u < lo->value.u || hi->value.u - lo->value.u >= CLAIMS_MAX) {
        diag_error(s->diags, v->loc, "a range has from 1 to %d values here",
                   CLAIMS_MAX);
        return;
    }
    for (num_t n = lo->value.u; n <= hi->value.u; n++)
        claim(s, h, parent, n, range, v->loc);
}

static bool claimed_alone(const struct tree *t, const struct after *claim)
{
    const struct header *h;
    const struct after *a;

    LIST_EACH (h, &t->headers)
        LIST_EACH (a, &h->after)
            if (!a->range && a->parent == claim->parent &&
                a->value == claim->value)
                return true;
    return false;
}

/* What a range claims is what nobody claims alone. */
static void settle_claims(struct sema *s, struct header *h)
{
    struct after *a, *next;

    a = h->after.first;
    memset(&h->after, 0, sizeof(h->after));
    for (; a; a = next) {
        next = a->next;
        a->next = NULL;
        if (!a->range || !claimed_alone(s->tree, a))
            LIST_ADD(&h->after, a);
    }
}

static void add_after(struct sema *s, struct header *h,
                      const struct ast_after *l)
{
    struct header *parent = header_named(s, l->name);
    struct ast_expr *v;

    if (!parent) {
        unknown(s, l->name, l->loc);
        return;
    }
    if (header_is_option(h)) {
        option_of(s, h, parent, l);
        return;
    }
    if (!parent->select && l->values.n) {
        diag_also(diag_error(s->diags, l->loc,
                             "'%s' has no `next`, so no value of it says what "
                             "follows",
                             parent->name),
                  parent->loc, "declared here");
        return;
    }
    if (!l->values.n) {
        if (parent->select)
            diag_hint(diag_error(s->diags, l->loc,
                                 "say where '%s.%s' has which value",
                                 parent->name, parent->select->name),
                      "after %s(VALUE)", parent->name);
        else
            claim(s, h, parent, 0, false, l->loc);
        return;
    }
    LIST_EACH (v, &l->values)
        claim_values(s, h, parent, v);
}

static struct header *header_begin(struct sema *s, const struct ast_decl *d)
{
    struct header *h = header_named(s, d->name), *o;

    if (h) {
        twice(s, d->loc, "header", d->name, h->loc);
        return NULL;
    }
    h = ARENA_NEW(s->arena, struct header);
    h->name = d->name;
    h->doc = d->doc;
    h->loc = d->loc;
    h->index = s->tree->headers.n;
    h->first = d->first;
    h->select_as = h;
    LIST_EACH (o, &s->tree->headers)
        if (d->first && o->first)
            diag_also(diag_error(s->diags, d->loc,
                                 "only one header can be the first"),
                      o->loc, "this one is");
    if (h->index == MAX_HEADERS) {
        diag_error(s->diags, d->loc, "more than %d headers", MAX_HEADERS);
        return NULL;
    }
    LIST_ADD(&s->tree->headers, h);
    add_fields(s, h, d);
    return h;
}

/* A port may be set though it is a selector: what was found behind it stays
 * what it is, and a translation sets it as well. */
static void free_ports(struct header *h)
{
    const struct given *g;

    LIST_EACH (g, &h->given)
        if (h->select && h->select->fixed == parses &&
            (g->field[ROLE_SPORT] == h->select ||
             g->field[ROLE_DPORT] == h->select))
            h->select->fixed = NULL;
}

void headers_declare(struct sema *s)
{
    struct ast_decl *d;
    struct ast_hline *l;
    struct ast_after *a;
    struct header *h;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_HEADER && !d->more)
            header_begin(s, d);
    LIST_EACH (d, &s->ast->decls) {
        h = d->kind == AD_HEADER ? header_named(s, d->name) : NULL;
        if (!h || h->loc.off != d->loc.off || h->loc.src != d->loc.src)
            continue;
        LIST_EACH (l, &d->lines)
            add_line(s, h, l);
        free_ports(h);
        optional_fit(s, h, d);
    }
    LIST_EACH (d, &s->ast->decls) {
        h = d->kind == AD_HEADER ? header_named(s, d->name) : NULL;
        if (d->more && !h)
            unknown(s, d->name, d->loc);
        if (!h || (!d->more && h->loc.off != d->loc.off))
            continue;
        LIST_EACH (a, &d->after)
            add_after(s, h, a);
    }
    LIST_EACH (h, &s->tree->headers)
        settle_claims(s, h);
    LIST_EACH (d, &s->ast->decls) {
        h = d->kind == AD_HEADER && !d->more ? header_named(s, d->name) : NULL;
        if (h && h->loc.off == d->loc.off && h->loc.src == d->loc.src)
            option_check(s, h, d);
    }
}
