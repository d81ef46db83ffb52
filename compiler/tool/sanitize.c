#include "tool/sanitize.h"

#include "config.h"
#include "tool/paths.h"
#include "tool/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char sanitize_flags[] = "-O1 -fsanitize=address,undefined "
                              "-fno-sanitize-recover=all "
                              "-fno-omit-frame-pointer";

/* Below the sources' root, folders in them as well. */
static const char *const folders[] = {
    "runtime/core",  "runtime/flow", "runtime/ustack",
    "runtime/sched", "runtime/heap", "stdlib",
};

struct tree_walk {
    struct words sources;   /* *.c */
    struct timespec newest; /* of any file */
};

static const char *root(struct arena *a)
{
    return arena_fmt(a, "%s/../..", paths_get()->include);
}

bool sanitize_sources(void)
{
    struct arena *a = arena_new();
    bool there = access(arena_fmt(a, "%s/runtime/heap", root(a)), R_OK) == 0;

    arena_free(a);
    if (!there)
        fputs("nflc: --sanitize compiles the runtime's sources, too, and an "
              "installed nflc has none;\nrun the nflc of a build tree\n",
              stderr);
    return there;
}

static bool before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
                                  : a->tv_nsec < b->tv_nsec;
}

static void walk(struct tree_walk *w, const char *folder)
{
    struct arena *a = w->sources.arena;
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        const char *path = arena_fmt(a, "%s/%s", folder, name);
        size_t len = strlen(name);
        struct stat st;

        if (name[0] != '.' && stat(path, &st) == 0) {
            if (before(&w->newest, &st.st_mtim))
                w->newest = st.st_mtim;
            if (S_ISDIR(st.st_mode) && strcmp(name, "extern") != 0)
                walk(w, path); /* extern: C that programs bring along */
            else if (len > 2 && strcmp(name + len - 2, ".c") == 0 &&
                     !strstr(name, "_dpdk.c")) /* for the other back end */
                words_add(&w->sources, path);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* Objects lie in the build tree, by compiler, and are used again. */
static const char *cache(struct arena *a, const char *cc)
{
    const char *slash = strrchr(cc, '/');
    const char *top = arena_fmt(a, "%s/sanitize", paths_get()->lib);
    const char *folder = arena_fmt(a, "%s/%s", top, slash ? slash + 1 : cc);

    if ((mkdir(top, 0777) < 0 && errno != EEXIST) ||
        (mkdir(folder, 0777) < 0 && errno != EEXIST)) {
        fprintf(stderr, "nflc: cannot make the folder %s: %s\n", folder,
                strerror(errno));
        return NULL;
    }
    return folder;
}

/* runtime/core/capture.c -> FOLDER/runtime-core-capture.o */
static const char *object_name(struct arena *a, const char *folder,
                               const char *source)
{
    const char *below = source + strlen(root(a)) + 1;
    char *name = arena_strn(a, below, strlen(below) - 2);

    for (char *c = name; *c; c++)
        if (*c == '/')
            *c = '-';
    return arena_fmt(a, "%s/%s.o", folder, name);
}

static const char *part_name(struct arena *a, const char *object)
{
    return arena_fmt(a, "%s.%ld", object, (long)getpid());
}

static struct words compilation(const struct toolchain *t, const char *source,
                                const char *object)
{
    struct words argv = words_new(t->arena, t->cc, NULL);

    words_split(&argv, "-std=gnu11 -g -Wall -Wextra -D_GNU_SOURCE");
    words_split(&argv, sanitize_flags);
    words_fmt(&argv, "-iquote%s", paths_get()->lib);
    words_fmt(&argv, "-iquote%s/runtime", root(t->arena));
    words_fmt(&argv, "-I%s", paths_get()->include);
    words_add(&argv, "-c");
    words_add(&argv, source);
    words_add(&argv, "-o");
    words_add(&argv, object);
    return argv;
}

static bool is_fresh(const struct tree_walk *w, const char *object)
{
    struct stat st;

    return stat(object, &st) == 0 && before(&w->newest, &st.st_mtim);
}

/* Compiles under another name: another nflc may do the same just now. */
static bool compile_all(struct toolchain *t, const struct tree_walk *w,
                        const char *folder)
{
    struct arena *a = t->arena;
    unsigned n = 0, room = w->sources.n + 1;
    struct words *argv = arena_alloc(a, room * sizeof(*argv));
    const char **object = arena_alloc(a, room * sizeof(*object));
    bool good;

    for (unsigned i = 0; i < w->sources.n; i++) {
        object[n] = object_name(a, folder, w->sources.v[i]);
        if (is_fresh(w, object[n]))
            continue;
        argv[n] = compilation(t, w->sources.v[i], part_name(a, object[n]));
        if (t->verbose)
            process_show(&argv[n]);
        n++;
    }
    if (n == 0)
        return true;
    good =
        process_run_all(argv, n, "compiling the runtime with sanitizers") == 0;
    for (unsigned i = 0; i < n; i++) {
        const char *part = part_name(a, object[i]);

        if (!good)
            unlink(part);
        else if (rename(part, object[i]) < 0)
            good = false;
    }
    return good;
}

bool sanitize_objects(struct toolchain *t)
{
    struct arena *a = t->arena;
    struct tree_walk w = {.sources = {.arena = a}};
    const char *folder = cache(a, t->cc);

    if (!folder)
        return false;
    walk(&w, arena_fmt(a, "%s/runtime/include", root(a)));
    for (unsigned i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        walk(&w, arena_fmt(a, "%s/%s", root(a), folders[i]));
    if (!compile_all(t, &w, folder))
        return false;
    for (unsigned i = 0; i < w.sources.n; i++)
        words_add(&t->libs, object_name(a, folder, w.sources.v[i]));
    words_split(&t->libs, NFL_PCAP_LIBS " " NFL_JANSSON_LIBS);
    return true;
}
