#include "interp/tcp_stream.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_HELD = 32, MOST_RANGES = 31, OVERHEAD = 16 };

void tcp_stream_init(struct tcp_stream *s, const struct tcp_rules *rules,
                     struct tcp_pool *pool, unsigned slots)
{
    *s = (struct tcp_stream){.rules = rules, .pool = pool, .slots = slots};
    s->kept = mem_zeroed(slots, sizeof(*s->kept));
    s->start = mem_zeroed(slots, sizeof(*s->start));
}

void tcp_stream_fini(struct tcp_stream *s)
{
    tcp_stream_clear(s);
    tcp_stream_restore(s, UINT64_MAX);
    tcp_stream_unlearn(s);
    free(s->unacked);
    free(s->mended);
    free(s->shown);
    free(s->cell);
    free(s->kept);
    free(s->start);
    free(s->bytes);
    free(s->was);
    free(s->now);
}

/* ---- cells ---- */

static struct tcp_cell *cell(struct tcp_stream *s, uint64_t at)
{
    size_t n = at - s->base + 1;

    if (n > s->n)
        s->cell = mem_resized(s->cell, n, sizeof(*s->cell));
    while (s->n < n)
        s->cell[s->n++] = (struct tcp_cell){.there = false};
    return &s->cell[at - s->base];
}

static bool there(const struct tcp_stream *s, uint64_t at)
{
    return at >= s->base && at - s->base < s->n && s->cell[at - s->base].there;
}

/* Cells before `to` go. */
static void trim(struct tcp_stream *s, uint64_t to)
{
    uint64_t gone = to - s->base;

    if (gone > s->n)
        gone = s->n;
    if (gone > 0)
        memmove(s->cell, s->cell + gone, (s->n - gone) * sizeof(*s->cell));
    s->n -= gone;
    s->base = to;
}

uint32_t tcp_stream_known(const struct tcp_stream *s, uint64_t at, uint32_t n)
{
    uint32_t known = 0;

    for (uint32_t i = 0; i < n; i++)
        known += there(s, at + i);
    return known;
}

uint64_t tcp_stream_end(const struct tcp_stream *s)
{
    uint64_t end = s->front;

    for (uint64_t at = s->front; at < s->base + s->n; at++)
        if (there(s, at))
            end = at + 1;
    return end;
}

uint64_t tcp_stream_reach(const struct tcp_stream *s)
{
    uint64_t at = s->front;

    while (there(s, at))
        at++;
    return at;
}

uint64_t tcp_stream_island(const struct tcp_stream *s)
{
    for (uint64_t at = s->front; at < s->base + s->n; at++)
        if (there(s, at))
            return at;
    return UINT64_MAX;
}

static unsigned ranges(const struct tcp_stream *s)
{
    unsigned n = 0;

    for (uint64_t at = s->front; at < s->base + s->n; at++)
        n += there(s, at) && (at == s->front || !there(s, at - 1));
    return n;
}

/* ---- what came early ---- */

static bool owns(const struct tcp_stream *s, const struct tcp_held *h)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->cell[i].of == h)
            return true;
    return false;
}

/* Segments without a byte, and the piece of ranges that are no more. */
static void give_back(struct tcp_stream *s)
{
    struct tcp_held **link = &s->held;

    while (*link) {
        struct tcp_held *h = *link;

        if (owns(s, h)) {
            link = &h->next;
            continue;
        }
        *link = h->next;
        s->pool->left += h->pieces;
        free(h);
    }
    if (s->has_ranges && !ranges(s)) {
        s->has_ranges = false;
        s->pool->left++;
    }
}

void tcp_stream_cut(struct tcp_stream *s, uint64_t end)
{
    for (uint64_t at = end; at < s->base + s->n; at++)
        *cell(s, at) = (struct tcp_cell){.there = false};
    give_back(s);
}

void tcp_stream_forget(struct tcp_stream *s)
{
    tcp_stream_cut(s, s->front);
}

void tcp_stream_clear(struct tcp_stream *s)
{
    tcp_stream_forget(s);
    s->pool->left += s->kept_pieces;
    s->kept_pieces = 0;
    memset(s->kept, 0, s->slots * sizeof(*s->kept));
    s->conflict = 0;
    s->bytes_at = s->fresh = s->front;
    trim(s, s->front);
}

/* ---- overlap ---- */

/* Does the segment [from, to) take bytes from the one of that place? Novak and
 * Sturges, Target-Based TCP Stream Reassembly, name the systems. */
