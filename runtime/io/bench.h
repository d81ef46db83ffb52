/* --bench: the captures are replayed from memory, and the clock is looked at
 * around each burst. */
#ifndef NFL_IO_BENCH_H
#define NFL_IO_BENCH_H

#include "io/port.h"

/* Between start and stop of the EAL: reads the captures, and makes buffers for
 * what they hold. Prints what is wrong. */
bool nfl_bench_open(struct nfl_io *io);
/* All rounds; sets io->failed if it is broken off. */
void nfl_bench_run(struct nfl_io *io);
/* The figures, to stdout. */
void nfl_bench_print(const struct nfl_io *io);
void nfl_bench_free(struct nfl_io *io);

#endif
