/* Network interfaces of the machine, asked before DPDK opens them. */
#ifndef NFL_IO_IFACE_H
#define NFL_IO_IFACE_H

#include <nfl/options.h>

struct nfl_iface {
    int fd; /* a packet socket that receives nothing; promiscuous while open */
    const char *name;
    unsigned mtu; /* of the interface, or less if the spec says so */
    bool up;      /* was it at the last look? */
};

/* Opens, and fills in the MTU of the spec if that is 0. Prints what is wrong:
 * no such interface, no permission, no Ethernet. */
bool nfl_iface_open(struct nfl_iface *i, struct nfl_port_spec *spec);
void nfl_iface_close(struct nfl_iface *i);

/* Looks whether the interface is up, and says so when that changed. False if
 * it is gone. */
bool nfl_iface_watch(struct nfl_iface *i, const char *port);

/* The longest frame that the kernel sends: it counts one VLAN tag apart. */
uint32_t nfl_iface_tx_max(const struct nfl_iface *i, const uint8_t *frame,
                          uint32_t len);

/* A slot of the ring must fit into a buffer. */
#define NFL_IFACE_FRAME_MAX 61000

/* Slots of the kernel's rings, so that a frame that is too long can be told
 * from one that just fits. */
struct nfl_ring_size {
    unsigned frame, block, frames;
};
struct nfl_ring_size nfl_iface_rings(uint32_t frame_max);

#endif
