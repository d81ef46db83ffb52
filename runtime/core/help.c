/* --help */
#include "core/optargs.h"

static const char port_capture[] =
    "  --port NAME=pcap:IN[,OUT]   bind a port to a capture to read (pcap or\n"
    "                              pcapng) and one to write (pcapng if its "
    "name\n"
    "                              ends in .pcapng); pcap:,OUT only writes; "
    "'\\,' is\n"
    "                              a comma in a name\n";
static const char port_live[] =
    "  --port NAME=iface:IF        to a network interface (needs "
    "CAP_NET_RAW)\n"
    "  --port NAME=xdp:IF          the same through AF_XDP (needs root; MTU "
    "up to\n"
    "                              3434)\n"
    "  --port NAME=tap:IF          to an interface that the program makes "
    "(needs\n"
    "                              CAP_NET_ADMIN)\n"
    "  --port NAME=vdev:ARGS       to a virtual device of DPDK, such as\n"
    "                              net_memif0,role=client\n"
    "  --port NAME=0000:03:00.0    to a PCI device that vfio-pci has "
    "(untried: no\n"
    "                              such device was at hand); ,ARGS for its "
    "driver\n"
    "                              To each of these may be added: ,mtu=N "
    "(default: of\n"
    "                              the interface, or 1500) and ,promisc=off "
    "(frames\n"
    "                              for others are left alone)\n";
static const char common[] =
    "  --cores=N                   divide the work among N cores (1 if nothing "
    "is\n"
    "                              said), or among those of a list as 1,3 or "
    "4-7;\n"
    "                              results do not depend on it\n"
    "  --json                      print the final statistics as JSON\n"
    "  --stats[=SECONDS]           live figures on stderr (every second)\n"
    "  --top=K                     print the K greatest entries of each table\n"
    "  --trace=FILE                write a line for each handler that runs\n"
    "  --state=FILE                write what flows and NFs hold at the end\n"
    "  --set CHAIN.NF.PARAM=VALUE  another value for a parameter of an NF, "
    "written\n"
    "                              as in the source\n"
    "  --config=FILE               a file of such lines: CHAIN.NF.PARAM = "
    "VALUE\n"
    "                              (SIGHUP: a live run reads it again)\n"
    "  --changes=FILE              change parameters while captures are "
    "replayed:\n"
    "                              TIME CHAIN.NF.PARAM = VALUE, TIME in "
    "seconds\n"
    "                              since 1970, or +TIME since the first "
    "packet\n"
    "  --order=FILE                for tests: write the order of atomic "
    "operations\n"
    "                              (nflc interp: take it from FILE)\n"
    "  --files=DIR                 look for the files of the program in DIR "
    "first\n"
    "  --seed=N                    seed of hashes and random numbers "
    "(captures: "
    "1;\n"
    "                              live: drawn)\n"
    "  --quiet                     print errors only, and JSON if asked\n";
static const char live[] =
    "  --user NAME                 be that user once the ports are open\n"
    "  --health CHAIN.NF.PARAM=COMMAND\n"
    "                              of each backend of that file ask COMMAND "
    "ADDR PORT\n"
    "                              (a path, arguments; no shell), and take it "
    "out while\n"
    "                              the status is not 0; as --user, or nobody\n"
    "  --health-every=SECONDS      how often (2); --health-deadline=SECONDS: "
    "when a\n"
    "                              command is killed (1)\n"
    "  --health-fall=N             out after so many failures in a row (3); "
    "in again\n"
    "                              after --health-rise=N that are none (2)\n"
    "  --telemetry                 switch DPDK's telemetry on (a local "
    "socket)\n"
    "  --eal 'ARGS'                arguments for DPDK's EAL; they replace "
    "those "
    "that\n"
    "                              the program would choose\n"
    "  --bench[=ROUNDS]            measure: replay the captures from memory, "
    "31 "
    "times\n"
    "                              if nothing is said; nothing is written\n"
    "  --bench-burst=N             in bursts of at most N packets (32); of 1, "
    "what\n"
    "                              a packet takes from input to output\n";
static const char rest[] = "  --version                   print the version\n"
                           "  --help                      print this\n";
static const char status[] =
    "\n"
    "All ports are captures, or none is. Captures are replayed in the order "
    "of\n"
    "their timestamps, as fast as it goes; a live run ends with SIGINT or "
    "SIGTERM.\n"
    "Exit status: 0, 1 after an error while running, 2 after one on the "
    "command\n"
    "line, 3 if packets or buffers are unaccounted for.\n";

void nfl_help_print(FILE *to, const char *program, const struct nfl_options *o,
                    bool allow_live)
{
    char names[256];
    unsigned i;

    fprintf(to, "Usage: %s", program);
    for (i = 0; i < o->n_ports; i++)
        fprintf(to, " --port %s=KIND:...", o->ports[i].name);
    fprintf(to, " [OPTION]...\n\nEvery port must be bound: %s.\n\n",
            nfl_port_names(o, names, sizeof(names)));
    fputs(port_capture, to);
    if (allow_live)
        fputs(port_live, to);
    fputs(common, to);
    if (allow_live)
        fputs(live, to);
    fputs(rest, to);
    if (allow_live)
        fputs(status, to);
}
