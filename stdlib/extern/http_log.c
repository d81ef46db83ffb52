/* http_log(to): lines of JSON about requests. */
#include "http.h"
#include "journal.h"
#include <stdlib.h>

enum { HOST = 128, TARGET = 512, METHOD = 24 };

struct record {
    struct journal_flow flow;
    uint64_t name;
    uint16_t host_len, target_len;
    uint8_t method_len;
    uint8_t method[METHOD], host[HOST], target[TARGET];
};

static void write_record(struct journal *j, const void *record)
{
    const struct record *r = record;

    journal_flow_begin(j, &r->flow);
    fputs(", \"method\": ", j->file);
    journal_text(j, r->method, r->method_len);
    fputs(", \"host\": ", j->file);
    journal_text(j, r->host, r->host_len);
    fputs(", \"url\": ", j->file);
    journal_text(j, r->target, r->target_len);
    if (fprintf(j->file, ", \"name\": \"%llu\"}\n",
                (unsigned long long)r->name) < 0)
        journal_lose(j, 1, "not written");
}

static const struct journal_kind kind = {
    .name = "http_log",
    .size = sizeof(struct record),
    .time = journal_flow_time,
    .open = journal_open_json,
    .write = write_record,
};

struct nfx_http_log *nfx_http_log_new(const char *to, uint32_t ring, char *err,
                                      uint32_t err_size)
{
    return (struct nfx_http_log *)journal_new(&kind, to, NULL, ring, err,
                                              err_size);
}

void nfx_http_log_free(struct nfx_http_log *state)
{
    journal_free((struct journal_ring *)state);
}

static uint32_t copy(uint8_t *to, uint32_t room, struct http_text from)
{
    uint32_t n = from.len < room ? from.len : room;

    memcpy(to, from.at, n);
    return n;
}

bool nfx_http_log_put(struct nfx_http_log *state, const uint8_t *bytes,
                      uint32_t bytes_len, uint32_t at, uint64_t body,
                      uint8_t mode, uint64_t name, const uint8_t *src_0,
                      uint32_t src_0_len, uint16_t src_1, const uint8_t *dst_0,
                      uint32_t dst_0_len, uint16_t dst_1, uint64_t time)
{
    struct journal_ring *ring = (struct journal_ring *)state;
    struct http h = {
        .b = bytes, .len = bytes_len, .at = at, .skip = body, .mode = mode};
    struct record *r;

    if (!journal_is(ring) || at > bytes_len || http_step(&h) != HTTP_REQUEST)
        return true;
    r = journal_room(ring);
    if (!r)
        return false;
    *r = (struct record){.name = name,
                         .flow = journal_flow_of(time, src_0, src_0_len, src_1,
                                                 dst_0, dst_0_len, dst_1)};
    r->method_len = (uint8_t)copy(r->method, METHOD, h.name);
    r->target_len = (uint16_t)copy(r->target, TARGET, h.target);
    if (h.host.len)
        r->host_len = (uint16_t)copy(r->host, HOST, h.host);
    journal_put(ring);
    return true;
}
