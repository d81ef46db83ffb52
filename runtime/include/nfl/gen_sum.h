/* Checksums on leaving: LANGUAGE.md, section 6. Only gen.h includes this. */
#ifndef NFL_GEN_SUM_H
#define NFL_GEN_SUM_H

struct nflg_sum {   /* a checksum of a header */
    uint16_t kind;  /* the header */
    uint16_t off;   /* bytes from the header's start to the checksum */
    uint8_t rest;   /* covers all that follows, too */
    uint8_t pseudo; /* covers the pseudo fields of a header before */
    uint8_t optional;
    nflg_find_fn *find; /* of one that may be absent; else NULL */
};

struct nflg_span { /* a field of a pseudo header */
    uint16_t kind;
    uint16_t off, bytes;
};

struct nflg_sums { /* of all headers of the program */
    const struct nflg_sum *sums;
    unsigned n_sums;
    const struct nflg_span *pseudo;
    unsigned n_pseudo;
};

static const struct nflg_sums g_sums; /* generated code defines it */

/* The 16-bit word at off; the byte from `end` on is zero. What lies behind the
 * parsed headers cannot have changed, and a byte that is the same on both sides
 * cancels out. */
NFLG_FN uint32_t nflg_word(const uint8_t *p, unsigned off, unsigned end)
{
    return (uint32_t)p[off] << 8 | (off + 1 < end ? p[off + 1] : 0u);
}

/* True if the eight bytes from off on are as they arrived. */
NFLG_FN bool nflg_same(const struct nflg_head *h, unsigned off)
{
    return memcmp(h->saved + off, h->data + off, 8) == 0;
}

/* ~m + m' of those of four words that changed. */
NFLG_FN uint32_t nflg_changed4(uint64_t was, uint64_t is)
{
    uint32_t by = 0, m, n;
    unsigned i;

    for (i = 0; i < 64 && was != is; i += 16) {
        m = was >> i & 0xffff;
        n = is >> i & 0xffff;
        by += m == n ? 0 : (~m & 0xffff) + n;
    }
    return by;
}

/* Adds ~m + m' of the words that changed to *acc. */
NFLG_FN void nflg_changes(const struct nflg_head *h, unsigned at, unsigned end,
                          unsigned skip, uint32_t *acc)
{
    unsigned i;

    for (i = at; i + 8 <= end; i += 8)
        if (!nflg_same(h, i)) {
            uint64_t was = nflg_get64(h->saved, i);
            uint64_t not = skip - i < 8 && (skip - i) % 2 == 0
                               ? 0xffffull << (48 - 8 * (skip - i))
                               : 0;

            *acc += nflg_changed4(was, (nflg_get64(h->data, i) & ~not) |
                                           (was & not));
        }
    for (; i < end; i += 2) {
        uint32_t m, n;

        m = nflg_word(h->saved, i, end);
        n = nflg_word(h->data, i, end);
        if (m == n || i == skip)
            continue;
        *acc += (~m & 0xffff) + n;
    }
}

/* The same of bytes that arrived at `was`. */
NFLG_FN void nflg_moved(const struct nflg_head *h, unsigned at, unsigned end,
                        unsigned was, unsigned skip, uint32_t *acc)
{
    unsigned i;

    for (i = 0; at + i < end; i += 2) {
        uint32_t m, n;

        if (at + i + 8 <= end &&
            memcmp(h->saved + was + i, h->data + at + i, 8) == 0) {
            i += 6;
            continue;
        }
        m = nflg_word(h->saved, was + i, was + end - at);
        n = nflg_word(h->data, at + i, end);
        if (m == n || at + i == skip)
            continue;
        *acc += (~m & 0xffff) + n;
    }
}

/* The byte at off of bytes from `at` on, which arrived at `was`. */
NFLG_FN uint32_t nflg_old_byte(const struct nflg_head *h, unsigned at,
                               unsigned was, unsigned off)
{
    if (off >= h->end)
        return 0;
    return off < h->at ? h->saved[was + off - at] : h->was[off - h->at];
}

