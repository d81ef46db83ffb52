/* The headers of a packet: parsing them, and their fields. Only gen.h includes
 * this. */
#ifndef NFL_GEN_HEAD_H
#define NFL_GEN_HEAD_H

/* ---- the headers of a packet ---- */

/* NFLG_SUMS: the most checksums that a shape has. */
enum { NFLG_MAX_BYTES = 256, NFLG_MAX_HEADERS = 16, NFLG_SUMS = 8 };

/* What a header gives to the tuple. */
enum nflg_role {
    NFLG_SRC,
    NFLG_DST,
    NFLG_PROTO,
    NFLG_SPORT,
    NFLG_DPORT,
    NFLG_ROLES
};

/* What a parse function returns instead of the header that is due next. */
enum { NFLG_DONE = -1, NFLG_MALFORMED = -2 };

struct nflg_place { /* of a field that has a role */
    uint16_t bit;   /* from the start of the frame */
    uint8_t bits;   /* 0: no header gave this role */
    uint8_t header; /* which of the parsed ones gave it */
};

struct nflg_header { /* one that was parsed */
    uint16_t kind;   /* which declaration */
    uint16_t at, to; /* its first byte, and the one after its last */
};

/* Of a header since the first one was added or removed. */
enum {
    NFLG_ADDED = 1,   /* it did not arrive */
    NFLG_RESIZED = 2, /* behind it headers were added or removed */
    NFLG_NO_SUM = 4,  /* added without an optional checksum */
};

struct nflg_origin {
    uint16_t at; /* where it arrived */
    uint8_t flags;
};

struct nflg_edit {
    uint16_t room; /* for so many bytes the frame can grow in front */
    bool in_flow;  /* as it arrived */
    unsigned n;    /* headers parsed on arrival */
    struct nflg_header arrived[NFLG_MAX_HEADERS];
    struct nflg_origin origin[NFLG_MAX_HEADERS]; /* of those that are there */
};

struct nflg_head {
    struct nfl_pkt *pkt;
    uint8_t *data;  /* pkt->data */
    uint32_t at;    /* where the parsed headers end */
    uint32_t end;   /* what comes next must lie before */
    unsigned n;     /* headers parsed */
    bool malformed; /* a header was due and was not there */
    bool no_flow;   /* a header says so */
    bool quotes;    /* its flow is that of a packet that it quotes */
    uint8_t quoted; /* then the first header that it quotes, as it arrived */
    bool later;     /* its flow is that of the first fragment */
    bool dirty;     /* written to; saved holds the parsed headers as they
                       arrived */
    uint8_t shape;  /* each store counts how checksums change; else 0 */
    bool edited;    /* headers were added or removed: edit has a meaning */
    uint64_t there[(NFLG_HEADERS + 63) / 64];
    uint16_t off[NFLG_HEADERS]; /* outermost of each kind that is there */
    struct nflg_header parsed[NFLG_MAX_HEADERS];
    struct nflg_place role[NFLG_ROLES];
    struct nflg_place own[2]; /* source and destination, if it quotes */
    struct nfl_tuple tuple;   /* as it arrived */
    uint8_t saved[NFLG_MAX_BYTES];
    uint32_t delta[NFLG_SUMS]; /* with a shape: ~m + m' of the words that were
                                  stored, as they lie, by checksum */
    const uint8_t *was;        /* the payload as it arrived, if C wrote to it */
#ifdef NFLG_EDITS
    struct nflg_edit edit;
#endif
};

NFLG_FN bool nflg_has(const struct nflg_head *h, unsigned kind)
{
    return h->there[kind / 64] >> kind % 64 & 1;
}

/* Has it the headers that it arrived with, where they were? */
NFLG_FN bool nflg_is_as_arrived(const struct nflg_head *h)
{
#ifdef NFLG_EDITS
    const struct nflg_edit *e = &h->edit;

    if (!h->edited)
        return true;
    if (h->n != e->n)
        return false;
    for (unsigned i = 0; i < h->n; i++)
        if (e->origin[i].flags & NFLG_ADDED ||
            e->origin[i].at != h->parsed[i].at ||
            e->arrived[i].at != h->parsed[i].at)
            return false;
    return true;
#else
    return !h->edited;
#endif
}

