/* A bed for rules: packets that are made, chunks of one flow, and the sids of
 * what is alerted, in order. */
#ifndef SNORT_BED_H_
#define SNORT_BED_H_

#include "snort_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bed {
    struct nfs_engine *e;
    struct nfs_shard *shard;
    struct nfs_scratch *scratch;
    struct nfs_flow *flow;
    uint64_t time;
    unsigned verdict;
    char sids[256]; /* "1 2 3" since it was asked last */
};

static inline struct bed *bed_new(const char *rules, uint32_t flows,
                                  uint32_t window)
{
    struct bed *b = calloc(1, sizeof(*b));
    char err[4096];
    struct nfs_rules *rs = nfs_rules_read(rules, (uint32_t)strlen(rules), "",
                                          false, err, sizeof(err));

    if (!rs)
        fail_msg("%s", err);
    b->e = nfs_engine_new(rs, err, sizeof(err));
    if (!b->e)
        fail_msg("%s", err);
    b->shard = nfs_shard_new(b->e, flows, window);
    b->scratch = nfs_scratch_new(b->e);
    assert_true(b->shard && b->scratch);
    b->time = 1000000000;
    return b;
}

static inline void bed_free(struct bed *b)
{
    nfs_scratch_free(b->scratch);
    nfs_shard_free(b->shard);
    nfs_engine_free(b->e);
    free(b);
}

static inline void bed_note(struct bed *b)
{
    for (unsigned i = 0; i < b->shard->n_alerts; i++) {
        size_t n = strlen(b->sids);
        uint32_t sid = b->e->rs->rules[b->shard->alerts[i].rule].sid;

        snprintf(b->sids + n, sizeof(b->sids) - n, n ? " %u" : "%u", sid);
    }
    b->verdict |= b->shard->verdict;
}

/* The sids since it was called last. */
#define assert_sids(b, text)                                                   \
    do {                                                                       \
        assert_string_equal((b)->sids, text);                                  \
        (b)->sids[0] = '\0';                                                   \
    } while (0)

static const uint8_t bed_client[4] = {10, 0, 0, 1},
                     bed_server[4] = {10, 0, 0, 2};

static inline struct nfs_packet bed_ends(const struct bed *b, bool server,
                                         uint8_t proto, uint16_t port)
{
    return (struct nfs_packet){.src = server ? bed_server : bed_client,
                               .dst = server ? bed_client : bed_server,
                               .addr_len = 4,
                               .proto = proto,
                               .ttl = 64,
                               .sport = server ? port : 5000,
                               .dport = server ? 5000 : port,
                               .time = b->time};
}

static inline void bed_packet_of(struct bed *b, bool server,
                                 const struct nfs_packet *p)
{
    struct nfs_case c = {b->shard, b->scratch, NULL, server, p};
    uint8_t key[NFS_TUPLE];

    nfs_tuple(key, bed_client, bed_server, 4, 5000,
              server ? p->sport : p->dport, p->proto);
    b->flow = c.flow = nfs_flow_get(b->shard, key, true);
    nfs_begin(b->shard);
    nfs_judge_packet(&c);
    bed_note(b);
}

static inline void bed_packet(struct bed *b, bool server, uint8_t proto,
                              uint16_t port, uint8_t flags, const char *payload)
{
    struct nfs_packet p = bed_ends(b, server, proto, port);

    p.flags = flags;
    p.payload = (const uint8_t *)payload;
    p.payload_len = (uint32_t)strlen(payload);
    bed_packet_of(b, server, &p);
}

/* Bytes from a position of the stream on. */
static inline void bed_at(struct bed *b, bool server, uint16_t port,
                          uint64_t offset, const void *at, uint32_t len)
{
    struct nfs_packet p = bed_ends(b, server, 6, port);
    struct nfs_case c = {b->shard, b->scratch, b->flow, server, &p};

    nfs_begin(b->shard);
    nfs_judge_chunk(&c, offset, at, len);
    bed_note(b);
}

static inline struct nfs_dir *bed_dir(struct bed *b, bool server, uint16_t port)
{
    uint8_t key[NFS_TUPLE];

    nfs_tuple(key, bed_client, bed_server, 4, 5000, port, 6);
    b->flow = nfs_flow_get(b->shard, key, true);
    return &b->flow->dir[server];
}

/* The next bytes. */
static inline void bed_bytes(struct bed *b, bool server, uint16_t port,
                             const void *at, uint32_t len)
{
    const struct nfs_dir *d = bed_dir(b, server, port);

    bed_at(b, server, port, d->base + d->n, at, len);
}

static inline void bed_chunk(struct bed *b, bool server, uint64_t offset,
                             const char *text)
{
    bed_dir(b, server, 80);
    bed_at(b, server, 80, offset, text, (uint32_t)strlen(text));
}

/* `text` as one chunk to port 80, or in chunks of `size` bytes. */
static inline void bed_sends(struct bed *b, bool server, const char *text,
                             uint32_t size)
{
    uint32_t len = (uint32_t)strlen(text), n;

    for (; len > 0; text += n, len -= n) {
        n = size && size < len ? size : len;
        bed_bytes(b, server, 80, text, n);
    }
}

#endif
