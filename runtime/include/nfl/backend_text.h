/* Backend files of the stdlib's `maglev`: text to backends. How flows are
 * divided among them is the matter of who picks; this only reads. */
#ifndef NFL_BACKEND_TEXT_H
#define NFL_BACKEND_TEXT_H

#include <nfl/num.h>
#include <stdbool.h>
#include <stddef.h>

enum { NFL_BACKENDS_MAX = 4096 };

struct nfl_backend {
    nfl_u128 addr; /* host order */
    uint8_t v6;
    uint16_t port;   /* 0: that of the flow */
    uint16_t weight; /* 0: it gets no flows */
    bool drain;      /* no new ones */
    bool named; /* it has an id: a number that it puts into what it sends */
    uint32_t id;
    bool down; /* its check says so; never set by the reader */
    unsigned line;
};

struct nfl_backends {
    struct nfl_backend *backends; /* in order of the file, no two the same */
    unsigned n;                   /* at most NFL_BACKENDS_MAX */
};

/* NULL on failure; err is "FILE:LINE: what is wrong; what would be right". */
struct nfl_backends *nfl_backends_read(const char *path, char *err,
                                       size_t errlen);
void nfl_backends_free(struct nfl_backends *b);

#endif
