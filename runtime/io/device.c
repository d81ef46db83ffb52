#include "io/device.h"
#include "ctl/eal.h"
#include "ctl/say.h"
#include "io/pool.h"
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE = 512 };

static bool check(struct nfl_port *p)
{
    (void)p;
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

static bool probe(struct nfl_port *p)
{
    char args[512], *comma;

    snprintf(args, sizeof(args), "%s", p->spec->arg);
    comma = strchr(args, ',');
    if (comma)
        *comma = '\0';
    if (rte_eth_dev_get_port_by_name(args, &p->device) == 0) {
        nfl_error("port %s: device %s is in use already; give each device a "
                  "name of its own, as net_null0 and net_null1",
                  p->spec->name, args);
        return false;
    }
    if (rte_eal_hotplug_add("vdev", args, comma ? comma + 1 : "") != 0 ||
        rte_eth_dev_get_port_by_name(args, &p->device) != 0)
        return failed(p, "open device");
    p->open = true;
    return true;
}

static bool set_up_queues(struct nfl_port *p, uint16_t rx, uint16_t tx,
                          unsigned socket)
{
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

static bool set_up(struct nfl_port *p)
{
    struct rte_eth_conf conf;
    uint16_t rx = QUEUE, tx = QUEUE;
    unsigned socket = (unsigned)rte_eth_dev_socket_id(p->device);

    memset(&conf, 0, sizeof(conf));
    return rte_eth_dev_configure(p->device, p->n_rxq, p->n_txq, &conf) == 0 &&
           rte_eth_dev_adjust_nb_rx_tx_desc(p->device, &rx, &tx) == 0 &&
           set_up_queues(p, rx, tx, socket);
}

static bool open_device(struct nfl_io *io, struct nfl_port *p, uint16_t queues)
{
    struct rte_eth_dev_info info;

    p->pool = io->pool;
    if (!probe(p))
        return false;
    if (rte_eth_dev_info_get(p->device, &info) != 0)
        return failed(p, "ask device");
    p->n_rxq = RTE_MIN(queues, info.max_rx_queues);
    p->n_txq = RTE_MIN(queues, info.max_tx_queues);
    if (!set_up(p))
        return failed(p, "set up device");
    if (rte_eth_dev_start(p->device) != 0)
        return failed(p, "start device");
    rte_eth_promiscuous_enable(p->device); /* not every device can be */
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
    (void)frame;
    (void)len;
    return p->frame_max;
}

/* ---- beside ---- */

static int waker(const struct nfl_port *p)
{
    (void)p;
    return -1;
}

static void flush(struct nfl_port *p)
{
    (void)p;
}

static bool watch(struct nfl_port *p)
{
    (void)p;
    return true;
}

static uint64_t lost(struct nfl_port *p)
{
    (void)p;
    return 0;
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

    if (!p->open)
        return;
    for (i = 0; i < p->n_txq; i++)
        rte_eth_tx_done_cleanup(p->device, i, 0);
    for (i = 0; i < p->n_rxq; i++)
        drain(p, i);
    rte_eth_dev_stop(p->device);
    rte_eth_dev_close(p->device);
    p->open = false;
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
};
