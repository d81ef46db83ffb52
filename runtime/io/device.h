/* Live ports: network interfaces, and virtual devices of DPDK. */
#ifndef NFL_IO_DEVICE_H
#define NFL_IO_DEVICE_H

#include "io/port.h"

/* What can be told before the EAL starts. */
bool nfl_device_check(struct nfl_port *p);
bool nfl_devices_open(struct nfl_io *io);
/* When the chains are ready: frames arrive from now on. */
bool nfl_ifaces_start(struct nfl_io *io);
void nfl_devices_close(struct nfl_io *io);
void nfl_live_run(struct nfl_io *io);

#endif
