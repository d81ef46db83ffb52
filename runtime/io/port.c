#include "io/port.h"
#include "ctl/say.h"
#include "io/bench.h"
#include "io/device.h"
#include "io/offline.h"
#include "io/pool.h"
#include <stdlib.h>

/* ---- set-up and end ---- */

bool nfl_io_init(struct nfl_io *io, const struct nfl_module *m,
                 struct nfl_options *o)
{
    char err[1024];
    unsigned i;

    io->module = m;
    io->options = o;
    io->ports = calloc(o->n_ports + 1, sizeof(*io->ports));
    if (!io->ports) {
        nfl_error("no memory");
        return false;
    }
    for (i = 0; i < o->n_ports; i++) {
        io->ports[i].spec = &o->ports[i];
        io->ports[i].iface.fd = -1;
        io->ports[i].up = true;
    }
    if (!nfl_options_check(o, err, sizeof(err))) {
        nfl_error("%s", err);
        return false;
    }
    return o->offline ? nfl_offline_init(io) : nfl_live_check(io);
}

void nfl_io_finish(struct nfl_io *io)
{
    if (io->options->offline)
        nfl_offline_fini(io);
}

void nfl_io_fini(struct nfl_io *io)
{
    if (!io->ports)
        return;
    nfl_io_finish(io);
    nfl_bench_free(io);
    nfl_live_close(io);
    free(io->ports);
    io->ports = NULL;
}

bool nfl_io_open(struct nfl_io *io)
{
    if (io->options->bench)
        return nfl_bench_open(io);
    return io->options->offline ? nfl_offline_open(io) : nfl_live_open(io);
}

bool nfl_io_close(struct nfl_io *io)
{
    bool ok = true;

    if (io->ports && !io->options->offline)
        ok = nfl_live_close(io);
    ok = nfl_pool_free(io->pool, 0) && ok;
    io->pool = NULL;
    return ok;
}

/* ---- packets ---- */

void nfl_port_count_rx(struct nfl_io *io, struct nfl_port *p, uint32_t len,
                       uint64_t time)
{
    p->rx_packets++;
    p->rx_bytes += len;
    if (!io->any)
        io->first = time;
    io->any = true;
    if (time > io->last)
        io->last = time;
}

void nfl_io_burst(struct nfl_io *io, struct nfl_pkt *pkts, unsigned n)
{
    struct nfl_pkt *list[NFL_BURST];
    unsigned i;

    for (i = 0; i < n; i++)
        list[i] = &pkts[i];
    nfl_worker_burst(io->worker, io->module, list, n);
}

void nfl_io_run(struct nfl_io *io)
{
    if (io->options->bench)
        nfl_bench_run(io);
    else if (io->options->offline)
        nfl_offline_run(io);
    else
        nfl_live_run(io);
}
