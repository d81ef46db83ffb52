/* Adding and removing headers: LANGUAGE.md, "Adding and removing". The frame is
 * made anew, byte by byte, each time. */
#include "base/mem.h"
#include "interp/packet.h"
#include <stdlib.h>
#include <string.h>

/* The packet as it is to be. */
struct draft {
    uint8_t *bytes;
    struct layer layer[2 * MAX_LAYERS];
    unsigned n;
};

static bool one_family(const struct header *a, const struct header *b)
{
    return a->select && b->select && a->select_as == b->select_as;
}

/* May layer i of p (n_layers: the payload) follow a header `up` (NULL: none),
 * where it followed the layer `from` (NULL: none)? And if so, with which
 * selector of `up`? */
static bool joins(const struct packet *p, const struct header *up,
                  const struct layer *from, unsigned i, num_t *value)
{
    const struct after *a;

    *value = 0;
    if (up && from && one_family(up, from->header)) {
        *value = layer_get(p, from, from->header->select);
        return true;
    }
    if (i == p->n_layers)
        return false;
    if (!up)
        return p->layer[i].header->first;
    a = header_follows(up, p->layer[i].header);
    if (a)
        *value = a->value;
    return a != NULL;
}

/* False if the selector cannot say it, or is not there. */
static bool select_by(uint8_t *bytes, const struct layer *l, num_t value)
{
    const struct field *f = l->header->select;
    struct packet draft = {.bytes = bytes};

    if (!f)
        return true;
    if (value > num_mask(f->bits))
        return false;
    layer_set(&draft, l, f, value);
    return layer_get(&draft, l, f) == value;
}

/* Does a field of l say where it ends? */
static bool says_end(struct packet *p, const struct layer *l)
{
    return l->header->end && l->header->end_by.field &&
           layer_value(p, l, l->header->end) == l->end - l->off;
}

/* Lets the field say it. False if it cannot. */
static bool say_end(uint8_t *bytes, const struct layer *l)
{
    const struct linear *by = &l->header->end_by;
    num_t v;

    if (!linear_solve(by, l->end - l->off, &v))
        return false;
    bits_set(bytes, l->off * 8 + by->field->bit_off, by->field->bits, v);
    return true;
}

static const struct layer *moved(const struct packet *p, const struct layer *l,
                                 const int *now)
{
    int to = l ? now[l - p->layer] : -1;

    return to < 0 ? NULL : &p->layer[to];
}

/* The draft becomes the packet, `len` bytes long; layer i of the packet is
 * layer now[i] of it, or gone (-1). */
static void settle(struct packet *p, const struct draft *d, size_t len,
                   const int *now)
{
    memcpy(p->bytes, d->bytes, len);
    p->len = len;
    for (int r = 0; r < ROLE_N; r++)
        p->role[r].layer = moved(p, p->role[r].layer, now);
    for (int i = 0; i < 2; i++)
        p->own[i].layer = moved(p, p->own[i].layer, now);
    memcpy(p->layer, d->layer, d->n * sizeof(d->layer[0]));
    p->n_layers = d->n;
}

/* ---- adding ---- */

static const struct tlayer *nth(const struct tstack *s, unsigned i)
{
    const struct tlayer *l = s->layers.first;

    while (i-- > 0)
        l = l->next;
    return l;
}

/* The outermost place: in front of which layer. */
static bool find_place(const struct packet *p, const struct tstack *s,
                       unsigned *place, num_t *last)
{
    const struct header *outer = s->layers.first->header;
    const struct header *inner = s->layers.last->header;

    for (unsigned i = 0; i <= p->n_layers; i++) {
        const struct layer *up = i > 0 ? &p->layer[i - 1] : NULL;

        if (up ? !header_follows(up->header, outer) : !outer->first)
            continue;
        if (i == p->n_layers && up && up->header->select_if &&
            !layer_value(p, up, up->header->select_if))
            continue;
        if (joins(p, inner, up, i, last)) {
            *place = i;
            return true;
        }
    }
    return false;
}

size_t packet_stack_bytes(const struct tstack *s)
{
    const struct tlayer *l;
    size_t n = 0;

    LIST_EACH (l, &s->layers)
        n += l->bytes;
    return n;
}

