/* A live run: one lane, polled by the main thread, or several, each polled by
 * a thread of its own while the main thread looks after the ports. */
#include "ctl/cores.h"
#include "ctl/live_stats.h"
#include "ctl/notify.h"
#include "ctl/reload.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "io/device.h"
#include "io/lane.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    WATCH_MS = 1000,
    WATCH_DOWN_MS = 50,
    CLOCK_ROUNDS = 1024, /* the clock goes on, also for who only steers, and
                            packets that waited do */
    IDLE_SPIN = 2000,    /* empty rounds before a worker rests: */
    REST_US = 50,        /* if it cannot be woken */
    REST_MS = 10         /* if it can: the clock goes on */
};

/* ---- rest ---- */

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

/* ---- the ports ---- */

/* Packets that never got here: the kernel had no room for them. Their length
 * is not known. */
static void count_lost(struct nfl_io *io, struct nfl_port *p)
{
    uint64_t lost = p->ops->lost(p);

    p->rx_lost += lost;
    io->workers.drops[NFL_DROP_rx_full] += lost;
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

static void finish(struct nfl_io *io, const struct nfl_lanes *lanes)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        p->ops->flush(p);
        count_lost(io, p);
    }
    if (lanes)
        nfl_lanes_count(lanes);
    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        p->ops->losses(p, &p->losses);
        if (p->partial)
            nfl_error("port %s: %llu of %llu packets had checksums that were "
                      "not filled in",
                      p->spec->name, (unsigned long long)p->partial,
                      (unsigned long long)p->rx_packets);
    }
}

/* False if a port is gone. */
static bool look_after(struct nfl_io *io, const struct nfl_lanes *lanes)
{
    nfl_lanes_count(lanes);
    nfl_live_stats(io);
    nfl_reload_step(io);
    if (watch(io))
        return true;
    io->failed = true;
    return false;
}

/* ---- one lane, in the main thread ---- */

static void run_alone(struct nfl_io *io, struct nfl_lanes *lanes)
{
    struct pollfd *fds = calloc(io->options->n_ports + 1, sizeof(*fds));
    struct nfl_lane *l = &lanes->at[0];
    unsigned idle = 0, rounds = 0;

    io->failed = !fds;
    while (fds && !nfl_stop_signal) {
        idle = nfl_lane_poll(l) ? 0 : idle + 1;
        if (idle > IDLE_SPIN)
            rest(io, fds);
        else if (++rounds % CLOCK_ROUNDS != 0)
            continue;
        nfl_lane_clock(l);
        if (!look_after(io, lanes))
            break;
    }
    free(fds);
}

/* ---- several ---- */

static atomic_bool gone; /* a port is: the run ends */

static void run_lane(void *lanes, unsigned index)
{
    struct nfl_lane *l = &((struct nfl_lanes *)lanes)->at[index];
    unsigned idle = 0, rounds = 0;

    while (!nfl_stop_signal &&
           !atomic_load_explicit(&gone, memory_order_relaxed)) {
        idle = nfl_lane_poll(l) ? 0 : idle + 1;
        if (idle > IDLE_SPIN)
            usleep(REST_US);
        if (idle > IDLE_SPIN || ++rounds % CLOCK_ROUNDS == 0)
            nfl_lane_clock(l);
    }
    nfl_lane_drain(l);
}

static void run_divided(struct nfl_io *io, struct nfl_lanes *lanes)
{
    nfl_cores_launch(lanes->n, run_lane, lanes);
    while (!nfl_stop_signal && look_after(io, lanes))
        usleep(REST_MS * 1000);
    atomic_store(&gone, true);
    nfl_cores_join();
}

/* A shell without jobs starts what is behind & with SIGINT ignored. */
static void note_running(void)
{
    struct sigaction now;

    if (sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        nfl_note("running; stop with Ctrl-C");
    else
        nfl_note("running; stop with kill %d", (int)getpid());
}

void nfl_live_run(struct nfl_io *io)
{
    struct nfl_lanes *lanes = nfl_lanes_new(io);

    if (lanes && nfl_live_start(io)) {
        note_running();
        nfl_notify("READY=1\nSTATUS=carries packets");
        if (lanes->n == 1)
            run_alone(io, lanes);
        else
            run_divided(io, lanes);
    } else {
        io->failed = true;
    }
    nfl_reload_end(io);
    finish(io, lanes);
    nfl_lanes_free(lanes);
}
