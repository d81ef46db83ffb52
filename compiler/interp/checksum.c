/* Checksums of a packet that leaves, from its arriving and leaving bytes
 * alone: LANGUAGE.md, "Checksums". */
#include "interp/packet.h"

/* One checksum at work. */
struct sum {
    const struct packet *p;
    size_t own; /* offset of the checksum itself, which it does not cover */
    bool changed;
    uint64_t terms; /* ~m + m' of all changed words */
    uint64_t all;   /* of all words as they are now */
};

/* The word at `at`; what lies at `end` or behind counts as zero. */
static unsigned word(const uint8_t *bytes, size_t at, size_t end)
{
    return (unsigned)bytes[at] << 8 | (at + 1 < end ? bytes[at + 1] : 0u);
}

/* The bytes from off to end, which arrived at `was`, or did not. */
static void sum_range(struct sum *s, size_t off, size_t end, size_t was,
                      bool arrived)
{
    for (size_t i = 0; off + i < end; i += 2) {
        unsigned old, new;

        if (off + i == s->own)
            continue;
        new = word(s->p->bytes, off + i, end);
        s->all += new;
        if (!arrived)
            continue;
        old = word(s->p->arrived, was + i, was + end - off);
        s->changed = s->changed || old != new;
        if (old != new)
            s->terms += (~old & 0xffff) + new;
    }
}

/* The nearest layer before number i that has pseudo fields, or NULL. */
static const struct layer *pseudo_of(const struct layer *layers, unsigned i)
{
    while (i-- > 0)
        if (layers[i].header->pseudo.first)
            return &layers[i];
    return NULL;
}

static void sum_pseudo(struct sum *s, const struct layer *l)
{
    const struct fieldref *r;

    LIST_EACH (r, &l->header->pseudo) {
        size_t off = r->field->bit_off / 8;

        sum_range(s, l->off + off, l->off + off + r->field->bits / 8,
                  l->was + off, !l->added);
    }
}

/* Did what the checksum of layer i covers arrive in this form? */
static bool is_anew(const struct packet *p, unsigned i,
                    const struct checksum *c)
{
    const struct layer *l = &p->layer[i], *now, *then;
    unsigned k = 0;

    if (l->added || (c->rest && l->resized))
        return true;
    if (!c->pseudo)
        return false;
    while (p->first[k].off != l->was)
        k++;
    now = pseudo_of(p->layer, i);
    then = pseudo_of(p->first, k);
    if (!now || !then)
        return now != then;
    return now->added || now->was != then->off;
}

static unsigned folded(uint64_t n)
{
    while (n >> 16)
        n = (n & 0xffff) + (n >> 16);
    return (unsigned)(~n & 0xffff);
}

static void update(struct packet *p, unsigned i, const struct checksum *c)
{
    const struct layer *l = &p->layer[i], *pseudo = pseudo_of(p->layer, i);
    size_t own = 0;
    size_t end = c->rest ? l->end : l->off + l->size;
    struct sum s = {.p = p};
    bool anew = is_anew(p, i, c);
    unsigned hc;

    if (!layer_find(p, l, c->field, &own))
        return;
    s.own = own;
    hc = word(l->added ? p->bytes : p->arrived,
              l->added ? own : l->was + own - l->off, SIZE_MAX);
    if (c->optional && (l->added ? l->no_sum : hc == 0))
        return;
    sum_range(&s, l->off, end, l->was, !anew);
    if (c->pseudo && pseudo)
        sum_pseudo(&s, pseudo);
    if (anew && c->pseudo && pseudo) {
        s.all += end - l->off;
        if (l[-1].header->select)
            s.all += (uint64_t)layer_get(p, &l[-1], l[-1].header->select);
    }
    /* Also where nothing is changed: it may have been, and be no more. */
    if (anew || s.changed)
        hc = folded(anew ? s.all : (~hc & 0xffffu) + s.terms);
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

static void mark(struct packet *p, const struct layer *l,
                 const struct checksum *c)
{
    size_t own;

    if (p->written && layer_find(p, l, c->field, &own))
        p->written[own] = p->written[own + 1] = 0xff;
}

void packet_settle(struct packet *p)
{
    const struct checksum *c;

    packet_checksums(p);
    for (unsigned i = 0; i < p->n_layers; i++) {
        LIST_EACH (c, &p->layer[i].header->checksums) {
            mark(p, &p->layer[i], c);
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

    for (unsigned i = 0; i < p->n_first; i++) {
        const struct layer *l = &p->first[i];

        if (l->header->quote)
            return false; /* what is quoted was once right elsewhere */
        LIST_EACH (c, &l->header->checksums) {
            size_t own = l->off + c->field->bit_off / 8;
            bool none = !p->arrived[own] && !p->arrived[own + 1];

            if (c->rest || c->pseudo || c->field->cond || (c->optional && none))
                continue;
            if (arrived_sum(p, l) != 0xffff)
                return true;
        }
    }
    return false;
}
