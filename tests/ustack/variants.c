/* The packets of a capture in other ways that mean the same: with other
 * sequence numbers, cut into smaller segments, sent twice, in another order.
 * What a packet depends on stays before it, so all streams must stay as they
 * are. */
#include "commands.h"
#include "dice.h"
#include "streams.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAR = 8, PIECES = 4 };

static unsigned flags_of(const struct packet *p)
{
    return p->ip[p->tcp + 13];
}

static uint32_t seq_of(const struct packet *p)
{
    return get(p->ip + p->tcp + 4, 4);
}

static uint32_t ack_of(const struct packet *p)
{
    return get(p->ip + p->tcp + 8, 4);
}

/* Bytes from `at` of p's payload, as a packet. */
static void add_part(struct capture *to, const struct packet *p, uint32_t at,
                     uint32_t n)
{
    uint32_t head = p->len - p->payload;
    uint8_t *ip = malloc(p->len);

    memcpy(ip, p->ip, head);
    memcpy(ip + head, p->ip + head + at, n);
    put(ip + p->tcp + 4, 4, seq_of(p) + at);
    if (at + n < p->payload)
        ip[p->tcp + 13] &= (uint8_t)~(FIN | PSH);
    wire_sums(ip, head + n, p->tcp);
    capture_add(to, ip, head + n);
    free(ip);
}

/* 1 to PIECES parts of it. */
static void add_cut(struct capture *to, const struct packet *p, struct dice *d)
{
    uint32_t at = 0, n;

    for (unsigned left = 1 + roll(d, PIECES); left > 1; left--) {
        n = p->payload - at;
        if (n < 2)
            break;
        n = 1 + roll(d, n - 1);
        add_part(to, p, at, n);
        at += n;
    }
    add_part(to, p, at, p->payload - at);
}

static void cut_all(struct capture *to, const struct capture *c, struct dice *d)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct packet *p = &c->packet[i];

        if (p->payload > 1 && !(flags_of(p) & (SYN | RST)) && roll(d, 2))
            add_cut(to, p, d);
        else
            capture_add(to, p->ip, p->len);
    }
}

static bool less(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* May q, which came next, come before p? Not before a connection's first one,
 * which says who opened it, or where it is picked up. */
static bool free_of(const struct packet *p, const struct packet *q)
{
    unsigned both = flags_of(p) | flags_of(q);

    if (p->flow != q->flow)
        return true;
    if (p->first || (both & (SYN | RST)))
        return false;
    if (p->from == q->from)
        return true;
    return !q->payload && !(both & FIN) && !less(seq_of(p), ack_of(q));
}

/* The packet at `from` goes to `to`, before or behind. */
static void move(struct capture *c, size_t from, size_t to)
{
    struct packet p = c->packet[from];

    if (to < from)
        memmove(&c->packet[to + 1], &c->packet[to],
                (from - to) * sizeof(*c->packet));
    else
        memmove(&c->packet[from], &c->packet[from + 1],
                (to - from) * sizeof(*c->packet));
    c->packet[to] = p;
}

static void mix(struct capture *c, struct dice *d)
{
    for (size_t i = 1; i < c->n; i++) {
        unsigned most = roll(d, 3) ? 0 : 1 + roll(d, FAR);
        size_t to = i;

        while (most-- && to > 0 && free_of(&c->packet[to - 1], &c->packet[i]))
            to--;
        if (to < i)
            move(c, i, to);
    }
}

/* Some come again, up to FAR packets later in the same connection. */
static void repeat(struct capture *c, struct dice *d)
{
    size_t n = c->n;

    for (size_t i = 0; i < n; i++) {
        size_t at = i, to = i + 1 + roll(d, FAR);

        if (roll(d, 8))
            continue;
        capture_add(c, c->packet[i].ip, c->packet[i].len);
        while (at < to && at + 1 < c->n - 1 &&
               !(c->packet[at + 1].flow == c->packet[i].flow &&
                 (flags_of(&c->packet[at + 1]) & (SYN | ACK)) == SYN))
            at++;
        move(c, c->n - 1, at + 1);
        n++;
    }
}

/* Each side begins at another number, often so that it passes 2^32. */
static void shift(struct capture *c, struct dice *d)
{
    uint32_t(*by)[2] = calloc(c->n_flows + 1, sizeof(*by));

    for (size_t i = 0; i < c->n; i++) {
        const struct packet *p = &c->packet[i];
        uint32_t *mine = &by[p->flow][p->from];

        if (!*mine)
            *mine = roll(d, 2) ? 1 + roll(d, UINT32_MAX)
                               : 0 - seq_of(p) - roll(d, 20000);
    }
    for (size_t i = 0; i < c->n; i++) {
        const struct packet *p = &c->packet[i];
        uint8_t *tcp = p->ip + p->tcp;

        put(tcp + 4, 4, seq_of(p) + by[p->flow][p->from]);
        if (flags_of(p) & ACK)
            put(tcp + 8, 4, ack_of(p) + by[p->flow][!p->from]);
        wire_sums(p->ip, p->len, p->tcp);
    }
    free(by);
}

static void variant(struct capture *to, const struct capture *c, struct dice *d)
{
    cut_all(to, c, d);
    shift(to, d);
    mix(to, d);
    if (roll(d, 2))
        repeat(to, d);
}

static void tell(const char *file, uint64_t seed, const struct flow *f,
                 unsigned from, const struct stream *is,
                 const struct stream *was)
{
    char name[128];

    flow_name(f, from, name);
    printf("%s, seed %llu: %s: %llu bytes, not %llu, or others\n", file,
           (unsigned long long)seed, name, (unsigned long long)is->len,
           (unsigned long long)was->len);
}

/* How many streams differ. */
static unsigned check(const struct engine *e, const struct capture *c,
                      const struct stream *was, const char *file, uint64_t seed)
{
    struct dice d = {(seed + 1) * 0x9e3779b97f4a7c15};
    struct stream *is = calloc(2 * c->n_flows + 1, sizeof(*is));
    struct capture other = {0};
    unsigned wrong = 0;

    variant(&other, c, &d);
    if (other.n_flows != c->n_flows)
        abort();
    streams_of(e, &other, is);
    for (unsigned i = 0; i < 2 * c->n_flows; i++) {
        /* flows may begin in another order */
        const struct flow *f = &c->flow[i / 2];
        unsigned k = 0;

        while (memcmp(&other.flow[k], f, sizeof(*f)) != 0)
            k++;
        if (memcmp(&is[2 * k + i % 2], &was[i], sizeof(*is)) != 0) {
            tell(file, seed, f, i % 2, &is[2 * k + i % 2], &was[i]);
            wrong++;
        }
    }
    capture_free(&other);
    free(is);
    return wrong;
}

int variants(const struct engine *e, unsigned n, uint64_t seed, char **files)
{
    unsigned wrong = 0, all = 0;

    for (; *files; files++) {
        struct capture c = {0};
        struct stream *was;

        capture_read(&c, *files);
        was = calloc(2 * c.n_flows + 1, sizeof(*was));
        streams_of(e, &c, was);
        for (unsigned i = 0; i < n; i++)
            wrong += check(e, &c, was, *files, seed + i);
        all += n;
        free(was);
        capture_free(&c);
    }
    printf("%u variants, %u streams differ\n", all, wrong);
    return wrong != 0;
}
