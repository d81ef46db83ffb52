/* By which ends of a flow the keys of shared tables ask: a table can be divided
 * among shards by an end that every access to it names. */
#include "sema/sema.h"

struct look { /* at one handler, at its place */
    struct sema *sema;
    struct chain *chain;
    const struct position *at;
    const struct handler *handler;
    const struct texpr **lets; /* what locals stand for, by index, or NULL */
    bool assigned; /* some handler of the chain writes addresses itself */
};

/* ---- what a part of a key is ---- */

/* Different values stay different. */
static bool keeps(const struct texpr *cast)
{
    return cast->type->kind == TY_UNION || cast->type->kind == TY_TUPLE ||
           (type_is_number(cast->type) && type_is_number(cast->a->type) &&
            cast->type->bits >= cast->a->type->bits);
}

/* Behind names that `let` gave, parts of tuples, and conversions. */
static const struct texpr *meaning(const struct look *l, const struct texpr *e)
{
    const struct texpr *a;
    const struct targ *arg;
    unsigned i = 0;

    if (e->kind == TE_CAST && keeps(e))
        return meaning(l, e->a);
    if (e->kind == TE_LOCAL && e->local && l->lets[e->local->index])
        return meaning(l, l->lets[e->local->index]);
    if (e->kind != TE_PART)
        return e;
    a = meaning(l, e->a);
    if (a->kind == TE_TUPLE)
        LIST_EACH (arg, &a->args)
            if (i++ == e->part)
                return meaning(l, arg->value);
    return e;
}

static bool field_is_role(const struct field *f, enum role r)
{
    const struct given *g;

    LIST_EACH (g, &f->header->given)
        if (g->field[r] == f)
            return true;
    return false;
}

/* True if e is what headers give to the role, or what the flow has there. */
static bool is_role(const struct look *l, const struct texpr *e, enum role r)
{
    if (e->kind == TE_GET)
        return e->a->type == l->sema->tree->flow &&
               strcmp(e->member->name, role_name[r]) == 0;
    return e->kind == TE_FIELD && field_is_role(e->field, r);
}

/* From which sides the packet may have come, or (flow) the flow. */
static unsigned sides(const struct look *l, bool flow)
{
    const struct handler *h = l->handler;
    bool ends = raiser_closes(h->raiser), begins = h->raiser == RAISE_NEW;
    bool said = flow ? begins || ends : !ends;

    if (!l->chain->two_way)
        return 1;
    if (h->from != FROM_SIDE || !said)
        return 3;
    return handler_side(h, l->chain) == 0 ? 1 : 2;
}

struct seek { /* does `a` come before `b`? */
    const struct position *a, *b;
    bool begun, found;
};

/* The steps as flows from the left visit them, or from the right: an NF before
 * its branches always. */
static void seek(struct seek *k, const struct step *st, bool right)
{
    const struct branch *br;

    if (!st)
        return;
    if (right)
        seek(k, st->next, right);
    k->found |= k->begun && st->at == k->b;
    k->begun |= st->at == k->a;
    LIST_EACH (br, &st->branches)
        seek(k, br->steps.first, right);
    if (!right)
        seek(k, st->next, right);
}

static bool before(const struct chain *c, const struct position *a,
                   const struct position *b, bool right)
{
    struct seek k = {a, b, false, false};

    seek(&k, c->steps.first, right);
    return k.found;
}

/* Whether the NF at a place may see the end after what f does, in a flow that
 * the side of the end opened, or before, in one that the other side did. */
static bool hides(const struct look *l, const struct keyfact *f, unsigned end)
{
    return before(l->chain, f->at, l->at, end == 1) ||
           before(l->chain, l->at, f->at, end == 0);
}

/* Nobody before has translated the end, as seen from its side: the address is
 * that by which packets from there are divided. */
static bool visible(const struct look *l, unsigned end)
{
    const struct keyfact *f;

    LIST_EACH (f, &l->chain->facts)
        if (f->kind == KEY_TRANSLATES && f->end == end && hides(l, f, end))
            return false;
    return true;
}

static void add_end(const struct look *l, const struct texpr *e,
                    struct keyfact *f)
{
    bool src = is_role(l, e, ROLE_SRC), dst = is_role(l, e, ROLE_DST);
    unsigned from = sides(l, e->kind == TE_GET), end;

    if (!src && !dst)
        return;
    if (from == 3) {
        f->either = true;
        f->opener = l->handler->from == FROM_SIDE;
        return;
    }
    end = src ? from >> 1 : 1 - (from >> 1);
    if (visible(l, end) && !(l->assigned && e->kind == TE_FIELD))
        f->ends |= 1u << end;
    else
        f->hidden = true;
}

static void add_ends(const struct look *l, const struct texpr *key,
                     struct keyfact *f)
{
    const struct texpr *e = meaning(l, key);
    const struct targ *a;

    if (e->kind != TE_TUPLE) {
        add_end(l, e, f);
        return;
    }
    LIST_EACH (a, &e->args)
        add_ends(l, a->value, f);
}

/* ---- all accesses ---- */

/* key NULL: to all of it. */
static void access(const struct look *l, const struct var *v,
                   const struct texpr *key, struct loc loc)
{
    struct keyfact *f;

    if (v->storage != ST_SHARED)
        return;
    f = ARENA_NEW(l->sema->arena, struct keyfact);
    f->kind = KEY_TABLE;
    f->at = l->at;
    f->name = v->name;
    f->var = v;
    f->loc = loc;
    if (key)
        add_ends(l, key, f);
    else
        f->whole = true;
    LIST_ADD(&l->chain->facts, f);
}

