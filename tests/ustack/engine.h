/* A TCP monitor as the tests see it, so that each test runs over every one:
 * the interpreter's and the runtime's.
 *
 * Numbers are in host byte order; what a packet holds lies as it came. */
#ifndef NFL_TESTS_ENGINE_H
#define NFL_TESTS_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

enum { SLOTS = 2 }; /* of those who keep bytes */

#define SIGN(name, number, sentence) SIGN_##name = (number),
enum sign {
#include <nfl/tcp_sign.def>
};
#undef SIGN
#define BIT(name) ((uint64_t)1 << SIGN_##name)

struct rules {
    uint32_t ahead, keep, unacked; /* bytes */
    unsigned overlap;              /* linux first last bsd windows solaris */
    bool ignore;                   /* what began before */
    bool trust_sums;
    uint64_t pieces; /* of the pool */
};

struct wire { /* a TCP segment as it lies in its packet */
    const uint8_t *tcp;
    uint32_t tcp_len; /* as the IP lengths say, or, if cut, what is there */
    uint32_t payload; /* bytes of it */
    const uint8_t *addr;
    unsigned addr_len; /* of both: 8 or 32 */
    bool cut, reuses;
};

struct said { /* pointers: until the next call */
    uint64_t signs;
    bool watched; /* what follows counts only then */
    const uint8_t *fresh;
    uint32_t fresh_len;
    uint64_t fresh_offset;
    uint32_t gap;
    const uint8_t *was, *now;
    uint32_t conflict_len;
    const uint8_t *first; /* bytes that came first, of the payload from */
    uint32_t first_at, first_len;
};

struct kept { /* what a slot's owner sees */
    const uint8_t *p;
    uint32_t len, fresh;
    uint64_t offset;
};

struct engine {
    const char *name;
    /* A shard with its pool. */
    void *(*shard)(const struct rules *r);
    void (*shard_free)(void *shard);
    uint64_t (*pieces)(const void *shard); /* that are left */
    /* A connection of the shard, not seen so far. */
    void *(*open)(void *shard);
    void (*end)(void *connection);
    void (*segment)(void *connection, const struct wire *w, unsigned from,
                    unsigned watch, struct said *said);
    void (*sleep)(void *connection);
    /* Of the latest segment's sender. */
    struct kept (*bytes)(void *connection, unsigned slot);
    bool (*keep)(void *connection, unsigned slot, uint32_t at);
    void (*release)(void *connection, unsigned slot);
    /* Before the segment is seen: must it wait? */
    bool (*early)(void *connection, const struct wire *w, unsigned from,
                  unsigned watch);
    /* Of the latest segment: what the slot's owner sees, with what those of the
     * slots up to it changed; it changes some of that; and what it changed
     * before is changed again in the payload. */
    struct kept (*changed)(void *connection, unsigned slot);
    bool (*change)(void *connection, unsigned slot, uint32_t at,
                   const uint8_t *bytes, uint32_t n);
    void (*again)(void *connection, unsigned slot, uint8_t *payload);
};

extern const struct engine engine_naive, engine_fast, engine_plain;

/* Of a connection of engine_naive. */
struct tcp;
const struct tcp *engine_naive_tcp(const void *connection);

/* Of a connection of engine_fast: what lies in the session, and the view of the
 * latest segment. */
struct nfl_tcp;
struct nfl_tcp_view;
const struct nfl_tcp *engine_fast_tcp(const void *connection);
const struct nfl_tcp_view *engine_fast_view(const void *connection);

/* All there are, up to a NULL. */
extern const struct engine *const engines[];

#endif
