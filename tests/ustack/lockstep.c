/* Random segments for two monitors at once: of a few sequence numbers, small
 * windows and pools, so that everything happens often. Both must say the same,
 * and have the same pieces left. */
#include "commands.h"
#include "dice.h"
#include "wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 60, ROOM = 40 + 60 + 2048, WORDS = 200 };

/* What one side does next, if it does right. */
struct end {
    uint32_t isn, at; /* at: offset of its next byte */
    uint32_t stamp;
    uint32_t edge; /* of the window that it was offered last */
};

struct play {
    const struct engine *e[2];
    void *shard[2], *connection[2];
    struct dice d;
    struct end end[2];
    bool v6, stamps, small;
    unsigned watch, from;
    uint32_t moves; /* its sender, if the packet counts */
    bool first;
    unsigned hand; /* of the handshake: the packet that is next */
    char log[STEPS * 4][WORDS];
    unsigned n;
    unsigned *seen; /* how often, by sign */
};

static void note(struct play *p, const char *what, unsigned a, unsigned b)
{
    snprintf(p->log[p->n++], WORDS, "  %s %u %u", what, a, b);
}

/* ---- segments ---- */

static unsigned some_flags(struct dice *d)
{
    static const uint8_t odd[] = {0,   SYN,       SYN | ACK, RST,
                                  PSH, SYN | FIN, RST | ACK, FIN | RST | ACK,
                                  URG, ACK | URG, SYN | RST, FIN};

    if (roll(d, 12) == 0)
        return odd[roll(d, sizeof(odd))];
    return ACK | (roll(d, 10) ? 0 : FIN) | (roll(d, 4) ? 0 : PSH);
}

/* Mostly SYN, SYN with ACK, ACK. */
static unsigned shake(struct play *p)
{
    static const uint8_t right[] = {SYN, SYN | ACK, ACK};

    if (!p->first && roll(&p->d, 10) == 0)
        return some_flags(&p->d);
    return right[p->hand++];
}

static uint32_t some_seq(struct play *p, const struct end *e)
{
    static const uint32_t odd[] = {1u << 30, 1u << 31, 70000, 300, 0 - 300u};
    uint32_t right = e->isn + 1 + e->at;

    switch (roll(&p->d, 16)) {
    case 0:
        return right + odd[roll(&p->d, sizeof(odd) / sizeof(odd[0]))];
    case 1:
        return e->isn;
    case 2:
        return right - 1;
    case 3:
        return e->edge - roll(&p->d, 2);
    case 4:
    case 5:
    case 6:
        return right - 20 + roll(&p->d, 60);
    default:
        return right;
    }
}

static uint32_t some_ack(struct play *p, const struct end *e)
{
    uint32_t right = e->isn + 1 + e->at;

    switch (roll(&p->d, 16)) {
    case 0:
        return right + roll(&p->d, 100) - 50;
    case 1:
        return right - roll(&p->d, 70000);
    case 2:
    case 3:
        return right + roll(&p->d, 2);
    default:
        return right;
    }
}

static unsigned some_options(struct play *p, uint8_t *o, unsigned flags,
                             struct end *e)
{
    static const uint8_t odd[][4] = {{8, 0},       {3, 3, 9},     {254, 3, 1},
                                     {1, 1, 1, 4}, {19, 4, 0, 0}, {0, 8}};
    unsigned n = 0;

    if (flags & SYN && roll(&p->d, 2)) {
        memcpy(o, (uint8_t[]){3, 3, 0, 4, 2, 1, 1, 0}, 8);
        o[2] = (uint8_t)roll(&p->d, 16);
        n = 7;
    }
    if (p->stamps && roll(&p->d, 20)) {
        uint32_t back = roll(&p->d, 8) ? 0 : roll(&p->d, 4);

        o[n] = 8;
        o[n + 1] = 10;
        put(o + n + 2, 4, e->stamp++ - back);
        put(o + n + 6, 4, 0);
        n += 10;
    }
    if (roll(&p->d, 40) == 0) {
        memcpy(o + n, odd[roll(&p->d, 6)], 4);
        n += 4;
    }
    while (n % 4)
        o[n++] = 0;
    return n;
}

