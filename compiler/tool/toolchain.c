#include "tool/toolchain.h"

#include "config.h"
#include "tool/paths.h"
#include "tool/probe.h"
#include "tool/process.h"
#include "tool/sanitize.h"

#include <signal.h>
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

/* With LTO, most of what libnflflow.a holds is in the program's object already:
 * the linker takes the rest. */
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

static const char *bitcode(struct arena *a)
{
    return arena_fmt(a, "%s/libnflflow.bc", paths_get()->lib);
}

/* The names that the native libraries refer to. */
static const char *keep_list(struct arena *a)
{
    return arena_fmt(a, "%s/libnfl.keep", paths_get()->lib);
}

/* Why program and runtime cannot be one, or NULL. */
static const char *why_apart(const struct toolchain *t, const char *llvm)
{
    struct arena *a = t->arena;
    const char *const files[] = {llvm, bitcode(a), keep_list(a)};

    if (!t->optimise)
        return "-O0 optimises nothing";
    if (t->sanitize)
        return "sanitizers look at each file by itself";
    if (NFL_LLVM_MAJOR == 0)
        return "nflc was built without LLVM";
    if (t->cpu.clang != NFL_LLVM_MAJOR)
        return arena_fmt(a, "%s is not clang %d, which belongs to nflc's LLVM",
                         t->cc, NFL_LLVM_MAJOR);
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (access(files[i], R_OK) != 0)
            return arena_fmt(a, "%s is not there", files[i]);
    return NULL;
}

/* False after a message: it was asked for, and it cannot be. */
static bool choose_lto(struct toolchain *t, enum lto lto)
{
    const char *llvm =
        arena_fmt(t->arena, "%s/nflc-llvm", paths_get()->libexec);
    const char *why = lto == LTO_NO ? NULL : why_apart(t, llvm);

    if (lto == LTO_NO)
        return true;
    if (!why)
        t->llvm = llvm;
    else if (lto == LTO_YES)
        fprintf(stderr, "nflc: no --lto: %s\n", why);
    else if (t->verbose)
        fprintf(stderr, "nflc: program and runtime apart: %s\n", why);
    return !why || lto == LTO_AUTO;
}

int toolchain_find(struct toolchain *t, struct arena *a,
                   const struct settings *s, struct cache *cache)
{
    int status;

    *t = (struct toolchain){.arena = a,
                            .cc = s->cc,
                            .libs = {.arena = a},
                            .sanitize = s->sanitize,
                            .optimise =
                                s->optimise < 0 ? OPTIMISE_MOST : s->optimise,
                            .verbose = s->verbose};
    if (!process_find(a, s->cc))
        return no_compiler(a, s->cc);
    status = probe_cpu(&t->cpu, a, s->cc, s->cpu, cache);
    if (status >= 0)
        return status;
    if (!choose_lto(t, s->lto))
        return 1;
    if (s->sanitize)
        return sanitize_sources() ? -1 : 1;
    return add_libraries(t, s->heap) ? -1 : 1;
}

static bool names_one(const char *said, const char *const *words)
{
    for (; *words; words++)
        if (strstr(said, *words))
            return true;
    return false;
}

/* What stops any compiler on this machine is no fault of it, of its input or
 * of nflc: one sentence instead of all that it says. */
static bool excuse(struct toolchain *t, int status, const char *said)
{
    static const char *const disk[] = {"No space left on device",
                                       "Disk quota exceeded", NULL};
    static const char *const memory[] = {
        "out of memory", "emory exhausted", "Cannot allocate memory",
        "bad_alloc",     "bad alloc",       NULL};
    const char *why = NULL;

    if (names_one(said, disk))
        why = "no space left on the disk; TMPDIR names another folder for "
              "what is temporary, -o for the binary";
    else if (names_one(said, memory) || status == 128 + SIGKILL)
        why = "not enough memory";
    if (why)
        fprintf(stderr, "nflc: %s: %s\n", t->ran, why);
    t->excused = why != NULL;
    return t->excused;
}

