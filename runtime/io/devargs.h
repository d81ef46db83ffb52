/* What DPDK calls the device of a port, and what AF_XDP needs beside. */
#ifndef NFL_IO_DEVARGS_H
#define NFL_IO_DEVARGS_H

#include "io/port.h"

struct nfl_devargs {
    const char *bus; /* "vdev", "pci" */
    char name[64];
    char args[512];
};

/* False, after a line: it does not fit. */
bool nfl_devargs_of(const struct nfl_port *p, struct nfl_devargs *d);

/* The most that one page takes for AF_XDP, beside the headers of a buffer and
 * what the kernel wants in front of a frame. */
enum { NFL_XDP_ROOM = 256, NFL_XDP_MTU = 3434 };

/* For struct nfl_port_ops.check. */
bool nfl_xdp_check(struct nfl_port *p);
/* Before and after the device is opened. */
void nfl_xdp_prepare(struct nfl_port *p);
void nfl_xdp_settle(const struct nfl_port *p);

#endif
