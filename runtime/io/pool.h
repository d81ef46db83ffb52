/* Packet buffers, and packets as emitted code sees them. */
#ifndef NFL_IO_POOL_H
#define NFL_IO_POOL_H

#include "flow/inlet.h"
#include <nfl/pkt.h>
#include <rte_mbuf.h>

/* Room for frames of that length, linear. NULL after printing why. */
struct rte_mempool *nfl_pool_new(const char *name, unsigned n,
                                 uint32_t frame_max);
/* False, after a line, if more buffers are missing than the driver may have
 * kept. */
bool nfl_pool_free(struct rte_mempool *pool, unsigned kept);

/* Gives back buffers that nothing else refers to, as those of a burst that were
 * dropped: all at once, if they are of one pool. n: at most NFL_BURST. */
void nfl_pool_give(struct rte_mbuf **m, unsigned n);

/* Buffers of a pool, for those who put fragments together. */
extern const struct nfl_inlet_buffers nfl_pool_buffers;

/* The packet in a buffer of one segment. */
static inline void nfl_pkt_of(struct nfl_pkt *p, struct rte_mbuf *m,
                              uint16_t port, uint64_t time)
{
    p->data = rte_pktmbuf_mtod(m, uint8_t *);
    p->len = m->data_len;
    p->headroom = m->data_off;
    p->port = port;
    p->out = NFL_OUT_DROP;
    p->reason = 0;
    p->origin = NFL_ARRIVED;
    p->later = 0;
    p->sum_good = (m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) ==
                  RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    p->time = time;
    p->number = 0;
    p->buffer = m;
    p->cut = 0;
    p->joined = 0;
}

/* What the chain made of it, back into the buffer. */
static inline struct rte_mbuf *nfl_pkt_buffer(const struct nfl_pkt *p)
{
    struct rte_mbuf *m = (struct rte_mbuf *)p->buffer;

    m->data_off = (uint16_t)(p->data - (uint8_t *)m->buf_addr);
    m->data_len = (uint16_t)p->len;
    m->pkt_len = p->len;
    return m;
}

#endif
