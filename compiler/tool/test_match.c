/* Compares frames with what tests say of them, and with each other. */
#include "base/text.h"
#include "interp/packet.h"
#include "tool/test_frame.h"

#include <ctype.h>
#include <string.h>

enum { SHOWN = 24 }; /* bytes */

static void add(struct arena *a, mismatches *out, const char *field,
                const char *expected, const char *got)
{
    struct mismatch *m = ARENA_NEW(a, struct mismatch);

    m->field = field;
    m->expected = expected;
    m->got = got;
    LIST_ADD(out, m);
}

/* ---- text ---- */

static const char *flags_text(struct arena *a, const struct field *f, num_t v)
{
    const struct enumval *m;
    const char *text = NULL;
    num_t left = v;

    LIST_EACH (m, &f->flags) {
        if ((left & m->value) != m->value)
            continue;
        left &= ~m->value;
        text = text ? arena_fmt(a, "%s|%s", text, m->name) : m->name;
    }
    return left || !text ? NULL : text;
}

static const char *value_text(struct arena *a, const struct field *f, num_t v)
{
    const struct type *t = f->type;
    const struct enumval *e;
    char buf[NUM_TEXT];

    if (f->flags.n && flags_text(a, f, v))
        return flags_text(a, f, v);
    if (t->kind == TY_ENUM)
        LIST_EACH (e, &t->values)
            if (e->value == v)
                return e->name;
    if (t->kind == TY_UINT && t->form == LIT_IPV4)
        return arena_str(a, ipv4_text(buf, v));
    if (t->kind == TY_UINT && t->form == LIT_IPV6)
        return arena_str(a, ipv6_text(buf, v));
    if (t->kind == TY_UINT && t->form == LIT_MAC)
        return arena_str(a, mac_text(buf, v));
    return arena_str(a, num_text(buf, v));
}

static const char *match_text(struct arena *a, const struct tmatch *m)
{
    const char *lo = value_text(a, m->field, m->lo);

    return m->lo == m->hi
               ? lo
               : arena_fmt(a, "%s..%s", lo, value_text(a, m->field, m->hi));
}

/* As a string of the language where they are text, else in hexadecimal. */
static const char *bytes_text(struct arena *a, const uint8_t *b, size_t n)
{
    size_t shown = n < SHOWN ? n : SHOWN;
    const char *text = "";
    bool plain = true;

    for (size_t i = 0; i < shown; i++)
        plain &= isprint(b[i]) && b[i] != '"' && b[i] != '\\';
    if (plain)
        return arena_fmt(a, "\"%.*s\"%s%s", (int)shown, (const char *)b,
                         n > shown ? "..., bytes: " : "",
                         n > shown ? arena_fmt(a, "%zu", n) : "");
    for (size_t i = 0; i < shown; i++)
        text = arena_fmt(a, "%s%s%02x", text, i ? " " : "", b[i]);
    return n > shown ? arena_fmt(a, "hex(\"%s ...\"), bytes: %zu", text, n)
                     : arena_fmt(a, "hex(\"%s\")", text);
}

static struct packet parsed(const struct tree *t, const struct frame *f)
{
    struct packet p = {.bytes = f->bytes, .arrived = f->bytes, .len = f->len};

    packet_parse(&p, t);
    return p;
}

static const char *ends_text(struct arena *a, const struct packet *p,
                             const struct layer *l)
{
    const struct field *src = NULL, *dst = NULL;
    const struct given *g;

    LIST_EACH (g, &l->header->given) {
        if (g->cond)
            continue;
        src = g->field[ROLE_SRC] ? g->field[ROLE_SRC] : g->field[ROLE_SPORT];
        dst = g->field[ROLE_DST] ? g->field[ROLE_DST] : g->field[ROLE_DPORT];
        if (src && dst)
            return arena_fmt(a, " %s > %s",
                             value_text(a, src, layer_get(p, l, src)),
                             value_text(a, dst, layer_get(p, l, dst)));
    }
    return "";
}

/* Behind the last header, as far as that spans it. */
static size_t payload(const struct packet *p, size_t *n)
{
    const struct layer *l = p->n_layers ? &p->layer[p->n_layers - 1] : NULL;
    size_t off = l ? l->off + l->size : 0;

    *n = (l ? l->end : p->len) - off;
    return off;
}

const char *frame_text(struct arena *a, const struct tree *t,
                       const struct frame *f)
{
    struct packet p = parsed(t, f);
    const char *text = "";
    size_t n, off = payload(&p, &n);

    for (unsigned i = 0; i < p.n_layers; i++)
        text =
            arena_fmt(a, "%s%s%s%s", text, i ? " / " : "",
                      p.layer[i].header->name, ends_text(a, &p, &p.layer[i]));
    return n ? arena_fmt(a, "%s / %s", text, bytes_text(a, p.bytes + off, n))
             : text;
}

