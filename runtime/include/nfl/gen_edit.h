/* Adding and removing headers: LANGUAGE.md, section 2, "Adding and removing".
 * Only gen.h includes this, where generated code has defined NFLG_EDITS. */
#ifndef NFL_GEN_EDIT_H
#define NFL_GEN_EDIT_H

/* A frame can grow by so many bytes, in front; what is removed adds to it. */
enum { NFLG_ROOM = 128 };

/* A number of bytes that a field says: field * mul + add. bits 0: none does. */
struct nflg_form {
    uint16_t bit;
    uint8_t bits;
    uint32_t mul, add;
};

typedef bool nflg_next_fn(const uint8_t *header);

struct nflg_kind { /* a header's declaration */
    struct nflg_form size, end;
    uint16_t
        select; /* its first bit; select_bits 0: what follows is `always` */
    uint8_t select_bits;
    nflg_find_fn *find;    /* of a selector that may be absent, or moves */
    uint16_t as;           /* whose children follow */
    nflg_next_fn *next_if; /* whether the selector counts; NULL: always */
    bool first, tunnel;
    bool address; /* it gives the flow's source */
};

struct nflg_after { /* child follows parent where the selector is value */
    uint16_t parent, child;
    nfl_u128 value;
};

struct nflg_kinds { /* of the program */
    const struct nflg_kind *kinds;
    const struct nflg_after *after; /* from 1 on */
    /* By parent, then child: which of them is what one adds; 0: none. */
    const uint16_t (*follows)[NFLG_HEADERS];
};

static const struct nflg_kinds g_kinds; /* generated code defines it */

/* What is to be added, outermost first. */
struct nflg_stack {
    const uint16_t *kind, *size;
    unsigned n, bytes;
    unsigned no_sum;  /* bit i: the checksum of header i stays zero */
    unsigned by_hand; /* bit i: its bytes say what follows */
    bool up;          /* so does the caller of what header 0 follows */
};

/* The stack of headers as it is to be. */
struct nflg_plan {
    unsigned n;
    struct nflg_header at[NFLG_MAX_HEADERS];
    unsigned end[NFLG_MAX_HEADERS];
    unsigned says; /* bit i: a field of header i says its end */
};

NFLG_FN const struct nflg_after *nflg_follows(unsigned parent, unsigned child)
{
    unsigned i = g_kinds.follows[g_kinds.kinds[parent].as][child];

    return i ? &g_kinds.after[i] : NULL;
}

/* Bits that may be any, but mostly are a byte, or two: as nflg_getbits128. */
NFLG_FN nfl_u128 nflg_getfield(const uint8_t *p, unsigned bit, unsigned bits)
{
    if (bit % 8 == 0 && bits == 16)
        return nflg_get16(p, bit / 8);
    if (bit % 8 == 0 && bits == 8)
        return p[bit / 8];
    return nflg_getbits128(p, bit, bits);
}

/* As nflg_putbits. */
NFLG_FN void nflg_putfield(uint8_t *p, unsigned bit, unsigned bits, nfl_u128 v)
{
    if (bit % 8 == 0 && bits == 16)
        nflg_put16(p, bit / 8, (uint16_t)v);
    else if (bit % 8 == 0 && bits == 8)
        p[bit / 8] = (uint8_t)v;
    else
        nflg_putbits(p, bit, bits, v);
}

NFLG_FN nfl_u128 nflg_selector(const uint8_t *p, unsigned kind)
{
    const struct nflg_kind *k = &g_kinds.kinds[kind];
    unsigned off = k->find ? k->find(p) : 0;

    if (k->find && !off)
        return 0;
    return nflg_getfield(p, k->find ? off * 8 : k->select, k->select_bits);
}

/* Can the selector of the header p say it? Its size may not be known yet. */
NFLG_FN bool nflg_can_select(const uint8_t *p, unsigned kind, nfl_u128 v)
{
    const struct nflg_kind *k = &g_kinds.kinds[kind];

    if (!v || !k->select_bits)
        return true;
    if (k->select_bits < 128 && v >> k->select_bits)
        return false;
    return !k->find || k->find(p);
}

