/* NFs: parameters, state, handlers. */
#include "sema/sema.h"

/* ---- state ---- */

const char *const storage_name[ST_N] = {"flow", "shared", "split", "atomic"};

static enum storage storage_of(const char *word)
{
    for (unsigned i = 0; i < ST_N; i++)
        if (strcmp(word, storage_name[i]) == 0)
            return (enum storage)i;
    return ST_FLOW;
}

static void var_object(struct sema *s, struct nf *n, const struct ast_var *a,
                       struct var *v)
{
    struct scope sc = {.sema = s, .nf = n};
    struct targ *first, *t;

    if (v->type->object->plain) {
        diag_error(s->diags, a->type->loc, "'%s' is a function, not a type",
                   v->type->name);
        return;
    }
    if (v->storage != ST_SHARED &&
        !(v->storage == ST_SPLIT &&
          (v->type->object->updates || object_keeps(v->type->object)) &&
          !v->type->object->holds)) {
        diag_hint(diag_error(s->diags, a->loc, "a '%s' cannot be %s",
                             v->type->name,
                             v->storage == ST_FLOW ? "kept for each flow"
                                                   : storage_name[v->storage]),
                  "shared %s: %s(...)", a->name, v->type->name);
        return;
    }
    if (!bind_args(&sc, a->type->args.first, &v->type->object->params, a->loc,
                   arena_fmt(s->arena, "'%s'", v->type->name), &first))
        return;
    v->args.first = first;
    for (t = first; t; t = t->next) {
        v->args.last = t;
        v->args.n++;
        if (t->value && t->value->kind != TE_CONST &&
            t->value->kind != TE_PARAM && t->value->kind != TE_NEW)
            diag_error(s->diags, t->value->loc,
                       "state is made from constants and parameters");
    }
}

/* C that changes belongs to the NF that declares how it is divided. */
static void no_changing(struct sema *s, const struct param *p)
{
    if (p->type->kind != TY_OBJECT ||
        !(object_keeps(p->type->object) || p->type->object->holds))
        return;
    diag_hint(diag_error(s->diags, p->loc,
                         "a '%s' changes, so it is state, not a parameter",
                         p->type->name),
              "take what it is made of, and declare %s %s: %s(...)",
              p->type->object->holds ? "shared" : "split", p->name,
              p->type->name);
}

/* Packets and flows are not made by NFs, nor kept by them. */
static bool only_handed_over(struct sema *s, const struct type *t,
                             struct loc at)
{
    if (!type_is_at_hand(s->tree, t))
        return false;
    diag_error(s->diags, at, "a '%s' is only handed over by an event", t->name);
    return true;
}

static bool var_type(struct sema *s, const struct ast_var *a, struct var *v)
{
    struct object *o;
    struct diag *d;

    if (a->type->kind == AT_OBJECT) {
        o = object_named(s, a->type->name);
        if (!o) {
            d = diag_error(s->diags, a->type->loc,
                           "there is no type '%s' to make state of",
                           a->type->name);
            if (!hint_module(s, d, a->type->name) &&
                !advise_container(d, a->type->name,
                                  a->type->parts.n
                                      ? loc_text(s, a->type->parts.first->loc)
                                      : NULL))
                HINT_NEAR(d, s, a->type->name, &s->tree->types);
            return false;
        }
        v->type = keyed_type(s, a->type, o);
        return v->type != NULL;
    }
    v->type = type_resolve(s, a->type);
    if (v->type->kind == TY_ERROR || only_handed_over(s, v->type, a->type->loc))
        return false;
    if (type_is_number(v->type) || v->type->kind == TY_BOOL ||
        v->type->kind == TY_UNION || v->type->kind == TY_OBJECT ||
        v->type->kind == TY_TUPLE || v->type->kind == TY_DURATION)
        return true;
    diag_error(s->diags, a->type->loc, "state cannot be of type '%s'",
               v->type->name);
    return false;
}

static void check_atomic(struct sema *s, const struct ast_var *a,
                         const struct type *t)
{
    if (type_is_atomic(t))
        return;
    diag_hint(diag_error(s->diags, a->type->loc,
                         "a '%s' cannot be atomic: only a number of 8, 16, 32 "
                         "or 64 bits can",
                         t->name),
              "split %s: one for each shard", a->name);
}

static void check_name(struct sema *s, const struct nf *n, const char *name,
                       struct loc at)
{
    struct var *v;
    struct whole *w;
    struct cell *c;
    struct param *p;

