/* Rules of Snort as libFuzzer writes them, on packets and streams that it
 * chooses: an input is rules, a zero byte, other rules that take their place,
 * a zero byte, and pieces, each with its length in front. Read, compiled and
 * run under sanitizers, in blocks of the exact size. */
#include "snort_run.h"

#include <stdlib.h>
#include <string.h>

enum { FLOWS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- making ---- */

/* What is in front of the next zero byte, or all. */
static struct nfs_engine *engine(const uint8_t **at, size_t *left, bool skip)
{
    const uint8_t *zero = memchr(*at, 0, *left);
    size_t n = zero ? (size_t)(zero - *at) : *left;
    char err[1024], *text = malloc(n + !n);
    struct nfs_rules *rs;
    struct nfs_engine *e = NULL;

    memcpy(text, *at, n);
    rs = nfs_rules_read(text, (uint32_t)n, "HOME_NET=10.0.0.0/8", skip, err,
                        sizeof(err));
    free(text);
    if (rs)
        e = nfs_engine_new(rs, err, sizeof(err));
    if (rs && !e)
        nfs_rules_free(rs);
    n += zero != NULL;
    *at += n;
    *left -= n;
    return e;
}

/* ---- judging ---- */

struct run {
    struct nfs_shard *shard;
    struct nfs_scratch *scratch;
    uint64_t offset[FLOWS + 2][2];
};

static void judge(struct run *r, uint8_t kind, const uint8_t *at, size_t n)
{
    static const uint8_t ends[2][4] = {{10, 0, 0, 1}, {192, 0, 2, 1}};
    bool server = kind & 1, udp = kind & 2;
    unsigned flow = kind >> 2 & 3;
    uint8_t key[NFS_TUPLE], *piece = malloc(n + !n);
    struct nfs_packet p = {.src = ends[server],
                           .dst = ends[!server],
                           .addr_len = 4,
                           .proto = udp ? 17 : 6,
                           .ttl = kind,
                           .flags = n ? at[0] : 0,
                           .sport = server ? 80 : (uint16_t)(1000 + flow),
                           .dport = server ? (uint16_t)(1000 + flow) : 80,
                           .payload = piece,
                           .payload_len = (uint32_t)n,
                           .time = (uint64_t)kind * 100000000u};
    struct nfs_case c = {
        .shard = r->shard, .scratch = r->scratch, .server = server, .p = &p};

    memcpy(piece, at, n);
    nfs_tuple(key, ends[0], ends[1], 4, (uint16_t)(1000 + flow), 80, p.proto);
    if (r->shard->e->flows)
        c.flow = nfs_flow_get(r->shard, key, true);
    nfs_begin(r->shard);
    nfs_judge_packet(&c);
    if (!udp && !(r->shard->verdict & NFS_DROPS)) {
        nfs_begin(r->shard);
        r->offset[flow][server] += kind >= 240 ? 5 : 0; /* a gap */
        nfs_judge_chunk(&c, r->offset[flow][server], piece, (uint32_t)n);
        if (kind >= 250 && c.flow)
            nfs_judge_end(&c);
        r->offset[flow][server] += n;
    }
    free(piece);
}

static void pieces(struct run *r, const uint8_t *at, size_t left)
{
    size_t n;

    while (left >= 2) {
        n = at[1] < left - 2 ? at[1] : left - 2;
        judge(r, at[0], at + 2, n);
        at += 2 + n;
        left -= 2 + n;
    }
}

static void run(struct nfs_engine *e, struct nfs_engine *other,
                const uint8_t *at, size_t left)
{
    struct run r = {.shard = nfs_shard_new(e, FLOWS, 256),
                    .scratch = nfs_scratch_new(e)};
    struct nfs_shard *next =
        other ? nfs_shard_new(other, FLOWS - 1, 300) : NULL;

    pieces(&r, at, left / 2);
    if (next) {
        nfs_scratch_free(r.scratch);
        r.scratch = nfs_scratch_new(other);
        nfs_shard_inherit(next, r.shard);
        nfs_shard_free(r.shard);
        r.shard = next;
    }
    pieces(&r, at + left / 2, left - left / 2);
    nfs_scratch_free(r.scratch);
    nfs_shard_free(r.shard);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nfs_engine *e = engine(&data, &size, size & 1);
    struct nfs_engine *other = engine(&data, &size, true);

    if (e)
        run(e, other, data, size);
    if (e)
        nfs_engine_free(e);
    if (other)
        nfs_engine_free(other);
    return 0;
}
