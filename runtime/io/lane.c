#include "io/lane.h"
#include "ctl/say.h"
#include "flow/cut.h"
#include "flow/inlet.h"
#include "flow/reload.h"
#include "io/pool.h"
#include <nfl/made.h>
#include <rte_errno.h>
#include <rte_pause.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TX_TRIES = 8 }; /* to send, before packets count as lost */

static uint64_t wall_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- whose queues ---- */

/* Queues of a direction of port i go round the lanes. Ports with fewer of them
 * than there are lanes begin with different lanes. */
static unsigned lane_of_queue(const struct nfl_lanes *all, unsigned port,
                              unsigned queues, unsigned queue)
{
    return (queues < all->n ? port + queue : queue) % all->n;
}

/* The queue of the port by which a lane's packets leave, and whose it is. */
static unsigned tx_queue(const struct nfl_lane *l, unsigned port,
                         unsigned *owner)
{
    unsigned n = l->io->ports[port].n_txq, q;

    for (q = 0; q < n; q++)
        if (lane_of_queue(l->all, port, n, q) == l->index) {
            *owner = l->index;
            return q;
        }
    q = l->index % n;
    *owner = lane_of_queue(l->all, port, n, q);
    return q;
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

/* What the device says of checksums. A port may have several lanes. */
static void count_checksums(struct nfl_port *p, const struct rte_mbuf *m)
{
    uint64_t ip = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
    uint64_t l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;

    if (ip == RTE_MBUF_F_RX_IP_CKSUM_BAD || l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD)
        __atomic_fetch_add(&p->bad_sums, 1, __ATOMIC_RELAXED);
    if (l4 != RTE_MBUF_F_RX_L4_CKSUM_NONE)
        return;
    __atomic_fetch_add(&p->partial, 1, __ATOMIC_RELAXED);
    if (p->spec->kind == NFL_PORT_IFACE)
        tell_offload(p,
                     "packets arrive with checksums that were not filled in");
}

/* ---- receiving ---- */

/* False: dropped. */
static bool admit(struct nfl_lane *l, struct nfl_port *p, struct rte_mbuf *m)
{
    bool iface = p->spec->kind == NFL_PORT_IFACE;

    if (m->pkt_len <= p->frame_max &&
        (m->nb_segs == 1 || rte_pktmbuf_linearize(m) == 0)) {
        if (m->ol_flags)
            count_checksums(p, m);
        return true;
    }
    l->worker->drops[NFL_DROP_oversize]++;
    rte_pktmbuf_free(m);
    if (iface)
        tell_offload(p, "frames arrive that are longer than the MTU");
    return false;
}

static unsigned receive(struct nfl_lane *l, unsigned port, uint16_t queue,
                        struct nfl_pkt *pkts)
{
    struct nfl_port *p = &l->io->ports[port];
    struct rte_mbuf *m[NFL_BURST];
    uint16_t n = p->ops->rx(p, queue, m, NFL_BURST);
    uint64_t now;
    unsigned i, kept = 0;

    if (n == 0)
        return 0;
    now = wall_clock();
    l->first = l->any ? l->first : now;
    l->any = true;
    l->last = now;
    l->ports[port].rx_packets += n;
    for (i = 0; i < n; i++) {
        l->ports[port].rx_bytes += m[i]->pkt_len;
        if (admit(l, p, m[i]))
            nfl_pkt_of(&pkts[kept++], m[i], (uint16_t)port, now);
    }
    return kept;
}

/* ---- to other lanes ---- */

/* The ring's inlines copy words of 64 bits: what they read and write must be
 * such words, or a compiler may move our accesses to pointers across theirs. */
static unsigned ring_put(struct rte_ring *to, struct rte_mbuf *const *m,
                         unsigned n)
{
    uint64_t words[NFL_BURST];
    unsigned i;

    for (i = 0; i < n; i++)
        words[i] = (uintptr_t)m[i];
    return rte_ring_enqueue_burst_elem(to, words, sizeof(*words), n, NULL);
}

static unsigned ring_get(struct rte_ring *from, struct rte_mbuf **m)
{
    uint64_t words[NFL_BURST];
    unsigned i, n = rte_ring_dequeue_burst_elem(from, words, sizeof(*words),
                                                NFL_BURST, NULL);

    for (i = 0; i < n; i++)
        m[i] = (struct rte_mbuf *)(uintptr_t)words[i];
    return n;
}

static void drop(struct nfl_lane *l, struct rte_mbuf *m, enum nfl_drop reason)
{
    l->worker->drops[reason]++;
    rte_pktmbuf_free(m);
}

/* What of a packet is to be told to another lane: in the buffer, where a device
 * left the hash that nobody asks for. */
static void pack(const struct nfl_pkt *p)
{
    struct rte_mbuf *m = nfl_pkt_buffer(p); /* it may have become longer */

    m->hash.fdir.lo = p->cut ? p->cut_id : (uint32_t)p->sport << 16 | p->dport;
    m->hash.fdir.hi = (uint32_t)p->cut << 16 | (uint32_t)p->later << 8 |
                      (p->later ? p->proto : 0);
}

static void unpack(struct nfl_pkt *p, const struct rte_mbuf *m)
{
    p->cut = (uint16_t)(m->hash.fdir.hi >> 16);
    p->cut_id = m->hash.fdir.lo;
    p->joined = p->cut != 0;
    p->later = (uint8_t)(m->hash.fdir.hi >> 8);
    p->proto = (uint8_t)m->hash.fdir.hi;
    if (p->later) {
        p->sport = (uint16_t)(m->hash.fdir.lo >> 16);
        p->dport = (uint16_t)m->hash.fdir.lo;
    }
}

static void hand_over(struct nfl_lane *l, struct rte_ring *to,
                      struct rte_mbuf **m, unsigned n)
{
    unsigned i = ring_put(to, m, n);

    for (; i < n; i++)
        drop(l, m[i], NFL_DROP_ring_full);
}

/* Keeps its own packets, in their order: how many. */
static unsigned steer(struct nfl_lane *l, struct nfl_pkt *pkts, unsigned n,
                      bool spread)
{
    unsigned i, k, own = 0;

    for (i = 0; i < n; i++) {
        struct rte_mbuf *m = pkts[i].buffer;

        k = nfl_worker_of(l->worker, l->io->module, &pkts[i],
                          spread ? l->index : NFL_TURN_FLOW);
        if (k == l->index) {
            if (own < i)
                pkts[own] = pkts[i];
            own++;
            continue;
        }
        m->port = pkts[i].port;
        if (l->inlet)
            pack(&pkts[i]);
        l->boxes[k].m[l->boxes[k].n++] = m;
    }
    for (k = 0; own < n && k < l->all->n; k++)
        if (l->boxes[k].n > 0) {
            hand_over(l, l->all->at[k].in, l->boxes[k].m, l->boxes[k].n);
            l->boxes[k].n = 0;
        }
    return own;
}

/* ---- sending ---- */

/* A driver owns, and may free, what it takes: bytes are counted before. */
static void send_own(struct nfl_lane *l, unsigned port, uint16_t queue)
{
    struct nfl_port *p = &l->io->ports[port];
    struct nfl_lane_port *lp = &l->ports[port];
    uint16_t sent = 0, i;
    unsigned tries = 0;

    for (i = 0; i < lp->n_tx; i++)
        lp->tx_bytes += lp->tx[i]->pkt_len;
    while (sent < lp->n_tx && tries++ < TX_TRIES)
        sent = (uint16_t)(sent +
                          p->ops->tx(p, queue, lp->tx + sent, lp->n_tx - sent));
    lp->tx_packets += sent;
    for (i = sent; i < lp->n_tx; i++) {
        lp->tx_bytes -= lp->tx[i]->pkt_len;
        drop(l, lp->tx[i], NFL_DROP_tx_full);
    }
    lp->n_tx = 0;
}

static void send_port(struct nfl_lane *l, unsigned port)
{
    struct nfl_lane_port *lp = &l->ports[port];
    unsigned owner, queue, i;

    if (lp->n_tx == 0)
        return;
    queue = tx_queue(l, port, &owner);
    if (owner == l->index) {
        send_own(l, port, (uint16_t)queue);
        return;
    }
    for (i = 0; i < lp->n_tx; i++)
        lp->tx[i]->port = (uint16_t)port;
    hand_over(l, l->all->at[owner].out, lp->tx, lp->n_tx);
    lp->n_tx = 0;
}

static void sort_one(struct nfl_lane *l, const struct nfl_pkt *p,
                     struct rte_mbuf *m)
{
    struct nfl_port *to = &l->io->ports[p->out];
    struct nfl_lane_port *lp = &l->ports[p->out];

    if (!to->up)
        drop(l, m, NFL_DROP_no_link);
    else if (p->len > to->ops->tx_max(to, p->data, p->len))
        drop(l, m, NFL_DROP_oversize);
    else
        lp->tx[lp->n_tx++] = m;
    if (lp->n_tx == NFL_BURST)
        send_port(l, p->out);
}

/* In fragments, each in a buffer of its own. */
static void sort_cut(struct nfl_lane *l, struct nfl_cut *c, struct nfl_pkt p,
                     struct rte_mbuf *whole)
{
    struct nfl_worker *w = l->worker;
    struct rte_mbuf *m;

    w->cut--;
    for (;;) {
        w->cut++;
        m = rte_pktmbuf_alloc(l->io->pool);
        if (!m || nfl_cut_longest(c) > rte_pktmbuf_tailroom(m)) {
            w->drops[NFL_DROP_no_buffer]++;
            rte_pktmbuf_free(m);
            break;
        }
        p.len = nfl_cut_next(c, rte_pktmbuf_mtod(m, uint8_t *));
        if (p.len == 0) {
            w->cut--;
            rte_pktmbuf_free(m);
            break;
        }
        p.data = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)p.len);
        sort_one(l, &p, m);
    }
    rte_pktmbuf_free(whole);
}

