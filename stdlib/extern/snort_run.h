/* Rules at work: compiled once for all shards, and what each shard keeps of its
 * flows. Nothing here allocates once nfs_shard_new and nfs_scratch_new
 * returned. Chunks of a direction of a flow come in order; positions count from
 * its first byte. Times are nanoseconds since 1970. */
#ifndef SNORT_RUN_H_
#define SNORT_RUN_H_

#include "snort.h"

#include <hs/hs.h>

enum {
    NFS_ALERTS = 16,  /* of one packet or chunk */
    NFS_PENDING = 32, /* rules of which a part was found, of a direction */
    NFS_FIRED = 16,   /* rules that matched in one message of HTTP */
    NFS_HEAD_MAX = 8192,
    NFS_RATES = 4096, /* a power of two */
    NFS_TUPLE = 37,
    NFS_INFLATED_MAX = 65536,
    NFS_POOL = 65536, /* bytes that zlib asks for, and more */
};

/* ---- compiled ---- */

struct nfs_engine {
    struct nfs_rules *rs;
    hs_database_t *packet_db, *stream_db, *http_db; /* NULL: no such rules */
    uint32_t *always;           /* packet rules that nothing finds */
    unsigned n_always, n_words; /* words of a bitmap of rules */
    const struct nfs_rule **by_sid;
    bool flows; /* something is to be known of flows */
};

/* NULL after setting `err`. The engine owns `rs` then. */
struct nfs_engine *nfs_engine_new(struct nfs_rules *rs, char *err,
                                  size_t err_size);
void nfs_engine_free(struct nfs_engine *e);

/* The order of pointers to rules, by gid and sid. */
int nfs_by_sid(const void *a, const void *b);
/* The rule with the gid and sid of one of other rules; false: none has. */
bool nfs_rule_like(const struct nfs_engine *e, const struct nfs_rule *r,
                   uint32_t *rule);

/* What of the rules means nothing between two calls. */
struct nfs_scratch {
    hs_scratch_t *hs;
    uint64_t *hit; /* bitmap of rules */
    uint64_t *to;  /* where, of those hit in a stream */
    uint8_t uri[NFS_HEAD_MAX], header[NFS_HEAD_MAX], cookie[NFS_HEAD_MAX],
        host[NFS_HEAD_MAX];
    uint8_t inflated[NFS_INFLATED_MAX];
    _Alignas(16) uint8_t pool[NFS_POOL]; /* for zlib */
    uint32_t pool_n;
};

struct nfs_scratch *nfs_scratch_new(const struct nfs_engine *e);
void nfs_scratch_free(struct nfs_scratch *s);

/* ---- looking ---- */

struct nfs_view {
    const uint8_t *at[NFS_BUFFERS];
    uint32_t len[NFS_BUFFERS];
    uint64_t base;  /* the position of the first byte of NFS_RAW */
    uint64_t floor; /* matches begin there or behind */
};

/* Whether all that the rule looks for is there; *end: the position behind. */
bool nfs_looks(const struct nfs_rule *rule, const struct nfs_view *v,
               struct nfs_scratch *s, uint64_t *end);
/* Sets the bits of rules that a scan of a buffer finds. */
void nfs_scan(const hs_database_t *db, const struct nfs_engine *e,
              struct nfs_scratch *s, enum nfs_buffer buffer, const uint8_t *at,
              uint32_t len);

/* ---- packets ---- */

struct nfs_packet {
    const uint8_t *src, *dst; /* addr_len bytes */
    unsigned addr_len;
    uint8_t proto, ttl, flags, itype, icode;
    uint16_t sport, dport, id, window;
    uint32_t seq, ack;
    bool fragment; /* a later one: without ports */
    const uint8_t *payload;
    uint32_t payload_len;
    uint64_t time;
};

/* `ip` is an IPv4 or IPv6 packet. False: it is none, or cut short. */
bool nfs_packet_read(const uint8_t *ip, uint32_t len, struct nfs_packet *p);
/* The header of the rule fits what is sent from src to dst. */
bool nfs_ends_fit(const struct nfs_rule *rule, const struct nfs_packet *p);
bool nfs_conds_fit(const struct nfs_rule *rule, const struct nfs_packet *p);

/* ---- flows ---- */

enum nfs_http_state {
    NFS_H_FIRST, /* not known yet whether it is HTTP */
    NFS_H_HEAD,
    NFS_H_SKIP, /* to the end of a line that begins no message */
    NFS_H_LONG, /* to the end of a head that is too long */
    NFS_H_LENGTH,
    NFS_H_CHUNK_SIZE,
    NFS_H_CHUNK_DATA,
    NFS_H_TRAILER,
    NFS_H_CLOSE, /* to the end of the stream */
    NFS_H_OFF
};

struct nfs_http {
    enum nfs_http_state state;
    uint8_t *head, *body;
    uint32_t head_n, body_n, judged; /* bytes of the body that were */
    uint32_t line;                   /* bytes of the line at hand */
    uint64_t left;
    bool chunked, passed, bad_size;
    uint32_t fired[NFS_FIRED];
    unsigned n_fired;
};

