/* Rules of an IDS, as they are read from text. Numbers are in host order,
 * addresses in network order. All of it is made before the first packet and
 * never changes; the strings belong to the rules. */
#ifndef SNORT_H_
#define SNORT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hs_database;

enum {
    NFS_KEY = 17,          /* bytes of a key of a set */
    NFS_BITS_MAX = 512,    /* names of flowbits */
    NFS_PATTERN_MAX = 255, /* bytes of a content */
    NFS_RULES_MAX = 65536,
};

/* ---- sets of addresses or ports ---- */

/* A range of keys, or a list: what is in one of its parts that are not negated
 * (or in all, if it has none), and in none of the negated ones. */
struct nfs_set {
    bool not, leaf;
    uint8_t lo[NFS_KEY], hi[NFS_KEY];
    struct nfs_set *parts; /* of a list */
    unsigned n;
};

/* The key of an address of `len` bytes (4 or 16), or of a port (len 2). */
void nfs_key(uint8_t key[NFS_KEY], const uint8_t *at, unsigned len);
bool nfs_set_has(const struct nfs_set *s, const uint8_t key[NFS_KEY]);
void nfs_set_fini(struct nfs_set *s);

/* ---- options ---- */

enum nfs_action { NFS_PASS, NFS_DROP, NFS_REJECT, NFS_ALERT, NFS_LOG };

/* Where an option looks. */
enum nfs_buffer {
    NFS_RAW, /* payload of the packet, or the stream */
    NFS_URI,
    NFS_RAW_URI,
    NFS_METHOD,
    NFS_HEADER,
    NFS_COOKIE,
    NFS_HOST,
    NFS_AGENT,
    NFS_STAT_CODE,
    NFS_STAT_MSG,
    NFS_BODY,       /* of a request */
    NFS_REPLY_BODY, /* of a response */
    NFS_BUFFERS
};

enum nfs_kind {
    NFS_CONTENT,
    NFS_PCRE,
    NFS_BYTE_TEST,
    NFS_BYTE_JUMP,
    NFS_IS_DATA_AT
};

enum nfs_op { NFS_EQ, NFS_LT, NFS_GT, NFS_LE, NFS_GE, NFS_AND, NFS_OR };

/* One thing that is looked for. Of a content `offset` and `depth` count from
 * the begin of the buffer, `distance` and `within` from the match before. */
struct nfs_opt {
    enum nfs_kind kind;
    enum nfs_buffer buffer;
    bool not, relative;
    /* content, pcre */
    uint8_t *bytes; /* of a pcre its text, with a zero byte */
    unsigned len;
    bool nocase, fast, has_offset, has_depth, has_within, starts, ends;
    int32_t offset, depth, distance, within;
    unsigned flags; /* of a pcre, HS_FLAG_* */
    struct hs_database *db;
    /* numbers in the buffer */
    enum nfs_op op;
    uint8_t count, base; /* base 0: binary */
    bool little, align, from_begin;
    uint64_t value;
    uint32_t multiplier;
    int32_t post;
};

/* A condition on a header: the number lies, or does not, in lo..hi. */
enum nfs_field {
    NFS_DSIZE,
    NFS_ITYPE,
    NFS_ICODE,
    NFS_TTL,
    NFS_ID,
    NFS_IP_PROTO,
    NFS_SEQ,
    NFS_ACK,
    NFS_WINDOW,
    NFS_FLAGS, /* lo: those that are set, hi: those that are looked at */
    NFS_FIELDS
};

struct nfs_cond {
    enum nfs_field field;
    bool not;
    char mode; /* of flags: '=', '+' all, '*' any, '!' none */
    uint32_t lo, hi;
};

enum nfs_bit_op {
    NFS_BIT_SET,
    NFS_BIT_CLEAR,
    NFS_BIT_TOGGLE,
    NFS_BIT_IS,
    NFS_BIT_IS_NOT
};

struct nfs_bit {
    enum nfs_bit_op op;
    uint16_t bit;
};

enum nfs_rate_type { NFS_NO_RATE, NFS_LIMIT, NFS_THRESHOLD, NFS_BOTH };
enum nfs_track { NFS_BY_SRC, NFS_BY_DST, NFS_BY_PAIR };

struct nfs_rate {
    enum nfs_rate_type type;
    enum nfs_track track;
    uint32_t count, seconds;
};

/* ---- rules ---- */

/* What it is judged by. */
enum nfs_scope { NFS_PACKET, NFS_STREAM, NFS_HTTP };

enum { NFS_OPTS_MAX = 64, NFS_CONDS_MAX = 16, NFS_ROLES_MAX = 16 };

struct nfs_rule {
    enum nfs_action action;
    enum nfs_scope scope;
    uint8_t proto; /* 0: any of IP; 1: also ICMPv6 */
    bool both, http;
    struct nfs_set src, sport, dst, dport;
    struct nfs_opt *opts;
    unsigned n_opts;
    int fast; /* the option by which it is found, -1: none */
    struct nfs_cond conds[NFS_CONDS_MAX];
    unsigned n_conds;
    struct nfs_bit bits[NFS_ROLES_MAX];
    unsigned n_bits;
    bool noalert, sets_bits, reads_bits;
    bool to_server, to_client, established, not_established;
    bool only_stream, no_stream;
    struct nfs_rate rate, filter; /* of alerts; of matches */
    uint32_t sid, rev, gid, class, priority, line;
    bool has_priority;
    char *msg, *refs, *metadata; /* NULL: none */
};

struct nfs_class {
    char *name, *text;
    uint32_t priority;
};

struct nfs_rules {
    struct nfs_rule *rules; /* in the order in which they are judged */
    unsigned n;
    struct nfs_class *classes; /* number 0 is that of rules without */
    unsigned n_classes;
    char *bits[NFS_BITS_MAX];
    unsigned n_bits, n_skipped;
};

/* Reads rules. `vars` are variables, "NAME=VALUE; ...", that count before those
 * of the text. With `skip`, rules with what is not supported are told on stderr
 * and left out. NULL after setting `err`: the first mistakes, each with its
 * line. Free with nfs_rules_free. */
struct nfs_rules *nfs_rules_read(const char *text, uint32_t len,
                                 const char *vars, bool skip, char *err,
                                 size_t err_size);
void nfs_rules_free(struct nfs_rules *rs);

#endif
