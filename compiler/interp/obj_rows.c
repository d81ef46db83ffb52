/* Tables from files, row by row. Only the reader of the files is the
 * runtime's. LANGUAGE.md, section 7. */
#include "base/arena.h"
#include "interp/config.h"
#include "interp/object.h"
#include "interp/world.h"
#include <nfl/rows_text.h>
#include <stdlib.h>

static struct nfl_rows_desc *describe(struct world *w, const struct rows *r)
{
    struct nfl_rows_desc *d = ARENA_NEW(w->arena, struct nfl_rows_desc);
    struct nfl_column *to = arena_alloc(w->arena, r->columns.n * sizeof(*to));
    const struct column *c;
    unsigned i = 0;

    LIST_EACH (c, &r->columns) {
        to[i].is.type = c->type->name;
        to[i].is.kind = config_kind(c->type);
        to[i].is.bits = c->type->kind == TY_DURATION ? 64
                        : c->type->kind == TY_BOOL   ? 1
                                                     : c->type->bits;
        to[i].is.words = config_words(w->arena, c->type);
        to[i++].match = c->match == MATCH_PREFIX  ? NFL_MATCH_PREFIX
                        : c->match == MATCH_RANGE ? NFL_MATCH_RANGE
                                                  : NFL_MATCH_EXACT;
    }
    d->name = w->making_name;
    d->columns = to;
    d->n_key = r->n_key;
    d->n = r->columns.n;
    d->first = r->first;
    d->longest = r->longest;
    return d;
}

void *rows_make(struct world *w, unsigned shards,
                const struct ival *const *args)
{
    char *path = nfl_options_file(w->options, w->srcdir, args[0]->str, w->err,
                                  sizeof(w->err));
    struct nfl_rows *rows = NULL;

    (void)shards;
    if (path)
        rows = nfl_rows_read(path, describe(w, w->making->rows), w->err,
                             sizeof(w->err));
    free(path);
    return rows;
}

void rows_free(void *self)
{
    nfl_rows_free(self);
}

/* Compares the parts of x with cells; *cells is behind them then. */
static bool matches(const struct type *t, const struct ival *x,
                    const struct nfl_cell **cells)
{
    const struct nfl_cell *c;
    const struct part *p;
    bool good = true;
    unsigned i = 0;

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts)
            good &= matches(p->type, &x->parts[i++], cells);
        return good;
    }
    c = (*cells)++;
    return c->any || (c->v6 == (t->kind == TY_UNION && x->alt == 1) &&
                      c->lo <= x->u && x->u <= c->hi);
}

static const struct nfl_cell *find(const struct call *c)
{
    const struct nfl_rows *all = c->self;
    const struct rows *r = c->type->rows;
    const struct nfl_cell *found = NULL, *cells;

    for (unsigned i = 0; i < all->n; i++) {
        cells = nfl_row(all, i);
        if (!matches(r->key, c->args[0], &cells))
            continue;
        cells = nfl_row(all, i);
        if (!r->longest)
            return cells;
        if (!found || cells->plen > found->plen)
            found = cells;
    }
    return found;
}

static struct ival value(const struct call *c, const struct type *t,
                         const struct nfl_cell **cells)
{
    struct ival x = {0};
    const struct part *p;
    unsigned i = 0;

    if (t->kind == TY_TUPLE) {
        result_parts(c, &x, t->parts.n);
        LIST_EACH (p, &t->parts)
            x.parts[i++] = value(c, p->type, cells);
        return x;
    }
    x.u = (*cells)->lo;
    x.alt = (*cells)->v6;
    (*cells)++;
    return x;
}

bool rows_find(const struct call *c, struct ival *result)
{
    const struct rows *r = c->type->rows;
    const struct nfl_cell *cells = find(c);

    if (!cells)
        return false;
    cells += r->n_key;
    *result = value(c, r->value, &cells);
    return true;
}

bool rows_has(const struct call *c, struct ival *result)
{
    result->u = find(c) != NULL;
    return true;
}