    LIST_EACH (c, &n->cells)
        if (strcmp(c->name, name) == 0)
            twice(s, at, "name", name, c->loc);
    LIST_EACH (v, &n->vars)
        if (strcmp(v->name, name) == 0)
            twice(s, at, "name", name, v->loc);
    LIST_EACH (w, &n->wholes)
        if (strcmp(w->name, name) == 0)
            twice(s, at, "name", name, w->loc);
    LIST_EACH (p, &n->params)
        if (strcmp(p->name, name) == 0)
            twice(s, at, "name", name, p->loc);
}

static void add_var(struct sema *s, struct nf *n, const struct ast_var *a)
{
    struct var *v = ARENA_NEW(s->arena, struct var);

    check_name(s, n, a->name, a->loc);
    if (cell_declare(s, n, a, storage_of(a->storage)))
        return;
    v->name = a->name;
    v->doc = a->doc;
    v->bucket = a->bucket;
    v->loc = a->loc;
    v->index = n->vars.n;
    v->storage = storage_of(a->storage);
    if (a->type->kind == AT_TABLE ? !table_declare(s, n, a, v)
                                  : !var_type(s, a, v)) {
        v->type = s->error;
    } else if (v->type->kind == TY_TUPLE) {
        whole_declare(s, n, a, v->storage, v->type);
        return;
    }
    if (v->type->kind == TY_OBJECT)
        var_object(s, n, a, v);
    else if (v->storage == ST_ATOMIC && !v->table)
        check_atomic(s, a, v->type);
    LIST_ADD(&n->vars, v);
}

struct var *var_hidden(struct sema *s, struct nf *n, const char *name,
                       struct loc loc, enum storage storage, struct type *type)
{
    struct var *v = ARENA_NEW(s->arena, struct var);

    v->name = name;
    v->loc = loc;
    v->index = n->vars.n;
    v->storage = storage;
    v->type = type;
    LIST_ADD(&n->vars, v);
    return v;
}

/* ---- handlers ---- */

/* When an event is raised: its conditions and those of its ancestors, as far as
 * they are raised with it. What they tell of headers is added to *implied. */
static struct texpr *event_when(struct scope *sc, struct event *e,
                                struct hset *implied)
{
    bool with = e->parent && e->parent->raiser == e->raiser;
    struct texpr *up = with ? event_when(sc, e->parent, implied) : NULL;
    struct hset here = {0};

    if (!e->cond)
        return up;
    sc->handler->needs_flow |= e->needs_flow;
    sc->handler->monitors |= e->monitors;
    cond_implied(e->cond, &here);
    hset_or(implied, &here);
    hset_close(sc->sema, implied);
    if (!up)
        return e->cond;
    return expr_binary(sc, OP_LAND, e->cond->loc, sc->sema->boolean, up,
                       e->cond);
}

/* The handler gets the event, as one of those that are raised together. */
static bool is_for(const struct handler *h, const struct event *e)
{
    return e && e->raiser == h->raiser && e->rank == h->rank;
}

/* Any of the events that the handler gets. */
static struct texpr *events_when(struct scope *sc, const struct ast_handler *a,
                                 struct hset *implied)
{
    struct texpr *when = NULL, *one, *up;
    struct ast_path *p;
    struct event *e;
    bool first = true, always = false;

    LIST_EACH (p, &a->events) {
        struct hset here = {0};

        e = event_named(sc->sema, p->text);
        if (!is_for(sc->handler, e))
            continue;
        one = awake(sc, e, a->name, p->loc);
        up = event_when(sc, e, &here);
        one = one && up
                  ? expr_binary(sc, OP_LAND, p->loc, sc->sema->boolean, one, up)
              : one ? one
                    : up;
        always |= !one;
        when = when && one ? expr_binary(sc, OP_LOR, p->loc, sc->sema->boolean,
                                         when, one)
                           : one;
        if (first)
            *implied = here;
        hset_and(implied, &here);
        first = false;
    }
    return always ? NULL : when;
}

