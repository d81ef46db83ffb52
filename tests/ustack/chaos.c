#include "chaos.h"
#include "wire.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 2, ENGINES = 4, MOST = 6000, HEADER = 20, OPTIONS = 40 };
enum { END = 0, NOP = 1, SCALE = 3, SACKS = 4, STAMP = 8, MD5 = 19 };

struct plan { /* a segment to be sent */
    unsigned from, flags;
    uint32_t seq, ack, len;
    bool other; /* some bytes are not those that belong there */
};

struct end { /* a host that sends */
    bool up;
    uint32_t isn, next, front; /* front: about */
    uint32_t window;
};

struct link { /* a connection */
    void *at[ENGINES];
    struct end end[2];
    bool stamps, scales, sacks, sign, v6;
    struct plan last;
    bool over;    /* it was closed */
    bool tiny;    /* segments that lie apart */
    bool in_line; /* what is early is held, and comes no more */
    uint32_t clock;
    unsigned watch;
};

struct world {
    struct source *s;
    const struct engine *const *all;
    unsigned n; /* of them */
    FILE *out;
    void *shard[ENGINES];
    struct rules rules;
    struct link link[CONNECTIONS];
    unsigned steps;
    bool differ;
};

/* ---- what happens ---- */

static uint32_t draw(struct source *s)
{
    if (s->p) {
        if (!s->n)
            return 0;
        s->n--;
        return *s->p++;
    }
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->seed >> 33);
}

/* 0 to n - 1. */
static uint32_t below(struct world *w, uint32_t n)
{
    uint32_t v = draw(w->s);

    if (w->s->p && n > 256)
        v = v << 8 | draw(w->s);
    if (w->s->p && n > 65536)
        v = v << 16 | draw(w->s) << 8 | draw(w->s);
    return v % n;
}

static bool rarely(struct world *w, unsigned percent)
{
    return below(w, 100) >= 100 - percent;
}