static void sort_packet(struct nfl_lane *l, const struct nfl_pkt *p,
                        struct rte_mbuf *m)
{
    struct nfl_cut c;

    if (nfl_cut_begin(&c, p))
        sort_cut(l, &c, *p, m);
    else
        sort_one(l, p, m);
}

/* A packet that an NF made, or that waited: a buffer of its own takes its
 * bytes. */
static void sort_made(struct nfl_lane *l, const struct nfl_pkt *p)
{
    struct rte_mbuf *m = rte_pktmbuf_alloc(l->io->pool);
    char *to = m ? rte_pktmbuf_append(m, (uint16_t)p->len) : NULL;

    if (!to) {
        rte_pktmbuf_free(m);
        l->worker->drops[NFL_DROP_no_buffer]++;
        return;
    }
    memcpy(to, p->data, p->len);
    sort_packet(l, p, m);
}

static void give_dropped(const struct nfl_pkt *pkts, unsigned n)
{
    struct rte_mbuf *dropped[NFL_BURST];
    unsigned i, k = 0;

    for (i = 0; i < n; i++) {
        dropped[k] = (struct rte_mbuf *)pkts[i].buffer;
        k += pkts[i].out == NFL_OUT_DROP;
    }
    nfl_pool_give(dropped, k);
}

