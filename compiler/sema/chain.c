/* Chains: the NFs in order with their arguments, and the flow table. */
#include "sema/sema.h"

enum { DEFAULT_SHARDS = 64, MAX_SHARDS = 4096 };

/* As IANA numbers it: LANGUAGE.md, "Lifetime". */
enum { PROTO_TCP = 6 };

static const num_t ns_per_tick = 1000000;

/* ---- the flow table ---- */

num_t flows_number(struct scope *sc, const struct ast_arg *a, struct type *t,
                   num_t lo, num_t hi, const char *what)
{
    struct texpr *e = fold(sc, expr_value(sc, a->value, t));

    if (e->type->kind == TY_ERROR)
        return lo;
    if (e->value.u >= lo && e->value.u <= hi)
        return e->value.u;
    diag_error(sc->sema->diags, a->value->loc, "%s must be from %llu to %llu",
               what, (unsigned long long)lo, (unsigned long long)hi);
    return lo;
}

static num_t flows_ticks(struct scope *sc, const struct ast_arg *a)
{
    struct texpr *e = fold(sc, expr_value(sc, a->value, sc->sema->duration));
    num_t ticks;

    if (e->type->kind == TY_ERROR)
        return 1;
    ticks = e->value.u / ns_per_tick;
    if (e->value.u % ns_per_tick == 0 && ticks >= 1 && ticks <= UINT32_MAX)
        return ticks;
    diag_error(sc->sema->diags, a->value->loc,
               "a timeout is a number of whole milliseconds from 1ms to "
               "49d");
    return 1;
}

/* Which of the n names e is; n: none. */
static unsigned name_among(const struct ast_expr *e, const char *const *names,
                           unsigned n)
{
    unsigned i = e->kind == AE_NAME ? 0 : n;

    while (i < n && strcmp(e->text, names[i]) != 0)
        i++;
    return i;
}

static void flows_full(struct sema *s, struct chain *c, const struct ast_arg *a)
{
    unsigned i = name_among(a->value, full_name, 3);
    struct diag *d;

    if (i < 3) {
        c->full = (enum full)i;
        return;
    }
    d = diag_error(s->diags, a->value->loc,
                   "what a full table does is refuse, oldest or idle");
    if (a->value->kind == AE_NAME)
        advise_full(d, a->value->text);
}

static void flows_fragments(struct sema *s, struct chain *c,
                            const struct ast_arg *a)
{
    unsigned i = name_among(a->value, fragments_name, FRAGMENTS_N);
    struct diag *d;

    if (i < FRAGMENTS_N) {
        c->fragments = (enum fragments)i;
        return;
    }
    d = diag_error(s->diags, a->value->loc,
                   "what becomes of fragments is pass, track, reassemble or "
                   "refuse");
    if (a->value->kind == AE_NAME)
        hint_near(d, a->value->text, fragments_name, FRAGMENTS_N);
    diag_note(d, "pass: later fragments have no flow; track: they have that "
                 "of their first one; reassemble: whole datagrams come in; "
                 "refuse: no fragment does");
}

/* The protocol that headers call so; NULL: none does. */
static const struct enumval *protocol_named(const struct sema *s,
                                            const char *name)
{
    const struct enumval *v;
    const struct header *h;
    const struct given *g;

    LIST_EACH (h, &s->tree->headers)
        LIST_EACH (g, &h->given)
            if (g->field[ROLE_PROTO])
                LIST_EACH (v, &g->field[ROLE_PROTO]->type->values)
                    if (strcmp(v->name, name) == 0)
                        return v;
    return NULL;
}

static void flows_own(struct scope *sc, struct chain *c,
                      const struct enumval *of, const struct ast_arg *a)
{
    struct ownidle *o;

    LIST_EACH (o, &c->own)
        if (o->proto == of->value)
            diag_error(sc->sema->diags, a->value->loc, "'%s' is given twice",
                       a->name);
    o = ARENA_NEW(sc->sema->arena, struct ownidle);
    o->name = of->name;
    o->proto = of->value;
    o->ticks = flows_ticks(sc, a);
    LIST_ADD(&c->own, o);
}

