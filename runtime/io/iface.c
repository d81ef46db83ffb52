#include "io/iface.h"
#include "ctl/say.h"
#include "io/port.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- opening ---- */

static bool ask(const struct nfl_iface *i, unsigned long what, struct ifreq *r)
{
    memset(r, 0, sizeof(*r));
    strncpy(r->ifr_name, i->name, IFNAMSIZ - 1);
    return ioctl(i->fd, what, r) == 0;
}

/* "eth0, lo" */
static void interfaces(char *buf, size_t len)
{
    struct if_nameindex *all = if_nameindex();
    size_t at = 0;
    unsigned i;

    buf[0] = '\0';
    for (i = 0; all && all[i].if_name && at < len; i++)
        at += (size_t)snprintf(buf + at, len - at, "%s%s", i ? ", " : "",
                               all[i].if_name);
    if (all)
        if_freenameindex(all);
}

static bool no_interface(const struct nfl_port_spec *spec)
{
    char names[256];

    interfaces(names, sizeof(names));
    nfl_error("port %s: there is no interface '%s'; there are %s", spec->name,
              spec->arg, names);
    return false;
}

static bool no_socket(const struct nfl_port_spec *spec)
{
    if (errno == EPERM || errno == EACCES)
        nfl_error("port %s: no permission to use interface %s; run as root, "
                  "or give the program the right with: "
                  "setcap cap_net_raw+ep PROGRAM",
                  spec->name, spec->arg);
    else
        nfl_error("port %s: cannot open interface %s: %s", spec->name,
                  spec->arg, strerror(errno));
    return false;
}

static bool check_type(const struct nfl_iface *i,
                       const struct nfl_port_spec *spec)
{
    struct ifreq r;

    if (!ask(i, SIOCGIFHWADDR, &r) || r.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
        r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK)
        return true;
    nfl_error("port %s: interface %s carries no Ethernet frames", spec->name,
              spec->arg);
    return false;
}

static void check_mtu(struct nfl_iface *i, struct nfl_port_spec *spec)
{
    struct ifreq r;

    i->mtu = ask(i, SIOCGIFMTU, &r) && r.ifr_mtu > 0 ? (unsigned)r.ifr_mtu
                                                     : ETH_DATA_LEN;
    if (spec->mtu == 0)
        spec->mtu = i->mtu;
    if (spec->mtu < i->mtu)
        i->mtu = spec->mtu;
    else if (spec->mtu > i->mtu)
        nfl_error("port %s: mtu=%u is more than interface %s has; "
                  "mend it with: ip link set %s mtu %u",
                  spec->name, spec->mtu, i->name, i->name, spec->mtu);
}

static bool watch(struct nfl_port *p)
{
    struct nfl_iface *i = &p->iface;
    const char *port = p->spec->name;
    struct ifreq r;
    bool up;

    if (!ask(i, SIOCGIFFLAGS, &r)) {
        nfl_error("port %s: interface %s is gone", port, i->name);
        return false;
    }
    up = r.ifr_flags & IFF_UP && r.ifr_flags & IFF_RUNNING;
    if (up != i->up) {
        if (up)
            nfl_error("port %s: interface %s is up", port, i->name);
        else if (r.ifr_flags & IFF_UP)
            nfl_error("port %s: interface %s has no carrier; is its peer up?",
                      port, i->name);
        else
            nfl_error("port %s: interface %s is down; mend it with: "
                      "ip link set %s up",
                      port, i->name, i->name);
    }
    i->up = up;
    return true;
}

/* Frames for others are to be seen as well. The kernel forgets it with the
 * socket, however the program ends. */
static void be_promiscuous(const struct nfl_iface *i)
{
    struct packet_mreq m;

    memset(&m, 0, sizeof(m));
    m.mr_ifindex = (int)if_nametoindex(i->name);
    m.mr_type = PACKET_MR_PROMISC;
    if (setsockopt(i->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)) !=
        0)
        nfl_error("interface %s cannot be made promiscuous: %s; frames to "
                  "other addresses do not arrive",
                  i->name, strerror(errno));
}

static bool check(struct nfl_port *p)
{
    struct nfl_port_spec *spec = p->spec;
    struct nfl_iface *i = &p->iface;

    i->name = spec->arg;
    i->up = true;
    i->fd = -1;
    if (if_nametoindex(i->name) == 0)
        return no_interface(spec);
    i->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (i->fd < 0)
        return no_socket(spec);
    if (!check_type(i, spec))
        return false;
    check_mtu(i, spec);
    be_promiscuous(i);
    return watch(p);
}

static bool open_queues(struct nfl_io *io, struct nfl_port *p, uint16_t queues)
{
    (void)queues;
    p->pool = io->pool;
    p->n_rxq = p->n_txq = 1;
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
    .watch = watch,
    .lost = lost,
};
