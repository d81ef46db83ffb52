#include "io/netif.h"
#include "core/host.h"
#include "ctl/say.h"
#include "io/port.h"
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

bool nfl_netif_ask(const char *name, unsigned long what, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good;

    snprintf(r->ifr_name, sizeof(r->ifr_name), "%s", name);
    if (fd < 0) /* a kernel without IPv4 */
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    good = ioctl(fd, what, r) == 0;
    close(fd);
    return good;
}

static bool ethtool(const char *name, void *question)
{
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    r.ifr_data = (char *)question;
    return nfl_netif_ask(name, SIOCETHTOOL, &r);
}

/* ---- what it is ---- */

bool nfl_netif_check(const struct nfl_port *p)
{
    const struct nfl_port_spec *spec = p->spec;
    char names[256];
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    if (if_nametoindex(spec->arg) == 0) {
        nfl_host_interface_names(names, sizeof(names));
        nfl_error("port %s: there is no interface '%s'; there are %s",
                  spec->name, spec->arg, names);
        return false;
    }
    if (!nfl_netif_ask(spec->arg, SIOCGIFHWADDR, &r) ||
        r.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
        r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK)
        return true;
    nfl_error("port %s: interface %s carries no Ethernet frames", spec->name,
              spec->arg);
    return false;
}

void nfl_netif_driver(const char *name, char *driver, size_t len)
{
    struct ethtool_drvinfo info;

    memset(&info, 0, sizeof(info));
    info.cmd = ETHTOOL_GDRVINFO;
    if (!ethtool(name, &info))
        info.driver[0] = '\0';
    snprintf(driver, len, "%.*s", (int)sizeof(info.driver), info.driver);
}

unsigned nfl_netif_queues(const char *name)
{
    struct ethtool_channels c;
    unsigned n = 0;

    memset(&c, 0, sizeof(c));
    c.cmd = ETHTOOL_GCHANNELS;
    if (ethtool(name, &c))
        n = c.combined_count ? c.combined_count : c.rx_count;
    return n ? n : 1;
}

unsigned nfl_netif_mtu(const char *name)
{
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    return nfl_netif_ask(name, SIOCGIFMTU, &r) && r.ifr_mtu > 0
               ? (unsigned)r.ifr_mtu
               : ETH_DATA_LEN;
}

uint32_t nfl_netif_frame_max(unsigned mtu, const uint8_t *frame, uint32_t len)
{
    bool tagged = len >= ETH_HLEN && frame[12] == 0x81 && frame[13] == 0x00;

    return mtu + ETH_HLEN + (tagged ? 4 : 0);
}

void nfl_netif_be_promiscuous(int fd, const char *name)
{
    struct packet_mreq m;

    memset(&m, 0, sizeof(m));
    m.mr_ifindex = (int)if_nametoindex(name);
    m.mr_type = PACKET_MR_PROMISC;
    if (fd < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)) != 0)
        nfl_error("interface %s cannot be made promiscuous: %s; frames to "
                  "other addresses do not arrive",
                  name, strerror(errno));
}

int nfl_netif_promisc(const char *name)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    nfl_netif_be_promiscuous(fd, name);
    return fd;
}

/* ---- while it runs ---- */

bool nfl_netif_up(const char *name)
{
    struct ifreq r;

    memset(&r, 0, sizeof(r));
    return nfl_netif_ask(name, SIOCGIFFLAGS, &r) && r.ifr_flags & IFF_UP &&
           r.ifr_flags & IFF_RUNNING;
}

bool nfl_netif_watch(struct nfl_port *p)
{
    const char *port = p->spec->name, *name = p->spec->arg;
    struct ifreq r;
    bool up;

    memset(&r, 0, sizeof(r));
    if (!nfl_netif_ask(name, SIOCGIFFLAGS, &r)) {
        nfl_error("port %s: interface %s is gone", port, name);
        return false;
    }
    up = r.ifr_flags & IFF_UP && r.ifr_flags & IFF_RUNNING;
    if (up == p->up)
        return true;
    if (up)
        nfl_error("port %s: interface %s is up", port, name);
    else if (r.ifr_flags & IFF_UP)
        nfl_error("port %s: interface %s has no carrier; is its peer up?", port,
                  name);
    else
        nfl_error("port %s: interface %s is down; mend it with: "
                  "ip link set %s up",
                  port, name, name);
    p->up = up;
    return true;
}

bool nfl_netif_count(const char *name, struct nfl_netif_counts *c)
{
    struct ifaddrs *all = NULL, *a;
    const struct rtnl_link_stats *s;
    bool found = false;

    memset(c, 0, sizeof(*c));
    if (getifaddrs(&all) != 0)
        return false;
    for (a = all; a; a = a->ifa_next) {
        if (!a->ifa_addr || a->ifa_addr->sa_family != AF_PACKET ||
            !a->ifa_data || strcmp(a->ifa_name, name) != 0)
            continue;
        found = true;
        s = a->ifa_data;
        *c = (struct nfl_netif_counts){
            .rx_dropped = s->rx_dropped,
            .rx_errors = s->rx_errors,
            .tx_dropped = s->tx_dropped,
            .tx_errors = s->tx_errors,
        };
    }
    freeifaddrs(all);
    return found;
}