NFLG_FN bool nflg_has_flow(const struct nflg_head *h)
{
    return !h->malformed && !h->no_flow && h->role[NFLG_SRC].bits &&
           h->role[NFLG_DST].bits && h->role[NFLG_PROTO].bits;
}

NFLG_FN void nflg_begin(struct nflg_head *h, struct nfl_pkt *pkt)
{
    if (!pkt->data)
        __builtin_unreachable();
    h->pkt = pkt;
    h->was = NULL;
    h->data = pkt->data;
    h->at = 0;
    h->end = pkt->len;
    h->n = 0;
    h->malformed = h->no_flow = h->quotes = h->later = false;
    h->dirty = h->edited = false;
    h->shape = 0;
    memset(h->there, 0, sizeof(h->there));
    memset(h->role, 0, sizeof(h->role));
    memset(&h->tuple, 0, sizeof(h->tuple));
}

/* The header that is due, if its `fixed` bytes are there to be looked at, else
 * NULL. */
NFLG_FN const uint8_t *nflg_due(const struct nflg_head *h, unsigned fixed)
{
    if (h->n == NFLG_MAX_HEADERS || h->end - h->at < fixed)
        return NULL;
    return h->data + h->at;
}

/* What is left of the parent's bytes: the `end` of a header without one. */
NFLG_FN uint64_t nflg_left(const struct nflg_head *h)
{
    return h->end - h->at;
}

/* An `end` that does not fit says nothing. */
NFLG_FN uint64_t nflg_believe(const struct nflg_head *h, uint64_t size,
                              uint64_t end)
{
    return end < size || end > nflg_left(h) ? nflg_left(h) : end;
}

/* Takes the header that is due, or not: LANGUAGE.md, section 2, rules 3 to 5.
 * `end` counts from its first byte. */
NFLG_FN bool nflg_take(struct nflg_head *h, unsigned kind, unsigned fixed,
                       uint64_t size, uint64_t end)
{
    struct nflg_header *p = &h->parsed[h->n];

    if (size < fixed || end < size || end > nflg_left(h) ||
        size > NFLG_MAX_BYTES || h->at + size > NFLG_MAX_BYTES)
        return false;
    p->kind = (uint16_t)kind;
    p->at = (uint16_t)h->at;
    p->to = (uint16_t)(h->at + size);
    if (!nflg_has(h, kind)) {
        h->there[kind / 64] |= (uint64_t)1 << kind % 64;
        h->off[kind] = p->at;
    }
    h->end = h->at + (uint32_t)end;
    h->at = p->to;
    h->n++;
    return true;
}

/* The header just taken gives a role by its field of `bits` bits at `bit`.
 * Addresses of more than 32 bits are IPv6. */
NFLG_FN void nflg_give(struct nflg_head *h, enum nflg_role role, unsigned bit,
                       unsigned bits)
{
    const struct nflg_header *p = &h->parsed[h->n - 1];
    nfl_u128 v = nflg_getbits128(h->data + p->at, bit, bits);

    h->role[role].bit = (uint16_t)(p->at * 8u + bit);
    h->role[role].bits = (uint8_t)bits;
    h->role[role].header = (uint8_t)(h->n - 1);
    if (role == NFLG_SRC) {
        h->tuple.src = v;
        h->tuple.v6 = bits > 32;
    } else if (role == NFLG_DST) {
        h->tuple.dst = v;
    } else if (role == NFLG_PROTO) {
        h->tuple.proto = (uint8_t)v;
    } else if (role == NFLG_SPORT) {
        h->tuple.sport = (uint16_t)v;
    } else {
        h->tuple.dport = (uint16_t)v;
    }
}

/* The header just taken begins a packet that this one quotes. */
NFLG_FN void nflg_quote(struct nflg_head *h)
{
    if (h->quotes)
        return;
    h->quotes = true;
    h->quoted = (uint8_t)(h->n - 1);
    h->own[0] = h->role[NFLG_SRC];
    h->own[1] = h->role[NFLG_DST];
}

