/* What NFs emit while a packet, a flow without one, or a timer is under way.
 * Only gen.h includes this. */
#ifndef NFL_GEN_EVENT_H
#define NFL_GEN_EVENT_H

/* Before the fields of each emitted event. */
struct nflg_event {
    uint64_t next;  /* NFs further down (bit = position) that get it */
    uint64_t later; /* who gets it when what is under way has left */
    uint16_t kind;  /* which event of the chain's */
};

/* Before the list of them. The compiler has counted how many there can be. */
struct nflg_events {
    uint64_t due; /* NFs for which something waits */
    unsigned n;
} __attribute__((aligned(16)));

NFLG_FN void nflg_events_begin(struct nfl_ctx *c, struct nflg_events *ev)
{
    ev->due = 0;
    ev->n = 0;
    c->events = ev;
}

NFLG_FN void *nflg_emit_to(const struct nfl_ctx *c, size_t bytes, unsigned kind,
                           uint64_t next, uint64_t takers)
{
    struct nflg_events *ev = (struct nflg_events *)c->events;
    uint8_t *at = (uint8_t *)(ev + 1) + ev->n++ * bytes;
    struct nflg_event *e = (struct nflg_event *)(void *)at;

    e->next = next;
    e->later = takers & ~next;
    e->kind = (uint16_t)kind;
    ev->due |= e->next;
    return e;
}

/* left, right: those of the takers that are further down for what comes from
 * there. */
NFLG_FN void *nflg_emit(const struct nfl_ctx *c, size_t bytes, unsigned kind,
                        uint64_t left, uint64_t right, uint64_t takers)
{
    return nflg_emit_to(c, bytes, kind, c->side ? right : left, takers);
}

/* The same in a chain with branches, where answers go back on the way of their
 * flow. */
NFLG_FN void *nflg_emit_way(const struct nfl_ctx *c, size_t bytes,
                            unsigned kind, uint64_t left, uint64_t right,
                            uint64_t takers)
{
    uint64_t next = c->side != c->back ? right : left;

    if (c->back)
        next = takers & ~next & ~((uint64_t)1 << c->nf);
    return nflg_emit_to(c, bytes, kind, next, takers);
}

/* True if something waits for an NF. */
NFLG_FN bool nflg_waits(const struct nfl_ctx *c, unsigned nf)
{
    return ((const struct nflg_events *)c->events)->due >> nf & 1;
}

/* The NF at hand takes all that waits for it. */
NFLG_FN void nflg_taken(const struct nfl_ctx *c)
{
    ((struct nflg_events *)c->events)->due &= ~((uint64_t)1 << c->nf);
}

/* True, once, if the event waits for the NF at hand. */
NFLG_FN bool nflg_takes(const struct nfl_ctx *c, struct nflg_event *e)
{
    uint64_t bit = (uint64_t)1 << c->nf;

    if (!(e->next & bit))
        return false;
    e->next &= ~bit;
    return true;
}

/* It is the turn of those who get the event late; false if nobody does. */
NFLG_FN bool nflg_late(const struct nfl_ctx *c, struct nflg_event *e)
{
    e->next = e->later;
    e->later = 0;
    ((struct nflg_events *)c->events)->due |= e->next;
    return e->next != 0;
}

NFLG_FN bool nflg_awake(const struct nfl_ctx *c, unsigned bit)
{
    return c->awake >> bit & 1;
}

NFLG_FN bool nflg_traced(const struct nfl_ctx *c)
{
    return __builtin_expect(c->worker->trace != NULL, 0);
}

NFLG_COLD void nflg_trace_emit(const struct nfl_ctx *c, const char *event,
                               unsigned line, const struct nfl_field *fields,
                               unsigned n)
{
    const struct nfl_chain_desc *d = c->chain->desc;
    struct nfl_tuple t0;

    if (c->session)
        t0 = nfl_session_t0(d, c->session);
    nfl_trace_emit(c->worker->trace, c->worker->packets, c->worker->now,
                   d->name, d->nfs[c->nf].name, event, line,
                   c->session ? &t0 : NULL, fields, n);
}

#endif