/* Gives each packet to the port where it leaves. */
static void sort_out(struct nfl_lane *l, struct nfl_pkt *pkts, unsigned n)
{
    const struct nfl_pkt *p;
    unsigned i, at = 0;

    give_dropped(pkts, n);
    for (i = 0; i < n; i++) {
        if (pkts[i].out != NFL_OUT_DROP)
            sort_packet(l, &pkts[i], nfl_pkt_buffer(&pkts[i]));
        while ((p = nfl_made_next(l->worker, &pkts[i], &at)))
            sort_made(l, p);
    }
}

static void send_all(struct nfl_lane *l)
{
    for (unsigned port = 0; port < l->io->options->n_ports; port++)
        send_port(l, port);
}

static void process(struct nfl_lane *l, struct nfl_pkt *pkts, unsigned n)
{
    struct nfl_pkt *list[NFL_BURST];
    unsigned i;

    if (n == 0)
        return;
    list[0] = pkts;
    for (i = 1; i < n; i++)
        list[i] = &pkts[i];
    nfl_worker_burst(l->worker, l->io->module, list, n);
    sort_out(l, pkts, n);
    send_all(l);
}

/* ---- polling ---- */

static void come_in(struct nfl_lane *l, unsigned port, struct nfl_pkt *pkts,
                    unsigned n)
{
    if (l->all->n > 1 && n > 0)
        n = steer(l, pkts, n, l->io->ports[port].n_rxq >= l->all->n);
    process(l, pkts, n);
}

