/* Live ports: all of them, and the kinds they are of. */
#ifndef NFL_IO_DEVICE_H
#define NFL_IO_DEVICE_H

#include "io/port.h"

/* What can be told before the EAL starts. */
bool nfl_live_check(struct nfl_io *io);
bool nfl_live_open(struct nfl_io *io);
/* When the chains are ready: frames arrive from now on. */
bool nfl_live_start(struct nfl_io *io);
void nfl_live_run(struct nfl_io *io);
/* False, after a line, if a buffer did not come back. */
bool nfl_live_close(struct nfl_io *io);

extern const struct nfl_port_ops nfl_iface_ops; /* packet sockets */
extern const struct nfl_port_ops nfl_tap_ops;
extern const struct nfl_port_ops nfl_device_ops; /* devices of DPDK */

#endif