/* ---- with what a test says ---- */

static void match_fields(struct arena *a, const struct packet *p,
                         const struct layer *l, const struct tpart *part,
                         mismatches *out)
{
    const struct tmatch *m;
    bool there;
    num_t v;

    LIST_EACH (m, &part->fields) {
        there = !m->field->cond || layer_value(p, l, m->field->cond);
        v = layer_get(p, l, m->field);
        if (!there || v < m->lo || v > m->hi)
            add(a, out, arena_fmt(a, "%s.%s", l->header->name, m->field->name),
                match_text(a, m),
                there ? value_text(a, m->field, v) : "absent");
    }
}

static void match_bytes(struct arena *a, const struct packet *p, size_t off,
                        size_t end, const struct tpart *part, mismatches *out)
{
    size_t n = end - off;

    if (n != part->n || (n && memcmp(p->bytes + off, part->bytes, n) != 0))
        add(a, out, "payload", bytes_text(a, part->bytes, part->n),
            bytes_text(a, p->bytes + off, n));
}

static const char *parts_text(struct arena *a, const struct tpacket *p)
{
    const struct tpart *part;
    const char *text = NULL;

    LIST_EACH (part, &p->parts)
        if (part->header)
            text = text ? arena_fmt(a, "%s / %s", text, part->header->name)
                        : part->header->name;
    return text;
}

/* Is the part there: an option of a header that is, or layer *i? */
static bool is_next(const struct packet *p, const struct tpart *part,
                    unsigned *i)
{
    if (header_is_option(part->header))
        return packet_layer(p, part->header) != NULL;
    return *i < p->n_layers && p->layer[(*i)++].header == part->header;
}

/* The first layer from which on the headers are those of p, or -1. */
static int headers_at(const struct packet *p, const struct tpacket *want)
{
    for (unsigned first = 0; first < p->n_layers; first++) {
        const struct tpart *part = want->parts.first;
        unsigned i = first;

        while (part && part->header && is_next(p, part, &i))
            part = part->next;
        if (!part || !part->header)
            return (int)first;
    }
    return -1;
}

void frame_match(struct arena *a, const struct tree *t, const struct frame *f,
                 const struct tpacket *want, mismatches *out)
{
    struct packet p = parsed(t, f);
    const struct tpart *part = want->parts.first;
    size_t n, off = payload(&p, &n), end = off + n;
    int i = headers_at(&p, want);

    if (i < 0 && part->header) {
        add(a, out, "headers", parts_text(a, want), frame_text(a, t, f));
        return;
    }
    for (; part && part->header; part = part->next) {
        bool option = header_is_option(part->header);
        const struct layer *l =
            option ? packet_layer(&p, part->header) : &p.layer[i++];

        match_fields(a, &p, l, part, out);
        if (option)
            continue;
        off = l->off + l->size;
        end = l->end;
    }
    if (part)
        match_bytes(a, &p, off, end, part, out);
}

/* ---- with another frame ---- */

static bool same_headers(const struct packet *x, const struct packet *y)
{
    if (x->n_layers != y->n_layers)
        return false;
    for (unsigned i = 0; i < x->n_layers; i++)
        if (x->layer[i].header != y->layer[i].header ||
            x->layer[i].off != y->layer[i].off ||
            x->layer[i].end != y->layer[i].end)
            return false;
    return true;
}

void frame_compare(struct arena *a, const struct tree *t, const struct frame *x,
                   const struct frame *y, mismatches *out)
{
    struct packet p = parsed(t, x), q = parsed(t, y);
    const struct field *f;
    size_t n, off = payload(&p, &n);

    if (x->len == y->len && memcmp(x->bytes, y->bytes, x->len) == 0)
        return;
    if (!same_headers(&p, &q) || x->len != y->len) {
        add(a, out, "packet", frame_text(a, t, x), frame_text(a, t, y));
        return;
    }
    for (unsigned i = 0; i < p.n_layers; i++) {
        const struct layer *l = &p.layer[i];

        LIST_EACH (f, &l->header->fields) {
            num_t v = layer_get(&p, l, f), w = layer_get(&q, l, f);

            if (v != w)
                add(a, out, arena_fmt(a, "%s.%s", l->header->name, f->name),
                    value_text(a, f, v), value_text(a, f, w));
        }
    }
    if (memcmp(x->bytes + off, y->bytes + off, x->len - off) != 0)
        add(a, out, "payload", bytes_text(a, x->bytes + off, x->len - off),
            bytes_text(a, y->bytes + off, y->len - off));
    if (!out->first) /* options of a header */
        add(a, out, "bytes", bytes_text(a, x->bytes, x->len),
            bytes_text(a, y->bytes, y->len));
}