/* Builds a packet of side `from`; returns its length. */
static uint32_t build(struct play *p, uint8_t *ip)
{
    unsigned tcp = p->v6 ? 40 : 20, flags, n;
    struct end *x = &p->end[p->from], *y = &p->end[!p->from];
    uint32_t payload = roll(&p->d, 3) ? roll(&p->d, p->small ? 40 : 900) : 0;
    uint32_t seq, ack, right = x->isn + 1 + x->at;
    bool shaking; /* as it should be */

    memset(ip, 0, ROOM);
    ip[0] = p->v6 ? 0x60 : 0x45;
    ip[p->v6 ? 6 : 9] = 6;
    ip[p->v6 ? 23 : 15] = (uint8_t)(1 + p->from);
    ip[p->v6 ? 39 : 19] = (uint8_t)(2 - p->from);
    shaking = p->hand < 3 && roll(&p->d, 8);
    flags = p->hand < 3 ? shake(p) : some_flags(&p->d);
    right = shaking ? x->isn + !(flags & SYN) : right;
    seq = shaking                         ? right
          : flags & SYN && roll(&p->d, 6) ? x->isn
                                          : some_seq(p, x);
    ack = shaking ? y->isn + 1 : some_ack(p, y);
    if (flags & SYN && roll(&p->d, 3))
        payload = 0;
    p->moves = 0;
    if (seq == x->edge && roll(&p->d, 2))
        payload = 1;
    n = some_options(p, ip + tcp + 20, flags, x);
    put(ip + tcp, 2, 1000 + p->from);
    put(ip + tcp + 2, 2, 1001 - p->from);
    put(ip + tcp + 4, 4, seq);
    put(ip + tcp + 8, 4, flags & ACK ? ack : 0);
    ip[tcp + 12] = (uint8_t)((5 + n / 4) << 4);
    ip[tcp + 13] = (uint8_t)flags;
    put(ip + tcp + 14, 2,
        roll(&p->d, 10) ? (p->small ? 300 : 8000) : roll(&p->d, 3) * 40);
    for (uint32_t i = 0; i < payload; i++)
        ip[tcp + 20 + n + i] =
            (uint8_t)(roll(&p->d, 20) ? (seq + i) * 7 : roll(&p->d, 256));
    if (seq == right && !(flags & (SYN | RST)))
        p->moves = payload + (flags & FIN && roll(&p->d, 2));
    y->edge = get(ip + tcp + 8, 4) + get(ip + tcp + 14, 2);
    snprintf(p->log[p->n++], WORDS,
             "  side %u watch %u flags %02x seq %d ack %d window %u payload %u "
             "options %u",
             p->from, p->watch, flags, (int)(seq - x->isn - 1),
             (int)(get(ip + tcp + 8, 4) - y->isn - 1), get(ip + tcp + 14, 2),
             payload, n);
    n += tcp + 20 + payload;
    wire_sums(ip, n, tcp);
    if (roll(&p->d, 100) == 0)
        ip[tcp + 16] ^= 1;
    return roll(&p->d, 100) ? n : n - roll(&p->d, payload + 1);
}

/* ---- what both say ---- */

static bool same_bytes(const uint8_t *a, const uint8_t *b, uint32_t n)
{
    return !n || !memcmp(a, b, n);
}

