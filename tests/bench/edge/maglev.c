/* Maglev's table, as LANGUAGE.md, Part II, section 7 has it. */
#include "edge.h"
#include <nfl/options.h>
#include <stdlib.h>

enum { SIZE = 65537, FREE = 0xffff };

static size_t put_end(uint8_t *to, uint32_t addr, uint16_t port)
{
    store32(to, addr);
    store16(to + 4, port);
    return 6;
}

static int order(const void *x, const void *y)
{
    const struct nfl_backend *a = x, *b = y;

    if (a->addr != b->addr)
        return a->addr < b->addr ? -1 : 1;
    return (int)a->port - (int)b->port;
}

struct turn {
    uint32_t at, skip, credit;
};

static void turn_init(struct turn *t, const struct nfl_backend *b)
{
    uint8_t name[6];
    size_t len = put_end(name, __builtin_bswap32((uint32_t)b->addr),
                         __builtin_bswap16(b->port));

    t->at = (uint32_t)(nfl_hash(1, name, len) % SIZE);
    t->skip = (uint32_t)(nfl_hash(2, name, len) % (SIZE - 1) + 1);
    t->credit = 0;
}

static void take_turns(struct edge *e, struct turn *turns, uint32_t most)
{
    uint32_t left = SIZE;
    unsigned i = 0;

    for (; left; i = (i + 1) % e->backends->n) {
        const struct nfl_backend *b = &e->backends->backends[i];
        struct turn *t = &turns[i];

        if (b->v6 || b->weight == 0)
            continue;
        t->credit += b->weight;
        if (t->credit < most)
            continue;
        t->credit -= most;
        while (e->pick[t->at] != FREE)
            t->at = (t->at + t->skip) % SIZE;
        e->pick[t->at] = (uint16_t)i;
        left--;
    }
}

bool edge_fill(struct edge *e)
{
    struct nfl_backends *all = e->backends;
    struct turn *turns = calloc(all->n + 1, sizeof(*turns));
    uint32_t most = 0;
    unsigned i;

    if (!turns)
        return false;
    if (all->n)
        qsort(all->backends, all->n, sizeof(*all->backends), order);
    for (i = 0; i < all->n; i++) {
        turn_init(&turns[i], &all->backends[i]);
        if (!all->backends[i].v6 && all->backends[i].weight > most)
            most = all->backends[i].weight;
    }
    if (most)
        e->pick = malloc(SIZE * sizeof(*e->pick));
    if (e->pick) {
        memset(e->pick, 0xff, SIZE * sizeof(*e->pick));
        take_turns(e, turns, most);
    }
    free(turns);
    return most == 0 || e->pick;
}

const struct nfl_backend *edge_pick(const struct edge *e, uint64_t ends,
                                    uint32_t ports, uint8_t proto)
{
    uint8_t key[13];
    size_t len;

    if (!e->pick)
        return NULL;
    len = put_end(key, (uint32_t)ends, (uint16_t)ports);
    len += put_end(key + len, (uint32_t)(ends >> 32), (uint16_t)(ports >> 16));
    key[len++] = proto;
    return &e->backends->backends[e->pick[nfl_hash(0, key, len) % SIZE]];
}
