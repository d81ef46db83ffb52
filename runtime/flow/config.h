/* Parameters of NFs as a worker has them. */
#ifndef NFL_FLOW_CONFIG_H
#define NFL_FLOW_CONFIG_H

#include <nfl/backend_text.h>
#include <nfl/session.h>
#include <stdatomic.h>

struct nfl_options;
struct nfl_change; /* flow/config.c */
struct nfl_reload; /* flow/reload.h */

/* Backends of an object that checks have taken out. */
struct nfl_down {
    unsigned chain;
    int object;
    struct nfl_backends set; /* addr, v6 and port count */
    bool changed;            /* the object does not know it yet */
};

struct nfl_configs {
    const struct nfl_module *module;
    const struct nfl_options *options;    /* or NULL */
    const struct nfl_param_desc **params; /* by chain */
    unsigned *n_params;
    struct nfl_param_table table;
    struct nfl_settings settings, changes; /* as they were at the start */
    void **blocks; /* by chain: the values at the start */
    struct nfl_change *change;
    unsigned n_changes;
    /* What a live run read last: NULL before it did. Workers take it from
     * here; the one before it lives until all of them have. */
    struct nfl_reload *_Atomic reload;
    struct nfl_reload *before;
    struct nfl_down *down; /* not while a set is being made */
    unsigned n_down;
};

/* Reads what was set, and gives each chain its values. o: NULL if there is
 * nothing to set; first: the worker that has them already. False and err on
 * failure; nfl_configs_free in any case. */
bool nfl_configs_new(struct nfl_worker *w, const struct nfl_worker *first,
                     const struct nfl_module *m, const struct nfl_options *o,
                     char *err, size_t errlen);
/* Makes all that the changes need; the chains have their objects. */
bool nfl_configs_prepare(struct nfl_worker *w, struct nfl_setup *setup,
                         const struct nfl_options *o, char *err, size_t errlen);
/* Applies the changes that are due, w->now being not less than w->change_at. No
 * allocation. */
void nfl_configs_change(struct nfl_worker *w);
void nfl_configs_free(struct nfl_worker *w);

/* A worker goes on with another object i, which inherits what the one before
 * kept in the worker's shards. */
void nfl_config_object(const struct nfl_worker *w, struct nfl_chain *c,
                       unsigned i, void *made);

/* Puts a value where the block has it. */
void nfl_config_set(void *block, const struct nfl_setting *s);
/* malloc'ed, or NULL. */
void *nfl_config_copy(const void *block, size_t bytes);

#endif