num_t chain_idle(const struct chain *c, num_t proto)
{
    const struct ownidle *o;

    LIST_EACH (o, &c->own)
        if (o->proto == proto)
            return o->ticks;
    return c->idle;
}

enum {
    GOT_SIZE = 1,
    GOT_IDLE = 2,
    GOT_FULL = 4,
    GOT_OPENING = 8,
    GOT_CLOSING = 16,
    GOT_SHARDS = 32,
    GOT_FRAGMENTS = 64
};

static unsigned flows_arg(struct scope *sc, struct chain *c,
                          const struct ast_arg *a)
{
    static const char *const names[] = {
        "size",    "idle",      "full",     "opening", "closing",
        "shards",  "fragments", "streams",  "ahead",   "keep",
        "overlap", "midstream", "checksums"};
    struct sema *s = sc->sema;
    const char *n = a->name ? a->name : "size";
    const struct enumval *of;
    struct diag *d;

    if (strcmp(n, "size") == 0) {
        c->flows = flows_number(sc, a, type_uint(s, 64), 1, (num_t)1 << 32,
                                "the size of a flow table");
        return GOT_SIZE;
    }
    if (strcmp(n, "idle") == 0)
        return c->idle = flows_ticks(sc, a), GOT_IDLE;
    if (strcmp(n, "opening") == 0)
        return c->opening = flows_ticks(sc, a), GOT_OPENING;
    if (strcmp(n, "closing") == 0)
        return c->closing = flows_ticks(sc, a), GOT_CLOSING;
    if (strcmp(n, "full") == 0)
        return flows_full(s, c, a), GOT_FULL;
    if (strcmp(n, "shards") == 0) {
        c->shards = (unsigned)flows_number(sc, a, type_uint(s, 32), 1,
                                           MAX_SHARDS, "shards");
        return GOT_SHARDS;
    }
    if (strcmp(n, "fragments") == 0)
        return flows_fragments(s, c, a), GOT_FRAGMENTS;
    if (streams_arg(sc, c, a))
        return 0;
    of = protocol_named(s, n);
    if (of)
        return flows_own(sc, c, of, a), 0;
    d = diag_error(s->diags, a->name_loc, "flows() has no parameter '%s'", n);
    hint_near(d, n, names, sizeof(names) / sizeof(*names));
    return 0;
}

static num_t at_most(num_t a, num_t b)
{
    return a < b ? a : b;
}

static const struct ast_arg *flows_given(const struct ast_decl *d,
                                         const char *name)
{
    const struct ast_arg *a;

    LIST_EACH (a, &d->flows)
        if (strcmp(a->name ? a->name : "size", name) == 0)
            return a;
    return NULL;
}

/* Of phases of TCP, as `opening`: shorter than the one of open flows, or as
 * long. */
static void check_timeout(struct sema *s, const struct chain *c,
                          const struct ast_decl *d, const char *name,
                          num_t ticks)
{
    const struct ast_arg *a = flows_given(d, name), *open;
    const struct ownidle *o;
    const char *than = "idle";

    if (!a || ticks <= chain_idle(c, PROTO_TCP))
        return;
    LIST_EACH (o, &c->own)
        if (o->proto == PROTO_TCP)
            than = o->name;
    open = flows_given(d, than);
    diag_also(diag_error(s->diags, a->value->loc, "`%s` is longer than `%s`",
                         name, than),
              open->value->loc, "this is `%s`", than);
}

static void check_shards(struct sema *s, const struct chain *c,
                         const struct ast_decl *d)
{
    const struct ast_arg *a = flows_given(d, "shards");

    if (c->flows >= c->shards || d->implied)
        return;
    diag_hint(diag_warning(s->diags, a ? a->value->loc : d->flows_loc,
                           "%llu flows in %u shards: some shards have no "
                           "entry, and take in no flow",
                           (unsigned long long)c->flows, c->shards),
              "at least one entry for each shard, or fewer: shards = %llu",
              (unsigned long long)c->flows);
}