static bool wins(enum tcp_overlap rule, uint64_t from, uint64_t to,
                 const struct tcp_held *old)
{
    switch (rule) {
    case TCP_OVERLAP_LINUX:
        return from < old->from || (from == old->from && to > old->to);
    case TCP_OVERLAP_FIRST:
        return false;
    case TCP_OVERLAP_LAST:
        return true;
    case TCP_OVERLAP_BSD:
    case TCP_OVERLAP_WINDOWS: /* before Vista; since then: first */
        return from < old->from;
    case TCP_OVERLAP_SOLARIS:
        return to > old->to || (from <= old->from && to == old->to);
    }
    return false;
}

/* Does a byte of the segment [from, to) count? */
static bool counts(struct tcp_stream *s, uint64_t at, uint64_t from,
                   uint64_t to)
{
    const struct tcp_cell *c = cell(s, at);

    return !c->there || wins(s->rules->overlap, from, to, c->of);
}

/* The first run of bytes that came before as other ones. */
static void compare(struct tcp_stream *s, uint64_t at, const uint8_t *bytes,
                    uint32_t n)
{
    uint32_t i = 0, k;

    while (i < n && (!there(s, at + i) || cell(s, at + i)->byte == bytes[i]))
        i++;
    for (k = i; k < n && there(s, at + k) && cell(s, at + k)->byte != bytes[k];)
        k++;
    s->conflict = k - i;
    s->was = mem_resized(s->was, s->conflict, 1);
    s->now = mem_resized(s->now, s->conflict, 1);
    for (uint32_t j = i; j < k; j++) {
        s->was[j - i] = cell(s, at + j)->byte;
        s->now[j - i] = bytes[j];
    }
}

bool tcp_stream_wins(const struct tcp_stream *s, uint64_t from, uint64_t to,
                     uint64_t old_from, uint64_t old_to)
{
    const struct tcp_held old = {.from = old_from, .to = old_to};

    return s->watched && wins(s->rules->overlap, from, to, &old);
}

bool tcp_stream_beats(const struct tcp_stream *s, uint64_t from, uint64_t to,
                      uint64_t at)
{
    const struct tcp_held *h = there(s, at) ? s->cell[at - s->base].of : NULL;

    return h && wins(s->rules->overlap, from, to, h);
}

/* Linux joins a segment to the one that it follows, and takes both for one from
 * then on. */
uint64_t tcp_stream_joined(const struct tcp_stream *s, uint64_t from)
{
    if (s->rules->overlap == TCP_OVERLAP_LINUX)
        for (const struct tcp_held *h = s->held; h; h = h->next)
            if (h->to == from)
                return h->from;
    return from;
}

static void join(struct tcp_stream *s, struct tcp_held *new)
{
    uint64_t from = new->from, to = new->to;
    uint64_t first = tcp_stream_joined(s, from);
    struct tcp_held *h;

    if (first == from)
        return;
    for (h = s->held; h; h = h->next)
        if (h == new || (h->from == first && h->to == from)) {
            h->from = first;
            h->to = to;
        }
}

static void write_cells(struct tcp_stream *s, uint64_t at, const uint8_t *bytes,
                        uint32_t n, struct tcp_held *of)
{
    for (uint32_t i = 0; i < n; i++)
        if (counts(s, at + i, at, at + n))
            *cell(s, at + i) = (struct tcp_cell){bytes[i], true, of};
}

static uint64_t hold(struct tcp_stream *s, uint64_t at, const uint8_t *bytes,
                     uint32_t n)
{
    uint64_t pieces = (n + OVERHEAD + TCP_PIECE - 1) / TCP_PIECE;
    struct tcp_held *new, *h;
    unsigned held = 0;
    uint32_t get = 0;

    for (uint32_t i = 0; i < n; i++)
        get += counts(s, at + i, at, at + n);
    if (get == 0)
        return 0;
    for (h = s->held; h; h = h->next)
        held++;
    if (held == MOST_HELD || pieces > s->pool->left)
        return TCP_SIGN(not_kept);
    new = mem_zeroed(1, sizeof(*new));
    *new = (struct tcp_held){at, at + n, pieces, s->held};
    s->held = new;
    s->pool->left -= pieces;
    write_cells(s, at, bytes, n, new);
    join(s, new);
    give_back(s);
    return 0;
}

static uint64_t put_watched(struct tcp_stream *s, uint64_t at,
                            const uint8_t *bytes, uint32_t n, bool early)
{
    uint64_t signs = 0;

    compare(s, at, bytes, n);
    if (early)
        signs = hold(s, at, bytes, n);
    else
        write_cells(s, at, bytes, n, NULL);
    if (signs)
        s->conflict = 0;
    return signs | (s->conflict ? TCP_SIGN(conflict) : 0);
}

