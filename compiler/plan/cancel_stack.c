/* Where headers are put, and which are taken out, of a packet whose headers are
 * all known. What depends on its bytes is not known here. */
#include "plan/cancel.h"
#include <string.h>

struct says {  /* what a header has to say so that another one follows */
    bool same; /* as the one did that is taken for it */
    num_t value;
};

/* May `next` (NULL: the payload) follow `up` (NULL: it is the first)? It
 * followed `from`, or NULL. */
static bool join(const struct header *up, const struct header *from,
                 const struct header *next, struct says *v)
{
    const struct after *a;

    *v = (struct says){false, 0};
    if (up && from && up->select && up->select_as == from->select_as) {
        v->same = true;
        return true;
    }
    if (!next)
        return false;
    if (!up)
        return next->first;
    a = header_follows(up, next);
    v->value = a ? a->value : 0;
    return a != NULL;
}

/* Can the selector of h say it, whatever the packet? */
static bool can_say(const struct header *h, const struct header *from,
                    struct says v)
{
    if (!h || !h->select || (!v.same && !v.value))
        return true;
    if (h->select->cond)
        return false;
    if (v.same)
        return from->select && h->select->bits >= from->select->bits;
    return h->select->bits >= 128 || !(v.value >> h->select->bits);
}

static const struct header *entry(const struct cancel_stack *st, unsigned i)
{
    return i < st->n ? st->at[i].header : NULL;
}

static const struct header *before(const struct cancel_stack *st, unsigned i)
{
    return i ? st->at[i - 1].header : NULL;
}

const struct cancel_entry *cancel_find(const struct cancel_stack *st,
                                       const struct header *h)
{
    for (unsigned i = 0; i < st->n; i++)
        if (st->at[i].header == h)
            return &st->at[i];
    return NULL;
}

/* ---- lengths ---- */

static bool has_end(const struct header *h)
{
    return h->end_by.known && h->end_by.field;
}

/* An end that counts bytes up to as many as a frame has, at least `bytes`. */
static bool end_fits(const struct header *h, unsigned bytes)
{
    return !has_end(h) ||
           (!h->end_by.field->cond && h->end_by.mul == 1 &&
            h->end_by.field->bits >= 16 && h->end_by.add <= bytes);
}

/* The most bytes that it can have. */
static unsigned longest(const struct header *h)
{
    const struct linear *l = &h->size_by;

    if (!h->size)
        return h->fixed_bytes;
    if (!l->known || !l->field || l->field->bits > 8)
        return CANCEL_BYTES;
    return (unsigned)((((num_t)1 << l->field->bits) - 1) * l->mul + l->add);
}

static bool short_enough(const struct cancel_stack *st,
                         const struct plan_shape *s, unsigned bytes)
{
    return s->at[s->n - 1] + longest(s->header[s->n - 1]) + st->grown + bytes <=
           CANCEL_BYTES;
}

/* What stands in front of new headers: its lengths are changed, and changed
 * back. A checksum of the rest would be summed up anew. */
static bool may_grow(const struct header *h)
{
    return !h->checksums.n && !h->pseudo.n && end_fits(h, h->fixed_bytes);
}

/* ---- adding ---- */

static bool place_of(const struct cancel_stack *st, const struct tlayer *first,
                     const struct tlayer *last, unsigned *at, struct says *v)
{
    for (*at = 0; *at < st->n; ++*at) {
        const struct header *up = before(st, *at);

        if (up ? !header_follows(up, first->header) : !first->header->first)
            continue;
        if (join(last->header, up, entry(st, *at), v))
            return true;
    }
    return false;
}

/* What is in front of the place can say that the new headers follow. */
static bool front_says(const struct header *up, const struct tstack *t)
{
    struct says v = {false, 0};

    if (!up)
        return true;
    if (t->up)
        return up->select && !up->select->cond;
    v.value = header_follows(up, t->layers.first->header)->value;
    return can_say(up, NULL, v);
}

static unsigned bytes_of(const struct tstack *t)
{
    const struct tlayer *l;
    unsigned bytes = 0;

    LIST_EACH (l, &t->layers)
        bytes += l->bytes;
    return bytes;
}

static bool layers_fit(const struct tstack *t)
{
    const struct tlayer *l;

    LIST_EACH (l, &t->layers)
        if (!end_fits(l->header, l->bytes))
            return false;
    return true;
}

