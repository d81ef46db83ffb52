/* Parameters that are set from outside: LANGUAGE.md, "Parameters from
 * outside". Only the reader of settings is the runtime's. */
#include "interp/config.h"
#include "base/arena.h"
#include "interp/object.h"
#include "interp/world.h"
#include <nfl/config.h>
#include <stdlib.h>
#include <string.h>

/* Where a setting goes. */
struct leaf {
    struct station *station;
    struct ival *place; /* in station->params or in arguments of an object */
    const struct texpr *made; /* the object's TE_NEW, or NULL */
    struct handed *given;
    const struct var *renewed; /* state that is made of it anew, or NULL */
    bool compiled;             /* of a table: it cannot be set */
};

struct config {
    struct nfl_param_desc **params; /* by chain */
    struct leaf **leaves;           /* the same */
    unsigned *n;
    struct nfl_param_table table;
    struct nfl_settings settings, changes;
    struct ival **made; /* by change: the new object, or NULL */
    unsigned next;
    uint64_t started; /* the first tick that is not 0 */
};

enum nfl_param_kind config_kind(const struct type *t)
{
    switch (t->kind) {
    case TY_BOOL:
        return NFL_PARAM_BOOL;
    case TY_UNION:
        return NFL_PARAM_IPADDR;
    case TY_STRING:
        return NFL_PARAM_STRING;
    case TY_FILE:
        return NFL_PARAM_FILE;
    case TY_DURATION:
        return NFL_PARAM_DURATION;
    case TY_ENUM:
        return NFL_PARAM_ENUM;
    case TY_RANGE:
        return config_kind(t->elem);
    default:
        return t->form == LIT_IPV4   ? NFL_PARAM_IPV4
               : t->form == LIT_IPV6 ? NFL_PARAM_IPV6
               : t->form == LIT_MAC  ? NFL_PARAM_MAC
                                     : NFL_PARAM_NUMBER;
    }
}

const struct nfl_word_desc *config_words(struct arena *a, const struct type *t)
{
    struct nfl_word_desc *words;
    const struct enumval *v;
    unsigned i = 0;

    if (t->kind != TY_ENUM)
        return NULL;
    words = arena_alloc(a, (t->values.n + 1) * sizeof(*words));
    LIST_EACH (v, &t->values) {
        words[i].name = v->name;
        words[i++].value = (uint64_t)v->value;
    }
    return words;
}

/* ---- what there is to set ---- */

enum { LEAVES_MAX = 4096 };

struct finder { /* of the parameters of a chain */
    struct world *world;
    struct passage *passage;
    struct nfl_param_desc *params;
    struct leaf *leaves;
    unsigned n;
};

static void found(struct finder *f, const struct leaf *like, const char *name,
                  const struct type *t, const char *fixed)
{
    const struct type *one = t->kind == TY_RANGE ? t->elem : t;

    if (f->n == LEAVES_MAX)
        return;
    f->params[f->n] = (struct nfl_param_desc){
        .chain = f->passage->chain->name,
        .nf = like->station->at->name,
        .name = name,
        .type = t->name,
        .kind = config_kind(t),
        .bits = one->bits,
        .range = t->kind == TY_RANGE,
        .words = config_words(f->world->arena, one),
        .fixed = fixed,
        .compiled = like->compiled,
        .object = -1,
    };
    f->leaves[f->n++] = *like;
}

/* Every value of a parameter. */
static void find_values(struct finder *f, struct leaf like, const char *name,
                        const struct type *t, const char *fixed)
{
    struct ival *parts = like.place->parts;
    const struct part *p;
    unsigned i = 0;

    if (t->kind != TY_TUPLE) {
        found(f, &like, name, t, fixed);
        return;
    }
    LIST_EACH (p, &t->parts) {
        struct arena *a = f->world->arena;

        like.place = &parts[i];
        find_values(f, like,
                    p->name ? arena_fmt(a, "%s.%s", name, p->name)
                            : arena_fmt(a, "%s.%u", name, i),
                    p->type, fixed);
        i++;
    }
}

static bool mentions(const struct targ *args, const struct param *p)
{
    const struct targ *a;

    for (a = args; a; a = a->next) {
        if (!a->value)
            continue;
        if (a->value->kind == TE_PARAM && a->value->param == p)
            return true;
        if (a->value->kind == TE_NEW && mentions(a->value->args.first, p))
            return true;
    }
    return false;
}

