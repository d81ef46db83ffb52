/* One run of a test: packets in, what came of them out. The interpreter runs in
 * a process of its own, as the compiled program does; both read captures and
 * write captures, a report, a trace and the final state. */
#ifndef TOOL_TEST_RUN_H
#define TOOL_TEST_RUN_H

#include "tool/test_frame.h"

struct unit;

struct setting {   /* CHAIN.NF.PARAM=VALUE */
    uint64_t time; /* when it changes; 0: before the first packet */
    const char *text;
    struct setting *next;
};

struct script {
    frames in; /* in order of time */
    LIST(struct setting) settings;
};

struct lines {
    const char **v;
    unsigned n;
};

struct drop_row {
    const char *nf, *reason; /* nf NULL: the runtime */
    uint64_t packets;
    uint64_t taken; /* by expectations */
    struct drop_row *next;
};

struct flow_row {
    const char *chain;
    uint64_t live;
    struct flow_row *next;
};

struct outcome {
    const char *failed; /* why there is nothing else; NULL */
    frames *out;        /* by port */
    LIST(struct drop_row) drops;
    LIST(struct flow_row) flows;
    struct lines report, trace, state;
};

struct layout {
    const char *name;   /* "dpdk2" */
    const char *binary; /* path; NULL: the interpreter */
    unsigned cores;
};

/* Runs the first n packets of the script; files in `folder` begin with `tag`.
 * `order`: a file for the order of operations on atomic state, which a program
 * writes and the interpreter follows; or NULL. */
struct outcome *test_run(struct unit *u, const struct layout *l,
                         const struct script *s, unsigned n, const char *folder,
                         const char *tag, const char *order);

/* Reads a capture; NULL and *why on failure. The frames' port is `port`. */
frames *test_capture(struct arena *a, const char *path, unsigned port,
                     const char **why);

#endif
