#include "ctl/live_stats.h"
#include "ctl/say.h"
#include "flow/summary.h"
#include <time.h>

/* When the last line was printed, and what it said. */
static struct {
    uint64_t start, at; /* ns of the monotonic clock; start 0: not yet begun */
    uint64_t rx, tx;
} before;

static uint64_t monotonic(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void print(const struct nfl_io *io, uint64_t now)
{
    uint64_t rx = 0, tx = 0, drops = 0, live = 0;
    double seconds = (double)(now - before.at) / 1e9;
    struct nfl_report r = {.top = io->options->top};
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        rx += io->ports[i].rx_packets;
        tx += io->ports[i].tx_packets;
    }
    if (nfl_summary_report(&io->workers, io->module, &r)) {
        for (i = 0; i < r.n_drops; i++)
            drops += r.drops[i].packets;
        for (i = 0; i < r.n_flows; i++)
            live += r.flows[i].live;
    }
    nfl_error("%.0f s: in %.0f/s, out %.0f/s; so far %llu in, %llu out, %llu "
              "dropped; %llu flows",
              (double)(now - before.start) / 1e9,
              (double)(rx - before.rx) / seconds,
              (double)(tx - before.tx) / seconds, (unsigned long long)rx,
              (unsigned long long)tx, (unsigned long long)drops,
              (unsigned long long)live);
    if (r.brief) {
        nfl_report_counted(&r, stdout);
        fflush(stdout);
    }
    nfl_summary_fini(&r);
    before.rx = rx;
    before.tx = tx;
}

void nfl_live_stats(const struct nfl_io *io)
{
    uint64_t now;

    if (io->options->stats == 0)
        return;
    now = monotonic();
    if (before.start == 0) {
        before.start = before.at = now;
    } else if (now - before.at >= io->options->stats * 1000000000ull) {
        print(io, now);
        before.at = now;
    }
}
