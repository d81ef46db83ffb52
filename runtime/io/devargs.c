#include "io/devargs.h"
#include "ctl/say.h"
#include <dirent.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* ---- PCI devices ---- */

/* The first entry of /sys/bus/pci/devices/ADDRESS/FOLDER. */
static bool pci_entry(const char *address, const char *folder, char *buf,
                      size_t len)
{
    char path[256];
    struct dirent *e;
    bool found = false;
    DIR *d;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", address, folder);
    d = opendir(path);
    while (d && !found && (e = readdir(d)) != NULL) {
        found = e->d_name[0] != '.';
        snprintf(buf, len, "%.*s", (int)len - 1, e->d_name);
    }
    if (d)
        closedir(d);
    return found;
}

static bool pci_is_network(const char *address)
{
    char path[256], class[16] = "";
    FILE *f;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", address);
    f = fopen(path, "re");
    if (f) {
        if (!fgets(class, sizeof(class), f))
            class[0] = '\0';
        fclose(f);
    }
    return strncmp(class, "0x02", 4) == 0;
}

/* "" if the device has none. */
static void pci_driver(const char *address, char *driver, size_t len)
{
    char path[256], link[256];
    const char *slash;
    ssize_t n;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", address);
    n = readlink(path, link, sizeof(link) - 1);
    link[n > 0 ? n : 0] = '\0';
    slash = strrchr(link, '/');
    snprintf(driver, len, "%.*s", (int)len - 1, slash ? slash + 1 : link);
}

/* Through these DPDK reaches a device; some share it with the kernel. */
static bool pci_driver_fits(const char *driver)
{
    static const char *const good[] = {"vfio-pci",  "uio_pci_generic",
                                       "igb_uio",   "mlx4_core",
                                       "mlx5_core", "gve"};
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(*good); i++)
        if (strcmp(driver, good[i]) == 0)
            return true;
    return false;
}

static bool pci_unbound(const struct nfl_port_spec *s, const char *driver)
{
    char name[IFNAMSIZ];

    if (!*driver)
        nfl_error("port %s: no driver has PCI device %s; mend it with: "
                  "dpdk-devbind.py --bind=vfio-pci %s",
                  s->name, s->arg, s->arg);
    else if (pci_entry(s->arg, "net", name, sizeof(name)))
        nfl_error("port %s: PCI device %s is the kernel's interface %s; write "
                  "iface:%s, or take it away from the kernel with: "
                  "dpdk-devbind.py --bind=vfio-pci %s",
                  s->name, s->arg, name, name, s->arg);
    else
        nfl_error("port %s: driver %s has PCI device %s; mend it with: "
                  "dpdk-devbind.py --bind=vfio-pci %s",
                  s->name, driver, s->arg, s->arg);
    return false;
}

bool nfl_pci_check(struct nfl_port *p)
{
    struct nfl_port_spec *s = p->spec;
    char path[256], driver[64];

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", s->arg);
    if (access(path, F_OK) != 0) {
        nfl_error("port %s: there is no PCI device %s; lspci -D lists all",
                  s->name, s->arg);
        return false;
    }
    if (!pci_is_network(s->arg)) {
        nfl_error("port %s: PCI device %s is no network device", s->name,
                  s->arg);
        return false;
    }
    pci_driver(s->arg, driver, sizeof(driver));
    if (!pci_driver_fits(driver))
        return pci_unbound(s, driver);
    if (s->mtu == 0)
        s->mtu = ETH_DATA_LEN;
    return true;
}