static void bind(struct scope *sc, const struct ast_handler *a,
                 const struct event *e)
{
    struct param *p = e->params.first;
    struct ast_name *n;
    struct local *l;

    LIST_EACH (n, &a->binders) {
        if (p && strcmp(n->text, "_") == 0) {
            p = p->next;
            continue;
        }
        if (!p) {
            diag_also(diag_error(sc->sema->diags, n->loc,
                                 "'%s' hands over %u thing%s, so '%s' names "
                                 "nothing",
                                 e->path, e->params.n,
                                 e->params.n == 1 ? "" : "s", n->text),
                      e->loc, "declared here");
            return;
        }
        check_name(sc->sema, sc->nf, n->text, n->loc);
        l = ARENA_NEW(sc->sema->arena, struct local);
        l->name = n->text;
        l->loc = n->loc;
        l->type = p->type;
        l->param = e->raiser < RAISE_STACK ? NULL : p;
        l->index = sc->handler->locals.n;
        LIST_ADD(&sc->handler->locals, l);
        scope_bind(sc, l->name, l, NULL);
        p = p->next;
    }
}

static void set_from(struct handler *h, const struct ast_handler *a)
{
    if (!a->from)
        return;
    h->from = FROM_SIDE;
    h->side = a->from;
    h->side_param = side_param(h->nf, a->from);
    h->other = a->at;
    if (h->side_param)
        return;
    if (strcmp(a->from, "client") == 0)
        h->from = a->at ? FROM_SERVER : FROM_CLIENT;
    else if (strcmp(a->from, "server") == 0)
        h->from = a->at ? FROM_CLIENT : FROM_SERVER;
}

static struct handler *handler_new(struct sema *s, struct nf *n,
                                   const struct ast_handler *a,
                                   enum raiser raiser)
{
    struct handler *h = ARENA_NEW(s->arena, struct handler);
    struct ast_path *p;

    h->loc = a->loc;
    h->doc = a->doc;
    h->nf = n;
    h->index = n->handlers.n;
    h->raiser = raiser;
    LIST_EACH (p, &a->events)
        h->events = h->events
                        ? arena_fmt(s->arena, "%s, %s", h->events, p->text)
                        : p->text;
    set_from(h, a);
    h->needs_flow = (raiser < RAISE_STACK && raiser != RAISE_PACKET) ||
                    h->from == FROM_CLIENT || h->from == FROM_SERVER;
    return h;
}

static void subscriptions(struct sema *s, struct handler *h,
                          const struct ast_handler *a)
{
    const struct ast_path *p;

    LIST_EACH (p, &a->events) {
        const struct event *e = event_named(s, p->text);
        struct subscription *one;

        if (!is_for(h, e))
            continue;
        one = ARENA_NEW(s->arena, struct subscription);
        one->event = e;
        one->bit = switch_bit(h->nf, e, a->name);
        LIST_ADD(&h->subscriptions, one);
    }
}

static void add_handler(struct sema *s, struct nf *n,
                        const struct ast_handler *a, const struct event *e)
{
    struct handler *h = handler_new(s, n, a, e->raiser);
    struct scope sc = {.sema = s, .nf = n, .handler = h};
    struct hset implied = {0};
    struct texpr *cond;

    h->rank = e->rank;
    h->monitors = h->rank != RANK_PACKET;
    h->needs_flow |= h->monitors;
    sc.packet = raiser_has_packet(e->raiser);
    subscriptions(s, h, a);
    if (e->raiser != RAISE_EMIT) /* else it is asked with the event */
        h->when = events_when(&sc, a, &sc.present);
    bind(&sc, a, e);
    if (a->cond) {
        cond = cond_value(&sc, a->cond, &implied);
        hset_or(&sc.present, &implied);
        h->when = h->when ? expr_binary(&sc, OP_LAND, cond->loc, s->boolean,
                                        h->when, cond)
                          : cond;
    }
    h->body = block_stmts(&sc, a->body);
    n->needs_flow |= h->needs_flow || h->monitors;
    LIST_ADD(&n->handlers, h);
}

/* A timer, which counts the periods that went by, or a rule. */
static void add_other(struct sema *s, struct nf *n, const struct ast_handler *a)
{
    struct handler *h =
        handler_new(s, n, a, a->period ? RAISE_TIMER : RAISE_RULE);
    struct scope sc = {.sema = s, .nf = n, .handler = h};
    struct param periods = {"periods", a->loc, 0, type_uint(s, 32)};
    struct event timer = {.path = "timer", .loc = a->loc};
    struct hset implied = {0};

    timer.raiser = RAISE_TIMER;
    h->events = a->period ? "timer" : "when";
    if (a->period) {
        timer.params.first = timer.params.last =
            arena_dup(s->arena, &periods, sizeof(periods));
        timer.params.n = 1;
        timer_period(&sc, h, a);
        bind(&sc, a, &timer);
    } else {
        h->when = cond_value(&sc, a->cond, &implied);
        rule_check(s, n, h);
    }
    h->body = block_stmts(&sc, a->body);
    if (a->period && h->needs_flow)
        diag_note(diag_error(s->diags, h->loc,
                             "this timer uses a flow, but there is none when "
                             "it is due"),
                  "it sees what its NF shares: shared, split and atomic state");
    n->needs_flow |= h->needs_flow;
    LIST_ADD(&n->handlers, h);
}

