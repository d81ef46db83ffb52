/* Preloaded: of each pool of packet buffers, NFL_KEEP are taken and never come
 * back, as if a path through the program had forgotten them.
 *     gcc -shared -fPIC $(pkg-config --cflags libdpdk) -o keepbuf.so keepbuf.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <rte_mbuf.h>
#include <stdlib.h>

typedef struct rte_mempool *create(const char *name, unsigned n, unsigned cache,
                                   uint16_t priv, uint16_t room, int socket);

struct rte_mempool *rte_pktmbuf_pool_create(const char *name, unsigned n,
                                            unsigned cache, uint16_t priv,
                                            uint16_t room, int socket)
{
    create *real = (create *)dlsym(RTLD_NEXT, "rte_pktmbuf_pool_create");
    struct rte_mempool *pool = real(name, n, cache, priv, room, socket);
    const char *s = getenv("NFL_KEEP");
    int left = s ? atoi(s) : 0;

    while (pool && left-- > 0)
        rte_pktmbuf_alloc(pool);
    return pool;
}
