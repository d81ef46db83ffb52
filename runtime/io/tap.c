/* tap:NAME, an interface of the kernel whose other end is this program
 * (kernel: Documentation/networking/tuntap.rst). It lives as long as the
 * program, unless it was there before (ip tuntap add).
 *
 * Not through DPDK's net_tap: that one carries no frames beyond 1,522 bytes,
 * and cannot wait for one. */
#include "ctl/say.h"
#include "io/device.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- opening ---- */

static bool refused(const struct nfl_port_spec *s, int why)
{
    char driver[32];

    nfl_netif_driver(s->arg, driver, sizeof(driver));
    if (why == EPERM || why == EACCES)
        nfl_error("port %s: interface %s is another user's; run as root, or "
                  "make it with: ip tuntap add %s mode tap user USER",
                  s->name, s->arg, s->arg);
    else if (why == EBUSY)
        nfl_error("port %s: interface %s is in use by another program", s->name,
                  s->arg);
    else if (if_nametoindex(s->arg) && strcmp(driver, "tun") != 0)
        nfl_error("port %s: interface %s is there, and no TAP; take another "
                  "name, or write iface:%s",
                  s->name, s->arg, s->arg);
    else
        nfl_error("port %s: cannot make interface %s: %s", s->name, s->arg,
                  strerror(why));
    return false;
}

static bool set_mtu(struct nfl_port_spec *s)
{
    struct ifreq r;

    if (s->mtu == 0 || s->mtu == nfl_netif_mtu(s->arg)) {
        s->mtu = nfl_netif_mtu(s->arg);
        return true;
    }
    memset(&r, 0, sizeof(r));
    r.ifr_mtu = (int)s->mtu;
    if (nfl_netif_ask(s->arg, SIOCSIFMTU, &r))
        return true;
    nfl_error("port %s: interface %s takes no mtu=%u: %s", s->name, s->arg,
              s->mtu, strerror(errno));
    return false;
}

static void bring_up(const char *name)
{
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    if (!nfl_netif_ask(name, SIOCGIFFLAGS, &r))
        return;
    r.ifr_flags |= IFF_UP;
    nfl_netif_ask(name, SIOCSIFFLAGS, &r);
}

static bool check(struct nfl_port *p)
{
    bool ours = if_nametoindex(p->spec->arg) == 0;
    struct ifreq r;

    p->iface.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (p->iface.fd < 0)
        return refused(p->spec, errno);
    memset(&r, 0, sizeof(r));
    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", p->spec->arg);
    r.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (ioctl(p->iface.fd, TUNSETIFF, &r) != 0)
        return refused(p->spec, errno);
    if (!set_mtu(p->spec))
        return false;
    if (ours)
        bring_up(p->spec->arg);
    return true;
}

static bool open_queues(struct nfl_io *io, struct nfl_port *p, uint16_t queues)
{
    (void)queues;
    p->pool = io->pool;
    p->n_rxq = p->n_txq = 1;
    return true;
}

/* What the kernel sent before was not for us. */
static bool start(struct nfl_port *p)
{
    char byte;
    unsigned most = 1024;

    while (most-- > 0 && read(p->iface.fd, &byte, 1) > 0)
        continue;
    nfl_netif_count(p->spec->arg, &p->counted);
    return true;
}

static void close_port(struct nfl_port *p)
{
    if (p->iface.fd >= 0)
        close(p->iface.fd);
    p->iface.fd = -1;
}

/* ---- packets ---- */

/* One byte more than there is room for tells a frame that is too long. */
static bool fill(struct nfl_port *p, struct rte_mbuf *m)
{
    uint16_t room = rte_pktmbuf_tailroom(m);
    uint8_t more;
    struct iovec v[2] = {{rte_pktmbuf_mtod(m, void *), room}, {&more, 1}};
    ssize_t n = readv(p->iface.fd, v, 2);

    if (n <= 0)
        return false;
    m->pkt_len = (uint32_t)n;
    m->data_len = n < room ? (uint16_t)n : room;
    return true;
}

static uint16_t rx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n)
{
    uint16_t got;

    (void)queue;
    for (got = 0; got < n; got++) {
        m[got] = rte_pktmbuf_alloc(p->pool);
        if (!m[got])
            break;
        if (!fill(p, m[got])) {
            rte_pktmbuf_free(m[got]);
            break;
        }
    }
    return got;
}

static uint16_t tx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                   uint16_t n)
{
    uint16_t sent;

    (void)queue;
    for (sent = 0; sent < n; sent++)
        if (write(p->iface.fd, rte_pktmbuf_mtod(m[sent], void *),
                  m[sent]->data_len) < 0)
            break;
    rte_pktmbuf_free_bulk(m, sent);
    return sent;
}

static uint32_t tx_max(const struct nfl_port *p, const uint8_t *frame,
                       uint32_t len)
{
    return nfl_netif_frame_max(p->spec->mtu, frame, len);
}

/* ---- beside ---- */

static int waker(const struct nfl_port *p)
{
    return p->iface.fd;
}

static void flush(struct nfl_port *p)
{
    (void)p;
}

/* It may be moved to another namespace, such as a container's: there it lives
 * on, but neither its link nor its counters are seen from here. */
static bool watch(struct nfl_port *p)
{
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    if (if_nametoindex(p->spec->arg) || ioctl(p->iface.fd, TUNGETIFF, &r) != 0)
        return nfl_netif_watch(p);
    p->up = true;
    return true;
}

/* What the interface could not hand over is what we did not fetch. */
static uint64_t lost(struct nfl_port *p)
{
    struct nfl_netif_counts now;
    uint32_t n;

    if (!nfl_netif_count(p->spec->arg, &now))
        return 0;
    n = now.tx_dropped - p->counted.tx_dropped;
    p->counted.tx_dropped = now.tx_dropped;
    return n;
}

static void losses(struct nfl_port *p, struct nfl_port_losses *l)
{
    struct nfl_netif_counts now;

    if (!nfl_netif_count(p->spec->arg, &now))
        return;
    l->tx_lost = (now.rx_dropped - p->counted.rx_dropped) +
                 (now.rx_errors - p->counted.rx_errors);
}

const struct nfl_port_ops nfl_tap_ops = {
    .check = check,
    .open = open_queues,
    .start = start,
    .close = close_port,
    .rx = rx,
    .tx = tx,
    .tx_max = tx_max,
    .waker = waker,
    .flush = flush,
    .watch = watch,
    .lost = lost,
    .losses = losses,
};