static uint32_t one_of(struct world *w, const uint32_t *a, unsigned n)
{
    return a[below(w, n)];
}
#define ONE_OF(w, ...)                                                         \
    one_of(w, (const uint32_t[]){__VA_ARGS__},                                 \
           sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* ---- what differs ---- */

static void differ(struct world *w, unsigned i, const char *what, uint64_t a,
                   uint64_t b)
{
    if (!w->differ)
        fprintf(w->out,
                "segment %u: %s of %s is %" PRIx64 ", of %s %" PRIx64 "\n",
                w->steps, what, w->all[0]->name, a, w->all[i]->name, b);
    w->differ = true;
}

static void same(struct world *w, unsigned i, const char *what, uint64_t a,
                 uint64_t b)
{
    if (a != b)
        differ(w, i, what, a, b);
}

static void same_bytes(struct world *w, unsigned i, const char *what,
                       const uint8_t *a, const uint8_t *b, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (a[k] != b[k]) {
            fprintf(w->out, "byte %u: %02x, %02x\n", k, a[k], b[k]);
            differ(w, i, what, a[k], b[k]);
            return;
        }
}

static const uint64_t stream_signs =
    BIT(ready) | BIT(gap) | BIT(conflict) | BIT(end);

static void compare(struct world *w, unsigned i, const struct said *a,
                    const struct said *b)
{
    same(w, i, "signs", a->signs, b->signs);
    same(w, i, "watched", a->watched, b->watched);
    same(w, i, "bytes that came first", a->first_len, b->first_len);
    if (!w->differ && a->first_len) {
        same(w, i, "their place", a->first_at, b->first_at);
        same_bytes(w, i, "first byte", a->first, b->first, a->first_len);
    }
    if (w->differ || !a->watched || !(a->signs & stream_signs))
        return;
    same(w, i, "offset", a->fresh_offset, b->fresh_offset);
    same(w, i, "gap", a->gap, b->gap);
    same(w, i, "fresh bytes", a->fresh_len, b->fresh_len);
    same(w, i, "conflict", a->conflict_len, b->conflict_len);
    if (w->differ)
        return;
    same_bytes(w, i, "fresh byte", a->fresh, b->fresh, a->fresh_len);
    same_bytes(w, i, "was", a->was, b->was, a->conflict_len);
    same_bytes(w, i, "now", a->now, b->now, a->conflict_len);
}

static void compare_pieces(struct world *w)
{
    for (unsigned i = 1; i < w->n; i++)
        same(w, i, "pieces left", w->all[0]->pieces(w->shard[0]),
             w->all[i]->pieces(w->shard[i]));
}

static void compare_kept(struct world *w, struct link *l, unsigned slot)
{
    struct kept a = w->all[0]->bytes(l->at[0], slot);

    for (unsigned i = 1; i < w->n && !w->differ; i++) {
        struct kept b = w->all[i]->bytes(l->at[i], slot);

        same(w, i, "kept bytes", a.len, b.len);
        same(w, i, "kept fresh", a.fresh, b.fresh);
        same(w, i, "kept offset", a.offset, b.offset);
        if (!w->differ)
            same_bytes(w, i, "kept byte", a.p, b.p, a.len);
    }
}

static void keep(struct world *w, struct link *l, unsigned slot)
{
    uint32_t at = below(w, w->all[0]->bytes(l->at[0], slot).len + 2);
    bool a = w->all[0]->keep(l->at[0], slot, at);

    for (unsigned i = 1; i < w->n; i++)
        same(w, i, "keep", a, w->all[i]->keep(l->at[i], slot, at));
}

/* ---- changes ---- */

static void compare_changed(struct world *w, struct link *l, unsigned slot)
{
    struct kept a = w->all[0]->changed(l->at[0], slot);

    for (unsigned i = 1; i < w->n && !w->differ; i++) {
        struct kept b = w->all[i]->changed(l->at[i], slot);

        same(w, i, "changed bytes", a.len, b.len);
        if (!w->differ)
            same_bytes(w, i, "changed byte", a.p, b.p, a.len);
    }
}

static void change(struct world *w, struct link *l, unsigned slot)
{
    static uint8_t bytes[MOST];
    uint32_t len = w->all[0]->changed(l->at[0], slot).len,
             at = below(w, len + 2),
             n = rarely(w, 20) ? 200 + below(w, 900) : below(w, 20);
    bool a;

    memset(bytes, (int)(0x40 + w->steps % 64), n);
    a = w->all[0]->change(l->at[0], slot, at, bytes, n);
    for (unsigned i = 1; i < w->n; i++)
        same(w, i, "change", a,
             w->all[i]->change(l->at[i], slot, at, bytes, n));
}

/* What comes again, as it leaves the slot's NF. */
static void again(struct world *w, struct link *l, unsigned slot,
                  const struct wire *wire)
{
    uint8_t *p[2] = {NULL};

    for (unsigned i = 0; i < w->n && !w->differ; i++) {
        p[i > 0] = malloc(wire->payload + 1);
        memcpy(p[i > 0], wire->tcp + (wire->tcp_len - wire->payload),
               wire->payload);
        w->all[i]->again(l->at[i], slot, p[i > 0]);
        if (i == 0)
            continue;
        same_bytes(w, i, "byte again", p[0], p[1], wire->payload);
        free(p[1]);
    }
    free(p[0]);
}

static void changes(struct world *w, struct link *l, unsigned slot,
                    const struct wire *wire, bool data)
{
    if (data)
        compare_changed(w, l, slot);
    for (unsigned n = data && rarely(w, 60) ? 1 + below(w, 3) : 0; n; n--)
        change(w, l, slot);
    if (data && !w->differ)
        compare_changed(w, l, slot);
    again(w, l, slot, wire);
}

static void slots(struct world *w, struct link *l, const struct wire *wire,
                  bool data)
{
    for (unsigned slot = 0; slot < SLOTS && !w->differ; slot++) {
        if (data)
            compare_kept(w, l, slot);
        if (data && rarely(w, 25))
            keep(w, l, slot);
        if (rarely(w, 5))
            for (unsigned i = 0; i < w->n; i++)
                w->all[i]->release(l->at[i], slot);
        if (data && rarely(w, 5))
            compare_kept(w, l, slot);
        if (!w->differ && l->in_line)
            changes(w, l, slot, wire, data);
        compare_pieces(w);
    }
}

/* ---- a segment ---- */

/* Of the byte at seq, if it is the right one. */
static uint8_t byte_of(uint32_t seq)
{
    return (uint8_t)(seq * 7 + (seq >> 8) * 3);
}

static void fill(struct world *w, const struct plan *p, uint8_t *to)
{
    for (uint32_t i = 0; i < p->len; i++)
        to[i] = byte_of(p->seq + (p->flags & SYN ? 1 : 0) + i);
    for (unsigned n = p->other ? below(w, 4) + 1 : 0; n > 0 && p->len; n--) {
        uint32_t at = below(w, p->len), k = below(w, 8) + 1;

        for (; k > 0 && at < p->len; k--)
            to[at++] ^= (uint8_t)(1 + w->steps % 31);
    }
}

static uint32_t put_stamp(struct world *w, struct link *l, uint8_t *o)
{
    uint32_t stamp = l->clock += below(w, 3);

    if (rarely(w, 10))
        stamp -= ONE_OF(w, 1, 2, 1000, 0x80000000, stamp, stamp);
    o[0] = o[1] = NOP;
    o[2] = STAMP;
    o[3] = 10;
    put(o + 4, 4, stamp);
    put(o + 8, 4, 0);
    return 12;
}

/* Returns how many bytes the options have, a multiple of 4. */
static uint32_t options(struct world *w, struct link *l, unsigned flags,
                        uint8_t *o)
{
    uint32_t n = 0;

    memset(o, 0, OPTIONS);
    if (l->stamps != rarely(w, 3))
        n = put_stamp(w, l, o);
    if (flags & SYN && l->scales != rarely(w, 5)) {
        memcpy(o + n, (uint8_t[]){NOP, SCALE, 3, (uint8_t)below(w, 17)}, 4);
        n += 4;
    }
    if (flags & SYN && l->sacks != rarely(w, 5)) {
        memcpy(o + n, (uint8_t[]){NOP, NOP, SACKS, 2}, 4);
        n += 4;
    }
    if (l->sign != rarely(w, 1)) {
        memcpy(o + n, (uint8_t[]){MD5, 4, 1, 2}, 4);
        n += 4;
    }
    if (rarely(w, 1)) {
        for (unsigned i = 0; i < 8; i++)
            o[n + i] = (uint8_t)ONE_OF(w, 0, 1, 2, 3, 4, 8, 10, 40);
        n += 8;
    }
    return n;
}

static const uint8_t addresses[32] = {10, 0, 0, 1, 192, 0, 2, 7, 32, 1, 13};

static const uint64_t over = BIT(terminate) | BIT(reset) | BIT(after_close);

/* Of these nothing enters a connection. */
static const uint64_t refused =
    BIT(bad_checksum) | BIT(cut_short) | BIT(bad_flags) | BIT(bad_syn) |
    BIT(bad_ack) | BIT(bad_sequence) | BIT(bad_reset) | BIT(bad_timestamp) |
    BIT(after_close) | BIT(before_syn) | BIT(bad_signature);

/* False: the monitors did not take it. */
static bool send_plan(struct world *w, struct link *l, const struct plan *p)
{
    uint8_t o[OPTIONS];
    uint32_t n = options(w, l, p->flags, o), len = HEADER + n + p->len;
    uint8_t *tcp = calloc(1, len); /* exactly as long: for sanitizers */
    struct wire wire = {.tcp = tcp,
                        .tcp_len = len,
                        .payload = p->len,
                        .addr = addresses,
                        .addr_len = l->v6 ? 32 : 8,
                        .cut = rarely(w, 1) && rarely(w, 30),
                        .reuses = rarely(w, 1)};
    struct said a, b;
    bool early;

    put(tcp, 2, 4000 + p->from);
    put(tcp + 2, 2, 4001 - p->from);
    put(tcp + 4, 4, p->seq);
    put(tcp + 8, 4, p->ack);
    tcp[12] = (uint8_t)((HEADER + n) / 4 << 4);
    tcp[13] = (uint8_t)p->flags;
    put(tcp + 14, 2,
        rarely(w, 10) ? ONE_OF(w, 65535, 5000, 2000, 300, 0, 1)
                      : l->end[p->from].window);
    memcpy(tcp + HEADER, o, n);
    fill(w, p, tcp + HEADER + n);
    if (!w->rules.trust_sums && !rarely(w, 2))
        wire_tcp_sum(&wire, tcp);
    early = w->all[0]->early(l->at[0], &wire, p->from, l->watch);
    for (unsigned i = 1; i < w->n; i++)
        same(w, i, "early", early,
             w->all[i]->early(l->at[i], &wire, p->from, l->watch));
    if (l->in_line && early) {
        free(tcp);
        return true;
    }
    w->all[0]->segment(l->at[0], &wire, p->from, l->watch, &a);
    for (unsigned i = 1; i < w->n; i++) {
        w->all[i]->segment(l->at[i], &wire, p->from, l->watch, &b);
        compare(w, i, &a, &b);
    }
    compare_pieces(w);
    for (unsigned i = 0; i < 64; i++)
        w->s->signs[i] += a.signs >> i & 1;
    if (w->differ)
        fprintf(w->out, "of side %u, flags %x, seq %u, ack %u, %u bytes\n",
                p->from, p->flags, p->seq, p->ack, p->len);
    else
        slots(w, l, &wire, a.watched);
    free(tcp);
    l->over |= (a.signs & over) != 0;
    if (a.signs & BIT(ready) && a.watched)
        l->end[p->from].front = p->seq + p->len;
    return !(a.signs & refused);
}

/* ---- what hosts, and others, send ---- */

static uint32_t some_len(struct world *w)
{
    switch (below(w, 8)) {
    case 0:
    case 1:
        return 0;
    case 2:
        return 1;
    case 3:
    case 4:
        return below(w, 40);
    case 5:
        return below(w, 300);
    case 6:
        return 200 + below(w, 400);
    default:
        return rarely(w, 10) ? below(w, MOST) : 1 + below(w, 600);
    }
}

static uint32_t some_seq(struct world *w, const struct end *x)
{
    switch (below(w, 24)) {
    case 0:
    case 1:
        return x->front + below(w, 60);
    case 2:
    case 3:
        return x->front + below(w, 900);
    case 20:
    case 21:
    case 22:
        return x->front;
    case 23:
        return x->front - below(w, 30);
    case 4:
        return x->next - 1;
    case 5:
    case 6:
        return x->next - below(w, 200);
    case 7:
    case 8:
        return x->next - below(w, 2500);
    case 9:
        return rarely(w, 10)
                   ? x->next + ONE_OF(w, 1u << 30, 1u << 31, (1u << 30) + 1,
                                      0u - (1u << 30), 70000)
                   : x->isn + below(w, 3);
    default:
        return x->next;
    }
}

static uint32_t some_ack(struct world *w, const struct end *y)
{
    switch (below(w, 40)) {
    case 0:
        return y->next - below(w, 100);
    case 1:
        return y->next - below(w, 3000);
    case 2:
        return y->next + (rarely(w, 30) ? below(w, 900) : 0);
    case 3:
        return rarely(w, 20) ? draw(w->s) : y->isn + 1;
    case 4:
        return y->next - 1;
    default:
        return y->next;
    }
}

static unsigned some_flags(struct world *w)
{
    if (!rarely(w, 8))
        return ACK;
    if (rarely(w, 10))
        return below(w, 256);
    return ONE_OF(w, ACK | FIN, ACK | FIN, ACK | FIN, ACK | FIN, ACK | FIN,
                  ACK | FIN, RST, RST | ACK, SYN, SYN | ACK, ACK | URG,
                  SYN | FIN, SYN | RST, FIN | RST | ACK, 0, FIN, PSH | ACK);
}

/* What a host would send that opens a connection. */
static struct plan opening(struct link *l, unsigned from)
{
    const struct end *x = &l->end[from], *y = &l->end[!from];

    return (struct plan){.from = from,
                         .flags = y->up ? SYN | ACK : SYN,
                         .seq = x->isn,
                         .ack = y->up ? y->next : 0};
}

static void sent(struct end *x, const struct plan *p)
{
    uint32_t end =
        p->seq + p->len + (p->flags & SYN ? 1 : 0) + (p->flags & FIN ? 1 : 0);

    if (p->flags & SYN && p->seq == x->isn)
        x->up = true;
    if (end - x->next < 20000)
        x->next = end;
}

static void new_end(struct world *w, struct end *x)
{
    x->up = false;
    x->window = ONE_OF(w, 65535, 5000, 5000, 2000, 300);
    x->isn = x->next = x->front = ONE_OF(w, 0, 1000, 0xfffffff0, 0xfffff000,
                                         0x7ffffff0, 0x7ffff000, draw(w->s));
}

static void step(struct world *w, struct link *l)
{
    struct plan p = {.from = below(w, 100) < (l->tiny ? 97 : 60) ? 0 : 1};
    struct end *x = &l->end[p.from];

    if (x->up ? rarely(w, 2) : !rarely(w, 10)) {
        p = opening(l, p.from);
        if (rarely(w, 10))
            p.len = below(w, 500);
        if (p.ack && rarely(w, 20)) /* not of all that the SYN has */
            p.ack = rarely(w, 50)
                        ? l->end[!p.from].isn + 1
                        : p.ack - below(w, p.ack - l->end[!p.from].isn);
        if (rarely(w, 5))
            p.flags ^= ACK;
        if (rarely(w, 3))
            p.seq += below(w, 3);
    } else {
        p.flags = some_flags(w);
        p.len = some_len(w);
        p.seq = some_seq(w, x);
        p.ack = some_ack(w, &l->end[!p.from]);
        p.other = rarely(w, 25);
        if (l->tiny && !rarely(w, 20)) { /* more islands than there may be */
            p.len = 1 + below(w, 2);
            p.seq = x->front + 1 + below(w, 250);
        }
    }
    if (rarely(w, 3))
        p = l->last; /* once more */
    l->last = p;
    if (send_plan(w, l, &p))
        sent(&l->end[p.from], &p);
}

static void open_link(struct world *w, struct link *l)
{
    for (unsigned i = 0; i < 2; i++)
        new_end(w, &l->end[i]);
    l->stamps = rarely(w, 30);
    l->scales = rarely(w, 60);
    l->sacks = rarely(w, 60);
    l->sign = rarely(w, 3);
    l->v6 = rarely(w, 30);
    l->tiny = rarely(w, 5);
    l->in_line = rarely(w, 40);
    l->clock = ONE_OF(w, 1, 1000, 0xfffffff0, 0x7ffffff0);
    l->watch = ONE_OF(w, 3, 3, 3, 1, 2, 0);
    for (unsigned i = 0; i < w->n; i++)
        l->at[i] = w->all[i]->open(w->shard[i]);
}

static void close_link(struct world *w, struct link *l)
{
    for (unsigned i = 0; i < w->n; i++)
        w->all[i]->end(l->at[i]);
    compare_pieces(w);
}

static void something(struct world *w)
{
    struct link *l = &w->link[rarely(w, 10)];

    if (rarely(w, 1) && rarely(w, 50)) {
        for (unsigned i = 0; i < w->n; i++)
            w->all[i]->sleep(l->at[i]);
        compare_pieces(w);
    }
    if (rarely(w, 1) && rarely(w, 50))
        l->watch = below(w, 4);
    if (rarely(w, 1) && rarely(w, 30)) {
        close_link(w, l);
        open_link(w, l);
    }
    if (l->over ? rarely(w, 30) : rarely(w, 1) && rarely(w, 10)) {
        for (unsigned i = 0; i < 2; i++)
            new_end(w, &l->end[i]);
        l->over = false;
    }
    step(w, l);
}

/* ---- all of it ---- */

static void open_world(struct world *w)
{
    w->rules = (struct rules){
        .ahead = ONE_OF(w, 2000, 2000, 1000, 4000, 300, 20000),
        .keep = ONE_OF(w, 1000, 1000, 300, 3000, 16384),
        .unacked = ONE_OF(w, 0, 0, 300, 1000, 5000),
        .overlap = below(w, 6),
        .ignore = rarely(w, 4),
        .trust_sums = rarely(w, 60),
        .pieces = ONE_OF(w, 200, 200, 200, 100, 30, 12, 5, 2, 1, 0),
    };
    while (w->all[w->n])
        w->n++;
    for (unsigned i = 0; i < w->n; i++)
        w->shard[i] = w->all[i]->shard(&w->rules);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        open_link(w, &w->link[i]);
}

static void close_world(struct world *w)
{
    for (unsigned i = 0; i < CONNECTIONS; i++)
        close_link(w, &w->link[i]);
    for (unsigned i = 0; i < w->n; i++) {
        same(w, i, "all pieces", w->rules.pieces,
             w->all[i]->pieces(w->shard[i]));
        w->all[i]->shard_free(w->shard[i]);
    }
}

bool chaos(struct source *s, const struct engine *const *all, FILE *out)
{
    struct world w = {.s = s, .all = all, .out = out};

    open_world(&w);
    while (!w.differ && (s->p ? s->n > 0 : w.steps < s->most)) {
        w.steps++;
        something(&w);
    }
    if (w.differ)
        fprintf(out,
                "overlap %u, ahead %u, keep %u, unacked %u, %" PRIu64
                " pieces\n",
                w.rules.overlap, w.rules.ahead, w.rules.keep, w.rules.unacked,
                w.rules.pieces);
    close_world(&w);
    s->segments += w.steps;
    return !w.differ;
}