bool cancel_push(struct cancel_stack *st, const struct plan_shape *s,
                 const struct ir_stmt *push)
{
    const struct tstack *t = push->stack;
    const struct tlayer *l, *last = t->layers.last;
    unsigned bytes = bytes_of(t), at, i, n = 0;
    struct says v;

    LIST_EACH (l, &t->layers)
        n++;
    if (st->n + n > CANCEL_HEADERS || st->grown + bytes > CANCEL_ROOM ||
        !short_enough(st, s, bytes) || !layers_fit(t) ||
        !place_of(st, t->layers.first, last, &at, &v) ||
        !front_says(before(st, at), t) ||
        !can_say(last->header, before(st, at), v) || (last->by_hand && v.same))
        return false;
    for (i = 0; i < at; i++)
        if (!may_grow(st->at[i].header))
            return false;
    memmove(st->at + at + n, st->at + at, (st->n - at) * sizeof(*st->at));
    LIST_EACH (l, &t->layers)
        st->at[at++] = (struct cancel_entry){l->header, push, st->turns};
    st->n += n;
    st->turns++;
    st->grown += bytes;
    return true;
}

/* ---- removing ---- */

/* It says what follows for `of`, which it stands behind. */
static bool extends(const struct header *h, const struct header *of)
{
    return h && h != of && h->select && h->select_as == of;
}

static bool stands_at(const struct cancel_stack *st, const struct tstack *t,
                      unsigned i)
{
    const struct tlayer *l;

    LIST_EACH (l, &t->layers)
        if (entry(st, i++) != l->header)
            return false;
    return true;
}

/* The headers from to last, as the pop finds them. */
static bool find(const struct cancel_stack *st, const struct tstack *t,
                 unsigned *from, unsigned *last, struct says *v)
{
    const struct header *head = t->layers.first->header;
    bool tunnel = t->layers.n == 1 && head->tunnel, address = !tunnel;
    unsigned i = 0;

    while (i < st->n && !stands_at(st, t, i))
        i++;
    if (i == st->n)
        return false;
    *last = i + t->layers.n - 1;
    while (tunnel && extends(entry(st, *last + 1), head))
        ++*last;
    for (;; i--) {
        address |= header_gives_source(st->at[i].header);
        if (address && join(before(st, i), st->at[*last].header,
                            entry(st, *last + 1), v)) {
            *from = i;
            return can_say(before(st, i), st->at[*last].header, *v);
        }
        if (!tunnel || !i)
            return false;
    }
}

/* Are they all that one push added, and is it the last one? */
static bool are_last_push(const struct cancel_stack *st, unsigned from,
                          unsigned last)
{
    const struct cancel_entry *p = &st->at[from];

    for (unsigned i = 0; i < st->n; i++) {
        const struct cancel_entry *e = &st->at[i];

        if ((i >= from && i <= last) != (e->push && e->turn == p->turn))
            return false;
        if (e->push && e->turn > p->turn)
            return false;
    }
    return p->push != NULL;
}

/* What is in front says then what it said when the packet arrived. One that
 * would have been added is not there to say anything. */
static bool restored(const struct cancel_stack *st, unsigned from,
                     unsigned last, const struct plan_shape *s, struct says v)
{
    const struct header *up = before(st, from);

    if (!up || !up->select || st->at[from - 1].push)
        return true;
    if (v.same)
        return st->at[last].header->select != NULL;
    for (unsigned i = 0; i < s->n_facts; i++)
        if (s->fact[i].field == up->select)
            return s->fact[i].value == v.value;
    return false;
}

/* The frame ends where the last one that is removed ends: where the header
 * behind it did, if one of them says so, else where those in front do. */
static struct cancel_cut cut_of(const struct cancel_stack *st, unsigned from,
                                unsigned last)
{
    struct cancel_cut cut = {{false}};
    unsigned to = from, i, nth = 0;

    for (i = from; i <= last; i++)
        if (has_end(st->at[i].header))
            to = last + 2;
    for (i = 0; i < st->n; i++) {
        if (st->at[i].push)
            continue;
        cut.by[nth++] = i < to && has_end(st->at[i].header);
    }
    return cut;
}

const struct ir_stmt *cancel_pop(struct cancel_stack *st,
                                 const struct plan_shape *s,
                                 const struct ir_stmt *pop,
                                 struct cancel_cut *cut)
{
    const struct ir_stmt *push;
    unsigned from, last;
    struct says v;

    if (!find(st, pop->stack, &from, &last, &v) ||
        !are_last_push(st, from, last) || !restored(st, from, last, s, v))
        return NULL;
    *cut = cut_of(st, from, last);
    push = st->at[from].push;
    st->grown -= bytes_of(push->stack);
    memmove(st->at + from, st->at + last + 1,
            (st->n - last - 1) * sizeof(*st->at));
    st->n -= last + 1 - from;
    return push;
}
