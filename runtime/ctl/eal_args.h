/* The arguments of the EAL: chosen to fit, unless --eal has its own. */
#ifndef NFL_CTL_EAL_ARGS_H
#define NFL_CTL_EAL_ARGS_H

#include <nfl/options.h>

/* Megabytes that are taken if there are so many. */
enum { NFL_EAL_MAX = 16, NFL_EAL_HUGE = 64 };

struct nfl_eal_args {
    char **v;     /* the EAL permutes them, and keeps none */
    char **owned; /* the same, to be freed */
    unsigned n;
    bool huge;      /* hugepages were chosen, of which there were enough */
    char said[512]; /* what was chosen, for people */
};

bool nfl_eal_args_make(struct nfl_eal_args *a, const char *program,
                       const struct nfl_options *o);
void nfl_eal_args_free(struct nfl_eal_args *a);

/* Has --eal something to say of lcores? */
bool nfl_eal_cores_given(const struct nfl_options *o);

/* Does the user want to read what DPDK says? */
bool nfl_eal_talks(const struct nfl_options *o);

/* Is there a socket for DPDK's telemetry? */
bool nfl_eal_has_telemetry(const struct nfl_options *o);

/* Megabytes in free hugepages. */
unsigned nfl_hugepages_free(void);

#endif
