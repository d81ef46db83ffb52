/* What a run needs of the machine, looked at before DPDK does, whose messages
 * are for those who know it. A program that starts and `nflc doctor` look at
 * the same. */
#ifndef NFL_HOST_H
#define NFL_HOST_H

#include <nfl/options.h>
#include <stdio.h>

enum nfl_host_state {
    NFL_HOST_GOOD,
    NFL_HOST_NOTE, /* nothing that was asked for needs it */
    NFL_HOST_BAD   /* what was asked for does not go */
};

struct nfl_host_finding {
    char check[80]; /* what was looked at: "cpu", "port lan" */
    enum nfl_host_state state;
    char text[512]; /* one sentence without a full stop */
    char mend[256]; /* one command that mends it; "" if there is none */
};

struct nfl_host {
    struct nfl_host_finding *v;
    unsigned n, room;
    bool full; /* a finding was lost for want of memory */
};

/* Looks at what `o` asks for: ports, hugepages, a file prefix, a user. With
 * `all` also at what other options would need. The findings are the caller's,
 * to be given to nfl_host_fini. Opens sockets and devices for a moment, and
 * changes nothing. */
void nfl_host_look(struct nfl_host *h, const struct nfl_options *o, bool all);
void nfl_host_fini(struct nfl_host *h);

/* One more finding. */
void nfl_host_add(struct nfl_host *h, const char *check,
                  enum nfl_host_state state, const char *mend, const char *fmt,
                  ...) __attribute__((format(printf, 5, 6)));

/* The first that is bad, or NULL. */
const struct nfl_host_finding *nfl_host_bad(const struct nfl_host *h);

/* All of them. False, and nothing is printed, if there is no memory for it. */
void nfl_host_text(const struct nfl_host *h, FILE *to);
bool nfl_host_json(const struct nfl_host *h, FILE *to);

/* For tests: /sys, /proc and /dev are looked for below that folder. */
void nfl_host_below(const char *folder);

#endif
