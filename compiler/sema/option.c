/* Options: headers inside of another one, between its declared fields and its
 * end, of which one without `valid` says how to go from each to the next. */
#include "sema/sema.h"

bool header_is_option(const struct header *h)
{
    return h->real == h;
}

const struct header *option_any(const struct tree *t, const struct header *of)
{
    const struct header *h;

    LIST_EACH (h, &t->headers)
        if (header_is_option(h) && h->of == of && !h->valid)
            return h;
    return NULL;
}

void option_of(struct sema *s, struct header *h, struct header *parent,
               const struct ast_after *a)
{
    if (a->values.n)
        diag_note(diag_error(s->diags, a->loc,
                             "no value of '%s' says that an option is there",
                             parent->name),
                  "its `valid` does");
    else if (h->of)
        diag_error(s->diags, a->loc, "an option is one of a single header");
    else if (parent->fields.last && parent->fields.last->cond)
        diag_also(diag_error(s->diags, a->loc,
                             "'%s' has fields that may be absent, so it can "
                             "have no options",
                             parent->name),
                  parent->loc, "declared here");
    else
        h->of = parent;
}

/* What an option is made of. */
static void check_lines(struct sema *s, const struct ast_decl *d)
{
    const struct ast_hline *l;

    LIST_EACH (l, &d->lines)
        if (l->kind != AH_FIELD && l->kind != AH_SIZE && l->kind != AH_VALID &&
            !(l->kind == AH_MARK && strcmp(l->name, "option") == 0))
            diag_error(s->diags, l->loc,
                       "an option has fields, `size` and `valid`, and no more");
}

void option_check(struct sema *s, struct header *h, const struct ast_decl *d)
{
    const struct header *any;
    struct field *f;

    if (!header_is_option(h))
        return;
    check_lines(s, d);
    if (!h->of && !d->after.n)
        diag_hint(diag_error(s->diags, h->loc, "'%s' is an option of no header",
                             h->name),
                  "header %s after geneve", h->name);
    if (!h->of)
        return;
    any = option_any(s->tree, h->of);
    if (!any)
        diag_note(
            diag_error(s->diags, h->loc,
                       "nothing says how to go past options of '%s'",
                       h->of->name),
            "one of them is declared without `valid`, and is any of them");
    else if (!h->valid && any != h)
        diag_also(diag_error(s->diags, h->loc,
                             "option '%s' needs a `valid`: another one is any "
                             "option",
                             h->name),
                  any->loc, "declared here");
    if (any == h)
        LIST_EACH (f, &h->fields)
            f->fixed = "it decides how the packet is parsed";
}

/* ---- options that are added with their header ---- */

static struct tset *set_of(const struct tlayer *l, const struct field *f)
{
    struct tset *s;

    LIST_EACH (s, &l->sets)
        if (s->field == f)
            return s;
    return NULL;
}

/* Padded until its size can be said; sets what says it. */
static bool say_size(struct scope *sc, struct tlayer *l)
{
    const struct linear *by = &l->header->size_by;
    struct tset *set;
    num_t v;

    if (by->known && !by->field && by->add >= l->bytes)
        l->bytes = (unsigned)by->add;
    if (!by->field)
        return l->bytes <= 256;
    while (l->bytes < 256 && !linear_solve(by, l->bytes, &v))
        l->bytes++;
    if (!linear_solve(by, l->bytes, &v))
        return false;
    set = ARENA_NEW(sc->sema->arena, struct tset);
    set->field = by->field;
    set->value = expr_number(sc, l->loc, by->field->type, v);
    set->bit = by->field->bit_off;
    LIST_ADD(&l->sets, set);
    return true;
}

/* Values of fields that are not given. */
static void say_defaults(struct scope *sc, struct tlayer *l)
{
    struct field *f;
    struct tset *set;

    LIST_EACH (f, &l->header->fields) {
        if (f->cond || !f->def || set_of(l, f))
            continue;
        set = ARENA_NEW(sc->sema->arena, struct tset);
        set->field = f;
        set->value = expr_number(sc, l->loc, f->type, f->def);
        set->bit = f->bit_off;
        LIST_ADD(&l->sets, set);
    }
}

static bool holds(struct scope *sc, const struct tlayer *l)
{
    if (!l->header->valid || layer_could(l, l->header->valid))
        return true;
    diag_also(diag_error(sc->sema->diags, l->loc,
                         "these values do not make a '%s'", l->header->name),
              l->header->valid->loc, "this must hold");
    return false;
}

bool option_add(struct scope *sc, struct tlayer *to, struct tlayer *l)
{
    struct tset *set, *next;

    if (!l->header->of) /* its declaration was wrong, which was said */
        return false;
    if (!to || to->header != l->header->of) {
        diag_note(diag_error(sc->sema->diags, l->loc,
                             "an option is added with its header"),
                  "%s / %s", l->header->of->name, l->header->name);
        return false;
    }
    if (!say_size(sc, l)) {
        diag_error(sc->sema->diags, l->loc,
                   "the length of '%s' cannot be said by its `size`",
                   l->header->name);
        return false;
    }
    say_defaults(sc, l);
    if (!holds(sc, l))
        return false;
    for (set = l->sets.first; set; set = next) {
        next = set->next;
        set->next = NULL;
        set->bit += to->bytes * 8;
        LIST_ADD(&to->sets, set);
    }
    to->bytes += l->bytes;
    l->option = to->option;
    to->option = l;
    return true;
}
