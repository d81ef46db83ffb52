/* hmac(key, kind): the ICV of the authentication header, RFC 4302, by OpenSSL's
 * EVP_MAC. Lengths in a packet are believed only as far as it reaches. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHA1_96 = 1,
    KEY = 32,
    HASH = 32,
    FRONT = 512, /* bytes up to the end of AH */
    AH_FIXED = 12,
    AH = 51,
};

struct nfx_hmac {
    uint8_t key[KEY];
    size_t key_len;
    uint32_t bytes; /* of the ICV */
    const char *digest;
};

/* ---- keys ---- */

static int digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_key(struct nfx_hmac *m, const uint8_t *text, uint32_t len)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < len; i++) {
        int d = digit(text[i]);

        if (text[i] == ' ' || text[i] == '\n' || text[i] == '\r')
            continue;
        if (d < 0 || n == 2 * m->key_len)
            return false;
        m->key[n / 2] = (uint8_t)(m->key[n / 2] << 4 | d);
        n++;
    }
    return n == 2 * m->key_len;
}

struct nfx_hmac *nfx_hmac_new(const uint8_t *key, uint32_t key_len,
                              uint8_t kind, char *err, uint32_t err_size)
{
    struct nfx_hmac *m = calloc(1, sizeof(*m));

    if (!m) {
        snprintf(err, err_size, "no memory");
        return NULL;
    }
    m->key_len = kind == SHA1_96 ? 20 : 32;
    m->bytes = kind == SHA1_96 ? 12 : 16;
    m->digest = kind == SHA1_96 ? "SHA1" : "SHA256";
    if (read_key(m, key, key_len))
        return m;
    snprintf(err, err_size, "a key of %s is %zu hexadecimal digits", m->digest,
             2 * m->key_len);
    free(m);
    return NULL;
}

void nfx_hmac_free(struct nfx_hmac *state)
{
    OPENSSL_cleanse(state->key, sizeof(state->key));
    free(state);
}

bool nfx_hmac_long(const struct nfx_hmac *state)
{
    return state->bytes == 16;
}

/* ---- scratch: what has the key, ready to begin anew ---- */

struct nfx_hmac_scratch {
    EVP_MAC *mac;
    EVP_MAC_CTX *ctx;
    uint8_t front[FRONT];
};

struct nfx_hmac_scratch *nfx_hmac_scratch_new(const struct nfx_hmac *state)
{
    struct nfx_hmac_scratch *s = calloc(1, sizeof(*s));
    char digest[8];
    OSSL_PARAM params[2];

    if (!s)
        return NULL;
    snprintf(digest, sizeof(digest), "%s", state->digest);
    params[0] =
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[1] = OSSL_PARAM_construct_end();
    s->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    s->ctx = s->mac ? EVP_MAC_CTX_new(s->mac) : NULL;
    if (s->ctx && EVP_MAC_init(s->ctx, state->key, state->key_len, params))
        return s;
    nfx_hmac_scratch_free(s);
    return NULL;
}

void nfx_hmac_scratch_free(struct nfx_hmac_scratch *scratch)
{
    EVP_MAC_CTX_free(scratch->ctx);
    EVP_MAC_free(scratch->mac);
    free(scratch);
}

/* ---- what may change on the way is zero: RFC 4302, 3.3.3.1 and appendix A */

/* Options of IPv4 that stay as they are. */
static bool ip_option_stays(uint8_t type)
{
    return type == 130 || type == 133 || type == 134 || type == 148 ||
           type == 149;
}

/* A source route that is not used up: its end is not known here. */
static bool ip_route_ahead(const uint8_t *option, uint32_t len)
{
    return (option[0] == 131 || option[0] == 137) &&
           (len < 3 || option[2] <= len);
}

static bool ip_options(uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0, len; i < n && p[i] != 0; i += len) {
        len = 1;
        if (p[i] == 1)
            continue;
        if (n - i < 2 || p[i + 1] < 2 || p[i + 1] > n - i)
            return false;
        len = p[i + 1];
        if (ip_route_ahead(p + i, len))
            return false;
        if (!ip_option_stays(p[i]))
            memset(p + i, 0, len);
    }
    return true;
}

/* The options themselves may begin with a zero that ends them. Returns where
 * AH is to be, 0 for none. */
static uint32_t ip_front(uint8_t *p, uint32_t n)
{
    uint32_t size = (p[0] & 15u) * 4;

    if (n < 20 || size < 20 || size > n || p[9] != AH)
        return 0;
    if ((p[6] & 0x3f) || p[7])
        return 0; /* a fragment */
    p[1] = p[6] = p[7] = p[8] = p[10] = p[11] = 0;
    return ip_options(p + 20, size - 20) ? size : 0;
}

