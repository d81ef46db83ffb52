/* Sessions: finding, opening, ending. */
#include "interp/session.h"
#include "base/mem.h"
#include "interp/early.h"
#include "interp/exec.h"
#include "interp/monitor.h"
#include "interp/packet.h"
#include "interp/wait.h"
#include "interp/world.h"
#include <stdlib.h>

/* ---- finding ---- */

/* As the initiator's packets: by T0. */
static struct session *find_initiator(const struct passage *c,
                                      const struct nfl_tuple *t, unsigned side)
{
    struct session *s;

    LIST_EACH (s, &c->sessions) {
        if (tuple_same(&s->t0, t) && (!c->chain->two_way || s->side == side))
            return s;
    }
    return NULL;
}

/* As the responder's: by the reverse of Tn; who had it first. */
static struct session *find_responder(const struct passage *c,
                                      const struct nfl_tuple *t, unsigned side)
{
    struct nfl_tuple back = tuple_reverse(t);
    struct session *s, *first = NULL;

    LIST_EACH (s, &c->sessions) {
        if (!tuple_same(&s->tn, &back) ||
            (c->chain->two_way && s->side == side))
            continue;
        if (!first || s->tn_since < first->tn_since)
            first = s;
    }
    return first;
}

struct session *session_find(const struct passage *c, const struct nfl_tuple *t,
                             unsigned side, bool *back)
{
    struct session *s = find_initiator(c, t, side);

    *back = false;
    if (!s) {
        s = find_responder(c, t, side);
        *back = s != NULL;
    }
    return s;
}

struct session *session_numbered(const struct passage *c, uint64_t number)
{
    struct session *s;

    LIST_EACH (s, &c->sessions)
        if (s->number == number)
            return s;
    return NULL;
}

/* ---- ending ---- */

static void session_free(struct session *s)
{
    struct lease *l, *after;

    monitor_forgets(s);
    for (l = s->leases.first; l; l = after) {
        after = l->next;
        free(l);
    }
    for (unsigned i = 0; i < s->chain->n; i++)
        free(s->vars[i]);
    free(s->vars);
    free(s->dropped);
    free(s->seen);
    free(s->exit);
    free(s->settled);
    free(s->translation);
    free(s);
}

static void take_out(struct passage *c, struct session *s)
{
    struct session *before = NULL, *x;

    for (x = c->sessions.first; x != s; x = x->next)
        before = x;
    if (before)
        before->next = s->next;
    else
        c->sessions.first = s->next;
    if (c->sessions.last == s)
        c->sessions.last = before;
    c->sessions.n--;
}

void session_end(struct world *w, struct session *s)
{
    struct lease *l;

    passage_end(w, s);
    waiting_forget(w, s);
    early_forget(w, s);
    LIST_EACH (l, &s->leases) {
        l->release(l->object, s, l->value);
    }
    s->chain->ended++;
    take_out(s->chain, s);
    session_free(s);
}

struct session *session_due(const struct world *w)
{
    struct session *s, *due = NULL;

    for (unsigned i = 0; i < w->n_passages; i++) {
        LIST_EACH (s, &w->passages[i].sessions) {
            if (s->expires > w->now)
                continue;
            if (!due || s->expires < due->expires ||
                (s->expires == due->expires && s->chain == due->chain &&
                 s->armed < due->armed))
                due = s;
        }
    }
    return due;
}

/* Of those armed behind `after` the first, or NULL. */
static struct session *next_armed(const struct passage *c, uint64_t after)
{
    struct session *s, *next = NULL;

    LIST_EACH (s, &c->sessions) {
        if (s->armed > after && (!next || s->armed < next->armed))
            next = s;
    }
    return next;
}

static bool told_of_stop(const struct passage *c)
{
    const struct handler *h;

    for (unsigned i = 0; i < c->n; i++)
        LIST_EACH (h, &c->stations[i].at->nf->handlers)
            if (h->raiser == RAISE_STOP)
                return true;
    return false;
}

void sessions_stop(struct world *w)
{
    for (unsigned i = 0; i < w->n_passages; i++) {
        const struct passage *c = &w->passages[i];
        struct session *s = told_of_stop(c) ? next_armed(c, 0) : NULL;

        for (; s; s = next_armed(c, s->armed))
            passage_stop(w, s);
    }
}

