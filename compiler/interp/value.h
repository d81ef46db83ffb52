/* What an expression yields at run time. */
#ifndef NFL_INTERP_VALUE_H
#define NFL_INTERP_VALUE_H

#include "sema/type.h"
#include <nfl/num.h>

struct ival {
    num_t u;            /* number, address; first of a range */
    num_t hi;           /* last of a range */
    unsigned alt;       /* of a union: which alternative */
    const char *str;    /* text; name of a file */
    struct ival *parts; /* of a tuple, in order */
    void *object;       /* of an extern type; NULL for packets and flows */
};

/* How a value of type t is printed, which is a number or an address. */
enum nfl_fmt value_format(const struct type *t, const struct ival *x);

#endif
