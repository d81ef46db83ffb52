/* A packet that is put away with what belongs to it, and comes back behind
 * another one: queue.c, early.c. */
#ifndef NFL_FLOW_AWAY_H
#define NFL_FLOW_AWAY_H

#include <nfl/ctx.h>
#include <nfl/made.h>

struct nfl_away {
    struct nfl_session *session; /* NULL: it has no flow */
    uint32_t len;
    uint16_t port;         /* where it arrived */
    uint16_t by;           /* position of the NF */
    uint16_t sport, dport; /* of a later fragment, as nfl_pkt */
    uint8_t later, proto, origin;
    uint32_t cut_id; /* of a whole datagram, as nfl_pkt */
    uint16_t cut;
    uint8_t joined;
    uint8_t side;
    bool back;
    bool has_tuple; /* with which it arrived */
    struct nfl_tuple tuple;
};

/* A copy of the packet at hand, of at most NFL_MADE_FRAME, which arrived with
 * the tuple t (NULL: with none). */
void nfl_away_put(struct nfl_away *x, uint8_t *bytes, const struct nfl_ctx *c,
                  const struct nfl_pkt *p, const struct nfl_tuple *t);

/* It comes back behind w->behind, as the last of what was made so far: what it
 * makes goes on behind it, and all before it has. */
struct nfl_made *nfl_away_back(struct nfl_worker *w, const struct nfl_away *x,
                               const uint8_t *bytes);

#endif
