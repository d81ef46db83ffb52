/* The loop of a live run: one worker polls all ports in turn. */
#include "ctl/live_stats.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "io/device.h"
#include "io/pool.h"
#include <poll.h>
#include <rte_ethdev.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    TX_TRIES = 8,     /* to send, before packets count as lost */
    IDLE_SPIN = 2000, /* empty rounds before the worker rests: */
    REST_US = 50,     /* if it cannot be woken */
    REST_MS = 200     /* if it can */
};

static uint64_t wall_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- offloads of neighbours ---- */

static void tell_offload(struct nfl_port *p, const char *what)
{
    const char *name = p->spec->arg;

    if (p->told_offload)
        return;
    p->told_offload = true;
    nfl_error("port %s: %s: offloading is on; mend it with: ethtool -K PEER "
              "tx off rx off tso off gso off gro off (PEER: where they come "
              "from), and the same for %s",
              p->spec->name, what, name);
}

static void count_partial(struct nfl_port *p, const struct rte_mbuf *m)
{
    const uint64_t mask = RTE_MBUF_F_RX_L4_CKSUM_MASK;

    if ((m->ol_flags & mask) != RTE_MBUF_F_RX_L4_CKSUM_NONE)
        return;
    p->partial++;
    tell_offload(p, "packets arrive with checksums that were not filled in");
}

/* ---- receiving ---- */

/* False: dropped. */
static bool admit(struct nfl_io *io, struct nfl_port *p, struct rte_mbuf *m)
{
    bool iface = p->spec->kind == NFL_PORT_IFACE;

    if (m->pkt_len <= p->frame_max &&
        (m->nb_segs == 1 || rte_pktmbuf_linearize(m) == 0)) {
        if (iface)
            count_partial(p, m);
        return true;
    }
    io->worker->drops[NFL_DROP_oversize]++;
    rte_pktmbuf_free(m);
    if (iface)
        tell_offload(p, "frames arrive that are longer than the MTU");
    return false;
}

static uint16_t rx(struct nfl_io *io, struct nfl_port *p, struct rte_mbuf **m)
{
    if (p->spec->kind == NFL_PORT_IFACE)
        return nfl_iface_rx(&p->iface, io->pool, m, NFL_BURST);
    return rte_eth_rx_burst(p->device, 0, m, NFL_BURST);
}

static unsigned receive(struct nfl_io *io, unsigned port, struct nfl_pkt *pkts)
{
    struct nfl_port *p = &io->ports[port];
    struct rte_mbuf *m[NFL_BURST];
    uint16_t n = rx(io, p, m);
    uint64_t now = n ? wall_clock() : 0;
    unsigned i, kept = 0;

    for (i = 0; i < n; i++) {
        nfl_port_count_rx(io, p, m[i]->pkt_len, now);
        if (admit(io, p, m[i]))
            nfl_pkt_of(&pkts[kept++], m[i], (uint16_t)port, now);
    }
    return kept;
}

/* ---- sending ---- */

static uint32_t tx_max(const struct nfl_port *p, const struct nfl_pkt *pkt)
{
    if (p->spec->kind == NFL_PORT_IFACE)
        return nfl_iface_tx_max(&p->iface, pkt->data, pkt->len);
    return p->frame_max;
}

/* Gives each packet to the port where it leaves. */
static void sort_out(struct nfl_io *io, struct nfl_pkt *pkts, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        struct rte_mbuf *m = nfl_pkt_buffer(&pkts[i]);
        struct nfl_port *to;

        if (pkts[i].out == NFL_OUT_DROP) {
            rte_pktmbuf_free(m);
            continue;
        }
        to = &io->ports[pkts[i].out];
        if (pkts[i].len > tx_max(to, &pkts[i])) {
            io->worker->drops[NFL_DROP_oversize]++;
            rte_pktmbuf_free(m);
            continue;
        }
        to->tx[to->n_tx++] = m;
    }
}

static uint16_t tx(struct nfl_port *p, struct rte_mbuf **m, uint16_t n)
{
    if (p->spec->kind == NFL_PORT_IFACE)
        return nfl_iface_tx(&p->iface, m, n);
    return rte_eth_tx_burst(p->device, 0, m, n);
}

