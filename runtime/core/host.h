/* The parts of nfl_host_look. Each adds what it finds. */
#ifndef NFL_CORE_HOST_H
#define NFL_CORE_HOST_H

#include <limits.h>
#include <nfl/host.h>

void nfl_host_hugepages(struct nfl_host *h, const struct nfl_options *o,
                        bool all);
void nfl_host_prefix(struct nfl_host *h, const struct nfl_options *o);
void nfl_host_port(struct nfl_host *h, const struct nfl_port_spec *p);
void nfl_host_tap(struct nfl_host *h, const char *check, const char *name);
void nfl_host_xdp(struct nfl_host *h, const char *check, const char *name);
void nfl_host_pci(struct nfl_host *h, const char *check, const char *address);
/* Whether interfaces and devices could be used at all. */
void nfl_host_interfaces(struct nfl_host *h);
void nfl_host_vfio(struct nfl_host *h);

/* The value of an EAL option, as "--file-prefix=x", "--file-prefix x" or
 * "-m64"; "" if it has none, NULL if it is not given. */
const char *nfl_eal_value(const struct nfl_options *o, const char *option);

/* ---- the machine ---- */

/* Below the folder of nfl_host_below. */
void nfl_host_path(char path[PATH_MAX], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool nfl_host_exists(const char *path);
/* The number a file holds; 0 if there is none. */
unsigned long nfl_host_number(const char *path);
/* The names of the machine's interfaces: "eth0, lo". */
void nfl_host_interface_names(char *buf, size_t len);
/* Has this thread the capability CAP_...? */
bool nfl_host_can(int capability);

#endif