/* A later fragment has the flow of its first one, and no ports of its own. */
NFLG_COLD void nflg_later(struct nflg_head *h)
{
    h->no_flow = false;
    h->later = nflg_has_flow(h);
    h->tuple.proto = h->pkt->proto;
    h->tuple.sport = h->pkt->sport;
    h->tuple.dport = h->pkt->dport;
}

struct nflg_inner { /* the first `real` behind `of` has the number `kind`, too
                     */
    uint16_t kind, of, real;
};

struct nflg_inners { /* of the program, each behind its `of` */
    const struct nflg_inner *at;
    unsigned n;
};

static const struct nflg_inners g_inners; /* generated code defines it */

/* The bytes of an option at p, of which `left` are there; 0: it is none. */
typedef unsigned nflg_option_fn(const uint8_t *p, unsigned left);

struct nflg_option { /* inside of headers `of`, from their byte `from` on */
    uint16_t kind, of, from;
    nflg_option_fn *is, *any; /* it; any, by which one goes on */
};

struct nflg_options { /* of the program */
    const struct nflg_option *at;
    unsigned n;
};

static const struct nflg_options g_options; /* generated code defines it */

/* size, if it is one. */
NFLG_FN unsigned nflg_fits(unsigned fixed, uint64_t size, unsigned left)
{
    return size < fixed || size > left ? 0 : (unsigned)size;
}

NFLG_FN void nflg_find_option(struct nflg_head *h, const struct nflg_option *o)
{
    unsigned k = 0, at, to, step;

    while (h->parsed[k].kind != o->of)
        k++;
    at = h->parsed[k].at + (unsigned)o->from;
    to = h->parsed[k].to;
    while (at < to && !o->is(h->data + at, to - at)) {
        step = o->any(h->data + at, to - at);
        at = step ? at + step : to;
    }
    if (at >= to)
        return;
    h->there[o->kind / 64] |= (uint64_t)1 << o->kind % 64;
    h->off[o->kind] = (uint16_t)at;
}

/* When all headers are known. */
NFLG_FN void nflg_find_inner(struct nflg_head *h)
{
    unsigned i, k;

    for (i = 0; i < g_options.n; i++)
        if (nflg_has(h, g_options.at[i].of))
            nflg_find_option(h, &g_options.at[i]);
    for (i = 0; i < g_inners.n; i++) {
        const struct nflg_inner *in = &g_inners.at[i];

        if (!nflg_has(h, in->of))
            continue;
        for (k = 0; k < h->n; k++)
            if (h->parsed[k].kind == in->real &&
                h->parsed[k].at > h->off[in->of])
                break;
        if (k == h->n)
            continue;
        h->there[in->kind / 64] |= (uint64_t)1 << in->kind % 64;
        h->off[in->kind] = h->parsed[k].at;
    }
}

/* Has the frame room for so many bytes more? LANGUAGE.md, section 2, "Adding
 * and removing". */
NFLG_FN bool nflg_may_grow(const struct nfl_pkt *pkt, unsigned bytes)
{
    return pkt->headroom >= bytes && pkt->len + bytes <= 65535;
}

/* The frame ends where the header says that it ends, by a field that counts
 * bytes and stands for so many more. One that does not fit says nothing. */
NFLG_FN void nflg_cut(struct nflg_head *h, unsigned kind, unsigned bit,
                      unsigned bits, unsigned add)
{
    unsigned at = h->off[kind];
    unsigned to = at + add + nflg_getbits32(h->data + at, bit, bits);

    if (to >= at && to <= h->pkt->len)
        h->pkt->len = to;
}

/* Before the first write to the packet. */
NFLG_FN void nflg_touch(struct nflg_head *h)
{
    if (h->dirty)
        return;
    memcpy(h->saved, h->data, h->at);
    h->dirty = true;
}

/* ---- fields of the packet at hand; their header is known to be there ---- */

