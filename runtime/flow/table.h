/* The sessions of a chain: a block of entries for each family, of which each
 * shard may have its exact share; one hash table in which each stands by its
 * two keys; per shard the order of insertion and that of expiry. Nothing is
 * allocated after nfl_table_new, and what was never touched costs nothing. */
#ifndef NFL_FLOW_TABLE_H
#define NFL_FLOW_TABLE_H

#include <nfl/session.h>

/* When a session expires, or rather a moment not after that: a refresh does
 * not move it, so that a packet need not touch what is not its own. Who comes
 * to the root of its heap is brought up to date there. */
struct nfl_due {
    uint64_t due; /* as in the session */
    uint32_t low;
    uint32_t id; /* of the session: its index * 2, and 1 for IPv6; 0: none */
};

/* What packets do not need of a session. */
struct nfl_cold {
    uint32_t place; /* among those of its shard that will expire */
    uint32_t order[2];
};

/* nfl_cold.order, in a table that evicts the oldest: the ids of the session
 * before it and after it, by insertion, of its shard; in one that evicts the
 * idle: the number of its insertion, high half first. Of a free one: the next
 * that is free is order[NEXT]. */
enum { PREV, NEXT };

struct nfl_shard {
    struct nfl_due key;   /* not after due[0] */
    uint32_t place;       /* in nfl_table.heap */
    struct nfl_due *due;  /* its sessions, a binary heap */
    uint64_t n, most;     /* how many it has, and may have */
    uint32_t first, last; /* ids, by insertion */
};

/* Flows that ended, while memory is asked for what that touches: nobody looks
 * for one before they are gone for good. */
enum { NFL_LEAVING = 8 };

struct nfl_leaving {
    struct nfl_session *session;
    uint64_t hash[2];
};

struct nfl_table {
    struct nfl_finder find; /* first: nfl_finder_of */
    struct nfl_cold *cold[2];
    /* Of the stride, to divide by it what it divides: its power of two, and the
     * inverse of what is left, modulo 2^64. */
    uint64_t inverse[2];
    uint8_t shift[2];
    uint64_t unused[2];  /* the first that was never taken */
    uint32_t free[2];    /* ids */
    struct nfl_due *due; /* of all shards */
    uint64_t size;
    struct nfl_shard *shards;
    struct nfl_shard **heap; /* the shards, by what is due first */
    uint32_t n_shards;
    enum nfl_full full;
    uint64_t inserted; /* the last number given */
    struct nfl_flow_counts counts;
    struct nfl_leaving leaving[NFL_LEAVING];
    unsigned n_leaving;    /* of them, the first is the first that ended */
    unsigned leaving_from; /* where that one is */
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
struct nfl_session *nfl_table_at(const struct nfl_table *t, uint32_t id);
uint32_t nfl_table_id(const struct nfl_table *t, const struct nfl_session *s);
struct nfl_cold *nfl_table_cold(const struct nfl_table *t, uint32_t id);

/* For the shard; NULL if it has all that it may have. Zero. */
struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard,
                                   bool v6);
/* Into the hash table and the order of insertion; tuples and shard are set,
 * hash is that of both its keys. nfl_table_drop undoes it and frees the entry.
 */
void nfl_table_add(struct nfl_table *t, struct nfl_session *s, uint64_t hash);
void nfl_table_drop(struct nfl_table *t, struct nfl_session *s,
                    const uint64_t hash[2]);
/* The session is about to be dropped: the hashes of its keys, and asks for what
 * that touches. */
void nfl_table_leaves(const struct nfl_table *t, const struct nfl_session *s,
                      uint64_t hash[2]);
/* Gives s another tuple on leaving; last among those who have the same. */
void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn);

/* ---- links.c ---- */

/* What the packets of s say at `side`. */
void nfl_links_probe(const struct nfl_finder *f, const struct nfl_session *s,
                     unsigned side, struct nfl_probe *k);
/* Adds a reference, last among those of the key; bits: 1 for packets that are
 * not turned, 2 for those that are. */
void nfl_links_add(struct nfl_finder *f, uint32_t id, unsigned bits,
                   const struct nfl_probe *k, uint64_t hash);
/* The same where no session has the key for such packets: the line in which it
 * is now, and *slot. */
uint64_t nfl_links_put(struct nfl_finder *f, uint32_t id, unsigned bits,
                       uint64_t hash, unsigned *slot);
/* Removes what references with this hash are for. */
void nfl_links_remove(struct nfl_finder *f, uint32_t id, unsigned bits,
                      uint64_t hash);

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
    return t->heap[0]->key.due >> NFL_ARMED_HIGH > now;
}

/* ---- session.c ---- */

/* nfl_session_end of one of many that end, without a packet between them: what
 * is left to do is done with a later one, or by nfl_session_ended, which must
 * come before anything else happens to the chain. */
void nfl_session_end_some(struct nfl_worker *w, struct nfl_chain *c,
                          struct nfl_session *s);
void nfl_session_ended(struct nfl_chain *c);

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