NFLG_FN void nflg_select(uint8_t *p, unsigned kind, nfl_u128 v)
{
    const struct nflg_kind *k = &g_kinds.kinds[kind];
    unsigned off = k->find ? k->find(p) : 0;

    if (k->select_bits && (!k->find || off))
        nflg_putfield(p, k->find ? off * 8 : k->select, k->select_bits, v);
}

/* The value of the field that says n. */
NFLG_FN bool nflg_solve(const struct nflg_form *f, uint32_t n, uint32_t *v)
{
    if (n < f->add || (n - f->add) % f->mul)
        return false;
    *v = (n - f->add) / f->mul;
    return f->bits >= 32 || *v >> f->bits == 0;
}

/* Where the parsed headers end with what they carry. */
NFLG_FN void nflg_ends(const struct nflg_head *h, struct nflg_plan *p)
{
    unsigned i, end = h->pkt->len;

    p->n = h->n;
    p->says = 0;
    for (i = 0; i < h->n; i++) {
        const struct nflg_header *a = &h->parsed[i];
        const struct nflg_form *f = &g_kinds.kinds[a->kind].end;
        uint64_t to;

        p->at[i] = *a;
        if (f->bits) {
            to = (uint64_t)nflg_getfield(h->data + a->at, f->bit, f->bits) *
                     f->mul +
                 f->add + a->at;
            if (to >= a->to && to <= end) {
                end = (unsigned)to;
                p->says |= 1u << i;
            }
        }
        p->end[i] = end;
    }
}

/* May the header `next` (h->n: the payload) follow one of kind `up` (-1: none)?
 * It followed the header `from` (-1: none), whose selector then stays, if both
 * say the same by it. */
NFLG_FN bool nflg_join(const struct nflg_head *h, int up, int from,
                       unsigned next, nfl_u128 *value)
{
    const struct nflg_after *a;

    if (up >= 0 && from >= 0 && g_kinds.kinds[up].select_bits) {
        const struct nflg_header *f = &h->parsed[from];

        if (g_kinds.kinds[up].as == g_kinds.kinds[f->kind].as) {
            *value = nflg_selector(h->data + f->at, f->kind);
            return true;
        }
    }
    if (next == h->n)
        return false;
    if (up < 0)
        return g_kinds.kinds[h->parsed[next].kind].first;
    a = nflg_follows((unsigned)up, h->parsed[next].kind);
    *value = a ? a->value : 0;
    return a != NULL;
}

/* Is what stands behind header i what its selector says? */
NFLG_FN bool nflg_counts(const struct nflg_head *h, unsigned i)
{
    nflg_next_fn *f = g_kinds.kinds[h->parsed[i].kind].next_if;

    return !f || f(h->data + h->parsed[i].at);
}

/* The outermost place for s: before the header i. */
NFLG_FN bool nflg_place_of(const struct nflg_head *h,
                           const struct nflg_stack *s, unsigned *i,
                           nfl_u128 *last)
{
    for (*i = 0; *i <= h->n; ++*i) {
        if (*i == 0 ? !g_kinds.kinds[s->kind[0]].first
                    : !nflg_follows(h->parsed[*i - 1].kind, s->kind[0]))
            continue;
        if (*i == h->n && *i && !nflg_counts(h, *i - 1))
            continue;
        if (nflg_join(h, s->kind[s->n - 1], (int)*i - 1, *i, last))
            return true;
    }
    return false;
}

/* Can the fields of the first n headers say their ends? */
NFLG_FN bool nflg_can_say(const struct nflg_plan *p, unsigned n)
{
    uint32_t v;
    unsigned i;

    for (i = 0; i < n; i++)
        if (p->says >> i & 1 && !nflg_solve(&g_kinds.kinds[p->at[i].kind].end,
                                            p->end[i] - p->at[i].at, &v))
            return false;
    return true;
}

