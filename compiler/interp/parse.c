/* Headers: LANGUAGE.md, "Headers", rule by rule. */
#include "interp/eval.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <nfl/options.h>
#include <string.h>

num_t bits_get(const uint8_t *bytes, size_t bit, unsigned n)
{
    num_t v = 0;

    for (; n > 0; n--, bit++)
        v = v << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1);
    return v;
}

void bits_set(uint8_t *bytes, size_t bit, unsigned n, num_t value)
{
    for (; n > 0; n--, bit++) {
        uint8_t mask = (uint8_t)(0x80 >> bit % 8);

        if (value >> (n - 1) & 1)
            bytes[bit / 8] |= mask;
        else
            bytes[bit / 8] &= (uint8_t)~mask;
    }
}

/* The first bit of the field in the frame; false if it is not there. */
static bool find_field(const struct packet *p, const struct layer *l,
                       const struct field *f, size_t *bit)
{
    num_t at;

    *bit = l->off * 8 + f->bit_off;
    if (!f->cond)
        return true;
    if (!layer_value(p, l, f->cond))
        return false;
    at = layer_value(p, l, f->off);
    *bit = (l->off + (size_t)at) * 8;
    /* In a header that is still being made its size may say nothing yet. */
    return at >= l->header->fixed_bytes && at + f->bits / 8 <= MAX_HEADER_BYTES;
}

num_t layer_get(const struct packet *p, const struct layer *l,
                const struct field *f)
{
    size_t bit;

    return find_field(p, l, f, &bit) ? bits_get(p->bytes, bit, f->bits) : 0;
}

void layer_set(struct packet *p, const struct layer *l, const struct field *f,
               num_t value)
{
    size_t bit;

    if (!find_field(p, l, f, &bit))
        return;
    bits_set(p->bytes, bit, f->bits, value);
    if (p->written)
        bits_set(p->written, bit, f->bits, ~(num_t)0);
}

bool layer_find(const struct packet *p, const struct layer *l,
                const struct field *f, size_t *byte)
{
    bool there = find_field(p, l, f, byte);

    *byte /= 8;
    return there;
}

/* The option h at that place, if it is there, of `least` bytes or more; its
 * size, else 0. */
static size_t option_size(const struct packet *p, const struct header *h,
                          size_t at, size_t to, unsigned least)
{
    struct layer o = {.header = h, .off = at};
    num_t size = h->fixed_bytes;

    if (size > to - at || (h->valid && !layer_value(p, &o, h->valid)))
        return 0;
    if (h->size)
        size = layer_value(p, &o, h->size);
    return size < least || size > to - at ? 0 : (size_t)size;
}

/* The first option h of its header. */
static const struct layer *find_option(struct packet *p, const struct header *h,
                                       const struct layer *of)
{
    size_t at, to, n;

    if (!of)
        return NULL;
    at = of->off + of->header->fixed_bytes;
    for (to = of->off + of->size; at < to; at += n) {
        n = option_size(p, h, at, to, h->fixed_bytes);
        if (n) {
            p->option =
                (struct layer){.header = h, .off = at, .size = n, .end = to};
            return &p->option;
        }
        n = option_size(p, option_any(p->tree, h->of), at, to, 1);
        if (!n)
            return NULL;
    }
    return NULL;
}

const struct layer *packet_layer(const struct packet *p, const struct header *h)
{
    const struct layer *l = p->layer;

    if (header_is_option(h))
        return find_option((struct packet *)p, h, packet_layer(p, h->of));
    if (h->of) { /* the first behind that one */
        l = packet_layer(p, h->of);
        if (!l)
            return NULL;
        l++;
        h = h->real;
    }
    for (; l < p->layer + p->n_layers; l++) {
        if (l->header == h)
            return l;
    }
    return NULL;
}

num_t role_get(const struct packet *p, enum role r)
{
    if (!p->role[r].layer)
        return 0;
    return layer_get(p, p->role[r].layer, p->role[r].field);
}

/* What a packet that quotes has itself goes along where it is the same. */
static void own_set(struct packet *p, enum role r, num_t value)
{
    const struct layer *l;

    if (!p->quotes || (r != ROLE_SRC && r != ROLE_DST))
        return;
    l = p->own[r == ROLE_DST].layer;
    if (l && layer_get(p, l, p->own[r == ROLE_DST].field) == role_get(p, r))
        layer_set(p, l, p->own[r == ROLE_DST].field, value);
}

void role_set(struct packet *p, enum role r, num_t value)
{
    own_set(p, r, value);
    if (p->role[r].layer)
        layer_set(p, p->role[r].layer, p->role[r].field, value);
}

/* An expression of a header over its own fields. */
num_t layer_value(const struct packet *p, const struct layer *l,
                  const struct texpr *e)
{
    struct moment m = {.packet = (struct packet *)p, .layer = l};

    return eval(&m, e).u;
}

/* Whether the header of l is there at l->off, in bytes that end at `limit`.
 * Fills in its size and end. */
