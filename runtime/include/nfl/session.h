/* Sessions: one object for both directions of a flow, found by the tuple on
 * arrival (T0) and by the tuple when it has left (Tn). The table is bounded
 * per shard, exactly; its policy says what happens when a shard is full. No
 * DPDK here: the same code runs under sanitizers on heap blocks.
 *
 * Threads: workers divide the shards of each chain, and each has a struct
 * nfl_chain and a table of its own for those that it owns. Only what extern
 * objects hold is shared, each shard's part being touched by its owner alone.
 * Times are ticks of 1 ms. */
#ifndef NFL_SESSION_H
#define NFL_SESSION_H

#include <nfl/find.h>
#include <stdio.h>

/* A lease of an extern type: given back when the flow ends. */
struct nfl_lease {
    struct nfl_lease *next; /* in order of taking; of the last: the first */
    void (*release)(struct nfl_lease *l);
    uint16_t nf;      /* position that took it */
    const char *name; /* of the object in the source */
    uint64_t value;   /* for the state dump */
};

/* Counts of a chain's table; see struct nfl_report_flows. Those evicted are
 * among the ended: opened = ended + live. */
struct nfl_flow_counts {
    uint64_t opened, ended, evicted, refused, live;
};

struct nfl_table; /* runtime/flow/table.c */
struct nfl_tab;
struct nfl_queue; /* queue.h */
struct nfl_early; /* runtime/flow/early.c */

struct nfl_chain {
    const struct nfl_chain_desc *desc;
    struct nfl_table *table; /* NULL if the chain has no flows */
    struct nfl_tab **tabs;   /* desc->n_tables; table.h */
    void **objects;          /* desc->n_objects, in order of the source */
    bool borrowed;           /* the first worker frees them */
    uint8_t *shared;         /* shards blocks of shared_bytes, aligned to 16;
                                those of other workers are zero */
    uint8_t *atomic;  /* one block of atomic_bytes, aligned to 64: what all
                         shards have in common; the first worker's for all */
    uint64_t *runs;   /* per handler */
    uint64_t *timers; /* desc->n_timers: the tick when each is due next */
    uint64_t seed;
    /* Of the TCP monitor, by shard; NULL if nobody asks it, and of shards that
     * others own. */
    struct nfl_tcp_pool **pieces;
    struct nfl_tcp_pool *no_pieces; /* of --no-consolidate: it has none */
    struct nfl_early **early; /* of an inline chain, by shard as pieces are */
    uint64_t reused_at;  /* the packet that ended a flow as it uses its tuple
                            anew */
    const void *config;  /* desc->config_bytes, as they are now */
    uint32_t config_age; /* changes of it so far */
    /* Who owns an endpoint: set by the constructor of an object that hands
     * out addresses. -1 if nobody. */
    int (*owner)(const void *object, nfl_u128 addr, uint8_t v6, uint16_t port,
                 uint8_t proto);
    const void *owner_object;
    bool evicting; /* a flow ends to make room */
    bool turning;  /* no flow does: a packet is turned around */
    const struct nfl_session *kept; /* nor this one for any reason; or NULL */
    uint64_t made;                  /* packets that its NFs made */
    uint64_t held;                  /* that waited in front of it */
    /* What the next flow of a shard is probably given: set as `owner` is.
     * False: nothing. In network byte order, of IPv4. */
    bool (*next)(const void *object, unsigned shard, uint32_t *addr,
                 uint16_t *port);
    const void *next_object;
    struct nfl_queue *queues; /* in the order of making; NULL: none */
    uint64_t wake; /* the first tick at which a packet of theirs may go on;
                      UINT64_MAX: none waits */
};

/* A packet of whatever worker that moved the clock. */
struct nfl_step {
    uint64_t number, now;
};

