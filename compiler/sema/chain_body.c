/* The NFs of a chain, in steps: NFs that are chains of NFs, and other chains,
 * are put in place, and branches are joined to the exits they belong to. */
#include "sema/sema.h"

enum { MAX_NFS = 64 };

/* An NF, or those of a chain, that were given a name, by `as`. */
struct group {
    const char *name;
    struct loc loc;
    const struct step *first, *last; /* of one list */
    struct group *next;
};

struct groups {
    struct group *first, *last;
    size_t n;
};

struct body { /* what is being put in place */
    struct sema *s;
    struct chain *c;
    const char *prefix;        /* of names: "Web.", or "" */
    struct binding *names;     /* parameters of the NF it is written as */
    const struct ast_decl *of; /* the chain or NF .. */
    struct loc at;             /* .. and where it is used */
    const struct body *outer;  /* NULL: the chain itself */
    struct groups *groups;     /* of the chain */
    bool stop;                 /* too many NFs: said */
};

static void add_uses(struct body *b, const struct ast_use_nf *first,
                     const struct ast_branch *arm, struct steps *to);

/* ---- names ---- */

static bool name_taken(const struct chain *c, const char *name)
{
    size_t n = strlen(name);
    struct position *p;

    LIST_EACH (p, &c->nfs)
        if (strncmp(p->name, name, n) == 0 &&
            (p->name[n] == '\0' || p->name[n] == '.'))
            return true;
    return false;
}

/* "Nat", and "Nat_2" for the second one. */
static const char *free_name(const struct body *b, const char *name)
{
    const char *full = arena_fmt(b->s->arena, "%s%s", b->prefix, name);

    for (unsigned k = 2; name_taken(b->c, full); k++)
        full = arena_fmt(b->s->arena, "%s%s_%u", b->prefix, name, k);
    return full;
}

/* What was given the name before, by `as`. */
static const struct group *group(const struct body *b, const char *name)
{
    const char *full = arena_fmt(b->s->arena, "%s%s", b->prefix, name);
    const struct group *g;

    LIST_EACH (g, b->groups)
        if (strcmp(g->name, full) == 0)
            return g;
    return NULL;
}

static void check_name(const struct body *b, const struct ast_use_nf *u)
{
    struct diag *d;

    if (!u->as || !(nf_named(b->s, u->as) || group(b, u->as)))
        return;
    d = diag_error(b->s->diags, u->loc, "there is an NF '%s' already", u->as);
    diag_hint(d, "as takes a name of its own");
}

/* ---- one NF ---- */

static void check_sides(struct sema *s, const struct chain *c,
                        const struct position *p)
{
    const char *const words[] = {c->side[0], c->side[1], "client", "server"};
    const char *near;
    struct handler *h;
    struct diag *d;

    LIST_EACH (h, &p->nf->handlers) {
        if (h->from != FROM_SIDE || strcmp(h->side, c->side[0]) == 0 ||
            strcmp(h->side, c->side[1]) == 0)
            continue;
        d = diag_error(s->diags, p->loc,
                       "'%s' asks for packets from '%s', but the sides of "
                       "chain '%s' are '%s' and '%s'",
                       p->nf->name, h->side, c->name, c->side[0], c->side[1]);
        diag_also(d, h->loc, "asked for here");
        near = diag_nearest(h->side, words, 4);
        for (unsigned i = 0; i < 2; i++)
            if (c->port[i] && strcmp(h->side, c->port[i]->name) == 0) {
                diag_hint(d, "'%s' is the port; its side is: from %s", h->side,
                          c->side[i]);
                near = NULL;
            }
        if (near)
            diag_hint(d, "did you mean '%s'?", near);
        return;
    }
}

static struct step *add_step(struct body *b, struct position *p,
                             struct steps *to)
{
    struct step *st = ARENA_NEW(b->s->arena, struct step);

    st->at = p;
    LIST_ADD(to, st);
    return st;
}

static struct position *position_new(struct body *b, struct nf *n,
                                     const char *name, struct loc loc,
                                     struct steps *to)
{
    struct position *p = ARENA_NEW(b->s->arena, struct position);

    p->nf = n;
    p->name = free_name(b, name);
    p->loc = loc;
    p->index = b->c->nfs.n;
    p->item = b->c->items;
    LIST_ADD(&b->c->nfs, p);
    add_step(b, p, to);
    return p;
}

static struct targ *bind(struct body *b, const struct ast_use_nf *u,
                         const struct nf *n)
{
    struct scope sc = {.sema = b->s, .constant = true, .names = b->names};
    struct targ *first;

    if (bind_args(&sc, u->args.first, &n->params, u->loc,
                  arena_fmt(b->s->arena, "'%s'", n->name), &first))
        return first;
    return NULL;
}