/* The same up to the end of the payload, which C wrote to. */
NFLG_COLD void nflg_changes_all(const struct nflg_head *h, unsigned at,
                                unsigned was, unsigned skip, uint32_t *acc)
{
    unsigned i;

    for (i = at; i < h->end; i += 2) {
        uint32_t m = nflg_old_byte(h, at, was, i) << 8 |
                     nflg_old_byte(h, at, was, i + 1);
        uint32_t n = nflg_word(h->data, i, h->end);

        if (m == n || i == skip)
            continue;
        *acc += (~m & 0xffff) + n;
        *acc = (*acc & 0xffff) + (*acc >> 16);
    }
}

/* The same of the pseudo fields of the nearest header before the i-th that
 * has some. */
NFLG_FN void nflg_changes_pseudo(const struct nflg_head *h, unsigned i,
                                 const struct nflg_sums *s, uint32_t *acc)
{
    bool found = false;
    unsigned k;

    while (i-- > 0 && !found)
        for (k = 0; k < s->n_pseudo; k++) {
            unsigned at = h->parsed[i].at + s->pseudo[k].off;

            if (s->pseudo[k].kind != h->parsed[i].kind)
                continue;
            found = true;
            nflg_changes(h, at, at + s->pseudo[k].bytes, ~0u, acc);
        }
}

/* Where the checksum is in header i, if that has one. */
NFLG_FN unsigned nflg_sum_at(const struct nflg_head *h, unsigned i,
                             const struct nflg_sum *k)
{
    return k->find ? k->find(h->data + h->parsed[i].at) : k->off;
}

NFLG_FN bool nflg_no_sum(const struct nflg_head *h, unsigned i,
                         const struct nflg_sum *k)
{
    return k->find && !k->find(h->data + h->parsed[i].at);
}

/* The checksum whose complement is acc, not folded yet. It may be set more than
 * once: what was changed in between may be again as it was. */
NFLG_FN void nflg_put_sum(struct nflg_head *h, unsigned at,
                          const struct nflg_sum *k, uint32_t acc)
{
    while (acc >> 16)
        acc = (acc & 0xffff) + (acc >> 16);
    acc = ~acc & 0xffff;
    if (k->optional && !acc)
        acc = 0xffff;
    nflg_putbits(h->data, at * 8, 16, acc);
}

/* RFC 1624, equation 3, over the words that changed. */
NFLG_FN void nflg_fix(struct nflg_head *h, unsigned i, const struct nflg_sum *k,
                      const struct nflg_sums *s)
{
    unsigned at = h->parsed[i].at, sum = at + nflg_sum_at(h, i, k);
    uint32_t old = nflg_get16(h->saved, sum), acc = ~old & 0xffff;

    if (nflg_no_sum(h, i, k) || (k->optional && !old))
        return;
    if (k->rest && h->was)
        nflg_changes_all(h, at, at, sum, &acc);
    else
        nflg_changes(h, at, k->rest ? h->at : h->parsed[i].to, sum, &acc);
    if (k->pseudo)
        nflg_changes_pseudo(h, i, s, &acc);
    nflg_put_sum(h, sum, k, acc);
}

#ifdef NFLG_EDITS
/* ---- where headers were added or removed ---- */

/* The nearest header before the i-th of `a` that has pseudo fields, or -1. */
NFLG_FN int nflg_pseudo_of(const struct nflg_header *a, unsigned i,
                           const struct nflg_sums *s)
{
    unsigned k;

    while (i-- > 0)
        for (k = 0; k < s->n_pseudo; k++)
            if (s->pseudo[k].kind == a[i].kind)
                return (int)i;
    return -1;
}

/* True if header i is a checksum's that must be summed up anew: what it covers
 * did not arrive like this. */
NFLG_FN bool nflg_is_new(const struct nflg_head *h, unsigned i,
                         const struct nflg_sum *k, const struct nflg_sums *s)
{
    const struct nflg_origin *o = h->edit.origin;
    int now, then;
    unsigned was = 0;

    if (o[i].flags & NFLG_ADDED || (k->rest && o[i].flags & NFLG_RESIZED))
        return true;
    if (!k->pseudo)
        return false;
    while (h->edit.arrived[was].at != o[i].at)
        was++;
    now = nflg_pseudo_of(h->parsed, i, s);
    then = nflg_pseudo_of(h->edit.arrived, was, s);
    if (now < 0 || then < 0)
        return now != then;
    return o[now].flags & NFLG_ADDED || o[now].at != h->edit.arrived[then].at;
}