/* A driver owns, and may free, what it takes: bytes are counted before. */
static void send_all(struct nfl_io *io, struct nfl_port *p)
{
    uint16_t sent = 0, i;
    unsigned tries = 0;

    for (i = 0; i < p->n_tx; i++)
        p->tx_bytes += p->tx[i]->pkt_len;
    while (sent < p->n_tx && tries++ < TX_TRIES)
        sent = (uint16_t)(sent + tx(p, p->tx + sent, p->n_tx - sent));
    p->tx_packets += sent;
    for (i = sent; i < p->n_tx; i++) {
        p->tx_bytes -= p->tx[i]->pkt_len;
        io->worker->drops[NFL_DROP_tx_full]++;
        rte_pktmbuf_free(p->tx[i]);
    }
    p->n_tx = 0;
}

/* ---- the loop ---- */

/* Each port in turn. Returns how many packets there were. */
static unsigned round_robin(struct nfl_io *io)
{
    struct nfl_pkt pkts[NFL_BURST];
    unsigned port, k, n, total = 0;

    for (port = 0; port < io->options->n_ports; port++) {
        n = receive(io, port, pkts);
        if (n == 0)
            continue;
        total += n;
        nfl_io_burst(io, pkts, n);
        sort_out(io, pkts, n);
        for (k = 0; k < io->options->n_ports; k++)
            if (io->ports[k].n_tx)
                send_all(io, &io->ports[k]);
    }
    return total;
}

/* One entry a port; NULL if some cannot wake the worker. */
static struct pollfd *wakers(const struct nfl_io *io)
{
    struct pollfd *fds = calloc(io->options->n_ports + 1, sizeof(*fds));
    unsigned i;

    for (i = 0; fds && i < io->options->n_ports; i++) {
        if (io->ports[i].spec->kind != NFL_PORT_IFACE) {
            free(fds);
            return NULL;
        }
        fds[i] = (struct pollfd){.fd = io->ports[i].iface.fd, .events = POLLIN};
    }
    return fds;
}

static bool any_unsent(const struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].spec->kind == NFL_PORT_IFACE &&
            io->ports[i].iface.unsent)
            return true;
    return false;
}

/* Until a packet comes, but not long. An interface that went down wakes at
 * once, until its error was fetched. */
static void rest(const struct nfl_io *io, struct pollfd *fds)
{
    unsigned i, n = io->options->n_ports;
    socklen_t len;
    int error;

    if (!fds || any_unsent(io)) {
        usleep(REST_US);
        return;
    }
    if (poll(fds, n, REST_MS) <= 0)
        return;
    for (i = 0; i < n; i++) {
        len = sizeof(error);
        if (fds[i].revents & POLLERR)
            getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &error, &len);
    }
}

/* Packets that never got here: the kernel had no room for them. Their length
 * is not known. */
static void count_lost(struct nfl_io *io, struct nfl_port *p)
{
    uint64_t lost = nfl_iface_lost(&p->iface);

    p->rx_packets += lost;
    io->worker->drops[NFL_DROP_rx_full] += lost;
}

/* Once a second. False if a port is gone. */
static bool watch(struct nfl_io *io)
{
    static time_t last;
    struct timespec t;
    unsigned i;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    if (t.tv_sec == last)
        return true;
    last = t.tv_sec;
    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (p->spec->kind != NFL_PORT_IFACE)
            continue;
        count_lost(io, p);
        if (!nfl_iface_watch(&p->iface, p->spec->name))
            return false;
    }
    return true;
}

static void finish(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (p->spec->kind != NFL_PORT_IFACE)
            continue;
        nfl_iface_flush(&p->iface);
        count_lost(io, p);
        if (p->partial)
            nfl_error("port %s: %llu of %llu packets had checksums that were "
                      "not filled in",
                      p->spec->name, (unsigned long long)p->partial,
                      (unsigned long long)p->rx_packets);
    }
}

static void loop(struct nfl_io *io, struct pollfd *fds)
{
    unsigned idle = 0, rounds = 0;

    while (!nfl_stop_signal) {
        idle = round_robin(io) ? 0 : idle + 1;
        if (idle > IDLE_SPIN)
            rest(io, fds);
        if (idle <= IDLE_SPIN && ++rounds % 1024 != 0)
            continue;
        nfl_live_stats(io);
        if (!watch(io)) {
            io->failed = true;
            break;
        }
    }
}

void nfl_live_run(struct nfl_io *io)
{
    struct pollfd *fds = wakers(io);

    if (nfl_ifaces_start(io)) {
        nfl_note("running; stop with Ctrl-C");
        loop(io, fds);
    } else {
        io->failed = true;
    }
    finish(io);
    free(fds);
}
