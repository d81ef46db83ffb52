/* Which shard a packet belongs to: LANGUAGE.md, "Shards". */
#include "interp/hash.h"
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <string.h>

uint64_t shard_share(uint64_t n, unsigned shards, unsigned s)
{
    return n / shards + (s < n % shards ? 1 : 0);
}

/* Appends a number of n bytes in network order. */
static size_t put(uint8_t *to, size_t at, num_t v, unsigned n)
{
    bits_set(to + at, 0, n * 8, v);
    return at + n;
}

static uint64_t hash_of_tuple(const struct world *w, const struct nfl_tuple *t)
{
    unsigned addr = t->v6 ? 16 : 4;
    uint8_t a[18], b[18], all[37];
    size_t n = put(a, put(a, 0, t->src, addr), t->sport, 2);
    bool a_first;

    put(b, put(b, 0, t->dst, addr), t->dport, 2);
    a_first = memcmp(a, b, n) <= 0;
    memcpy(all, a_first ? a : b, n);
    memcpy(all + n, a_first ? b : a, n);
    put(all, 2 * n, t->proto, 1);
    return siphash13(w->seed, ~w->seed, all, 2 * n + 1);
}

bool packet_hash(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;

    if (m->packet->has_flow)
        result->u = (uint32_t)hash_of_tuple(m->world, &m->packet->tuple);
    return true;
}

unsigned shard_of_address(const struct world *w, unsigned shards, num_t addr,
                          bool v6)
{
    uint8_t bytes[16];
    size_t n = put(bytes, 0, addr, v6 ? 16 : 4);

    return (unsigned)(siphash13(w->seed, ~w->seed, bytes, n) % shards);
}

/* The shard that owns an end of the flow, or -1. */
static int owner_of(const struct passage *c, num_t addr, bool v6, unsigned port,
                    unsigned proto)
{
    const struct thing *th;
    int shard;

    for (unsigned i = 0; i < c->n; i++) {
        LIST_EACH (th, &c->stations[i].things) {
            if (!th->kind->owner)
                continue;
            shard = th->kind->owner(th->self, addr, v6, port, proto);
            if (shard >= 0)
                return shard;
        }
    }
    return -1;
}

unsigned shard_of(const struct world *w, const struct passage *c,
                  const struct nfl_tuple *t, unsigned side)
{
    unsigned end = c->chain->key == KEY_LEFT ? 0 : 1;
    int owner;

    if (c->chain->key == KEY_NONE)
        return 0;
    if (c->chain->key == KEY_TUPLE)
        return (unsigned)(hash_of_tuple(w, t) % c->chain->shards);
    owner = side == end ? owner_of(c, t->src, t->v6, t->sport, t->proto)
                        : owner_of(c, t->dst, t->v6, t->dport, t->proto);
    if (owner >= 0)
        return (unsigned)owner;
    return shard_of_address(w, c->chain->shards, side == end ? t->src : t->dst,
                            t->v6);
}