/* The words from `at` to `end`, of at most 64 KiB: as carries come back at the
 * end, two words may be added as one number. */
NFLG_FN uint64_t nflg_words(const uint8_t *p, unsigned at, unsigned end)
{
    uint64_t acc = 0, w;

    for (; at + 8 <= end; at += 8) {
        w = nflg_get64(p, at);
        acc += (w >> 32) + (uint32_t)w;
    }
    for (; at < end; at += 2)
        acc += nflg_word(p, at, end);
    return acc;
}

/* The checksum of what is there: of the Internet's pseudo header, with the
 * number by which this header follows and the length, if it has one. */
NFLG_FN void nflg_sum_anew(struct nflg_head *h, unsigned i, unsigned end,
                           const struct nflg_sum *k, const struct nflg_sums *s)
{
    const struct nflg_header *a = &h->parsed[i];
    unsigned sum = a->at + nflg_sum_at(h, i, k), n;
    int up = k->pseudo ? nflg_pseudo_of(h->parsed, i, s) : -1;
    uint64_t acc;

    if (!k->rest)
        end = a->to;
    nflg_put16(h->data, sum, 0);
    acc = nflg_words(h->data, a->at, end);
    if (up >= 0) {
        acc += end - a->at;
        acc += (uint64_t)nflg_selector(h->data + a[-1].at, a[-1].kind);
        for (n = 0; n < s->n_pseudo; n++)
            if (s->pseudo[n].kind == h->parsed[up].kind)
                acc += nflg_words(h->data, h->parsed[up].at + s->pseudo[n].off,
                                  h->parsed[up].at + s->pseudo[n].off +
                                      s->pseudo[n].bytes);
    }
    while (acc >> 32)
        acc = (uint32_t)acc + (acc >> 32);
    nflg_put_sum(h, sum, k, (uint32_t)acc);
}

/* A header that arrived, behind which nothing was added or removed: the same as
 * nflg_fix, of bytes that may have moved. */
NFLG_FN void nflg_fix_moved(struct nflg_head *h, unsigned i,
                            const struct nflg_sum *k, const struct nflg_sums *s)
{
    unsigned at = h->parsed[i].at, off = nflg_sum_at(h, i, k), n;
    unsigned sum = at + off;
    unsigned was = h->edit.origin[i].at,
             end = k->rest ? h->at : h->parsed[i].to;
    int up = k->pseudo ? nflg_pseudo_of(h->parsed, i, s) : -1;
    uint32_t old = nflg_get16(h->saved, was + off), acc = ~old & 0xffff;

    if (k->optional && !old)
        return;
    if (k->rest && h->was)
        nflg_changes_all(h, at, was, sum, &acc);
    else
        nflg_moved(h, at, end, was, sum, &acc);
    for (n = 0; up >= 0 && n < s->n_pseudo; n++) {
        unsigned in = s->pseudo[n].off, from = h->parsed[up].at + in;

        if (s->pseudo[n].kind == h->parsed[up].kind)
            nflg_moved(h, from, from + s->pseudo[n].bytes,
                       h->edit.origin[up].at + in, ~0u, &acc);
    }
    nflg_put_sum(h, sum, k, acc);
}

NFLG_SLOW void nflg_fix_edited(struct nflg_head *h, const struct nflg_sums *s)
{
    struct nflg_plan p = {.n = 0};
    unsigned i, k;

    nflg_ends(h, &p);
    for (i = h->n; i-- > 0;)
        for (k = 0; k < s->n_sums; k++) {
            const struct nflg_sum *sum = &s->sums[k];
            unsigned flags = h->edit.origin[i].flags;

            if (sum->kind != h->parsed[i].kind || nflg_no_sum(h, i, sum))
                continue;
            if (!nflg_is_new(h, i, sum, s))
                nflg_fix_moved(h, i, sum, s);
            else if (!sum->optional || flags & NFLG_ADDED
                         ? !(flags & NFLG_NO_SUM)
                         : nflg_get16(h->data, h->parsed[i].at +
                                                   nflg_sum_at(h, i, sum)) != 0)
                nflg_sum_anew(h, i, p.end[i], sum, s);
        }
}
#endif

