/* Which way a field says how long a header is, so that it can be set. And what
 * may follow what. */
#include "sema/sema.h"

static struct linear constant(num_t n)
{
    return (struct linear){.known = true, .add = n};
}

static struct linear binary(enum ast_op op, struct linear a, struct linear b)
{
    struct linear none = {0};

    if (!a.known || !b.known || (a.field && b.field))
        return none;
    if (op == OP_ADD && b.field)
        return binary(op, b, a);
    if (op == OP_MUL && b.field)
        return binary(op, b, a);
    if (op == OP_ADD)
        a.add += b.add;
    else if (op == OP_SUB && !b.field)
        a.add -= b.add;
    else if (op == OP_MUL) {
        a.mul *= b.add;
        a.add *= b.add;
    } else
        return none;
    return a;
}

struct linear linear_of(const struct texpr *e)
{
    struct linear none = {0};

    switch (e->kind) {
    case TE_CONST:
        return constant(e->value.u);
    case TE_FIELD:
        return (struct linear){true, e->field, 1, 0};
    case TE_CAST:
        return linear_of(e->a);
    case TE_BINARY:
        return binary(e->op, linear_of(e->a), linear_of(e->b));
    default:
        return none;
    }
}

bool linear_solve(const struct linear *l, num_t n, num_t *value)
{
    num_t by = n - l->add;

    if (!l->known || !l->field || !l->mul || n < l->add || by % l->mul)
        return false;
    *value = by / l->mul;
    return *value <= num_mask(l->field->bits);
}

const struct after *header_follows(const struct header *parent,
                                   const struct header *child)
{
    const struct after *a;

    LIST_EACH (a, &child->after)
        if (a->parent == parent->select_as)
            return a;
    return NULL;
}

bool header_gives_source(const struct header *h)
{
    const struct given *g;

    LIST_EACH (g, &h->given)
        if (g->field[ROLE_SRC])
            return true;
    return false;
}

/* Adds what can be behind headers of `seen`; true if something was. */
static bool grow(const struct tree *t, struct hset *seen)
{
    const struct header *a, *b;
    bool grown = false;

    LIST_EACH (a, &t->headers)
        LIST_EACH (b, &t->headers)
            if (hset_has(seen, a) && !hset_has(seen, b) &&
                header_follows(a, b)) {
                hset_add(seen, b);
                grown = true;
            }
    return grown;
}

bool *headers_in_bytes(struct arena *a, const struct tree *t,
                       const struct header *from)
{
    bool *in = arena_alloc(a, t->headers.n * sizeof(*in));
    const struct header *h;
    struct hset seen = {0};

    hset_add(&seen, from);
    LIST_EACH (h, &t->headers)
        if (h->checksums.n || h->pseudo.n)
            hset_add(&seen, h);
    while (grow(t, &seen))
        ;
    LIST_EACH (h, &t->headers)
        in[h->index] = header_is_option(h) ? hset_has(&seen, h->of)
                                           : !h->of && hset_has(&seen, h);
    return in;
}

bool headers_nest(const struct tree *t)
{
    const struct header *h, *b;
    struct hset behind;

    LIST_EACH (h, &t->headers) {
        if (!header_gives_source(h))
            continue;
        memset(&behind, 0, sizeof(behind));
        LIST_EACH (b, &t->headers)
            if (header_follows(h, b))
                hset_add(&behind, b);
        while (grow(t, &behind))
            ;
        LIST_EACH (b, &t->headers)
            if (hset_has(&behind, b) && header_gives_source(b))
                return true;
    }
    return false;
}
