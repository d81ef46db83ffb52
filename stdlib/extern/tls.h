/* The hellos of TLS (RFC 8446, section 4.1; RFC 5246, section 7.4.1) out of the
 * begin of a stream: one message, which may lie in several records. */
#ifndef NFS_TLS_H
#define NFS_TLS_H

#include "digest.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    TLS_RECORD = 22, /* handshake */
    TLS_CLIENT = 1,
    TLS_SERVER = 2,
    TLS_LIST = 256, /* numbers of one list that are kept */
    TLS_NAME = 255,
    TLS_ALPN = 128,
};

enum tls_state { TLS_GOOD, TLS_MORE, TLS_BAD };

/* Reads the bytes of a message, past the heads of records. */
struct tls {
    const uint8_t *b;
    uint32_t len, at;
    uint32_t record; /* bytes left of the record */
    uint32_t left;   /* of what is being read */
    enum tls_state state;
};

struct tls_list {
    uint32_t n;
    uint16_t at[TLS_LIST];
};

struct tls_hello {
    uint16_t version; /* of the hello itself: 0x0303 also of TLS 1.3 */
    uint16_t highest; /* that the client offers, or the server chose */
    uint16_t cipher;  /* the server's choice */
    struct tls_list ciphers, extensions, groups, formats, signatures;
    uint32_t name_len, alpn_len;
    uint8_t name[TLS_NAME];
    uint8_t alpn[TLS_ALPN]; /* each behind its length */
};

/* The next byte, if the state stays good. */
static inline uint8_t tls_u8(struct tls *t)
{
    if (t->state != TLS_GOOD)
        return 0;
    if (t->left == 0) {
        t->state = TLS_BAD;
        return 0;
    }
    while (t->record == 0) {
        if (t->len - t->at < 5) {
            t->state = TLS_MORE;
            return 0;
        }
        t->record = (uint32_t)t->b[t->at + 3] << 8 | t->b[t->at + 4];
        if (t->b[t->at] != TLS_RECORD || t->b[t->at + 1] != 3 ||
            t->record == 0 || t->record > 16384) {
            t->state = TLS_BAD;
            return 0;
        }
        t->at += 5;
    }
    if (t->at == t->len) {
        t->state = TLS_MORE;
        return 0;
    }
    t->record--;
    t->left--;
    return t->b[t->at++];
}

static inline uint32_t tls_number(struct tls *t, unsigned bytes)
{
    uint32_t v = 0;

    while (bytes-- > 0)
        v = v << 8 | tls_u8(t);
    return t->state == TLS_GOOD ? v : 0;
}

static inline void tls_skip(struct tls *t, uint32_t n)
{
    while (n-- > 0 && t->state == TLS_GOOD)
        tls_u8(t);
}

/* A vector, whose length stands in front of it: what follows is read of it
 * alone, until tls_leave() with what this gives. */
static inline uint32_t tls_enter(struct tls *t, unsigned bytes)
{
    uint32_t n = tls_number(t, bytes), behind;

    if (n > t->left) {
        if (t->state == TLS_GOOD)
            t->state = TLS_BAD;
        n = t->left;
    }
    behind = t->left - n;
    t->left = n;
    return behind;
}

static inline void tls_leave(struct tls *t, uint32_t behind)
{
    tls_skip(t, t->left);
    t->left = behind;
}

