/* Types by name: those that are declared, and uN, ranges and tuples, which
 * are made when first written. */
#include "sema/sema.h"
#include <stdlib.h>

bool type_is_number(const struct type *t)
{
    return t->kind == TY_UINT || t->kind == TY_ENUM;
}

bool type_is_plain(const struct type *t)
{
    return t->kind == TY_ENUM || (t->kind == TY_UINT && t->form == LIT_INT);
}

bool type_is_atomic(const struct type *t)
{
    return type_is_plain(t) &&
           (t->bits == 8 || t->bits == 16 || t->bits == 32 || t->bits == 64);
}

bool type_is_counted(const struct type *t)
{
    return t->kind == TY_DURATION || (t->kind == TY_UINT && t->form == LIT_INT);
}

struct type *type_make(struct sema *s, enum type_kind kind, const char *name)
{
    struct type *t = ARENA_NEW(s->arena, struct type);

    t->kind = kind;
    t->name = name;
    return t;
}

static struct type *made_find(struct sema *s, const char *name)
{
    struct type *t;

    LIST_EACH (t, &s->made)
        if (strcmp(t->name, name) == 0)
            return t;
    return NULL;
}

struct type *type_uint(struct sema *s, unsigned bits)
{
    char *name = arena_fmt(s->arena, "u%u", bits);
    struct type *t = made_find(s, name);

    if (t)
        return t;
    t = type_make(s, TY_UINT, name);
    t->bits = bits;
    t->form = LIT_INT;
    LIST_ADD(&s->made, t);
    return t;
}

struct type *type_named(struct sema *s, const char *name)
{
    struct type *t;
    char *end;
    unsigned long bits;

    LIST_EACH (t, &s->tree->types)
        if (strcmp(t->name, name) == 0)
            return t;
    if (strcmp(name, "bool") == 0)
        return s->boolean;
    if (strcmp(name, "string") == 0)
        return s->string;
    if (strcmp(name, "file") == 0)
        return s->file;
    if (strcmp(name, "duration") == 0)
        return s->duration;
    if (name[0] != 'u' || name[1] < '1' || name[1] > '9')
        return NULL;
    bits = strtoul(name + 1, &end, 10);
    return *end == '\0' && bits <= 128 ? type_uint(s, (unsigned)bits) : NULL;
}

struct type *type_of_form(struct sema *s, enum ast_lit form)
{
    struct type *t;

    LIST_EACH (t, &s->tree->types)
        if (t->kind == TY_UINT && t->form == form)
            return t;
    return NULL;
}

static struct type *resolve_range(struct sema *s, const struct ast_type *t)
{
    struct type *elem = type_resolve(s, t->parts.first), *r;
    char *name;

    if (elem->kind == TY_ERROR)
        return elem;
    if (elem->kind != TY_UINT) {
        diag_error(s->diags, t->loc, "a range needs a number, not '%s'",
                   elem->name);
        return s->error;
    }
    name = arena_fmt(s->arena, "range[%s]", elem->name);
    r = made_find(s, name);
    if (r)
        return r;
    r = type_make(s, TY_RANGE, name);
    r->elem = elem;
    LIST_ADD(&s->made, r);
    return r;
}

/* Tuples of tuples, and structs of structs, double with each line. */
enum { VALUES_MAX = 256 };

static unsigned values_of(const struct type *t)
{
    const struct part *p;
    unsigned n = 0;

    if (t->kind != TY_TUPLE)
        return 1;
    LIST_EACH (p, &t->parts)
        n += values_of(p->type);
    return n;
}

bool type_is_large(struct sema *s, struct loc at, const struct type *t)
{
    if (values_of(t) <= VALUES_MAX)
        return false;
    diag_error(s->diags, at, "this has more than %d values", VALUES_MAX);
    return true;
}

struct type *type_tuple(struct sema *s, struct loc at,
                        struct type *const *parts, unsigned n)
{
    struct type *r = type_make(s, TY_TUPLE, "("), *known;
    struct part *part;
    unsigned i;