#define NFLG_FIELD(n, type)                                                    \
    NFLG_FN type nflg_u##n(const struct nflg_head *h, unsigned kind,           \
                           unsigned off)                                       \
    {                                                                          \
        return nflg_get##n(h->data + h->off[kind], off);                       \
    }

NFLG_FIELD(8, uint32_t)
NFLG_FIELD(16, uint32_t)
NFLG_FIELD(32, uint32_t)
NFLG_FIELD(64, uint64_t)
NFLG_FIELD(128, nfl_u128)

#define NFLG_BITS(n, type)                                                     \
    NFLG_FN type nflg_bits##n(const struct nflg_head *h, unsigned kind,        \
                              unsigned bit, unsigned bits)                     \
    {                                                                          \
        return nflg_getbits##n(h->data + h->off[kind], bit, bits);             \
    }

NFLG_BITS(32, uint32_t)
NFLG_BITS(64, uint64_t)
NFLG_BITS(128, nfl_u128)

/* Where a field is in its header that may be absent: then 0. */
typedef unsigned nflg_find_fn(const uint8_t *header);

/* Absent fields are zero. */
#define NFLG_OPTIONAL(n, type)                                                 \
    NFLG_FN type nflg_optional##n(const struct nflg_head *h, unsigned kind,    \
                                  nflg_find_fn *find, unsigned bits)           \
    {                                                                          \
        const uint8_t *p = h->data + h->off[kind];                             \
        unsigned off = find(p);                                                \
                                                                               \
        return off ? nflg_getbits##n(p, off * 8, bits) : 0;                    \
    }

NFLG_OPTIONAL(32, uint32_t)
NFLG_OPTIONAL(64, uint64_t)
NFLG_OPTIONAL(128, nfl_u128)

/* The same while p is parsed, and is known to be there. */
NFLG_FN nfl_u128 nflg_read_optional(const uint8_t *p, nflg_find_fn *find,
                                    unsigned bits)
{
    unsigned off = find(p);

    return off ? nflg_getbits128(p, off * 8, bits) : 0;
}

NFLG_FN void nflg_set_optional(struct nflg_head *h, unsigned kind,
                               nflg_find_fn *find, unsigned bits, nfl_u128 v)
{
    unsigned off = find(h->data + h->off[kind]);

    if (!off)
        return;
    nflg_touch(h);
    nflg_putbits(h->data + h->off[kind], off * 8, bits, v);
}

NFLG_FN void nflg_set(struct nflg_head *h, unsigned kind, unsigned bit,
                      unsigned bits, nfl_u128 v)
{
    nflg_touch(h);
    nflg_putbits(h->data + h->off[kind], bit, bits, v);
}

/* A word as it lies in memory: one's complement sums are the same in either
 * byte order. */
NFLG_FN uint16_t nflg_raw16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Of up to 2^15 words. */
NFLG_FN uint32_t nflg_fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

/* From now on stores count: no word is stored twice. */
NFLG_FN void nflg_count(struct nflg_head *h, unsigned shape)
{
    h->shape = (uint8_t)shape;
    memset(h->delta, 0, sizeof(h->delta));
}

/* The same as nflg_set; covers: by shape, the checksums that change, as bits.
 */
NFLG_FN void nflg_store(struct nflg_head *h, unsigned kind, unsigned bit,
                        unsigned bits, nfl_u128 v, const uint8_t *covers)
{
    uint8_t *p = h->data + h->off[kind];
    unsigned from = bit / 16 * 2, to = (bit + bits + 15) / 16 * 2, i;
    uint16_t old[10];
    uint32_t acc = 0;

    if (!h->shape) {
        nflg_set(h, kind, bit, bits, v);
        return;
    }
    for (i = from; i < to; i += 2)
        old[(i - from) / 2] = nflg_raw16(p + i);
    nflg_putbits(p, bit, bits, v);
    for (i = from; i < to; i += 2) {
        uint32_t m = old[(i - from) / 2], n = nflg_raw16(p + i);

        acc += m == n ? 0 : (~m & 0xffff) + n;
    }
    for (i = 0; i < NFLG_SUMS; i++)
        h->delta[i] += covers[h->shape] >> i & 1 ? acc : 0;
}

#endif
