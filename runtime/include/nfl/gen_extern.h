/* What wrappers of extern C functions need. Only gen.h includes this. */
#ifndef NFL_GEN_EXTERN_H
#define NFL_GEN_EXTERN_H

NFLG_FN void *nflg_state(void *object, unsigned shard)
{
    const struct nfl_extern *x = object;

    return x->state[x->n == 1 ? 0 : shard];
}

NFLG_FN void *nflg_scratch(void *object, const struct nfl_ctx *c)
{
    const struct nfl_extern *x = object;

    return x->scratch[c->worker->index];
}

/* The low `n` bytes of v, in network order. */
NFLG_FN const uint8_t *nflg_wide(uint8_t *to, nfl_u128 v, unsigned n)
{
    while (n-- > 0) {
        to[n] = (uint8_t)v;
        v >>= 8;
    }
    return to;
}

NFLG_FN uint32_t nflg_addr_len(struct nfl_ipaddr a)
{
    return a.v6 ? 16 : 4;
}

#endif
