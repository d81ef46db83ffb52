/* Loops of tests are unrolled in the syntax tree: in each copy of their lines
 * the name is what was written in its place, so that a literal takes the type
 * that is expected there. */
#include "sema/testing.h"

struct copying {
    struct arena *arena;
    const char *name;
    const struct ast_expr *value;
};

static struct ast_expr *copy(const struct copying *c, const struct ast_expr *e)
{
    struct ast_expr *to;
    const struct ast_arg *a;
    struct ast_arg *arg;

    if (!e)
        return NULL;
    if (e->kind == AE_NAME && strcmp(e->text, c->name) == 0) {
        to = arena_dup(c->arena, c->value, sizeof(*to));
        to->loc = e->loc;
        to->next = NULL;
        return to;
    }
    to = arena_dup(c->arena, e, sizeof(*to));
    to->a = copy(c, e->a);
    to->b = copy(c, e->b);
    to->next = NULL;
    memset(&to->args, 0, sizeof(to->args));
    LIST_EACH (a, &e->args) {
        arg = arena_dup(c->arena, a, sizeof(*arg));
        arg->value = copy(c, a->value);
        LIST_ADD(&to->args, arg);
    }
    return to;
}

static struct ast_item *copy_items(const struct copying *c,
                                   const struct ast_item *items)
{
    struct ast_item *first = NULL, **next = &first, *to;

    for (const struct ast_item *i = items; i; i = i->next) {
        to = arena_dup(c->arena, i, sizeof(*to));
        to->value = copy(c, i->value);
        to->to = copy(c, i->to);
        to->items.first = copy_items(c, i->items.first);
        to->next = NULL;
        *next = to;
        next = &to->next;
    }
    return first;
}

struct ast_item *test_case(struct sema *s, const struct ast_item *loop,
                           const struct ast_expr *value)
{
    struct copying c = {s->arena, loop->name, value};

    return copy_items(&c, loop->items.first);
}
