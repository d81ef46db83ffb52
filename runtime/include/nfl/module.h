/* What a compiled program hands to the runtime: constant descriptors, and
 * functions to call. Emitted C defines one `const struct nfl_module
 * nfl_module`. */
#ifndef NFL_MODULE_H
#define NFL_MODULE_H

#include <nfl/config.h>
#include <nfl/num.h>
#include <nfl/pkt.h>
#include <nfl/tcp.h>
#include <stddef.h>
#include <stdint.h>

/* Changes with the shape of what follows, and with drop.def. */
#define NFL_MODULE_ABI (15u << 16 | NFL_DROP_N)

enum nfl_drop {
#define DROP(name, text, sentence) NFL_DROP_##name,
#include <nfl/drop.def>
#undef DROP
    NFL_DROP_N /* the module's reason i is NFL_DROP_N + i */
};

/* What fragments of IP packets are at the ports of a chain. */
enum nfl_fragments {
    NFL_FRAGMENTS_PASS,
    NFL_FRAGMENTS_TRACK,
    NFL_FRAGMENTS_REFUSE,
    NFL_FRAGMENTS_REASSEMBLE,
};

enum nfl_full { NFL_FULL_REFUSE, NFL_FULL_OLDEST, NFL_FULL_IDLE };

/* By what packets are divided among the shards (flow/shard.c). Both directions
 * of a flow have one shard: a rewrite that would change that fails. */
enum nfl_key {
    NFL_KEY_NONE,  /* any division is right; shards are not told apart */
    NFL_KEY_TUPLE, /* hash of the tuple, the same for both directions */
    NFL_KEY_LEFT,  /* by the end on the left side, the source of packets from
                      there: who owns its address and port, if an object of
                      the chain does, else the hash of its address */
    NFL_KEY_RIGHT, /* by the end on the right side */
};

/* The TCP monitor of a chain that asks it: tcp.h. */
struct nfl_tcp_desc {
    uint32_t at;    /* byte of an entry where its struct nfl_tcp is */
    uint32_t kept;  /* .. and where uint64_t[slots][2] are, for NFs that keep */
    uint32_t slots; /* how many do */
    bool edits;     /* some NF changes payloads */
    bool changes;   /* .. and bytes of streams */
    uint32_t in_line; /* .. and where a struct nfl_inline is; 0: it is a tap */
    uint32_t
        unacked;     /* .. and a struct nfl_unacked; 0: nothing is remembered */
    uint32_t held;   /* packets that may wait in an inline chain, of all shards
                        together */
    uint64_t pieces; /* of NFL_TCP_PIECE bytes, of all shards together */
    struct nfl_tcp_rules rules;
};

struct nfl_idle { /* of flows of one protocol; ticks of 1 ms */
    uint8_t proto;
    uint32_t ticks;
};

struct nfl_flows_desc {
    uint64_t size;                   /* entries, exactly, over all shards */
    uint32_t opening, idle, closing; /* ticks of 1 ms */
    const struct nfl_idle *own;      /* instead of idle */
    unsigned n_own;
    enum nfl_full full;
    enum nfl_fragments fragments;
    uint32_t entry_bytes; /* struct nfl_session and what the chain adds */
    const struct nfl_tcp_desc *tcp; /* NULL: nobody asks its monitor */
};

enum nfl_storage {
    NFL_FLOW,   /* in each session */
    NFL_SHARED, /* in the shard's block; there is one shard */
    NFL_SPLIT,  /* in each shard's block */
    NFL_ATOMIC, /* in the block of all shards */
    NFL_STORAGE_N
};

/* How the values of all shards become one, for people. */
enum nfl_total { NFL_TOTAL_SUM, NFL_TOTAL_MAX };

struct nfl_var_desc { /* a scalar of the source */
    uint16_t nf;      /* position in the chain */
    const char *name;
    enum nfl_fmt fmt;
    uint16_t bytes; /* 1, 2, 4, 8 or 16 (nfl_ipaddr: 32) */
    enum nfl_storage storage;
    enum nfl_total total;
    unsigned bucket; /* of a histogram, see nfl_report_value; 0: none */
    uint32_t offset; /* from the session's, or the block's, start */
};

struct nfl_name { /* of a value of an enum */
    uint64_t value;
    const char *name;
};

/* A number or an address in the key or the value of a table's entries. */
struct nfl_part_desc {
    const char *before, *after; /* what stands around it when it is printed */
    enum nfl_fmt fmt;
    const struct nfl_name *names; /* NULL: none; ends with a NULL name */
    /* In a key: from bit `at` of the words on; of an nfl_ipaddr, `v6` is one
     * bit there. In a value: from byte `at` of the entry on. */
    uint16_t bits; /* of an nfl_ipaddr 128 */
    uint16_t at, v6;
};

/* Of the keys of an object: words, each part by itself. */
struct nfl_key_desc {
    const struct nfl_part_desc *parts;
    unsigned n_parts, n_words;
    bool divided; /* `shared`: a key is in one shard only */
};

struct nfl_tab_desc { /* a table of an NF */
    uint16_t nf;      /* position in the chain */
    const char *name;
    uint64_t size;  /* entries, exactly, over all shards */
    uint64_t ticks; /* of its timeout; 0: entries stay */
    bool idle;      /* each access that finds an entry restarts its time */
    enum nfl_full full;
    uint32_t entry_bytes; /* struct nfl_entry, the key, the value */
    uint32_t key_words;
    const struct nfl_part_desc *key, *value;
    unsigned n_key, n_value;
};

