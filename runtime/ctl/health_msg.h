/* What the program and its process of --health tell each other: packets of a
 * SOCK_SEQPACKET pair. */
#ifndef NFL_CTL_HEALTH_MSG_H
#define NFL_CTL_HEALTH_MSG_H

#include <nfl/backend_text.h>
#include <nfl/options.h>

struct nfl_health_host {
    uint8_t addr[16]; /* network order; of IPv4 the first four */
    uint16_t port;    /* 0: the file gives none */
    uint8_t v6;
};

/* To the process: ask these from now on, and no others. */
struct nfl_health_list {
    uint32_t target; /* index of the --health */
    uint32_t n;
    struct nfl_health_host hosts[NFL_BACKENDS_MAX];
};

enum nfl_health_what {
    NFL_HEALTH_READY,
    NFL_HEALTH_FAILED, /* instead of it; `why` says what is wrong */
    NFL_HEALTH_UP,
    NFL_HEALTH_DOWN,
    NFL_HEALTH_FORGOTTEN, /* it was down, and is in no list any more */
};

struct nfl_health_news {
    uint32_t target;
    uint32_t what; /* enum nfl_health_what */
    struct nfl_health_host host;
    char why[200];
};

/* The process: runs until the other end of fd is closed. Does not return. */
_Noreturn void nfl_health_helper(int fd, const struct nfl_options *o);

#endif
