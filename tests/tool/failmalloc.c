/* Preloaded: the allocation number NFL_FAIL_AT fails, and with NFL_FAIL_ALL
 * each one after it, too. Processes that the program starts are spared.
 *     gcc -shared -fPIC -o failmalloc.so failmalloc.c */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* glibc's own, under names that are not interposed. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

static long at, count;
static int all;

__attribute__((constructor)) static void start(void)
{
    const char *s = getenv("NFL_FAIL_AT");

    all = getenv("NFL_FAIL_ALL") != NULL;
    at = s ? atol(s) : 0;
    count = 0;
    unsetenv("LD_PRELOAD");
}

static int fails(void)
{
    count++;
    if (at == 0 || count < at || (count > at && !all))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t n)
{
    return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    return fails() ? NULL : __libc_realloc(p, n);
}

void *memalign(size_t align, size_t n)
{
    return fails() ? NULL : __libc_memalign(align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    *p = memalign(align, n);
    return *p ? 0 : ENOMEM;
}
