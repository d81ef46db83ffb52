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
    int fd; /* -1: not open; promiscuous while it is */
    const char *name;
    unsigned mtu; /* of the interface, or less if the spec says so */
    bool up;      /* was it at the last look? */
    void *map;
    size_t map_len;
    struct nfl_ring rx, tx;
    bool unsent; /* the kernel has yet to take some of what is in tx */
};

/* ---- before the EAL ---- */

/* Opens, and fills in the MTU of the spec if that is 0. Prints what is wrong:
 * no such interface, no permission, no Ethernet. */
bool nfl_iface_open(struct nfl_iface *i, struct nfl_port_spec *spec);
void nfl_iface_close(struct nfl_iface *i);

/* From now on frames arrive. */
bool nfl_iface_start(struct nfl_iface *i, const char *port, uint32_t frame_max);

/* ---- packets ---- */

/* As rte_eth_rx_burst. A frame longer than frame_max may be cut: its pkt_len
 * is what it was. A checksum that the sender left to its hardware is told by
 * RTE_MBUF_F_RX_L4_CKSUM_NONE. */
uint16_t nfl_iface_rx(struct nfl_iface *i, struct rte_mempool *pool,
                      struct rte_mbuf **m, uint16_t n);
/* As rte_eth_tx_burst, for buffers of one segment. */
uint16_t nfl_iface_tx(struct nfl_iface *i, struct rte_mbuf **m, uint16_t n);
/* The longest frame that the kernel sends: it counts one VLAN tag apart. */
uint32_t nfl_iface_tx_max(const struct nfl_iface *i, const uint8_t *frame,
                          uint32_t len);
/* Waits until the kernel has taken all that was sent, but not long. */
void nfl_iface_flush(struct nfl_iface *i);

/* ---- beside ---- */

/* Looks whether the interface is up, and says so when that changed. False if
 * it is gone. */
bool nfl_iface_watch(struct nfl_iface *i, const char *port);
/* Frames since the last call for which the kernel found no free slot. */
uint64_t nfl_iface_lost(struct nfl_iface *i);

#endif
