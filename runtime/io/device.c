/* Ports that are devices of DPDK: virtual ones, AF_XDP, and PCI. */
#include "io/device.h"
#include "ctl/eal.h"
#include "ctl/say.h"
#include "io/devargs.h"
#include "io/pool.h"
#include <errno.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <string.h>
#include <unistd.h>

enum { XDP_RING = 2048, XDP_SPARE = 2047 };

static bool is_xdp(const struct rte_eth_dev_info *info)
{
    return strcmp(info->driver_name, "net_af_xdp") == 0;
}

static bool check(struct nfl_port *p)
{
    if (p->spec->kind == NFL_PORT_XDP)
        return nfl_xdp_check(p);
    if (p->spec->mtu == 0)
        p->spec->mtu = RTE_ETHER_MTU;
    return true;
}

/* ---- opening ---- */

static bool failed(const struct nfl_port *p, const char *what)
{
    const char *why = nfl_eal_complaint();

    nfl_error("port %s: cannot %s %s%s%s", p->spec->name, what, p->spec->arg,
              why ? ": " : "", why ? why : "");
    return false;
}

/* PCI devices are there since the EAL started, if a driver took them. */
static bool probe(struct nfl_port *p)
{
    struct nfl_devargs d;

    if (!nfl_devargs_of(p, &d))
        return false;
    p->open = rte_eth_dev_get_port_by_name(d.name, &p->device) == 0;
    if (p->open && p->spec->kind == NFL_PORT_PCI)
        return true;
    if (p->open) {
        p->open = false; /* another port has to close it */
        nfl_error("port %s: device %s is in use already; give each device a "
                  "name of its own, as net_null0 and net_null1",
                  p->spec->name, d.name);
        return false;
    }
    if (rte_eal_hotplug_add(d.bus, d.name, d.args) != 0 ||
        rte_eth_dev_get_port_by_name(d.name, &p->device) != 0)
        return failed(p, "open device");
    p->open = true;
    return true;
}

/* The kernel gets at most a page for a frame. Buffers that it still has when
 * the device is closed do not come back; they go with the pool. */
static bool xdp_pool(struct nfl_port *p)
{
    char name[32];
    uint32_t room;

    if (p->spec->mtu > NFL_XDP_MTU)
        p->spec->mtu = NFL_XDP_MTU;
    p->frame_max = nfl_port_frame_max(p->spec);
    room = RTE_MAX(p->frame_max, RTE_MBUF_DEFAULT_DATAROOM) + NFL_XDP_ROOM;
    p->kept = p->n_rxq * 2u * XDP_RING;
    snprintf(name, sizeof(name), "xdp-%u", p->device);
    p->pool = p->own_pool = nfl_pool_new(name, p->kept + XDP_SPARE, room);
    return p->pool != NULL;
}

/* Some drivers of software say they know no MTU, or a wrong limit, and carry
 * what they are given. */
static bool set_mtu(struct nfl_port *p, const struct rte_eth_dev_info *info)
{
    int r;

    if (p->spec->mtu == RTE_ETHER_MTU || is_xdp(info))
        return true;
    r = rte_eth_dev_set_mtu(p->device, (uint16_t)p->spec->mtu);
    if (r == 0 || r == -ENOTSUP)
        return true;
    nfl_error("port %s: device %s takes no mtu=%u", p->spec->name, p->spec->arg,
              p->spec->mtu);
    return false;
}

static bool set_up_queues(struct nfl_port *p, uint16_t rx, uint16_t tx)
{
    unsigned socket = (unsigned)rte_eth_dev_socket_id(p->device);
    uint16_t i;

    for (i = 0; i < p->n_rxq; i++)
        if (rte_eth_rx_queue_setup(p->device, i, rx, socket, NULL, p->pool) !=
            0)
            return false;
    for (i = 0; i < p->n_txq; i++)
        if (rte_eth_tx_queue_setup(p->device, i, tx, socket, NULL) != 0)
            return false;
    return true;
}

/* Flows are spread over several queues by a hash of their addresses and
 * ports, as far as the device can. */
static void spread(struct nfl_port *p, const struct rte_eth_dev_info *info,
                   struct rte_eth_conf *conf)
{
    uint64_t hashes = RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;

    hashes &= info->flow_type_rss_offloads;
    if (p->n_rxq < 2 || !hashes)
        return;
    conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    conf->rx_adv_conf.rss_conf.rss_hf = hashes;
}

static bool set_up(struct nfl_port *p, const struct rte_eth_dev_info *info)
{
    struct rte_eth_conf conf;
    uint16_t rx = is_xdp(info) ? XDP_RING : NFL_PORT_RING, tx = rx;

    memset(&conf, 0, sizeof(conf));
    conf.rxmode.offloads = info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_CHECKSUM;
    spread(p, info, &conf);
    if (rte_eth_dev_configure(p->device, p->n_rxq, p->n_txq, &conf) != 0 ||
        rte_eth_dev_adjust_nb_rx_tx_desc(p->device, &rx, &tx) != 0)
        return failed(p, "set up device");
    return set_mtu(p, info) &&
           (set_up_queues(p, rx, tx) || failed(p, "set up device"));
}

static bool run(struct nfl_port *p)
{
    if (rte_eth_dev_start(p->device) != 0)
        return failed(p, "start device");
    p->started = true;
    if (p->spec->kind == NFL_PORT_XDP)
        return true; /* the kernel forgets it only of a socket */
    if (p->spec->no_promisc)
        rte_eth_promiscuous_disable(p->device);
    else
        rte_eth_promiscuous_enable(p->device); /* not every device can be */
    return true;
}

