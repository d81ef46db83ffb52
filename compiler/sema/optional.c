/* Fields that a header has only if a condition over its other fields holds: one
 * behind the other, at the end of the declared fields. */
#include "sema/sema.h"

static struct texpr *bytes_if(struct scope *sc, const struct field *f)
{
    struct type *u32 = type_uint(sc->sema, 32);
    struct texpr *c = expr_new(sc, TE_CAST, f->loc, u32);

    c->a = f->cond;
    return expr_binary(sc, OP_MUL, f->loc, u32, c,
                       expr_number(sc, f->loc, u32, f->bits / 8));
}

/* The bytes of h in front of the field `end` (NULL: all). */
static struct texpr *bytes_before(struct sema *s, const struct header *h,
                                  const struct field *end, unsigned fixed)
{
    struct scope sc = {.sema = s};
    struct type *u32 = type_uint(s, 32);
    struct texpr *sum = expr_number(&sc, h->loc, u32, fixed);
    const struct field *f;

    for (f = h->fields.first; f && f != end; f = f->next)
        if (f->cond)
            sum = expr_binary(&sc, OP_ADD, f->loc, u32, sum, bytes_if(&sc, f));
    return sum;
}

void optional_field(struct sema *s, struct field *f, struct texpr *cond,
                    unsigned bits)
{
    f->cond = cond;
    f->off = bytes_before(s, f->header, NULL, bits / 8);
    if (f->bits % 8 || bits % 8)
        diag_error(s->diags, f->loc,
                   "a field that may be absent has whole bytes, and so has "
                   "what is in front of it");
}

void gap_field(struct sema *s, struct field *f, const struct ast_expr *cond)
{
    struct scope sc = {.sema = s};

    f->cond = expr_number(&sc, f->loc, s->boolean, 1);
    if (cond)
        diag_error(s->diags, cond->loc, "a field behind a gap is always there");
    if (f->bits % 8)
        diag_error(s->diags, f->loc, "a field behind a gap has whole bytes");
}

static bool is_behind_gap(const struct field *f)
{
    return f->cond && f->cond->kind == TE_CONST;
}

struct texpr *optional_size(struct sema *s, struct header *h)
{
    return bytes_before(s, h, NULL, h->fixed_bytes);
}

/* Its fields behind a gap end where it does. */
static void place_tail(struct sema *s, struct header *h)
{
    struct scope sc = {.sema = s};
    struct type *u32 = type_uint(s, 32);
    struct field *f, *g;
    unsigned bits;

    LIST_EACH (f, &h->fields) {
        bits = 0;
        for (g = f; g; g = g->next)
            bits += g->bits;
        if (is_behind_gap(f))
            f->off = expr_binary(&sc, OP_SUB, f->loc, u32, h->size,
                                 expr_number(&sc, f->loc, u32, bits / 8));
    }
}

static const struct ast_hline *size_line(const struct ast_decl *d)
{
    const struct ast_hline *l;

    LIST_EACH (l, &d->lines)
        if (l->kind == AH_SIZE)
            return l;
    return NULL;
}

void optional_fit(struct sema *s, struct header *h, const struct ast_decl *d)
{
    struct scope sc = {.sema = s};
    struct texpr *fits;

    if (!h->fields.last || !h->fields.last->cond)
        return;
    if (!size_line(d)) {
        if (is_behind_gap(h->fields.last)) {
            diag_error(s->diags, d->loc,
                       "a header with a gap says how long it is");
            h->size = optional_size(s, h);
            place_tail(s, h);
        }
        return;
    }
    place_tail(s, h);
    fits = expr_binary(&sc, OP_GE, h->size->loc, s->boolean, h->size,
                       optional_size(s, h));
    h->valid = h->valid ? expr_binary(&sc, OP_LAND, h->valid->loc, s->boolean,
                                      h->valid, fits)
                        : fits;
}

/* ---- of a header that is added ---- */

static struct tset *set_of(const struct tlayer *l, const struct field *f)
{
    struct tset *s;

    LIST_EACH (s, &l->sets)
        if (s->field == f)
            return s;
    return NULL;
}