struct nfs_found {
    uint32_t rule;
    uint64_t to, floor; /* last hit; where matches may begin */
};

struct nfs_dir {
    hs_stream_t *stream;
    uint8_t *window;
    uint32_t n;                          /* bytes in it */
    uint64_t base;                       /* position of the first of them */
    struct nfs_found found[NFS_PENDING]; /* by rule */
    unsigned n_found;
    struct nfs_http http;
    uint64_t begin; /* position where the database's stream begins */
    bool fin;
};

struct nfs_flow {
    uint8_t key[NFS_TUPLE];
    bool used, passed, established, head_only;
    uint8_t
        seen; /* bits: client's SYN, server's SYN and ACK, either's packet */
    uint64_t bits[NFS_BITS_MAX / 64];
    struct nfs_dir dir[2]; /* of the client, of the server */
    uint32_t chain, older, newer;
};

struct nfs_alert {
    uint32_t rule;
    bool server; /* it is about what the server sent */
};

enum { NFS_DROPS = 1, NFS_REJECTS = 2, NFS_OF_FLOW = 4 };

struct nfs_rate_cell;

struct nfs_shard {
    const struct nfs_engine *e;
    uint32_t n_flows, window, room; /* bytes of a window, and of its memory */
    struct nfs_flow *flows;
    uint32_t *heads, n_heads; /* of hash chains */
    uint32_t oldest, newest, free;
    uint8_t *memory;
    struct nfs_rate_cell *rates;
    struct nfs_alert alerts[NFS_ALERTS];
    unsigned n_alerts, verdict;
    uint64_t n_lost, n_evicted, n_missed; /* alerts; flows; parts of rules */
};

/* NULL: no memory. */
struct nfs_shard *nfs_shard_new(const struct nfs_engine *e, uint32_t flows,
                                uint32_t window);
void nfs_shard_free(struct nfs_shard *s);
/* A new shard goes on from one with other rules. */
void nfs_shard_inherit(struct nfs_shard *s, const struct nfs_shard *before);

/* The flow of a tuple, from its initiator; made if `make`, and NULL if not. */
struct nfs_flow *nfs_flow_get(struct nfs_shard *s, const uint8_t key[NFS_TUPLE],
                              bool make);
void nfs_flow_forget(struct nfs_shard *s, const uint8_t key[NFS_TUPLE]);
void nfs_tuple(uint8_t key[NFS_TUPLE], const uint8_t *src, const uint8_t *dst,
               unsigned addr_len, uint16_t sport, uint16_t dport,
               uint8_t proto);

/* ---- judging ---- */

/* What is at hand. */
struct nfs_case {
    struct nfs_shard *shard;
    struct nfs_scratch *scratch;
    struct nfs_flow *flow;      /* NULL: none */
    bool server;                /* what the server sent */
    const struct nfs_packet *p; /* tuple and time, also of chunks */
};

/* Begins a call: no alerts, no verdict. */
void nfs_begin(struct nfs_shard *s);
/* The rules of packets. */
void nfs_judge_packet(const struct nfs_case *c);
/* The next bytes of a direction, from this position on. Where it is not that
 * behind the bytes before, some are missing, and nothing is found across. */
void nfs_judge_chunk(const struct nfs_case *c, uint64_t offset,
                     const uint8_t *at, uint32_t len);
/* So many bytes of HTTP are missing. */
void nfs_http_gap(struct nfs_http *h, uint64_t gap);
/* Of a direction, those for HTTP. */
void nfs_judge_http(const struct nfs_case *c, const uint8_t *at, uint32_t len);
/* The direction ends: nothing follows, or only what is at hand. */
void nfs_judge_end(const struct nfs_case *c);
/* The parts of a message of HTTP. `scratch` holds what is made of them. */
void nfs_http_view(const struct nfs_http *h, bool server,
                   struct nfs_scratch *scratch, struct nfs_view *v);
/* A body becomes what was compressed to it, if it was; *at is in `s` then. */
void nfs_inflate(const struct nfs_http *h, struct nfs_scratch *s,
                 const uint8_t **at, uint32_t *len);
/* The value of the first header of this name (in small letters), and its
 * length; NULL: there is none. */
const uint8_t *nfs_http_value(const struct nfs_http *h, const char *name,
                              uint32_t *len);
/* Whether a rule is about this flow, and direction, now. */
bool nfs_rule_fits(const struct nfs_case *c, const struct nfs_rule *rule);
/* A rule matches: rates, bits of flows, alerts, verdict. False: by its
 * detection_filter it does not match yet. */
bool nfs_matched(const struct nfs_case *c, uint32_t rule);

enum { NFS_NOT_YET, NFS_MATCHES, NFS_TELL };
/* What the rates of a rule say of one more match. */
unsigned nfs_rate(struct nfs_shard *s, uint32_t rule,
                  const struct nfs_packet *p);
/* The counts of rules that are also among the new ones. */
void nfs_rates_inherit(struct nfs_shard *s, const struct nfs_shard *before);

#endif
