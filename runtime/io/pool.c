#include "io/pool.h"
#include "ctl/say.h"
#include <rte_errno.h>

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
