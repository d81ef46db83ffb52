/* How long it takes to find the sessions of a burst: nfl/find.h beside
 * rte_hash, in turns, each with the same packets. A session is found by both
 * of its keys, and a counter in its first line is raised.
 *
 * Prints the 10th percentile of each side's rounds in cycles for one look-up,
 * and that of the first side measured again.
 *
 *     lookup SESSIONS ROUNDS [HOW N] EAL-ARGUMENTS...
 *
 * With HOW there are N sessions more, of an attacker: with any tuples, or with
 * such as meet in a PART of the lines, under a key that was guessed, or is the
 * right one (known). Printed are the cycles for one look-up of the first
 * sessions, and of the attacker's. */
#include "flow/bucket.h"
#include "flow/table.h"
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BURST = 32,
    LOOKUPS = 1 << 16,
    ROUNDS_MAX = 1000,
    AHEAD = 8,
    PART = 256,
    SEED = 7
};

enum how { NOBODY, ANY, GUESSED, KNOWN };

struct packet {
    uint64_t key[NFL_KEY4_WORDS];
    uint8_t turned;
};

struct bench {
    unsigned n, rounds, n_chosen;
    enum how how;
    struct nfl_worker w;
    struct nfl_chain *c;
    struct rte_hash *hash;
    struct packet *packets, *attack;
    struct nfl_tuple *chosen;
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

/* ---- the attacker ---- */

/* The i-th of the tuples that can be chosen from. */
static struct nfl_tuple choice(uint64_t i)
{
    return (struct nfl_tuple){.src = 0x0b000000 + (uint32_t)(i / 60000),
                              .dst = 0xc6336403,
                              .sport = (uint16_t)(1024 + i % 60000),
                              .dport = 80,
                              .proto = 17};
}

/* Those whose lines are the first of the table, as the attacker thinks. */
static void choose(struct bench *b)
{
    const struct nfl_finder *f = nfl_finder_of(b->c);
    struct nfl_bucket_key key;
    struct nfl_probe k;
    uint64_t i, line;
    unsigned n = 0;

    nfl_bucket_key_init(&key, b->how == KNOWN ? SEED : SEED + 1);
    b->chosen = calloc(b->n_chosen, sizeof(*b->chosen));
    if (!b->chosen)
        die("no memory");
    for (i = 0; n < b->n_chosen; i++) {
        struct nfl_tuple t = choice(i);

        nfl_probe_put(&k, &t, false);
        line = nfl_find_home(f, nfl_bucket_hash(&key, k.w, false));
        if (b->how == ANY || line < f->n_lines / PART)
            b->chosen[n++] = t;
    }
}

static void open_chosen(struct bench *b)
{
    struct nfl_l4 l4 = {NULL, NFL_SET_SPORT | NFL_SET_DPORT};
    struct nfl_probe k;
    unsigned i;
    bool back;

    for (i = 0; i < b->n_chosen; i++) {
        const struct nfl_tuple *t = &b->chosen[i];

        if (!nfl_session_packet(&b->w, b->c, t, 0, nfl_session_hash(b->c, t, 0),
                                &l4, &back))
            die("no session for who attacks");
    }
    b->attack = calloc(LOOKUPS, sizeof(*b->attack));
    if (!b->attack)
        die("no memory");
    for (i = 0; i < LOOKUPS; i++) {
        nfl_probe_put(&k, &b->chosen[(unsigned)rand() % b->n_chosen], false);
        memcpy(b->attack[i].key, k.w, sizeof(b->attack[i].key));
    }
}

/* ---- the others ---- */

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

    flows.size = b->n + b->n_chosen + b->n / 4 + 8;
    if (!nfl_worker_init(&b->w, NULL, &module, NULL, SEED, err, sizeof(err)))
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

static void look_up(struct bench *b, const struct packet *all)
{
    struct nfl_finder *f = nfl_finder_of(b->c);
    uint64_t keys[BURST][NFL_KEY4_WORDS], hash[BURST];
    unsigned at, i;

    for (at = 0; at < LOOKUPS; at += BURST) {
        const struct packet *p = &all[at];

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

static void ours(struct bench *b)
{
    look_up(b, b->packets);
}

static void of_attacker(struct bench *b)
{
    look_up(b, b->attack);
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

/* Takes HOW and N out of the arguments. */
static void attacked(struct bench *b, int *argc, char **argv)
{
    static const char *const names[] = {"", "any", "guessed", "known"};
    enum how how;

    for (how = ANY; *argc >= 5 && how <= KNOWN; how++) {
        if (strcmp(argv[3], names[how]) != 0)
            continue;
        b->how = how;
        b->n_chosen = (unsigned)atoi(argv[4]);
        memmove(argv + 3, argv + 5, (size_t)(*argc - 5) * sizeof(*argv));
        *argc -= 2;
        return;
    }
}

static void compare(struct bench *b)
{
    static double a[ROUNDS_MAX], again[ROUNDS_MAX], r[ROUNDS_MAX];
    unsigned i;

    for (i = 0; i < b->rounds; i++) {
        a[i] = once(b, ours);
        r[i] = once(b, b->how ? of_attacker : theirs);
        again[i] = once(b, ours);
    }
    printf("%.2f %.2f", p10(a, b->rounds), p10(r, b->rounds));
    if (!b->how)
        printf(" %.2f", p10(again, b->rounds));
    printf("\n");
}

int main(int argc, char **argv)
{
    struct bench b = {.n = 0};

    if (argc < 3)
        die("usage: lookup SESSIONS ROUNDS [HOW N] [EAL-ARGUMENT]...");
    b.n = (unsigned)atoi(argv[1]);
    b.rounds = (unsigned)atoi(argv[2]);
    if (b.n < 1 || b.rounds < 1 || b.rounds > ROUNDS_MAX)
        die("sessions and rounds are numbers");
    attacked(&b, &argc, argv);
    argv[2] = argv[0];
    if (rte_eal_init(argc - 2, argv + 2) < 0)
        die("no EAL");
    set_up(&b);
    if (b.how) {
        choose(&b);
        open_chosen(&b);
    }
    compare(&b);
    nfl_worker_fini(&b.w);
    return 0;
}
