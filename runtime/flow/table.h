/* The sessions of a chain: one block of entries, divided exactly among the
 * shards; two hash tables over all of them, by the tuple on arrival and by the
 * one of the answers; per shard the order of insertion, and per shard and
 * phase the order of refresh. Nothing is allocated after nfl_table_new. */
#ifndef NFL_FLOW_TABLE_H
#define NFL_FLOW_TABLE_H

#include <nfl/session.h>

/* Sessions of one shard in one phase, in order of refresh. They share one
 * timeout and the clock does not step back: in order of expiry as well. */
struct nfl_age {
    struct nfl_session *head, *tail;
    /* Not above what the head has, so that a refresh need not touch it. */
    uint64_t expires, armed;
    uint32_t heap; /* its index in nfl_table.heap */
};

struct nfl_shard {
    struct nfl_session *free;         /* through hash_next[0] */
    uint64_t unused, end;             /* entries that were never taken */
    struct nfl_session *first, *last; /* by insertion */
    struct nfl_age age[NFL_PHASE_N];
};

struct nfl_table {
    uint8_t *entries; /* size of stride bytes; never touched: zero */
    size_t stride;
    struct nfl_session **bucket[2]; /* by t0; by reverse of tn */
    uint64_t mask;                  /* of both */
    uint64_t key[4];                /* of the hash of the buckets */
    struct nfl_shard *shards;
    /* The ages as a binary heap by (expires, armed); the root is a lower bound
     * of the next session that is due. */
    struct nfl_age **heap;
    uint32_t n_ages;
    uint64_t timeout[NFL_PHASE_N];
    uint64_t inserted, armed; /* numbers given so far */
    struct nfl_flow_counts counts;
    bool two_way;
};

/* NULL and err (naming chain and bytes) on failure. */
struct nfl_table *nfl_table_new(const struct nfl_chain_desc *d, uint64_t seed,
                                char *err, size_t errlen);
void nfl_table_free(struct nfl_table *t);

/* The session of packets with tuple k that arrive at `side`, as the
 * initiator's (by T0), or as the responder's (by the reverse of Tn; of several
 * the one that had it first). */
struct nfl_session *nfl_table_find_t0(const struct nfl_table *t,
                                      const struct nfl_tuple *k, unsigned side,
                                      uint64_t hash);
struct nfl_session *nfl_table_find_tn(const struct nfl_table *t,
                                      const struct nfl_tuple *k, unsigned side,
                                      uint64_t hash);
uint64_t nfl_table_hash(const struct nfl_table *t, const struct nfl_tuple *k,
                        unsigned side);

/* Of the shard; NULL if all are taken. Zero but for what it held before. */
struct nfl_session *nfl_table_take(struct nfl_table *t, unsigned shard);
/* Into both hash tables and the order of insertion; t0, tn, side, shard are
 * set. nfl_table_drop undoes it and frees the entry. */
void nfl_table_add(struct nfl_table *t, struct nfl_session *s);
void nfl_table_drop(struct nfl_table *t, struct nfl_session *s);
/* Gives s another tuple on leaving; last among those who have the same. */
void nfl_table_move_tn(struct nfl_table *t, struct nfl_session *s,
                       const struct nfl_tuple *tn);

/* ---- age.c ---- */

void nfl_age_init(struct nfl_table *t, uint32_t shards);
/* The session expires its phase's timeout after now, and is the last armed. */
void nfl_age_arm(struct nfl_table *t, struct nfl_session *s, uint64_t now);
void nfl_age_disarm(struct nfl_table *t, struct nfl_session *s);
/* The session that is due first, if its tick is not after now, else NULL. */
struct nfl_session *nfl_age_due(struct nfl_table *t, uint64_t now);
/* Whose expiry is earliest in the shard, then whose insertion is. */
struct nfl_session *nfl_age_idlest(const struct nfl_table *t, unsigned shard);

/* True if nothing is due: what a packet pays for the clock. */
static inline bool nfl_age_quiet(const struct nfl_table *t, uint64_t now)
{
    return t->heap[0]->expires > now;
}

/* ---- session.c ---- */

/* Raises END, gives the leases back, frees the entry. */
void nfl_session_end(struct nfl_worker *w, struct nfl_chain *c,
                     struct nfl_session *s);

/* ---- shard.c ---- */

/* The shard of a new session that a packet opens. */
unsigned nfl_shard_of(const struct nfl_chain *c, const struct nfl_tuple *t,
                      unsigned side);

#endif