struct nfl_worker {
    uint64_t now;       /* tick of the packet at hand; never steps back */
    uint64_t packets;   /* number of the packet at hand, in input order */
    uint64_t next_tick; /* ns since 1970 at which the clock moves on */
    uint64_t *drops;    /* by reason: NFL_DROP_N + module's */
    struct nfl_chain *chains;
    unsigned n_chains;
    unsigned index, of;       /* which of how many workers */
    FILE *trace;              /* NULL unless asked for */
    struct nfl_order *order;  /* of all workers; NULL unless asked for */
    uint64_t cut;             /* fragments that it sent beyond one a packet */
    bool apart;               /* it is one of several to be put together */
    uint8_t *payload;         /* room for a packet's, as it arrived */
    struct nfl_tcp_view view; /* what the TCP monitor says of the packet */
    uint8_t *streams; /* room for bytes of a stream, one behind the other; NULL:
                         no chain asks the monitor */
    /* Packets that NFs made in this burst, in order: made.h. Of the n_made the
     * first n_passed went their way. */
    struct nfl_made *made;
    size_t made_room;
    unsigned n_made, n_passed;
    /* Behind them: the packet at hand, turned around. No cause: it is not. */
    struct nfl_made *turned;
    /* Behind which packet those that waited go on, or one that turned does;
     * NULL: none does now. */
    const struct nfl_pkt *behind;
    struct nfl_pkt still; /* stands for one where none arrives */
    /* Where packets are numbered: the steps of the clock from here on, in
     * order. They belong to who gave them. */
    const struct nfl_step *steps;
    unsigned n_steps;
    /* Of parameters; runtime/flow/config.c. */
    struct nfl_configs *configs;     /* the first worker's for all */
    uint64_t change_at;              /* tick of the next change */
    unsigned change_next;            /* its number */
    uint64_t started;                /* the first tick of the clock */
    uint64_t timer_at;               /* the first at which a timer is due */
    const struct nfl_reload *reload; /* what it took; flow/reload.h */
} __attribute__((aligned(64)));

/* All workers of a run. */
enum { NFL_WORKERS_MAX = 127 };
struct nfl_workers {
    struct nfl_worker *at[NFL_WORKERS_MAX];
    unsigned n;
    uint64_t drops[NFL_DROP_N]; /* of packets that reached no worker */
    uint64_t cut;            /* as nfl_worker.cut, of those that none sends */
    struct nfl_order *order; /* NULL unless asked for */
};

/* ---- set-up (runtime/flow/engine.c) ---- */

/* Which worker of how many. `first` is the one with index 0, which owns the
 * objects of the chains; NULL for itself. */
struct nfl_part {
    const struct nfl_worker *first;
    unsigned index, of;
};

/* The chains of a module, ready to run; part NULL: one worker has it all.
 * False and err on failure. */
bool nfl_worker_init(struct nfl_worker *w, const struct nfl_part *part,
                     const struct nfl_module *m, const void *options,
                     uint64_t seed, char *err, size_t errlen);
/* The first worker after all others. */
void nfl_worker_fini(struct nfl_worker *w);

/* n workers, each in memory of its own. False and err on failure: more of them
 * than any chain has shards, too, is one. */
bool nfl_workers_init(struct nfl_workers *all, unsigned n,
                      const struct nfl_module *m, const void *options,
                      uint64_t seed, char *err, size_t errlen);
void nfl_workers_fini(struct nfl_workers *all);

/* At the end of a run, when no worker runs any more: tells the live flows of
 * all chains, by chain, then by arming. Their trace goes to `trace`, or NULL.
 * False: no memory to put them in order. */
bool nfl_workers_stop(struct nfl_workers *all, FILE *trace);

/* Runs a burst in order of input: groups it by chain, and sets out and reason
 * of each packet. Whoever drops a packet counts it in w->drops. n: at most
 * NFL_BURST. */
void nfl_worker_burst(struct nfl_worker *w, const struct nfl_module *m,
                      struct nfl_pkt *const *pkts, unsigned n);

/* Moves the clock of nfl_worker_tick. */
void nfl_worker_step(struct nfl_worker *w, const struct nfl_pkt *p);

