/* Packets that NFs make while a burst passes, and those that waited and go on
 * behind one of it: LANGUAGE.md, section 4. They lie in the worker's memory
 * until the next burst. Who gave the burst sends each behind the packet that
 * caused it, and copies what it needs for longer. */
#ifndef NFL_MADE_H
#define NFL_MADE_H

#include <nfl/session.h>

/* Room in front of a frame, to grow; its headers; their data. */
enum {
    NFL_MADE_ROOM = 128,
    NFL_MADE_HEADERS = 256,
    NFL_MADE_DATA = 1500,
    NFL_MADE_FRAME = NFL_MADE_HEADERS + NFL_MADE_DATA
};

struct nfl_made {
    struct nfl_pkt pkt;          /* as those that arrive; pkt.origin, if made */
    const struct nfl_pkt *cause; /* of the burst */
    uint16_t by;                 /* position of the NF that asked for it */
    bool back;                   /* to where its cause came from; of one that
                                    waited: from the responder */
    uint8_t side;                /* of one that waited: where it arrived */
    bool has_tuple;              /* and with which tuple, if it had one */
    struct nfl_tuple tuple;
    struct nfl_session *session; /* of one that waited, or NULL */
    uint8_t bytes[NFL_MADE_ROOM + NFL_MADE_FRAME];
};

/* After a burst: the next one that pkt caused and that leaves, or NULL. *at
 * counts those of the burst from 0 on; packets come in their order. */
static inline const struct nfl_pkt *nfl_made_next(const struct nfl_worker *w,
                                                  const struct nfl_pkt *pkt,
                                                  unsigned *at)
{
    while (*at < w->n_made && w->made[*at].cause == pkt) {
        const struct nfl_pkt *p = &w->made[(*at)++].pkt;

        if (p->out != NFL_OUT_DROP)
            return p;
    }
    return NULL;
}

#endif
