/* Declarations by name, and what is said of names that are wrong. */
#include "sema/sema.h"

const char *const role_name[ROLE_N] = {"src", "dst", "proto", "sport", "dport"};
const char *const full_name[] = {"refuse", "oldest", "idle", NULL};
const char *const fragments_name[] = {"pass", "track", "refuse", "reassemble",
                                      NULL};
const char *const overlap_name[] = {"linux",   "first",   "last", "bsd",
                                    "windows", "solaris", NULL};
const char *const rank_name[RANK_N] = {"packet", "connection", "data"};
const char *const access_name_of[] = {"in",  "read",   "set", "update",
                                      "put", "remove", "cell"};
const char *const raiser_name[RAISE_N] = {"new",  "packet", "end",   "config",
                                          "stop", "emit",   "timer", "rule"};

void twice(struct sema *s, struct loc at, const char *what, const char *name,
           struct loc before)
{
    struct diag *d =
        diag_error(s->diags, at, "the %s '%s' is declared twice", what, name);

    diag_also(d, before, "first declared here");
}

bool hint_near(struct diag *d, const char *word, const char *const *names,
               unsigned n)
{
    const char *near = diag_nearest(word, names, n);

    if (near)
        diag_hint(d, "did you mean '%s'?", near);
    return near != NULL;
}

struct header *header_named(struct sema *s, const char *name)
{
    struct header *h;

    LIST_EACH (h, &s->tree->headers)
        if (strcmp(h->name, name) == 0)
            return h;
    return NULL;
}

struct event *event_named(struct sema *s, const char *path)
{
    struct event *e;

    LIST_EACH (e, &s->tree->events)
        if (strcmp(e->path, path) == 0)
            return e;
    return NULL;
}

bool event_is(const struct event *e, const struct event *above)
{
    while (e && e != above)
        e = e->parent;
    return e != NULL;
}

const char *handler_what(const struct handler *h)
{
    return h->raiser == RAISE_TIMER  ? "a timer"
           : h->raiser == RAISE_RULE ? "a rule"
                                     : h->events;
}

bool handler_takes(const struct handler *h, const struct event *e)
{
    const struct subscription *s;

    LIST_EACH (s, &h->subscriptions)
        if (h->raiser == RAISE_EMIT && event_is(e, s->event))
            return true;
    return false;
}

unsigned handler_side(const struct handler *h, const struct chain *c)
{
    return (strcmp(h->side, c->side[1]) == 0) != h->other;
}

struct nf *nf_named(struct sema *s, const char *name)
{
    struct nf *n;

    LIST_EACH (n, &s->tree->nfs)
        if (strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

struct object *object_named(struct sema *s, const char *name)
{
    struct object *o;

    LIST_EACH (o, &s->tree->objects)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

struct member *member_named(const struct object *o, const char *name)
{
    struct member *m;

    LIST_EACH (m, &o->members)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

struct chain *chain_named(struct sema *s, const char *name)
{
    struct chain *c;

    LIST_EACH (c, &s->tree->chains)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static bool args_same(const struct texpr *a, const struct texpr *b)
{
    const struct targ *x = a->args.first, *y = b->args.first;
    const struct titem *i = a->items.first, *k = b->items.first;

    for (; x && y; x = x->next, y = y->next)
        if (!texpr_same(x->value, y->value))
            return false;
    for (; i && k; i = i->next, k = k->next)
        if (i->alt != k->alt || !texpr_same(i->lo, k->lo) ||
            !texpr_same(i->hi, k->hi))
            return false;
    return !x && !y && !i && !k;
}

/* Constants of several parts count as different. */
static bool value_same(const struct value *a, const struct value *b)
{
    return a->u == b->u && a->hi == b->hi && a->alt == b->alt &&
           a->str == b->str && !a->parts && !b->parts;
}

bool texpr_same(const struct texpr *a, const struct texpr *b)
{
    if (!a || !b || a == b)
        return a == b;
    return a->kind == b->kind && a->type == b->type && a->op == b->op &&
           a->access == b->access && a->param == b->param &&
           a->local == b->local && a->var == b->var && a->field == b->field &&
           a->header == b->header && a->member == b->member &&
           a->cell == b->cell && a->part == b->part &&
           value_same(&a->value, &b->value) && texpr_same(a->a, b->a) &&
           texpr_same(a->b, b->b) && args_same(a, b);
}

bool access_fails(const struct table *t, enum access a)
{
    return a == ACCESS_READ || (access_makes(a) && t->full == FULL_REFUSE);
}

bool cell_fails(const struct texpr *call)
{
    return call->member->fails ||
           (call->a && access_fails(call->a->var->table, ACCESS_CELL));
}

static bool is_param(const struct texpr *e, const struct param *p)
{
    while (e && e->kind == TE_CAST)
        e = e->a;
    return e && e->kind == TE_PARAM && e->param == p;
}

const struct var *param_table(const struct nf *nf, const struct param *p)
{
    const struct var *v;

    LIST_EACH (v, &nf->vars)
        if (v->type->kind == TY_TABLE &&
            (is_param(v->table->size, p) || is_param(v->table->time, p)))
            return v;
    return NULL;
}

bool param_period(const struct nf *nf, const struct param *p)
{
    const struct handler *h;

    LIST_EACH (h, &nf->handlers)
        if (is_param(h->period, p))
            return true;
    return false;
}

num_t position_value(const struct position *p, const struct texpr *e)
{
    const struct targ *a;

    if (e->kind == TE_CAST)
        return position_value(p, e->a);
    if (e->kind == TE_CONST)
        return e->value.u;
    LIST_EACH (a, &p->args)
        if (a->param == e->param && a->value)
            return a->value->value.u;
    return 0;
}

bool type_is_at_hand(const struct tree *tree, const struct type *t)
{
    return t == tree->packet || t == tree->flow ||
           (tree->stream && t == tree->stream) ||
           (tree->payload && t == tree->payload->type);
}

bool type_is_divided(const struct type *t)
{
    const struct member *m;

    if (t->kind != TY_OBJECT)
        return false;
    LIST_EACH (m, &t->object->members)
        if (m->leases)
            return true;
    return false;
}

bool texpr_reads(const struct texpr *e, const struct var *v)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return false;
    if ((e->kind == TE_VAR && e->var == v) || texpr_reads(e->a, v) ||
        texpr_reads(e->b, v))
        return true;
    LIST_EACH (i, &e->items)
        if (texpr_reads(i->lo, v) || texpr_reads(i->hi, v))
            return true;
    LIST_EACH (a, &e->args)
        if (texpr_reads(a->value, v))
            return true;
    return false;
}

bool nf_is_divided(const struct nf *n)
{
    const struct var *v;

    LIST_EACH (v, &n->vars)
        if (v->storage == ST_SHARED || v->storage == ST_SPLIT)
            return true;
    return false;
}