/* Packets that waited may come in behind those of the burst. */
static void come_in_by(struct nfl_inlet *in, struct nfl_lane *l, unsigned port,
                       struct nfl_pkt *pkts, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++)
        nfl_inlet_put(in, &pkts[i]);
    do {
        for (n = 0; n < NFL_BURST && nfl_inlet_get(in, &pkts[n]); n++)
            continue;
        come_in(l, port, pkts, n);
    } while (n > 0);
}

static unsigned poll_queue(struct nfl_lane *l, unsigned port, uint16_t queue)
{
    struct nfl_pkt pkts[NFL_BURST];
    unsigned n = receive(l, port, queue, pkts);

    if (l->inlet)
        come_in_by(l->inlet, l, port, pkts, n);
    else
        come_in(l, port, pkts, n);
    return n;
}

static unsigned poll_queues(struct nfl_lane *l)
{
    unsigned port, q, total = 0;

    for (port = 0; port < l->io->options->n_ports; port++) {
        unsigned n = l->io->ports[port].n_rxq;

        for (q = 0; q < n; q++)
            if (lane_of_queue(l->all, port, n, q) == l->index)
                total += poll_queue(l, port, (uint16_t)q);
    }
    return total;
}

static unsigned poll_in(struct nfl_lane *l)
{
    struct nfl_pkt pkts[NFL_BURST];
    struct rte_mbuf *m[NFL_BURST];
    unsigned i, n = ring_get(l->in, m);
    uint64_t now = n ? wall_clock() : 0;

    for (i = 0; i < n; i++)
        nfl_pkt_of(&pkts[i], m[i], m[i]->port, now);
    for (i = 0; l->inlet && i < n; i++)
        unpack(&pkts[i], m[i]);
    process(l, pkts, n);
    return n;
}

/* One queue of a port is as good as another for what others send. */
static unsigned poll_out(struct nfl_lane *l)
{
    struct rte_mbuf *m[NFL_BURST];
    unsigned i, n = ring_get(l->out, m);

    for (i = 0; i < n; i++) {
        struct nfl_lane_port *lp = &l->ports[m[i]->port];

        lp->tx[lp->n_tx++] = m[i];
    }
    if (n > 0)
        send_all(l);
    return n;
}

unsigned nfl_lane_poll(struct nfl_lane *l)
{
    unsigned total;

    nfl_reload_take(l->worker);
    total = poll_queues(l);
    if (l->all->n > 1)
        total += poll_in(l) + poll_out(l);
    return total;
}

void nfl_lane_clock(struct nfl_lane *l)
{
    uint64_t now = wall_clock();
    const struct nfl_pkt *p;
    unsigned at = 0;

    nfl_worker_clock(l->worker, now);
    nfl_worker_go_on(l->worker, now);
    while ((p = nfl_made_next(l->worker, &l->worker->still, &at)))
        sort_made(l, p);
    if (at > 0)
        send_all(l);
}

/* Whether the others are done is asked before the ring is: what they put there
 * by then is seen. */
static void drain_ring(struct nfl_lane *l, unsigned (*poll)(struct nfl_lane *),
                       _Atomic unsigned *done)
{
    bool all = false;

    atomic_fetch_add(done, 1);
    while (poll(l) > 0 || !all) {
        all = atomic_load(done) == l->all->n;
        rte_pause();
    }
}

static unsigned poll_both(struct nfl_lane *l)
{
    return poll_in(l) + poll_out(l);
}

