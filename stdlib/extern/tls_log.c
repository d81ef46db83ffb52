/* tls_log(to): lines of JSON about TLS connections. */
#include "journal.h"
#include "tls.h"
#include <stdlib.h>

/* What is kept of a ClientHello. */
struct client {
    uint32_t number; /* 0: nothing */
    uint16_t version, highest;
    uint16_t ciphers, extensions;
    uint8_t name_len, alpn_len;
    uint8_t name[TLS_NAME], alpn[TLS_ALPN];
    uint64_t ja3[2], ja4[2];
};

struct record {
    struct journal_flow flow;
    uint64_t ja3s[2];
    uint16_t version, cipher;
    struct client client;
};

struct nfx_tls_log {
    struct journal_ring *ring;
    struct client *clients;
    uint32_t n, last; /* how many; the number of the last one */
};

/* ---- lines ---- */

/* The two letters of JA4, and a name for people. */
static const struct {
    uint16_t number;
    char letters[3], name[8];
} versions[] = {{0x0304, "13", "TLS 1.3"},
                {0x0303, "12", "TLS 1.2"},
                {0x0302, "11", "TLS 1.1"},
                {0x0301, "10", "TLS 1.0"},
                {0x0300, "s3", "SSL 3.0"}};

static const char *letters_of(uint16_t version)
{
    for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (versions[i].number == version)
            return versions[i].letters;
    return "00";
}

static void put_version(FILE *f, const char *key, uint16_t version)
{
    const unsigned n = sizeof(versions) / sizeof(versions[0]);
    unsigned i = 0;

    while (i < n && versions[i].number != version)
        i++;
    if (version == 0)
        fprintf(f, ", \"%s\": null", key);
    else if (i < n)
        fprintf(f, ", \"%s\": \"%.7s\"", key, versions[i].name);
    else
        fprintf(f, ", \"%s\": \"0x%04x\"", key, version);
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* First and last letter of the first protocol; in hex if they are none. */
static void put_alpn_letters(FILE *f, const struct client *c)
{
    uint8_t first, last;

    if (c->alpn_len < 2) {
        fputs("00", f);
        return;
    }
    first = c->alpn[1];
    last = c->alpn[c->alpn[0]];
    if (is_alnum(first) && is_alnum(last))
        fprintf(f, "%c%c", first, last);
    else
        fprintf(f, "%x%x", first >> 4, last & 15);
}

static unsigned two(uint16_t n)
{
    return n < 99 ? n : 99;
}

static void put_ja4(FILE *f, const struct client *c)
{
    fprintf(f, ", \"ja4\": \"t%s%c%02u%02u", letters_of(c->highest),
            c->name_len ? 'd' : 'i', two(c->ciphers), two(c->extensions));
    put_alpn_letters(f, c);
    fprintf(f, "_%012llx_%012llx\"", (unsigned long long)c->ja4[0],
            (unsigned long long)c->ja4[1]);
}

static void put_hash(FILE *f, const char *key, const uint64_t hash[2])
{
    fprintf(f, ", \"%s\": \"%016llx%016llx\"", key, (unsigned long long)hash[0],
            (unsigned long long)hash[1]);
}

static void put_client(struct journal *j, const struct client *c)
{
    fputs(", \"name\": ", j->file);
    if (c->name_len)
        journal_text(j, c->name, c->name_len);
    else
        fputs("null", j->file);
    fputs(", \"alpn\": [", j->file);
    for (uint32_t i = 0; i < c->alpn_len; i += c->alpn[i] + 1u) {
        if (i > 0)
            fputs(", ", j->file);
        journal_text(j, c->alpn + i + 1, c->alpn[i]);
    }
    putc(']', j->file);
    put_version(j->file, "offered", c->highest);
    put_hash(j->file, "ja3", c->ja3);
    put_ja4(j->file, c);
}

static void write_record(struct journal *j, const void *record)
{
    const struct record *r = record;

    journal_flow_begin(j, &r->flow);
    if (r->client.number)
        put_client(j, &r->client);
    put_version(j->file, "version", r->version);
    if (r->version) {
        fprintf(j->file, ", \"cipher\": \"0x%04x\"", r->cipher);
        put_hash(j->file, "ja3s", r->ja3s);
    }
    if (fputs("}\n", j->file) < 0)
        journal_lose(j, 1, "not written");
}

static const struct journal_kind kind = {
    .name = "tls_log",
    .size = sizeof(struct record),
    .time = journal_flow_time,
    .open = journal_open_json,
    .write = write_record,
};

/* ---- a shard's ---- */

struct nfx_tls_log *nfx_tls_log_new(const char *to, uint32_t waiting,
                                    uint32_t ring, char *err, uint32_t err_size)
{
    struct nfx_tls_log *l = calloc(1, sizeof(*l));

    snprintf(err, err_size, "no memory, or nobody may wait");
    if (l && *to && waiting > 0) {
        l->n = waiting;
        l->clients = calloc(waiting, sizeof(*l->clients));
    }
    if (l && (!*to || l->clients))
        l->ring = journal_new(&kind, to, NULL, ring, err, err_size);
    if (l && l->ring)
        return l;
    if (l)
        free(l->clients);
    free(l);
    return NULL;
}

void nfx_tls_log_free(struct nfx_tls_log *state)
{
    journal_free(state->ring);
    free(state->clients);
    free(state);
}

uint32_t nfx_tls_log_client(struct nfx_tls_log *state, const uint8_t *bytes,
                            uint32_t bytes_len)
{
    struct tls_hello h;
    struct client *c;

    if (!journal_is(state->ring) ||
        tls_read(bytes, bytes_len, TLS_CLIENT, &h) != TLS_GOOD)
        return 0;
    if (++state->last == 0)
        state->last = 1;
    c = &state->clients[state->last % state->n];
    *c = (struct client){
        .number = state->last,
        .version = h.version,
        .highest = h.highest,
        .ciphers = (uint16_t)h.ciphers.n,
        .extensions = (uint16_t)h.extensions.n,
        .name_len = (uint8_t)h.name_len,
        .alpn_len = (uint8_t)h.alpn_len,
    };
    memcpy(c->name, h.name, h.name_len);
    memcpy(c->alpn, h.alpn, h.alpn_len);
    tls_ja3(&h, true, c->ja3);
    tls_ja4(&h, c->ja4);
    return c->number;
}

bool nfx_tls_log_put(struct nfx_tls_log *state, uint32_t client,
                     const uint8_t *src_0, uint32_t src_0_len, uint16_t src_1,
                     const uint8_t *dst_0, uint32_t dst_0_len, uint16_t dst_1,
                     uint64_t time, uint16_t version, uint16_t cipher,
                     uint64_t ja3s_0, uint64_t ja3s_1)
{
    struct record *r;
    struct client *c;

    if (!journal_is(state->ring))
        return true;
    r = journal_room(state->ring);
    if (!r)
        return false;
    *r = (struct record){.flow = journal_flow_of(time, src_0, src_0_len, src_1,
                                                 dst_0, dst_0_len, dst_1),
                         .ja3s = {ja3s_0, ja3s_1},
                         .version = version,
                         .cipher = cipher};
    c = &state->clients[client % state->n];
    if (client && c->number == client) {
        r->client = *c;
        c->number = 0;
    }
    journal_put(state->ring);
    return true;
}
