/* Measurements of a program: cycles per packet, of bursts and of rounds (one
 * pass over the captures). Other programs on the machine make both longer, and
 * nothing makes them shorter: compare 10th percentiles. */
#ifndef NFL_CORE_MEASURE_H
#define NFL_CORE_MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct nfl_measure_row {
    const char *name; /* stable, for JSON */
    const char *what; /* for people */
    uint64_t packets, cycles, sent, dropped;
    double rate;    /* packets a cycle of several cores together; else 0 */
    double *rounds; /* cycles per packet of each */
    unsigned n_rounds;
    uint64_t *bursts; /* how many were how long: measure.c */
    uint64_t n_bursts;
    uint64_t at_packets, at_cycles; /* when the round began */
};

struct nfl_measure {
    const char *program;
    double hz;            /* cycles a second */
    bool huge;            /* packets lie in hugepages */
    uint64_t packets;     /* of a round, of all cores */
    unsigned cores;       /* at work at the same time */
    unsigned burst;       /* most packets of a burst */
    unsigned buffer_room; /* bytes, head-room included */
    struct nfl_measure_row *rows;
    unsigned n_rows;
};

/* False if there is no memory. */
bool nfl_measure_init(struct nfl_measure_row *r, const char *name,
                      const char *what, unsigned rounds);
void nfl_measure_fini(struct nfl_measure_row *r);

void nfl_measure_burst(struct nfl_measure_row *r, uint64_t cycles,
                       unsigned packets);
void nfl_measure_round(struct nfl_measure_row *r); /* a round has ended */
/* Adds what another core measured at the same time; it has room for the rounds
 * of all. */
void nfl_measure_merge(struct nfl_measure_row *to,
                       const struct nfl_measure_row *from);

/* Cycles per packet that a share p (0 to 1) of the bursts, or rounds, did not
 * exceed; of bursts to a thousandth. Sorts the rounds. */
double nfl_measure_bursts(const struct nfl_measure_row *r, double p);
double nfl_measure_rounds(struct nfl_measure_row *r, double p);

void nfl_measure_text(struct nfl_measure *m, FILE *to);
void nfl_measure_json(struct nfl_measure *m, FILE *to);

#endif
