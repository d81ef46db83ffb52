/* main() of every compiled program. */
#include "core/fit.h"
#include "ctl/cores.h"
#include "ctl/eal.h"
#include "ctl/early.h"
#include "ctl/health.h"
#include "ctl/machine.h"
#include "ctl/notify.h"
#include "ctl/rights.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "flow/summary.h"
#include "io/bench.h"
#include "io/port.h"
#include <errno.h>
#include <fcntl.h>
#include <nfl/module.h>
#include <nfl/report.h>
#include <nfl/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FINE = 0, FAILED = 1, LOST = 3 };

/* ---- before the command line ---- */

/* A shared library cannot have one. */
#if !defined(__PIC__) || defined(__PIE__)
__attribute__((section(".preinit_array"),
               used)) static void (*const early)(void) = nfl_early_check;
#endif

/* A file of ours must never become descriptor 0, 1 or 2. */
static void fill_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* ---- the run ---- */

static bool start_workers(struct nfl_io *io)
{
    const struct nfl_options *o = io->options;
    char err[4096];
    unsigned i;

    if (!nfl_workers_init(&io->workers, o->cores, io->module, o,
                          nfl_options_seed(o), err, sizeof(err))) {
        nfl_error("%s", err);
        return false;
    }
    io->worker = io->workers.at[0];
    if (o->offline && o->cores > 1) /* each has its own, for a while */
        return true;
    for (i = 0; i < o->cores; i++)
        io->workers.at[i]->trace = io->trace;
    return true;
}

static bool write_state(struct nfl_io *io)
{
    struct nfl_state *s;
    char err[1024];

    if (!io->options->state || io->aborted)
        return true;
    s = nfl_state_new();
    if (!s) {
        nfl_error("no memory for the final state");
        return false;
    }
    nfl_summary_state(&io->workers, io->module, s);
    if (nfl_state_write(s, io->options->state, err, sizeof(err)))
        return true;
    nfl_error("%s", err);
    return false;
}

static struct nfl_report_device report_device(const struct nfl_port *p)
{
    return (struct nfl_report_device){
        .kind = nfl_port_kind_name(p->spec->kind),
        .name = p->spec->arg,
        .driver = p->driver,
        .mtu = p->spec->mtu,
        .queues = p->n_rxq,
        .up = p->up,
        .rx_lost = p->rx_lost,
        .rx_errors = p->losses.rx_errors,
        .rx_partial = p->partial,
        .rx_bad_sums = p->bad_sums,
        .tx_lost = p->losses.tx_lost,
    };
}

static void report_ports(const struct nfl_io *io, struct nfl_report *r)
{
    unsigned i;

    r->first = io->first;
    r->last = io->last;
    for (i = 0; i < r->n_ports; i++) {
        const struct nfl_port *p = &io->ports[i];

        r->ports[i] = (struct nfl_report_port){
            .name = p->spec->name,
            .rx_packets = p->rx_packets,
            .rx_bytes = p->rx_bytes,
            .tx_packets = p->tx_packets,
            .tx_bytes = p->tx_bytes,
            .out = io->aborted ? NULL : p->spec->out,
        };
        if (!io->options->offline)
            r->ports[i].device = report_device(p);
    }
}

/* FAILED if stdout is full. */
static int flush_figures(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return FINE;
    nfl_error("cannot print the statistics: %s", strerror(errno ? errno : EIO));
    return FAILED;
}

/* LOST if the figures are wrong. */
static int print_report(const struct nfl_io *io, const struct nfl_report *r)
{
    char err[256];
    bool printed = true;
    int status;

    if (io->options->json)
        printed = nfl_report_json(r, stdout);
    else if (!io->options->quiet)
        printed = nfl_report_text(r, stdout);
    status = flush_figures();
    if (!printed) {
        nfl_error("no memory for the statistics");
        status = FAILED;
    }
    if (!nfl_report_balanced(r, err, sizeof(err))) {
        nfl_error("%s", err);
        status = LOST;
    }
    return status;
}