/* Objects that functions change are divided by the keys of these. */
static void call(const struct look *l, const struct texpr *e)
{
    const struct texpr *key = NULL;
    const struct targ *a;

    if (!e->a || e->a->kind != TE_VAR || !e->member->object->updates ||
        e->member->object->holds) /* one for all: key.c */
        return;
    LIST_EACH (a, &e->args)
        if (a->param->key)
            key = a->value;
    access(l, e->a->var, key, e->loc);
}

static void look_expr(const struct look *l, const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return;
    if (e->kind == TE_TABLE)
        access(l, e->var, e->a, e->loc);
    if (e->kind == TE_CALL)
        call(l, e);
    look_expr(l, e->a);
    look_expr(l, e->b);
    LIST_EACH (i, &e->items) {
        look_expr(l, i->lo);
        if (i->hi != i->lo)
            look_expr(l, i->hi);
    }
    LIST_EACH (a, &e->args)
        look_expr(l, a->value);
}

static void look_block(const struct look *l, const struct tblock *b)
{
    const struct tstmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        look_expr(l, s->value);
        look_expr(l, s->alt_value);
        if (s->kind == TS_LET)
            l->lets[s->local->index] = s->value;
        look_block(l, s->body);
        look_block(l, s->other);
        look_block(l, s->alt);
    }
}

static bool assigns(const struct tblock *b)
{
    const struct tstmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            if (s->kind == TS_ENCAP || s->kind == TS_DECAP ||
                (s->kind == TS_FIELD && (field_is_role(s->field, ROLE_SRC) ||
                                         field_is_role(s->field, ROLE_DST))) ||
                assigns(s->body) || assigns(s->other) || assigns(s->alt))
                return true;
    return false;
}

void key_tables(struct sema *s, struct chain *c)
{
    struct look l = {.sema = s, .chain = c};
    const struct handler *h;

    l.assigned = headers_nest(s->tree);
    LIST_EACH (l.at, &c->nfs)
        LIST_EACH (h, &l.at->nf->handlers)
            l.assigned |= assigns(h->body);

    LIST_EACH (l.at, &c->nfs)
        LIST_EACH (h, &l.at->nf->handlers) {
            l.handler = h;
            l.lets = arena_alloc(s->arena, (h->locals.n + 1) * sizeof(*l.lets));
            look_expr(&l, h->when);
            look_block(&l, h->body);
        }
}

/* ---- what cannot be divided ---- */

static const char *kind_of(const struct keyfact *f)
{
    return f->var->table ? "table" : f->var->type->object->name;
}

static void hint_division(const struct chain *c, const struct keyfact *f,
                          struct diag *d)
{
    if (f->opener)
        diag_note(d, "the address in the key is that of who opened the flow, "
                     "from whatever side; take the one in the packet's header, "
                     "or ask when the flow is new");
    else if (f->either)
        diag_note(d,
                  "the address in the key is that at '%s' or that at '%s', by "
                  "who sent; a handler says whom it means: on ... from %s",
                  c->side[0], c->side[1], c->side[0]);
    if (f->hidden)
        diag_note(d,
                  "an NF of the chain may have changed the address in the key");
    diag_hint(d, "%ssplit %s: a %s for each shard; or shards = 1 in flows(...)",
              f->ends || f->either || f->hidden || f->whole
                  ? ""
                  : "put the address of one end into the key; or ",
              f->name, kind_of(f));
}

/* f cannot be divided by an end by which all before it can. */
static void no_end(struct sema *s, const struct chain *c,
                   const struct keyfact *f)
{
    const struct keyfact *i;
    struct diag *d = diag_error(
        s->diags, f->loc,
        f->whole
            ? "chain '%s' divides its flows among %u shards, but this asks all "
              "of %s '%s'"
            : "chain '%s' divides its flows among %u shards, but this key of "
              "%s '%s' does not tell to which one it belongs",
        c->name, c->shards, kind_of(f), f->name);

    diag_also(d, f->var->loc, "declared here");
    if (f->ends) {
        for (i = c->facts.first; i != f; i = i->next)
            if (i->kind == KEY_TABLE && !(i->ends & f->ends))
                break;
        diag_also(d, i->loc, "this is divided by the end at '%s'",
                  c->side[i->ends >> 1]);
        diag_note(d, "the key here has only the end at '%s'",
                  c->side[f->ends >> 1]);
    }
    hint_division(c, f, d);
}

void key_one_way(struct sema *s, const struct chain *c)
{
    const struct keyfact *f;
    struct diag *d;

    LIST_EACH (f, &c->facts) {
        if (f->kind != KEY_TABLE || c->shards == 1)
            continue;
        d = diag_error(s->diags, f->loc,
                       "%s '%s' cannot be divided among the %u shards of "
                       "chain '%s': both directions of a flow come from '%s'",
                       kind_of(f), f->name, c->shards, c->name, c->side[0]);
        diag_also(d, f->var->loc, "declared here");
        diag_hint(d,
                  "split %s: a %s for each shard; or shards = 1 in "
                  "flows(...)",
                  f->name, kind_of(f));
        return;
    }
}

unsigned key_table_ends(struct sema *s, const struct chain *c, bool report)
{
    const struct keyfact *f;
    unsigned ends = 3;

    LIST_EACH (f, &c->facts) {
        if (f->kind != KEY_TABLE || !ends)
            continue;
        ends &= f->ends;
        if (!ends && report)
            no_end(s, c, f);
    }
    return ends;
}
