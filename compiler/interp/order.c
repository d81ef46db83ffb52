/* Doing what was done in another order: LANGUAGE.md, "Shards". Packets are
 * taken one after the other as always; what they read of atomic state comes
 * from the order, and is checked at the end. */
#include "interp/order.h"
#include "base/arena.h"
#include "interp/world.h"
#include <errno.h>
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

struct doing { /* an operation, in the order in which they were done */
    uint64_t packet, value;
    const char *chain, *nf, *name, *op, *flow;
    bool done;
    struct passage *of; /* who did it here */
    struct station *station;
    const struct var *var;
    unsigned shard;
};

struct order {
    struct doing *all;
    size_t n;
    struct doing **sorted; /* by packet, then as they were done */
};

/* ---- reading ---- */

static bool op_parse(struct arena *a, char *line, struct doing *e)
{
    char *rest = arena_str(a, line), *word[6];

    rest[strcspn(rest, "\n")] = '\0';
    for (unsigned i = 0; i < 6; i++)
        word[i] = rest ? strsep(&rest, " ") : NULL;
    if (!word[5] || !rest)
        return false;
    *e = (struct doing){
        .packet = strtoull(word[0], NULL, 10),
        .chain = word[1],
        .nf = word[2],
        .name = word[3],
        .op = word[4],
        .value = strtoull(word[5], NULL, 10),
        .flow = rest,
    };
    return true;
}

static int by_packet(const void *x, const void *y)
{
    const struct doing *a = *(struct doing *const *)x,
                       *b = *(struct doing *const *)y;

    if (a->packet != b->packet)
        return a->packet < b->packet ? -1 : 1;
    return a < b ? -1 : a > b;
}

static void sort(struct arena *a, struct order *o)
{
    o->sorted = arena_alloc(a, (o->n + 1) * sizeof(*o->sorted));
    for (size_t i = 0; i < o->n; i++)
        o->sorted[i] = &o->all[i];
    qsort(o->sorted, o->n, sizeof(*o->sorted), by_packet);
}

bool order_read(struct world *w, const char *path)
{
    FILE *f = fopen(path, "r");
    char line[512];
    size_t room = 0;
    bool good = f != NULL;

    if (!f)
        snprintf(w->err, sizeof(w->err), "%s: %s", path, strerror(errno));
    w->order = ARENA_NEW(w->arena, struct order);
    while (good && fgets(line, sizeof(line), f)) {
        struct order *o = w->order;
        struct doing *old = o->all;

        if (o->n == room) {
            room = room ? 2 * room : 1024;
            o->all = arena_alloc(w->arena, room * sizeof(*o->all));
            if (o->n)
                memcpy(o->all, old, o->n * sizeof(*o->all));
        }
        good = op_parse(w->arena, line, &o->all[o->n++]);
        if (!good)
            snprintf(w->err, sizeof(w->err), "%s:%zu: no operation", path,
                     o->n);
    }
    if (f)
        fclose(f);
    sort(w->arena, w->order);
    return good;
}

/* ---- while it runs ---- */

static size_t first_of(const struct order *o, uint64_t packet)
{
    size_t lo = 0, hi = o->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (o->sorted[mid]->packet < packet)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool is_at(const struct doing *e, const struct moment *m,
                  const struct var *v, const char *op, const char *flow)
{
    return !e->done && strcmp(e->op, op) == 0 &&
           strcmp(e->name, v->name) == 0 &&
           strcmp(e->nf, m->station->at->name) == 0 &&
           strcmp(e->chain, m->chain->chain->name) == 0 &&
           strcmp(e->flow, flow) == 0;
}

/* The next operation of the packet at hand; NULL, and w->err, if there is
 * none. */
static struct doing *take(struct moment *m, const struct var *v, const char *op)
{
    struct world *w = m->world;
    char flow[128] = "-";

    if (m->timer)
        snprintf(flow, sizeof(flow), "timer %u", m->shard);
    if (m->session) {
        snprintf(flow, sizeof(flow), "%u ", m->session->side);
        nfl_tuple_text(&m->session->t0, flow + 2, sizeof(flow) - 2);
    }
    for (size_t i = first_of(w->order, w->packets);
         i < w->order->n && w->order->sorted[i]->packet == w->packets; i++) {
        struct doing *e = w->order->sorted[i];

        if (!is_at(e, m, v, op, flow))
            continue;
        e->done = true;
        e->of = m->chain;
        e->station = m->station;
        e->var = v;
        e->shard = m->shard;
        return e;
    }
    if (!*w->err)
        snprintf(w->err, sizeof(w->err),
                 "packet %llu, %s: %s of '%s' is not in the order",
                 (unsigned long long)w->packets, m->station->at->name, op,
                 v->name);
    return NULL;
}

num_t order_get(struct moment *m, const struct var *v)
{
    const struct doing *e = take(m, v, "get");

    return e ? e->value : 0;
}

void order_update(struct moment *m, const struct var *v, enum update update,
                  num_t by)
{
    static const char *const name[] = {
        [UP_ADD] = "add", [UP_SUB] = "sub", [UP_OR] = "or",
        [UP_AND] = "and", [UP_MAX] = "max", [UP_MIN] = "min",
    };
    const struct doing *e = take(m, v, name[update]);
    struct world *w = m->world;

    if (e && e->value != by && !*w->err)
        snprintf(w->err, sizeof(w->err),
                 "packet %llu: %s of '%s' by %llu, but by %llu in the order",
                 (unsigned long long)w->packets, name[update], v->name,
                 (unsigned long long)by, (unsigned long long)e->value);
}

/* ---- at the end ---- */

static num_t done(const struct doing *e, num_t was)
{
    num_t v = e->value;

    switch (e->op[0] == 'm' ? e->op[1] : e->op[0]) {
    case 'g':
        return was;
    case 's':
        return was - v;
    case 'o':
        return was | v;
    case 'i': /* min */
        return was > v ? v : was;
    default:
        break;
    }
    if (e->op[0] == 'm')
        return was < v ? v : was;
    return e->op[1] == 'd' ? was + v : was & v; /* add, and */
}

/* Who did this last in the shard did not do a later packet. Where any division
 * is right each packet is by itself. */
static bool in_turn(const struct order *o, const struct doing *e)
{
    const struct doing *i;

    if (e->of->chain->key == KEY_NONE)
        return true;
    for (i = e; i-- > o->all;)
        if (i->of == e->of && i->shard == e->shard)
            return i->packet <= e->packet;
    return true;
}

static const char *wrong(const struct order *o, struct doing *e)
{
    num_t *now;

    if (!e->done)
        return "was not done here";
    if (!in_turn(o, e))
        return "comes after a later packet of its shard";
    now = &e->station->atomic[e->var->index].u;
    if (e->op[0] == 'g' && e->value != *now)
        return "reads what is not there";
    *now = done(e, *now) & num_mask(e->var->type->bits);
    return NULL;
}

bool order_holds(struct world *w)
{
    const char *why = NULL;
    struct doing *e = NULL;

    for (size_t i = 0; !*w->err && !why && i < w->order->n; i++) {
        e = &w->order->all[i];
        why = wrong(w->order, e);
    }
    if (why)
        snprintf(w->err, sizeof(w->err),
                 "packet %llu: in the order, %s of '%s' %s",
                 (unsigned long long)e->packet, e->op, e->name, why);
    return !*w->err;
}
