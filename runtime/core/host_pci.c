/* PCI devices, which DPDK drives itself, through the kernel's VFIO. */
#include "core/host.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NETWORK = 0x02, MEMLOCK_MB = 64, NAME = 256 };

/* ---- what sysfs says ---- */

/* The last part of what a link names; "" if there is none. */
static void link_name(char name[NAME], const char *path)
{
    char to[PATH_MAX];
    ssize_t n = readlink(path, to, sizeof(to) - 1);
    const char *slash;

    to[n > 0 ? n : 0] = '\0';
    slash = strrchr(to, '/');
    snprintf(name, NAME, "%.*s", NAME - 1, slash ? slash + 1 : to);
}

static unsigned class_of(const char *address)
{
    char path[PATH_MAX];
    unsigned class = 0;
    FILE *f;

    nfl_host_path(path, "/sys/bus/pci/devices/%s/class", address);
    f = fopen(path, "re");
    if (f) {
        if (fscanf(f, "0x%x", &class) != 1)
            class = 0;
        fclose(f);
    }
    return class >> 16;
}

/* "0000:03:00.0, 0000:03:00.1": those for networks. */
static unsigned network_devices(char *buf, size_t len)
{
    char path[PATH_MAX];
    struct dirent **e;
    size_t at = 0;
    unsigned found = 0;
    int i, n;

    buf[0] = '\0';
    nfl_host_path(path, "/sys/bus/pci/devices");
    n = scandir(path, &e, NULL, alphasort);
    for (i = 0; i < n; i++) {
        if (class_of(e[i]->d_name) == NETWORK && at < len) {
            at += (size_t)snprintf(buf + at, len - at, "%s%s",
                                   found ? ", " : "", e[i]->d_name);
            found++;
        }
        free(e[i]);
    }
    if (n >= 0)
        free(e);
    return found;
}

static bool has_groups(void)
{
    char path[PATH_MAX];
    struct dirent *e;
    bool any = false;
    DIR *d;

    nfl_host_path(path, "/sys/kernel/iommu_groups");
    d = opendir(path);
    while (d && !any && (e = readdir(d)) != NULL)
        any = e->d_name[0] != '.';
    if (d)
        closedir(d);
    return any;
}

/* Without an IOMMU the kernel can be told to do without its protection. */
static bool has_no_iommu_mode(void)
{
    static const char file[] =
        "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode";
    char path[PATH_MAX], mode = 'N';
    FILE *f;

    nfl_host_path(path, "%s", file);
    f = fopen(path, "re");
    if (f) {
        mode = (char)fgetc(f);
        fclose(f);
    }
    return mode == 'Y' || mode == '1';
}

static bool has_vfio(void)
{
    char path[PATH_MAX];

    nfl_host_path(path, "/sys/bus/pci/drivers/vfio-pci");
    return nfl_host_exists(path);
}

/* ---- one device ---- */

static const char no_iommu[] = "modprobe vfio enable_unsafe_noiommu_mode=1";

static void not_bound(struct nfl_host *h, const char *check,
                      const char *address, const char *driver)
{
    char mend[128];

    snprintf(mend, sizeof(mend), "dpdk-devbind.py --bind=vfio-pci %s", address);
    if (*driver)
        nfl_host_add(h, check, NFL_HOST_BAD, mend,
                     "device %s belongs to the kernel's driver %s", address,
                     driver);
    else
        nfl_host_add(h, check, NFL_HOST_BAD, mend,
                     "device %s has no driver; DPDK uses it by vfio-pci",
                     address);
}

/* The file of the group that a device is in; "" if it is in none. */
static void group_file(const char *address, char file[PATH_MAX])
{
    char path[PATH_MAX], group[NAME];

    nfl_host_path(path, "/sys/bus/pci/devices/%s/iommu_group", address);
    link_name(group, path);
    if (!*group)
        file[0] = '\0';
    else if (has_no_iommu_mode() && !has_groups())
        nfl_host_path(file, "/dev/vfio/noiommu-%s", group);
    else
        nfl_host_path(file, "/dev/vfio/%s", group);
}

static void look_at_group(struct nfl_host *h, const char *check,
                          const char *address)
{
    char file[PATH_MAX];
    struct rlimit limit;

    group_file(address, file);
    if (!*file) {
        nfl_host_add(h, check, NFL_HOST_BAD, no_iommu,
                     "device %s has no IOMMU group; switch the IOMMU on in the "
                     "firmware (intel_iommu=on for Linux), or do without its "
                     "protection",
                     address);
    } else if (access(file, R_OK | W_OK) != 0) {
        nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                     "no permission to use device %s: %s: %s; run it as root, "
                     "or give the file to the user",
                     address, file, strerror(errno));
    } else if (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 &&
               limit.rlim_cur < (rlim_t)MEMLOCK_MB << 20) {
        nfl_host_add(h, check, NFL_HOST_BAD, "ulimit -l unlimited",
                     "device %s needs locked memory, and this user may lock "
                     "%llu kB",
                     address, (unsigned long long)limit.rlim_cur >> 10);
    } else {
        nfl_host_add(h, check, NFL_HOST_GOOD, NULL,
                     "device %s is bound to vfio-pci", address);
    }
}

void nfl_host_pci(struct nfl_host *h, const char *check, const char *address)
{
    char path[PATH_MAX], driver[NAME], names[256];

    nfl_host_path(path, "/sys/bus/pci/devices/%s", address);
    if (!nfl_host_exists(path)) {
        network_devices(names, sizeof(names));
        nfl_host_add(h, check, NFL_HOST_BAD, NULL,
                     "there is no PCI device %s; %s%s", address,
                     *names ? "those for networks are "
                            : "this machine has none for networks",
                     names);
        return;
    }
    nfl_host_path(path, "/sys/bus/pci/devices/%s/driver", address);
    link_name(driver, path);
    if (strncmp(driver, "mlx", 3) == 0 || strcmp(driver, "igb_uio") == 0 ||
        strcmp(driver, "uio_pci_generic") == 0)
        nfl_host_add(h, check, NFL_HOST_GOOD, NULL, "device %s is bound to %s",
                     address, driver);
    else if (!has_vfio())
        nfl_host_add(h, check, NFL_HOST_BAD, "modprobe vfio-pci",
                     "the kernel's module vfio-pci is not loaded, which DPDK "
                     "needs for device %s",
                     address);
    else if (strcmp(driver, "vfio-pci") != 0)
        not_bound(h, check, address, driver);
    else
        look_at_group(h, check, address);
}

/* ---- at all ---- */

void nfl_host_vfio(struct nfl_host *h)
{
    char names[256];

    if (network_devices(names, sizeof(names)) == 0)
        nfl_host_add(h, "vfio", NFL_HOST_NOTE, NULL,
                     "this machine has no PCI device for networks");
    else if (!has_vfio())
        nfl_host_add(h, "vfio", NFL_HOST_NOTE, "modprobe vfio-pci",
                     "vfio-pci is not loaded; PCI devices need it: %s", names);
    else if (!has_groups() && !has_no_iommu_mode())
        nfl_host_add(h, "vfio", NFL_HOST_NOTE, no_iommu,
                     "there is no IOMMU; PCI devices need it, or to do "
                     "without: %s",
                     names);
    else
        nfl_host_add(h, "vfio", NFL_HOST_GOOD, NULL,
                     "PCI devices can be bound to vfio-pci: %s", names);
}