void sessions_free(struct passage *c)
{
    struct session *s, *after;

    for (s = c->sessions.first; s; s = after) {
        after = s->next;
        session_free(s);
    }
    c->sessions.first = c->sessions.last = NULL;
}

/* ---- opening ---- */

/* Whom the policy of a full shard ends, or NULL. */
static struct session *victim(const struct passage *c, unsigned shard)
{
    struct session *s, *found = NULL;

    if (c->turning || c->chain->full == FULL_REFUSE)
        return NULL;
    LIST_EACH (s, &c->sessions) {
        if (s->shard != shard)
            continue;
        if (!found ||
            (c->chain->full == FULL_IDLE && s->expires < found->expires))
            found = s;
    }
    return found;
}

/* False if the shard has no room and none can be made. */
static bool make_room(struct world *w, struct passage *c, unsigned shard)
{
    uint64_t n = 0, size = shard_share((uint64_t)c->chain->flows,
                                       c->chain->shards, shard);
    struct session *s;

    LIST_EACH (s, &c->sessions) {
        n += s->shard == shard;
    }
    if (n < size)
        return true;
    s = victim(c, shard);
    if (!s) {
        c->refused++;
        return false;
    }
    c->evicted++;
    c->evicting = true;
    session_end(w, s);
    c->evicting = false;
    return true;
}

static struct session *open_session(struct world *w, struct passage *c,
                                    const struct packet *p, unsigned side)
{
    unsigned shard = shard_of(w, c, &p->tuple, side);
    struct session *s;

    if (!make_room(w, c, shard))
        return NULL;
    s = mem_zeroed(1, sizeof(*s));
    s->chain = c;
    s->t0 = s->tn = p->tuple;
    s->tn_since = ++w->tn_changes;
    s->side = side;
    s->shard = shard;
    s->config_age = c->config_age;
    s->has_port[0] = p->role[ROLE_SPORT].layer != NULL;
    s->has_port[1] = p->role[ROLE_DPORT].layer != NULL;
    s->translation = mem_zeroed(c->n, sizeof(*s->translation));
    s->seen = mem_zeroed(c->n, sizeof(*s->seen));
    s->exit = mem_zeroed(c->n, sizeof(*s->exit));
    s->settled = mem_zeroed(c->n, sizeof(*s->settled));
    s->dropped = mem_zeroed(c->n, sizeof(*s->dropped));
    s->vars = mem_zeroed(c->n, sizeof(*s->vars));
    for (unsigned i = 0; i < c->n; i++)
        s->vars[i] =
            mem_zeroed(c->stations[i].at->nf->vars.n, sizeof(struct ival));
    LIST_ADD(&c->sessions, s);
    s->number = ++c->opened;
    return s;
}

static uint64_t timeout(const struct session *s)
{
    const struct chain *c = s->chain->chain;

    switch (s->phase) {
    case PHASE_OPENING:
        return (uint64_t)c->opening;
    case PHASE_CLOSING:
        return (uint64_t)c->closing;
    default:
        return (uint64_t)chain_idle(c, s->t0.proto);
    }
}

struct session *session_of(struct world *w, struct passage *c,
                           const struct packet *p, unsigned side, bool *back)
{
    struct session *s = session_find(c, &p->tuple, side, back);
    bool first = false;

    if (s && s->shard != shard_of(w, c, &p->tuple, side))
        abort(); /* LANGUAGE.md, "Shards": it has one, known by the tuple */
    if (s && s != c->kept && s->phase == PHASE_CLOSING &&
        packet_is_bare_syn(p)) {
        c->reused_at = w->packets;
        session_end(w, s);
        s = NULL;
    }
    if (!s) {
        s = open_session(w, c, p, side);
        if (!s)
            return NULL;
        first = true;
        *back = false;
    }
    session_lifetime(s, p, *back ? 1 : 0, first);
    s->expires = w->now + timeout(s);
    s->armed = ++w->armings;
    return s;
}

void session_lease(struct session *s, const struct lease *l)
{
    struct lease *own = mem_zeroed(1, sizeof(*own));

    *own = *l;
    LIST_ADD(&s->leases, own);
}
