/* The ports of a run: captures offline, DPDK devices live. */
#ifndef NFL_IO_PORT_H
#define NFL_IO_PORT_H

#include "io/iface.h"
#include "io/netif.h"
#include <nfl/capture.h>
#include <nfl/options.h>
#include <nfl/session.h>
#include <rte_mbuf.h>

struct nfl_io;
struct nfl_port;

/* Descriptors of a queue. */
enum { NFL_PORT_RING = 512 };

struct nfl_port_losses {
    uint64_t rx_errors; /* damaged, or no buffer: they never got here */
    uint64_t tx_lost;   /* counted as sent, but the device dropped them */
};

/* What a kind of live port does. Queues are numbered from 0; one is used by
 * one thread at a time, and different ones by different threads. The rest is
 * the main thread's. */
struct nfl_port_ops {
    /* Before the EAL: what can be told by then. Prints what is wrong. */
    bool (*check)(struct nfl_port *p);
    /* Opens the device; uses at most `queues` of either direction, and sets
     * n_rxq and n_txq. All rx queues have to be polled. Prints. */
    bool (*open)(struct nfl_io *io, struct nfl_port *p, uint16_t queues);
    /* From now on frames arrive. Prints. */
    bool (*start)(struct nfl_port *p);
    void (*close)(struct nfl_port *p);

    /* As rte_eth_rx_burst. Frames may be longer than frame_max, and have
     * several segments; one of which only a part is there is told by a pkt_len
     * beyond frame_max. RTE_MBUF_F_RX_L4_CKSUM_NONE: the sender left the
     * checksum to its hardware, and it is not filled in. */
    uint16_t (*rx)(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n);
    /* As rte_eth_tx_burst, for buffers of one segment. */
    uint16_t (*tx)(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n);
    /* The longest frame that leaves; some links count a VLAN tag apart. */
    uint32_t (*tx_max)(const struct nfl_port *p, const uint8_t *frame,
                       uint32_t len);

    /* A descriptor that becomes readable when frames arrive, or -1: none, or
     * not now, since there is work to come back for. */
    int (*waker)(const struct nfl_port *p);
    /* Waits until what was sent is on its way, but not long. */
    void (*flush)(struct nfl_port *p);
    /* Once a second: tells when the link goes up or down. False, after a
     * line, if the port is gone. */
    bool (*watch)(struct nfl_port *p);
    /* Frames lost since the last call because nobody fetched them in time. */
    uint64_t (*lost)(struct nfl_port *p);
    /* What else got lost since the start, as far as it is known; l is 0. */
    void (*losses)(struct nfl_port *p, struct nfl_port_losses *l);
};

struct nfl_port {
    struct nfl_port_spec *spec;
    const struct nfl_port_ops *ops; /* live ports */
    uint16_t n_rxq, n_txq;          /* live ports, once open: at least 1 */
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
    uint32_t frame_max; /* longer frames are `oversize` */

    struct nfl_capture_out *out; /* captures: NULL if nothing is written */
    bool unwritten;              /* it could not be */

    struct rte_mempool *pool;        /* live: for what arrives here */
    bool up;                         /* was its link up at the last look? */
    uint64_t rx_lost;                /* among rx_packets: the sum of lost() */
    struct nfl_port_losses losses;   /* in the end */
    struct nfl_netif_counts counted; /* of its interface, at the start */
    struct nfl_iface iface;          /* packet sockets; of TAP only the fd */
    uint16_t device;                 /* DPDK's number of it */
    bool open, started;
    const char *driver;           /* DPDK's name of it; NULL: the kernel */
    struct rte_mempool *own_pool; /* or NULL */
    unsigned kept; /* buffers of it that the driver never gives back, at most */
    uint64_t missed;   /* by the device, at the last look */
    bool told_offload; /* one warning is enough */
    uint64_t partial;  /* checksums that were left to be filled in */
    uint64_t bad_sums; /* packets with one that the device found wrong */
};

/* All that a run works on. */
struct nfl_io {
    const struct nfl_module *module;
    struct nfl_options *options;
    struct nfl_workers workers;
    struct nfl_worker
        *worker;             /* the first; of several, not the main thread's */
    FILE *trace;             /* of all; NULL unless asked for */
    struct nfl_port *ports;  /* as many as the module has */
    struct nfl_merge *merge; /* offline */
    struct nfl_inlet *inlet; /* offline; NULL: none is needed */
    struct nfl_bench *bench; /* --bench */
    struct rte_mempool *pool;
    bool any;             /* a packet was received */
    uint64_t first, last; /* time of the first packet; the latest time */
    bool failed;          /* part of the input or output was lost */
    bool aborted;         /* the outputs are not worth keeping */
};

/* ---- before the EAL starts: all that people may have got wrong ---- */

/* Each prints what is wrong. */
bool nfl_io_init(struct nfl_io *io, const struct nfl_module *m,
                 struct nfl_options *o);
/* Closes the captures; what was written appears unless the run was aborted. */
void nfl_io_finish(struct nfl_io *io);
/* Finishes and frees all, in any state. */
void nfl_io_fini(struct nfl_io *io);

/* ---- between start and stop of the EAL ---- */

bool nfl_io_open(struct nfl_io *io);
/* Runs to the end of the captures, or until a signal. */
void nfl_io_run(struct nfl_io *io);
/* Stops the devices. False, after a line, if a buffer did not come back. */
bool nfl_io_close(struct nfl_io *io);

/* ---- shared by the kinds ---- */

/* A packet has arrived: counts it. */
void nfl_port_count_rx(struct nfl_io *io, struct nfl_port *p, uint32_t len,
                       uint64_t time);
/* One burst through the chains. */
void nfl_io_burst(struct nfl_io *io, struct nfl_pkt *pkts, unsigned n);

#endif
