/* What NFs change of streams, in lists: LANGUAGE.md, "Inline chains". */
#include "base/mem.h"
#include "interp/tcp_side.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_CHANGES = 32, MOST_BYTES = 1024, OVERHEAD = 16 };

void tcp_stream_restore(struct tcp_stream *s, uint64_t to)
{
    struct tcp_change *c = s->changes.first, *next;

    LIST_CLEAR(&s->changes);
    for (; c; c = next) {
        next = c->next;
        c->next = NULL;
        if (c->at + c->n > to) {
            LIST_ADD(&s->changes, c);
            continue;
        }
        s->pool->left += c->pieces;
        free(c->bytes);
        free(c);
    }
}

/* New bytes, and all in the payload of the packet. */
static bool in_packet(const struct tcp_stream *s, const struct tcp_view *v,
                      uint64_t at, uint64_t end)
{
    return at >= s->fresh && end <= s->front && (int64_t)at >= v->place &&
           (int64_t)end <= v->place + v->payload;
}

bool tcp_write(struct tcp *t, const struct tcp_view *v, unsigned by,
               uint64_t at, const uint8_t *bytes, uint32_t n)
{
    struct tcp_stream *s = &t->side[v->from].stream;
    uint64_t pieces = ((uint64_t)n + OVERHEAD + TCP_PIECE - 1) / TCP_PIECE;
    struct tcp_change *c;

    if (n == 0 || n > MOST_BYTES || !in_packet(s, v, at, at + n) ||
        s->changes.n == MOST_CHANGES || pieces > s->pool->left)
        return false;
    s->pool->left -= pieces;
    c = mem_zeroed(1, sizeof(*c));
    *c = (struct tcp_change){.by = by, .at = at, .n = n, .pieces = pieces};
    c->bytes = mem_zeroed(n, 1);
    memcpy(c->bytes, bytes, n);
    LIST_ADD(&s->changes, c);
    return true;
}

const tcp_changes *tcp_changed(const struct tcp *t, unsigned side)
{
    return &t->side[side].stream.changes;
}

void tcp_lay(const struct tcp_change *c, uint8_t *to, uint64_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (at + i >= c->at && at + i < c->at + c->n)
            to[i] = c->bytes[at + i - c->at];
}

uint8_t *tcp_shown(struct tcp *t, uint64_t offset)
{
    struct tcp_stream *s = &t->side[t->latest].stream;
    uint64_t from = offset - s->bytes_at;

    if (s->front > offset)
        memcpy(s->shown + from, s->bytes + from, s->front - offset);
    return s->shown + from;
}
