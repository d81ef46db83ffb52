/* What the kernel knows of its network interfaces. */
#ifndef NFL_IO_NETIF_H
#define NFL_IO_NETIF_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct nfl_port;

/* An ioctl that takes a struct ifreq, for the interface of that name. */
bool nfl_netif_ask(const char *name, unsigned long what, struct ifreq *r);

/* False, after a line: the port's interface is not there, or carries no
 * Ethernet frames. */
bool nfl_netif_check(const struct nfl_port *p);
/* The driver's name; "" if there is no interface, or it does not tell. */
void nfl_netif_driver(const char *name, char *driver, size_t len);
/* Queues that frames arrive at; at least 1. */
unsigned nfl_netif_queues(const char *name);
/* Bytes above the Ethernet header; 1500 if it cannot be told. */
unsigned nfl_netif_mtu(const char *name);

/* Frames for others are to be seen as well: as long as the packet socket is
 * open, however the program ends. Tells if that cannot be. */
void nfl_netif_be_promiscuous(int fd, const char *name);
/* The same with a socket that is only for that, or -1. */
int nfl_netif_promisc(const char *name);

/* Now. */
bool nfl_netif_up(const char *name);
/* For struct nfl_port_ops: whether the interface is up. */
bool nfl_netif_watch(struct nfl_port *p);

/* What the interface lost since it was made, modulo 2^32. False: it is not
 * there. */
struct nfl_netif_counts {
    uint32_t rx_dropped, rx_errors, tx_dropped, tx_errors;
};
bool nfl_netif_count(const char *name, struct nfl_netif_counts *c);

/* The longest frame that the kernel sends: it counts one VLAN tag apart. */
uint32_t nfl_netif_frame_max(unsigned mtu, const uint8_t *frame, uint32_t len);

#endif
