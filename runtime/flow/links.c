/* References to sessions, in lines of the cache. What does not fit into the
 * line of its hash lies in the next that has room, and each line that it passed
 * counts it: a look-up ends at a line that nothing passed. */
#include "flow/table.h"

void nfl_links_probe(const struct nfl_finder *f, const struct nfl_session *s,
                     unsigned side, struct nfl_probe *k)
{
    k->v6 = s->v6;
    k->turned = (uint8_t)side;
    if (s->v6) {
        memcpy(k->w, (const uint8_t *)s + f->tail6 + side * sizeof(k->w),
               sizeof(k->w));
    } else {
        memcpy(k->w, (const uint8_t *)s + side * sizeof(uint64_t[2]),
               sizeof(uint64_t[2]));
        k->w[1] &= NFL_KEY4_LAST;
    }
}

/* Does the reference stand here by the key, for whichever packets? */
static bool same_key(const struct nfl_finder *f, uint32_t ref,
                     const struct nfl_probe *k)
{
    const struct nfl_session *s = nfl_find_entry(f, ref);
    unsigned i;

    if (!!(ref & NFL_REF_V6) != k->v6)
        return false;
    for (i = 0; i < 2; i++)
        if ((ref >> i & 1) && nfl_session_is(f, s, k->w, k->v6, i))
            return true;
    return false;
}

/* All references of a key keep their order: `ref` has the place before those
 * that follow here, and moves behind them. */
static void behind(struct nfl_finder *f, uint64_t at, unsigned slot,
                   const struct nfl_probe *k, uint64_t hash)
{
    uint32_t *to = &f->lines[at].ref[slot], ref = *to;
    unsigned with = ~0u << slot << 1;
    uint64_t i;

    for (i = 0; i < f->n_lines; i++) {
        struct nfl_line *l = &f->lines[at];

        for (with &= nfl_line_with(l, nfl_find_tag(hash)); with;
             with &= with - 1) {
            uint32_t *next = &l->ref[__builtin_ctz(with)];

            if (!same_key(f, *next, k))
                continue;
            *to = *next;
            to = next;
            *to = ref;
        }
        if (!l->passed)
            return;
        at = nfl_find_next(f, at);
        if (at == nfl_find_home(f, hash))
            return;
        with = ~0u;
    }
}

/* Is there a session already that such packets belong to? */
static bool clashes(const struct nfl_finder *f, unsigned bits,
                    const struct nfl_probe *k, uint64_t hash)
{
    const struct nfl_line *home = &f->lines[nfl_find_home(f, hash)];

    if (!home->passed && !nfl_line_with(home, nfl_find_tag(hash)))
        return false;
    return (bits & 1 && nfl_find(f, k->w, k->v6, false, hash)) ||
           (bits & 2 && nfl_find(f, k->w, k->v6, true, hash));
}

void nfl_links_add(struct nfl_finder *f, uint32_t id, unsigned bits,
                   const struct nfl_probe *k, uint64_t hash)
{
    bool clash = clashes(f, bits, k, hash);
    unsigned slot;
    uint64_t at = nfl_links_put(f, id, bits, hash, &slot);

    if (!clash)
        return;
    f->clash = true;
    behind(f, at, slot, k, hash);
}

uint64_t nfl_links_put(struct nfl_finder *f, uint32_t id, unsigned bits,
                       uint64_t hash, unsigned *slot)
{
    uint64_t at = nfl_find_home(f, hash);
    struct nfl_line *l = &f->lines[at];
    unsigned room;

    while (!(room = nfl_line_with(l, 0))) {
        l->passed += l->passed != UINT16_MAX;
        at = nfl_find_next(f, at);
        l = &f->lines[at];
    }
    *slot = (unsigned)__builtin_ctz(room);
    l->tag[*slot] = nfl_find_tag(hash);
    l->ref[*slot] = id << 2 | bits;
    return at;
}

static void uncount(struct nfl_finder *f, uint64_t from, uint64_t to)
{
    for (; from != to; from = nfl_find_next(f, from))
        f->lines[from].passed -= f->lines[from].passed != UINT16_MAX;
}

void nfl_links_remove(struct nfl_finder *f, uint32_t id, unsigned bits,
                      uint64_t hash)
{
    uint64_t home = nfl_find_home(f, hash), at = home;
    bool on = true;

    while (on) {
        struct nfl_line *l = &f->lines[at];
        unsigned with = nfl_line_with(l, nfl_find_tag(hash)), slot;

        on = l->passed;
        for (; with; with &= with - 1) {
            slot = (unsigned)__builtin_ctz(with);
            if (l->ref[slot] >> 2 != id)
                continue;
            l->ref[slot] &= ~bits;
            if (l->ref[slot] & 3)
                continue;
            l->tag[slot] = 0;
            uncount(f, home, at);
        }
        at = nfl_find_next(f, at);
        on = on && at != home;
    }
}
