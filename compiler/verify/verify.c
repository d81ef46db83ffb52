#include "verify/verify.h"
#include "base/arena.h"
#include "unit.h"
#include "verify/prove.h"
#include <time.h>

struct work {
    const struct unit *unit;
    const struct verify *v;
    FILE *to;
    enum verified result;
    bool folds; /* prove_folding has been answered */
};

struct tally { /* of a chain and a side */
    unsigned asked, ways;
    double seconds;
    bool good, refuted; /* of wrong ones one is enough */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void worse(struct work *w, struct tally *t, enum verified result)
{
    t->good = false;
    t->refuted = result == VERIFY_REFUTED;
    if (result > w->result)
        w->result = result;
}

static const char *side_of(const struct plan_chain *c, unsigned side)
{
    return c->ir->source->side[side];
}

/* "edge from inside: " */
static void title(struct work *w, const struct plan_chain *c, unsigned side)
{
    fprintf(w->to, "%s from %s: ", c->ir->source->name, side_of(c, side));
}

static void not_proved(struct work *w, const struct scene *s, const char *what)
{
    title(w, s->chain, s->side);
    if (!what) {
        fprintf(w->to,
                "not proved: %s from the %s: proofs do not know what "
                "becomes of headers there\n",
                s->shape->text, s->back ? "responder" : "initiator");
        return;
    }
    fprintf(w->to, "not proved: %s of %s from the %s: no answer in %u s\n",
            what, s->shape->text, s->back ? "responder" : "initiator",
            w->v->seconds);
}

static void refuted(struct work *w, const struct scene *s,
                    const struct proof *p)
{
    title(w, s->chain, s->side);
    fprintf(w->to, "refuted: %s of %s from the %s\n", p->what, s->shape->text,
            s->back ? "responder" : "initiator");
    show_refutation(s, p, w->to);
    if (!w->v->pcap)
        return;
    if (show_pcap(s, p, w->v->pcap))
        fprintf(w->to, "  written to %s\n", w->v->pcap);
    else
        fprintf(w->to, "  %s cannot be written\n", w->v->pcap);
}

/* Packets of one shape, from one end of the flow. */
static void way(struct work *w, struct tally *t, struct scene *s)
{
    struct proof *p = ARENA_NEW(s->arena, struct proof);
    enum answer facts = prove_facts(s);

    t->ways++;
    if (facts != ALWAYS) {
        not_proved(w, s, "what is known of packets");
        worse(w, t, VERIFY_OPEN);
        return;
    }
    prove_way(s, p);
    if (p->answer == NOT_ALWAYS) {
        refuted(w, s, p);
        worse(w, t, VERIFY_REFUTED);
    } else if (p->answer == UNKNOWN) {
        not_proved(w, s, p->what);
        worse(w, t, VERIFY_OPEN);
    }
}

static void all_ways(struct work *w, struct tally *t, struct smt *z,
                     const struct plan_chain *c, unsigned side)
{
    const struct plan_shape *shape;

    LIST_EACH (shape, &w->unit->plan->shapes)
        for (unsigned back = 0; back <= c->ir->source->tracks && !t->refuted;
             back++) {
            struct scene *s = ARENA_NEW(w->unit->arena, struct scene);

            if (w->v->progress)
                fprintf(stderr, "\rverifying %s from %s: %s\033[K",
                        c->ir->source->name, side_of(c, side), shape->text);
            scene_init(s, w->unit->arena, z, w->unit->plan, c, shape, side,
                       back);
            s->wrong = w->v->wrong;
            way(w, t, s);
        }
    if (w->v->progress)
        fputs("\r\033[K", stderr);
}

/* True of all sums, so asked once. */
static bool folding(struct work *w)
{
    struct smt z;
    enum answer a;

    if (w->folds)
        return true;
    smt_init(&z, w->v->seconds);
    a = prove_folding(&z);
    smt_fini(&z);
    if (a == ALWAYS)
        return true;
    fprintf(w->to,
            "not proved: that carries of checksums may be added early: "
            "no answer in %u s\n",
            w->v->seconds);
    w->result = VERIFY_OPEN;
    return false;
}

static void verify_side(struct work *w, const struct plan_chain *c,
                        unsigned side)
{
    const struct plan_fast *f = &c->fast[side];
    struct tally t = {.good = true, .seconds = now()};
    struct smt z;

    if (f->mode == FAST_NONE) {
        title(w, c, side);
        fprintf(w->to, "no fast path, so nothing to prove (%s)\n", f->why);
        return;
    }
    if (f->mode == FAST_MERGED && c->n_hops && !folding(w))
        return;
    smt_init(&z, w->v->seconds);
    all_ways(w, &t, &z, c, side);
    t.asked = z.asked;
    smt_fini(&z);
    if (!t.good)
        return;
    title(w, c, side);
    fprintf(w->to, "proved (%s; %u shapes of packets%s; ",
            fast_mode_name[f->mode], w->unit->plan->shapes.n,
            c->ir->source->tracks ? ", from either end" : "");
    fprintf(w->to, "%u queries, %.2f s", t.asked, now() - t.seconds);
    fputs(f->resizes ? "; what edits and sums make of headers is granted)\n"
                     : ")\n",
          w->to);
}

enum verified verify(const struct unit *u, const struct verify *v, FILE *to)
{
    struct work w = {.unit = u, .v = v, .to = to};
    const struct plan_chain *c;

    LIST_EACH (c, &u->plan->chains)
        for (unsigned side = 0; side < 2; side++)
            if (side == 0 || c->ir->source->two_way) {
                verify_side(&w, c, side);
                fflush(to);
            }
    return w.result;
}