static int report(const struct nfl_io *io)
{
    struct nfl_report r = {.n_ports = io->options->n_ports,
                           .top = io->options->top};
    int status = FAILED;

    r.ports = calloc(r.n_ports + 1, sizeof(*r.ports));
    if (r.ports && nfl_summary_report(&io->workers, io->module, &r)) {
        report_ports(io, &r);
        status = print_report(io, &r);
    } else {
        nfl_error("no memory for the statistics");
    }
    nfl_summary_fini(&r);
    free(r.ports);
    return status;
}

static int bench_report(const struct nfl_io *io)
{
    if (io->failed)
        return FAILED;
    nfl_bench_print(io);
    return flush_figures();
}

/* With the EAL: from the first device to the last buffer. */
static int run(struct nfl_io *io)
{
    int status = FAILED, figures;
    bool returned;

    if (nfl_cores_ready(io->options) && nfl_io_open(io) && start_workers(io) &&
        nfl_rights_drop(io->options) && nfl_health_begin(io)) {
        nfl_eal_settled();
        nfl_stop_install(!io->options->offline && !io->bench);
        io->aborted = false;
        nfl_io_run(io);
        if (!io->bench && !nfl_workers_stop(&io->workers, io->trace))
            nfl_error("no memory for the flows that are live at the end");
        nfl_notify("STOPPING=1");
        status = write_state(io) ? FINE : FAILED;
        if (io->bench)
            status = bench_report(io);
    }
    returned = nfl_io_close(io);
    if (io->worker) {
        nfl_io_finish(io);
        figures = io->bench ? FINE : report(io);
        status = figures > status ? figures : status;
        nfl_workers_fini(&io->workers);
    }
    return returned ? status : LOST;
}

static int with_files(struct nfl_io *io)
{
    const struct nfl_options *o = io->options;
    char err[1024];
    int status;

    if (!nfl_rights_lend())
        return FAILED;
    if (o->trace && !(io->trace = nfl_trace_open(o->trace, err, sizeof(err)))) {
        nfl_error("%s", err);
        return FAILED;
    }
    if (!nfl_rights_return())
        return FAILED;
    io->aborted = true; /* until the run begins */
    if (nfl_eal_start(io->module->name, o)) {
        status = run(io);
        nfl_eal_stop();
    } else {
        status = FAILED;
    }
    if (io->trace &&
        !nfl_trace_close(io->trace, o->trace, !io->aborted, err, sizeof(err))) {
        nfl_error("%s", err);
        status = status == FINE ? FAILED : status;
    }
    return status;
}

/* Whose rights the files are opened with. Captures need no more than the
 * user's from the beginning; interfaces and devices do. */
static bool with_rights(struct nfl_io *io, const struct nfl_module *m,
                        struct nfl_options *o)
{
    char err[1024];
    bool good;

    if (!nfl_rights_begin(o) || !nfl_machine_fits(o) || !nfl_health_start(o, m))
        return false;
    if (o->offline)
        return nfl_rights_drop(o) && nfl_io_init(io, m, o);
    if (!nfl_rights_lend())
        return false;
    good = nfl_options_check(o, err, sizeof(err));
    if (!nfl_rights_return())
        return false;
    if (!good)
        nfl_error("%s%s%s", err, o->user ? "; it is written as user " : "",
                  o->user ? o->user : "");
    return good && nfl_io_init(io, m, o);
}

int main(int argc, char **argv)
{
    const struct nfl_module *m = &nfl_module;
    struct nfl_options options;
    struct nfl_io io = {0};
    char err[256];
    int status;

    fill_descriptors();
    nfl_say_init(m->name);
    if (!nfl_module_fits(m, err, sizeof(err))) {
        nfl_error("%s", err);
        return FAILED;
    }
    status = nfl_options_parse(&options, argc, argv, m->name, m->ports,
                               m->n_ports, true);
    if (status >= 0)
        return status;
    nfl_say_quiet(options.quiet || m->brief);
    nfl_stop_block();
    nfl_notify_open();
    status = nfl_cores_check(&options) && with_rights(&io, m, &options)
                 ? with_files(&io)
                 : FAILED;
    if (status == FINE && io.failed)
        status = FAILED;
    nfl_health_end();
    nfl_io_fini(&io);
    nfl_options_fini(&options);
    return status;
}
