/* Makes the frames that tests send. Nothing here knows a header: what is to be
 * filled in follows from the declarations. */
#include "tool/test_frame.h"

#include "interp/eval.h"
#include "interp/packet.h"
#include "interp/world.h"

#include <string.h>

/* One frame while it is made. */
struct making {
    const struct tree *tree;
    struct packet p;                      /* its layers, outermost first */
    const struct tpart *part[MAX_LAYERS]; /* what the test says, or NULL */
};

static bool is_given(const struct tpart *part, const struct field *f)
{
    const struct tmatch *m;

    if (part)
        LIST_EACH (m, &part->fields)
            if (m->field == f)
                return true;
    return false;
}

static num_t layer_eval(struct making *k, unsigned i, const struct texpr *e)
{
    struct moment m = {.packet = &k->p, .layer = &k->p.layer[i]};

    return eval(&m, e).u;
}

/* A field of its own that e asks for, or NULL. */
static const struct field *asked(const struct texpr *e)
{
    const struct field *f = NULL;

    if (!e)
        return NULL;
    if (e->kind == TE_FIELD)
        return e->field;
    f = asked(e->a);
    return f ? f : asked(e->b);
}

/* Sets the field that e asks for so that e, which grows with it, is `want`;
 * unless the test gave it, or no value does. */
static void solve(struct making *k, unsigned i, const struct texpr *e,
                  num_t want)
{
    const struct field *f = asked(e);
    const struct layer *l = &k->p.layer[i];
    num_t zero, one, before, v;

    if (!f || is_given(k->part[i], f))
        return;
    before = layer_get(&k->p, l, f);
    layer_set(&k->p, l, f, 0);
    zero = layer_eval(k, i, e);
    layer_set(&k->p, l, f, 1);
    one = layer_eval(k, i, e);
    v = one > zero && want >= zero
            ? (want - zero + one - zero - 1) / (one - zero)
            : before;
    layer_set(&k->p, l, f, v <= num_mask(f->bits) ? v : before);
}

/* ---- defaults ---- */

/* What `valid` asks of single fields: version == 4 && ihl >= 5. */
static void satisfy(struct making *k, unsigned i, const struct texpr *e)
{
    const struct field *f;
    num_t v;

    if (!e || e->kind != TE_BINARY)
        return;
    if (e->op == OP_LAND) {
        satisfy(k, i, e->a);
        satisfy(k, i, e->b);
        return;
    }
    f = asked(e->a);
    if (!f || asked(e->b) || is_given(k->part[i], f))
        return;
    v = layer_eval(k, i, e->b);
    if (e->op == OP_EQ || e->op == OP_GE)
        layer_set(&k->p, &k->p.layer[i], f, v);
    else if (e->op == OP_GT)
        layer_set(&k->p, &k->p.layer[i], f, v + 1);
}

static num_t address(unsigned bits, unsigned host)
{
    if (bits == 32) /* 192.0.2.1, 198.51.100.1: RFC 5737 */
        return host == 1 ? 0xc0000201 : 0xc6336401;
    return (num_t)0x20010db8 << 96 | host; /* RFC 3849 */
}

static num_t role_default(enum role r, const struct field *f)
{
    switch (r) {
    case ROLE_SRC:
        return address(f->bits, 1);
    case ROLE_DST:
        return address(f->bits, 2);
    case ROLE_SPORT:
        return 40000;
    case ROLE_DPORT:
        return 9; /* discard, RFC 863 */
    default:
        return 0;
    }
}

static void default_roles(struct making *k, unsigned i)
{
    const struct given *g;

    LIST_EACH (g, &k->p.layer[i].header->given) {
        if (g->cond)
            continue;
        for (enum role r = ROLE_SRC; r < ROLE_N; r++)
            if (g->field[r] && r != ROLE_PROTO)
                layer_set(&k->p, &k->p.layer[i], g->field[r],
                          role_default(r, g->field[r]));
    }
}

static void defaults(struct making *k, unsigned i)
{
    const struct header *h = k->p.layer[i].header;
    const struct field *f;

    LIST_EACH (f, &h->fields)
        if (f->def)
            layer_set(&k->p, &k->p.layer[i], f, f->def);
        else if (f->type->form == LIT_MAC && f->type->kind == TY_UINT)
            layer_set(&k->p, &k->p.layer[i], f,
                      (num_t)0x02 << 40 |
                          (strcmp(f->name, role_name[ROLE_DST]) == 0 ? 2 : 1));
    default_roles(k, i);
    satisfy(k, i, h->valid);
}

/* Must a selector that may be absent say what comes next? */
static bool must_select(const struct tpart *part)
{
    const struct tpart *next = part->next;
    const struct after *a = next && next->header
                                ? header_follows(part->header, next->header)
                                : NULL;

    return a && !a->always && a->value;
}

