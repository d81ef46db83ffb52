/* The parts of the command line that have a grammar of their own. */
#ifndef NFL_CORE_OPTARGS_H
#define NFL_CORE_OPTARGS_H

#include <nfl/options.h>
#include <stdio.h>

/* Parses the argument of --port into the spec it names. False, and one
 * sentence, if it is wrong. */
bool nfl_port_parse(struct nfl_options *o, const char *arg, bool allow_live,
                    char *err, size_t errlen);
/* "lan, wan" */
const char *nfl_port_names(const struct nfl_options *o, char *buf, size_t len);

/* Adds the words of text to list[n], as a shell would split them: blanks
 * separate, '' and "" and \ quote. */
bool nfl_words_split(const char *text, char ***list, unsigned *n, char *err,
                     size_t errlen);

/* The argument of --cores: a number, or a list of CPUs such as 1,3 or 4-7. */
bool nfl_cores_parse(struct nfl_options *o, const char *arg, char *err,
                     size_t errlen);

/* The argument of --health. */
bool nfl_health_parse(struct nfl_options *o, const char *arg, bool allow_live,
                      char *err, size_t errlen);
/* Of --health-every and --health-deadline (seconds), -rise and -fall. */
bool nfl_health_number(const char *option, const char *arg, bool seconds,
                       unsigned *to, char *err, size_t errlen);
void nfl_health_defaults(struct nfl_options *o);
void nfl_health_specs_free(struct nfl_options *o);

/* A number of any base that C knows, within bounds. */
bool nfl_number_parse(const char *text, uint64_t min, uint64_t max,
                      uint64_t *v);

void nfl_help_print(FILE *to, const char *program, const struct nfl_options *o,
                    bool allow_live);

#endif
