/* How the variables of a chain lie in a session and in a shard's block: NF by
 * NF, in source order, each aligned to its size. */
#include "base/arena.h"
#include "plan/layout.h"

static unsigned bytes_of(const struct type *t)
{
    unsigned bytes = 1;

    if (t->kind == TY_UNION)
        return 32;
    if (t->kind == TY_BOOL)
        return 1;
    while (bytes * 8 < t->bits)
        bytes *= 2;
    return bytes;
}

static unsigned align_up(unsigned n, unsigned to)
{
    return (n + to - 1) / to * to;
}

static void add(struct arena *a, plan_vars *to, unsigned *end,
                struct plan_nf *n, const struct var *v)
{
    struct plan_var *p = ARENA_NEW(a, struct plan_var);

    p->var = v;
    p->nf = n;
    p->bytes = bytes_of(v->type);
    p->offset = align_up(*end, p->bytes > 16 ? 16 : p->bytes);
    *end = p->offset + p->bytes;
    LIST_ADD(to, p);
}

void layout_vars(struct arena *a, struct plan_chain *c)
{
    struct plan_nf *n;
    const struct var *v;

    LIST_EACH (n, &c->nfs)
        LIST_EACH (v, &n->ir->source->nf->vars) {
            if (v->type->kind == TY_OBJECT)
                continue;
            if (v->storage == ST_FLOW)
                add(a, &c->flow_vars, &c->flow_bytes, n, v);
            else
                add(a, &c->shared_vars, &c->shared_bytes, n, v);
        }
}