/* A field that may be absent is there if it is given. */
static void set_given(struct making *k, unsigned i)
{
    const struct tmatch *m;

    if (!k->part[i])
        return;
    if (must_select(k->part[i]))
        satisfy(k, i, k->part[i]->header->select->cond);
    LIST_EACH (m, &k->part[i]->fields)
        satisfy(k, i, m->field->cond);
    for (int twice = 0; twice < 2; twice++) /* where some are, others say */
        LIST_EACH (m, &k->part[i]->fields)
            layer_set(&k->p, &k->p.layer[i], m->field, m->lo);
}

/* ---- what follows ---- */

static bool is_role(const struct header *h, const struct field *f)
{
    const struct given *g;

    LIST_EACH (g, &h->given)
        if (g->field[ROLE_SPORT] == f || g->field[ROLE_DPORT] == f)
            return true;
    return false;
}

/* The greatest value that no header claims. */
static num_t unclaimed(const struct tree *t, const struct header *parent)
{
    num_t v = num_mask(parent->select->bits);
    const struct header *h;
    const struct after *a;
    bool taken = true;

    while (taken && v) {
        taken = false;
        LIST_EACH (h, &t->headers)
            LIST_EACH (a, &h->after)
                if (a->parent == parent->select_as && a->value == v)
                    taken = true;
        v -= taken;
    }
    return v;
}

/* The selector says which header comes next, or that none does. */
static void set_selector(struct making *k, unsigned i)
{
    const struct layer *l = &k->p.layer[i];
    const struct header *parent = l->header;
    const struct after *a;

    unsigned next = i + 1;

    while (next < k->p.n_layers &&
           header_is_option(k->p.layer[next].header)) /* is in it */
        next++;
    if (!parent->select || is_given(k->part[i], parent->select))
        return;
    if (next == k->p.n_layers) {
        if (!is_role(parent, parent->select))
            layer_set(&k->p, l, parent->select, unclaimed(k->tree, parent));
        return;
    }
    a = header_follows(parent, k->p.layer[next].header);
    if (a && !a->always)
        layer_set(&k->p, l, parent->select, a->value);
}

/* ---- checksums ---- */

static uint64_t sum_bytes(const struct making *k, size_t from, size_t to)
{
    uint64_t sum = 0;

    for (size_t at = from; at < to; at++)
        sum += (uint64_t)k->p.bytes[at] << ((at - from) % 2 ? 0 : 8);
    return sum;
}

/* The protocol that the headers before layer i say it is. */
static num_t protocol_of(const struct making *k, unsigned i)
{
    const struct given *g;

    while (i-- > 0)
        LIST_EACH (g, &k->p.layer[i].header->given)
            if (g->field[ROLE_PROTO])
                return layer_get(&k->p, &k->p.layer[i], g->field[ROLE_PROTO]);
    return 0;
}

/* The pseudo header of RFC 768 and RFC 8200: what the nearest header before
 * declares, the protocol and the length. */
static uint64_t sum_pseudo(const struct making *k, unsigned i)
{
    const struct layer *l = &k->p.layer[i];
    uint64_t sum = (uint64_t)protocol_of(k, i) + (l->end - l->off);
    const struct fieldref *r;

    for (unsigned up = i; up-- > 0;) {
        const struct layer *o = &k->p.layer[up];

        LIST_EACH (r, &o->header->pseudo)
            sum += sum_bytes(k, o->off + r->field->bit_off / 8,
                             o->off + (r->field->bit_off + r->field->bits) / 8);
        if (o->header->pseudo.first)
            break;
    }
    return sum;
}

static void set_checksum(struct making *k, unsigned i, const struct checksum *c)
{
    const struct layer *l = &k->p.layer[i];
    uint64_t sum;

    if (is_given(k->part[i], c->field))
        return;
    layer_set(&k->p, l, c->field, 0);
    sum = sum_bytes(k, l->off, c->rest ? l->end : l->off + l->size);
    if (c->pseudo)
        sum += sum_pseudo(k, i);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    sum = ~sum & 0xffff;
    layer_set(&k->p, l, c->field, c->optional && sum == 0 ? 0xffff : sum);
}

/* ---- the whole ---- */

/* Lengths from the outside in, checksums from the inside out. */
static void finish(struct making *k)
{
    const struct checksum *c;

    for (unsigned i = 0; i < k->p.n_layers; i++) {
        struct layer *l = &k->p.layer[i];

        l->end = k->p.len;
        if (l->header->end)
            solve(k, i, l->header->end, k->p.len - l->off);
    }
    for (unsigned i = k->p.n_layers; i-- > 0;)
        LIST_EACH (c, &k->p.layer[i].header->checksums)
            set_checksum(k, i, c);
}

/* Of the fields that are there by now. */
static num_t bytes_of_fields(struct making *k, unsigned i)
{
    const struct header *h = k->p.layer[i].header;
    const struct field *f;
    num_t bits = 0;

    LIST_EACH (f, &h->fields)
        if (f->cond && layer_eval(k, i, f->cond))
            bits += f->bits;
    return h->fixed_bytes + bits / 8;
}