void nfl_lane_drain(struct nfl_lane *l)
{
    if (l->all->n == 1)
        return;
    drain_ring(l, poll_both, &l->all->deaf);
    drain_ring(l, poll_out, &l->all->idle);
}

/* ---- set-up and end ---- */

static struct rte_ring *ring_new(const char *what, unsigned index,
                                 const struct nfl_lanes *all)
{
    unsigned flags = RING_F_SC_DEQ | (all->n == 2 ? RING_F_SP_ENQ : 0);
    struct rte_ring *r;
    char name[32];

    snprintf(name, sizeof(name), "nfl_%s_%u", what, index);
    r = rte_ring_create(name, NFL_LANE_RING, SOCKET_ID_ANY, flags);
    if (!r)
        nfl_error("no memory for rings between cores: %s",
                  rte_strerror(rte_errno));
    return r;
}

/* In lines of its own. */
static void *lines(size_t n, size_t bytes)
{
    const size_t line = 64;
    size_t len = (n * bytes + line) / line * line;
    void *p = aligned_alloc(line, len);

    if (p)
        memset(p, 0, len);
    else
        nfl_error("no memory");
    return p;
}

static bool lane_init(struct nfl_lane *l, struct nfl_lanes *all,
                      struct nfl_io *io)
{
    l->all = all;
    l->io = io;
    l->index = (unsigned)(l - all->at);
    l->worker = io->workers.at[l->index];
    l->ports = lines(io->options->n_ports, sizeof(*l->ports));
    l->boxes = lines(all->n, sizeof(*l->boxes));
    if (!l->ports || !l->boxes)
        return false;
    if (!nfl_inlet_new(&l->inlet, io->module, nfl_options_seed(io->options),
                       l->worker->drops, &nfl_pool_buffers)) {
        nfl_error("no memory");
        return false;
    }
    if (all->n == 1)
        return true;
    l->in = ring_new("in", l->index, all);
    l->out = l->in ? ring_new("out", l->index, all) : NULL;
    return l->out != NULL;
}

struct nfl_lanes *nfl_lanes_new(struct nfl_io *io)
{
    struct nfl_lanes *all = lines(1, sizeof(*all));
    unsigned i;

    if (!all)
        return NULL;
    all->at = lines(io->workers.n, sizeof(*all->at));
    all->n = all->at ? io->workers.n : 0;
    for (i = 0; i < all->n; i++)
        if (!lane_init(&all->at[i], all, io))
            break;
    if (all->n > 0 && i == all->n)
        return all;
    nfl_lanes_free(all);
    return NULL;
}

void nfl_lanes_free(struct nfl_lanes *all)
{
    unsigned i;

    for (i = 0; all && i < all->n; i++) {
        nfl_inlet_free(all->at[i].inlet);
        rte_ring_free(all->at[i].in);
        rte_ring_free(all->at[i].out);
        free(all->at[i].ports);
        free(all->at[i].boxes);
    }
    if (all)
        free(all->at);
    free(all);
}

/* ---- figures ---- */

static void count_port(const struct nfl_lanes *all, struct nfl_port *p,
                       unsigned port)
{
    unsigned k;

    p->rx_packets = p->rx_lost;
    p->rx_bytes = p->tx_packets = p->tx_bytes = 0;
    for (k = 0; k < all->n; k++) {
        const struct nfl_lane_port *lp = &all->at[k].ports[port];

        p->rx_packets += lp->rx_packets;
        p->rx_bytes += lp->rx_bytes;
        p->tx_packets += lp->tx_packets;
        p->tx_bytes += lp->tx_bytes;
    }
}

void nfl_lanes_count(const struct nfl_lanes *all)
{
    struct nfl_io *io = all->at[0].io;
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        count_port(all, &io->ports[i], i);
    for (i = 0; i < all->n; i++) {
        const struct nfl_lane *l = &all->at[i];

        if (!l->any)
            continue;
        io->first = !io->any || l->first < io->first ? l->first : io->first;
        io->last = l->last > io->last ? l->last : io->last;
        io->any = true;
    }
}
