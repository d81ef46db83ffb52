/* C of the program for the interpreter: linked to a shared object, which the
 * cache keeps. */
#include "config.h"
#include "tool/cache.h"
#include "tool/ccode.h"
#include "tool/ckey.h"
#include "tool/cverify.h"
#include "tool/key.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "tool/scratch.h"
#include "tool/settings.h"
#include "unit.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static bool share(struct ccode *c, const char *to)
{
    const char *glue = arena_fmt(c->arena, "%s/glue.c", c->folder);
    struct words argv = words_new(c->arena, c->cc, "-shared", "-fPIC", NULL);

    if (!ccode_glue(c, glue))
        return false;
    words_split(&argv, "-std=gnu11 -O1 -include");
    words_fmt(&argv, "%s/nfl_extern.h", c->folder);
    words_fmt(&argv, "-I%s", paths_get()->include);
    words_add(&argv, glue);
    words_cat(&argv, &c->objects);
    words_add(&argv, "-Wl,-z,defs");
    words_add(&argv, "-o");
    words_add(&argv, to);
    words_cat(&argv, &c->libs);
    return ccode_run(c, &argv, "linking the program's C");
}

static void keep(const struct ckey *k, struct cache *cache, struct ccode *c,
                 const char *so)
{
    char key[DIGEST_HEX + 1];
    int fd = open(so, O_RDONLY | O_CLOEXEC);
    struct blob object;

    if (fd < 0)
        return;
    if (blob_read(&object, c->arena, fd) && ckey_keep(k, cache, &c->files, key))
        cache_put(cache, key, &object);
    close(fd);
}

/* The shared object, from the cache or new. What was said of it, as a warning,
 * is said again: it is not kept. */
static bool make(struct ccode *c, struct cache *cache, const char *so)
{
    struct ckey k = {.arena = c->arena};
    char key[DIGEST_HEX + 1];
    struct blob object;
    bool known =
        cache && key_object(c->arena, key) && ckey_begin(&k, c->u, c->cc, key);

    if (known && ckey_known(&k, cache, key) && cache_get(cache, key, &object)) {
        if (c->verbose)
            fprintf(stderr, "nflc: the program's C is in the cache: %s/%s\n",
                    cache->path, key);
        return blob_save(&object, so, O_EXCL, 0600);
    }
    if (!ccode_compile(c) || !share(c, so))
        return false;
    if (known && !c->spoke)
        keep(&k, cache, c, so);
    return true;
}

bool ccode_load(struct unit *u, const struct settings *s)
{
    struct ccode c = {.arena = u->arena,
                      .u = u,
                      .cc = s->cc ? s->cc : NFL_DEFAULT_CC,
                      .flags = "",
                      .verbose = s->verbose};
    struct cache *cache;
    const char *so;

    if (!ccode_any(u))
        return true;
    c.folder = scratch_new(u->arena);
    if (!c.folder)
        return false;
    cache = s->no_cache ? NULL : cache_open(u->arena, s->verbose);
    so = arena_fmt(u->arena, "%s/c.so", c.folder);
    if (make(&c, cache, so)) {
        u->externs = dlopen(so, RTLD_NOW | RTLD_LOCAL);
        if (!u->externs)
            fprintf(stderr, "nflc: cannot load the program's C: %s\n",
                    dlerror());
    }
    if (cache)
        cache_close(cache);
    scratch_remove(c.folder);
    return u->externs != NULL;
}
