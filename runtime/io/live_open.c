/* The live ports of a run, together. */
#include "ctl/say.h"
#include "flow/inlet.h"
#include "io/device.h"
#include "io/lane.h"
#include "ctl/stop.h"
#include "io/pool.h"
#include <time.h>

enum {
    BUFFERS = 8191, /* beside those in the rings of devices */
    BUFFERS_BIG = 1023,
    BIG = 4096,     /* bytes */
    LINK_MS = 5000, /* to wait until all links are up */
    LINK_STEP_MS = 20
};

static const struct nfl_port_ops *ops_of(enum nfl_port_kind kind)
{
    switch (kind) {
    case NFL_PORT_IFACE:
        return &nfl_iface_ops;
    case NFL_PORT_TAP:
        return &nfl_tap_ops;
    default:
        return &nfl_device_ops;
    }
}

bool nfl_live_check(struct nfl_io *io)
{
    const uint32_t most = NFL_FRAME_MAX - RTE_PKTMBUF_HEADROOM;
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        p->ops = ops_of(p->spec->kind);
        if (!p->ops->check(p))
            return false;
        p->frame_max = nfl_port_frame_max(p->spec);
        if (p->frame_max > most)
            p->frame_max = most;
    }
    return true;
}

static uint32_t buffer_room(const struct nfl_io *io)
{
    uint32_t room = RTE_MBUF_DEFAULT_DATAROOM;
    unsigned i;

    if (room < nfl_inlet_longest(io->module))
        room = nfl_inlet_longest(io->module);
    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].frame_max > room)
            room = io->ports[i].frame_max;
    return room;
}

/* A packet may wait in any ring, and some drivers fill theirs with empty
 * buffers. */
static unsigned buffers(const struct nfl_io *io, uint32_t room, uint16_t queues)
{
    unsigned i, n = room > BIG ? BUFFERS_BIG : BUFFERS;

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].ops == &nfl_device_ops)
            n += 2 * queues * NFL_PORT_RING;
    n += io->options->cores * nfl_inlet_held(io->module);
    if (io->options->cores > 1)
        n += 2 * io->options->cores * NFL_LANE_RING;
    return n;
}

bool nfl_live_open(struct nfl_io *io)
{
    uint32_t room = buffer_room(io);
    const uint16_t queues = (uint16_t)io->options->cores;
    unsigned i;

    io->pool = nfl_pool_new("nfl", buffers(io, room, queues), room);
    if (!io->pool)
        return false;
    for (i = 0; i < io->options->n_ports; i++)
        if (!io->ports[i].ops->open(io, &io->ports[i], queues))
            return false;
    return true;
}

/* ---- links ---- */

/* All are looked at, and told. NULL: all are up. */
static const struct nfl_port *down(struct nfl_io *io, bool *gone)
{
    const struct nfl_port *first = NULL;
    unsigned i;

    *gone = false;
    for (i = 0; i < io->options->n_ports; i++) {
        struct nfl_port *p = &io->ports[i];

        if (!p->ops->watch(p)) {
            *gone = true;
            return p;
        }
        if (!p->up && !first)
            first = p;
    }
    return first;
}

/* Nothing arrives meanwhile that nobody fetches. False if a port is gone. */
static bool wait_for_links(struct nfl_io *io)
{
    const struct timespec step = {.tv_nsec = LINK_STEP_MS * 1000000L};
    const struct nfl_port *p;
    unsigned ms;
    bool gone;

    for (ms = 0; !nfl_stop_signal && ms < LINK_MS; ms += LINK_STEP_MS) {
        p = down(io, &gone);
        if (!p || gone)
            return !gone;
        if (ms == 0)
            nfl_note("waiting up to %d s for the link of port %s",
                     LINK_MS / 1000, p->spec->name);
        nanosleep(&step, NULL);
    }
    return true;
}

bool nfl_live_start(struct nfl_io *io)
{
    unsigned i;

    if (!wait_for_links(io))
        return false;
    for (i = 0; i < io->options->n_ports; i++)
        if (!io->ports[i].ops->start(&io->ports[i]))
            return false;
    return true;
}

bool nfl_live_close(struct nfl_io *io)
{
    bool all = true;
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].ops)
            io->ports[i].ops->close(&io->ports[i]);
    for (i = 0; i < io->options->n_ports; i++) {
        all &= nfl_pool_free(io->ports[i].own_pool, io->ports[i].kept);
        io->ports[i].own_pool = NULL;
    }
    return all;
}
