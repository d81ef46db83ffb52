/* Stands for the monitor until it lands. */
#include <nfl/tcp.h>
#include <stdlib.h>
#include <string.h>

struct nfl_tcp_pool *nfl_tcp_pool_new(uint32_t pieces)
{
    return malloc(pieces + 1);
}

void nfl_tcp_pool_free(struct nfl_tcp_pool *p)
{
    free(p);
}

void nfl_tcp_segment(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_rules *r,
                     const struct nfl_segment *seg, unsigned from,
                     unsigned watch, struct nfl_tcp_view *v, uint8_t *scratch)
{
    (void)t, (void)pool, (void)r, (void)seg, (void)watch, (void)scratch;
    memset(v, 0, sizeof(*v));
    v->from = from;
}

void nfl_tcp_sleep(struct nfl_tcp *t, struct nfl_tcp_pool *pool)
{
    (void)t, (void)pool;
}

void nfl_tcp_end(struct nfl_tcp *t, struct nfl_tcp_pool *pool)
{
    (void)t, (void)pool;
}

bool nfl_tcp_keep(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                  const struct nfl_tcp_rules *r, const struct nfl_tcp_view *v,
                  struct nfl_tcp_kept kept, unsigned slot, uint32_t at)
{
    (void)t, (void)pool, (void)r, (void)v, (void)kept, (void)slot, (void)at;
    return false;
}

void nfl_tcp_release(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_view *v, struct nfl_tcp_kept kept,
                     unsigned slot)
{
    (void)t, (void)pool, (void)v, (void)kept, (void)slot;
}

struct nfl_tcp_bytes nfl_tcp_bytes(struct nfl_tcp *t,
                                   const struct nfl_tcp_pool *pool,
                                   const struct nfl_tcp_rules *r,
                                   const struct nfl_tcp_view *v,
                                   struct nfl_tcp_kept kept, unsigned slot,
                                   uint8_t *scratch)
{
    (void)t, (void)pool, (void)r, (void)v, (void)kept, (void)slot;
    (void)scratch;
    return (struct nfl_tcp_bytes){0};
}