static const char *differ(const struct said *a, const struct said *b)
{
    uint64_t moved = BIT(ready) | BIT(gap) | BIT(end);

    if (a->signs != b->signs)
        return "signs";
    if (a->watched != b->watched)
        return "watched";
    if (!a->watched)
        return NULL;
    if (a->fresh_len != b->fresh_len || a->gap != b->gap ||
        (a->signs & moved && a->fresh_offset != b->fresh_offset))
        return "place of the new bytes";
    if (!same_bytes(a->fresh, b->fresh, a->fresh_len))
        return "new bytes";
    if (a->conflict_len != b->conflict_len ||
        !same_bytes(a->was, b->was, a->conflict_len) ||
        !same_bytes(a->now, b->now, a->conflict_len))
        return "conflict";
    return NULL;
}

static const char *differ_kept(struct play *p, unsigned slot)
{
    struct kept a = p->e[0]->bytes(p->connection[0], slot);
    struct kept b = p->e[1]->bytes(p->connection[1], slot);

    if (a.len != b.len || a.fresh != b.fresh || a.offset != b.offset ||
        !same_bytes(a.p, b.p, a.len))
        return "bytes of a slot";
    return NULL;
}

static const char *keep(struct play *p, unsigned slot)
{
    struct kept a = p->e[0]->bytes(p->connection[0], slot);
    uint32_t at = roll(&p->d, a.len + 2);
    bool done[2];

    for (unsigned i = 0; i < 2; i++)
        done[i] = p->e[i]->keep(p->connection[i], slot, at);
    note(p, "keep", slot, at);
    return done[0] == done[1] ? NULL : "keep";
}

/* What the handlers of a packet do. */
static const char *handle(struct play *p)
{
    const char *why = NULL;

    for (unsigned slot = 0; slot < SLOTS && !why; slot++) {
        why = differ_kept(p, slot);
        if (!why && roll(&p->d, 3) == 0)
            why = keep(p, slot);
        if (!why && roll(&p->d, 8) == 0) {
            note(p, "release", slot, 0);
            for (unsigned i = 0; i < 2; i++)
                p->e[i]->release(p->connection[i], slot);
        }
    }
    return why;
}

/* Once more from its beginning, or anew. */
static void again(struct play *p)
{
    p->hand = 0;
    if (roll(&p->d, 3) == 0)
        return;
    for (unsigned i = 0; i < 2; i++) {
        p->end[i].isn += roll(&p->d, 100000);
        p->end[i].at = 0;
    }
}

static const char *step(struct play *p)
{
    const uint64_t refused =
        BIT(bad_checksum) | BIT(cut_short) | BIT(bad_flags) | BIT(bad_syn) |
        BIT(bad_ack) | BIT(bad_sequence) | BIT(bad_timestamp) |
        BIT(after_close) | BIT(before_syn) | BIT(bad_signature);
    uint8_t ip[ROOM], *copy;
    struct said said[2];
    const char *why;
    struct wire w;
    uint32_t n;

    if (roll(&p->d, 20) == 0)
        p->watch = roll(&p->d, 4);
    if (roll(&p->d, 60) == 0) {
        note(p, "sleep", 0, 0);
        for (unsigned i = 0; i < 2; i++)
            p->e[i]->sleep(p->connection[i]);
    }
    if (roll(&p->d, 40) == 0)
        again(p);
    p->from = p->first                         ? 0
              : p->hand < 3 && roll(&p->d, 10) ? p->hand == 1
                                               : roll(&p->d, 3) == 0;
    n = build(p, ip);
    copy = malloc(n);
    memcpy(copy, ip, n);
    if (!wire_of(copy, n, &w)) {
        free(copy);
        return NULL;
    }
    w.reuses = p->first && roll(&p->d, 2);
    p->first = false;
    for (unsigned i = 0; i < 2; i++)
        p->e[i]->segment(p->connection[i], &w, p->from, p->watch, &said[i]);
    snprintf(p->log[p->n++], WORDS,
             "    %" PRIx64 " %u+%u, %" PRIx64 " %u+%u; %" PRIu64 " %" PRIu64
             " pieces",
             said[0].signs, said[0].gap, said[0].fresh_len, said[1].signs,
             said[1].gap, said[1].fresh_len, p->e[0]->pieces(p->shard[0]),
             p->e[1]->pieces(p->shard[1]));
    if (!(said[0].signs & refused))
        p->end[p->from].at += p->moves;
    for (unsigned i = 0; i < 64; i++)
        p->seen[i] += said[0].signs >> i & 1;
    why = differ(&said[0], &said[1]);
    if (!why && said[0].watched)
        why = handle(p);
    if (!why && p->e[0]->pieces(p->shard[0]) != p->e[1]->pieces(p->shard[1]))
        why = "pieces";
    free(copy);
    return why;
}

