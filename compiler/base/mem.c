#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void (*cleanup)(void *);
static void *cleanup_of;
static bool told;

void mem_cleanup(void (*f)(void *), void *of)
{
    cleanup = f;
    cleanup_of = of;
}

void mem_none(void)
{
    void (*f)(void *) = cleanup;

    if (!told) /* the cleanup may come here itself */
        fputs("nflc: out of memory\n", stderr);
    told = true;
    cleanup = NULL;
    if (f)
        f(cleanup_of);
    exit(1);
}

void *mem_zeroed(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    if (!p)
        mem_none();
    return p;
}

void *mem_resized(void *p, size_t n, size_t size)
{
    p = size && n > SIZE_MAX / size ? NULL : realloc(p, n * size + (n == 0));
    if (!p)
        mem_none();
    return p;
}