/* Marks them, and counts; if those are too many, it is undone. */
static uint64_t put_ranges(struct tcp_stream *s, uint64_t at, uint32_t n,
                           bool early)
{
    bool *before = mem_zeroed(n, sizeof(*before)), room;

    for (uint32_t i = 0; i < n; i++) {
        before[i] = there(s, at + i);
        cell(s, at + i)->there = true;
    }
    room = !early ||
           ((s->has_ranges || s->pool->left > 0) && ranges(s) <= MOST_RANGES);
    if (early && room && !s->has_ranges) {
        s->has_ranges = true;
        s->pool->left--;
    }
    for (uint32_t i = 0; i < n && !room; i++)
        cell(s, at + i)->there = before[i];
    free(before);
    return room ? 0 : TCP_SIGN(not_kept);
}

uint64_t tcp_stream_put(struct tcp_stream *s, uint64_t at, const uint8_t *bytes,
                        uint32_t n, bool wait)
{
    bool early = wait || at > s->front;

    if (early && at + n - s->front > s->rules->ahead)
        return TCP_SIGN(not_kept);
    cell(s, at + n - 1); /* all at once: a byte at a time takes long */
    return s->watched ? put_watched(s, at, bytes, n, early)
                      : put_ranges(s, at, n, early);
}

/* ---- the front, and what stays behind it ---- */

/* From where bytes stay, if the slot keeps from `at`, + 1; 0: it does not. */
static uint64_t least(const struct tcp_stream *s, unsigned slot, uint64_t at)
{
    uint64_t found = s->front;

    for (unsigned i = 0; i < s->slots; i++) {
        uint64_t kept = i == slot ? at : s->kept[i];

        if (kept && kept - 1 < found)
            found = kept - 1;
    }
    return found;
}

uint64_t tcp_stream_least(const struct tcp_stream *s)
{
    return least(s, s->slots, 0);
}

/* Bytes from `from` on are to stay. */
static bool stay(struct tcp_stream *s, uint64_t from)
{
    uint64_t pieces = 0;

    if (from < s->front)
        pieces = (s->front + TCP_PIECE - 1) / TCP_PIECE - from / TCP_PIECE;
    if (s->front - from > s->rules->keep ||
        pieces > s->kept_pieces + s->pool->left)
        return false;
    s->pool->left += s->kept_pieces;
    s->pool->left -= pieces;
    s->kept_pieces = pieces;
    return true;
}

static void drop_kept(struct tcp_stream *s)
{
    s->pool->left += s->kept_pieces;
    s->kept_pieces = 0;
    memset(s->kept, 0, s->slots * sizeof(*s->kept));
}

void tcp_stream_begin(struct tcp_stream *s, bool watched)
{
    if (watched != s->watched) {
        tcp_stream_forget(s);
        drop_kept(s);
        s->anew = true;
    }
    s->watched = watched;
    s->conflict = 0;
    s->mended_len = 0;
    s->fresh = s->front;
    trim(s, least(s, s->slots, 0));
}

void tcp_stream_skip(struct tcp_stream *s, uint64_t to)
{
    drop_kept(s);
    s->front = to;
    s->fresh = to;
    give_back(s);
    trim(s, to);
}

uint32_t tcp_stream_move(struct tcp_stream *s, uint64_t end)
{
    uint64_t from = s->front;

    while (s->front < end && there(s, s->front)) {
        cell(s, s->front)->of = NULL;
        s->front++;
    }
    give_back(s);
    return (uint32_t)(s->front - from);
}

void tcp_stream_finish(struct tcp_stream *s)
{
    if (!stay(s, least(s, s->slots, 0)))
        drop_kept(s);
    s->bytes_at = least(s, s->slots, 0);
    if (s->fresh < s->bytes_at)
        s->bytes_at = s->fresh;
    for (unsigned i = 0; i < s->slots; i++)
        s->start[i] = s->kept[i] ? s->kept[i] - 1 : s->fresh;
    s->bytes = mem_resized(s->bytes, s->front - s->bytes_at, 1);
    s->shown = mem_resized(s->shown, s->front - s->bytes_at, 1);
    for (uint64_t at = s->bytes_at; at < s->front; at++)
        s->bytes[at - s->bytes_at] = cell(s, at)->byte;
}

struct tcp_bytes tcp_stream_bytes(const struct tcp_stream *s, unsigned slot)
{
    uint64_t from = s->start[slot];

    return (struct tcp_bytes){
        .p = s->bytes + (from - s->bytes_at),
        .len = (uint32_t)(s->front - from),
        .fresh = (uint32_t)(s->fresh - from),
        .offset = from,
    };
}

bool tcp_stream_keep(struct tcp_stream *s, unsigned slot, uint32_t at)
{
    struct tcp_bytes b = tcp_stream_bytes(s, slot);

    if (!s->watched || at > b.len ||
        !stay(s, least(s, slot, b.offset + at + 1)))
        return false;
    s->kept[slot] = b.offset + at + 1;
    return true;
}

void tcp_stream_release(struct tcp_stream *s, unsigned slot)
{
    s->kept[slot] = 0;
    stay(s, least(s, s->slots, 0));
}