static void set_up(struct play *p, const struct rules *r)
{
    p->v6 = roll(&p->d, 2);
    p->stamps = roll(&p->d, 2);
    p->watch = roll(&p->d, 3) ? 3 : roll(&p->d, 4);
    p->first = roll(&p->d, 8);
    p->hand = p->first ? 0 : 3;
    for (unsigned i = 0; i < 2; i++) {
        p->end[i].isn =
            roll(&p->d, 4) ? roll(&p->d, UINT32_MAX) : 0 - roll(&p->d, 200);
        p->end[i].stamp = roll(&p->d, 3) ? roll(&p->d, UINT32_MAX) : 0;
        p->shard[i] = p->e[i]->shard(r);
        p->connection[i] = p->e[i]->open(p->shard[i]);
    }
}

/* One connection; false: they differ. */
static bool play(const struct engine *a, const struct engine *b, uint64_t seed,
                 unsigned *seen)
{
    struct play *p = calloc(1, sizeof(*p));
    const char *why = NULL;
    struct rules r;

    p->e[0] = a;
    p->e[1] = b;
    p->seen = seen;
    p->d.state = (seed + 1) * 0x9e3779b97f4a7c15;
    p->small = roll(&p->d, 3);
    r = (struct rules){
        .ahead = p->small ? 20 + roll(&p->d, 100) : 4096,
        .keep = p->small ? roll(&p->d, 100) : 1024,
        .overlap = roll(&p->d, 6),
        .ignore = roll(&p->d, 10) == 0,
        .trust_sums = roll(&p->d, 4) == 0,
        .pieces = roll(&p->d, 2) ? 1000 : roll(&p->d, 8),
    };
    set_up(p, &r);
    for (unsigned i = 0; i < STEPS && !why; i++)
        why = step(p);
    if (why) {
        printf("seed %" PRIu64 ": %s differ; overlap %u ahead %u keep %u "
               "pieces %u\n",
               seed, why, r.overlap, r.ahead, r.keep, (unsigned)r.pieces);
        for (unsigned i = 0; i < p->n; i++)
            puts(p->log[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        p->e[i]->end(p->connection[i]);
        if (p->e[i]->pieces(p->shard[i]) != r.pieces && !why) {
            why = "pieces";
            printf("seed %" PRIu64 ": %s loses pieces\n", seed, p->e[i]->name);
        }
        p->e[i]->shard_free(p->shard[i]);
    }
    free(p);
    return !why;
}

int lockstep(const struct engine *a, const struct engine *b, unsigned n,
             uint64_t seed)
{
#define SIGN(name, number, sentence) {#name, number},
    static const struct {
        const char *name;
        unsigned number;
    } signs[] = {
#include <nfl/tcp_sign.def>
    };
#undef SIGN
    unsigned wrong = 0, seen[64] = {0};

    for (unsigned i = 0; i < n && wrong < 3; i++)
        wrong += !play(a, b, seed + i, seen);
    for (unsigned i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        printf("%s %u%s", signs[i].name, seen[signs[i].number],
               i % 6 == 5 ? "\n" : ", ");
    putchar('\n');
    printf("%s and %s: %u connections, %u differ\n", a->name, b->name, n,
           wrong);
    return wrong != 0;
}
