/* Tables of flows are touched all over: in pages of 4 KiB nearly every packet
 * would wait for a translation of addresses. The kernel is asked for pages of
 * 2 MiB; where it has none, or does not give them, all works as well. */
#include "flow/memory.h"
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LINE = 64, PAGE = 2 << 20 };

/* A small table shall not take large pages. */
static const size_t LARGE = (size_t)2 * PAGE;

static size_t rounded(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

static void *small(size_t bytes)
{
    size_t len = (bytes + LINE - 1) / LINE * LINE;
    void *p = aligned_alloc(LINE, len > 0 ? len : LINE);

    if (p)
        __builtin_memset(p, 0, len);
    return p;
}

/* A page more, to begin at a page; what is too much is given back. */
static void *large(size_t bytes)
{
    size_t len = rounded(bytes), ahead;
    uint8_t *p = mmap(NULL, len + PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    ahead = -(uintptr_t)p % PAGE;
    if (ahead)
        munmap(p, ahead);
    munmap(p + ahead + len, PAGE - ahead);
    madvise(p + ahead, len, MADV_HUGEPAGE);
    return p + ahead;
}

void *nfl_memory_new(size_t n, size_t bytes)
{
    if (bytes && n > SIZE_MAX / 2 / bytes)
        return NULL;
    return n * bytes < LARGE ? small(n * bytes) : large(n * bytes);
}

void nfl_memory_free(void *p, size_t n, size_t bytes)
{
    if (!p)
        return;
    if (n * bytes < LARGE)
        free(p);
    else
        munmap(p, rounded(n * bytes));
}