/* Before each packet, by the chain's burst function: counts the packet, moves
 * the clock, ends the flows of all chains that are due by (tick, chain,
 * arming). Of a packet with a number, the steps of the clock that others
 * brought before it come first. */
static inline void nfl_worker_tick(struct nfl_worker *w,
                                   const struct nfl_pkt *p)
{
    if (__builtin_expect(p->time < w->next_tick && w->n_steps == 0, 1))
        w->packets = p->number ? p->number : w->packets + 1;
    else
        nfl_worker_step(w, p);
}

/* The same without a packet, `time` in ns since 1970: live runs call it, when
 * they are idle, at least every 10 ms. */
void nfl_worker_clock(struct nfl_worker *w, uint64_t time);
/* Behind it: packets that waited, and need not any longer, go on. Each that
 * leaves is among what w->still caused: made.h. */
void nfl_worker_go_on(struct nfl_worker *w, uint64_t time);
/* Takes all steps that are left. */
void nfl_worker_catch_up(struct nfl_worker *w);

/* ---- shards and their owners (runtime/flow/workers.c) ---- */

/* The worker of `of` that owns shard s of n, and the first shard that a worker
 * owns: each has a run of them, nfl_share(n, of, index) long. */
unsigned nfl_owner_of(uint32_t n, unsigned of, uint32_t s);
uint32_t nfl_first_shard(uint32_t n, unsigned of, unsigned index);

/* The worker to which a packet belongs: its index. Every worker knows, and
 * reads only what is its own and fixed. `turn` decides for packets that any
 * worker could take; with NFL_TURN_FLOW those of a flow have one. */
#define NFL_TURN_FLOW (~0u)
unsigned nfl_worker_of(const struct nfl_worker *w, const struct nfl_module *m,
                       struct nfl_pkt *p, unsigned turn);

/* ---- sessions, for gen.h and the externs ---- */

enum { NFL_TCP = 6 }; /* as IANA numbers protocols */

/* What the network layer needs of a TCP header; NULL for other protocols. */
struct nfl_l4 {
    const uint8_t *tcp; /* at least 20 bytes, or NULL */
    uint8_t ports;      /* NFL_SET_SPORT | NFL_SET_DPORT that the packet has */
};

/* The session of a packet that arrived at `side` with tuple `t`, and their
 * hash: found, or opened by this packet (which may end another one, or evict).
 * Its phase and timeout are updated. NULL: refused. *back: the packet is the
 * responder's. */
struct nfl_session *nfl_session_packet(struct nfl_worker *w,
                                       struct nfl_chain *c,
                                       const struct nfl_tuple *t, unsigned side,
                                       uint64_t hash, const struct nfl_l4 *l4,
                                       bool *back);

/* Whether the packet belongs to a session of the chain. One that it ends, as a
 * SYN does that begins anew, is no more. For chains that share ports. */
bool nfl_session_claims(struct nfl_worker *w, struct nfl_chain *c,
                        const struct nfl_tuple *t, unsigned side, uint64_t hash,
                        const struct nfl_l4 *l4);

/* Raises FLOW/END, gives leases back, and frees the entry. */
void nfl_session_end(struct nfl_worker *w, struct nfl_chain *c,
                     struct nfl_session *s);

/* The session that packets with tuple t that arrive at `side` belong to, and
 * nothing changes; NULL: none. */
struct nfl_session *nfl_session_find(const struct nfl_chain *c,
                                     const struct nfl_tuple *t, unsigned side);

/* The same by its hash. *back: as the responder's. For packets that quote
 * others, which change nothing of a session. */
struct nfl_session *nfl_session_quoted(const struct nfl_chain *c,
                                       const struct nfl_tuple *t, unsigned side,
                                       uint64_t hash, bool *back);

/* The same of a session that was found, and a packet of it that changes no
 * phase: all but its timeout. l4: the header with its ports, at least 20 bytes
 * if that is TCP's. False: it may change one, and nothing has changed. */
bool nfl_session_goes_on(struct nfl_session *s, const uint8_t *l4, bool back);

