/* bucket, srtcm, trtcm of stdlib/type/meter.nfl: tokens are counted up one
 * second's worth after the other in 128 bits, as LANGUAGE.md, section 7, has
 * it; kept is what is missing. */
#include "interp/object.h"
#include "interp/world.h"

enum { GREEN, YELLOW, RED };

/* What no number of 64 bits can say counts as the greatest of them. */
static num_t bounded(num_t n)
{
    return n > UINT64_MAX ? UINT64_MAX : n;
}

static num_t setting(const struct call *c, unsigned i)
{
    return c->settings[i]->u;
}

/* Thousandths of tokens that `rate` gives since the tick `at`. */
static num_t since(const struct call *c, num_t rate, uint64_t at)
{
    return bounded(rate * (uint64_t)(c->moment->world->now - at));
}

/* Adds to a bucket; what does not fit is left over. */
static num_t fill(uint64_t *missing, num_t tokens)
{
    num_t taken = tokens < *missing ? tokens : *missing;

    *missing -= (uint64_t)taken;
    return tokens - taken;
}

/* Takes all of n tokens, or nothing. */
static bool take(uint64_t *missing, num_t burst, num_t n)
{
    num_t need = bounded(n * 1000), size = bounded(burst * 1000);

    if (*missing + need > size)
        return false;
    *missing += (uint64_t)need;
    return true;
}

bool bucket_take(const struct call *c, struct ival *result)
{
    uint64_t missing = c->numbers[0];

    (void)result;
    fill(&missing, since(c, setting(c, 0), c->numbers[1]));
    if (!take(&missing, setting(c, 1), c->args[0]->u))
        return false;
    c->numbers[0] = missing;
    c->numbers[1] = c->moment->world->now;
    return true;
}

bool srtcm_mark(const struct call *c, struct ival *result)
{
    num_t bytes = c->args[0]->u, was = c->args[1]->u;
    uint64_t *committed = &c->numbers[0], *excess = &c->numbers[1];

    fill(excess, fill(committed, since(c, setting(c, 0), c->numbers[2])));
    c->numbers[2] = c->moment->world->now;
    result->u = RED;
    if (was == GREEN && take(committed, setting(c, 1), bytes))
        result->u = GREEN;
    else if (was != RED && was <= RED && take(excess, setting(c, 2), bytes))
        result->u = YELLOW;
    return true;
}

bool trtcm_mark(const struct call *c, struct ival *result)
{
    num_t bytes = c->args[0]->u, was = c->args[1]->u;
    uint64_t *committed = &c->numbers[0], *peak = &c->numbers[1];

    fill(committed, since(c, setting(c, 0), c->numbers[2]));
    fill(peak, since(c, setting(c, 2), c->numbers[2]));
    c->numbers[2] = c->moment->world->now;
    result->u = RED;
    if (was >= RED || !take(peak, setting(c, 3), bytes))
        return true;
    result->u = YELLOW;
    if (was == GREEN && take(committed, setting(c, 1), bytes))
        result->u = GREEN;
    return true;
}