/* The first state that is made of the parameter itself, if it can be made anew
 * while the program runs. */
static const struct var *renewed_by(const struct station *st,
                                    const struct targ *arg)
{
    const struct targ *a;
    const struct var *v;

    LIST_EACH (v, &st->at->nf->vars) {
        if (v->type->kind != TY_OBJECT || !object_renews(v->type->object))
            continue;
        LIST_EACH (a, &v->args)
            if (a->value && a->value->kind == TE_PARAM &&
                a->value->param == arg->param)
                return v;
    }
    return NULL;
}

/* What state is made of the parameter; NULL: it may change. */
static const char *fixed_by(struct finder *f, const struct station *st,
                            const struct targ *arg, const struct var *renewed)
{
    const struct var *v = param_table(st->at->nf, arg->param);
    const char *name = NULL;

    if (v)
        return arena_fmt(f->world->arena, "table '%s' is made with it",
                         v->name);

    if (param_period(st->at->nf, arg->param))
        return "it is the period of a timer";
    if (param_side(st->at->nf, arg->param))
        return "it tells the side where the NF stands";
    LIST_EACH (v, &st->at->nf->vars) {
        if (!name && v != renewed && v->type->kind == TY_OBJECT &&
            mentions(v->args.first, arg->param))
            name = v->name;
    }
    if (type_is_divided(arg->value->type))
        name = arg->param->name;
    return name ? arena_fmt(f->world->arena, "'%s' is made of it", name) : NULL;
}

static const char *argument_name(struct finder *f, const struct targ *object,
                                 const struct targ *arg)
{
    const struct targ *a;

    LIST_EACH (a, &object->value->args) {
        if (a->param->type->kind != TY_FILE)
            continue;
        if (a == arg)
            return object->param->name;
        break;
    }
    return arena_fmt(f->world->arena, "%s.%s", object->param->name,
                     arg->param->name);
}

static void find_in_object(struct finder *f, struct leaf like,
                           const struct targ *object, const char *fixed)
{
    const struct targ *a;
    unsigned i = 0;

    like.made = object->value;
    like.given = &like.station->given[object->param->index];
    LIST_EACH (a, &object->value->args) {
        like.place = &like.given->values[i++];
        if (a->value && a->value->kind == TE_CONST)
            find_values(f, like, argument_name(f, object, a), a->param->type,
                        fixed);
    }
}

static void find_param(struct finder *f, struct leaf like, const struct targ *a)
{
    like.renewed = renewed_by(like.station, a);
    find_values(f, like, a->param->name, a->param->type,
                fixed_by(f, like.station, a, like.renewed));
}

static void find_all(struct finder *f)
{
    const struct targ *a;

    for (unsigned k = 0; k < f->passage->n; k++) {
        struct leaf like = {.station = &f->passage->stations[k]};

        LIST_EACH (a, &like.station->at->args) {
            if (!a->value)
                continue;
            like.place = &like.station->params[a->param->index];
            like.compiled = param_table(like.station->at->nf, a->param) ||
                            param_period(like.station->at->nf, a->param) ||
                            param_side(like.station->at->nf, a->param);
            if (a->value->kind == TE_NEW)
                find_in_object(f, like, a, fixed_by(f, like.station, a, NULL));
            else
                find_param(f, like, a);
        }
    }
}

static void table_init(struct world *w, struct config *c)
{
    unsigned n = w->n_passages;

    c->params = arena_alloc(w->arena, (n + 1) * sizeof(*c->params));
    c->leaves = arena_alloc(w->arena, (n + 1) * sizeof(*c->leaves));
    c->n = arena_alloc(w->arena, (n + 1) * sizeof(*c->n));
    for (unsigned i = 0; i < n; i++) {
        struct finder f = {.world = w, .passage = &w->passages[i]};

        f.params =
            arena_alloc(w->arena, LEAVES_MAX * sizeof(struct nfl_param_desc));
        f.leaves = arena_alloc(w->arena, LEAVES_MAX * sizeof(struct leaf));
        find_all(&f);
        c->params[i] = f.params;
        c->leaves[i] = f.leaves;
        c->n[i] = f.n;
    }
    c->table = (struct nfl_param_table){
        (const struct nfl_param_desc *const *)c->params, c->n, n};
}