/* Options of IPv6 say themselves whether they may change. */
static bool ip6_options(uint8_t *p, uint32_t n)
{
    for (uint32_t i = 2, len; i < n; i += len) {
        len = 1;
        if (p[i] == 0)
            continue;
        if (n - i < 2 || p[i + 1] + 2u > n - i)
            return false;
        len = p[i + 1] + 2u;
        if (p[i] & 0x20)
            memset(p + i + 2, 0, len - 2);
    }
    return true;
}

static uint32_t ip6_front(uint8_t *p, uint32_t n)
{
    uint32_t at = 40, size;
    uint8_t next;

    if (n < 40)
        return 0;
    next = p[6];
    p[0] = 0x60;
    p[1] = p[2] = p[3] = p[7] = 0;
    while (next != AH) {
        if (n - at < 8)
            return 0;
        size = (p[at + 1] + 1u) * 8;
        if (size > n - at)
            return 0;
        if (next == 0 || next == 60) {
            if (!ip6_options(p + at, size))
                return 0;
        } else if (next != 43 || p[at + 3] != 0) {
            return 0; /* a fragment, a route that goes on, or no AH */
        }
        next = p[at];
        at += size;
    }
    return at;
}

struct packet {
    const uint8_t *at;
    uint32_t len;
    bool esn; /* numbers of 64 bits, of which it has the lower half */
    uint32_t high;
};

/* Copies the packet up to the end of AH, with zeros. Returns where that is, 0
 * if there is none; *icv is where its ICV begins. */
static uint32_t front(const struct nfx_hmac *m, uint8_t *to,
                      const uint8_t *packet, uint32_t len, uint32_t *icv)
{
    uint32_t n = len < FRONT ? len : FRONT, at, size;

    if (n < 20)
        return 0;
    memcpy(to, packet, n);
    at = to[0] >> 4 == 4   ? ip_front(to, n)
         : to[0] >> 4 == 6 ? ip6_front(to, n)
                           : 0;
    if (at == 0 || n - at < AH_FIXED)
        return 0;
    size = AH_FIXED + m->bytes;
    if (packet[0] >> 4 == 6)
        size = (size + 7) & ~7u;
    if (to[at + 1] != size / 4 - 2 || n - at < size)
        return 0;
    *icv = at + AH_FIXED;
    memset(to + *icv, 0, m->bytes);
    return at + size;
}

/* With extended sequence numbers the upper half stands behind the packet: RFC
 * 4302, 3.3.3.2.2. */
static bool compute(const struct nfx_hmac *m, struct nfx_hmac_scratch *s,
                    const struct packet *p, uint8_t *hash, uint32_t *icv)
{
    uint32_t n = front(m, s->front, p->at, p->len, icv);
    uint8_t high[4] = {(uint8_t)(p->high >> 24), (uint8_t)(p->high >> 16),
                       (uint8_t)(p->high >> 8), (uint8_t)p->high};
    size_t got = 0;

    return n != 0 && EVP_MAC_init(s->ctx, NULL, 0, NULL) &&
           EVP_MAC_update(s->ctx, s->front, n) &&
           EVP_MAC_update(s->ctx, p->at + n, p->len - n) &&
           (!p->esn || EVP_MAC_update(s->ctx, high, sizeof(high))) &&
           EVP_MAC_final(s->ctx, hash, &got, HASH) && got >= m->bytes;
}

static uint64_t number(const uint8_t *p)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < 8; i++)
        n = n << 8 | p[i];
    return n;
}

bool nfx_hmac_icv(const struct nfx_hmac *state,
                  struct nfx_hmac_scratch *scratch, const uint8_t *packet,
                  uint32_t packet_len, bool esn, uint32_t high,
                  uint64_t *result_0, uint64_t *result_1)
{
    const struct packet p = {packet, packet_len, esn, high};
    uint8_t hash[HASH];
    uint32_t icv;

    if (!compute(state, scratch, &p, hash, &icv))
        return false;
    *result_0 = number(hash);
    *result_1 = number(hash + 8);
    return true;
}

bool nfx_hmac_holds(const struct nfx_hmac *state,
                    struct nfx_hmac_scratch *scratch, const uint8_t *packet,
                    uint32_t packet_len, bool esn, uint32_t high)
{
    const struct packet p = {packet, packet_len, esn, high};
    uint8_t hash[HASH];
    uint32_t icv;

    return compute(state, scratch, &p, hash, &icv) &&
           CRYPTO_memcmp(hash, packet + icv, state->bytes) == 0;
}