static void add_flows(struct sema *s, struct chain *c, const struct ast_decl *d)
{
    struct scope sc = {.sema = s, .constant = true};
    unsigned got = 0, one, before = diags_errors(s->diags);
    struct ast_arg *a;

    LIST_EACH (a, &d->flows) {
        one = flows_arg(&sc, c, a);
        if (got & one)
            diag_error(s->diags, a->value->loc, "'%s' is given twice",
                       a->name ? a->name : "size");
        got |= one;
    }
    if ((got & (GOT_SIZE | GOT_IDLE | GOT_FULL)) !=
        (GOT_SIZE | GOT_IDLE | GOT_FULL))
        diag_hint(diag_error(s->diags, d->flows_loc,
                             "a flow table states its size, its idle timeout "
                             "and what it does when it is full; %s%s%s%s%s "
                             "missing",
                             got & GOT_SIZE ? "" : "the size",
                             got & GOT_SIZE || got & GOT_IDLE ? "" : ", ",
                             got & GOT_IDLE ? "" : "`idle`",
                             got & GOT_FULL || (got & 3) == 3 ? "" : ", ",
                             got & GOT_FULL ? " is" : "`full` is"),
                  "flows(1M, idle = 5min, full = refuse)");
    if (got & GOT_IDLE) {
        check_timeout(s, c, d, "opening", c->opening);
        check_timeout(s, c, d, "closing", c->closing);
    }
    if (diags_errors(s->diags) == before)
        check_shards(s, c, d);
    if (!(got & GOT_OPENING))
        c->opening = at_most(chain_idle(c, PROTO_TCP), 30000);
    if (!(got & GOT_CLOSING))
        c->closing = at_most(chain_idle(c, PROTO_TCP), 10000);
}

static void check_flows(struct sema *s, struct chain *c,
                        const struct ast_decl *d)
{
    struct position *p;
    struct diag *m;

    LIST_EACH (p, &c->nfs)
        if (p->nf->needs_flow && !c->tracks) {
            c->tracks = true;
            if (d->has_flows)
                break;
            m = diag_error(s->diags, c->loc,
                           "chain '%s' needs a flow table, since '%s' looks "
                           "at flows",
                           c->name, p->nf->name);
            diag_also(m, p->loc, "used here");
            diag_hint(m,
                      "chain %s (...) with flows(1M, idle = 5min, full = "
                      "refuse) = ...",
                      c->name);
        }
    if (d->has_flows && !c->tracks && c->nfs.n && !d->implied &&
        !d->unused_flows)
        diag_warning(s->diags, d->flows_loc,
                     "no NF of chain '%s' looks at flows; none are kept",
                     c->name);
}

static void chain_declare(struct sema *s, const struct ast_decl *d)
{
    struct chain *c;
    struct position *p;

    c = chain_named(s, d->name);
    if (c) {
        twice(s, d->loc, "chain", d->name, c->loc);
        return;
    }
    c = ARENA_NEW(s->arena, struct chain);
    c->name = d->name;
    c->doc = d->doc;
    c->loc = d->loc;
    c->two_way = d->two_way;
    c->implied = d->implied;
    c->shards = DEFAULT_SHARDS;
    streams_usual(c);
    LIST_ADD(&s->tree->chains, c);
    ports_add(s, c, d);
    filter_add(s, c, d);
    chain_body(s, c, d);
    if (d->has_flows)
        add_flows(s, c, d);
    check_flows(s, c, d);
    streams_check(s, c);
    key_derive(s, c);
    LIST_EACH (p, &c->nfs) {
        tables_check(s, c, p);
        timers_check(s, p);
    }
    deliveries_check(s, c);
}

void chains_declare(struct sema *s)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_CHAIN)
            chain_declare(s, d);
    ingress_check(s);
}