static bool is_there(struct packet *p, struct layer *l, size_t limit)
{
    const struct header *h = l->header;
    size_t left = limit - l->off;
    num_t n;

    if (h->fixed_bytes > left)
        return false;
    if (h->valid && !layer_value(p, l, h->valid))
        return false;
    n = h->size ? layer_value(p, l, h->size) : h->fixed_bytes;
    if (n < h->fixed_bytes || n > left)
        return false;
    l->size = (size_t)n;
    l->end = limit;
    if (h->end) {
        n = layer_value(p, l, h->end);
        if (n >= l->size && n <= left)
            l->end = l->off + (size_t)n;
        else if (!h->end_optional)
            return false;
    }
    return l->off + l->size <= MAX_HEADER_BYTES;
}

static const struct header *first_header(const struct tree *t)
{
    const struct header *h;

    LIST_EACH (h, &t->headers) {
        if (h->first)
            return h;
    }
    return NULL;
}

/* Of several headers that could be behind l: is it h, by its `valid`? */
static bool could_be(struct packet *p, const struct header *h,
                     const struct layer *l)
{
    struct layer next = {.header = h, .off = l->off + l->size};

    return next.off + h->fixed_bytes <= l->end &&
           layer_value(p, &next, h->valid);
}

/* The header that is due behind l, or NULL. */
static const struct header *header_after(const struct tree *t, struct packet *p,
                                         const struct layer *l)
{
    const struct header *parent = l->header, *h, *found = NULL;
    const struct after *a;
    num_t value = 0;
    unsigned n = 0;

    if (parent->select_if && !layer_value(p, l, parent->select_if))
        return NULL;
    if (parent->select)
        value = layer_get(p, l, parent->select);
    parent = parent->select_as;
    LIST_EACH (h, &t->headers) {
        LIST_EACH (a, &h->after) {
            if (a->parent != parent || a->value != value)
                continue;
            n++;
            if (n == 1 || !could_be(p, found, l))
                found = h;
        }
    }
    return n > 1 && !could_be(p, found, l) ? NULL : found;
}

static void find_headers(struct packet *p, const struct tree *t)
{
    const struct header *due = first_header(t);
    size_t off = 0, limit = p->len;

    while (due) {
        struct layer l = {.header = due, .off = off};

        if (p->n_layers == MAX_LAYERS || !is_there(p, &l, limit)) {
            p->malformed = true;
            return;
        }
        l.was = off;
        p->layer[p->n_layers++] = l;
        off += l.size;
        limit = l.end;
        due = header_after(t, p, &l);
    }
}

/* Takes what one header gives to the tuple; false if it says there is none. */
static bool find_roles(struct packet *p, const struct layer *l)
{
    const struct given *g;
    bool flow = true;

    if (l->header->quote && !p->quotes) {
        p->quotes = true;
        for (int i = 0; i < 2; i++) {
            p->own[i].layer = p->role[i ? ROLE_DST : ROLE_SRC].layer;
            p->own[i].field = p->role[i ? ROLE_DST : ROLE_SRC].field;
        }
    }
    LIST_EACH (g, &l->header->given) {
        if (g->cond && !layer_value(p, l, g->cond))
            continue;
        if (g->none)
            flow = false;
        for (int r = 0; r < ROLE_N; r++) {
            if (g->field[r]) {
                p->role[r].layer = l;
                p->role[r].field = g->field[r];
            }
        }
    }
    return flow;
}

static void find_tuple(struct packet *p)
{
    bool flow = !p->malformed;

    for (unsigned i = 0; i < p->n_layers; i++) {
        if (!find_roles(p, &p->layer[i]))
            flow = false;
    }
    if (p->later)
        flow = !p->malformed;
    p->has_flow = flow && p->role[ROLE_SRC].layer && p->role[ROLE_DST].layer &&
                  p->role[ROLE_PROTO].layer;
    if (!p->has_flow)
        return;
    p->tuple.src = role_get(p, ROLE_SRC);
    p->tuple.dst = role_get(p, ROLE_DST);
    p->tuple.sport = (uint16_t)role_get(p, ROLE_SPORT);
    p->tuple.dport = (uint16_t)role_get(p, ROLE_DPORT);
    p->tuple.proto = (uint8_t)role_get(p, ROLE_PROTO);
    p->tuple.v6 = p->role[ROLE_SRC].field->bits == 128;
    if (p->later) {
        p->tuple.sport = p->first_tuple.sport;
        p->tuple.dport = p->first_tuple.dport;
        p->tuple.proto = p->first_tuple.proto;
    }
}

void packet_parse(struct packet *p, const struct tree *t)
{
    p->tree = t;
    p->n_layers = 0;
    p->malformed = p->quotes = false;
    memset(p->role, 0, sizeof(p->role));
    memset(&p->tuple, 0, sizeof(p->tuple));
    find_headers(p, t);
    find_tuple(p);
    memcpy(p->first, p->layer, sizeof(p->first));
    p->n_first = p->n_layers;
    p->room = p->len > NFL_FRAME_MAX - PACKET_ROOM ? NFL_FRAME_MAX - p->len
                                                   : PACKET_ROOM;
}
