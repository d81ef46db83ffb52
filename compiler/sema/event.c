/* Event types: a hierarchy by path. A child has what its parent has. */
#include "sema/sema.h"

static struct event *parent_of(struct sema *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *up;

    if (!slash)
        return NULL;
    up = arena_strn(s->arena, path, (size_t)(slash - path));
    return event_named(s, up);
}

/* PKT/FOO/BAR, where there is PKT, but no PKT/FOO. */
static bool gap(struct sema *s, const struct event *e)
{
    const char *up = e->path, *slash;
    const struct event *above = NULL;

    while (!e->parent && !above && (slash = strrchr(up, '/'))) {
        up = arena_strn(s->arena, up, (size_t)(slash - up));
        above = event_named(s, up);
    }
    if (!above)
        return false;
    diag_also(diag_error(s->diags, e->loc, "there is no event '%s' above '%s'",
                         arena_strn(s->arena, e->path,
                                    (size_t)(strrchr(e->path, '/') - e->path)),
                         e->path),
              above->loc, "the nearest is this one");
    return true;
}

static bool set_raiser(struct sema *s, struct event *e,
                       const struct ast_decl *d)
{
    if (gap(s, e))
        return false;
    if (!d->raised) {
        e->raiser = e->parent ? e->parent->raiser : RAISE_EMIT;
        e->rank = e->parent ? e->parent->rank : RANK_PACKET;
        return true;
    }
    for (int i = RANK_TCP; i < RANK_N; i++) {
        if (strcmp(rank_name[i], d->raised) == 0) {
            e->raiser = RAISE_PACKET;
            e->rank = (enum rank)i;
            return true;
        }
    }
    for (int i = 0; i < RAISE_STACK; i++) {
        if (strcmp(raiser_name[i], d->raised) == 0) {
            e->raiser = (enum raiser)i;
            return true;
        }
    }
    diag_note(
        diag_error(s->diags, d->raised_loc, "the stack raises no '%s'",
                   d->raised),
        "it raises packet, connection, data, new, end, config and stop; events "
        "that NFs emit do without");
    return false;
}

/* The packet's bytes are a property that is itself of an extern type. */
static void learn_payload(struct sema *s)
{
    struct member *m;

    if (!s->tree->packet || s->tree->packet->kind != TY_OBJECT)
        return;
    LIST_EACH (m, &s->tree->packet->object->members)
        if (!m->fn && m->type->kind == TY_OBJECT)
            s->tree->payload = m;
}

/* The parameters that an event may have, in order. They tell which extern types
 * those are. */
static unsigned handed(struct sema *s, const struct event *e,
                       struct type **to[3])
{
    struct type **packet = &s->tree->packet, **flow = &s->tree->flow;
    unsigned n = 0;

    if (e->rank == RANK_DATA)
        to[n++] = &s->tree->stream;
    if (e->raiser == RAISE_PACKET && e->rank == RANK_PACKET) {
        to[n++] = packet;
        to[n++] = flow;
        return n;
    }
    to[n++] = flow;
    if (raiser_has_packet(e->raiser))
        to[n++] = packet;
    return n;
}

static void learn_types(struct sema *s, struct event *e)
{
    struct type **to[3];
    unsigned n = handed(s, e, to), i = 0;
    bool good = e->params.n <= n;
    const struct param *p;

    LIST_EACH (p, &e->params) {
        if (p->type->kind == TY_ERROR)
            return;
        if (i < n && !*to[i] && p->type->kind == TY_OBJECT)
            *to[i] = p->type;
        good &= i < n && *to[i] == p->type;
        i++;
    }
    learn_payload(s);
    if (!good)
        diag_note(diag_error(s->diags, e->loc,
                             "'%s' does not get these parameters", e->path),
                  "packet gets (packet, flow), new and connection get "
                  "(flow, packet), "
                  "data gets (stream, flow, packet), end, config and stop get "
                  "(flow)");
}

static void event_cond(struct sema *s, struct event *e,
                       const struct ast_decl *d)
{
    struct scope sc = {.sema = s, .event = e};
    struct hset implied = {0};

    if (!d->cond)
        return;
    sc.packet = raiser_has_packet(e->raiser);
    e->cond = cond_value(&sc, d->cond, &implied);
}

static void event_declare(struct sema *s, const struct ast_decl *d)
{
    struct event *e = event_named(s, d->name);

    if (e) {
        twice(s, d->loc, "event", d->name, e->loc);
        return;
    }
    e = ARENA_NEW(s->arena, struct event);
    e->path = d->name;
    e->doc = d->doc;
    e->loc = d->loc;
    e->parent = parent_of(s, d->name);
    if (!set_raiser(s, e, d))
        return;
    if (e->raiser == RAISE_EMIT) {
        event_fields(s, e, d);
        LIST_ADD(&s->tree->events, e);
        return;
    }
    if (e->parent && !d->params.n) {
        e->params.first = e->parent->params.first;
        e->params.last = e->parent->params.last;
        e->params.n = e->parent->params.n;
    } else {
        params_declare(s, &d->params, &e->params);
    }
    learn_types(s, e);
    event_cond(s, e, d);
    LIST_ADD(&s->tree->events, e);
}

/* Parents first: by the number of slashes. */
static unsigned depth(const char *path)
{
    unsigned n = 0;

    for (; *path; path++)
        n += *path == '/';
    return n;
}

void events_declare(struct sema *s)
{
    struct ast_decl *d;
    unsigned left = 1;

    for (unsigned level = 0; left; level++) {
        left = 0;
        LIST_EACH (d, &s->ast->decls) {
            if (d->kind != AD_EVENT)
                continue;
            if (depth(d->name) == level)
                event_declare(s, d);
            left += depth(d->name) > level;
        }
    }
}