NFLG_FN void nflg_say(struct nflg_head *h, const struct nflg_plan *p,
                      unsigned n)
{
    uint32_t v = 0;
    unsigned i;

    for (i = 0; i < n; i++) {
        const struct nflg_form *f = &g_kinds.kinds[p->at[i].kind].end;

        if (p->says >> i & 1 && nflg_solve(f, p->end[i] - p->at[i].at, &v))
            nflg_putfield(h->data + p->at[i].at, f->bit, f->bits, v);
    }
}

/* Before the first change. */
NFLG_FN void nflg_edit_begin(struct nflg_head *h)
{
    struct nflg_edit *e = &h->edit;
    unsigned i;

    if (h->edited)
        return;
    nflg_touch(h);
    e->in_flow = nflg_has_flow(h);
    e->room = h->pkt->headroom < NFLG_ROOM ? h->pkt->headroom : NFLG_ROOM;
    e->n = h->n;
    memcpy(e->arrived, h->parsed, h->n * sizeof(*e->arrived));
    for (i = 0; i < h->n; i++) {
        e->origin[i].at = h->parsed[i].at;
        e->origin[i].flags = 0;
    }
    h->edited = true;
}

/* Takes over the stack p, in which the headers from `from` on are those that
 * were `was`, `bytes` (of either sign) further back. */
NFLG_FN void nflg_edit_end(struct nflg_head *h, const struct nflg_plan *p,
                           unsigned from, unsigned was, int bytes)
{
    unsigned i;

    for (i = 0; i < NFLG_ROLES + 2; i++) {
        struct nflg_place *r =
            i < NFLG_ROLES ? &h->role[i] : &h->own[i - NFLG_ROLES];

        if (i >= NFLG_ROLES && !h->quotes)
            break;

        if (!r->bits || r->header < (from < was ? from : was))
            continue;
        if (r->header < was) {
            r->bits = 0; /* removed, and nobody gives it now */
            continue;
        }
        r->header = (uint8_t)(r->header - was + from);
        r->bit = (uint16_t)(r->bit + bytes * 8);
    }
    h->n = p->n;
    memcpy(h->parsed, p->at, p->n * sizeof(*p->at));
    memset(h->there, 0, sizeof(h->there));
    for (i = h->n; i-- > 0;) {
        unsigned kind = h->parsed[i].kind;

        h->there[kind / 64] |= (uint64_t)1 << kind % 64;
        h->off[kind] = h->parsed[i].at;
    }
    h->at = h->n ? h->parsed[h->n - 1].to : 0;
    h->end = h->n ? p->end[h->n - 1] : h->pkt->len;
    nflg_find_inner(h);
}

/* ---- adding ---- */

/* p becomes the stack with s before the header i, at byte `at`. */
NFLG_FN void nflg_plan_encap(struct nflg_plan *p, const struct nflg_stack *s,
                             unsigned i, unsigned at, unsigned len)
{
    unsigned end = i < p->n ? p->end[i] : i ? p->end[i - 1] : len, k;
    unsigned low = (1u << i) - 1;

    for (k = p->n; k-- > i;) {
        p->at[k + s->n] = p->at[k];
        p->at[k + s->n].at = (uint16_t)(p->at[k].at + s->bytes);
        p->at[k + s->n].to = (uint16_t)(p->at[k].to + s->bytes);
        p->end[k + s->n] = p->end[k] + s->bytes;
    }
    p->says = (p->says & low) | (p->says & ~low) << s->n;
    for (k = 0; k < i; k++)
        p->end[k] += s->bytes;
    for (k = 0; k < s->n; k++) {
        p->at[i + k].kind = s->kind[k];
        p->at[i + k].at = (uint16_t)at;
        at += s->size[k];
        p->at[i + k].to = (uint16_t)at;
        p->end[i + k] = end + s->bytes;
        if (g_kinds.kinds[s->kind[k]].end.bits)
            p->says |= 1u << (i + k);
    }
    p->n += s->n;
}

