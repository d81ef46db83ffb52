/* Finding sessions: what is inlined where packets pass. A look-up reads one
 * line of references and, in the usual case, one line of the session.
 *
 * How to use it for a burst: make the key of each packet (nfl_probe_make, or
 * the words straight from the packet), hash all of them (nfl_hash_keys4, which
 * asks for the lines), ask for the sessions (nfl_find_fetch) some packets
 * ahead, and in each packet's turn look for its session: packets before it may
 * have opened and ended some. What is found is valid until the next packet's
 * turn. The packet is the responder's if the session's `turned` is not its own.
 */
#ifndef NFL_FIND_H
#define NFL_FIND_H

#include <nfl/entry.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* References to sessions whose hashes meet here. Full lines pass on to the next
 * one. Among those of one key the order is that in which they were linked. */
struct nfl_line {
    uint8_t tag[NFL_LINE_REFS]; /* of the hash; 0: nothing here */
    uint16_t passed; /* references that would lie here, if there were room;
                        UINT16_MAX: that many, or more */
    uint16_t unused;
    /* Index of the entry * 8, 4 for IPv6, and bit i for packets of which
     * `turned` is i. */
    uint32_t ref[NFL_LINE_REFS];
} __attribute__((aligned(64)));

enum { NFL_REF_V6 = 4, NFL_REF_SHIFT = 3 };

/* The head of struct nfl_table: what a packet needs to know. */
struct nfl_finder {
    struct nfl_line *lines;
    uint64_t n_lines;    /* less than 2^32 */
    uint8_t *entries[2]; /* IPv4, IPv6; from index 1 on */
    uint32_t stride[2];  /* bytes of an entry */
    uint32_t tail6;      /* where the keys of IPv6 begin */
    bool two_way;
    bool clash;     /* keys have met: the first that is found may not be it */
    uint64_t armed; /* the last number given */
    uint32_t timeout[NFL_PHASE_N]; /* ticks; of NFL_OPEN idle says it */
    struct nfl_bucket_key key;
    uint32_t idle[256]; /* by protocol */
};

/* ---- keyed hashes (runtime/flow/bucket.c) ---- */

/* Of a key's words. */
uint64_t nfl_hash_probe(const struct nfl_finder *f, const struct nfl_probe *k);
uint64_t nfl_hash_words(const struct nfl_finder *f, const uint64_t *w, bool v6);
/* Of n keys of IPv4 at once; asks for their lines. */
void nfl_hash_keys4(const struct nfl_finder *f,
                    const uint64_t (*w)[NFL_KEY4_WORDS], uint64_t *hash,
                    unsigned n);

static inline uint64_t nfl_find_home(const struct nfl_finder *f, uint64_t hash)
{
    return (hash >> 32) * f->n_lines >> 32;
}

static inline uint8_t nfl_find_tag(uint64_t hash)
{
    return (uint8_t)hash ? (uint8_t)hash : 1;
}

static inline uint64_t nfl_find_next(const struct nfl_finder *f, uint64_t line)
{
    return line + 1 == f->n_lines ? 0 : line + 1;
}

/* Bit i: reference i has the tag. */
static inline unsigned nfl_line_with(const struct nfl_line *l, uint8_t tag)
{
#ifdef __SSE2__
    __m128i tags = _mm_load_si128((const __m128i *)(const void *)l->tag);

    return (unsigned)_mm_movemask_epi8(
               _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag))) &
           ((1u << NFL_LINE_REFS) - 1);
#else
    unsigned with = 0, i;

    for (i = 0; i < NFL_LINE_REFS; i++)
        with |= (unsigned)(l->tag[i] == tag) << i;
    return with;
#endif
}

static inline struct nfl_session *nfl_find_entry(const struct nfl_finder *f,
                                                 uint32_t ref)
{
    bool v6 = ref & NFL_REF_V6;

    return (struct nfl_session *)(void *)(f->entries[v6] +
                                          (size_t)(ref >> NFL_REF_SHIFT) *
                                              f->stride[v6]);
}

/* ---- comparing ---- */

static inline bool nfl_session_is4(const struct nfl_session *s,
                                   const uint64_t *w, unsigned side)
{
    uint64_t at[NFL_KEY4_WORDS];

    memcpy(at, (const uint8_t *)s + side * sizeof(at), sizeof(at));
    return at[0] == w[0] && (at[1] & NFL_KEY4_LAST) == w[1];
}

static inline bool nfl_session_is6(const struct nfl_finder *f,
                                   const struct nfl_session *s,
                                   const uint64_t *w, unsigned side)
{
    uint64_t at[NFL_KEY6_WORDS];

    memcpy(at, (const uint8_t *)s + f->tail6 + side * sizeof(at), sizeof(at));
    return at[0] == w[0] && at[1] == w[1] && at[2] == w[2] && at[3] == w[3] &&
           at[4] == w[4];
}

static inline bool nfl_session_is(const struct nfl_finder *f,
                                  const struct nfl_session *s,
                                  const uint64_t *w, bool v6, unsigned side)
{
    return v6 ? nfl_session_is6(f, s, w, side) : nfl_session_is4(s, w, side);
}

/* ---- finding ---- */

/* Of a line, the session with the key. NULL, or a session in *maybe: none but
 * that, if none follows that was there before. */
