/* The sessions of a chain: one block of entries, of which each shard may have
 * its exact share; one hash table in which each stands twice, by the tuple on
 * arrival and by the one of the answers; per shard the order of insertion and
 * that of expiry. Nothing is allocated after nfl_table_new. */
#ifndef NFL_FLOW_TABLE_H
#define NFL_FLOW_TABLE_H

#include "flow/bucket.h"
#include <nfl/session.h>

/* When a session expires, or rather a moment not after that: a refresh does
 * not move it, so that a packet need not touch what is not its own. Who comes
 * to the root of its heap is brought up to date there. */
struct nfl_due {
    uint64_t expires, armed;
    struct nfl_session *session;
};

struct nfl_shard {
    uint64_t expires, armed;          /* not after those of due[0] */
    uint32_t place;                   /* in nfl_table.heap */
    struct nfl_due *due;              /* its sessions, a binary heap */
    uint64_t n, most;                 /* how many it has, and may have */
    struct nfl_session *first, *last; /* by insertion */
};

struct nfl_table {
    uint8_t *entries; /* of stride bytes, from index 1; never touched: zero */
    size_t stride;
    uint64_t *buckets; /* references: table.c */
    uint64_t mask;
    struct nfl_bucket_key key;
    uint64_t unused;          /* the first that was never taken */
    struct nfl_session *free; /* through ins_next */
    struct nfl_due *due;      /* of all shards */
    uint64_t size;
    struct nfl_shard *shards;
    struct nfl_shard **heap; /* the shards, by what is due first */
    uint32_t n_shards;
    uint64_t timeout[NFL_PHASE_N];
    uint64_t inserted, armed; /* the last numbers given */
    struct nfl_flow_counts counts;
    bool two_way;
};

/* Of the shards that worker `index` of `of` owns; the others have no entries.
 * NULL and err (naming chain and bytes) on failure. */
struct nfl_table *nfl_table_new(const struct nfl_chain_desc *d, unsigned index,
                                unsigned of, uint64_t seed, char *err,
                                size_t errlen);
void nfl_table_free(struct nfl_table *t);

/* The session of packets with tuple k that arrive at `side`, as the
 * initiator's (by T0), else as the responder's (by the reverse of Tn; of
 * several the one that had it first): *back. */
struct nfl_session *nfl_table_find(const struct nfl_table *t,
                                   const struct nfl_tuple *k, unsigned side,
                                   uint64_t hash, bool *back);
uint64_t nfl_table_hash(const struct nfl_table *t, const struct nfl_tuple *k,
                        unsigned side);

/* For the shard; NULL if it has all that it may have. Zero but for its index.
 */
struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard);
/* Into the hash table and the order of insertion; t0, tn, side, shard are
 * set. nfl_table_drop undoes it and frees the entry. */
void nfl_table_add(struct nfl_table *t, struct nfl_session *s);
void nfl_table_drop(struct nfl_table *t, struct nfl_session *s);
/* Gives s another tuple on leaving; last among those who have the same. */
void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn);

/* ---- age.c ---- */

/* The session expires its phase's timeout after the worker's now, and is the
 * last armed: by the number of the packet, so that workers can compare. Add:
 * for the first time. */
void nfl_age_add(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w);
void nfl_age_arm(struct nfl_table *t, struct nfl_session *s,
                 const struct nfl_worker *w);
void nfl_age_remove(struct nfl_table *t, struct nfl_session *s);
/* The session that is due first, if its tick is not after now, else NULL. */
struct nfl_session *nfl_age_due(struct nfl_table *t, uint64_t now);
/* Whose expiry is earliest in the shard, then whose insertion is. */
struct nfl_session *nfl_age_idlest(struct nfl_table *t, unsigned shard);

/* True if nothing is due: what a packet pays for the clock. */
static inline bool nfl_age_quiet(const struct nfl_table *t, uint64_t now)
{
    return t->heap[0]->expires > now;
}

/* ---- session.c ---- */

/* Raises END, gives the leases back, frees the entry. */
void nfl_session_end(struct nfl_worker *w, struct nfl_chain *c,
                     struct nfl_session *s);

/* ---- engine.c ---- */

/* Does it take packets from the port? */
static inline bool nfl_chain_enters(const struct nfl_chain_desc *d,
                                    unsigned port)
{
    return d->port[0] == port || (d->two_way && d->port[1] == port);
}

/* The first chain that takes packets from the port: its burst function knows
 * the others. NULL: there is none, and why. */
struct nfl_chain *nfl_chain_of(const struct nfl_worker *w, unsigned port,
                               uint16_t *reason);

#endif
