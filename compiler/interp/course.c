#include "interp/course.h"
#include "base/arena.h"
#include "interp/eval.h"
#include "interp/exec.h"
#include "interp/world.h"
#include <nfl/trace.h>
#include <string.h>

enum { MAX_FIELDS = 256 };

void course_begin(struct moment *m, struct course *c)
{
    memset(c, 0, sizeof(*c));
    m->course = c;
}

/* ---- emit ---- */

/* A copy that stays until the course ends. */
static struct ival kept(struct arena *a, const struct type *t,
                        const struct ival *x)
{
    struct ival copy = *x;
    const struct part *part;
    unsigned i = 0;

    if (t->kind != TY_TUPLE)
        return copy;
    copy.parts = arena_alloc(a, t->parts.n * sizeof(*copy.parts));
    LIST_EACH (part, &t->parts) {
        copy.parts[i] = kept(a, part->type, &x->parts[i]);
        i++;
    }
    return copy;
}

static unsigned fields_of(struct arena *a, const char *name,
                          const struct type *t, const struct ival *x,
                          struct nfl_field *to, unsigned n)
{
    const struct part *part;
    unsigned i = 0;

    if (t->kind == TY_OBJECT || n == MAX_FIELDS)
        return n;
    if (t->kind != TY_TUPLE) {
        to[n] = (struct nfl_field){name, value_format(t, x), x->u};
        return n + 1;
    }
    LIST_EACH (part, &t->parts) {
        const char *own = part->name ? part->name : arena_fmt(a, "%u", i);

        n = fields_of(a, arena_fmt(a, "%s.%s", name, own), part->type,
                      &x->parts[i], to, n);
        i++;
    }
    return n;
}

static void trace(const struct moment *m, const struct emitted *e,
                  struct loc at)
{
    struct nfl_field fields[MAX_FIELDS];
    const struct world *w = m->world;
    const struct param *p;
    unsigned n = 0;

    if (!w->trace)
        return;
    LIST_EACH (p, &e->event->params) {
        n = fields_of(m->course->arena, p->name, p->type, &e->values[p->index],
                      fields, n);
    }
    nfl_trace_emit(w->trace, w->packets, w->now, m->chain->chain->name,
                   m->station->at->name, e->event->path, loc_linecol(at).line,
                   m->session ? &m->session->t0 : NULL, fields, n);
}

void course_emit(struct moment *m, const struct tstmt *s)
{
    struct course *c = m->course;
    const struct targ *a;
    struct emitted *e;
    struct ival x;

    if (!c->arena)
        c->arena = arena_new();
    e = ARENA_NEW(c->arena, struct emitted);
    e->event = s->event;
    e->by = m->station->at->index;
    e->pass = c->pass;
    e->got = arena_alloc(c->arena, m->chain->n * sizeof(*e->got));
    e->values =
        arena_alloc(c->arena, (s->event->params.n + 1) * sizeof(*e->values));
    LIST_EACH (a, &s->args) {
        if (!a->value || a->param->type->kind == TY_OBJECT)
            continue;
        x = eval(m, a->value);
        e->values[a->param->index] = kept(c->arena, a->param->type, &x);
    }
    trace(m, e, s->loc);
    LIST_ADD(&c->all, e);
}

/* ---- who gets what ---- */

/* Answers go back on the way of their flow, but in a one-way chain, where all
 * go the same. */
unsigned course_place(const struct moment *m, unsigned position)
{
    bool back = m->back && m->chain->chain->two_way;
    const unsigned *order = m->chain->order[back ? 1 - m->side : m->side];
    unsigned i = 0;

    while (order[i] != position)
        i++;
    return back ? m->chain->n - 1 - i : i;
}

static bool is_turn(const struct moment *m, const struct emitted *e)
{
    unsigned here = course_place(m, m->station->at->index),
             by = course_place(m, e->by);

    if (e->got[m->station->at->index])
        return false;
    if (e == m->course->late)
        return here <= by;
    return e->pass == m->course->pass && here > by;
}

void course_visit(struct moment *m)
{
    const struct reason *reason = m->reason;
    struct emitted *e;

    LIST_EACH (e, &m->course->all) {
        if (!is_turn(m, e))
            continue;
        e->got[m->station->at->index] = true;
        m->given = e->values;
        raise_emitted(m, e->event);
        m->given = NULL;
    }
    m->reason = reason;
}

static void visit_all(struct moment *m)
{
    for (unsigned i = 0; i < m->chain->n; i++) {
        for (unsigned k = 0; k < m->chain->n; k++) {
            m->station = &m->chain->stations[k];
            if (course_place(m, k) == i)
                course_visit(m);
        }
    }
}

/* The list grows meanwhile. */
void course_end(struct moment *m)
{
    struct course *c = m->course;
    struct packet *packet = m->packet;
    struct station *station = m->station;
    const struct reason *reason = m->reason;

    m->packet = NULL;
    visit_all(m);
    LIST_EACH (c->late, &c->all) {
        c->pass++;
        visit_all(m);
    }
    if (c->arena)
        arena_free(c->arena);
    memset(c, 0, sizeof(*c));
    m->packet = packet;
    m->station = station;
    m->reason = reason;
}