/* The value of e, over what is known of the fields; false if it is not. */
static bool known(const struct tlayer *l, const struct texpr *e, num_t *v)
{
    const struct tset *s;
    num_t a, b;

    switch (e->kind) {
    case TE_CONST:
        *v = e->value.u;
        return true;
    case TE_FIELD:
        s = set_of(l, e->field);
        *v = s ? s->value->value.u : e->field->def;
        return !s || s->value->kind == TE_CONST;
    case TE_CAST:
        return known(l, e->a, v);
    case TE_NOT:
        if (!known(l, e->a, &a))
            return false;
        *v = !a;
        return true;
    case TE_BINARY:
        if (!known(l, e->a, &a) || !known(l, e->b, &b))
            return false;
        *v = e->op == OP_EQ     ? a == b
             : e->op == OP_NE   ? a != b
             : e->op == OP_LAND ? a && b
             : e->op == OP_LOR  ? a || b
             : e->op == OP_AND  ? (a & b)
             : e->op == OP_OR   ? (a | b)
                                : 0;
        return true;
    default:
        return false;
    }
}

/* Where the condition is F == c, a field that is given says so. */
static void imply(struct scope *sc, struct tlayer *l, const struct field *f)
{
    const struct texpr *c = f->cond;
    struct tset *set;

    if (c->kind != TE_BINARY || c->op != OP_EQ || c->a->kind != TE_FIELD ||
        c->b->kind != TE_CONST || set_of(l, c->a->field))
        return;
    set = ARENA_NEW(sc->sema->arena, struct tset);
    set->field = c->a->field;
    set->value = expr_number(sc, l->loc, c->a->field->type, c->b->value.u);
    set->bit = c->a->field->bit_off;
    LIST_ADD(&l->sets, set);
}

static bool place(struct scope *sc, struct tlayer *l, const struct field *f,
                  unsigned *bit)
{
    struct tset *set = set_of(l, f);
    num_t there;
    struct diag *d;

    if (!known(l, f->cond, &there)) {
        d = diag_error(sc->sema->diags, l->loc,
                       "whether '%s.%s' is there must be known when the "
                       "program is compiled",
                       l->header->name, f->name);
        diag_also(d, f->loc, "declared here");
        return false;
    }
    if (set && !there) {
        d = diag_error(sc->sema->diags, set->value->loc,
                       "'%s.%s' is given, but would not be there",
                       l->header->name, f->name);
        diag_also(d, f->cond->loc, "this must hold");
        return false;
    }
    if (set)
        set->bit = *bit;
    if (there)
        *bit += f->bits;
    return true;
}

/* As long as it must be for `size` to say the whole: in a gap, or behind all
 * fields. */
static bool pad(struct scope *sc, struct tlayer *l)
{
    const struct linear *by = &l->header->size_by;
    unsigned bytes = l->bytes;
    struct tset *s;
    num_t v;

    if (!l->header->size || !by->known)
        return true; /* that was said */
    if (!by->field && by->add > bytes && by->add <= 256)
        bytes = (unsigned)by->add;
    while (by->field && bytes < 256 && !linear_solve(by, bytes, &v))
        bytes++;
    if (by->field && !linear_solve(by, bytes, &v)) {
        diag_also(diag_error(sc->sema->diags, l->loc,
                             "the length of '%s' cannot be said by its `size`",
                             l->header->name),
                  l->header->size->loc, "declared here");
        return false;
    }
    LIST_EACH (s, &l->sets)
        if (is_behind_gap(s->field))
            s->bit += (bytes - l->bytes) * 8;
    l->bytes = bytes;
    return true;
}

bool optional_given(struct scope *sc, struct tlayer *l)
{
    unsigned bit = l->header->fixed_bytes * 8;
    struct field *f;
    struct tset *set;

    LIST_EACH (set, &l->sets)
        set->bit = set->field->bit_off;
    LIST_EACH (f, &l->header->fields)
        if (f->cond && set_of(l, f))
            imply(sc, l, f);
    LIST_EACH (f, &l->header->fields)
        if (f->cond && !place(sc, l, f, &bit))
            return false;
    l->bytes = bit / 8;
    return pad(sc, l);
}

bool optional_selector(struct scope *sc, struct tlayer *l)
{
    const struct field *f = l->header->select;
    num_t there;

    if (!f || !f->cond)
        return true;
    imply(sc, l, f);
    if (!optional_given(sc, l))
        return false;
    if (known(l, f->cond, &there) && there)
        return true;
    diag_also(diag_error(sc->sema->diags, l->loc,
                         "'%s.%s' says what follows, but would not be there",
                         l->header->name, f->name),
              f->cond->loc, "this must hold");
    return false;
}

bool layer_could(const struct tlayer *l, const struct texpr *e)
{
    num_t v;

    return !known(l, e, &v) || v;
}
