/* The loop of a live run: one worker polls all ports in turn. */
#include "ctl/live_stats.h"
#include "ctl/notify.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "io/device.h"
#include "io/pool.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    TX_TRIES = 8, /* to send, before packets count as lost */
    WATCH_MS = 1000,
    WATCH_DOWN_MS = 50,
    IDLE_SPIN = 2000, /* empty rounds before the worker rests: */
    REST_US = 50,     /* if it cannot be woken */
    REST_MS = 10      /* if it can: the clock goes on */
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

static unsigned receive(struct nfl_io *io, unsigned port, uint16_t queue,
                        struct nfl_pkt *pkts)
{
    struct nfl_port *p = &io->ports[port];
    struct rte_mbuf *m[NFL_BURST];
    uint16_t n = p->ops->rx(p, queue, m, NFL_BURST);
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
        if (!to->up) {
            io->worker->drops[NFL_DROP_no_link]++;
            rte_pktmbuf_free(m);
            continue;
        }
        if (pkts[i].len > to->ops->tx_max(to, pkts[i].data, pkts[i].len)) {
            io->worker->drops[NFL_DROP_oversize]++;
            rte_pktmbuf_free(m);
            continue;
        }
        to->tx[to->n_tx++] = m;
    }
}

/* A driver owns, and may free, what it takes: bytes are counted before. */
static void send_all(struct nfl_io *io, struct nfl_port *p)
{
    uint16_t sent = 0, i;
    unsigned tries = 0;

    for (i = 0; i < p->n_tx; i++)
        p->tx_bytes += p->tx[i]->pkt_len;
    while (sent < p->n_tx && tries++ < TX_TRIES)
        sent =
            (uint16_t)(sent + p->ops->tx(p, 0, p->tx + sent, p->n_tx - sent));
    p->tx_packets += sent;
    for (i = sent; i < p->n_tx; i++) {
        p->tx_bytes -= p->tx[i]->pkt_len;
        io->worker->drops[NFL_DROP_tx_full]++;
        rte_pktmbuf_free(p->tx[i]);
    }
    p->n_tx = 0;
}

/* ---- the loop ---- */

/* A burst of one queue, through to where it leaves. */
static unsigned poll_queue(struct nfl_io *io, unsigned port, uint16_t queue)
{
    struct nfl_pkt pkts[NFL_BURST];
    unsigned k, n = receive(io, port, queue, pkts);

    if (n == 0)
        return 0;
    nfl_io_burst(io, pkts, n);
    sort_out(io, pkts, n);
    for (k = 0; k < io->options->n_ports; k++)
        if (io->ports[k].n_tx)
            send_all(io, &io->ports[k]);
    return n;
}

/* Each queue of each port in turn. Returns how many packets there were. */
static unsigned round_robin(struct nfl_io *io)
{
    unsigned port, total = 0;
    uint16_t queue;

    for (port = 0; port < io->options->n_ports; port++)
        for (queue = 0; queue < io->ports[port].n_rxq; queue++)
            total += poll_queue(io, port, queue);
    return total;
}

/* False: some port cannot wake the worker. */
static bool set_wakers(const struct nfl_io *io, struct pollfd *fds)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        const struct nfl_port *p = &io->ports[i];

        fds[i] = (struct pollfd){.fd = p->ops->waker(p), .events = POLLIN};
        if (fds[i].fd < 0)
            return false;
    }
    return true;
}

/* Until a packet comes, but not long. An interface that went down wakes at
 * once, until its error was fetched. */
static void rest(const struct nfl_io *io, struct pollfd *fds)
{
    unsigned i, n = io->options->n_ports;
    socklen_t len;
    int error;

    if (!set_wakers(io, fds)) {
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
    uint64_t lost = p->ops->lost(p);

    p->rx_packets += lost;
    p->rx_lost += lost;
    io->worker->drops[NFL_DROP_rx_full] += lost;
}

static bool all_up(const struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (!io->ports[i].up)
            return false;
    return true;
}

/* Once a second, and more often while a link is down. False if a port is
 * gone. */
static bool watch(struct nfl_io *io)
{
    static uint64_t next;
    struct timespec t;
    uint64_t now;
    unsigned i;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    if (now < next)
        return true;
    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        count_lost(io, p);
        if (!p->ops->watch(p))
            return false;
    }
    next = now + (all_up(io) ? WATCH_MS : WATCH_DOWN_MS);
    return true;
}

static void finish(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        p->ops->flush(p);
        count_lost(io, p);
        p->ops->losses(p, &p->losses);
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
        if (idle > IDLE_SPIN) {
            rest(io, fds);
            nfl_worker_clock(io->worker, wall_clock());
        }
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
    struct pollfd *fds = calloc(io->options->n_ports + 1, sizeof(*fds));

    if (fds && nfl_live_start(io)) {
        nfl_note("running; stop with Ctrl-C");
        nfl_notify("READY=1\nSTATUS=carries packets");
        loop(io, fds);
    } else {
        io->failed = true;
    }
    finish(io);
    free(fds);
}
