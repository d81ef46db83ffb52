/* Memory outside of an arena, which is freed one by one. Where there is none
 * the process ends: "nflc: out of memory", status 1. */
#ifndef NFL_BASE_MEM_H
#define NFL_BASE_MEM_H

#include <stddef.h>

/* Room for n objects, zeroed; never NULL, also for n = 0. */
void *mem_zeroed(size_t n, size_t size);
/* realloc to n objects; what is new is not zeroed. */
void *mem_resized(void *p, size_t n, size_t size);

/* For libraries that tell us that there is none. */
void mem_none(void) __attribute__((noreturn));

/* What is half-written must go before the process ends. The last one that was
 * set is called, once; NULL: nothing is. */
void mem_cleanup(void (*cleanup)(void *), void *of);

#endif