bool toolchain_run(struct toolchain *t, const struct words *argv,
                   const char *what)
{
    const char *said;
    int status;

    t->ran = argv->v[0];
    if (t->verbose)
        process_show(argv);
    status = process_capture(argv, what, &said);
    if (status <= 0 || process_signal() || !excuse(t, status, said))
        fputs(said, stderr);
    return status == 0;
}

/* To an object, or with LTO to bitcode: then all of the optimising is done
 * when program and runtime are one. DWARF 4 is what all tools of Debian 12
 * read; its valgrind stops at the 5 of several files in one object. */
static struct words compilation(const struct toolchain *t, const char *folder,
                                const char *name)
{
    struct words argv = words_new(t->arena, t->cc, NULL);

    words_fmt(&argv, "-O%d", t->optimise);
    words_split(&argv, "-std=gnu11 -gdwarf-4 -Wall -Wextra");
    words_cat(&argv, &t->cpu.flags);
    words_fmt(&argv, "-DNFLG_CPU=\"%s\"", t->cpu.name);
    if (t->sanitize)
        words_add(&argv, "-DNFLG_NO_INLINE");
    words_split(&argv, t->sanitize ? sanitize_flags : NFL_SANITIZE_FLAGS);
    words_fmt(&argv, "-I%s", paths_get()->include);
    words_fmt(&argv, "-ffile-prefix-map=%s/=", folder);
    if (t->llvm)
        words_split(&argv, "-Xclang -disable-llvm-passes -emit-llvm");
    words_add(&argv, "-c");
    words_fmt(&argv, "%s/%s.c", folder, name);
    words_add(&argv, "-o");
    words_fmt(&argv, "%s/%s.%s", folder, name, t->llvm ? "bc" : "o");
    return argv;
}

static struct words optimisation(const struct toolchain *t, const char *folder,
                                 const char *name)
{
    struct words argv = words_new(t->arena, t->llvm, "build", NULL);

    words_fmt(&argv, "%s/%s.o", folder, name);
    words_add(&argv, keep_list(t->arena));
    words_fmt(&argv, "%s/%s.bc", folder, name);
    words_add(&argv, bitcode(t->arena));
    words_fmt(&argv, "%d", t->optimise);
    return argv;
}

static struct words linkage(const struct toolchain *t, const char *folder,
                            const char *name)
{
    struct words argv = words_new(t->arena, t->cc, "-g", NULL);

    words_split(&argv, t->sanitize ? sanitize_flags : NFL_SANITIZE_FLAGS);
    words_add(&argv, "-o");
    words_fmt(&argv, "%s/%s.bin", folder, name);
    words_fmt(&argv, "%s/%s.o", folder, name);
    words_cat(&argv, &t->libs);
    return argv;
}

void toolchain_steps(const struct toolchain *t, const char *folder,
                     const char *name, struct words steps[STEP_N])
{
    steps[STEP_COMPILE] = compilation(t, folder, name);
    steps[STEP_OPTIMISE] =
        t->llvm ? optimisation(t, folder, name) : (struct words){0};
    steps[STEP_LINK] = linkage(t, folder, name);
}

bool toolchain_compile(struct toolchain *t, const char *folder,
                       const char *name)
{
    struct words steps[STEP_N];

    toolchain_steps(t, folder, name, steps);
    return toolchain_run(
               t, &steps[STEP_COMPILE],
               arena_fmt(t->arena, "compiling %s.c with %s", name, t->cc)) &&
           (!t->llvm ||
            toolchain_run(t, &steps[STEP_OPTIMISE],
                          arena_fmt(t->arena, "optimising %s", name)));
}

bool toolchain_link(struct toolchain *t, const char *folder, const char *name)
{
    struct words steps[STEP_N];

    if (t->sanitize && !sanitize_objects(t))
        return false;
    toolchain_steps(t, folder, name, steps);
    return toolchain_run(t, &steps[STEP_LINK],
                         arena_fmt(t->arena, "linking %s", name));
}
