/* The one number of the compiler: wide enough for an IPv6 address. */
#ifndef NFL_BASE_NUM_H
#define NFL_BASE_NUM_H

__extension__ typedef unsigned __int128 num_t;

static inline num_t num_mask(unsigned bits)
{
    return bits >= 128 ? ~(num_t)0 : (((num_t)1 << bits) - 1);
}

#endif