struct nfl_nf_desc {
    const char *name;  /* "Nat", or "Nat_2" */
    int16_t hop;       /* index of its translations in a session, or -1 */
    int16_t drop_slot; /* index of its reason in a session, or -1 */
};

struct nfl_handler_desc { /* for the counts and the trace */
    uint16_t nf;
    const char *events;
    unsigned line;
};

struct nfl_timer_desc {
    unsigned handler;
    uint32_t ticks; /* its period */
    bool every;     /* it runs for each shard, else once, as shard 0 */
};

struct nfl_reason_desc {
    const char *chain, *nf, *text;
    const char *file;
    unsigned line;
};

struct nfl_chain;  /* a chain at run time: runtime's, see session.h */
struct nfl_worker; /* one per core */
struct nfl_session;
struct nfl_setup;
struct nfl_state; /* trace.h */
struct nfl_report;

struct nfl_chain_desc {
    const char *name;
    uint16_t port[2]; /* indices: left, right; right: NFL_OUT_DROP if packets
                         go no further */
    bool two_way;
    uint32_t shards;
    enum nfl_key key;
    const struct nfl_flows_desc *flows; /* NULL: no flow table */
    const struct nfl_nf_desc *nfs;
    unsigned n_nfs;  /* at most 64 */
    unsigned n_hops; /* NFs that translate */
    /* The order in which flows from the right visit the NFs; NULL: from the
     * last one to the first. */
    const uint8_t *right;
    const struct nfl_var_desc *flow_vars;
    unsigned n_flow_vars;
    const struct nfl_var_desc *shared_vars;
    unsigned n_shared_vars;
    uint32_t shared_bytes; /* of one shard's block of scalars */
    const struct nfl_var_desc *atomic_vars;
    unsigned n_atomic_vars;
    uint32_t atomic_bytes; /* of the block of all shards */
    const struct nfl_handler_desc *handlers;
    unsigned n_handlers;
    const struct nfl_timer_desc *timers;
    unsigned n_timers;
    const struct nfl_tab_desc *tables;
    unsigned n_tables;
    const struct nfl_param_desc *params; /* what may be set from outside */
    unsigned n_params;
    const void *config; /* the values of these, as in the source */
    uint32_t config_bytes;
    unsigned n_objects;
    /* Makes the object i of c from c->config and the objects before it; NULL
     * if setup->err is set. */
    void *(*make)(struct nfl_chain *c, struct nfl_setup *setup, unsigned i);
    void (*discard)(void *object, unsigned i);
    /* The object i, which replaces `before`, goes on from what that one kept
     * in a shard. NULL: none keeps anything. */
    void (*inherit)(void *object, void *before, unsigned i, unsigned shard);
    /* Adds what the objects hold to the final state. */
    void (*state)(const struct nfl_chain *c, struct nfl_state *s);
    /* The same for the report; NULL: there is nothing. */
    void (*report)(const struct nfl_chain *c, struct nfl_report *r);
    /* Runs a burst through the chain, one packet after the other, from the
     * side where they arrived; sets out and reason of each. Calls
     * nfl_worker_tick before each packet. n: at most NFL_BURST. */
    void (*burst)(struct nfl_worker *w, struct nfl_chain *c,
                  struct nfl_pkt *const *pkts, unsigned n);
    /* Packets that waited go on behind that one, which has left. NULL: none
     * ever waits. */
    void (*go_on)(struct nfl_worker *w, struct nfl_chain *c,
                  const struct nfl_pkt *behind);
    /* Raises the end of a flow to the NFs in the mask, in chain order from
     * the initiator. NULL if nobody subscribed. */
    void (*end)(struct nfl_worker *w, struct nfl_chain *c,
                struct nfl_session *s);
    /* Tells a live flow that the run ends, as `end` does. May be NULL. */
    void (*stop)(struct nfl_worker *w, struct nfl_chain *c,
                 struct nfl_session *s);
    /* Runs a timer in a shard; so many of its periods went by. */
    void (*timer)(struct nfl_worker *w, struct nfl_chain *c, unsigned timer,
                  unsigned shard, uint32_t periods);
};

struct nfl_module {
    uint32_t abi;             /* NFL_MODULE_ABI */
    const char *name;         /* of the program: "edge" */
    bool brief;               /* of -e: what matters is what it counted */
    uint16_t room;            /* bytes by which a frame may grow in front */
    uint16_t makes;           /* packets that NFs make of one, at most */
    const char *srcdir;       /* absolute folder of the source, for file() */
    const char *cpu;          /* it was built for, as given to the C compiler */
    const char *features;     /* instruction sets it needs: "avx2 avx512f" */
    const char *const *ports; /* names, by index */
    unsigned n_ports;
    const struct nfl_chain_desc *const *chains;
    unsigned n_chains;
    const struct nfl_reason_desc *reasons;
    unsigned n_reasons;
    /* The tuple of a packet as it arrives, for who steers it to a worker.
     * False if it has no flow. */
    bool (*tuple)(struct nfl_pkt *p, struct nfl_tuple *t);
};

extern const struct nfl_module nfl_module;

/* What init functions and constructors of extern types get. */
struct nfl_backends; /* backend_text.h */

struct nfl_setup {
    const struct nfl_module *module;
    const void *options; /* struct nfl_options, opaque to emitted code */
    uint32_t shards;     /* of the chain */
    uint32_t workers;    /* of the run */
    uint64_t seed;
    char err[4096];     /* set on failure: a sentence, or some lines */
    const void *before; /* the object that a new one replaces, or NULL */
    bool again;         /* of what that one has read, not of the file */
    const struct nfl_backends *down; /* that checks have taken out, or NULL */
    char told[160]; /* what differs: half a sentence for people, or "" */
};

#endif
