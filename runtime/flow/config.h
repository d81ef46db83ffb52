/* Parameters of NFs as a worker has them. */
#ifndef NFL_FLOW_CONFIG_H
#define NFL_FLOW_CONFIG_H

#include <nfl/session.h>

struct nfl_options;

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

#endif
