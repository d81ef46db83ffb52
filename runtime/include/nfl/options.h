/* The command line that every compiled program and `nflc interp` share. */
#ifndef NFL_OPTIONS_H
#define NFL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nfl_port_kind {
    NFL_PORT_PCAP,  /* pcap:IN[,OUT]: in may be "", out NULL */
    NFL_PORT_IFACE, /* iface:NAME */
    NFL_PORT_VDEV,  /* vdev:ARGS, any DPDK virtual device */
};

struct nfl_port_spec {
    const char *name; /* as in the source */
    enum nfl_port_kind kind;
    char *in, *out;   /* PCAP: files */
    char *arg;        /* IFACE: interface; VDEV: device arguments */
    unsigned mtu;     /* bytes above the Ethernet header; default 1500 live,
                         65535 for captures */
};

struct nfl_options {
    struct nfl_port_spec *ports; /* n_ports, in order of declaration */
    unsigned n_ports;
    bool json;          /* final statistics as JSON on stdout */
    unsigned stats;     /* live figures on stderr every so many seconds */
    const char *trace;  /* file for the event trace, or NULL */
    const char *state;  /* file for the final state, or NULL */
    const char *files;  /* folder where file() looks first, or NULL */
    bool seed_given;
    uint64_t seed;      /* of hashes and random numbers */
    char **eal;         /* raw EAL arguments */
    unsigned n_eal;
    bool offline;       /* all ports are captures */
    bool quiet;
};

/* Parses argv for a program with the given ports. `allow_live` is false in the
 * interpreter. Returns -1 to go on, else the exit status: 0 after --help or
 * --version, 2 after a usage error, which was printed to stderr. */
int nfl_options_parse(struct nfl_options *o, int argc, char **argv,
                      const char *program, const char *const *port_names,
                      unsigned n_ports, bool allow_live);
void nfl_options_fini(struct nfl_options *o);

/* Finds a file() of the source: below --files if given, else below srcdir.
 * The result is malloc'ed. NULL and err if it leaves the folder (by .. or an
 * absolute path) or cannot be read. */
char *nfl_options_file(const struct nfl_options *o, const char *srcdir,
                       const char *name, char *err, size_t errlen);

#endif
