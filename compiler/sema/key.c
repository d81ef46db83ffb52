/* By what the traffic of a chain is divided among its shards, derived from
 * what its NFs do: LANGUAGE.md, "Shards". */
#include "sema/sema.h"

struct look { /* at one handler, at its place */
    struct sema *sema;
    struct chain *chain;
    struct position *at;
    const struct handler *handler;
    bool leases;
};

static bool may_open(const struct look *l, unsigned side)
{
    const struct handler *h = l->handler;

    /* FLOW/NEW comes with a packet of the initiator, but for flows of which
     * the NF sees an answer first; what is found here is no promise. */
    if (h->from != FROM_SIDE || h->raiser != RAISE_NEW)
        return true;
    return handler_side(h, l->chain) == side;
}

static struct keyfact *fact_new(struct look *l, enum keyfact_kind kind,
                                const char *name, struct loc loc)
{
    struct keyfact *f = ARENA_NEW(l->sema->arena, struct keyfact);

    f->kind = kind;
    f->at = l->at;
    f->name = name;
    f->loc = loc;
    LIST_ADD(&l->chain->facts, f);
    return f;
}

void call_ends(const struct texpr *call, bool ends[2])
{
    const struct targ *a;
    bool known = false;

    ends[0] = ends[1] = false;
    LIST_EACH (a, &call->args) {
        bool src = strcmp(a->param->name, role_name[ROLE_SRC]) == 0;
        bool dst = strcmp(a->param->name, role_name[ROLE_DST]) == 0;

        known |= src || dst;
        ends[0] |= src && a->value;
        ends[1] |= dst && a->value;
    }
    if (!known)
        ends[0] = ends[1] = true;
}

static void translates(struct look *l, const struct tstmt *s)
{
    bool ends[2]; /* the initiator's, the responder's */
    struct keyfact *f;

    call_ends(s->value, ends);
    for (unsigned side = 0; side < 2; side++) {
        for (unsigned i = 0; i < 2; i++) {
            if (!ends[i] || !may_open(l, side))
                continue;
            f = fact_new(l, KEY_TRANSLATES, NULL, s->loc);
            f->opened = side;
            f->end = i == 0 ? side : 1 - side;
            f->leased = l->leases;
        }
    }
}

static bool block_leases(const struct tblock *b)
{
    const struct tstmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            if ((s->kind == TS_CALL && s->value->member->leases) ||
                block_leases(s->body) || block_leases(s->other) ||
                block_leases(s->alt))
                return true;
    return false;
}

static void look_block(struct look *l, const struct tblock *b)
{
    const struct tstmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (s->kind == TS_CALL && s->value->member->rewrites)
            translates(l, s);
        look_block(l, s->body);
        look_block(l, s->other);
        look_block(l, s->alt);
    }
}

/* How many things it hands out: the numbers of its range. */
static num_t amount_of(const struct look *l, const struct var *v)
{
    const struct targ *a, *given;
    const struct texpr *e;

    LIST_EACH (a, &v->args) {
        e = a->value;
        if (!e || e->type->kind != TY_RANGE)
            continue;
        if (e->kind == TE_PARAM)
            LIST_EACH (given, &l->at->args)
                if (given->param == e->param)
                    e = given->value;
        if (e && e->kind == TE_CONST)
            return e->value.hi - e->value.u + 1;
    }
    return 0;
}

static void find_leases(struct look *l)
{
    const struct nf *nf = l->at->nf;
    const struct param *p;
    const struct var *v;
    struct keyfact *f;

    LIST_EACH (p, &nf->params)
        if (type_is_divided(p->type))
            fact_new(l, KEY_LEASES, p->name, p->loc);
    LIST_EACH (v, &nf->vars)
        if (type_is_divided(v->type)) {
            f = fact_new(l, KEY_LEASES, v->name, v->loc);
            f->amount = amount_of(l, v);
            f->var = v;
        }
}

/* A shard without any has flows that are opened in vain. */
static void check_leases(struct sema *s, const struct chain *c)
{
    const struct keyfact *f;

    LIST_EACH (f, &c->facts)
        if (f->kind == KEY_LEASES && f->amount && f->amount < c->shards)
            diag_hint(diag_warning(s->diags, f->at->loc,
                                   "'%s' of '%s' has %llu to lease for %u "
                                   "shards: some shards have none",
                                   f->name, f->at->name,
                                   (unsigned long long)f->amount, c->shards),
                      "at least one for each shard, or fewer: flows(..., "
                      "shards = 1)");
}

static void look_nf(struct look *l)
{
    const struct handler *h;

    find_leases(l);
    LIST_EACH (h, &l->at->nf->handlers) {
        l->handler = h;
        l->leases = block_leases(h->body);
        look_block(l, h->body);
    }
}

