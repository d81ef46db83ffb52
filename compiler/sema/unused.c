/* Warnings: what `let` names and nobody reads, and arms of `match` that no
 * value comes to. */
#include "sema/sema.h"

/* ---- names ---- */

/* In a loop or an action one `let` makes many locals: they are one place. */
static struct let *let_at(struct sema *s, struct loc at)
{
    struct let *l;

    LIST_EACH (l, &s->lets)
        if (l->loc.src == at.src && l->loc.off == at.off)
            return l;
    return NULL;
}

void let_made(struct sema *s, const char *name, struct loc at)
{
    struct let *l = let_at(s, at);

    if (l || name[0] == '_')
        return;
    l = ARENA_NEW(s->arena, struct let);
    l->name = name;
    l->loc = at;
    LIST_ADD(&s->lets, l);
}

void let_read(struct sema *s, const struct local *local)
{
    struct let *l = let_at(s, local->loc);

    if (l)
        l->read = true;
}

void lets_check(struct sema *s)
{
    const struct let *l;

    if (diags_errors(s->diags))
        return;
    LIST_EACH (l, &s->lets)
        if (!l->read)
            diag_hint(
                diag_warning(s->diags, l->loc, "'%s' is never used", l->name),
                "remove it; a call keeps its effect without `let`, and "
                "`_` names a part that is not needed");
}

/* ---- arms ---- */

static bool is_constant(const struct titem *i)
{
    return i->lo->kind == TE_CONST && i->hi->kind == TE_CONST;
}

/* The item of these arms that holds the value. */
static const struct titem *holder(const struct texpr *const *arms, unsigned n,
                                  unsigned alt, num_t value)
{
    const struct titem *i;

    while (n-- > 0)
        LIST_EACH (i, &arms[n]->items)
            if (is_constant(i) && i->alt == alt && i->lo->value.u <= value &&
                value <= i->hi->value.u)
                return i;
    return NULL;
}

static bool taken(const struct texpr *const *arms, unsigned n, unsigned alt,
                  num_t lo, num_t hi)
{
    const struct titem *i;

    while ((i = holder(arms, n, alt, lo))) {
        if (i->hi->value.u >= hi)
            return true;
        lo = i->hi->value.u + 1;
    }
    return false;
}

bool arm_is_dead(const struct texpr *const *arms, unsigned n,
                 const struct texpr *arm)
{
    const struct titem *i;

    LIST_EACH (i, &arm->items)
        if (!is_constant(i) ||
            !taken(arms, n, i->alt, i->lo->value.u, i->hi->value.u))
            return false;
    return arm->items.n > 0;
}

bool arms_take_all(const struct texpr *const *arms, unsigned n,
                   const struct type *t)
{
    if (t->kind == TY_UNION)
        return taken(arms, n, 0, 0, num_mask(t->alt[0]->bits)) &&
               taken(arms, n, 1, 0, num_mask(t->alt[1]->bits));
    return type_is_number(t) && taken(arms, n, 0, 0, num_mask(t->bits));
}
