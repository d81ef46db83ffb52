#include "plan/act.h"
#include "base/arena.h"
#include "sema/effect.h"
#include "unit.h"
#include <string.h>

struct collect {
    const struct unit *unit;
    const struct chain *chain;
    const struct position *at;
    unsigned side;
    acts keep, rest;
};

static void add(struct collect *c, enum act_kind kind, enum act_of of,
                const void *id, struct loc loc, const char *text)
{
    acts *to = kind == ACT_KEEP ? &c->keep : &c->rest;
    struct act *a;

    LIST_EACH (a, to)
        if (a->kind == kind && a->of == of && a->id == id)
            return;
    a = ARENA_NEW(c->unit->arena, struct act);
    *a = (struct act){kind, of, id, text, loc, NULL};
    LIST_ADD(to, a);
}

static const char *verb(enum act_kind kind)
{
    return kind == ACT_READ ? "reads" : "writes";
}

/* ---- the flow ---- */

static void add_role(struct collect *c, enum act_kind kind, enum role r,
                     struct loc loc)
{
    add(c, kind, OF_TUPLE, role_name[r], loc,
        arena_fmt(c->unit->arena, "%s the flow's %s", verb(kind),
                  role_name[r]));
}

static void add_tuple(struct collect *c, struct loc loc)
{
    for (unsigned r = 0; r < ROLE_N; r++)
        add_role(c, ACT_READ, (enum role)r, loc);
}

/* A property of the flow is a part of its tuple if it is called as one. */
static void add_property(struct collect *c, const struct effref *r)
{
    const struct tree *t = c->unit->tree;

    if (t->packet && r->member->object == t->packet->object) {
        add(c, ACT_READ, OF_FRAME, NULL, r->loc,
            arena_fmt(c->unit->arena, "reads the packet's %s",
                      r->member->name));
        return;
    }
    if (!t->flow || r->member->object != t->flow->object || r->member->fn)
        return;
    for (unsigned i = 0; i < ROLE_N; i++) {
        if (strcmp(r->member->name, role_name[i]) == 0) {
            add_role(c, ACT_READ, (enum role)i, r->loc);
            return;
        }
    }
    add_tuple(c, r->loc);
}

/* What a translation sets: the part of the tuple, and wherever in a packet it
 * may lie. */
static void add_translated(struct collect *c, enum role role, struct loc loc)
{
    const struct header *h;
    const struct given *g;

    add_role(c, ACT_WRITE, role, loc);
    LIST_EACH (h, &c->unit->tree->headers)
        LIST_EACH (g, &h->given)
            if (g->field[role])
                add(c, ACT_WRITE, OF_FIELD, g->field[role], loc,
                    arena_fmt(c->unit->arena, "translates %s.%s", h->name,
                              g->field[role]->name));
}

/* It holds for all packets of the flow, whatever handler asked for it. Whether
 * it succeeds depends on the other translations of the chain. */
static void add_rewrite(struct collect *c, const struct effect *e)
{
    static const enum role of[2][2] = {{ROLE_SRC, ROLE_SPORT},
                                       {ROLE_DST, ROLE_DPORT}};
    const char *text = "translates the flow";

    add(c, ACT_READ, OF_TRANSLATION, NULL, e->rewrite_loc, text);
    add(c, ACT_WRITE, OF_TRANSLATION, NULL, e->rewrite_loc, text);
    for (unsigned end = 0; end < 2; end++)
        for (unsigned i = 0; i < 2 && e->ends[end]; i++)
            add_translated(c, of[end][i], e->rewrite_loc);
}

/* Fields of the header, of all that may be behind it, and of all that a
 * checksum may cover: those are brought up to date. */
static void add_bytes(struct collect *c, const struct effref *r)
{
    const struct tree *t = c->unit->tree;
    const bool *in = headers_in_bytes(c->unit->arena, t, r->bytes);
    const struct header *h;
    const struct field *f;

    LIST_EACH (h, &t->headers)
        LIST_EACH (f, &h->fields)
            if (in[h->index])
                add(c, ACT_READ, OF_FIELD, f, r->loc,
                    arena_fmt(c->unit->arena, "reads the bytes of %s, %s.%s",
                              r->bytes->name, h->name, f->name));
}

/* ---- what handlers do ---- */

static void add_ref(struct collect *c, enum act_kind kind,
                    const struct effref *r)
{
    struct arena *a = c->unit->arena;

    if (r->field)
        add(c, kind, OF_FIELD, r->field, r->loc,
            arena_fmt(a, "%s %s.%s", verb(kind), r->field->header->name,
                      r->field->name));
    else if (r->header)
        add(c, kind, OF_FRAME, NULL, r->loc,
            arena_fmt(a, "asks for the header %s", r->header->name));
    else if (r->bytes)
        add_bytes(c, r);
    else if (r->whole)
        add_tuple(c, r->loc);
    else if (r->member && r->member == c->unit->tree->payload)
        add(c, kind, OF_PAYLOAD, NULL, r->loc,
            arena_fmt(a, "%s the payload", verb(kind)));
    else if (r->member && kind == ACT_WRITE && r->member->object->file)
        add(c, ACT_BAR, OF_OTHER, r->member, r->loc,
            arena_fmt(a, "calls %s(), which is C with state", r->member->name));
    else if (r->var && kind == ACT_WRITE)
        add(c, ACT_KEEP, OF_OTHER, r->var, r->loc,
            arena_fmt(a, "changes %s", r->var->name));
    else if (r->member && kind == ACT_WRITE && !r->member->rewrites)
        add(c, ACT_KEEP, OF_OTHER, r->member, r->loc,
            arena_fmt(a, "calls %s()", r->member->name));
    else if (r->member && kind == ACT_READ)
        add_property(c, r);
}