static inline struct nfl_session *nfl_line_find(const struct nfl_finder *f,
                                                const struct nfl_line *l,
                                                const uint64_t *w, bool v6,
                                                bool turned, uint64_t hash,
                                                struct nfl_session **maybe)
{
    unsigned with = nfl_line_with(l, nfl_find_tag(hash));
    struct nfl_session *s;
    uint32_t ref;

    for (; with; with &= with - 1) {
        ref = l->ref[__builtin_ctz(with)];
        if (!(ref >> turned & 1) || !!(ref & NFL_REF_V6) != v6)
            continue;
        s = nfl_find_entry(f, ref);
        if (!nfl_session_is(f, s, w, v6, turned))
            continue;
        if (!f->clash || s->turned == turned)
            return s;
        *maybe = *maybe ? *maybe : s;
    }
    return NULL;
}

/* The session of packets with key w: the initiator's by T0, else the
 * responder's by Tn, of several that which had it first. NULL: none. v6 and
 * turned should be constants. */
static inline struct nfl_session *nfl_find(const struct nfl_finder *f,
                                           const uint64_t *w, bool v6,
                                           bool turned, uint64_t hash)
{
    uint64_t at = nfl_find_home(f, hash), i;
    struct nfl_session *s, *maybe = NULL;

    for (i = 0; i < f->n_lines; i++) {
        s = nfl_line_find(f, &f->lines[at], w, v6, turned, hash, &maybe);
        if (s)
            return s;
        if (__builtin_expect(!f->lines[at].passed, 1))
            break;
        at = nfl_find_next(f, at);
    }
    return maybe;
}

static inline struct nfl_session *nfl_find_probe(const struct nfl_finder *f,
                                                 const struct nfl_probe *k,
                                                 uint64_t hash)
{
    return k->v6 ? nfl_find(f, k->w, true, k->turned, hash)
                 : nfl_find(f, k->w, false, k->turned, hash);
}

/* ---- memory ---- */

static inline void nfl_find_fetch_line(const struct nfl_finder *f,
                                       uint64_t hash)
{
    __builtin_prefetch(&f->lines[nfl_find_home(f, hash)]);
}

/* Asks for what is probably the session of the hash. */
static inline void nfl_find_fetch(const struct nfl_finder *f, uint64_t hash)
{
    const struct nfl_line *l = &f->lines[nfl_find_home(f, hash)];
    unsigned with = nfl_line_with(l, nfl_find_tag(hash));
    const uint8_t *p;
    uint32_t ref, i;

    if (!with)
        return;
    ref = l->ref[__builtin_ctz(with)];
    p = (const uint8_t *)nfl_find_entry(f, ref);
    for (i = 0; i < f->stride[!!(ref & NFL_REF_V6)]; i += NFL_ENTRY_ALIGN)
        __builtin_prefetch(p + i, 1);
}

/* The same: so many bytes of the entry, best a constant, and of IPv6 the keys
 * behind them. What is probably the session, or NULL; nfl_find_is_still says
 * whether it is. */
static inline struct nfl_session *nfl_find_probable(const struct nfl_finder *f,
                                                    uint64_t hash,
                                                    unsigned bytes)
{
    const struct nfl_line *l = &f->lines[nfl_find_home(f, hash)];
    unsigned with = nfl_line_with(l, nfl_find_tag(hash)), i;
    const uint8_t *p;
    uint32_t ref;

    if (!with)
        return NULL;
    ref = l->ref[__builtin_ctz(with)];
    if (__builtin_expect(ref & NFL_REF_V6, 0)) {
        p = (const uint8_t *)nfl_find_entry(f, ref);
        __builtin_prefetch(p + f->tail6);
        __builtin_prefetch(p + f->tail6 + NFL_ENTRY_ALIGN);
    } else {
        p = f->entries[0] + (size_t)(ref >> NFL_REF_SHIFT) * f->stride[0];
    }
    for (i = 0; i < bytes; i += NFL_ENTRY_ALIGN)
        __builtin_prefetch(p + i);
    return (struct nfl_session *)(uintptr_t)p;
}

/* True if nfl_find would find s, which is what nfl_find_probable said before:
 * sessions may have come and gone since. */
static inline bool nfl_find_is_still(const struct nfl_finder *f,
                                     const struct nfl_session *s,
                                     const uint64_t *w, bool v6, bool turned)
{
    return s && !f->clash && s->live && s->v6 == v6 &&
           nfl_session_is(f, s, w, v6, turned);
}

/* ---- refreshing ---- */

/* The same of a session whose phase is known. */
static inline bool nfl_find_refresh_as(struct nfl_finder *f,
                                       struct nfl_session *s,
                                       enum nfl_phase phase, uint64_t now,
                                       uint64_t packets)
{
    uint64_t first = packets << NFL_ARMED_OF_PACKET;
    uint64_t ticks = phase == NFL_OPEN ? f->idle[s->proto] : f->timeout[phase];

    f->armed = first > f->armed ? first : f->armed + 1;
    return nfl_session_arm(s, now + ticks, f->armed);
}

/* A packet of the session came at tick `now`, as number `packets`. True if it
 * is due earlier than before, as only a change of phase can do: then
 * nfl_age_earlier must be called. */
static inline bool nfl_find_refresh(struct nfl_finder *f, struct nfl_session *s,
                                    uint64_t now, uint64_t packets)
{
    return nfl_find_refresh_as(f, s, (enum nfl_phase)s->phase, now, packets);
}

#endif
