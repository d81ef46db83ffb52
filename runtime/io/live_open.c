/* The live ports of a run, together. */
#include "ctl/say.h"
#include "io/device.h"
#include "io/pool.h"

enum { BUFFERS = 8191, BUFFERS_BIG = 1023, BIG = 4096 };

static const struct nfl_port_ops *ops_of(enum nfl_port_kind kind)
{
    return kind == NFL_PORT_IFACE ? &nfl_iface_ops : &nfl_device_ops;
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

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].frame_max > room)
            room = io->ports[i].frame_max;
    return room;
}

bool nfl_live_open(struct nfl_io *io)
{
    uint32_t room = buffer_room(io);
    const uint16_t queues = 1; /* one worker polls all ports */
    unsigned i;

    io->pool = nfl_pool_new(room > BIG ? BUFFERS_BIG : BUFFERS, room);
    if (!io->pool)
        return false;
    for (i = 0; i < io->options->n_ports; i++)
        if (!io->ports[i].ops->open(io, &io->ports[i], queues))
            return false;
    return true;
}

bool nfl_live_start(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (!io->ports[i].ops->start(&io->ports[i]))
            return false;
    return true;
}

void nfl_live_close(struct nfl_io *io)
{
    unsigned i;

    for (i = 0; i < io->options->n_ports; i++)
        if (io->ports[i].ops)
            io->ports[i].ops->close(&io->ports[i]);
}
