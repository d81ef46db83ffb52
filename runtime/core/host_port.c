/* Interfaces, and the right to use them. */
#include "core/host.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char as_root[] = "setcap cap_net_raw+ep PROGRAM";

void nfl_host_interface_names(char *buf, size_t len)
{
    struct if_nameindex *all = if_nameindex();
    size_t at = 0;
    unsigned i;

    buf[0] = '\0';
    for (i = 0; all && all[i].if_name && at < len; i++)
        at += (size_t)snprintf(buf + at, len - at, "%s%s", i ? ", " : "",
                               all[i].if_name);
    if (all)
        if_freenameindex(all);
}

/* 0, or errno: may a socket of this family be made? */
static int try_socket(int family)
{
    int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static bool is_up(const char *name)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq r;
    bool up = true;

    if (fd < 0)
        return true;
    memset(&r, 0, sizeof(r));
    strncpy(r.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFFLAGS, &r) == 0)
        up = r.ifr_flags & IFF_UP;
    close(fd);
    return up;
}

/* ---- kinds of ports ---- */

static bool look_for_interface(struct nfl_host *h, const char *check,
                               const char *name)
{
    char names[256];

    if (if_nametoindex(name) != 0)
        return true;
    nfl_host_interface_names(names, sizeof(names));
    nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                 "there is no interface '%s'; there are %s", name, names);
    return false;
}

static void found(struct nfl_host *h, const char *check, const char *name)
{
    char mend[64];

    snprintf(mend, sizeof(mend), "ip link set %s up", name);
    if (is_up(name))
        nfl_host_add(h, check, NFL_HOST_GOOD, NULL,
                     "interface %s is up and can be used", name);
    else
        nfl_host_add(h, check, NFL_HOST_NOTE, mend,
                     "interface %s can be used, but is down", name);
}

static void look_at_iface(struct nfl_host *h, const char *check,
                          const char *name)
{
    int error;

    if (!look_for_interface(h, check, name))
        return;
    error = try_socket(AF_PACKET);
    if (error == EPERM || error == EACCES)
        nfl_host_add(h, check, NFL_HOST_BAD, as_root,
                     "no permission to use interface %s; run it as root, or "
                     "give the program the right",
                     name);
    else if (error)
        nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                     "cannot open interface %s: %s", name, strerror(error));
    else
        found(h, check, name);
}

void nfl_host_xdp(struct nfl_host *h, const char *check, const char *name)
{
    int error;

    if (!look_for_interface(h, check, name))
        return;
    error = try_socket(AF_XDP);
    if (error == EAFNOSUPPORT)
        nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                     "this kernel has no AF_XDP; write iface:%s", name);
    else if (error || !nfl_host_can(CAP_NET_ADMIN) ||
             !nfl_host_can(CAP_SYS_ADMIN) || !nfl_host_can(CAP_IPC_LOCK))
        nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                     "no permission to use interface %s by XDP; run it as "
                     "root (--user NAME gives that up once the ports are "
                     "open), or write iface:%s",
                     name, name);
    else
        found(h, check, name);
}

void nfl_host_tap(struct nfl_host *h, const char *check, const char *name)
{
    char path[PATH_MAX];
    int fd;

    nfl_host_path(path, "/dev/net/tun");
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
        nfl_host_add(h, check, NFL_HOST_BAD, "modprobe tun",
                     "there is no /dev/net/tun, which interface %s is made by",
                     name);
    else if (fd < 0 || (!if_nametoindex(name) && !nfl_host_can(CAP_NET_ADMIN)))
        nfl_host_add(h, check, NFL_HOST_BAD, "setcap cap_net_admin+ep PROGRAM",
                     "no permission to make interface %s; run it as root, "
                     "make it before (ip tuntap add %s mode tap user USER), "
                     "or give the program the right",
                     name, name);
    else
        nfl_host_add(h, check, NFL_HOST_GOOD, NULL,
                     "interface %s can be made or used", name);
    if (fd >= 0)
        close(fd);
}

static void look_at_capture(struct nfl_host *h, const char *check,
                            const struct nfl_port_spec *p)
{
    if (p->in && access(p->in, R_OK) != 0)
        nfl_host_add(h, check, NFL_HOST_BAD, NULL, "cannot read %s: %s", p->in,
                     strerror(errno));
    else
        nfl_host_add(h, check, NFL_HOST_GOOD, NULL, "%s %s can be used",
                     p->in ? "capture" : "output", p->in ? p->in : p->out);
}

void nfl_host_port(struct nfl_host *h, const struct nfl_port_spec *p)
{
    char check[80];

    snprintf(check, sizeof(check), "port %s", p->name);
    switch (p->kind) {
    case NFL_PORT_PCAP:
        look_at_capture(h, check, p);
        break;
    case NFL_PORT_IFACE:
        look_at_iface(h, check, p->arg);
        break;
    case NFL_PORT_TAP:
        nfl_host_tap(h, check, p->arg);
        break;
    case NFL_PORT_XDP:
        nfl_host_xdp(h, check, p->arg);
        break;
    case NFL_PORT_PCI:
        nfl_host_pci(h, check, p->arg);
        break;
    case NFL_PORT_VDEV: /* only DPDK knows */
        break;
    }
}

/* ---- at all ---- */

void nfl_host_interfaces(struct nfl_host *h)
{
    int error = try_socket(AF_PACKET);
    char names[256];

    nfl_host_interface_names(names, sizeof(names));
    if (error)
        nfl_host_add(h, "interfaces", NFL_HOST_NOTE, as_root,
                     "no right to use interfaces (CAP_NET_RAW): %s",
                     strerror(error));
    else
        nfl_host_add(h, "interfaces", NFL_HOST_GOOD, NULL,
                     "interfaces can be used: %s", names);
}