/* Of a burst, before its first packet: the hash of each, and then, when memory
 * had time to answer, what is probably its session. Both only warm the cache:
 * packets of the burst may open and end sessions until it is its turn. */
uint64_t nfl_session_hash(const struct nfl_chain *c, const struct nfl_tuple *t,
                          unsigned side);
void nfl_session_fetch(const struct nfl_chain *c, uint64_t hash);
/* Of a key of IPv4 without a session: asks for where its Tn will probably be,
 * if the chain leases ends to flows from this side. */
void nfl_session_ahead(const struct nfl_chain *c, const uint64_t *w,
                       unsigned side);

/* Gives a session that is zero its tuple. */
void nfl_session_begin(const struct nfl_chain_desc *d, struct nfl_session *s,
                       const struct nfl_tuple *t, unsigned side);
/* How many of the NFs that translate the initiator's packets pass before the
 * one with this hop. */
unsigned nfl_session_turn(const struct nfl_chain_desc *d,
                          const struct nfl_session *s, unsigned hop);
/* T(k) behind the NF with this hop. */
struct nfl_tuple nfl_session_after(const struct nfl_chain_desc *d,
                                   const struct nfl_session *s, unsigned hop);
/* T(k-1) of the NF at position nf: what it sees. */
struct nfl_tuple nfl_session_tuple(const struct nfl_chain *c,
                                   const struct nfl_session *s, unsigned nf);
/* Adds to the translation of position nf, and no packet may go the fast way
 * until one has gone the general way. False, and nothing changed, if the family
 * differs, a port is set that the protocol lacks, the resulting Tn is the tuple
 * of a live session, or answers to it belong to another shard. */
bool nfl_session_rewrite(struct nfl_worker *w, struct nfl_chain *c,
                         struct nfl_session *s, unsigned nf, uint8_t set,
                         const struct nfl_tuple *to);
void nfl_session_lease(struct nfl_session *s, struct nfl_lease *l);
/* The lease that follows l, NULL after the last; l NULL: the first. */
static inline struct nfl_lease *nfl_lease_next(const struct nfl_session *s,
                                               const struct nfl_lease *l)
{
    if (!l)
        return s->leases ? s->leases->next : NULL;
    return l == s->leases ? NULL : l->next;
}

/* What packets need of the chain's table. */
static inline struct nfl_finder *nfl_finder_of(const struct nfl_chain *c)
{
    return (struct nfl_finder *)(void *)c->table;
}
/* After nfl_find_refresh said so. */
void nfl_age_earlier(struct nfl_finder *f, struct nfl_session *s);

/* Keyed hash for shards and tables: SipHash-1-3, key = (seed, ~seed), over the
 * bytes as given. Normative; see LANGUAGE.md. */
uint64_t nfl_hash(uint64_t seed, const void *data, size_t len);
/* Of the lesser end, the greater one and the protocol: of both directions. */
uint64_t nfl_tuple_hash(uint64_t seed, const struct nfl_tuple *t);

/* The shard of packets with tuple t that arrive at `side`: pure, and the same
 * for both directions of every session, so each look-up is one shard's. 0 if
 * the chain has no key. */
/* Of an address that nobody owns. */
unsigned nfl_shard_of_addr(uint64_t seed, uint32_t shards, nfl_u128 addr,
                           uint8_t v6);
unsigned nfl_shard_of(const struct nfl_chain *c, const struct nfl_tuple *t,
                      unsigned side);

/* An endpoint as it is hashed: the address (4 or 16 bytes), then the port, both
 * in network order. Returns their number. */
enum { NFL_ENDPOINT_BYTES = 18 };
size_t nfl_endpoint_bytes(uint8_t *to, nfl_u128 addr, uint8_t v6,
                          uint16_t port);

/* Of n things divided over `shards`, how many shard s has: n / shards, and
 * one more if s < n % shards. */
uint64_t nfl_share(uint64_t n, uint32_t shards, uint32_t s);

#endif
