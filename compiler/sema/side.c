/* NFs that are told at which side of their chain they stand: `from X`, where X
 * is a parameter. Each place of such an NF has handlers of its own, in which
 * the label of that side stands for it. */
#include "sema/sema.h"

struct param *side_param(const struct nf *n, const char *name)
{
    struct param *p;

    LIST_EACH (p, &n->params)
        if (p->type->kind == TY_ENUM && strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

bool param_side(const struct nf *nf, const struct param *p)
{
    const struct handler *h;

    LIST_EACH (h, &nf->handlers)
        if (h->side_param == p)
            return true;
    return false;
}

static struct handler *handler_of(const struct nf *n, const struct handler *h)
{
    struct handler *own = n->handlers.first;

    while (own->index != h->index || own->loc.off != h->loc.off)
        own = own->next;
    return own;
}

/* Rules are handlers, too. */
static void own_rules(struct sema *s, const struct nf *n, struct handler *h)
{
    struct ruleref *first = h->rules.first, *r, *own;

    h->rules.first = h->rules.last = NULL;
    h->rules.n = 0;
    for (r = first; r; r = r->next) {
        own = ARENA_NEW(s->arena, struct ruleref);
        own->rule = handler_of(n, r->rule);
        LIST_ADD(&h->rules, own);
    }
}

static void own_handler(struct sema *s, const struct chain *c,
                        const struct position *p, struct nf *n,
                        const struct handler *from)
{
    struct handler *h = ARENA_NEW(s->arena, struct handler);
    const struct targ *a;

    *h = *from;
    h->next = NULL;
    h->nf = n;
    if (h->side_param)
        h->side = c->side[0];
    LIST_EACH (a, &p->args)
        if (a->param == h->side_param && a->value)
            h->side = c->side[a->value->value.u != 0];
    LIST_ADD(&n->handlers, h);
}

void position_turn(struct sema *s, const struct chain *c, struct position *p)
{
    const struct nf *from = p->nf;
    const struct handler *h;
    struct handler *own;
    bool asks = false;
    struct nf *n;

    LIST_EACH (h, &from->handlers)
        asks |= h->side_param != NULL;
    if (!asks)
        return;
    n = ARENA_NEW(s->arena, struct nf);
    *n = *from;
    n->next = NULL;
    n->handlers.first = n->handlers.last = NULL;
    n->handlers.n = 0;
    LIST_EACH (h, &from->handlers)
        own_handler(s, c, p, n, h);
    LIST_EACH (own, &n->handlers)
        own_rules(s, n, own);
    LIST_ADD(&s->tree->nfs, n);
    p->nf = n;
}
