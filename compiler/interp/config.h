/* Parameters that are set from outside, and changes of them. */
#ifndef NFL_INTERP_CONFIG_H
#define NFL_INTERP_CONFIG_H

#include <nfl/config.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct type;
struct world;

/* Sets what the options say in the stations' parameters, before objects are
 * made. False and w->err on failure. */
bool config_start(struct world *w);
/* Reads the changes, and makes the objects that they need. */
bool config_changes(struct world *w);
/* Applies those that are due at w->now. */
void config_apply(struct world *w);
void config_free(struct world *w);

/* How a value of the type is read from text. */
enum nfl_param_kind config_kind(const struct type *t);
const struct nfl_word_desc *config_words(struct arena *a, const struct type *t);

#endif
