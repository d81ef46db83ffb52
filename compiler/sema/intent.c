/* Chains as intents: NFs in no order, and rules about them. The order is that
 * of mention, but for what the rules say; LANGUAGE.md, "Intents". */
#include "sema/sema.h"

enum { MAX_ITEMS = 64 };

struct edge { /* one NF before another, and the rule that says so */
    unsigned from, to;
    const struct ast_use_nf *rule;
    struct edge *next;
};

struct intents {
    struct sema *s;
    const struct ast_use_nf *item[MAX_ITEMS]; /* in order of mention */
    unsigned n;
    LIST(struct edge) edges;
};

static const char *item_name(const struct ast_use_nf *u)
{
    return u->as ? u->as : u->name;
}

static bool is_rule(const struct ast_use_nf *u)
{
    static const char *const words[] = {"Order", "Priority", "Position"};

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(u->name, words[i]) == 0)
            return u->args.n > 0;
    return false;
}

/* ---- NFs ---- */

static void add_item(struct intents *x, const struct ast_use_nf *u)
{
    struct diag *d;

    for (unsigned i = 0; i < x->n; i++) {
        if (strcmp(item_name(x->item[i]), item_name(u)) != 0)
            continue;
        d = diag_error(x->s->diags, u->loc,
                       "'%s' is named twice among the intents", item_name(u));
        diag_also(d, x->item[i]->loc, "first here");
        diag_hint(d, "%s as other", u->name);
        return;
    }
    if (x->n == MAX_ITEMS)
        diag_error(x->s->diags, u->loc, "a chain has at most %d NFs",
                   MAX_ITEMS);
    else
        x->item[x->n++] = u;
}

/* The NF that an argument of a rule names; -1, and an error, if none. */
static int find_item(struct intents *x, const struct ast_expr *e)
{
    const char *names[MAX_ITEMS];
    struct diag *d;

    for (unsigned i = 0; i < x->n; i++) {
        names[i] = item_name(x->item[i]);
        if (e->kind == AE_NAME && strcmp(names[i], e->text) == 0)
            return (int)i;
    }
    d = diag_error(x->s->diags, e->loc, "a rule names NFs of its chain");
    if (e->kind == AE_NAME)
        hint_near(d, e->text, names, x->n);
    return -1;
}

/* ---- rules ---- */

static void add_edge(struct intents *x, int from, int to,
                     const struct ast_use_nf *rule)
{
    struct edge *e;

    if (from < 0 || to < 0)
        return;
    e = ARENA_NEW(x->s->arena, struct edge);
    e->from = (unsigned)from;
    e->to = (unsigned)to;
    e->rule = rule;
    LIST_ADD(&x->edges, e);
}

static bool is_word(const struct ast_arg *a, const char *word)
{
    return a && !a->name && a->value->kind == AE_NAME &&
           strcmp(a->value->text, word) == 0;
}

static bool rule_order(struct intents *x, const struct ast_use_nf *u)
{
    const struct ast_arg *a = u->args.first, *word = a->next;
    int left, right;

    if (u->args.n != 3 || !(is_word(word, "before") || is_word(word, "after")))
        return false;
    left = find_item(x, a->value);
    right = find_item(x, word->next->value);
    if (is_word(word, "before"))
        add_edge(x, left, right, u);
    else
        add_edge(x, right, left, u);
    return true;
}

/* Who comes later has the last word. */
static bool rule_priority(struct intents *x, const struct ast_use_nf *u)
{
    const struct ast_expr *e = u->args.first->value;
    int high, low;

    if (u->args.n != 1 || e->kind != AE_BINARY || e->op != OP_GT)
        return false;
    high = find_item(x, e->a);
    low = find_item(x, e->b);
    add_edge(x, low, high, u);
    return true;
}

static bool rule_position(struct intents *x, const struct ast_use_nf *u)
{
    const struct ast_arg *a = u->args.first;
    bool first = u->args.n == 2 && is_word(a->next, "first");
    int at;

    if (u->args.n != 2 || !(first || is_word(a->next, "last")))
        return false;
    at = find_item(x, a->value);
    for (unsigned i = 0; i < x->n; i++)
        if ((int)i != at)
            add_edge(x, first ? at : (int)i, first ? (int)i : at, u);
    return true;
}