/* What a handler names must be the same in all of its events. */
static void check_binders(struct sema *s, const struct ast_handler *a,
                          const struct event *x, const struct event *y)
{
    const struct param *p = x->params.first, *q = y->params.first;
    struct ast_name *n;

    LIST_EACH (n, &a->binders) {
        if (p && q && p->type != q->type) {
            diag_hint(diag_error(s->diags, n->loc,
                                 "'%s' is a %s in '%s', but a %s in '%s'",
                                 n->text, p->type->name, x->path, q->type->name,
                                 y->path),
                      "write two handlers");
            return;
        }
        p = p ? p->next : NULL;
        q = q ? q->next : NULL;
    }
}

/* Once for each raiser of its events. */
static void add_handlers(struct sema *s, struct nf *n,
                         const struct ast_handler *a)
{
    struct event *of[RAISE_N][RANK_N] = {{NULL}}, *e, *one = NULL;
    struct ast_path *p;

    if (!a->events.n)
        add_other(s, n, a);
    LIST_EACH (p, &a->events) {
        e = event_find(s, p);
        if (!e)
            continue;
        if (one)
            check_binders(s, a, one, e);
        one = e;
        if (!of[e->raiser][e->rank])
            of[e->raiser][e->rank] = e;
    }
    for (int r = 0; r < RAISE_N; r++)
        for (int k = 0; k < RANK_N; k++)
            if (of[r][k])
                add_handler(s, n, a, of[r][k]);
}

/* The order in which they run. */
static void handlers_order(struct nf *n)
{
    struct handler *all = n->handlers.first, *next;
    unsigned index = 0;

    LIST_CLEAR(&n->handlers);
    for (int k = 0; k < RANK_N; k++) {
        struct handler *left = NULL, **end = &left;

        for (; all; all = next) {
            next = all->next;
            all->next = NULL;
            if (all->rank == (enum rank)k) {
                all->index = index++;
                LIST_ADD(&n->handlers, all);
            } else {
                *end = all;
                end = &all->next;
            }
        }
        all = left;
    }
}

/* ---- does it translate? ---- */

static bool block_rewrites(const struct tblock *b)
{
    struct tstmt *t;

    if (!b)
        return false;
    LIST_EACH (t, &b->stmts) {
        if (t->kind == TS_CALL && t->value->member->rewrites)
            return true;
        if (block_rewrites(t->body) || block_rewrites(t->other) ||
            block_rewrites(t->alt))
            return true;
    }
    return false;
}

static void nf_declare(struct sema *s, const struct ast_decl *d)
{
    struct nf *n = nf_named(s, d->name);
    struct ast_var *v;
    struct ast_handler *a;
    struct handler *h;
    struct param *p;

    if (n) {
        twice(s, d->loc, "NF", d->name, n->loc);
        return;
    }
    n = ARENA_NEW(s->arena, struct nf);
    n->name = d->name;
    n->doc = d->doc;
    n->loc = d->loc;
    n->src = d->src;
    LIST_ADD(&s->tree->nfs, n);
    params_declare(s, &d->params, &n->params);
    LIST_EACH (p, &n->params) {
        only_handed_over(s, p->type, p->loc);
        no_changing(s, p);
    }
    exits_declare(s, n, d);
    n->chain = d->nfs.n ? d : NULL;
    LIST_EACH (v, &d->vars)
        add_var(s, n, v);
    switches_find(s, n, d);
    LIST_EACH (a, &d->handlers)
        add_handlers(s, n, a);
    handlers_order(n);
    LIST_EACH (h, &n->handlers)
        n->rewrites |= block_rewrites(h->body);
    updates_find(s, n);
    rules_find(s, n);
}

void nfs_declare(struct sema *s)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_NF)
            nf_declare(s, d);
}
