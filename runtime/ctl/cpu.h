/* Does this machine have the instruction sets that a module was built for? */
#ifndef NFL_CTL_CPU_H
#define NFL_CTL_CPU_H

#include <stdbool.h>

/* `features` are names separated by blanks. The first that is missing is put
 * into `missing`. All that runs before must be built for the baseline CPU. */
bool nfl_cpu_has(const char *features, char *missing, unsigned long len);

#endif