/* The end by which flows are divided should be one that they keep, or whose new
 * address is leased, so of the same shard. What tables ask comes first: `ends`
 * are those by which all of them can be divided. */
static enum key choose(const struct chain *c, unsigned ends)
{
    bool changes[2] = {false}, leased[2] = {false}, any = ends != 3;
    const struct keyfact *f;
    enum key key = KEY_LEFT;

    LIST_EACH (f, &c->facts) {
        any = true;
        if (f->kind != KEY_TRANSLATES)
            continue;
        changes[f->end] = true;
        leased[f->end] |= f->leased;
    }
    if (leased[1] && !leased[0])
        key = KEY_RIGHT;
    else if (!leased[0] && changes[0] && !changes[1])
        key = KEY_RIGHT;
    if (ends == 1 || ends == 2)
        key = ends == 1 ? KEY_LEFT : KEY_RIGHT;
    return any ? key : KEY_TUPLE;
}

static bool is_scalar(const struct var *v)
{
    return v->type->kind != TY_OBJECT && v->type->kind != TY_ERROR && !v->table;
}

/* A value, an object of C that changes, or packets that wait. */
static bool is_kept(const struct var *v)
{
    return is_scalar(v) ||
           (v->type->kind == TY_OBJECT &&
            (object_keeps(v->type->object) || v->type->object->holds));
}

/* One value cannot belong to several shards. */
static void no_division(struct sema *s, const struct chain *c,
                        const struct position *p, const struct var *v)
{
    bool holds = v->type->kind == TY_OBJECT && v->type->object->holds;
    struct diag *d = diag_error(
        s->diags, p->loc,
        "chain '%s' divides its flows among %u shards, but '%s' of '%s' is one "
        "value for all of them",
        c->name, c->shards, v->name, p->nf->name);

    diag_also(d, v->loc, "declared here");
    if (holds)
        diag_hint(d, "shards = 1 in flows(...)");
    else
        diag_hint(d,
                  "split %s: one for each shard; or atomic %s: one for all, "
                  "which only counts; or shards = 1 in flows(...)",
                  v->name, v->name);
}

/* Which storages the state of the chain has; reports scalars that it cannot
 * divide. Shared tables are no matter of their storage, but of their keys. */
static void look_state(struct sema *s, struct chain *c, bool has[ST_N])
{
    const struct position *p;
    const struct var *v;

    LIST_EACH (p, &c->nfs)
        LIST_EACH (v, &p->nf->vars) {
            has[v->storage] |=
                is_kept(v) || (v->storage == ST_SPLIT &&
                               (v->table || (v->type->kind == TY_OBJECT &&
                                             v->type->object->updates)));
            if (is_kept(v) && v->storage == ST_SHARED && c->tracks &&
                c->shards > 1)
                no_division(s, c, p, v);
        }
}

/* Tables of which some shard would have no entry. */
static bool find_small_tables(struct look *l)
{
    bool found = false;
    const struct var *v;

    LIST_EACH (l->at, &l->chain->nfs)
        LIST_EACH (v, &l->at->nf->vars)
            if (v->table && v->table->size &&
                position_value(l->at, v->table->size) < l->chain->shards) {
                fact_new(l, KEY_SMALL, v->name, v->loc);
                found = true;
            }
    return found;
}

/* Without a flow table there is nothing to divide but packets; where that
 * cannot be there is one shard. */
static void without_flows(struct look *l, const bool has[ST_N])
{
    struct chain *c = l->chain;
    unsigned ends = key_table_ends(l->sema, c, false);
    bool tables = c->facts.n > 0;

    c->key = has[ST_SHARED] || has[ST_SPLIT] || tables ? KEY_TUPLE : KEY_NONE;
    if (has[ST_SHARED] || c->key == KEY_NONE || find_small_tables(l) ||
        (tables && !ends))
        c->shards = 1;
    else if (tables)
        c->key = ends & 1 ? KEY_LEFT : KEY_RIGHT;
}

void key_derive(struct sema *s, struct chain *c)
{
    struct look l = {.sema = s, .chain = c};
    bool has[ST_N] = {false};
    unsigned ends;

    look_state(s, c, has);
    if (c->tracks)
        LIST_EACH (l.at, &c->nfs)
            look_nf(&l);
    check_leases(s, c);
    key_tables(s, c);
    if (!c->tracks) {
        without_flows(&l, has);
        return;
    }
    /* Both directions of a flow may come from the one side. */
    if (!c->two_way) {
        c->key = KEY_TUPLE;
        key_one_way(s, c);
        return;
    }
    ends = key_table_ends(s, c, c->shards > 1);
    c->key = choose(c, ends);
}
