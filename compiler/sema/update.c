/* How handlers change the state of their NF. What all shards have in common
 * (atomic) may only change in ways of which the order does not matter, and
 * what each shard has of its own (split) is put together as it was changed:
 * LANGUAGE.md, "State". */
#include "sema/sema.h"

struct find {
    struct sema *sema;
    struct loc told; /* the last mistake: copies of a loop repeat it */
};

/* Asked twice, with nothing in between, it has one value. */
static bool is_steady(const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return true;
    if (e->kind == TE_CALL || e->kind == TE_TABLE ||
        (e->kind == TE_VAR && e->var->storage == ST_ATOMIC) ||
        !is_steady(e->a) || !is_steady(e->b))
        return false;
    LIST_EACH (i, &e->items)
        if (!is_steady(i->lo) || !is_steady(i->hi))
            return false;
    LIST_EACH (a, &e->args)
        if (!is_steady(a->value))
            return false;
    return true;
}

static bool is_var(const struct texpr *e, const struct var *v)
{
    return e->kind == TE_VAR && e->var == v;
}

/* v = v OP e, where e does not ask v again. */
static enum update of_set(const struct tstmt *s)
{
    static const struct {
        enum ast_op op;
        enum update update;
    } known[] = {
        {OP_ADD, UP_ADD}, {OP_SUB, UP_SUB}, {OP_OR, UP_OR}, {OP_AND, UP_AND}};
    const struct texpr *e = s->value;

    if (e->kind != TE_BINARY || !is_var(e->a, s->var) ||
        texpr_reads(e->b, s->var))
        return UP_SET;
    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (e->op == known[i].op)
            return known[i].update;
    return UP_SET;
}

/* if [... &&] v < e { v = e } */
static enum update of_if(const struct tstmt *s)
{
    const struct texpr *c = s->value;
    const struct tstmt *set = s->body->stmts.first;
    bool less, left;

    if (s->other || s->body->stmts.n != 1 || set->kind != TS_VAR)
        return UP_SET;
    while (c->kind == TE_BINARY && c->op == OP_LAND)
        c = c->b;
    if (c->kind != TE_BINARY ||
        (c->op != OP_LT && c->op != OP_LE && c->op != OP_GT && c->op != OP_GE))
        return UP_SET;
    left = is_var(c->a, set->var);
    if (!left && !is_var(c->b, set->var))
        return UP_SET;
    if (!texpr_same(left ? c->b : c->a, set->value) || !is_steady(set->value))
        return UP_SET;
    less = c->op == OP_LT || c->op == OP_LE;
    return less == left ? UP_MAX : UP_MIN;
}

/* ---- what atomic state cannot take ---- */

static bool said_before(struct find *f, struct loc at)
{
    bool said = f->told.src == at.src && f->told.off == at.off;

    f->told = at;
    return said;
}

static const char *const update_name[] = {
    [UP_SET] = "=",           [UP_ADD] = "+= or -=", [UP_SUB] = "+= or -=",
    [UP_OR] = "|=",           [UP_AND] = "&=",       [UP_MAX] = "its maximum",
    [UP_MIN] = "its minimum",
};

static void no_update(struct find *f, const struct tstmt *s)
{
    struct diag *d;

    if (said_before(f, s->loc))
        return;
    d = diag_error(f->sema->diags, s->loc,
                   "'%s' is atomic: it may only change by +=, -=, |=, &=, or "
                   "to a maximum or minimum, by a value that does not ask it",
                   s->var->name);
    diag_also(d, s->var->loc, "declared here");
    diag_hint(d,
              "if %s < x { %s = x }, or declare it split, one for each "
              "shard",
              s->var->name, s->var->name);
}

static void other_update(struct find *f, const struct var *v, struct loc at,
                         enum update now)
{
    struct diag *d;

    if (said_before(f, at))
        return;
    d = diag_error(f->sema->diags, at,
                   "'%s' is atomic, and changes by %s elsewhere: with %s the "
                   "order of changes would matter",
                   v->name, update_name[v->update], update_name[now]);
    diag_also(d, v->update_loc, "changed here");
    diag_hint(d, "use two variables");
}

static void note(struct find *f, struct var *v, struct loc at,
                 enum update update)
{
    if (update == UP_SUB)
        update = UP_ADD;
    if (!v->update_loc.src) {
        v->update = update;
        v->update_loc = at;
        if (v->storage == ST_ATOMIC && (update == UP_AND || update == UP_MIN))
            diag_warning(f->sema->diags, at,
                         "'%s' begins as zero, so this never changes it",
                         v->name);
    } else if (v->update != update && v->storage == ST_ATOMIC) {
        other_update(f, v, at, update);
    } else if (v->update != update) {
        v->update = UP_SET;
    }
}

/* ---- handlers ---- */

static void find_block(struct find *f, const struct tblock *b);

static void find_set(struct find *f, struct tstmt *s)
{
    s->update = of_set(s);
    if (s->update == UP_SET && s->var->storage == ST_ATOMIC)
        no_update(f, s);
    else
        note(f, s->var, s->loc, s->update);
}

static void find_if(struct find *f, struct tstmt *s)
{
    struct var *v;

    s->update = of_if(s);
    if (s->update == UP_SET) {
        find_block(f, s->body);
        find_block(f, s->other);
        return;
    }
    v = s->body->stmts.first->var;
    note(f, v, s->loc, s->update);
    if (v->storage != ST_ATOMIC)
        s->update = UP_SET; /* only what it is put together by */
}

static void find_block(struct find *f, const struct tblock *b)
{
    struct tstmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (s->kind == TS_VAR)
            find_set(f, s);
        else if (s->kind == TS_IF)
            find_if(f, s);
        else
            find_block(f, s->alt);
    }
}

void updates_find(struct sema *s, struct nf *n)
{
    struct find f = {.sema = s};
    const struct handler *h;

    LIST_EACH (h, &n->handlers)
        find_block(&f, h->body);
}
