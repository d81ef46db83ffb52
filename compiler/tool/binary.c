#include "tool/binary.h"

#include "config.h"
#include "emit/ctext.h"
#include "tool/ccode.h"
#include "tool/ckey.h"
#include "tool/digest.h"
#include "tool/key.h"
#include "tool/process.h"
#include "tool/sanitize.h"
#include "tool/scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool cannot(const char *what, const char *path)
{
    fprintf(stderr, "nflc: cannot %s %s: %s\n", what, path, strerror(errno));
    return false;
}

/* Nothing an author writes may make the C compiler fail. */
static bool our_fault(const struct build *b, const char *folder)
{
    if (!process_signal() && !b->tools.excused)
        fprintf(stderr,
                "nflc: %s failed on the C that nflc wrote: a fault of nflc, "
                "not of the program.\n"
                "Please report it. The C is kept in %s\n",
                b->tools.ran, folder);
    return false;
}

static bool link_fault(const struct build *b)
{
    if (!process_signal() && !b->tools.excused)
        fprintf(stderr,
                "nflc: %s could not link the program. Is nflc installed "
                "whole, and the DPDK\n"
                "that it was built with? 'nflc build -v' shows the command.\n",
                b->tools.cc);
    return false;
}

static bool link_fault_of_c(void)
{
    if (!process_signal())
        fputs("nflc: the program cannot be linked with its C; does that need "
              "a library?\nhint: from \"x.c\" link \"NAME\"\n",
              stderr);
    return false;
}

/* The file is gone then: what --keep keeps is what is worth a look. */
static bool read_file(struct build *b, const char *path, struct blob *content)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && blob_read(content, b->arena, fd);

    if (!good)
        cannot("read", path);
    if (fd >= 0)
        close(fd);
    unlink(path);
    return good;
}

/* To objects, which the program is linked with. */
static bool compile_externs(struct build *b, const struct unit *u)
{
    struct ccode c = {.arena = b->arena,
                      .u = u,
                      .folder = b->folder,
                      .cc = b->tools.cc,
                      .flags = b->tools.sanitize ? sanitize_flags
                                                 : NFL_SANITIZE_FLAGS,
                      .verbose = b->tools.verbose};

    if (!ccode_compile(&c))
        return false;
    words_cat(&c.objects, &c.libs);
    words_cat(&c.objects, &b->tools.libs);
    b->tools.libs = c.objects;
    b->files = c.files;
    return true;
}

/* *keep is set if the C is worth a look. */
static bool compile(struct build *b, const struct unit *u,
                    const struct blob *text, const char *folder,
                    struct blob *bin, bool *keep)
{
    struct arena *a = b->arena;

    if (ccode_any(u) && !compile_externs(b, u))
        return false;
    if (!blob_save(text, arena_fmt(a, "%s/%s.c", folder, b->name), O_EXCL,
                   0600))
        return false;
    if (!toolchain_compile(&b->tools, folder, b->name)) {
        *keep = !process_signal() && !b->tools.excused;
        return our_fault(b, folder);
    }
    if (!toolchain_link(&b->tools, folder, b->name))
        return ccode_any(u) ? link_fault_of_c() : link_fault(b);
    return read_file(b, arena_fmt(a, "%s/%s.bin", folder, b->name), bin);
}

static bool in_scratch(struct build *b, const struct unit *u,
                       const struct blob *text, struct blob *bin)
{
    bool keep = b->settings->keep, made;
    const char *folder = scratch_new(b->arena);

    if (!folder)
        return false;
    b->folder = folder;
    made = compile(b, u, text, folder, bin, &keep);
    b->folder = NULL;
    if (!keep)
        scratch_remove(folder);
    else if (b->settings->keep)
        fprintf(stderr, "nflc: kept %s\n", folder);
    return made;
}

bool binary_make(struct build *b, const struct unit *u, struct blob *bin)
{
    struct blob text = {(void *)u->ctext->text, u->ctext->len};
    char key[DIGEST_HEX + 1];
    struct ckey with_c = {.arena = b->arena};
    bool known, c = ccode_any(u), listed = true;

    known = b->cache && key_find(&b->tools, b->name, text.data, text.n, key) &&
            (!c || ckey_begin(&with_c, u, b->tools.cc, key));
    if (known && c)
        listed = ckey_known(&with_c, b->cache, key);
    if (known && listed && cache_get(b->cache, key, bin)) {
        if (b->tools.verbose)
            fprintf(stderr, "nflc: it is in the cache: %s/%s\n", b->cache->path,
                    key);
        return true;
    }
    if (!in_scratch(b, u, &text, bin))
        return false;
    if (known && (!c || ckey_keep(&with_c, b->cache, &b->files, key)))
        cache_put(b->cache, key, bin);
    return true;
}
