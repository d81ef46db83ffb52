/* What happens by itself when time passes: timers of NFs, and ends of flows. */
#include "base/arena.h"
#include "interp/course.h"
#include "interp/eval.h"
#include "interp/exec.h"
#include "interp/world.h"

struct timer {
    struct passage *of;
    struct station *station;
    const struct handler *handler;
    uint64_t ticks, due;
    struct timer *next;
};

struct timers {
    LIST(struct timer) all; /* by chain, position, place in the source */
    bool run;
};

void timers_make(struct world *w)
{
    w->timers = ARENA_NEW(w->arena, struct timers);
    for (unsigned i = 0; i < w->n_passages; i++) {
        struct passage *c = &w->passages[i];

        for (unsigned k = 0; k < c->n; k++) {
            const struct handler *h;

            LIST_EACH (h, &c->stations[k].at->nf->handlers) {
                struct timer *t;

                if (h->raiser != RAISE_TIMER)
                    continue;
                t = ARENA_NEW(w->arena, struct timer);
                t->of = c;
                t->station = &c->stations[k];
                t->handler = h;
                t->ticks = (uint64_t)position_value(t->station->at, h->period) /
                           1000000;
                LIST_ADD(&w->timers->all, t);
            }
        }
    }
}

static void timer_run(struct world *w, struct timer *t)
{
    uint64_t periods = (w->now - t->due) / t->ticks + 1;
    unsigned shards =
        nf_is_divided(t->station->at->nf) ? t->of->chain->shards : 1;

    t->due += periods * t->ticks;
    for (unsigned s = 0; s < shards; s++) {
        struct ival given = {.u = (uint32_t)periods};
        struct moment m = {.world = w, .chain = t->of, .station = t->station};
        struct course course;

        m.shard = s;
        m.timer = true;
        m.given = &given;
        course_begin(&m, &course);
        exec_handler(&m, t->handler);
        m.given = NULL;
        course_end(&m);
    }
}

static struct timer *first_timer(const struct world *w)
{
    struct timer *t, *due = NULL;

    LIST_EACH (t, &w->timers->all) {
        if (t->due <= w->now && (!due || t->due < due->due))
            due = t;
    }
    return due;
}

void time_passes(struct world *w)
{
    struct timer *t;
    struct session *s;

    if (!w->timers->run && w->now > 0) {
        w->timers->run = true;
        LIST_EACH (t, &w->timers->all) {
            t->due = w->now + t->ticks;
        }
    }
    while (w->now > 0) {
        t = first_timer(w);
        s = session_due(w);
        if (!t && !s)
            break;
        if (!t || (s && (s->expires < t->due ||
                         (s->expires == t->due && s->chain <= t->of))))
            session_end(w, s);
        else
            timer_run(w, t);
    }
}