    for (i = 0; i < n; i++) {
        part = ARENA_NEW(s->arena, struct part);
        part->type = parts[i];
        LIST_ADD(&r->parts, part);
    }
    if (type_is_large(s, at, r))
        return s->error;
    LIST_EACH (part, &r->parts)
        r->name =
            arena_fmt(s->arena, "%s%s%s", r->name,
                      part == r->parts.first ? "" : ", ", part->type->name);
    r->name = arena_fmt(s->arena, "%s)", r->name);
    known = made_find(s, r->name);
    if (known)
        return known;
    LIST_ADD(&s->made, r);
    return r;
}

static struct type *resolve_tuple(struct sema *s, const struct ast_type *t)
{
    struct type **parts = arena_alloc(s->arena, t->parts.n * sizeof(*parts));
    struct ast_type *p;
    unsigned n = 0;

    LIST_EACH (p, &t->parts) {
        parts[n] = type_resolve(s, p);
        if (parts[n++]->kind == TY_ERROR)
            return s->error;
    }
    return type_tuple(s, t->loc, parts, n);
}

enum { NEAR_MAX = 160 };

/* What a type can be called: declared ones, and the usual numbers. */
static unsigned near_names(struct sema *s, const char **near)
{
    static const char *const numbers[] = {"u8", "u16", "u32", "u64", "bool"};
    unsigned n = 0;
    struct type *t;

    for (; n < 5; n++)
        near[n] = numbers[n];
    for (t = s->tree->types.first; t && n < NEAR_MAX; t = t->next)
        near[n++] = t->name;
    return n;
}

static struct type *unknown(struct sema *s, const struct ast_type *t)
{
    const char *near[NEAR_MAX];
    struct diag *d =
        diag_error(s->diags, t->loc, "there is no type '%s'", t->name);

    if (strcmp(t->name, "int") == 0 || strcmp(t->name, "uint") == 0)
        diag_hint(d,
                  "numbers are unsigned and have a width: u8, u16, u32, u64");
    else if (strcmp(t->name, "prefix") == 0)
        diag_note(d, "a prefix is a part of the key of a table that is a "
                     "parameter, and read from a file");
    else if (!hint_module(s, d, t->name) && !advise_container(d, t->name, NULL))
        hint_near(d, t->name, near, near_names(s, near));
    return s->error;
}

struct type *type_resolve(struct sema *s, const struct ast_type *t)
{
    struct type *r;
    struct diag *d;

    switch (t->kind) {
    case AT_RANGE:
        return resolve_range(s, t);
    case AT_TUPLE:
        return resolve_tuple(s, t);
    case AT_OBJECT:
        if (t->parts.n && !object_named(s, t->name)) {
            d = diag_error(s->diags, t->loc, "'%s' takes no type in brackets",
                           t->name);
            if (!advise_container(d, t->name, loc_text(s, t->parts.first->loc)))
                diag_hint(d, "range[...], table[... -> ...] and state that "
                             "has keys do");
            return s->error;
        }
        diag_error(s->diags, t->loc,
                   "arguments are only written where the "
                   "state is declared");
        return s->error;
    case AT_TABLE:
        if (!t->args.n)
            return rows_type(s, t);
        diag_hint(diag_error(s->diags, t->loc,
                             "a table is state of an NF, not a type of values"),
                  "shared name: table[...](...)");
        return s->error;
    case AT_NAME:
        break;
    }
    r = type_named(s, t->name);
    return r ? r : unknown(s, t);
}

/* ---- declarations of scalars and enums ---- */

static bool declared(struct sema *s, const struct ast_decl *d)
{
    struct type *t;

    LIST_EACH (t, &s->tree->types) {
        if (strcmp(t->name, d->name) == 0) {
            twice(s, d->loc, "type", d->name, t->loc);
            return true;
        }
    }
    if (type_named(s, d->name)) {
        diag_error(s->diags, d->loc, "'%s' is a type already", d->name);
        return true;
    }
    return false;
}

