/* Which shard a packet belongs to: normative, see LANGUAGE.md, "Shards". */
#include "flow/table.h"
#include <string.h>

static size_t put_addr(uint8_t *to, nfl_u128 addr, uint8_t v6)
{
    size_t len = v6 ? 16 : 4, i;

    for (i = 0; i < len; i++)
        to[i] = (uint8_t)(addr >> (8 * (len - 1 - i)));
    return len;
}

size_t nfl_endpoint_bytes(uint8_t *to, nfl_u128 addr, uint8_t v6, uint16_t port)
{
    size_t len = put_addr(to, addr, v6);

    to[len] = (uint8_t)(port >> 8);
    to[len + 1] = (uint8_t)port;
    return len + 2;
}

/* The lesser end, the greater one, the protocol. */
uint64_t nfl_tuple_hash(uint64_t seed, const struct nfl_tuple *t)
{
    uint8_t src[NFL_ENDPOINT_BYTES], dst[NFL_ENDPOINT_BYTES];
    uint8_t key[2 * NFL_ENDPOINT_BYTES + 1];
    size_t len = nfl_endpoint_bytes(src, t->src, t->v6, t->sport);
    bool less;

    nfl_endpoint_bytes(dst, t->dst, t->v6, t->dport);
    less = memcmp(src, dst, len) <= 0;
    memcpy(key, less ? src : dst, len);
    memcpy(key + len, less ? dst : src, len);
    key[2 * len] = t->proto;
    return nfl_hash(seed, key, 2 * len + 1);
}

unsigned nfl_shard_of_addr(uint64_t seed, uint32_t shards, nfl_u128 addr,
                           uint8_t v6)
{
    uint8_t key[16];

    return (unsigned)(nfl_hash(seed, key, put_addr(key, addr, v6)) % shards);
}

static unsigned shard_of_end(const struct nfl_chain *c, nfl_u128 addr,
                             uint16_t port, uint8_t v6, uint8_t proto)
{
    int owner =
        c->owner ? c->owner(c->owner_object, addr, v6, port, proto) : -1;

    if (owner >= 0)
        return (unsigned)owner;
    return nfl_shard_of_addr(c->seed, c->desc->shards, addr, v6);
}

void nfl_session_ahead(const struct nfl_chain *c, const uint64_t *w,
                       unsigned side)
{
    const struct nfl_finder *f = nfl_finder_of(c);
    uint64_t key[NFL_KEY4_WORDS];
    struct nfl_end4 e;
    uint32_t *addr = side ? &e.dst : &e.src;
    uint16_t *port = side ? &e.dport : &e.sport;

    if (!c->next || c->desc->key != (side ? NFL_KEY_RIGHT : NFL_KEY_LEFT))
        return;
    memcpy(&e, w, sizeof(e));
    if (!c->next(c->next_object,
                 shard_of_end(c, NFL_BE(32, *addr), NFL_BE(16, *port), false,
                              0), /* who has a fixed port takes none */
                 addr, port))
        return;
    memcpy(key, w, sizeof(key));
    memcpy(key, &e, sizeof(e));
    nfl_find_fetch_line(f, nfl_hash_words(f, key, false));
}

unsigned nfl_shard_of(const struct nfl_chain *c, const struct nfl_tuple *t,
                      unsigned side)
{
    if (c->desc->shards == 1)
        return 0;
    switch (c->desc->key) {
    case NFL_KEY_NONE:
        return 0;
    case NFL_KEY_TUPLE:
        return (unsigned)(nfl_tuple_hash(c->seed, t) % c->desc->shards);
    case NFL_KEY_LEFT:
    case NFL_KEY_RIGHT:
        break;
    }
    if (side == (c->desc->key == NFL_KEY_RIGHT))
        return shard_of_end(c, t->src, t->sport, t->v6, t->proto);
    return shard_of_end(c, t->dst, t->dport, t->v6, t->proto);
}
