/* May two NFs of a chain run at the same time? The rules (rule.def) look at
 * what each of them does, and know nothing else: no header, no NF, no event.
 *
 * "At the same time" means that either may run first, or both in turns, each on
 * what it got, and that what comes out is what comes out in the order of the
 * chain: packets, events, state. A drop of one is then no reason for the other
 * not to run: verdicts are merged behind both, that of the first in the chain
 * holds. */
#ifndef NFL_PLAN_RULE_H
#define NFL_PLAN_RULE_H

#include "base/list.h"
#include "base/source.h"
#include <stdbool.h>

struct arena;

enum act_kind {
    ACT_READ,
    ACT_WRITE,
    ACT_RESIZE, /* adds or removes a header, or bytes */
    ACT_DROP,
    ACT_KEEP, /* changes what is the NF's own: state, counters */
    ACT_BAR,  /* something that stands alone */
    ACT_N
};

/* What an act concerns. */
enum act_of {
    OF_NONE,
    OF_FIELD, /* id: the field */
    OF_PAYLOAD,
    OF_FRAME,       /* which headers there are, the length; only read */
    OF_TUPLE,       /* of the flow, as the NF sees it; id: the part */
    OF_TRANSLATION, /* that there is one */
    OF_EVENT,       /* id: who gets it */
    OF_BRANCH,      /* the way through the chain */
    OF_OTHER,       /* id: whatever */
};

struct act {
    enum act_kind kind;
    enum act_of of;
    const void *id;
    const char *text; /* "reads ip.src" */
    struct loc loc;
    struct act *next;
};
typedef LIST(struct act) acts;

/* What a pair of acts asks for, in ascending order of cost. */
enum need {
    NEED_NOTHING,
    NEED_MERGE,   /* the second's verdict must not come before the first ran */
    NEED_COPY,    /* each works on its own copy */
    NEED_VERDICT, /* effects of the second wait for the first's verdict */
    NEED_ORDER,
    NEED_N
};

enum answer { ANSWER_PARALLEL, ANSWER_COPY, ANSWER_ORDERED };
extern const char *const answer_name[];

struct conflict {
    const struct act *first, *second; /* NULL: there is none */
};

/* Of two NFs, in the order in which a packet visits them. */
struct dep {
    enum answer answer;
    enum answer buffered; /* if effects can wait for a verdict */
    bool whole; /* a copy has to be of the payload, too: both touch it */
    struct conflict why[NEED_N]; /* by need: the first such pair of acts */
};

void rule_pair(const acts *first, const acts *second, struct dep *to);

/* True if an act of this kind was found. */
bool acts_touch(const acts *a, enum act_of of);

#endif
