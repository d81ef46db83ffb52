/* --stats: figures on stderr while the program runs. */
#ifndef NFL_CTL_LIVE_STATS_H
#define NFL_CTL_LIVE_STATS_H

#include "io/port.h"

/* Prints when it is time. Cheap enough to be called after each burst. */
void nfl_live_stats(const struct nfl_io *io);

#endif