/* An interface with several queues may get frames at each of them. */
static bool open_device(struct nfl_io *io, struct nfl_port *p, uint16_t queues)
{
    struct rte_eth_dev_info info;

    p->pool = io->pool;
    if (p->spec->kind == NFL_PORT_XDP)
        nfl_xdp_prepare(p);
    if (!probe(p))
        return false;
    if (rte_eth_dev_info_get(p->device, &info) != 0)
        return failed(p, "ask device");
    p->driver = info.driver_name;
    p->n_rxq = RTE_MIN(queues, info.max_rx_queues);
    p->n_txq = RTE_MIN(queues, info.max_tx_queues);
    if (is_xdp(&info)) {
        p->n_rxq = p->n_txq = info.max_rx_queues;
        if (!xdp_pool(p))
            return false;
    }
    if (!set_up(p, &info) || !run(p))
        return false;
    if (p->spec->kind == NFL_PORT_XDP)
        nfl_xdp_settle(p);
    return true;
}

/* Its link needs time to come up: the device runs since it was opened. */
static bool start(struct nfl_port *p)
{
    (void)p;
    return true;
}

/* ---- packets ---- */

static uint16_t rx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n)
{
    return rte_eth_rx_burst(p->device, queue, m, n);
}

static uint16_t tx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n)
{
    return rte_eth_tx_burst(p->device, queue, m, n);
}

static uint32_t tx_max(const struct nfl_port *p, const uint8_t *frame,
                       uint32_t len)
{
    if (p->spec->kind == NFL_PORT_XDP)
        return nfl_netif_frame_max(p->spec->mtu, frame, len);
    return p->frame_max;
}

/* ---- beside ---- */

static int waker(const struct nfl_port *p)
{
    (void)p;
    return -1;
}

/* The kernel takes frames for AF_XDP when it is asked, and not always all. */
static void flush(struct nfl_port *p)
{
    uint16_t i;

    for (i = 0; p->started && p->own_pool && i < p->n_txq; i++)
        rte_eth_tx_burst(p->device, i, NULL, 0);
}

static bool watch(struct nfl_port *p)
{
    struct rte_eth_link link;

    if (p->spec->kind == NFL_PORT_XDP)
        return nfl_netif_watch(p);
    memset(&link, 0, sizeof(link));
    if (rte_eth_link_get_nowait(p->device, &link) != 0)
        return true;
    if (link.link_status != p->up)
        nfl_error("port %s: the link of %s is %s", p->spec->name, p->spec->arg,
                  link.link_status ? "up" : "down");
    p->up = link.link_status;
    return true;
}

/* All that never got here. The driver for AF_XDP does not count where the
 * kernel finds its ring full; the interface does. */
static uint64_t all_lost(const struct nfl_port *p)
{
    struct nfl_netif_counts now;
    struct rte_eth_stats s;
    uint64_t n = 0;

    if (rte_eth_stats_get(p->device, &s) == 0)
        n = s.imissed;
    if (p->spec->kind == NFL_PORT_XDP && nfl_netif_count(p->spec->arg, &now))
        n = RTE_MAX(n, now.rx_dropped - p->counted.rx_dropped);
    return n;
}

static uint64_t lost(struct nfl_port *p)
{
    uint64_t before = p->missed, now = p->open ? all_lost(p) : 0;

    if (now < before)
        return 0;
    p->missed = now;
    return now - before;
}

/* Drivers count what they refused and we offered again among their errors,
 * but not among what they sent. */
static void losses(struct nfl_port *p, struct nfl_port_losses *l)
{
    struct nfl_netif_counts now;
    struct rte_eth_stats s;

    if (!p->open || rte_eth_stats_get(p->device, &s) != 0)
        return;
    l->rx_errors = s.ierrors + s.rx_nombuf;
    if (s.opackets > 0 && s.opackets < p->tx_packets)
        l->tx_lost = p->tx_packets - s.opackets;
    if (p->spec->kind != NFL_PORT_XDP)
        return;
    if (!nfl_netif_count(p->spec->arg, &now))
        return;
    l->tx_lost += (now.tx_dropped - p->counted.tx_dropped) +
                  (now.tx_errors - p->counted.tx_errors);
}

/* ---- closing ---- */

/* Packets that wait in a device of software, where one end feeds the other,
 * hold buffers. They were sent and never received; they do not count. */
static void drain(const struct nfl_port *p, uint16_t queue)
{
    struct rte_mbuf *m[NFL_BURST];
    unsigned rounds = 4096;
    uint16_t n;

    while (rounds-- > 0 &&
           (n = rte_eth_rx_burst(p->device, queue, m, NFL_BURST)) > 0)
        rte_pktmbuf_free_bulk(m, n);
}

static void close_device(struct nfl_port *p)
{
    uint16_t i;

    if (p->iface.fd >= 0)
        close(p->iface.fd);
    p->iface.fd = -1;
    if (!p->open)
        return;
    if (p->started) {
        for (i = 0; i < p->n_txq; i++)
            rte_eth_tx_done_cleanup(p->device, i, 0);
        for (i = 0; i < p->n_rxq; i++)
            drain(p, i);
        rte_eth_dev_stop(p->device);
    }
    rte_eth_dev_close(p->device);
    p->open = p->started = false;
}

const struct nfl_port_ops nfl_device_ops = {
    .check = check,
    .open = open_device,
    .start = start,
    .close = close_device,
    .rx = rx,
    .tx = tx,
    .tx_max = tx_max,
    .waker = waker,
    .flush = flush,
    .watch = watch,
    .lost = lost,
    .losses = losses,
};
