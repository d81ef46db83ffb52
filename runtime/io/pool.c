#include "io/pool.h"
#include "ctl/say.h"
#include <rte_errno.h>
#include <string.h>

enum { CACHE = 64 };

/* A buffer's length has 16 bits: the longest frames get less head-room. */
static uint16_t room(uint32_t frame_max)
{
    uint32_t want = RTE_PKTMBUF_HEADROOM + frame_max;

    return want < UINT16_MAX ? (uint16_t)want : UINT16_MAX;
}

struct rte_mempool *nfl_pool_new(const char *name, unsigned n,
                                 uint32_t frame_max)
{
    struct rte_mempool *pool = rte_pktmbuf_pool_create(
        name, n, n >= 2 * CACHE ? CACHE : 0, 0, room(frame_max), SOCKET_ID_ANY);

    if (!pool)
        nfl_error("no memory for %u packet buffers of %u bytes: %s; give DPDK "
                  "more with --eal '-m MEGABYTES'",
                  n, room(frame_max), rte_strerror(rte_errno));
    return pool;
}

bool nfl_pool_free(struct rte_mempool *pool, unsigned kept)
{
    unsigned lost;

    if (!pool)
        return true;
    lost = rte_mempool_in_use_count(pool);
    if (lost > kept)
        nfl_error("%u packet buffer%s did not come back; this is a bug in nflc",
                  lost, lost == 1 ? "" : "s");
    else
        rte_mempool_free(pool);
    return lost <= kept;
}

static void discard(void *buffer)
{
    rte_pktmbuf_free(buffer);
}

static bool grow(struct nfl_pkt *p, uint32_t len)
{
    const struct rte_mbuf *m = p->buffer;

    return (size_t)(p->data - (uint8_t *)m->buf_addr) + len <= m->buf_len;
}

const struct nfl_inlet_buffers nfl_pool_buffers = {discard, grow};

/* Bits that are not as in a buffer of the pool, of one segment, that nothing
 * else refers to. */
static uint64_t unlike(const struct rte_mbuf *m, const struct rte_mempool *pool)
{
    const uint16_t one[] = {1, 1};
    uint32_t is, want;

    _Static_assert(offsetof(struct rte_mbuf, nb_segs) ==
                       offsetof(struct rte_mbuf, refcnt) + sizeof(m->refcnt),
                   "references and segments lie side by side");
    memcpy(&is, (const uint8_t *)m + offsetof(struct rte_mbuf, refcnt),
           sizeof(is));
    memcpy(&want, one, sizeof(want));
    return ((uintptr_t)m->pool ^ (uintptr_t)pool) | (uintptr_t)m->next |
           (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) |
           (is ^ want);
}

void nfl_pool_give(struct rte_mbuf **m, unsigned n)
{
    void *list[NFL_BURST];
    uint64_t others = 0;
    unsigned i;

    if (n == 0)
        return;
    for (i = 0; i < n; i++) {
        others |= unlike(m[i], m[0]->pool);
        list[i] = m[i];
    }
    if (others)
        rte_pktmbuf_free_bulk(m, n);
    else
        rte_mempool_put_bulk(m[0]->pool, list, n);
}