/* The header of option i is so much longer. */
static void carry(struct making *k, unsigned i)
{
    struct layer *l = &k->p.layer[i];
    size_t n = l->size;

    while (header_is_option(l->header) && l > k->p.layer)
        l--;
    l->size += n;
    if (l->header->size)
        solve(k, (unsigned)(l - k->p.layer), l->header->size, l->size);
}

static void add_header(struct making *k, const struct tpart *part)
{
    unsigned i = k->p.n_layers++;
    struct layer *l = &k->p.layer[i];
    const struct header *h = part->header;
    num_t size = h->fixed_bytes;

    *l = (struct layer){.header = h, .off = k->p.len, .size = (size_t)size};
    k->part[i] = part;
    if (h->size) /* what is behind a gap must find its place */
        solve(k, i, h->size, bytes_of_fields(k, i));
    defaults(k, i);
    if (h->size)
        solve(k, i, h->size, bytes_of_fields(k, i));
    set_given(k, i);
    if (h->size) {
        solve(k, i, h->size, bytes_of_fields(k, i));
        size = layer_eval(k, i, h->size);
        if (size < h->fixed_bytes || size > MAX_HEADER_BYTES)
            size = h->fixed_bytes;
    }
    l->size = (size_t)size;
    k->p.len += l->size;
    if (header_is_option(h))
        carry(k, i);
}

void frame_build(struct arena *a, const struct tree *t, const struct tpacket *p,
                 struct frame *out)
{
    struct making k = {.tree = t};
    const struct tpart *part;

    k.p.bytes = arena_alloc(a, FRAME_ROOM + MAX_LAYERS * MAX_HEADER_BYTES);
    LIST_EACH (part, &p->parts) {
        if (part->header && k.p.n_layers < MAX_LAYERS) {
            add_header(&k, part);
        } else if (part->n && k.p.len + part->n <= FRAME_ROOM) {
            memcpy(k.p.bytes + k.p.len, part->bytes, part->n);
            k.p.len += part->n;
        }
    }
    for (unsigned i = 0; i < k.p.n_layers; i++)
        set_selector(&k, i);
    finish(&k);
    out->bytes = k.p.bytes;
    out->len = k.p.len;
}

/* ---- answers ---- */

static void swap(struct making *k, const struct layer *l, const struct field *x,
                 const struct field *y)
{
    num_t v;

    if (!x || !y || x->bits != y->bits)
        return;
    v = layer_get(&k->p, l, x);
    layer_set(&k->p, l, x, layer_get(&k->p, l, y));
    layer_set(&k->p, l, y, v);
}

static const struct field *field_called(const struct header *h,
                                        const char *name)
{
    const struct field *f;

    LIST_EACH (f, &h->fields)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* What it gives to the flow, and fields that are called as its ends are. */
static void turn(struct making *k, unsigned i)
{
    const struct layer *l = &k->p.layer[i];
    const struct header *h = l->header;
    const struct given *g;
    bool turned = false;

    LIST_EACH (g, &h->given) {
        if (g->cond || g->none)
            continue;
        swap(k, l, g->field[ROLE_SRC], g->field[ROLE_DST]);
        swap(k, l, g->field[ROLE_SPORT], g->field[ROLE_DPORT]);
        turned = true;
    }
    if (!turned)
        swap(k, l, field_called(h, role_name[ROLE_SRC]),
             field_called(h, role_name[ROLE_DST]));
}

static const struct tpart *first_bytes(const struct tpacket *p)
{
    const struct tpart *part;

    if (p)
        LIST_EACH (part, &p->parts)
            if (!part->header)
                return part;
    return NULL;
}

/* Says to which layer each part belongs; false if one has none. */
static bool place_parts(struct making *k, const struct tpacket *p)
{
    const struct tpart *part;
    unsigned i = 0;

    if (!p)
        return true;
    LIST_EACH (part, &p->parts) {
        while (part->header && i < k->p.n_layers &&
               k->p.layer[i].header != part->header)
            i++;
        if (part->header && i == k->p.n_layers)
            return false;
        if (part->header)
            k->part[i++] = part;
    }
    return true;
}

bool frame_reply(struct arena *a, const struct tree *t, const struct frame *f,
                 const struct tpacket *p, struct frame *out)
{
    struct making k = {.tree = t};
    const struct tpart *bytes = first_bytes(p);

    k.p.bytes = arena_alloc(a, FRAME_ROOM + f->len);
    memcpy(k.p.bytes, f->bytes, f->len);
    k.p.arrived = k.p.bytes;
    k.p.len = f->len;
    packet_parse(&k.p, t);
    if (!place_parts(&k, p))
        return false;
    for (unsigned i = 0; i < k.p.n_layers; i++) {
        turn(&k, i);
        set_given(&k, i);
    }
    if (bytes && k.p.n_layers && bytes->n <= FRAME_ROOM) {
        const struct layer *l = &k.p.layer[k.p.n_layers - 1];

        k.p.len = l->off + l->size + bytes->n;
        if (bytes->n)
            memcpy(k.p.bytes + l->off + l->size, bytes->bytes, bytes->n);
    }
    finish(&k);
    out->bytes = k.p.bytes;
    out->len = k.p.len;
    return true;
}
