/* Captures as ports. */
#ifndef NFL_IO_OFFLINE_H
#define NFL_IO_OFFLINE_H

#include "io/port.h"

bool nfl_offline_init(struct nfl_io *io);
bool nfl_offline_open(struct nfl_io *io);
void nfl_offline_run(struct nfl_io *io);
void nfl_offline_fini(struct nfl_io *io);

#endif