static void add_resizes(struct collect *c, const char *what,
                        const effrefs *headers)
{
    const struct effref *r;

    LIST_EACH (r, headers)
        add(c, ACT_RESIZE, OF_FRAME, r->header, r->loc,
            arena_fmt(c->unit->arena, "%s the header %s", what,
                      r->header->name));
}

/* Does it run for packets from the side at hand, or without one? */
static bool concerns(const struct collect *c, const struct handler *h)
{
    return !raiser_has_packet(h->raiser) || h->from != FROM_SIDE ||
           handler_side(h, c->chain) == c->side;
}

/* `drop flow` drops packets of both directions, from whatever handler. */
static void add_drop(struct collect *c, const struct effect *e)
{
    if (e->drops_flow || (e->drops && concerns(c, e->handler)))
        add(c, ACT_DROP, OF_NONE, NULL, e->drop_loc,
            e->drops_flow ? "drops the flow" : "drops the packet");
}

static bool takes(const struct position *p, const struct event *event)
{
    const struct handler *h;

    LIST_EACH (h, &p->nf->handlers)
        if (handler_takes(h, event))
            return true;
    return false;
}

static void add_emitted(struct collect *c, const effevents *emits,
                        struct loc loc);

/* An NF that is told something: what it emits then comes in that order, too. */
static void add_told(struct collect *c, const struct position *p,
                     const struct effevent *v, struct loc loc)
{
    unsigned known = c->rest.n;
    const struct handler *h;

    add(c, ACT_WRITE, OF_EVENT, p, loc,
        arena_fmt(c->unit->arena, "emits %s, which gets to '%s'",
                  v->event->path, p->name));
    if (c->rest.n == known)
        return;
    LIST_EACH (h, &p->nf->handlers)
        if (h->raiser == RAISE_EMIT || h->raiser == RAISE_RULE)
            add_emitted(c, &effect_of(c->unit->effects, h)->emits, loc);
}

static void add_emitted(struct collect *c, const effevents *emits,
                        struct loc loc)
{
    const struct effevent *v;
    const struct position *p;

    LIST_EACH (v, emits)
        LIST_EACH (p, &c->chain->nfs)
            if (takes(p, v->event))
                add_told(c, p, v, loc.src ? loc : v->loc);
}

/* What an NF is told comes in the order in which it was emitted. */
static void add_events(struct collect *c, const struct effect *e)
{
    add_emitted(c, &e->emits, (struct loc){0});
    if (e->handler->raiser == RAISE_EMIT)
        add(c, ACT_READ, OF_EVENT, c->at, e->handler->loc,
            arena_fmt(c->unit->arena, "gets %s", e->handler->events));
}

static void add_handler(struct collect *c, const struct handler *h)
{
    const struct effect *e = effect_of(c->unit->effects, h);
    const struct effref *r;

    add_drop(c, e);
    if (e->rewrites)
        add_rewrite(c, e);
    if (!concerns(c, h))
        return;
    if (e->makes)
        add(c, ACT_BAR, OF_OTHER, h, e->make_loc, "makes packets");
    if (e->holds)
        add(c, ACT_BAR, OF_OTHER, h, e->hold_loc, "lets packets wait");
    if (e->cuts)
        add(c, ACT_BAR, OF_OTHER, h, e->cut_loc, "cuts packets that leave");
    if (e->chooses)
        add(c, ACT_BAR, OF_BRANCH, NULL, h->loc, "chooses the way");
    add_resizes(c, "adds", &e->adds);
    add_resizes(c, "removes", &e->removes);
    add_events(c, e);
    LIST_EACH (r, &e->writes)
        add_ref(c, ACT_WRITE, r);
    LIST_EACH (r, &e->reads)
        add_ref(c, ACT_READ, r);
}

acts acts_of(const struct unit *u, const struct chain *c,
             const struct position *p, unsigned side)
{
    struct collect to = {.unit = u, .chain = c, .at = p, .side = side};
    const struct handler *h;

    LIST_EACH (h, &p->nf->handlers)
        add_handler(&to, h);
    /* After what says more. The first packet of a flow, from whatever side, is
     * what makes it known to the NF. */
    LIST_EACH (h, &p->nf->handlers)
        if (concerns(&to, h) || h->raiser == RAISE_NEW)
            add(&to, ACT_KEEP, OF_OTHER, h, h->loc,
                concerns(&to, h) ? "counts" : "gets to know flows");
    if (!to.keep.first)
        return to.rest;
    to.keep.last->next = to.rest.first;
    to.keep.last = to.rest.first ? to.rest.last : to.keep.last;
    to.keep.n += to.rest.n;
    return to.keep;
}

acts acts_read(const struct unit *u, const struct chain *c,
               const struct handler *h, unsigned side)
{
    struct collect to = {.unit = u, .chain = c, .side = side};
    const struct effref *r;

    LIST_EACH (r, &effect_of(u->effects, h)->reads)
        add_ref(&to, ACT_READ, r);
    return to.rest;
}
