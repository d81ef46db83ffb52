/* The arena: chunks of 64 KiB, larger objects in a chunk of their own. */
#include "base/arena.h"

#include "base/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under AddressSanitizer each object is a heap block of its own, so that
 * an access beyond it is seen. */
#ifdef __SANITIZE_ADDRESS__
#define NFL_ONE_BLOCK_EACH 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NFL_ONE_BLOCK_EACH 1
#endif
#endif

#ifdef NFL_ONE_BLOCK_EACH
enum { CHUNK_SIZE = 0, CHUNK_LARGE = 0, ALIGN = 1 };
#else
enum { CHUNK_SIZE = 64 * 1024, CHUNK_LARGE = 8 * 1024, ALIGN = 16 };
#endif

struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t data[];
};

struct arena {
    struct chunk *head; /* small objects are cut from it */
};

struct arena *arena_new(void)
{
    return mem_zeroed(1, sizeof(struct arena));
}

void arena_free(struct arena *a)
{
    struct chunk *c, *next;

    if (!a)
        return;
    for (c = a->head; c; c = next) {
        next = c->next;
        free(c);
    }
    free(a);
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c;

    if (size > SIZE_MAX - sizeof *c)
        size = SIZE_MAX - sizeof *c; /* calloc refuses it */
    c = mem_zeroed(1, sizeof *c + size);
    c->size = size;
    return c;
}

/* A large object gets a chunk behind the head, which stays in use. */
static void *alloc_large(struct arena *a, size_t size)
{
    struct chunk *c = chunk_new(size);

    c->used = size;
    if (a->head) {
        c->next = a->head->next;
        a->head->next = c;
    } else {
        a->head = c;
    }
    return c->data;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct chunk *c = a->head;
    void *p;

    if (size == 0)
        size = 1;
    if (size > CHUNK_LARGE)
        return alloc_large(a, size);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!c || c->size - c->used < size) {
        c = chunk_new(CHUNK_SIZE);
        c->next = a->head;
        a->head = c;
    }
    p = (char *)c->data + c->used;
    c->used += size;
    return p;
}

void *arena_dup(struct arena *a, const void *p, size_t size)
{
    void *copy = arena_alloc(a, size);

    if (size)
        memcpy(copy, p, size);
    return copy;
}

char *arena_strn(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_str(struct arena *a, const char *s)
{
    return arena_strn(a, s, strlen(s));
}

char *arena_vfmt(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    char *text;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0)
        return arena_str(a, "");
    text = arena_alloc(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    return text;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vfmt(a, fmt, ap);
    va_end(ap);
    return text;
}
