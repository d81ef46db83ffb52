/* Captures as ports: frames are copied from the files into buffers, in the
 * order of the law, and what leaves is written at the time of its arrival. */
#include "io/offline.h"
#include "ctl/cores.h"
#include "ctl/live_stats.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "flow/cut.h"
#include "flow/inlet.h"
#include "io/pool.h"
#include "sched/replay.h"
#include <nfl/made.h>
#include <rte_memcpy.h>
#include <string.h>

enum { BUFFERS = 2 * NFL_BURST, BUFFERS_MORE = NFL_BATCHES * NFL_BATCH };

/* ---- files ---- */

static bool open_port(struct nfl_io *io, unsigned i)
{
    struct nfl_port *p = &io->ports[i];
    struct nfl_capture_in *in;
    char err[1024];

    p->frame_max = nfl_port_frame_max(p->spec);
    if (p->spec->in) {
        in = nfl_capture_open(p->spec->in, err, sizeof(err));
        if (!in) {
            nfl_error("port %s: %s", p->spec->name, err);
            return false;
        }
        if (!nfl_merge_add(io->merge, in, i)) {
            nfl_error("no memory");
            return false;
        }
    }
    if (p->spec->out && !io->options->bench) {
        p->out = nfl_capture_create(p->spec->out, err, sizeof(err));
        if (!p->out) {
            nfl_error("port %s: %s", p->spec->name, err);
            return false;
        }
    }
    return true;
}

/* All inputs before any output: a wrong name costs nothing. */
bool nfl_offline_init(struct nfl_io *io)
{
    unsigned i;

    io->aborted = true; /* until the run comes to its end */
    io->merge = nfl_merge_new();
    if (!io->merge) {
        nfl_error("no memory");
        return false;
    }
    for (i = 0; i < io->options->n_ports; i++)
        if (!open_port(io, i))
            return false;
    return true;
}

void nfl_offline_fini(struct nfl_io *io)
{
    char text[1024];
    unsigned i, at = 0;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];
        bool keep = p->unwritten || !io->aborted; /* to hear the reason */

        if (p->out && !nfl_capture_finish(p->out, keep, text, sizeof(text))) {
            nfl_error("port %s: %s", p->spec->name, text);
            io->failed = io->aborted = true;
        }
        p->out = NULL;
    }
    while (io->merge && nfl_merge_note(io->merge, &at, text, sizeof(text)))
        nfl_note("%s", text);
    nfl_merge_free(io->merge);
    io->merge = NULL;
    nfl_inlet_free(io->inlet);
    io->inlet = NULL;
}

bool nfl_offline_open(struct nfl_io *io)
{
    unsigned n = io->options->cores > 1 ? BUFFERS_MORE : BUFFERS;

    if (!nfl_inlet_new(&io->inlet, io->module, nfl_options_seed(io->options),
                       io->workers.drops, &nfl_pool_buffers)) {
        nfl_error("no memory");
        return false;
    }
    io->pool =
        nfl_pool_new("nfl", n + nfl_inlet_held(io->module), NFL_FRAME_MAX);
    return io->pool != NULL;
}

/* ---- packets ---- */

/* A frame so long that the head-room is in its way lies further in front. */
static void copy_in(struct rte_mbuf *m, const struct nfl_frame *f)
{
    uint32_t most = m->buf_len - f->len;

    if (m->data_off > most)
        m->data_off = (uint16_t)most;
    m->data_len = (uint16_t)f->len;
    m->pkt_len = f->len;
    rte_memcpy(rte_pktmbuf_mtod(m, void *), f->data, f->len);
}

/* Reads the next frame that its port takes in. False at the end. */
static bool read_frame(struct nfl_io *io, struct nfl_pkt *pkt)
{
    struct nfl_frame f;
    struct rte_mbuf *m;
    char err[1024];
    unsigned port;
    int r;

    for (;;) {
        r = nfl_merge_next(io->merge, &f, &port, err, sizeof(err));
        if (r == 0)
            return false;
        if (r < 0 && nfl_stop_signal) /* a read from a pipe was broken off */
            return false;
        if (r < 0) {
            nfl_error("port %s: %s", io->ports[port].spec->name, err);
            io->failed = true;
            continue;
        }
        nfl_port_count_rx(io, &io->ports[port], f.len, f.time);
        if (f.len <= io->ports[port].frame_max)
            break;
        io->workers.drops[NFL_DROP_oversize]++;
    }
    m = rte_pktmbuf_alloc(io->pool);
    if (!m) { /* each burst gives all of its buffers back */
        nfl_error("no packet buffer; this is a bug in nflc");
        io->failed = io->aborted = true;
        return false;
    }
    copy_in(m, &f);
    nfl_pkt_of(pkt, m, (uint16_t)port, f.time);
    return true;
}