/* Innermost first: an outer checksum covers an inner one. */
NFLG_SLOW void nflg_fix_all(struct nflg_head *h, const struct nflg_sums *s)
{
    unsigned i, k;

#ifdef NFLG_EDITS
    if (h->edited) {
        nflg_fix_edited(h, s);
        return;
    }
#endif
    for (i = h->n; i-- > 0;)
        for (k = 0; k < s->n_sums; k++)
            if (s->sums[k].kind == h->parsed[i].kind)
                nflg_fix(h, i, &s->sums[k], s);
}

/* Before somebody looks at bytes of the packet: checksums as on leaving. */
NFLG_FN void nflg_settle(struct nflg_head *h, const struct nflg_sums *s)
{
    if (h->dirty)
        nflg_fix_all(h, s);
}

/* True if the checksum k of header a was wrong on arrival; nth: of those of all
 * headers. Where stores count, the words are what they were and its delta. */
NFLG_FN bool nflg_is_wrong(const struct nflg_head *h,
                           const struct nflg_header *a,
                           const struct nflg_sum *k, unsigned nth)
{
    const uint8_t *p = h->dirty ? h->saved : h->data;
    unsigned at, end = a->to;
    uint32_t acc = 0;

    if (k->optional && !nflg_get16(p, a->at + k->off))
        return false;
    for (at = a->at; at < end; at += 2)
        acc += nflg_word(p, at, end);
    if (h->shape)
        acc += NFLG_BE(16, (uint16_t)(~h->delta[nth] % 0xffff));
    while (acc >> 16)
        acc = (acc & 0xffff) + (acc >> 16);
    return acc != 0xffff;
}

/* The headers that arrived; their number is in *n. */
NFLG_FN const struct nflg_header *nflg_arrived(const struct nflg_head *h,
                                               unsigned *n)
{
#ifdef NFLG_EDITS
    if (h->edited) {
        *n = h->edit.n;
        return h->edit.arrived;
    }
#endif
    *n = h->n;
    return h->parsed;
}

/* The headers that arrived and are the packet's own: what it quotes was once
 * right elsewhere. */
NFLG_FN const struct nflg_header *nflg_own(const struct nflg_head *h,
                                           unsigned *n)
{
    const struct nflg_header *a = nflg_arrived(h, n);

    if (h->quotes)
        *n = h->quoted;
    return a;
}

/* How many headers have a checksum that covers nothing else. */
NFLG_FN unsigned nflg_own_sums(const struct nflg_header *a, unsigned headers,
                               const struct nflg_sums *s)
{
    unsigned i, k, n = 0;

    for (i = 0; i < headers; i++)
        for (k = 0; k < s->n_sums; k++)
            n += s->sums[k].kind == a[i].kind && !s->sums[k].rest &&
                 !s->sums[k].pseudo && !s->sums[k].find;
    return n;
}

/* True if a checksum that covers its header alone was wrong on arrival. */
NFLG_FN bool nflg_bad_checksum(const struct nflg_head *h,
                               const struct nflg_sums *s)
{
    unsigned i, k, n, nth = 0;
    const struct nflg_header *a = nflg_own(h, &n);

    /* A device looks at one header, and of several it is not said which. */
    if (h->pkt->sum_good && nflg_own_sums(a, n, s) == 1)
        return false;
    for (i = 0; i < n; i++)
        for (k = 0; k < s->n_sums; k++) {
            if (s->sums[k].kind != a[i].kind)
                continue;
            if (!s->sums[k].rest && !s->sums[k].pseudo && !s->sums[k].find &&
                nflg_is_wrong(h, &a[i], &s->sums[k], nth))
                return true;
            nth++;
        }
    return false;
}

/* The packet has passed all NFs. */
NFLG_FN void nflg_leave(const struct nfl_ctx *c, struct nflg_head *h,
                        const struct nflg_sums *s)
{
    if (h->dirty)
        nflg_fix_all(h, s);
    h->pkt->out = c->chain->desc->port[!c->side];
    h->pkt->reason = NFL_DROP_none;
}

#endif
