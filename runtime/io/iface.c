#include "io/iface.h"
#include "ctl/say.h"
#include "io/port.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- opening ---- */

static bool no_socket(const struct nfl_port_spec *spec)
{
    if (errno == EPERM || errno == EACCES)
        nfl_error("port %s: no permission to use interface %s; run as root, "
                  "or give the program the right with: "
                  "setcap cap_net_raw+ep PROGRAM (one that `nflc build` made)",
                  spec->name, spec->arg);
    else
        nfl_error("port %s: cannot open interface %s: %s", spec->name,
                  spec->arg, strerror(errno));
    return false;
}

static void check_mtu(struct nfl_iface *i, struct nfl_port_spec *spec)
{
    i->mtu = nfl_netif_mtu(spec->arg);
    if (spec->mtu == 0)
        spec->mtu = i->mtu;
    if (spec->mtu < i->mtu)
        i->mtu = spec->mtu;
    else if (spec->mtu > i->mtu)
        nfl_error("port %s: mtu=%u is more than interface %s has; "
                  "mend it with: ip link set %s mtu %u",
                  spec->name, spec->mtu, spec->arg, spec->arg, spec->mtu);
}

static bool check(struct nfl_port *p)
{
    struct nfl_iface *i = &p->iface;

    if (!nfl_netif_check(p))
        return false;
    i->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (i->fd < 0)
        return no_socket(p->spec);
    check_mtu(i, p->spec);
    if (!p->spec->no_promisc)
        nfl_netif_be_promiscuous(i->fd, p->spec->arg);
    return true;
}

static bool open_queues(struct nfl_io *io, struct nfl_port *p, uint16_t queues)
{
    (void)queues;
    p->pool = io->pool;
    p->n_rxq = p->n_txq = 1;
    nfl_netif_count(p->spec->arg, &p->counted);
    return true;
}

static void close_port(struct nfl_port *p)
{
    struct nfl_iface *i = &p->iface;

    if (i->map)
        munmap(i->map, i->map_len);
    if (i->fd >= 0)
        close(i->fd);
    i->map = NULL;
    i->fd = -1;
}

/* ---- while it runs ---- */

static int waker(const struct nfl_port *p)
{
    return p->iface.unsent ? -1 : p->iface.fd;
}

static uint64_t lost(struct nfl_port *p)
{
    struct tpacket_stats s = {0};
    socklen_t len = sizeof(s);

    if (getsockopt(p->iface.fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) != 0)
        return 0;
    return s.tp_drops;
}

static void losses(struct nfl_port *p, struct nfl_port_losses *l)
{
    struct nfl_netif_counts now;

    if (!nfl_netif_count(p->spec->arg, &now))
        return;
    l->rx_errors = now.rx_errors - p->counted.rx_errors;
    l->tx_lost = (now.tx_dropped - p->counted.tx_dropped) +
                 (now.tx_errors - p->counted.tx_errors);
}

const struct nfl_port_ops nfl_iface_ops = {
    .check = check,
    .open = open_queues,
    .start = nfl_iface_start,
    .close = close_port,
    .rx = nfl_iface_rx,
    .tx = nfl_iface_tx,
    .tx_max = nfl_iface_tx_max,
    .waker = waker,
    .flush = nfl_iface_flush,
    .watch = nfl_netif_watch,
    .lost = lost,
    .losses = losses,
};
