/* A run of a compiled program on captures, without DPDK. */
#ifndef HEAP_RUN_H
#define HEAP_RUN_H

#include <nfl/module.h>

/* argv: as of a program, see nfl/options.h. Returns the exit status: 0 if all
 * went well, 1 if not, 2 after a usage error. Runs of several modules may
 * follow one another. */
int nfl_heap_run(const struct nfl_module *module, int argc, char **argv);

#endif
