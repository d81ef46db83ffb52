/* How long it takes to find the sessions of a burst: nfl/find.h beside
 * rte_hash, in turns, each with the same packets. A session is found by both
 * of its keys, and a counter in its first line is raised.
 *
 * Prints the 10th percentile of each side's rounds in cycles for one look-up,
 * and that of the first side measured again.
 *
 *     lookup SESSIONS ROUNDS EAL-ARGUMENTS... */
#include "flow/bucket.h"
#include "flow/table.h"
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <stdio.h>
#include <stdlib.h>

enum { BURST = 32, LOOKUPS = 1 << 16, ROUNDS_MAX = 1000, AHEAD = 8 };

struct packet {
    uint64_t key[NFL_KEY4_WORDS];
    uint8_t turned;
};

struct bench {
    unsigned n, rounds;
    struct nfl_worker w;
    struct nfl_chain *c;
    struct rte_hash *hash;
    struct packet *packets;
};

struct entry { /* of rte_hash: a session of one line */
    uint64_t seen;
} __attribute__((aligned(64)));

static const struct nfl_nf_desc nfs[] = {{"Nat", 0, -1}};
static struct nfl_flows_desc flows = {.opening = 1000000,
                                      .idle = 1000000,
                                      .closing = 1000000,
                                      .entry_bytes =
                                          sizeof(struct nfl_session) + 16};
static const struct nfl_chain_desc chain = {.name = "lookup",
                                            .port = {0, 1},
                                            .two_way = true,
                                            .shards = 1,
                                            .key = NFL_KEY_TUPLE,
                                            .flows = &flows,
                                            .nfs = nfs,
                                            .n_nfs = 1,
                                            .n_hops = 1};
static const struct nfl_chain_desc *const chains[] = {&chain};
static const struct nfl_module module = {
    .abi = NFL_MODULE_ABI, .name = "lookup", .chains = chains, .n_chains = 1};

static struct nfl_tuple tuple(unsigned i)
{
    return (struct nfl_tuple){.src = 0x0a000000 + i / 50000,
                              .dst = 0xc6336402,
                              .sport = (uint16_t)(1024 + i % 50000),
                              .dport = 80,
                              .proto = 17};
}

static void die(const char *what)
{
    fprintf(stderr, "lookup: %s\n", what);
    exit(1);
}

/* Opens session i, which leaves with another source, and adds both keys. */
static void add(struct bench *b, unsigned i, struct entry *e)
{
    struct nfl_tuple t = tuple(i), to = t, sides[2];
    struct nfl_l4 l4 = {NULL, NFL_SET_SPORT | NFL_SET_DPORT};
    struct nfl_session *s;
    struct nfl_probe k;
    unsigned side;
    bool back;

    s = nfl_session_packet(&b->w, b->c, &t, 0, nfl_session_hash(b->c, &t, 0),
                           &l4, &back);
    to.src += 0xc0000000;
    if (!s || !nfl_session_rewrite(&b->w, b->c, s, 0,
                                   NFL_SET_SRC | NFL_SET_SPORT, &to))
        die("no session");
    sides[0] = t;
    sides[1] = nfl_tuple_reverse(&to);
    for (side = 0; side < 2; side++) {
        nfl_probe_make(&k, &sides[side], true, side);
        if (rte_hash_add_key_data(b->hash, k.w, e) < 0)
            die("rte_hash is full");
    }
}

