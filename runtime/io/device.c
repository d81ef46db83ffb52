#include "io/device.h"
#include "ctl/eal.h"
#include "ctl/say.h"
#include "io/pool.h"
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE = 512, BUFFERS = 8191, BUFFERS_BIG = 1023, BIG = 4096 };

/* ---- before the EAL ---- */

bool nfl_device_check(struct nfl_port *p)
{
    const uint32_t most = NFL_FRAME_MAX - RTE_PKTMBUF_HEADROOM;
    bool iface = p->spec->kind == NFL_PORT_IFACE;

    if (iface && !nfl_iface_open(&p->iface, p->spec))
        return false;
    p->frame_max = nfl_port_frame_max(p->spec);
    if (p->frame_max > most)
        p->frame_max = most;
    return true;
}

/* ---- opening ---- */

static uint32_t buffer_room(const struct nfl_io *io)
{
    uint32_t room = RTE_MBUF_DEFAULT_DATAROOM;
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].frame_max > room)
            room = io->ports[i].frame_max;
    return room;
}

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

static bool start(struct nfl_io *io, struct nfl_port *p)
{
    struct rte_eth_conf conf;
    uint16_t rx = QUEUE, tx = QUEUE;
    int socket = rte_eth_dev_socket_id(p->device);

    memset(&conf, 0, sizeof(conf));
    if (rte_eth_dev_configure(p->device, 1, 1, &conf) != 0 ||
        rte_eth_dev_adjust_nb_rx_tx_desc(p->device, &rx, &tx) != 0 ||
        rte_eth_rx_queue_setup(p->device, 0, rx, (unsigned)socket, NULL,
                               io->pool) != 0 ||
        rte_eth_tx_queue_setup(p->device, 0, tx, (unsigned)socket, NULL) != 0)
        return failed(p, "set up device");
    if (rte_eth_dev_start(p->device) != 0)
        return failed(p, "start device");
    rte_eth_promiscuous_enable(p->device); /* not every device can be */
    return true;
}

/* Interfaces last: from then on they receive. */
bool nfl_devices_open(struct nfl_io *io)
{
    uint32_t room = buffer_room(io);
    unsigned i;

    io->pool = nfl_pool_new(room > BIG ? BUFFERS_BIG : BUFFERS, room);
    if (!io->pool)
        return false;
    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (p->spec->kind == NFL_PORT_VDEV && !(probe(p) && start(io, p)))
            return false;
    }
    return true;
}

bool nfl_ifaces_start(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (p->spec->kind == NFL_PORT_IFACE &&
            !nfl_iface_start(&p->iface, p->spec->name, p->frame_max))
            return false;
    }
    return true;
}

/* ---- closing ---- */

/* Packets that wait in a device of software, where one end feeds the other,
 * hold buffers. They were sent and never received; they do not count. */
static void drain(const struct nfl_port *p)
{
    struct rte_mbuf *m[NFL_BURST];
    unsigned rounds = 4096;
    uint16_t n;

    while (rounds-- > 0 &&
           (n = rte_eth_rx_burst(p->device, 0, m, NFL_BURST)) > 0)
        rte_pktmbuf_free_bulk(m, n);
}

void nfl_devices_close(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (!p->open)
            continue;
        rte_eth_tx_done_cleanup(p->device, 0, 0);
        drain(p);
        rte_eth_dev_stop(p->device);
        rte_eth_dev_close(p->device);
        p->open = false;
    }
}
