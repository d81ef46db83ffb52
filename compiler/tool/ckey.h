/* The name in the cache of a program with C of its own. Which headers that
 * includes is known when it was compiled: a list of them, with their digests,
 * lies in the cache under a first key; what they contain makes the second. */
#ifndef TOOL_CKEY_H
#define TOOL_CKEY_H

#include "tool/cache.h"
#include "tool/digest.h"
#include "tool/words.h"

#include <time.h>

struct unit;

struct ckey {
    struct arena *arena;
    char first[DIGEST_HEX + 1];
    struct timespec begin;
};

/* `key` is that of the program without its C. False if what is compiled cannot
 * be known by its text: it cannot be read, or asks for the time. */
bool ckey_begin(struct ckey *k, const struct unit *u, const char *cc,
                const char *key);
/* True if all that was included is as it was: then `key` is the second. */
bool ckey_known(const struct ckey *k, struct cache *cache, char *key);
/* Keeps the list; `files` are what the compiler read. False if one of them is
 * newer than the build, or asks for the time. */
bool ckey_keep(const struct ckey *k, struct cache *cache,
               const struct words *files, char *key);

#endif