/* A chain that goes one way has no way for answers. What waits, leaves. */
static void check_made(struct body *b, const struct ast_use_nf *u,
                       const struct nf *n)
{
    const struct chain *c = b->c;

    if (n->makes && !c->port[1])
        diag_error(b->s->diags, u->loc,
                   "'%s' makes packets, and nothing leaves a chain of one port",
                   n->name);
    else if (n->holds && !c->port[1])
        diag_error(b->s->diags, u->loc,
                   "'%s' lets packets wait, and nothing leaves a chain of one "
                   "port",
                   n->name);
    else if (n->replies && !c->two_way)
        diag_hint(diag_error(b->s->diags, u->loc,
                             "'%s' replies, and nothing goes back in a one-way "
                             "chain",
                             n->name),
                  "make the chain two-way: (%s <-> %s)", c->port[0]->name,
                  c->port[1]->name);
}

/* What was added behind `before` has a name. */
static void add_group(struct body *b, const struct ast_use_nf *u,
                      const char *name, const struct step *before,
                      const struct steps *to)
{
    struct group *g;

    if (!u->as || to->last == before)
        return;
    g = ARENA_NEW(b->s->arena, struct group);
    g->name = name;
    g->loc = u->loc;
    g->first = before ? before->next : to->first;
    g->last = to->last;
    LIST_ADD(b->groups, g);
}

static void add_nf(struct body *b, const struct ast_use_nf *u, struct nf *n,
                   struct steps *to)
{
    const struct step *before = to->last;
    struct position *p =
        position_new(b, n, u->as ? u->as : n->name, u->loc, to);
    struct targ *first = bind(b, u, n), *t;
    struct chain *c = b->c;

    add_group(b, u, p->name, before, to);
    p->args.first = first;
    for (t = first; t; t = t->next) {
        p->args.last = t;
        p->args.n++;
    }
    position_turn(b->s, c, p);
    check_sides(b->s, c, p);
    check_made(b, u, n);
    if (n->rewrites && !c->two_way)
        diag_hint(diag_error(b->s->diags, u->loc,
                             "'%s' translates flows, which a one-way chain "
                             "could not undo for the answers",
                             n->name),
                  "make the chain two-way: (%s <-> %s)", c->port[0]->name,
                  c->port[1] ? c->port[1]->name : "wan");
}

/* The name of the event that every packet is. */
static const char *packets(const struct sema *s)
{
    const struct event *e;

    LIST_EACH (e, &s->tree->events)
        if (e->raiser == RAISE_PACKET && e->rank == RANK_PACKET && !e->parent)
            return e->path;
    return "packet";
}

/* `drop` where an NF could stand: an NF that drops every packet. */
static void add_drop(struct body *b, const struct ast_use_nf *u,
                     const struct ast_branch *arm, struct steps *to)
{
    struct sema *s = b->s;
    struct nf *n = ARENA_NEW(s->arena, struct nf);
    struct handler *h = ARENA_NEW(s->arena, struct handler);
    struct tstmt *t = ARENA_NEW(s->arena, struct tstmt);
    const char *text = u->reason;

    if (!text && arm)
        text = arm->exits.n
                   ? arena_fmt(s->arena, "exit %s", arm->exits.first->text)
                   : "no exit was chosen";
    n->name = "drop";
    n->loc = u->loc;
    n->src = u->loc.src;
    h->loc = u->loc;
    h->nf = n;
    h->raiser = RAISE_PACKET;
    h->events = packets(s);
    h->body = ARENA_NEW(s->arena, struct tblock);
    t->kind = TS_DROP;
    t->loc = u->loc;
    t->reason = reason_get(n, s->arena, u->loc, text ? text : "dropped here");
    LIST_ADD(&h->body->stmts, t);
    LIST_ADD(&n->handlers, h);
    LIST_ADD(&s->tree->nfs, n);
    position_new(b, n, n->name, u->loc, to);
}

/* ---- chains in place of NFs ---- */

static bool recursive(const struct body *b, const struct ast_use_nf *u,
                      const struct ast_decl *d)
{
    const char *way = d->name;
    const struct body *i;
    struct diag *m;

    for (i = b; i && i->of != d; i = i->outer)
        way = arena_fmt(b->s->arena, "%s -> %s", i->of->name, way);
    if (!i)
        return false;
    m = diag_error(b->s->diags, u->loc, "'%s' would contain itself: %s -> %s",
                   d->name, d->name, way);
    diag_also(m, d->loc, "declared here");
    return true;
}

