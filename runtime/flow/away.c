#include "flow/away.h"
#include <string.h>

void nfl_away_put(struct nfl_away *x, uint8_t *bytes, const struct nfl_ctx *c,
                  const struct nfl_pkt *p, const struct nfl_tuple *t)
{
    x->has_tuple = t != NULL;
    if (t)
        x->tuple = *t;
    x->session = c->session;
    x->len = p->len;
    x->port = p->port;
    x->by = (uint16_t)c->nf;
    x->origin = p->origin;
    x->later = p->later;
    x->proto = p->proto;
    x->sport = p->later ? p->sport : 0;
    x->dport = p->later ? p->dport : 0;
    x->cut = p->cut;
    x->cut_id = p->cut_id;
    x->joined = p->joined;
    x->side = (uint8_t)c->side;
    x->back = c->back;
    if (p->len)
        memcpy(bytes, p->data, p->len);
}

struct nfl_made *nfl_away_back(struct nfl_worker *w, const struct nfl_away *x,
                               const uint8_t *bytes)
{
    struct nfl_made *m = &w->made[w->n_made++];

    w->n_passed = w->n_made;
    m->cause = w->behind;
    m->session = x->session;
    m->by = x->by;
    m->side = x->side;
    m->back = x->back;
    m->has_tuple = x->has_tuple;
    m->tuple = x->tuple;
    m->pkt = (struct nfl_pkt){
        .data = m->bytes + NFL_MADE_ROOM,
        .len = x->len,
        .headroom = NFL_MADE_ROOM,
        .port = x->port,
        .origin = x->origin,
        .sport = x->sport,
        .dport = x->dport,
        .later = x->later,
        .proto = x->proto,
        .cut = x->cut,
        .cut_id = x->cut_id,
        .joined = x->joined,
        .time = w->behind->time,
        .number = w->behind->number,
    };
    if (x->len)
        memcpy(m->pkt.data, bytes, x->len);
    return m;
}
