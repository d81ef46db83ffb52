/* Random numbers that a seed fixes. */
#ifndef NFL_TESTS_DICE_H
#define NFL_TESTS_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state; /* not 0 */
};

/* 0 to n - 1; Marsaglia's xorshift. */
static inline uint32_t roll(struct dice *d, uint32_t n)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (uint32_t)(d->state >> 32) % n;
}

#endif
