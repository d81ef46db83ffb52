/* Tuples, and what the NFs of a chain make of them: LANGUAGE.md, "Sessions". */
#include "interp/packet.h"
#include "interp/session.h"
#include "interp/world.h"

/* ---- tuples ---- */

bool tuple_same(const struct nfl_tuple *a, const struct nfl_tuple *b)
{
    return a->src == b->src && a->dst == b->dst && a->sport == b->sport &&
           a->dport == b->dport && a->proto == b->proto && a->v6 == b->v6;
}

struct nfl_tuple tuple_reverse(const struct nfl_tuple *t)
{
    return (struct nfl_tuple){
        .src = t->dst,
        .dst = t->src,
        .sport = t->dport,
        .dport = t->sport,
        .proto = t->proto,
        .v6 = t->v6,
    };
}

static num_t tuple_get(const struct nfl_tuple *t, enum role r)
{
    switch (r) {
    case ROLE_SRC:
        return t->src;
    case ROLE_DST:
        return t->dst;
    case ROLE_SPORT:
        return t->sport;
    case ROLE_DPORT:
        return t->dport;
    default:
        return t->proto;
    }
}

static void tuple_translate(struct nfl_tuple *t, const struct translation *tr)
{
    if (tr->set[ROLE_SRC])
        t->src = tr->to.src;
    if (tr->set[ROLE_DST])
        t->dst = tr->to.dst;
    if (tr->set[ROLE_SPORT])
        t->sport = tr->to.sport;
    if (tr->set[ROLE_DPORT])
        t->dport = tr->to.dport;
}

/* ---- the way of the initiator's packets ---- */

/* The place in the chain of the i-th NF that they pass. */
static unsigned nth_position(const struct session *s, unsigned i)
{
    return s->chain->order[s->side][i];
}

struct nfl_tuple session_tuple(const struct session *s, unsigned position)
{
    struct nfl_tuple t = s->t0;

    for (unsigned i = 0; nth_position(s, i) != position; i++)
        tuple_translate(&t, &s->translation[nth_position(s, i)]);
    return t;
}

static struct nfl_tuple last_tuple(const struct session *s)
{
    struct nfl_tuple t = s->t0;

    for (unsigned i = 0; i < s->chain->n; i++)
        tuple_translate(&t, &s->translation[nth_position(s, i)]);
    return t;
}

/* ---- translations ---- */

static bool has_part(const struct session *s, enum role r)
{
    if (r == ROLE_SPORT)
        return s->has_port[0];
    if (r == ROLE_DPORT)
        return s->has_port[1];
    return true;
}

/* Whether answers to s would be found as another session's, or belong to
 * another shard. */
static bool taken(const struct world *w, const struct session *s)
{
    struct nfl_tuple answer = tuple_reverse(&s->tn);
    const struct port *port = s->chain->chain->port[1 - s->side];
    unsigned side;
    bool back;

    for (unsigned i = 0; i < w->n_passages; i++) {
        const struct passage *c = &w->passages[i];

        if (c != s->chain && chain_enters(c->chain, port, &side) &&
            session_find(c, &answer, side, &back))
            return true;
    }
    if (shard_of(w, s->chain, &answer, 1 - s->side) != s->shard)
        return true;
    return session_find(s->chain, &answer, 1 - s->side, &back) != s;
}

bool session_rewrite(struct world *w, struct session *s, unsigned position,
                     const struct translation *add)
{
    struct translation before = s->translation[position];
    struct translation *tr = &s->translation[position];
    struct nfl_tuple tn = s->tn;
    uint64_t since = s->tn_since;

    for (int r = 0; r < ROLE_N; r++) {
        if (add->set[r] && !has_part(s, (enum role)r))
            return false;
    }
    if ((add->set[ROLE_SRC] || add->set[ROLE_DST]) && add->to.v6 != s->t0.v6)
        return false;
    tuple_translate(&tr->to, add);
    for (int r = 0; r < ROLE_N; r++)
        tr->set[r] = tr->set[r] || add->set[r];
    s->tn = last_tuple(s);
    if (!tuple_same(&s->tn, &tn))
        s->tn_since = ++w->tn_changes;
    if (!taken(w, s))
        return true;
    *tr = before;
    s->tn = tn;
    s->tn_since = since;
    return false;
}

void session_translate(const struct session *s, unsigned position,
                       struct packet *p)
{
    const struct translation *tr = &s->translation[position];

    for (int r = 0; r < ROLE_N; r++) {
        if (tr->set[r])
            role_set(p, (enum role)r, tuple_get(&tr->to, (enum role)r));
    }
}

/* Which part of an answer holds what was translated. */
static enum role answered(enum role r)
{
    switch (r) {
    case ROLE_SRC:
        return ROLE_DST;
    case ROLE_DST:
        return ROLE_SRC;
    case ROLE_SPORT:
        return ROLE_DPORT;
    default:
        return ROLE_SPORT;
    }
}

void session_undo(const struct session *s, unsigned position, struct packet *p)
{
    const struct translation *tr = &s->translation[position];
    struct nfl_tuple t = session_tuple(s, position);

    for (int r = 0; r < ROLE_N; r++) {
        if (tr->set[r])
            role_set(p, answered((enum role)r), tuple_get(&t, (enum role)r));
    }
}