static void set_up(struct bench *b)
{
    struct rte_hash_parameters p = {.name = "lookup",
                                    .entries = b->n * 5 / 2 + 64,
                                    .key_len = 16,
                                    .hash_func = rte_hash_crc};
    struct entry *entries = aligned_alloc(64, b->n * sizeof(*entries));
    char err[256];
    unsigned i;

    flows.size = b->n + b->n / 4 + 8;
    if (!nfl_worker_init(&b->w, NULL, &module, NULL, 7, err, sizeof(err)))
        die(err);
    b->c = b->w.chains;
    b->hash = rte_hash_create(&p);
    b->packets = calloc(LOOKUPS, sizeof(*b->packets));
    if (!b->hash || !entries || !b->packets)
        die("no memory");
    memset(entries, 0, b->n * sizeof(*entries));
    for (i = 0; i < b->n; i++)
        add(b, i, &entries[i]);
    srand(1);
    for (i = 0; i < LOOKUPS; i++) {
        struct nfl_tuple t = tuple(
            (unsigned)(((uint64_t)rand() << 16 ^ (unsigned)rand()) % b->n));
        struct nfl_probe k;

        if (i % 2)
            t.src += 0xc0000000;
        nfl_probe_put(&k, &t, false);
        memcpy(b->packets[i].key, k.w, sizeof(b->packets[i].key));
        b->packets[i].turned = i % 2;
    }
}

static void ours(struct bench *b)
{
    struct nfl_finder *f = nfl_finder_of(b->c);
    uint64_t keys[BURST][NFL_KEY4_WORDS], hash[BURST];
    unsigned at, i;

    for (at = 0; at < LOOKUPS; at += BURST) {
        const struct packet *p = &b->packets[at];

        for (i = 0; i < BURST; i++)
            memcpy(keys[i], p[i].key, sizeof(keys[i]));
        nfl_hash_keys4(f, (const uint64_t(*)[NFL_KEY4_WORDS])keys, hash, BURST);
        for (i = 0; i < AHEAD; i++)
            nfl_find_fetch(f, hash[i]);
        for (i = 0; i < BURST; i++) {
            struct nfl_session *s;

            if (i + AHEAD < BURST)
                nfl_find_fetch(f, hash[i + AHEAD]);
            s = nfl_find(f, keys[i], false, p[i].turned, hash[i]);
            if (!s)
                die("a session is lost");
            s->config_age++;
        }
    }
}

static void theirs(struct bench *b)
{
    const void *keys[BURST];
    void *data[BURST];
    uint64_t hit;
    unsigned at, i;

    for (at = 0; at < LOOKUPS; at += BURST) {
        for (i = 0; i < BURST; i++)
            keys[i] = b->packets[at + i].key;
        if (rte_hash_lookup_bulk_data(b->hash, keys, BURST, &hit, data) !=
            BURST)
            die("rte_hash lost a session");
        for (i = 0; i < BURST; i++)
            __builtin_prefetch(data[i], 1);
        for (i = 0; i < BURST; i++)
            ((struct entry *)data[i])->seen++;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double once(struct bench *b, void (*side)(struct bench *b))
{
    uint64_t begin = rte_rdtsc();

    side(b);
    return (double)(rte_rdtsc() - begin) / LOOKUPS;
}

static double p10(double *v, unsigned n)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[(n + 9) / 10 - 1];
}

int main(int argc, char **argv)
{
    static double a[ROUNDS_MAX], again[ROUNDS_MAX], r[ROUNDS_MAX];
    struct bench b = {.n = 0};
    unsigned i;

    if (argc < 3)
        die("usage: lookup SESSIONS ROUNDS [EAL-ARGUMENT]...");
    b.n = (unsigned)atoi(argv[1]);
    b.rounds = (unsigned)atoi(argv[2]);
    if (b.n < 1 || b.rounds < 1 || b.rounds > ROUNDS_MAX)
        die("sessions and rounds are numbers");
    argv[2] = argv[0];
    if (rte_eal_init(argc - 2, argv + 2) < 0)
        die("no EAL");
    set_up(&b);
    for (i = 0; i < b.rounds; i++) {
        a[i] = once(&b, ours);
        r[i] = once(&b, theirs);
        again[i] = once(&b, ours);
    }
    printf("%.2f %.2f %.2f\n", p10(a, b.rounds), p10(r, b.rounds),
           p10(again, b.rounds));
    nfl_worker_fini(&b.w);
    return 0;
}