/* ---- setting ---- */

static const struct leaf *leaf_of(const struct config *c,
                                  const struct nfl_setting *s)
{
    return &c->leaves[s->chain][s->param - c->params[s->chain]];
}

static void set(const struct config *c, const struct nfl_setting *s)
{
    struct ival *to = leaf_of(c, s)->place;

    to->u = s->u;
    to->hi = s->hi;
    to->alt = s->param->kind == NFL_PARAM_IPADDR ? s->v6 : 0;
    if (s->str)
        to->str = s->str;
}

bool config_start(struct world *w)
{
    struct config *c = ARENA_NEW(w->arena, struct config);

    w->config = c;
    table_init(w, c);
    if (!nfl_settings_read(&c->settings, w->options, &c->table, w->err,
                           sizeof(w->err)) ||
        !nfl_changes_read(&c->changes, w->options, &c->table, w->err,
                          sizeof(w->err)))
        return false;
    for (unsigned i = 0; i < c->settings.n; i++)
        set(c, &c->settings.list[i]);
    return true;
}

/* False: it failed. Where there is nothing to make, *made is NULL. */
static bool make(struct world *w, unsigned shards, const struct leaf *leaf,
                 struct ival **made)
{
    struct ival *to = ARENA_NEW(w->arena, struct ival);

    *made = leaf->made || leaf->renewed ? to : NULL;
    if (leaf->made)
        return given_make(w, leaf->station, shards, leaf->made, leaf->given,
                          to);
    return !leaf->renewed ||
           var_make(w, leaf->station, shards, leaf->renewed, to);
}

/* Objects are made of the values as they will be. Those of parameters are set
 * again when they change; at arguments of objects nobody looks any more. */
bool config_changes(struct world *w)
{
    struct config *c = w->config;
    const struct nfl_setting *s = c->changes.list;
    unsigned n = c->changes.n, i;
    struct ival *before = arena_alloc(w->arena, (n + 1) * sizeof(*before));
    char why[sizeof(w->err)];
    bool good = true;

    c->made = arena_alloc(w->arena, (n + 1) * sizeof(*c->made));
    for (i = 0; good && i < n; i++) {
        before[i] = *leaf_of(c, &s[i])->place;
        set(c, &s[i]);
        good = make(w, w->passages[s[i].chain].chain->shards, leaf_of(c, &s[i]),
                    &c->made[i]);
    }
    if (!good) {
        snprintf(why, sizeof(why), "%s", w->err);
        snprintf(w->err, sizeof(w->err), "%s:%u: %.400s", w->options->changes,
                 s[i - 1].line, why);
    }
    while (i-- > 0)
        if (!leaf_of(c, &s[i])->made)
            *leaf_of(c, &s[i])->place = before[i];
    return good;
}

/* A parameter, or state, is another object from now on. */
static void replace(struct world *w, const struct leaf *leaf,
                    const struct ival *made)
{
    struct ival *to;

    if (!leaf->renewed) {
        *leaf->given->object = *made;
        return;
    }
    to = &leaf->station->objects[leaf->renewed->index];
    extern_inherit(w, made->object, to->object);
    *to = *made;
}

/* TIME counts from the first tick that is not 0, or from 1970. */
static uint64_t tick_of(const struct config *c, const struct nfl_setting *s)
{
    return s->time / 1000000 + (s->relative ? c->started : 0);
}

void config_apply(struct world *w)
{
    struct config *c = w->config;

    if (c->started == 0)
        c->started = w->now;
    for (; c->started && c->next < c->changes.n; c->next++) {
        const struct nfl_setting *s = &c->changes.list[c->next];
        const struct leaf *leaf = leaf_of(c, s);

        if (tick_of(c, s) > w->now)
            return;
        w->passages[s->chain].config_age++;
        if (c->made[c->next])
            replace(w, leaf, c->made[c->next]);
        if (!leaf->made)
            set(c, s);
    }
}

void config_free(struct world *w)
{
    if (!w->config)
        return;
    nfl_settings_free(&w->config->settings);
    nfl_settings_free(&w->config->changes);
}
