/* What the monitor alone costs, beside no chain: cycles of the time stamp
 * counter, the 10th percentile of rounds over many connections.
 *   cost [ROUNDS]
 * Segments come in order, of 10,000 connections in turn, from a buffer that the
 * caches hold; to the figures without payload, none is added for the packet. */
#include <nfl/tcp_fast.h>
#include <nfl/tcp_snap.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

enum { CONNECTIONS = 10000, LARGE = 1460, HEADER = 20, KEEP = 16384 };

static const struct nfl_tcp_rules rules = {.ahead = 65536, .keep = KEEP};
static struct nfl_tcp *connections;
static struct nfl_tcp_pool *pool;
static uint8_t *scratch;
static uint32_t seq; /* of all connections */

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static struct nfl_segment segment(uint8_t *tcp, unsigned flags, uint32_t len,
                                  bool sum_good)
{
    static const uint8_t addresses[8];

    tcp[12] = HEADER / 4 << 4;
    tcp[13] = (uint8_t)flags;
    tcp[14] = tcp[15] = 0xff;
    put32(tcp + 4, seq);
    return (struct nfl_segment){.tcp = tcp,
                                .tcp_len = HEADER + len,
                                .payload = len,
                                .addr = addresses,
                                .addr_len = sizeof(addresses),
                                .sum_good = sum_good};
}

static void set_sum(uint8_t *tcp, const struct nfl_segment *s)
{
    uint64_t sum = 6 + s->tcp_len;

    tcp[16] = tcp[17] = 0;
    for (uint32_t i = 0; i < s->tcp_len; i++)
        sum += (uint64_t)tcp[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    tcp[16] = (uint8_t)(~sum >> 8);
    tcp[17] = (uint8_t)~sum;
}

/* Connections that were picked up, of which both sides' windows are known. */
static void open_all(uint8_t *tcp)
{
    struct nfl_tcp_view v;

    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct nfl_segment s = segment(tcp, 0x10, 1, true);

        put32(tcp + 4, 1000);
        put32(tcp + 8, 5000);
        nfl_tcp_packet(&connections[i], pool, &rules, &s, 0, 3, &v, scratch);
        put32(tcp + 4, 5000);
        put32(tcp + 8, 1001);
        s.payload = 0;
        s.tcp_len = HEADER;
        nfl_tcp_packet(&connections[i], pool, &rules, &s, 1, 3, &v, scratch);
    }
    put32(tcp + 8, 5000);
    seq = 1001;
}

/* Each connection's window follows what it sends. */
static void acknowledge(uint8_t *tcp)
{
    struct nfl_tcp_view v;

    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct nfl_segment s = segment(tcp, 0x10, 0, true);

        put32(tcp + 4, 5000);
        put32(tcp + 8, seq);
        nfl_tcp_packet(&connections[i], pool, &rules, &s, 1, 3, &v, scratch);
    }
    put32(tcp + 8, 5000);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Cycles a segment of a round over all connections. */
static double round_of(uint8_t *tcp, uint32_t len, bool sum_good, bool snaps)
{
    struct nfl_segment s = segment(tcp, 0x18, len, sum_good);
    struct nfl_tcp_snap snap;
    struct nfl_tcp_view v;
    uint64_t begin, all = 0;

    if (!sum_good)
        set_sum(tcp, &s);
    begin = __rdtsc();
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        nfl_tcp_packet(&connections[i], pool, &rules, &s, 0, 3, &v, scratch);
        all += v.fresh_len;
        if (snaps) {
            snap = nfl_tcp_snap(&connections[i], &v, seq);
            __asm__ volatile("" : : "m"(snap));
        }
    }
    begin = __rdtsc() - begin;
    seq += len;
    if (all != (uint64_t)len * CONNECTIONS)
        abort();
    return (double)begin / CONNECTIONS;
}

static double cost(uint8_t *tcp, uint32_t len, bool sum_good, bool snaps,
                   unsigned rounds)
{
    double *each = calloc(rounds, sizeof(*each)), found;

    for (unsigned i = 0; i < rounds; i++) {
        each[i] = round_of(tcp, len, sum_good, snaps);
        acknowledge(tcp);
    }
    qsort(each, rounds, sizeof(*each), by_size);
    found = each[rounds / 10];
    free(each);
    return found;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 101;
    uint8_t *tcp = calloc(1, HEADER + LARGE);
    double small, snap, trust, sum;

    connections = aligned_alloc(64, CONNECTIONS * sizeof(*connections));
    memset(connections, 0, CONNECTIONS * sizeof(*connections));
    pool = nfl_tcp_pool_new(1000);
    scratch = malloc(nfl_tcp_scratch(&rules));
    open_all(tcp);
    small = cost(tcp, 1, true, false, rounds);
    snap = cost(tcp, 1, true, true, rounds);
    trust = cost(tcp, LARGE, true, false, rounds);
    sum = cost(tcp, LARGE, false, false, rounds);
    printf("cycles a segment of 1 byte:     %6.1f\n", small);
    printf("cycles with a snapshot:         %6.1f\n", snap);
    printf("cycles a snapshot:              %6.1f\n", snap - small);
    printf("cycles a segment of 1460 bytes: %6.1f\n", trust);
    printf("  with its checksum:            %6.1f, %.3f a byte\n", sum,
           sum / LARGE);
    printf("bytes a connection:             %6zu\n", sizeof(*connections));
    printf("bytes a snapshot:               %6zu\n",
           sizeof(struct nfl_tcp_snap));
    nfl_tcp_pool_free(pool);
    free(connections);
    free(scratch);
    free(tcp);
    return 0;
}
