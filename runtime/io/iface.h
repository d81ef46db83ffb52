/* Network interfaces of the machine as ports, through a packet socket with
 * rings that are shared with the kernel (packet(7), packet_mmap).
 *
 * Not through DPDK's af_packet driver: that one has the kernel put fragments
 * together (PACKET_FANOUT_FLAG_DEFRAG), cuts long frames without a word, and
 * does not tell which checksums are still to be filled in. */
#ifndef NFL_IO_IFACE_H
#define NFL_IO_IFACE_H

#include <nfl/options.h>
#include <rte_mbuf.h>

struct nfl_ring {
    uint8_t *base;
    unsigned frame;  /* bytes of a slot */
    unsigned frames; /* slots */
    unsigned at;     /* the next one */
};

struct nfl_iface {
    int fd;       /* -1: not open; promiscuous while it is */
    unsigned mtu; /* of the interface, or less if the spec says so */
    void *map;
    size_t map_len;
    struct nfl_ring rx, tx;
    bool unsent; /* the kernel has yet to take some of what is in tx */
};

/* ---- ring.c; see struct nfl_port_ops ---- */

struct nfl_port;

bool nfl_iface_start(struct nfl_port *p);
uint16_t nfl_iface_rx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                      uint16_t n);
uint16_t nfl_iface_tx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                      uint16_t n);
uint32_t nfl_iface_tx_max(const struct nfl_port *p, const uint8_t *frame,
                          uint32_t len);
void nfl_iface_flush(struct nfl_port *p);

#endif
