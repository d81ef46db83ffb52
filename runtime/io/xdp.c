/* xdp:NAME, an interface through AF_XDP (kernel: Documentation/networking/
 * af_xdp.rst), with DPDK's driver for it. */
#include "ctl/say.h"
#include "io/devargs.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

enum { SETTLE_MS = 300 };

/* ---- before the EAL ---- */

bool nfl_xdp_check(struct nfl_port *p)
{
    struct nfl_port_spec *s = p->spec;
    unsigned has;

    if (!nfl_netif_check(p))
        return false;
    has = nfl_netif_mtu(s->arg);
    if (has > NFL_XDP_MTU) {
        nfl_error("port %s: AF_XDP carries no frames as long as interface "
                  "%s has them; mend it with: ip link set %s mtu %d (and the "
                  "same at its peer), or write iface:%s",
                  s->name, s->arg, s->arg, NFL_XDP_MTU, s->arg);
        return false;
    }
    if (s->mtu > NFL_XDP_MTU) {
        nfl_error("port %s: AF_XDP carries no frames of mtu=%u; write mtu=%d "
                  "or less, or iface:%s",
                  s->name, s->mtu, NFL_XDP_MTU, s->arg);
        return false;
    }
    if (s->mtu > has)
        nfl_error("port %s: mtu=%u is more than interface %s has; "
                  "mend it with: ip link set %s mtu %u",
                  s->name, s->mtu, s->arg, s->arg, s->mtu);
    if (s->mtu == 0 || s->mtu > has)
        s->mtu = has;
    p->iface.fd = s->no_promisc ? -1 : nfl_netif_promisc(s->arg);
    return true;
}

/* ---- opening ---- */

static int say_nothing(int level, const char *fmt, va_list ap)
{
    (void)level;
    (void)fmt;
    (void)ap;
    return 0;
}

/* A library that only DPDK's driver is linked with. */
static void hush(const char *library, const char *function)
{
    void *lib = dlopen(library, RTLD_LAZY | RTLD_NOLOAD), *set = NULL;
    void (*call)(int (*)(int, const char *, va_list));

    if (lib)
        set = dlsym(lib, function);
    if (set) {
        *(void **)&call = set;
        call(say_nothing);
    }
    if (lib)
        dlclose(lib);
}

/* Without a dispatcher nothing is left in /sys/fs/bpf. */
void nfl_xdp_prepare(struct nfl_port *p)
{
    setenv("LIBXDP_SKIP_DISPATCHER", "1", 0);
    hush("libbpf.so.1", "libbpf_set_print");
    hush("libxdp.so.1", "libxdp_set_print");
    nfl_netif_count(p->spec->arg, &p->counted);
}

/* Some interfaces lose their carrier for a moment when a program comes to
 * them. */
void nfl_xdp_settle(const struct nfl_port *p)
{
    const struct timespec step = {.tv_nsec = 1000000};
    unsigned ms;

    for (ms = 0; ms < SETTLE_MS && !nfl_netif_up(p->spec->arg); ms++)
        nanosleep(&step, NULL);
}