/* Writes one header with its values; returns those of the next. */
static const num_t *write_header(uint8_t *bytes, const struct layer *to,
                                 const struct tlayer *l, const num_t *values)
{
    const struct header *h = l->header;
    const struct field *f;
    const struct tset *set;
    num_t v;

    LIST_EACH (f, &h->fields)
        if (!f->cond)
            bits_set(bytes, to->off * 8 + f->bit_off, f->bits, f->def);
    LIST_EACH (set, &l->sets)
        bits_set(bytes, to->off * 8 + set->bit, set->field->bits, *values++);
    f = h->size_by.field;
    if (f && linear_solve(&h->size_by, to->size, &v))
        bits_set(bytes, to->off * 8 + f->bit_off, f->bits, v);
    return values;
}

/* The stack with the new headers in front of layer i, at offset `at`. Those
 * that say their end carry what is behind, without padding; others end as the
 * one in front. */
static void draft_added(const struct packet *p, const struct tstack *s,
                        unsigned i, size_t at, struct draft *d)
{
    size_t grown = packet_stack_bytes(s);
    size_t end = i < p->n_layers ? p->layer[i].end
                 : i > 0         ? p->layer[i - 1].end
                                 : p->len;
    const struct tlayer *l;
    unsigned k;

    for (k = 0; k < i; k++) {
        d->layer[d->n] = p->layer[k];
        d->layer[d->n].end += grown;
        d->layer[d->n++].resized = true;
    }
    LIST_EACH (l, &s->layers) {
        size_t outer = d->n ? d->layer[d->n - 1].end : p->len + grown;

        d->layer[d->n++] = (struct layer){
            .header = l->header,
            .off = at,
            .size = l->bytes,
            .end = l->header->end ? end + grown : outer,
            .added = true,
            .no_sum = l->no_sum,
        };
        at += l->bytes;
    }
    for (; k < p->n_layers; k++) {
        d->layer[d->n] = p->layer[k];
        d->layer[d->n].off += grown;
        d->layer[d->n++].end += grown;
    }
}

static bool write_added(struct packet *p, const struct tstack *s, unsigned i,
                        num_t last, const num_t *values, struct draft *d)
{
    unsigned n = s->layers.n, k = i;
    num_t by;
    const struct tlayer *l;

    LIST_EACH (l, &s->layers)
        values = write_header(d->bytes, &d->layer[k++], l, values);
    for (k = i > 0 ? i - 1 : 0; k + 1 < i + n; k++) {
        if (!(k < i ? s->up != NULL : nth(s, k - i)->by_hand))
            by = header_follows(d->layer[k].header, nth(s, k + 1 - i)->header)
                     ->value;
        else if (k < i)
            by = *values;
        else
            continue;
        if (!select_by(d->bytes, &d->layer[k], by))
            return false;
    }
    if (!nth(s, n - 1)->by_hand &&
        !select_by(d->bytes, &d->layer[i + n - 1], last))
        return false;
    for (k = 0; k < i + n; k++) {
        bool says =
            k < i ? says_end(p, &p->layer[k]) : d->layer[k].header->end != NULL;

        if (says && !say_end(d->bytes, &d->layer[k]))
            return false;
    }
    return true;
}

bool packet_encap(struct packet *p, const struct tstack *s, const num_t *values)
{
    size_t grown = packet_stack_bytes(s), at = 0, parsed = 0;
    struct draft d = {0};
    int now[MAX_LAYERS];
    unsigned i;
    num_t last;
    bool done;

    if (p->n_layers)
        parsed = p->layer[p->n_layers - 1].off + p->layer[p->n_layers - 1].size;
    if (!find_place(p, s, &i, &last) || grown > p->room ||
        p->n_layers + s->layers.n > MAX_LAYERS ||
        parsed + grown > MAX_HEADER_BYTES)
        return false;
    if (i > 0)
        at = p->layer[i - 1].off + p->layer[i - 1].size;
    d.bytes = mem_zeroed(p->len + grown, 1);
    memcpy(d.bytes, p->bytes, at);
    memcpy(d.bytes + at + grown, p->bytes + at, p->len - at);
    draft_added(p, s, i, at, &d);
    done = write_added(p, s, i, last, values, &d);
    for (unsigned k = 0; k < p->n_layers; k++)
        now[k] = (int)(k < i ? k : k + s->layers.n);
    if (done && p->written) {
        memmove(p->written + at + grown, p->written + at, p->len - at);
        memset(p->written + at, 0, grown);
    }
    if (done) {
        p->room -= grown;
        settle(p, &d, p->len + grown, now);
    }
    free(d.bytes);
    return done;
}

