/* Are the monitors one? Many short sequences of segments, each of its own
 * seed. */
#include "chaos.h"
#include "commands.h"
#include <inttypes.h>

enum { ENOUGH = 1000 }; /* sequences, for all signs to be said */

static const char *const names[64] = {
#define SIGN(name, number, sentence) [number] = #name,
#include <nfl/tcp_sign.def>
#undef SIGN
};

/* A sign that was never said was not compared. */
static bool all_said(const uint64_t *signs)
{
    bool all = true;

    for (unsigned i = 0; i < 64; i++) {
        if (names[i])
            printf("%12" PRIu64 " %s\n", signs[i], names[i]);
        all &= !names[i] || signs[i] > 0;
    }
    return all;
}

int all_differ(const struct engine *const *all, uint64_t n, uint64_t seed)
{
    struct source s = {.p = NULL};
    uint64_t first = seed;

    for (; s.segments < n; seed++) {
        s.seed = seed * 0x9e3779b97f4a7c15u;
        s.most = 20 + (unsigned)(seed % 7) * 60;
        if (!chaos(&s, all, stdout)) {
            printf("differ: tcp differ 1 %" PRIu64 "\n", seed);
            return 1;
        }
    }
    printf("%" PRIu64 " segments, all the same; the next seed is %" PRIu64 "\n",
           s.segments, seed);
    return seed - first < ENOUGH || all_said(s.signs) ? 0 : 1;
}
