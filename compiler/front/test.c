/* Tests: those of the main file stay if they are asked for; all else that tests
 * brought is taken out, so that nobody who uses a file gets its tests. A `run`
 * that names a chain means that chain; any other one makes a chain of its own,
 * between ports of its own, one for all tests that say the same. */
#include "front/test.h"

#include "base/arena.h"
#include "front/build.h"
#include "unit.h"
#include <string.h>

struct settle {
    struct arena *arena;
    struct ast *ast;
    unsigned made;
};

static struct ast_decl *chain_called(const struct settle *s, const char *name)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_CHAIN && !d->test && strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

/* What stands behind `run`. */
static const char *run_text(const struct settle *s, const struct ast_decl *d)
{
    return arena_strn(s->arena, d->src->text + d->loc.off, d->loc.len);
}

static struct ast_decl *same_run(const struct settle *s,
                                 const struct ast_decl *d)
{
    struct ast_decl *o;

    for (o = s->ast->decls.first; o != d; o = o->next)
        if (o->kind == AD_CHAIN && o->test && o->src == d->src &&
            strcmp(run_text(s, o), run_text(s, d)) == 0)
            return o;
    return NULL;
}

/* The chain, declared before, that a `run` is, or NULL. */
static struct ast_decl *run_of(const struct settle *s, const struct ast_decl *d)
{
    const struct ast_use_nf *u = d->nfs.first;

    if (!d->has_flows && d->nfs.n == 1 && u->args.n == 0 &&
        u->branches.n == 0 && chain_called(s, u->name))
        return chain_called(s, u->name);
    return same_run(s, d);
}

static void flows_arg(struct settle *s, struct ast_decl *d, const char *name,
                      struct ast_expr like)
{
    struct ast_arg *a = ARENA_NEW(s->arena, struct ast_arg);
    struct ast_expr *e = arena_dup(s->arena, &like, sizeof(like));

    e->loc = d->loc;
    e->depth = 1;
    a->name = name;
    a->name_loc = d->loc;
    a->value = e;
    LIST_ADD(&d->flows, a);
}

/* Its name and ports are no names of the source: nothing can meet them. */
static void make_chain(struct settle *s, struct ast_decl *d)
{
    static const char *const ports[] = {"lan", "wan"};

    d->name = arena_fmt(s->arena, "test__%u", ++s->made);
    d->two_way = d->unused_flows = true;
    for (unsigned i = 0; i < 2; i++)
        d->side[i] = (struct ast_side){
            .port = arena_fmt(s->arena, "%s__%u", ports[i], s->made),
            .port_loc = d->loc};
    if (d->has_flows)
        return;
    d->has_flows = true;
    d->flows_loc = d->loc;
    flows_arg(s, d, "size",
              (struct ast_expr){.kind = AE_LIT, .lit = LIT_INT, .num = 6400});
    flows_arg(s, d, "idle",
              (struct ast_expr){.kind = AE_LIT,
                                .lit = LIT_DURATION,
                                .num = (num_t)300 * 1000000000});
    flows_arg(s, d, "full",
              (struct ast_expr){.kind = AE_NAME, .text = "refuse"});
}

/* Points each `run` at the chain that it runs. */
static void settle_items(struct settle *s, struct ast_item *items)
{
    struct ast_item *i;
    struct ast_decl *other;

    for (i = items; i; i = i->next) {
        settle_items(s, i->items.first);
        if (!i->chain)
            continue;
        other = run_of(s, i->chain);
        if (!other)
            make_chain(s, i->chain);
        else
            i->chain = other;
    }
}

/* Is the chain one that a test uses by itself? */
static bool is_made(const struct ast_decl *d)
{
    return d->two_way;
}

static bool counts(const struct unit *u, const struct ast_decl *d)
{
    return u->tests && d->src == u->ast->main;
}

void tests_settle(struct unit *u)
{
    struct settle s = {.arena = u->arena, .ast = u->ast};
    struct ast_decl *d, *next;
    ast_decls kept = {0};

    LIST_EACH (d, &u->ast->decls)
        if (d->kind == AD_TEST && counts(u, d))
            settle_items(&s, d->items.first);
    for (d = u->ast->decls.first; d; d = next) {
        next = d->next;
        if (d->kind == AD_TEST ? counts(u, d)
                               : !(d->kind == AD_CHAIN && d->test) ||
                                     (counts(u, d) && is_made(d)))
            LIST_ADD(&kept, d);
    }
    LIST_MOVE(u->ast->decls, kept);
}