void packet_make(struct packet *p, const struct tstack *s, const num_t *values,
                 const uint8_t *data, size_t n)
{
    size_t grown = packet_stack_bytes(s);
    struct draft d = {0};

    p->len = n;
    d.bytes = mem_zeroed(grown + n, 1);
    if (n)
        memcpy(d.bytes + grown, data, n);
    draft_added(p, s, 0, 0, &d);
    write_added(p, s, 0, 0, values, &d);
    settle(p, &d, grown + n, NULL);
    free(d.bytes);
    packet_checksums(p);
}

/* ---- removing ---- */

static bool is_at(const struct packet *p, const struct tstack *s, unsigned i)
{
    const struct tlayer *l;

    LIST_EACH (l, &s->layers)
        if (i == p->n_layers || p->layer[i++].header != l->header)
            return false;
    return true;
}

/* Does the header say what follows for `of`? */
static bool extends(const struct header *h, const struct header *of)
{
    return h != of && h->select && h->select_as == of;
}

/* Which layers go: the outermost such sequence; of a tunnel, also those that
 * extend it, and those that carry it, from the header on that has its
 * addresses, or further in front if what is left could not be else. */
static bool find_layers(const struct packet *p, const struct tstack *s,
                        unsigned *from, unsigned *to, num_t *value)
{
    bool tunnel = s->layers.n == 1 && s->layers.first->header->tunnel;
    bool carried = !tunnel;
    unsigned i = 0;

    while (i < p->n_layers && !is_at(p, s, i))
        i++;
    if (i == p->n_layers)
        return false;
    *to = i + s->layers.n - 1;
    while (tunnel && *to + 1 < p->n_layers &&
           extends(p->layer[*to + 1].header, s->layers.first->header))
        ++*to;
    for (*from = i;; --*from) {
        const struct header *up = *from > 0 ? p->layer[*from - 1].header : NULL;

        if (header_gives_source(p->layer[*from].header))
            carried = true;
        if (carried && joins(p, up, &p->layer[*to], *to + 1, value))
            return true;
        if (!tunnel || *from == 0)
            return false;
    }
}

bool packet_decap(struct packet *p, const struct tstack *s)
{
    struct draft d = {0};
    int now[MAX_LAYERS];
    unsigned from, to, k;
    size_t at, gone, len;
    num_t value;
    bool done = true;

    if (!find_layers(p, s, &from, &to, &value))
        return false;
    at = p->layer[from].off;
    gone = p->layer[to].off + p->layer[to].size - at;
    len = p->layer[to].end - gone;
    d.bytes = mem_zeroed(p->len, 1);
    memcpy(d.bytes, p->bytes, at);
    memcpy(d.bytes + at, p->bytes + at + gone, len - at);
    for (k = 0; k < p->n_layers; k++) {
        struct layer l = p->layer[k];

        now[k] = k >= from && k <= to ? -1 : (int)d.n;
        if (now[k] < 0)
            continue;
        if (k < from) {
            l.end = len;
            l.resized = true;
        } else {
            l.off -= gone;
            l.end -= gone;
        }
        d.layer[d.n++] = l;
    }
    if (from > 0)
        done = select_by(d.bytes, &d.layer[from - 1], value);
    for (k = 0; k < from; k++)
        if (says_end(p, &p->layer[k]) && !say_end(d.bytes, &d.layer[k]))
            done = false;
    if (done && p->written)
        memmove(p->written + at, p->written + at + gone, len - at);
    if (done) {
        p->room += gone;
        settle(p, &d, len, now);
    }
    free(d.bytes);
    return done;
}
