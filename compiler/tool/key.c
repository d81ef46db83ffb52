#include "tool/key.h"

#include "config.h"
#include "tool/digest.h"
#include "tool/paths.h"
#include "tool/process.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Files of ours are read; the rest of an argv are flags and names. */
static bool add_words(struct digest *d, const struct words *argv)
{
    const char *lib = paths_get()->lib, *libexec = paths_get()->libexec;

    digest_add(d, &argv->n, sizeof(argv->n));
    for (unsigned i = 0; i < argv->n; i++) {
        const char *word = argv->v[i];

        digest_text(d, word);
        if ((strncmp(word, lib, strlen(lib)) == 0 ||
             strncmp(word, libexec, strlen(libexec)) == 0) &&
            !digest_file(d, word))
            return false;
    }
    return true;
}

static bool add_headers(struct digest *d, struct arena *a)
{
    const char *folder = arena_fmt(a, "%s/nfl", paths_get()->include);
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);
    bool good = n > 0;

    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;

        if (name[0] != '.' && good) {
            digest_text(d, name);
            good = digest_file(d, arena_fmt(a, "%s/%s", folder, name));
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return good;
}

/* Variables that compilers and linkers obey. */
static void add_environment(struct digest *d)
{
    static const char *const names[] = {
        "CPATH",           "C_INCLUDE_PATH",        "COMPILER_PATH",
        "GCC_EXEC_PREFIX", "CCC_OVERRIDE_OPTIONS",  "LIBRARY_PATH",
        "LD_RUN_PATH",     "COLLECT_NO_DEMANGLE",   "SOURCE_DATE_EPOCH",
        "LD_LIBRARY_PATH", "CLANG_CONFIG_FILE_DIR",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        digest_text(d, value ? value : "");
    }
}

/* DPDK's library need not be there for the heap backend. */
static bool add_tools(struct digest *d, const struct toolchain *t)
{
    const char *cc = process_find(t->arena, t->cc);
    const char *ld = process_find(t->arena, "ld");

    digest_text(d, t->cpu.version);
    digest_text(d, NFL_DPDK_VERSION);
    digest_identity(d, NFL_DPDK_LIBDIR "/librte_eal.so");
    return cc && ld && digest_identity(d, cc) && digest_identity(d, ld);
}

bool key_find(const struct toolchain *t, const char *name, const char *text,
              size_t n, char *key)
{
    char *cwd = getcwd(NULL, 0);
    struct words steps[STEP_N];
    struct digest d;
    bool good;

    toolchain_steps(t, "", name, steps);
    digest_init(&d);
    digest_text(&d, "binary 1 of nflc " PACKAGE_VERSION);
    digest_text(&d, cwd ? cwd : ""); /* debuggers look for sources there */
    digest_add(&d, text, n);
    good = add_tools(&d, t) && add_headers(&d, t->arena);
    for (unsigned i = 0; i < STEP_N; i++)
        good = good && add_words(&d, &steps[i]);
    add_environment(&d);
    digest_end(&d, key);
    free(cwd);
    return good;
}

bool key_object(struct arena *a, char *key)
{
    const char *ld = process_find(a, "ld");
    struct digest d;
    bool good;

    digest_init(&d);
    digest_text(&d, "object 1 of nflc " PACKAGE_VERSION);
    good = ld && digest_identity(&d, ld) &&
           digest_identity(&d, "/proc/self/exe") && add_headers(&d, a);
    add_environment(&d);
    digest_end(&d, key);
    return good;
}
