/* How the variables of a chain lie in a session, in a shard's block and in that
 * of all shards: NF by NF, in source order, each aligned to its size. */
#include "base/arena.h"
#include "plan/layout.h"

enum { SESSION_ALIGN = 16 }; /* the strictest of a scalar */

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

static unsigned align_of(const struct var *v)
{
    unsigned bytes = bytes_of(v->type);

    return bytes > 16 ? 16 : bytes;
}

static bool lies_in(const struct var *v, enum storage storage)
{
    enum storage block = v->storage == ST_SPLIT ? ST_SHARED : v->storage;

    return block == storage && v->type->kind != TY_OBJECT &&
           v->type->kind != TY_TABLE;
}

/* The variables of one NF are a struct of their own, as C lays it out. */
static void layout_nf(struct arena *a, struct plan_nf *n, enum storage storage,
                      plan_vars *to, unsigned *end)
{
    const struct nf *nf = n->ir->source->nf;
    const struct var *v;
    unsigned align = 1;

    LIST_EACH (v, &nf->vars)
        if (lies_in(v, storage) && align_of(v) > align)
            align = align_of(v);
    *end = align_up(*end, align);
    LIST_EACH (v, &nf->vars) {
        struct plan_var *p;

        if (!lies_in(v, storage))
            continue;
        p = ARENA_NEW(a, struct plan_var);
        p->var = v;
        p->nf = n;
        p->bytes = bytes_of(v->type);
        p->offset = align_up(*end, align_of(v));
        *end = p->offset + p->bytes;
        LIST_ADD(to, p);
    }
    *end = align_up(*end, align);
}

void layout_vars(struct arena *a, struct plan_chain *c)
{
    struct plan_nf *n;

    LIST_EACH (n, &c->nfs) {
        if (c->ir->source->tracks) /* else there is no flow to have them */
            layout_nf(a, n, ST_FLOW, &c->flow_vars, &c->flow_bytes);
        layout_nf(a, n, ST_SHARED, &c->shared_vars, &c->shared_bytes);
        layout_nf(a, n, ST_ATOMIC, &c->atomic_vars, &c->atomic_bytes);
    }
}

bool plan_has_row(const struct plan_chain *c, unsigned side)
{
    return c->fast[side].mode == FAST_MERGED &&
           c->fast[side].sums != SUMS_COMPARED && c->n_hops > 0;
}

unsigned plan_row_sums(const struct plan *p, const struct plan_chain *c)
{
    const struct plan_shape *s;
    unsigned n = 0;

    if (plan_has_row(c, 0) || plan_has_row(c, 1))
        LIST_EACH (s, &p->shapes)
            n = s->n_sums > n ? s->n_sums : n;
    return n;
}

bool plan_rows_ask_config(const struct plan_chain *c)
{
    return c->row[0].asks_config || c->row[1].asks_config;
}

unsigned plan_ends(const struct plan_chain *c)
{
    return c->ir->source->two_way ? 1 : 2;
}

/* The struct that is emitted has the session, what NFs translate, reasons of
 * drops, the exits, rows of checksums and of values, for each NF a struct of
 * its variables, and what the TCP monitor needs. The session's size is a
 * multiple of SESSION_ALIGN. */
unsigned plan_flow_adds(const struct plan *p, const struct plan_chain *c)
{
    const struct plan_var *v = c->flow_vars.first, *first;
    unsigned end = c->n_hops, sums = plan_row_sums(p, c);

    if (c->n_drop_slots)
        end = align_up(end, 2) + 2 * c->n_drop_slots;
    end += c->n_exit_slots + plan_tcp_sleeps(c);
    if (sums)
        end = align_up(end, 2) + 2 * 2 * sums;
    for (unsigned side = 0; side < 2; side++) {
        unsigned align, bytes = row_bytes(&c->row[side], &align);

        end = align_up(end, align) + bytes * plan_ends(c);
    }
    while ((first = v)) {
        unsigned bytes = 0, align = 1;

        for (; v && v->nf == first->nf; v = v->next) {
            unsigned own = v->bytes < 16 ? v->bytes : 16;

            align = own > align ? own : align;
            bytes = v->offset - first->offset + v->bytes;
        }
        end = align_up(align_up(end, align) + bytes, align);
    }
    return align_up(end, SESSION_ALIGN) + plan_tcp_bytes(c);
}
