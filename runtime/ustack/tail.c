/* Bytes for readers on other cores: a ring, which is as free as the slowest of
 * them says. */
#include "flow/memory.h"

#include <nfl/tcp_snap.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LINE = 64 };

struct reader { /* a line of the cache each */
    _Alignas(LINE) _Atomic uint32_t done;
};

struct nfl_tcp_tail {
    uint8_t *bytes;
    uint32_t size, head;
    uint32_t least; /* that all had released when it was last looked at */
    unsigned readers;
    struct reader *reader;
};

struct nfl_tcp_tail *nfl_tcp_tail_new(uint32_t bytes, unsigned readers)
{
    struct nfl_tcp_tail *tail = calloc(1, sizeof(*tail));

    if (!tail)
        return NULL;
    tail->size = bytes;
    tail->readers = readers;
    tail->bytes = nfl_memory_new(bytes, 1);
    tail->reader = nfl_memory_new(readers, sizeof(*tail->reader));
    if (!tail->bytes || !tail->reader) {
        nfl_tcp_tail_free(tail);
        return NULL;
    }
    return tail;
}

void nfl_tcp_tail_free(struct nfl_tcp_tail *tail)
{
    if (!tail)
        return;
    nfl_memory_free(tail->bytes, tail->size, 1);
    nfl_memory_free(tail->reader, tail->readers, sizeof(*tail->reader));
    free(tail);
}

/* The acquire pairs with the release of who has read: its reads are over before
 * others' bytes are written there. */
static uint32_t least_done(const struct nfl_tcp_tail *tail)
{
    uint32_t least = tail->head, done;
    unsigned i;

    for (i = 0; i < tail->readers; i++) {
        done =
            atomic_load_explicit(&tail->reader[i].done, memory_order_acquire);
        if (tail->head - done > tail->head - least)
            least = done;
    }
    return least;
}

static bool has_room(struct nfl_tcp_tail *tail, uint32_t n)
{
    if (n > tail->size)
        return false;
    if (tail->head - tail->least <= tail->size - n)
        return true;
    tail->least = least_done(tail);
    return tail->head - tail->least <= tail->size - n;
}

struct nfl_tcp_parts nfl_tcp_tail_get(const struct nfl_tcp_tail *tail,
                                      uint32_t at, uint32_t n)
{
    uint32_t in = at & (tail->size - 1), to_end = tail->size - in;
    uint32_t first = n < to_end ? n : to_end;

    return (struct nfl_tcp_parts){.p = {tail->bytes + in, tail->bytes},
                                  .len = {first, n - first}};
}

bool nfl_tcp_tail_put(struct nfl_tcp_tail *tail, const uint8_t *bytes,
                      uint32_t n, uint32_t *at)
{
    struct nfl_tcp_parts to;

    if (!has_room(tail, n))
        return false;
    *at = tail->head;
    if (!n)
        return true;
    to = nfl_tcp_tail_get(tail, tail->head, n);
    memcpy((uint8_t *)to.p[0], bytes, to.len[0]);
    memcpy((uint8_t *)to.p[1], bytes + to.len[0], to.len[1]);
    tail->head += n;
    return true;
}

void nfl_tcp_tail_release(struct nfl_tcp_tail *tail, unsigned reader,
                          uint32_t at)
{
    atomic_store_explicit(&tail->reader[reader].done, at, memory_order_release);
}
