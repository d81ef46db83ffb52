/* What the command line asks for. */
#ifndef TOOL_SETTINGS_H
#define TOOL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum command_id {
#define COMMAND(name, arguments, last, what) CMD_##name,
#include "tool/command.def"
#undef COMMAND
    CMD_N
};

enum pass_id {
#define PASS(name, field, dump, what) PASS_##name,
#include "pass.def"
#undef PASS
    PASS_N
};

enum graph_form { GRAPH_TEXT, GRAPH_JSON, GRAPH_SVG };

enum lto { LTO_AUTO, LTO_NO, LTO_YES };

enum { OPTIMISE_MOST = 3 };

struct settings {
    struct arena *arena; /* of the lists below */
    enum command_id command;
    const char **files; /* at least one; "-e" if there is a text */
    unsigned n_files;
    const char *text;           /* of -e, or NULL */
    const char *const *ports;   /* -e: one or two names, NULL-terminated */
    const char *const *include; /* NULL-terminated */
    const char *stdlib;
    bool remarks;
    uint32_t dump; /* bit i: dump pass i */
    enum pass_id last;
    bool stopped; /* by --stop: the command does nothing after the passes */

    const char *out; /* NULL: by the file's name; "-": standard output */
    bool print_c, keep, verbose, sanitize, heap, no_cache;
    bool no_consolidate; /* each NF for itself */
    const char *cc, *cpu;
    enum graph_form graph; /* how graph shows it */
    enum lto lto;
    int optimise; /* 0 to OPTIMISE_MOST; -1: not said */
    bool verify;
    unsigned verify_seconds; /* that a question may take */
    const char *verify_pcap; /* or NULL */

    unsigned layouts; /* test: bit i for enum test_layout i */
    const char *filter, *captures, *junit;
    bool json;

    char *
        *rest; /* interp, run: the file and what follows it, NULL-terminated */
    int n_rest;
};

/* Returns -1 to go on, else the exit status: 0 after --help and the like, 2
 * after a usage error, which was printed. */
int settings_parse(struct settings *s, struct arena *a, int argc, char **argv);

#endif
