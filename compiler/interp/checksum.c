/* Checksums of a packet that leaves, from its arriving and leaving bytes
 * alone: LANGUAGE.md, "Checksums". */
#include "interp/packet.h"

/* One checksum at work. */
struct sum {
    const struct packet *p;
    size_t own; /* offset of the checksum itself, which it does not cover */
    bool changed;
    uint64_t terms; /* ~m + m' of all changed words */
};

/* One byte as the sum sees it: the checksum itself counts as zero, and so does
 * what lies at `end` or behind. */
static unsigned sum_byte(const struct sum *s, const uint8_t *bytes, size_t at,
                         size_t end)
{
    if (at >= end || at == s->own || at == s->own + 1)
        return 0;
    return bytes[at];
}

static void sum_word(struct sum *s, size_t at, size_t end)
{
    unsigned old = sum_byte(s, s->p->arrived, at, end) << 8 |
                   sum_byte(s, s->p->arrived, at + 1, end);
    unsigned new = sum_byte(s, s->p->bytes, at, end) << 8 |
                   sum_byte(s, s->p->bytes, at + 1, end);

    if (old == new)
        return;
    s->changed = true;
    s->terms += (~old & 0xffff) + new;
}

static void sum_range(struct sum *s, size_t off, size_t end)
{
    for (; off < end; off += 2)
        sum_word(s, off, end);
}

/* The pseudo fields of the nearest header before layer i that has some. */
static void sum_pseudo(struct sum *s, unsigned i)
{
    const struct fieldref *r;

    while (i > 0) {
        const struct layer *l = &s->p->layer[--i];

        if (!l->header->pseudo.first)
            continue;
        LIST_EACH (r, &l->header->pseudo) {
            size_t off = l->off + r->field->bit_off / 8;

            sum_range(s, off, off + r->field->bits / 8);
        }
        return;
    }
}

static void update(struct packet *p, unsigned i, const struct checksum *c)
{
    const struct layer *l = &p->layer[i];
    size_t own = l->off + c->field->bit_off / 8;
    struct sum s = {.p = p, .own = own};
    uint64_t hc = (uint64_t)p->arrived[own] << 8 | p->arrived[own + 1];

    sum_range(&s, l->off, c->rest ? l->end : l->off + l->size);
    if (c->pseudo)
        sum_pseudo(&s, i);
    if (!s.changed || (c->optional && hc == 0))
        return;
    hc = (~hc & 0xffff) + s.terms;
    while (hc >> 16)
        hc = (hc & 0xffff) + (hc >> 16);
    hc = ~hc & 0xffff;
    if (c->optional && hc == 0)
        hc = 0xffff;
    p->bytes[own] = (uint8_t)(hc >> 8);
    p->bytes[own + 1] = (uint8_t)hc;
}

void packet_checksums(struct packet *p)
{
    const struct checksum *c;

    for (unsigned i = p->n_layers; i > 0; i--) {
        LIST_EACH (c, &p->layer[i - 1].header->checksums) {
            update(p, i - 1, c);
        }
    }
}

/* The one's complement sum of a header's words as they arrived. */
static unsigned arrived_sum(const struct packet *p, const struct layer *l)
{
    unsigned sum = 0;

    for (size_t i = 0; i < l->size; i++) {
        sum += (unsigned)p->arrived[l->off + i] << (i % 2 ? 0 : 8);
        if (sum > 0xffff)
            sum -= 0xffff;
    }
    return sum;
}

bool packet_sums_wrong(const struct packet *p)
{
    const struct checksum *c;

    for (unsigned i = 0; i < p->n_layers; i++) {
        const struct layer *l = &p->layer[i];

        LIST_EACH (c, &l->header->checksums) {
            size_t own = l->off + c->field->bit_off / 8;
            bool none = !p->arrived[own] && !p->arrived[own + 1];

            if (c->rest || c->pseudo || (c->optional && none))
                continue;
            if (arrived_sum(p, l) != 0xffff)
                return true;
        }
    }
    return false;
}