/* RFC 8701: values that mean nothing, so that nobody minds new ones. */
static inline bool tls_is_grease(uint32_t v)
{
    return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static inline void tls_note(struct tls_list *l, uint32_t v, bool grease)
{
    if ((grease || !tls_is_grease(v)) && l->n < TLS_LIST)
        l->at[l->n++] = (uint16_t)v;
}

/* A vector of numbers. */
static inline void tls_numbers(struct tls *t, unsigned length, unsigned bytes,
                               struct tls_list *l)
{
    uint32_t behind = tls_enter(t, length), v;

    while (t->left > 0 && t->state == TLS_GOOD) {
        v = tls_number(t, bytes);
        if (t->state == TLS_GOOD)
            tls_note(l, v, bytes == 1);
    }
    tls_leave(t, behind);
}

/* RFC 6066, section 3: the first name, if it is that of a host. */
static inline void tls_name(struct tls *t, struct tls_hello *h)
{
    uint32_t list = tls_enter(t, 2), name;

    if (t->left > 0 && tls_u8(t) == 0) {
        name = tls_enter(t, 2);
        for (h->name_len = 0; t->left > 0 && t->state == TLS_GOOD;) {
            uint8_t c = tls_u8(t);

            if (h->name_len < TLS_NAME)
                h->name[h->name_len++] = c;
        }
        tls_leave(t, name);
    }
    tls_leave(t, list);
}

/* RFC 7301: as they stand there, as many as fit. */
static inline void tls_alpn(struct tls *t, struct tls_hello *h)
{
    uint32_t list = tls_enter(t, 2);

    while (t->left > 0 && t->state == TLS_GOOD) {
        uint32_t from = h->alpn_len, name = tls_enter(t, 1), n = t->left;
        bool room = n < TLS_ALPN - from;

        if (room)
            h->alpn[h->alpn_len++] = (uint8_t)n;
        for (uint32_t i = 0; i < n && t->state == TLS_GOOD; i++) {
            uint8_t c = tls_u8(t);

            if (room)
                h->alpn[h->alpn_len++] = c;
        }
        tls_leave(t, name);
    }
    tls_leave(t, list);
}

static inline void tls_versions(struct tls *t, struct tls_hello *h, bool client)
{
    struct tls_list all = {.n = 0};

    if (client)
        tls_numbers(t, 1, 2, &all);
    else
        tls_note(&all, tls_number(t, 2), false);
    for (uint32_t i = 0; i < all.n; i++)
        if (all.at[i] > h->highest || !client)
            h->highest = all.at[i];
}

static inline void tls_extension(struct tls *t, struct tls_hello *h,
                                 bool client)
{
    uint32_t type = tls_number(t, 2), behind = tls_enter(t, 2);

    if (t->state == TLS_GOOD)
        tls_note(&h->extensions, type, false);
    if (t->left > 0 && type == 43)
        tls_versions(t, h, client);
    if (t->left > 0 && type == 16)
        tls_alpn(t, h);
    if (client && t->left > 0 && type == 0)
        tls_name(t, h);
    if (client && t->left > 0 && type == 10)
        tls_numbers(t, 2, 2, &h->groups);
    if (client && t->left > 0 && type == 11)
        tls_numbers(t, 1, 1, &h->formats);
    if (client && t->left > 0 && type == 13)
        tls_numbers(t, 2, 2, &h->signatures);
    tls_leave(t, behind);
}

/* The hello of `kind` with which the bytes begin; TLS_MORE until all of it is
 * there. */
static inline enum tls_state tls_read(const uint8_t *b, uint32_t len,
                                      unsigned kind, struct tls_hello *h)
{
    struct tls t = {.b = b, .len = len, .left = 4};
    uint32_t behind;

    memset(h, 0, sizeof(*h));
    if (tls_u8(&t) != kind && t.state == TLS_GOOD)
        return TLS_BAD;
    t.left = tls_number(&t, 3);
    h->version = h->highest = (uint16_t)tls_number(&t, 2);
    tls_skip(&t, 32);
    tls_leave(&t, tls_enter(&t, 1)); /* the session */
    if (kind == TLS_CLIENT)
        tls_numbers(&t, 2, 2, &h->ciphers);
    else
        tls_note(&h->ciphers, tls_number(&t, 2), true);
    h->cipher = h->ciphers.at[0];
    if (kind == TLS_CLIENT)
        tls_leave(&t, tls_enter(&t, 1)); /* compression */
    else
        tls_skip(&t, 1);
    if (t.left > 0 && t.state == TLS_GOOD) {
        behind = tls_enter(&t, 2);
        while (t.left > 0 && t.state == TLS_GOOD)
            tls_extension(&t, h, kind == TLS_CLIENT);
        tls_leave(&t, behind);
    }
    return t.state == TLS_GOOD && h->version >> 8 != 3 ? TLS_BAD : t.state;
}

/* ---- names of hellos ---- */

static inline void tls_decimal(struct digest *d, uint32_t v)
{
    uint32_t power = 1;

    while (v / power >= 10)
        power *= 10;
    for (; power > 0; power /= 10)
        digest_add(d, (uint8_t)('0' + v / power % 10));
}

static inline void tls_decimals(struct digest *d, const struct tls_list *l)
{
    digest_add(d, ',');
    for (uint32_t i = 0; i < l->n; i++) {
        if (i > 0)
            digest_add(d, '-');
        tls_decimal(d, l->at[i]);
    }
}

/* JA3 of a client, JA3S of a server: MD5 of the numbers in decimal. */
static inline void tls_ja3(const struct tls_hello *h, bool client,
                           uint64_t to[2])
{
    struct digest d, copy;

    digest_begin(&d, false);
    tls_decimal(&d, h->version);
    tls_decimals(&d, &h->ciphers);
    tls_decimals(&d, &h->extensions);
    if (client) {
        tls_decimals(&d, &h->groups);
        tls_decimals(&d, &h->formats);
    }
    copy = d;
    to[0] = digest_end(&d, 0);
    to[1] = digest_end(&copy, 1);
}

/* The first half of the MD5 of a name in small letters; 0 without one. */
static inline uint64_t tls_name_hash(const struct tls_hello *h)
{
    struct digest d;

    if (h->name_len == 0)
        return 0;
    digest_begin(&d, false);
    for (uint32_t i = 0; i < h->name_len; i++)
        digest_add(&d, h->name[i] >= 'A' && h->name[i] <= 'Z'
                           ? (uint8_t)(h->name[i] | 0x20)
                           : h->name[i]);
    return digest_end(&d, 0);
}

static inline void tls_sort(struct tls_list *l)
{
    for (uint32_t i = 1; i < l->n; i++) {
        uint16_t v = l->at[i];
        uint32_t k = i;

        for (; k > 0 && l->at[k - 1] > v; k--)
            l->at[k] = l->at[k - 1];
        l->at[k] = v;
    }
}

static inline void tls_hex(struct digest *d, const struct tls_list *l)
{
    static const char digits[] = "0123456789abcdef";

    for (uint32_t i = 0; i < l->n; i++) {
        if (i > 0)
            digest_add(d, ',');
        for (unsigned k = 16; k > 0; k -= 4)
            digest_add(d, (uint8_t)digits[l->at[i] >> (k - 4) & 15]);
    }
}

/* The two hashes of JA4, 48 bits each: of the ciphers in order, and of the
 * extensions in order (without the name and ALPN) with the signatures as they
 * came. */
static inline void tls_ja4(const struct tls_hello *h, uint64_t to[2])
{
    struct tls_list sorted = h->ciphers;
    struct digest d;

    tls_sort(&sorted);
    digest_begin(&d, true);
    tls_hex(&d, &sorted);
    to[0] = sorted.n ? digest_end(&d, 0) >> 16 : 0;
    sorted.n = 0;
    for (uint32_t i = 0; i < h->extensions.n; i++)
        if (h->extensions.at[i] != 0 && h->extensions.at[i] != 16)
            sorted.at[sorted.n++] = h->extensions.at[i];
    tls_sort(&sorted);
    digest_begin(&d, true);
    tls_hex(&d, &sorted);
    if (h->signatures.n)
        digest_add(&d, '_');
    tls_hex(&d, &h->signatures);
    to[1] = sorted.n ? digest_end(&d, 0) >> 16 : 0;
}

#endif
