/* Does this machine, and this runtime, fit what a module was built for? */
#ifndef NFL_CORE_FIT_H
#define NFL_CORE_FIT_H

#include <nfl/module.h>
#include <stdbool.h>
#include <stddef.h>

/* The first thing a compiled program asks: code of the module may use what
 * this CPU lacks. All that runs before is built for the baseline CPU. False
 * after one sentence into `err`. */
bool nfl_module_fits(const struct nfl_module *m, char *err, size_t errlen);

/* What the runtime, and the DPDK of Debian, are built for. */
bool nfl_cpu_is_enough(char *missing, size_t len);

/* `features` are names separated by blanks. The first that is missing is put
 * into `missing`. */
bool nfl_cpu_has(const char *features, char *missing, size_t len);

#endif
