/* The dependencies between the NFs of each chain, and the stages that follow
 * from them. Data: so far all NFs of a chain run one after the other. */
#ifndef NFL_PLAN_DEPS_H
#define NFL_PLAN_DEPS_H

#include "plan/rule.h"
#include <stdio.h>

struct unit;
struct chain;
struct position;

struct deps_nf { /* an NF, for packets from one side */
    const struct position *at;
    acts acts;
    unsigned level;       /* the stage in which it runs */
    struct deps_nf *next; /* in the order in which they visit it */
};

struct deps_pair {
    const struct deps_nf *first, *second;
    struct dep dep;
    struct deps_pair *next;
};

enum deps_copy { COPY_NONE, COPY_HEADERS, COPY_WHOLE };
extern const char *const deps_copy_name[];

struct deps_member {
    const struct deps_nf *nf;
    enum deps_copy copy; /* of the packet, on which it works */
    struct deps_member *next;
};

/* NFs that may run at the same time. Behind them, in the order of the chain,
 * what was written to copies goes into the packet, field by field, and the
 * first that dropped decides. */
struct deps_stage {
    LIST(struct deps_member) members; /* in the order of visiting */
    struct deps_stage *next;
};

struct deps_way { /* of packets from one side */
    unsigned side;
    LIST(struct deps_nf) nfs;
    LIST(struct deps_pair) pairs; /* by first, then by second */
    LIST(struct deps_stage) stages;
    struct deps_way *next;
};

struct deps_chain {
    const struct chain *source;
    LIST(struct deps_way) ways; /* one, or two in a two-way chain */
    struct deps_chain *next;
};

struct deps {
    LIST(struct deps_chain) chains;
};

const struct deps_pair *deps_pair(const struct deps_way *w,
                                  const struct deps_nf *first,
                                  const struct deps_nf *second);

void pass_deps(struct unit *u);
void deps_dump(const struct deps *d, FILE *to);

/* "line 12", or "nat.nfl:12" where that is another file than `main`. */
const char *deps_place(struct arena *a, const struct source *main,
                       struct loc loc);

#endif
