/* One line that sets a parameter. */
#ifndef NFL_CORE_CONFIG_TEXT_H
#define NFL_CORE_CONFIG_TEXT_H

#include <nfl/config.h>

/* CHAIN.NF.PARAM = VALUE; blanks do not matter. *to is zeroed by the caller;
 * to->str is malloc'ed. False, and one sentence. */
bool nfl_setting_parse(struct nfl_setting *to, const struct nfl_param_table *t,
                       const char *text, char *err, size_t errlen);

/* A number or an address, or a range of them, as the language writes it. NULL,
 * or what should be written. */
const char *nfl_value_parse(const struct nfl_param_desc *p, const char *text,
                            struct nfl_setting *to);

#endif
