/* Names in the module. Each begins with a prefix, so that none is a word of C
 * or a macro:
 *
 *   g_CHAIN_NF_HANDLER  handlers       gn_CHAIN_NF    visit to an NF
 *   gc_CHAIN_WHAT       of a chain     H_HEADER       number of a header
 *   R_CHAIN_NF_N        drop reasons   l_LOCAL        locals of the source
 *   n_NF.v_VAR          state; n_NF.m<number>_VAR_MEMBER of a struct
 *   n_NF.v_VAR          state              gt_CHAIN_NF_VAR  of a table
 *   gv_CHAIN_NF         what was emitted   gw_CHAIN_NF    what it subscribes to
 *   gr_CHAIN_NF_HANDLER the rules that are asked after a handler
 */
#include "emit/emit.h"
#include <string.h>

/* Number of an NF among all places of the module. */
static unsigned place(const struct emit *e, const struct plan_nf *n)
{
    const struct plan_chain *c;
    const struct plan_nf *i;
    unsigned k = 0;

    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (i, &c->nfs) {
            if (i == n)
                return k;
            k++;
        }
    return k;
}

/* The NF Web.Waf of a chain is web_Web_Waf. */
static const char *underscored(struct arena *a, const char *name)
{
    char *copy = arena_fmt(a, "%s", name), *dot;

    while ((dot = strchr(copy, '.')))
        *dot = '_';
    return copy;
}

/* CHAIN_NF: a_b and c, or a and b_c, would be the same; the later one gets a
 * number. */
void names_init(struct emit *e)
{
    const struct plan_chain *c;
    const struct plan_nf *n;
    unsigned k = place(e, NULL), all = k, i;

    e->symbol = arena_alloc(e->arena, (all + 1) * sizeof(*e->symbol));
    k = 0;
    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (n, &c->nfs) {
            e->symbol[k] = arena_fmt(e->arena, "%s_%s", c->ir->source->name,
                                     n->ir->source->name);
            e->symbol[k] = underscored(e->arena, e->symbol[k]);
            for (i = 0; i < k; i++)
                if (strcmp(e->symbol[i], e->symbol[k]) == 0)
                    e->symbol[k] =
                        arena_fmt(e->arena, "%s_at%u", e->symbol[k], k);
            k++;
        }
}

const char *name_nf(const struct emit *e, const struct plan_nf *n)
{
    return e->symbol[place(e, n)];
}

const struct plan_nf *plan_nf_of(const struct plan_chain *c,
                                 const struct ir_nf *n)
{
    const struct plan_nf *p = c->nfs.first;

    while (p->ir != n)
        p = p->next;
    return p;
}

const char *name_chain(const struct emit *e)
{
    return e->chain->ir->source->name;
}

const char *name_handler(const struct emit *e, const struct plan_nf *n,
                         const struct ir_handler *h)
{
    return arena_fmt(e->arena, "g_%s_%s%u", name_nf(e, n),
                     raiser_name[h->source->raiser], h->source->index);
}

const char *name_header(const struct emit *e, const struct header *h)
{
    char *name = arena_fmt(e->arena, "H_%s", h->name);

    for (char *p = name; *p; p++)
        *p = *p == '.' ? '_' : *p; /* of an inner header: H_vxlan__ip */
    return h->of ? arena_fmt(e->arena, "%s_%u", name, h->index) : name;
}

const char *name_reason(const struct emit *e, const struct plan_nf *n,
                        const struct reason *r)
{
    return arena_fmt(e->arena, "R_%s_%u", name_nf(e, n), r->index);
}

const char *name_local(const struct emit *e, const struct ir_local *l)
{
    return arena_fmt(e->arena, "l_%s", l->name);
}

const char *name_member(const struct emit *e, const struct plan_nf *n)
{
    size_t chain = strlen(n->ir->chain->source->name);

    return arena_fmt(e->arena, "n_%s", name_nf(e, n) + chain + 1);
}

/* The number keeps a.b_c and a_b.c apart. */
const char *name_state(struct arena *a, const struct var *v)
{
    char *name, *dot;

    if (!strchr(v->name, '.'))
        return arena_fmt(a, "v_%s", v->name);
    name = arena_fmt(a, "m%u_%s", v->index, v->name);
    while ((dot = strchr(name, '.')))
        *dot = '_';
    return name;
}

const char *name_var(const struct emit *e, const struct plan_nf *n,
                     const struct var *v)
{
    return arena_fmt(e->arena, "%s.%s", name_member(e, n),
                     name_state(e->arena, v));
}
