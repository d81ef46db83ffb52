/* What the compiler says of a CPU, kept in the cache: it takes longer to ask
 * than all that nflc does itself. */
#ifndef TOOL_PROBE_H
#define TOOL_PROBE_H

#include "tool/cache.h"
#include "tool/cpu.h"

/* cpu_find(), or what it said when the compiler, and for "native" the machine,
 * was the same. */
int probe_cpu(struct cpu *c, struct arena *a, const char *cc,
              const char *wanted, struct cache *cache);

#endif