/* What is in front of header i says that s follows; up: by the caller. */
NFLG_FN nfl_u128 nflg_up(const struct nflg_head *h, const struct nflg_stack *s,
                         unsigned i, nfl_u128 up)
{
    const struct nflg_after *a;

    if (s->up || !i)
        return up;
    a = nflg_follows(h->parsed[i - 1].kind, s->kind[0]);
    return a ? a->value : 0;
}

/* Sizes and selectors of what was written. */
NFLG_FN void nflg_fill(struct nflg_head *h, const struct nflg_plan *p,
                       const struct nflg_stack *s, unsigned i, nfl_u128 up,
                       nfl_u128 last)
{
    const struct nflg_after *a;
    uint32_t v;
    unsigned k;

    for (k = i ? i - 1 : 0; k < i + s->n; k++) {
        unsigned kind = p->at[k].kind;
        const struct nflg_form *f = &g_kinds.kinds[kind].size;
        uint8_t *b = h->data + p->at[k].at;

        if (k >= i && f->bits &&
            nflg_solve(f, (uint32_t)(p->at[k].to - p->at[k].at), &v))
            nflg_putfield(b, f->bit, f->bits, v);
        if (k + 1 == i + s->n) {
            if (!(s->by_hand >> (s->n - 1) & 1))
                nflg_select(b, kind, last);
            break;
        }
        a = nflg_follows(kind, p->at[k + 1].kind);
        if (k < i)
            nflg_select(b, kind, up);
        else if (a && !(s->by_hand >> (k - i) & 1))
            nflg_select(b, kind, a->value);
    }
}

/* Adds s at the outermost place where it is legal; `bytes` are its headers
 * without lengths, selectors and checksums; up: see s->up. False, and nothing
 * changed, if there is no such place, no room, or a selector cannot say it. */
NFLG_SLOW bool nflg_encap(struct nflg_head *h, const struct nflg_stack *s,
                          const uint8_t *bytes, nfl_u128 up)
{
    struct nfl_pkt *pkt = h->pkt;
    struct nflg_plan p = {.n = 0};
    unsigned i, k, at;
    nfl_u128 last = 0;

    if (h->n + s->n > NFLG_MAX_HEADERS || h->at + s->bytes > NFLG_MAX_BYTES ||
        !nflg_place_of(h, s, &i, &last))
        return false;
    up = nflg_up(h, s, i, up);
    if ((i && !nflg_can_select(h->data + h->parsed[i - 1].at,
                               h->parsed[i - 1].kind, up)) ||
        !nflg_can_select(bytes + s->bytes - s->size[s->n - 1],
                         s->kind[s->n - 1], last))
        return false;
    nflg_edit_begin(h);
    nflg_ends(h, &p);
    at = i < h->n ? h->parsed[i].at : h->at;
    nflg_plan_encap(&p, s, i, at, pkt->len);
    if (s->bytes > h->edit.room || !nflg_can_say(&p, i + s->n))
        return false;
    h->edit.room = (uint16_t)(h->edit.room - s->bytes);
    pkt->headroom = (uint16_t)(pkt->headroom - s->bytes);
    pkt->data -= s->bytes;
    pkt->len += s->bytes;
    memmove(pkt->data, h->data, at);
    h->data = pkt->data;
    memcpy(h->data + at, bytes, s->bytes);
    for (k = h->n; k-- > i;)
        h->edit.origin[k + s->n] = h->edit.origin[k];
    for (k = 0; k < i; k++)
        h->edit.origin[k].flags |= NFLG_RESIZED;
    for (k = 0; k < s->n; k++)
        h->edit.origin[i + k].flags =
            (uint8_t)(NFLG_ADDED | (s->no_sum >> k & 1 ? NFLG_NO_SUM : 0));
    nflg_fill(h, &p, s, i, up, last);
    nflg_say(h, &p, i + s->n);
    nflg_edit_end(h, &p, i + s->n, i, (int)s->bytes);
    return true;
}

/* ---- removing ---- */

