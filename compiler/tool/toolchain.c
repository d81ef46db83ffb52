#include "tool/toolchain.h"

#include "config.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "tool/sanitize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian's package of a compiler has the compiler's name. */
static int no_compiler(struct arena *a, const char *cc)
{
    const char *slash = strrchr(cc, '/');
    const char *base = slash ? slash + 1 : cc, *package = "clang-19";

    if (strncmp(base, "clang", 5) == 0 || strncmp(base, "gcc", 3) == 0)
        package = arena_strn(a, base, strcspn(base, "+"));
    fprintf(stderr,
            "nflc: the C compiler %s is not there\n"
            "hint: on Debian, apt-get install %s; --cc names another one\n",
            cc, package);
    return 1;
}

static bool add_library(struct toolchain *t, const char *name)
{
    const char *folder = paths_get()->lib;
    const char *path = arena_fmt(t->arena, "%s/%s", folder, name);

    if (access(path, R_OK) != 0) {
        fprintf(stderr,
                "nflc: %s is not there; was nflc built and installed whole "
                "(make, make install)?\n",
                path);
        return false;
    }
    words_add(&t->libs, path);
    return true;
}

static bool add_libraries(struct toolchain *t, bool heap)
{
    if (!add_library(t, heap ? "libnflheap.a" : "libnfldpdk.a") ||
        !add_library(t, "libnflflow.a") || !add_library(t, "libnflcore.a"))
        return false;
    if (!heap)
        words_split(&t->libs, NFL_DPDK_LIBS);
    words_split(&t->libs, NFL_PCAP_LIBS " " NFL_JANSSON_LIBS);
    return true;
}

int toolchain_find(struct toolchain *t, struct arena *a,
                   const struct settings *s)
{
    int status;

    *t = (struct toolchain){.arena = a,
                            .cc = s->cc,
                            .libs = {.arena = a},
                            .sanitize = s->sanitize,
                            .verbose = s->verbose};
    if (!process_find(a, s->cc))
        return no_compiler(a, s->cc);
    status = cpu_find(&t->cpu, a, s->cc, s->cpu);
    if (status >= 0)
        return status;
    if (s->sanitize)
        return sanitize_sources() ? -1 : 1;
    return add_libraries(t, s->heap) ? -1 : 1;
}

bool toolchain_run(const struct toolchain *t, const struct words *argv,
                   const char *what)
{
    if (t->verbose)
        process_show(argv);
    return process_run(argv, what) == 0;
}

bool toolchain_compile(struct toolchain *t, const char *folder,
                       const char *name)
{
    struct words argv = words_new(t->arena, t->cc, NULL);

    words_split(&argv, "-std=gnu11 -O3 -g -Wall -Wextra");
    words_cat(&argv, &t->cpu.flags);
    words_fmt(&argv, "-DNFLG_CPU=\"%s\"", t->cpu.name);
    words_split(&argv, t->sanitize ? sanitize_flags : NFL_SANITIZE_FLAGS);
    words_fmt(&argv, "-I%s", paths_get()->include);
    words_fmt(&argv, "-ffile-prefix-map=%s/=", folder);
    words_add(&argv, "-c");
    words_fmt(&argv, "%s/%s.c", folder, name);
    words_add(&argv, "-o");
    words_fmt(&argv, "%s/%s.o", folder, name);
    return toolchain_run(
        t, &argv, arena_fmt(t->arena, "compiling %s.c with %s", name, t->cc));
}

bool toolchain_link(struct toolchain *t, const char *folder, const char *name,
                    const char *out)
{
    struct words argv = words_new(t->arena, t->cc, "-g", NULL);

    words_split(&argv, t->sanitize ? sanitize_flags : NFL_SANITIZE_FLAGS);
    words_add(&argv, "-o");
    words_add(&argv, out);
    words_fmt(&argv, "%s/%s.o", folder, name);
    if (t->sanitize && !sanitize_objects(t))
        return false;
    words_cat(&argv, &t->libs);
    return toolchain_run(t, &argv, arena_fmt(t->arena, "linking %s", name));
}
