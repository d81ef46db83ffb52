/* What was built before, in the user's cache folder: $XDG_CACHE_HOME/nflc, or
 * ~/.cache/nflc. The folder is only this user's; an entry is whole or not
 * there, and says the digest of its content, so that whatever a crash or a disk
 * made of it is never used. Any number of processes may use it at once. */
#ifndef TOOL_CACHE_H
#define TOOL_CACHE_H

#include "base/arena.h"

#include <stdbool.h>
#include <sys/types.h>
#include <stdint.h>

struct cache {
    struct arena *arena;
    const char *path;
    int folder;     /* descriptor */
    uint64_t limit; /* bytes; beyond them, what was not used longest goes */
    bool verbose;
};

struct blob {
    void *data;
    size_t n;
};

/* NULL if there can be none; after a message if the folder is not only this
 * user's, else silently unless `verbose`. The functions below do nothing with
 * a cache that is NULL. */
struct cache *cache_open(struct arena *a, bool verbose);
void cache_close(struct cache *c);

/* A key is DIGEST_HEX characters. The content is in the cache's arena. */
bool cache_get(struct cache *c, const char *key, struct blob *out);
void cache_put(struct cache *c, const char *key, const struct blob *in);

/* All of a file; false with errno. */
bool blob_read(struct blob *b, struct arena *a, int fd);
bool blob_write(const struct blob *b, int fd);
/* To a file that is made, with that mode; `how`: O_EXCL, or O_TRUNC. False: it
 * said why. */
bool blob_save(const struct blob *b, const char *path, int how, mode_t mode);

#endif