static struct type *declare(struct sema *s, const struct ast_decl *d,
                            enum type_kind kind)
{
    struct type *t = type_make(s, kind, d->name);

    t->loc = d->loc;
    t->form = LIT_INT;
    LIST_ADD(&s->tree->types, t);
    return t;
}

static void declare_union(struct sema *s, const struct ast_decl *d)
{
    struct type *a = type_resolve(s, d->alts.first);
    struct type *b = type_resolve(s, d->alts.first->next);
    struct type *t;

    if (a->kind == TY_ERROR || b->kind == TY_ERROR)
        return;
    if (d->alts.n != 2 || a->kind != TY_UINT || b->kind != TY_UINT ||
        a->form == b->form) {
        diag_error(s->diags, d->loc,
                   "'a | b' joins two types whose literals differ in form");
        return;
    }
    t = declare(s, d, TY_UNION);
    t->alt[0] = a;
    t->alt[1] = b;
}

static bool like_fits(struct sema *s, const struct ast_expr *like,
                      const struct type *of)
{
    unsigned bits = like->lit == LIT_IPV4   ? 32
                    : like->lit == LIT_IPV6 ? 128
                    : like->lit == LIT_MAC  ? 48
                                            : of->bits;

    if (like->kind == AE_LIT && like->lit != LIT_DURATION &&
        of->kind == TY_UINT && of->bits == bits)
        return true;
    diag_error(s->diags, like->loc,
               "values of '%s' cannot be written like this", of->name);
    return false;
}

/* type port = u16, type ipv4 = u32 like 0.0.0.0, type r = range[port] */
static void declare_alias(struct sema *s, const struct ast_decl *d)
{
    struct type *of, *t;

    if (d->alts.n > 1) {
        declare_union(s, d);
        return;
    }
    of = type_resolve(s, d->type);
    if (of->kind == TY_ERROR)
        return;
    if (of->kind == TY_OBJECT) {
        diag_error(s->diags, d->type->loc, "'%s' can have no other name",
                   of->name);
        return;
    }
    if (d->like && !like_fits(s, d->like, of))
        return;
    t = arena_dup(s->arena, of, sizeof(*of));
    t->name = d->name;
    t->loc = d->loc;
    t->form = d->like ? d->like->lit : LIT_INT;
    t->next = NULL;
    LIST_ADD(&s->tree->types, t);
}

static void declare_enum(struct sema *s, const struct ast_decl *d)
{
    struct type *base = d->type ? type_resolve(s, d->type) : type_uint(s, 32),
                *t;
    struct ast_enumval *v;
    struct enumval *e, *other;

    if (base->kind == TY_ERROR)
        return;
    if (!type_is_plain(base)) {
        diag_error(s->diags, d->type->loc, "an enum is based on a number");
        return;
    }
    t = declare(s, d, TY_ENUM);
    t->bits = base->bits;
    LIST_EACH (v, &d->values) {
        LIST_EACH (other, &t->values)
            if (strcmp(other->name, v->name) == 0)
                twice(s, v->loc, "value", v->name, other->loc);
        e = ARENA_NEW(s->arena, struct enumval);
        e->name = v->name;
        e->loc = v->loc;
        e->value = v->value         ? v->value->num
                   : t->values.last ? t->values.last->value + 1
                                    : 0;
        if (e->value > num_mask(t->bits))
            diag_error(s->diags, v->loc, "the value does not fit into %s",
                       base->name);
        LIST_ADD(&t->values, e);
    }
}

void types_declare(struct sema *s)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls) {
        if (d->kind == AD_TYPE && !declared(s, d))
            declare_alias(s, d);
        else if (d->kind == AD_ENUM && !declared(s, d))
            declare_enum(s, d);
        else if (d->kind == AD_STRUCT && !declared(s, d))
            struct_declare(s, d);
    }
}
