/* The command line that every compiled program and `nflc interp` share. */
#ifndef NFL_OPTIONS_H
#define NFL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nfl_port_kind {
    NFL_PORT_PCAP,  /* pcap:IN[,OUT]; IN may be left empty */
    NFL_PORT_IFACE, /* iface:NAME, a packet socket */
    NFL_PORT_TAP,   /* tap:NAME, an interface that the program makes */
    NFL_PORT_XDP,   /* xdp:NAME, AF_XDP */
    NFL_PORT_VDEV,  /* vdev:ARGS, any DPDK virtual device */
    NFL_PORT_PCI,   /* DDDD:BB:DD.F[,ARGS], a device that vfio has */
};

/* "iface": what stands in front of the colon. */
const char *nfl_port_kind_name(enum nfl_port_kind kind);

struct nfl_port_spec {
    const char *name; /* as in the source */
    enum nfl_port_kind kind;
    char *in, *out;  /* PCAP: files; NULL: none */
    char *arg;       /* interface; VDEV: device; PCI: address */
    char *devargs;   /* VDEV, PCI: for the driver, or NULL */
    unsigned mtu;    /* bytes above the Ethernet header; PCAP: 65535; others:
                        0 until the device was asked, unless given */
    bool no_promisc; /* frames for others are left alone: promisc=off */
};

/* The longest frame that a port takes in or lets out, with up to two VLAN
 * tags. A longer one that arrives is dropped before it enters a chain, with
 * the reason `oversize`, and does not count as a packet of the trace. No frame
 * is ever longer than 65,535 bytes: the limit of a buffer. */
#define NFL_FRAME_MAX 65535
uint32_t nfl_port_frame_max(const struct nfl_port_spec *p);

/* --health: a command that says whether a backend can be used. */
struct nfl_health_spec {
    char *param; /* CHAIN.NF.PARAM, made of a file of backends */
    char **argv; /* the command by its path, and arguments */
    unsigned argc;
};

struct nfl_options {
    struct nfl_port_spec *ports; /* n_ports, in order of declaration */
    unsigned n_ports;
    bool json;      /* final statistics as JSON on stdout */
    unsigned stats; /* live figures on stderr every so many seconds */
    unsigned top;   /* entries of each table in the statistics; 0: the usual */
    const char *trace; /* file for the event trace, or NULL */
    const char *state; /* file for the final state, or NULL */
    const char *order; /* tests: order of atomic operations; NULL. Programs
                          write it, the interpreter does as it says */
    const char *files; /* folder where file() looks first, or NULL */
    const char **set;  /* --set: CHAIN.NF.PARAM=VALUE, in order */
    unsigned n_set;
    const char *config;  /* file of such lines, or NULL */
    const char *changes; /* file of them with times, or NULL */
    bool seed_given;
    uint64_t seed; /* of hashes and random numbers */
    char **eal;    /* raw EAL arguments */
    unsigned n_eal;
    unsigned bench;       /* rounds of a measurement; 0: a run */
    unsigned bench_burst; /* its bursts have at most so many packets */
    bool offline;         /* all ports are captures */
    const char *user;     /* who to be once the ports are open, or NULL */
    bool telemetry;       /* DPDK's socket for it */
    unsigned cores;       /* workers, at least 1 */
    unsigned *cpus;       /* where they run, `cores` of them; NULL: not said */
    bool quiet;
    struct nfl_health_spec *health;
    unsigned n_health;
    unsigned health_every, health_deadline; /* seconds */
    unsigned health_rise, health_fall;      /* answers in a row */
};

/* Parses argv for a program with the given ports. `allow_live` is false in the
 * interpreter. Returns -1 to go on, else the exit status: 0 after --help or
 * --version, 2 after a usage error, which was printed to stderr. */
int nfl_options_parse(struct nfl_options *o, int argc, char **argv,
                      const char *program, const char *const *port_names,
                      unsigned n_ports, bool allow_live);
void nfl_options_fini(struct nfl_options *o);

/* What can be told of the files before the run: outputs can be written, none
 * is named twice or is an input as well. False, and one sentence in err. */
bool nfl_options_check(const struct nfl_options *o, char *err, size_t errlen);

/* The seed of the run: as given, else 1 offline, else drawn. */
uint64_t nfl_options_seed(const struct nfl_options *o);

/* Finds a file() of the source, "" (none) for "": below --files if given and
 * there, else below srcdir, or, for FOLDER//NAME, which the compiler writes for
 * a file of another source than the program's, below that. The result is
 * malloc'ed. NULL and err if it leaves the folder (by .. or an absolute path)
 * or cannot be read. */
char *nfl_options_file(const struct nfl_options *o, const char *srcdir,
                       const char *name, char *err, size_t errlen);

#endif
