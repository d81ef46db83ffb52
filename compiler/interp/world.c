/* Making the chains and their objects, and taking them down. */
#include "interp/world.h"
#include "base/arena.h"
#include "interp/eval.h"
#include "interp/object.h"
#include <string.h>

enum { MAX_ARGS = 16 };

/* Makes an object for an NF, of type o and from evaluated arguments, and puts
 * it into *to. */
static bool make_object(struct moment *m, const struct chain *c,
                        const struct object *o, const struct targ *first,
                        const char *name, struct ival *to)
{
    struct thing *t = ARENA_NEW(m->world->arena, struct thing);
    const struct ival *args[MAX_ARGS] = {0};
    struct ival values[MAX_ARGS];
    const struct targ *a;
    unsigned i = 0;

    for (a = first; a && i < MAX_ARGS; a = a->next, i++) {
        if (a->value) {
            values[i] = eval(m, a->value);
            args[i] = &values[i];
        }
    }
    t->kind = object_kind(o);
    t->name = name;
    t->self = t->kind->make(m->world, c->shards, args);
    if (!t->self)
        return false;
    to->object = t->self;
    to->str = name;
    LIST_ADD(&m->station->things, t);
    return true;
}

static bool station_params(struct moment *m, const struct chain *c,
                           struct station *st)
{
    const struct targ *a;
    unsigned i = 0;

    st->params = arena_alloc(m->world->arena,
                             (st->at->nf->params.n + 1) * sizeof(*st->params));
    LIST_EACH (a, &st->at->args) {
        struct ival *p = &st->params[i++];

        if (!a->value)
            continue;
        if (a->value->kind != TE_NEW)
            *p = eval(m, a->value);
        else if (!make_object(m, c, a->value->type->object,
                              a->value->args.first, a->param->name, p))
            return false;
    }
    return true;
}

static bool station_objects(struct moment *m, const struct chain *c,
                            struct station *st)
{
    const struct var *v;

    st->objects = arena_alloc(m->world->arena,
                              (st->at->nf->vars.n + 1) * sizeof(*st->objects));
    LIST_EACH (v, &st->at->nf->vars) {
        if (v->type->kind == TY_OBJECT &&
            !make_object(m, c, v->type->object, v->args.first, v->name,
                         &st->objects[v->index]))
            return false;
    }
    return true;
}

static bool station_init(struct world *w, const struct chain *c,
                         struct station *st, const struct position *at)
{
    struct moment m = {.world = w, .station = st};
    const struct nf *nf = at->nf;

    st->at = at;
    st->shared = arena_alloc(w->arena, c->shards * sizeof(*st->shared));
    st->atomic = arena_alloc(w->arena, (nf->vars.n + 1) * sizeof(*st->atomic));
    st->drops = arena_alloc(w->arena, (nf->reasons.n + 1) * sizeof(*st->drops));
    st->runs = arena_alloc(w->arena, (nf->handlers.n + 1) * sizeof(*st->runs));
    tables_make(w, c, st);
    return station_params(&m, c, st) && station_objects(&m, c, st);
}

static bool passage_init(struct world *w, struct passage *p,
                         const struct chain *c)
{
    const struct position *at;

    p->chain = c;
    p->n = c->nfs.n;
    p->stations = arena_alloc(w->arena, (p->n + 1) * sizeof(*p->stations));
    LIST_EACH (at, &c->nfs) {
        if (!station_init(w, c, &p->stations[at->index], at))
            return false;
    }
    return true;
}

bool world_init(struct world *w)
{
    struct arena *scratch = w->scratch;
    const struct chain *c;
    bool good = objects_known(w);

    w->passages =
        arena_alloc(w->arena, (w->tree->chains.n + 1) * sizeof(*w->passages));
    w->scratch = w->arena; /* the parts of parameters stay */
    LIST_EACH (c, &w->tree->chains) {
        if (!good)
            break;
        good = passage_init(w, &w->passages[w->n_passages++], c);
    }
    w->scratch = scratch;
    return good;
}

void world_fini(struct world *w)
{
    for (unsigned i = 0; i < w->n_passages; i++) {
        struct passage *p = &w->passages[i];
        struct thing *t;

        sessions_free(p);
        for (unsigned k = 0; k < p->n; k++) {
            tables_free(&p->stations[k]);
            LIST_EACH (t, &p->stations[k].things) {
                t->kind->free(t->self);
            }
        }
    }
}

struct ival *station_shared(const struct world *w, struct station *st,
                            unsigned shard)
{
    if (!st->shared[shard])
        st->shared[shard] = arena_alloc(
            w->arena, (st->at->nf->vars.n + 1) * sizeof(*st->shared[shard]));
    return st->shared[shard];
}