/* Does the header say what follows for `of`? */
NFLG_FN bool nflg_extends(unsigned kind, unsigned of)
{
    return kind != of && g_kinds.kinds[kind].select_bits &&
           g_kinds.kinds[kind].as == of;
}

/* The headers i to *last are the outermost such sequence; of a tunnel, with
 * those that extend it, and those in front that are there to carry it. False if
 * there is none, or what is left could not be. */
NFLG_FN bool nflg_find(const struct nflg_head *h, const uint16_t *kind,
                       unsigned n, unsigned *i, unsigned *last, nfl_u128 *value)
{
    bool tunnel = n == 1 && g_kinds.kinds[kind[0]].tunnel, address = !tunnel;
    unsigned k;

    for (*i = 0; *i + n <= h->n; ++*i) {
        for (k = 0; k < n && h->parsed[*i + k].kind == kind[k]; k++)
            ;
        if (k == n)
            break;
    }
    if (*i + n > h->n)
        return false;
    *last = *i + n - 1;
    while (tunnel && *last + 1 < h->n &&
           nflg_extends(h->parsed[*last + 1].kind, kind[0]))
        ++*last;
    for (;; --*i) {
        int up = *i ? h->parsed[*i - 1].kind : -1;

        address |= g_kinds.kinds[h->parsed[*i].kind].address;
        if (address && nflg_join(h, up, (int)*last, *last + 1, value))
            return true;
        if (!tunnel || !*i)
            return false;
    }
}

/* p becomes the stack without the headers i to last. */
NFLG_FN void nflg_plan_decap(struct nflg_plan *p, unsigned i, unsigned last,
                             unsigned bytes)
{
    unsigned n = last + 1 - i, low = (1u << i) - 1, k;
    unsigned end = p->end[last] - bytes;

    for (k = last + 1; k < p->n; k++) {
        p->at[k - n] = p->at[k];
        p->at[k - n].at = (uint16_t)(p->at[k].at - bytes);
        p->at[k - n].to = (uint16_t)(p->at[k].to - bytes);
        p->end[k - n] = p->end[k] - bytes;
    }
    for (k = 0; k < i; k++)
        p->end[k] = end;
    p->says = (p->says & low) | (p->says >> n & ~low);
    p->n -= n;
}

/* Removes the outermost sequence of the n headers `kind`, and what lies behind
 * its end. False, and nothing changed, if it cannot be. */
NFLG_SLOW bool nflg_decap(struct nflg_head *h, const uint16_t *kind, unsigned n)
{
    struct nfl_pkt *pkt = h->pkt;
    unsigned i, last, k, at, bytes, end;
    struct nflg_plan p = {.n = 0};
    nfl_u128 value = 0;

    if (!nflg_find(h, kind, n, &i, &last, &value))
        return false;
    if (i && !nflg_can_select(h->data + h->parsed[i - 1].at,
                              h->parsed[i - 1].kind, value))
        return false;
    nflg_edit_begin(h);
    nflg_ends(h, &p);
    at = h->parsed[i].at;
    bytes = h->parsed[last].to - at;
    end = p.end[last] - bytes;
    nflg_plan_decap(&p, i, last, bytes);
    if (!nflg_can_say(&p, i))
        return false;
    h->edit.room = (uint16_t)(h->edit.room + bytes);
    pkt->headroom = (uint16_t)(pkt->headroom + bytes);
    pkt->data += bytes;
    pkt->len = end;
    memmove(pkt->data, h->data, at);
    h->data = pkt->data;
    for (k = last + 1; k < h->n; k++)
        h->edit.origin[k - (last + 1 - i)] = h->edit.origin[k];
    for (k = 0; k < i; k++)
        h->edit.origin[k].flags |= NFLG_RESIZED;
    if (i)
        nflg_select(h->data + p.at[i - 1].at, p.at[i - 1].kind, value);
    nflg_say(h, &p, i);
    nflg_edit_end(h, &p, i, last + 1, -(int)bytes);
    return true;
}

#endif