/* The next packet that enters a chain. */
static bool read_one(struct nfl_io *io, struct nfl_pkt *pkt)
{
    if (!io->inlet)
        return read_frame(io, pkt);
    while (!nfl_inlet_get(io->inlet, pkt)) {
        if (!read_frame(io, pkt)) {
            nfl_inlet_end(io->inlet);
            return false;
        }
        nfl_inlet_put(io->inlet, pkt);
    }
    return true;
}

static unsigned read_burst(struct nfl_io *io, struct nfl_pkt *pkts)
{
    unsigned n = 0;

    while (n < NFL_BURST && read_one(io, &pkts[n]))
        n++;
    return n;
}

/* Frames that cannot be written any more still count as sent: the run is
 * lost, but its figures are not. */
static void write_frame(struct nfl_io *io, const struct nfl_pkt *p,
                        const uint8_t *data, uint32_t len)
{
    struct nfl_port *to = &io->ports[p->out];

    to->tx_packets++;
    to->tx_bytes += len;
    if (to->out && !nfl_capture_write(to->out, p->time, data, len))
        io->failed = io->aborted = to->unwritten = true;
}

static void write_packet(struct nfl_io *io, const struct nfl_pkt *p)
{
    static uint8_t frame[NFL_FRAME_MAX];
    struct nfl_cut c;
    uint32_t len;

    if (!nfl_cut_begin(&c, p)) {
        write_frame(io, p, p->data, p->len);
        return;
    }
    io->workers.cut--;
    while ((len = nfl_cut_next(&c, frame))) {
        io->workers.cut++;
        write_frame(io, p, frame, len);
    }
}

static void write_one(struct nfl_io *io, const struct nfl_pkt *p)
{
    if (p->out != NFL_OUT_DROP)
        write_packet(io, p);
    rte_pktmbuf_free(nfl_pkt_buffer(p));
}

static void write_burst(struct nfl_io *io, const struct nfl_pkt *pkts,
                        unsigned n)
{
    const struct nfl_pkt *p;
    unsigned i, at = 0;

    for (i = 0; i < n; i++) {
        write_one(io, &pkts[i]);
        while ((p = nfl_made_next(io->worker, &pkts[i], &at)))
            write_packet(io, p);
    }
}

/* ---- one worker, which is the main thread ---- */

static void run_alone(struct nfl_io *io)
{
    struct nfl_pkt pkts[NFL_BURST];
    unsigned n;

    while (!nfl_stop_signal && !io->aborted && (n = read_burst(io, pkts)) > 0) {
        nfl_io_burst(io, pkts, n);
        write_burst(io, pkts, n);
        nfl_live_stats(io);
    }
}

/* ---- several workers ---- */

static void work(void *replay, unsigned index)
{
    nfl_replay_work(replay, index);
}

/* The next packets, to the workers. False at the end. */
static bool give(struct nfl_io *io, struct nfl_replay *r, struct nfl_batch *b)
{
    b->n = 0;
    while (b->n < NFL_BATCH && !nfl_stop_signal && !io->aborted &&
           read_one(io, &b->slots[b->n].pkt))
        b->n++;
    if (b->n == 0)
        return false;
    nfl_replay_give(r);
    return true;
}

/* What comes back, to the files. False if nothing is under way. */
static bool fetch(struct nfl_io *io, struct nfl_replay *r)
{
    struct nfl_batch *b = nfl_replay_wait(r);
    const struct nfl_pkt *p;
    unsigned i;

    if (!b)
        return false;
    for (i = 0; i < b->n; i++) {
        write_one(io, &b->slots[i].pkt);
        for (p = NULL; (p = nfl_replay_made(&b->slots[i], p));)
            write_packet(io, p);
    }
    nfl_replay_taken(r);
    nfl_live_stats(io);
    return true;
}

static void run_divided(struct nfl_io *io)
{
    struct nfl_replay *r = nfl_replay_new(&io->workers, io->module, io->trace);
    struct nfl_batch *b;
    bool more = true;

    if (!r) {
        nfl_error("no memory");
        io->failed = io->aborted = true;
        return;
    }
    nfl_cores_launch(io->workers.n, work, r);
    do {
        while (more && (b = nfl_replay_empty(r)) != NULL)
            more = give(io, r, b);
    } while (fetch(io, r) || more);
    if (!nfl_replay_end(r)) {
        nfl_error("no memory for the trace");
        io->failed = io->aborted = true;
    }
    nfl_cores_join();
    nfl_replay_free(r);
}

void nfl_offline_run(struct nfl_io *io)
{
    io->aborted = false;
    if (io->workers.n == 1)
        run_alone(io);
    else
        run_divided(io);
    nfl_inlet_free(io->inlet);
    io->inlet = NULL;
    if (nfl_stop_signal) {
        nfl_error("stopped by a signal before the end of the captures");
        io->failed = true;
    }
}