static void add_rule(struct intents *x, const struct ast_use_nf *u)
{
    bool known = u->name[0] == 'O'   ? rule_order(x, u)
                 : u->name[1] == 'r' ? rule_priority(x, u)
                                     : rule_position(x, u);

    if (!known)
        diag_hint(diag_error(x->s->diags, u->loc, "this is no rule of intents"),
                  "Order(A, before, B), Order(A, after, B), Priority(A > B), "
                  "Position(A, first) or Position(A, last)");
}

/* ---- the order ---- */

/* The first rule that keeps item i behind one that is not placed yet. */
static const struct edge *held_by(const struct intents *x, unsigned i,
                                  uint64_t placed)
{
    const struct edge *e;

    LIST_EACH (e, &x->edges)
        if (e->to == i && !(placed >> e->from & 1))
            return e;
    return NULL;
}

/* Of items that are all held by one of them, a circle of rules. */
static void say_circle(struct intents *x, unsigned i, uint64_t placed)
{
    const struct edge *e, *way[MAX_ITEMS];
    struct diag *d;
    const char *text;
    uint64_t seen = 0;
    unsigned n = 0;

    for (; !(seen >> i & 1); i = e->from) { /* walks into the circle */
        seen |= (uint64_t)1 << i;
        e = held_by(x, i, placed);
    }
    text = item_name(x->item[i]);
    seen = 0;
    for (; !(seen >> i & 1); i = e->from) {
        seen |= (uint64_t)1 << i;
        e = way[n++] = held_by(x, i, placed);
        text = arena_fmt(x->s->arena, "%s before %s",
                         item_name(x->item[e->from]), text);
    }
    d = diag_error(x->s->diags, way[n - 1]->rule->loc,
                   "these rules contradict each other: %s", text);
    while (n-- > 1)
        diag_also(d, way[n - 1]->rule->loc, "'%s' before '%s'",
                  item_name(x->item[way[n - 1]->from]),
                  item_name(x->item[way[n - 1]->to]));
}

static unsigned next_item(const struct intents *x, uint64_t placed)
{
    for (unsigned i = 0; i < x->n; i++)
        if (!(placed >> i & 1) && !held_by(x, i, placed))
            return i;
    return x->n;
}

/* Those that the rules put before each item, by its place in the order. */
static void note_rules(const struct intents *x, struct chain *c,
                       const unsigned *place)
{
    const struct edge *e;
    bool more = true;

    c->ruled = arena_alloc(x->s->arena, (x->n + 1) * sizeof(*c->ruled));
    while (more) {
        more = false;
        LIST_EACH (e, &x->edges) {
            uint64_t *to = &c->ruled[place[e->to]];
            uint64_t add = c->ruled[place[e->from]] | (uint64_t)1
                                                          << place[e->from];

            more |= (*to | add) != *to;
            *to |= add;
        }
    }
}

const struct ast_use_nf *intents_order(struct sema *s, struct chain *c,
                                       const struct ast_decl *d)
{
    struct intents x = {.s = s};
    unsigned place[MAX_ITEMS], i;
    LIST(struct ast_use_nf) order = {0};
    const struct ast_use_nf *u;
    uint64_t placed = 0;

    LIST_EACH (u, &d->nfs)
        if (!is_rule(u))
            add_item(&x, u);
    LIST_EACH (u, &d->nfs)
        if (is_rule(u))
            add_rule(&x, u);
    while (order.n < x.n) {
        struct ast_use_nf *copy;

        i = next_item(&x, placed);
        if (i == x.n) {
            for (i = 0; placed >> i & 1;)
                i++;
            say_circle(&x, i, placed);
            return NULL;
        }
        copy = arena_dup(s->arena, x.item[i], sizeof(*copy));
        place[i] = order.n;
        placed |= (uint64_t)1 << i;
        LIST_ADD(&order, copy);
    }
    if (c)
        note_rules(&x, c, place);
    return order.first;
}
