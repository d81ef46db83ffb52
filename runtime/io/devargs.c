#include "io/devargs.h"
#include "ctl/say.h"
#include <stdio.h>

bool nfl_devargs_of(const struct nfl_port *p, struct nfl_devargs *d)
{
    const struct nfl_port_spec *s = p->spec;
    int name, args;

    d->bus = s->kind == NFL_PORT_PCI ? "pci" : "vdev";
    if (s->kind == NFL_PORT_XDP) {
        name = snprintf(d->name, sizeof(d->name), "net_af_xdp_%s", s->arg);
        args = snprintf(d->args, sizeof(d->args), "iface=%s,queue_count=%u",
                        s->arg, nfl_netif_queues(s->arg));
    } else {
        name = snprintf(d->name, sizeof(d->name), "%s", s->arg);
        args = snprintf(d->args, sizeof(d->args), "%s",
                        s->devargs ? s->devargs : "");
    }
    if (name < (int)sizeof(d->name) && args < (int)sizeof(d->args))
        return true;
    nfl_error("port %s: name or arguments of the device are too long", s->name);
    return false;
}
