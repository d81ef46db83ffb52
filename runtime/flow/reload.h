/* What SIGHUP reads in a live run: other values of parameters, and new objects
 * made of them and of their files. One thread makes a set while packets pass,
 * each worker takes it between two bursts, and what it replaces is freed when
 * all of them have. */
#ifndef NFL_FLOW_RELOAD_H
#define NFL_FLOW_RELOAD_H

#include "flow/config.h"

struct nfl_reload_chain {
    void *block;   /* the values; NULL if the chain has none */
    void **made;   /* by object: the new ones; NULL: the old one stays */
    void **before; /* what they replace, until nobody uses it */
    bool changed;  /* a value differs, or an object was made */
};

struct nfl_reload {
    struct nfl_settings settings;
    struct nfl_reload_chain *chains;
    unsigned n_chains;
    unsigned objects; /* that were made */
    bool again; /* of what was read before; the values stay where they are */
    char what[400]; /* parameters that differ: "edge.Nat.idle, ..." or "" */
    char told[300]; /* what new objects say of it: "; edge.Nat.x: ..." or "" */
    _Atomic unsigned taken; /* workers that have it */
};

/* The set as the files are now. The workers may run; the set before must be
 * settled. NULL, and one sentence: nothing has happened then. */
struct nfl_reload *nfl_reload_new(const struct nfl_worker *first, char *err,
                                  size_t errlen);
/* The same values, and new objects where checks have taken backends out, or
 * put them in again. */
struct nfl_reload *nfl_reload_again(const struct nfl_worker *first, char *err,
                                    size_t errlen);
/* From now on the workers take it, and own it. */
void nfl_reload_publish(struct nfl_worker *first, struct nfl_reload *r);
/* True if all workers have what was published last, and what it replaced is
 * freed. Not while nfl_reload_new is at work. */
bool nfl_reload_settled(struct nfl_worker *first);
/* A set that was not published; NULL is fine. */
void nfl_reload_discard(const struct nfl_worker *first, struct nfl_reload *r);
/* At the end, when no worker runs: all of it but the objects in use. */
void nfl_reload_free(struct nfl_worker *first);

void nfl_reload_apply(struct nfl_worker *w, struct nfl_reload *r);

/* By each worker between bursts: two loads if there is nothing new. */
static inline void nfl_reload_take(struct nfl_worker *w)
{
    struct nfl_reload *r =
        atomic_load_explicit(&w->configs->reload, memory_order_acquire);

    if (r != w->reload)
        nfl_reload_apply(w, r);
}

#endif
