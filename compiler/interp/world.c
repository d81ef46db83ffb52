/* Making the chains and their objects, and taking them down. */
#include "interp/world.h"
#include "base/arena.h"
#include "interp/config.h"
#include "interp/course.h"
#include "interp/eval.h"
#include "interp/monitor.h"
#include "interp/object.h"
#include "interp/way.h"
#include <string.h>

enum { MAX_ARGS = 16 };

/* Makes an object for an NF, of type o and from evaluated arguments, and puts
 * it into *to. */
static bool make_object(struct world *w, struct station *st, unsigned shards,
                        const struct object *o, const struct targ *first,
                        struct ival *values, const char *name, struct ival *to)
{
    struct thing *t = ARENA_NEW(w->arena, struct thing);
    const struct ival *args[MAX_ARGS] = {0};
    const struct targ *a;
    unsigned i = 0;

    for (a = first; a && i < MAX_ARGS; a = a->next, i++)
        if (a->value)
            args[i] = &values[i];
    t->kind = object_kind(o);
    t->name = name;
    w->making = o;
    w->making_name = name;
    t->self = o->file ? extern_make(w, o, shards, args)
                      : t->kind->make(w, shards, args);
    if (!t->self)
        return false;
    to->object = t->self;
    to->str = name;
    LIST_ADD(&st->things, t);
    return true;
}

static struct ival *arguments(struct moment *m, const struct targ *first)
{
    struct ival *values =
        arena_alloc(m->world->arena, MAX_ARGS * sizeof(*values));
    const struct targ *a;
    unsigned i = 0;

    for (a = first; a && i < MAX_ARGS; a = a->next, i++)
        if (a->value)
            values[i] = eval(m, a->value);
    return values;
}

bool given_make(struct world *w, struct station *st, unsigned shards,
                const struct texpr *new, const struct handed *given,
                struct ival *to)
{
    const struct param *p;

    LIST_EACH (p, &st->at->nf->params) {
        if (given->object == &st->params[p->index])
            return make_object(w, st, shards, new->type->object,
                               new->args.first, given->values, p->name, to);
    }
    return false;
}

/* The parameters as the source has them; objects are not made yet. */
static void station_params(struct moment *m, struct station *st)
{
    unsigned n = st->at->nf->params.n + 1;
    const struct targ *a;

    st->params = arena_alloc(m->world->arena, n * sizeof(*st->params));
    st->given = arena_alloc(m->world->arena, n * sizeof(*st->given));
    LIST_EACH (a, &st->at->args) {
        struct ival *p = &st->params[a->param->index];

        if (!a->value)
            continue;
        if (a->value->kind != TE_NEW) {
            *p = eval(m, a->value);
            continue;
        }
        st->given[a->param->index].object = p;
        st->given[a->param->index].values = arguments(m, a->value->args.first);
    }
}

static bool given_objects(struct world *w, const struct chain *c,
                          struct station *st)
{
    const struct targ *a;

    LIST_EACH (a, &st->at->args) {
        const struct handed *g = &st->given[a->param->index];

        if (a->value && a->value->kind == TE_NEW &&
            !given_make(w, st, c->shards, a->value, g, g->object))
            return false;
    }
    return true;
}

bool var_make(struct world *w, struct station *st, unsigned shards,
              const struct var *v, struct ival *to)
{
    struct moment m = {.world = w, .station = st};

    return make_object(w, st, shards, v->type->object, v->args.first,
                       arguments(&m, v->args.first), v->name, to);
}

static bool station_objects(struct world *w, const struct chain *c,
                            struct station *st)
{
    const struct var *v;

    st->objects =
        arena_alloc(w->arena, (st->at->nf->vars.n + 1) * sizeof(*st->objects));
    LIST_EACH (v, &st->at->nf->vars) {
        if (v->type->kind == TY_OBJECT &&
            !var_make(w, st, c->shards, v, &st->objects[v->index]))
            return false;
    }
    return true;
}

static void station_init(struct world *w, const struct chain *c,
                         struct station *st, const struct position *at)
{
    struct moment m = {.world = w, .station = st};
    const struct nf *nf = at->nf;

    st->at = at;
    st->shared = arena_alloc(w->arena, c->shards * sizeof(*st->shared));
    st->atomic = arena_alloc(w->arena, (nf->vars.n + 1) * sizeof(*st->atomic));
    st->drops = arena_alloc(w->arena, (nf->reasons.n + 1) * sizeof(*st->drops));
    st->runs = arena_alloc(w->arena, (nf->handlers.n + 1) * sizeof(*st->runs));
    station_params(&m, st);
    tables_make(w, c, st);
}

static void passage_init(struct world *w, struct passage *p,
                         const struct chain *c)
{
    const struct position *at;

    p->chain = c;
    p->n = c->nfs.n;
    p->stations = arena_alloc(w->arena, (p->n + 1) * sizeof(*p->stations));
    LIST_EACH (at, &c->nfs)
        station_init(w, c, &p->stations[at->index], at);
    way_orders(w, p);
}

/* In the order of the source. */
static bool make_objects(struct world *w)
{
    for (unsigned i = 0; i < w->n_passages; i++) {
        struct passage *p = &w->passages[i];

        for (unsigned k = 0; k < p->n; k++) {
            struct station *st = &p->stations[k];

            if (!given_objects(w, p->chain, st) ||
                !station_objects(w, p->chain, st))
                return false;
        }
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
    w->fragments_now = arena_alloc(w->arena, (w->tree->ports.n + 1) *
                                                 sizeof(*w->fragments_now));
    if (!good)
        return false;
    w->scratch = w->arena; /* the parts of parameters stay */
    LIST_EACH (c, &w->tree->chains)
        passage_init(w, &w->passages[w->n_passages++], c);
    for (unsigned i = 0; i < w->n_passages; i++)
        monitor_init(w, &w->passages[i]);
    timers_make(w);
    good = config_start(w) && make_objects(w) && config_changes(w);
    w->scratch = scratch;
    return good;
}

void world_fini(struct world *w)
{
    config_free(w);
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

struct nfl_tuple moment_tuple(const struct moment *m)
{
    return m->tuple ? *m->tuple
                    : session_tuple(m->session, m->station->at->index);
}

struct ival *station_shared(const struct world *w, struct station *st,
                            unsigned shard)
{
    if (!st->shared[shard])
        st->shared[shard] = arena_alloc(
            w->arena, (st->at->nf->vars.n + 1) * sizeof(*st->shared[shard]));
    return st->shared[shard];
}
