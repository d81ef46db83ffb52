/* How long bursts and rounds took. */
#include "core/measure.h"
#include <stdlib.h>

/* Bursts are counted by cycles per packet, in SCALE parts of a cycle: exactly
 * below 2 * STEPS, then in STEPS steps from each power of two to the next. */
enum {
    SCALE = 16,
    STEPS = 1024,
    LOG_STEPS = 10,
    CELLS = (65 - LOG_STEPS) * STEPS
};

static unsigned cell_of(uint64_t key)
{
    unsigned shift;

    if (key < 2 * STEPS)
        return (unsigned)key;
    shift = 63 - (unsigned)__builtin_clzll(key) - LOG_STEPS;
    return shift * STEPS + (unsigned)(key >> shift);
}

/* The middle of what a cell counts. */
static double value_of(unsigned cell)
{
    unsigned shift = cell < 2 * STEPS ? 0 : cell / STEPS - 1;
    uint64_t low = (uint64_t)(cell - shift * STEPS) << shift;
    double width = (double)((uint64_t)1 << shift);

    return ((double)low + (width - 1) / 2) / SCALE;
}

bool nfl_measure_init(struct nfl_measure_row *r, const char *name,
                      const char *what, unsigned rounds)
{
    *r = (struct nfl_measure_row){.name = name, .what = what};
    r->rounds = calloc(rounds + 1u, sizeof(*r->rounds));
    r->bursts = calloc(CELLS, sizeof(*r->bursts));
    return r->rounds && r->bursts;
}

void nfl_measure_fini(struct nfl_measure_row *r)
{
    free(r->rounds);
    free(r->bursts);
    r->rounds = NULL;
    r->bursts = NULL;
}

void nfl_measure_burst(struct nfl_measure_row *r, uint64_t cycles,
                       unsigned packets)
{
    r->packets += packets;
    r->cycles += cycles;
    r->bursts[cell_of(cycles * SCALE / packets)]++;
    r->n_bursts++;
}

void nfl_measure_round(struct nfl_measure_row *r)
{
    uint64_t packets = r->packets - r->at_packets;

    if (packets == 0)
        return;
    r->rounds[r->n_rounds++] =
        (double)(r->cycles - r->at_cycles) / (double)packets;
    r->at_packets = r->packets;
    r->at_cycles = r->cycles;
}

void nfl_measure_merge(struct nfl_measure_row *to,
                       const struct nfl_measure_row *from)
{
    unsigned i;

    to->packets += from->packets;
    to->cycles += from->cycles;
    to->sent += from->sent;
    to->dropped += from->dropped;
    if (from->cycles)
        to->rate += (double)from->packets / (double)from->cycles;
    for (i = 0; i < from->n_rounds; i++)
        to->rounds[to->n_rounds++] = from->rounds[i];
    for (i = 0; i < CELLS; i++)
        to->bursts[i] += from->bursts[i];
    to->n_bursts += from->n_bursts;
}

/* Of n things in order, the one that a share p does not exceed; from 0. */
static uint64_t rank(uint64_t n, double p)
{
    double exact = p * (double)n;
    uint64_t up = (uint64_t)exact;

    up += (double)up < exact;
    return up > n ? n - 1 : up > 0 ? up - 1 : 0;
}

double nfl_measure_bursts(const struct nfl_measure_row *r, double p)
{
    uint64_t want = rank(r->n_bursts, p), seen = 0;
    unsigned i;

    if (r->n_bursts == 0)
        return 0;
    for (i = 0; i < CELLS - 1; i++) {
        seen += r->bursts[i];
        if (seen > want)
            break;
    }
    return value_of(i);
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

double nfl_measure_rounds(struct nfl_measure_row *r, double p)
{
    if (r->n_rounds == 0)
        return 0;
    qsort(r->rounds, r->n_rounds, sizeof(*r->rounds), by_value);
    return r->rounds[rank(r->n_rounds, p)];
}