static void expand(struct body *b, const struct ast_use_nf *u,
                   const struct ast_decl *d, struct binding *names,
                   struct steps *to)
{
    struct body in = {b->s,   b->c, NULL,      names,  d,
                      u->loc, b,    b->groups, b->stop};
    const char *name = free_name(b, u->as ? u->as : d->name);
    const struct step *before = to->last;

    if (recursive(b, u, d))
        return;
    in.prefix = arena_fmt(b->s->arena, "%s.", name);
    add_uses(&in, d->intents ? intents_order(b->s, NULL, d) : d->nfs.first,
             NULL, to);
    add_group(b, u, name, before, to);
    b->stop = in.stop;
}

/* An NF that is written as a chain: its parameters are names there. */
static void expand_nf(struct body *b, const struct ast_use_nf *u,
                      const struct nf *n, struct steps *to)
{
    struct scope sc = {.sema = b->s};
    struct targ *t = bind(b, u, n);

    if (n->params.n && !t)
        return;
    for (; t; t = t->next)
        if (t->value)
            scope_bind(&sc, t->param->name, NULL, t->value);
    expand(b, u, n->chain, sc.names, to);
}

static const struct ast_decl *chain_decl(const struct sema *s, const char *name)
{
    const struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_CHAIN && strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

static void no_nf(struct body *b, const struct ast_use_nf *u)
{
    struct diag *d =
        diag_error(b->s->diags, u->loc, "there is no NF '%s'", u->name);

    if (!hint_module(b->s, d, u->name))
        HINT_NEAR(d, b->s, u->name, &b->s->tree->nfs);
}

/* Arguments and names belong to where it stands first. */
static void check_bare(struct body *b, const struct ast_use_nf *u,
                       struct loc first)
{
    if (u->args.n || u->as)
        diag_also(diag_error(b->s->diags, u->loc,
                             "'%s' is an NF that stands here already; it has "
                             "its arguments",
                             u->name),
                  first, "here");
}

static void add_step_again(struct body *b, const struct ast_use_nf *u,
                           struct position *p, struct steps *to)
{
    const struct nf *n = p->nf;

    add_step(b, p, to);
    if (n->rewrites || n->exits.n)
        diag_also(diag_error(b->s->diags, u->loc,
                             "'%s' can stand at one place only, since it %s",
                             p->name, n->rewrites ? "translates" : "has exits"),
                  p->loc, "here");
}

static void add_again(struct body *b, const struct ast_use_nf *u,
                      const struct group *g, struct steps *to)
{
    const struct step *st = g->first;

    check_bare(b, u, g->loc);
    add_step_again(b, u, st->at, to);
    while (st != g->last) {
        st = st->next;
        add_step_again(b, u, st->at, to);
    }
}

static void add_named(struct body *b, const struct ast_use_nf *u,
                      struct steps *to)
{
    const struct group *again = group(b, u->name);
    struct nf *n = nf_named(b->s, u->name);
    const struct ast_decl *d = n ? NULL : chain_decl(b->s, u->name);

    check_name(b, u);
    if (again)
        add_again(b, u, again, to);
    else if (n && n->chain)
        expand_nf(b, u, n, to);
    else if (n)
        add_nf(b, u, n, to);
    else if (d && u->args.n)
        diag_error(b->s->diags, u->loc, "a chain takes no arguments");
    else if (d)
        expand(b, u, d, NULL, to);
    else
        no_nf(b, u);
}

/* ---- branches ---- */

static uint32_t exits_of(struct body *b, const struct nf *n,
                         const struct ast_branch *arm, uint32_t before)
{
    const struct exit *x;
    struct ast_name *a;
    uint32_t set = 0;
    struct diag *d;

    LIST_EACH (a, &arm->exits) {
        for (x = n->exits.first; x && strcmp(x->name, a->text) != 0;)
            x = x->next;
        if (!x) {
            d = diag_error(b->s->diags, a->loc, "'%s' has no exit '%s'",
                           n->name, a->text);
            HINT_NEAR(d, b->s, a->text, &n->exits);
        } else if ((set | before) >> x->number & 1) {
            diag_error(b->s->diags, a->loc, "exit '%s' leads elsewhere already",
                       a->text);
        } else {
            set |= (uint32_t)1 << x->number;
        }
    }
    return set;
}

static bool translates(const struct steps *all)
{
    const struct step *st;
    const struct branch *br;

    LIST_EACH (st, all) {
        if (st->at->nf->rewrites)
            return true;
        LIST_EACH (br, &st->branches)
            if (translates(&br->steps))
                return true;
    }
    return false;
}

static void add_branches(struct body *b, const struct ast_use_nf *u,
                         struct step *st)
{
    const struct nf *n = st->at->nf;
    const struct ast_branch *a;
    uint32_t all = 0, every = ((uint32_t)2 << n->exits.n) - 1;
    struct branch *br;

    LIST_EACH (a, &u->branches) {
        br = ARENA_NEW(b->s->arena, struct branch);
        br->loc = a->loc;
        br->exits = a->exits.n ? exits_of(b, n, a, all) : every & ~all;
        all |= br->exits;
        LIST_ADD(&st->branches, br);
        if (a->nfs.last && strcmp(a->nfs.last->name, "out") == 0 &&
            !a->nfs.last->args.n)
            br->out = true;
        add_uses(b, a->nfs.first, a, &br->steps);
        st->fixed |= translates(&br->steps);
    }
    b->c->branches = true;
    if (all != every)
        diag_hint(diag_error(b->s->diags, st->at->loc,
                             "a packet for which '%s' chooses none of these "
                             "exits has no way",
                             n->name),
                  "add a last line: else -> next (or out, drop, an NF)");
    exits_check(b->s, b->c, st);
}

/* Branches belong to the last NF that u has become. */
static void check_exits(struct body *b, const struct ast_use_nf *u,
                        struct step *last)
{
    const struct nf *n = last->at->nf;
    struct diag *d;

    if (u->branches.n && (!n->exits.n || last->branches.n)) {
        d = diag_error(b->s->diags, u->loc, "'%s' has no exits", u->name);
        diag_also(d, n->loc, "declared here");
        diag_hint(d, "exits a, b in the NF declares them, goto a chooses one");
    } else if (u->branches.n) {
        add_branches(b, u, last);
    }
}

static void no_branches(struct body *b, const struct step *st)
{
    struct diag *d;

    if (!st->at->nf->exits.n || st->branches.n)
        return;
    d = diag_error(b->s->diags, st->at->loc,
                   "'%s' has exits, but nothing says where they lead",
                   st->at->nf->name);
    diag_also(d, st->at->nf->exits.first->loc, "declared here");
    diag_hint(d, "%s { %s -> ...; else -> next }", st->at->nf->name,
              st->at->nf->exits.first->name);
}

/* Of a branch, `out` and `next` are words for its end. */
static bool is_word(struct body *b, const struct ast_use_nf *u,
                    const struct ast_branch *arm)
{
    bool word = strcmp(u->name, "out") == 0 || strcmp(u->name, "next") == 0;

    if (!word || u->args.n || nf_named(b->s, u->name))
        return false;
    if (!arm || u->next)
        diag_error(b->s->diags, u->loc,
                   "'%s' can only stand at the end of a branch", u->name);
    return true;
}

static void add_uses(struct body *b, const struct ast_use_nf *first,
                     const struct ast_branch *arm, struct steps *to)
{
    const struct ast_use_nf *u;
    struct step *before;

    for (u = first; u && !b->stop; u = u->next) {
        before = to->last;
        if (is_word(b, u, arm))
            continue;
        if (u->drop)
            add_drop(b, u, arm, to);
        else
            add_named(b, u, to);
        if (!b->outer && !arm)
            b->c->items++;
        if (to->last != before)
            check_exits(b, u, to->last);
        /* What a chain ends with may get its branches from who uses it. */
        if (to->last != before && (u->next || arm || !b->outer))
            no_branches(b, to->last);
        if (b->c->nfs.n > MAX_NFS) {
            diag_error(b->s->diags, b->c->loc, "a chain has at most %d NFs",
                       MAX_NFS);
            b->stop = true;
        }
    }
}

/* An NF stands at several places only where a packet comes to one of them. */
static void check_again(struct sema *s, struct chain *c,
                        const struct steps *all, uint64_t before,
                        uint64_t *here)
{
    const struct step *st;
    const struct branch *br;
    uint64_t bit, some;

    LIST_EACH (st, all) {
        bit = (uint64_t)1 << (st->at->index & 63);
        if ((before | *here) & bit)
            diag_error(s->diags, st->at->loc,
                       "'%s' stands twice on the way of a packet",
                       st->at->name);
        *here |= bit;
        some = 0;
        LIST_EACH (br, &st->branches) {
            uint64_t own = 0;

            check_again(s, c, &br->steps, before | *here, &own);
            some |= own;
        }
        *here |= some;
    }
}

void chain_body(struct sema *s, struct chain *c, const struct ast_decl *d)
{
    struct groups groups = {NULL, NULL, 0};
    struct body b = {s, c, "", NULL, d, d->loc, NULL, &groups, false};
    uint64_t all = 0;

    add_uses(&b, d->intents ? intents_order(s, c, d) : d->nfs.first, NULL,
             &c->steps);
    if (!b.stop)
        check_again(s, c, &c->steps, 0, &all);
}
