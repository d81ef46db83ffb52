#include "core/fit.h"
#include "core/fail.h"
#include <stdio.h>
#include <string.h>

/* x86-64-v2 by its parts; NFL_MARCH in configure.ac. */
static const char baseline[] =
#ifdef __x86_64__
    "sse3 ssse3 sse4.1 sse4.2 popcnt";
#else
    "";
#endif

#if defined(__x86_64__) || defined(__i386__)

/* A set that is not in the list cannot be asked for: then the kernel tells,
 * by SIGILL. */
static void cpu_init(void)
{
    __builtin_cpu_init(); /* needed before constructors have run */
}

static bool has(const char *name)
{
#define SET(set)                                                               \
    if (strcmp(name, set) == 0)                                                \
        return __builtin_cpu_supports(set) != 0;
#include "core/cpu_set.def"
#undef SET
    return true;
}

#else

static void cpu_init(void)
{
}

static bool has(const char *name)
{
    (void)name;
    return true;
}

#endif

bool nfl_cpu_has(const char *features, char *missing, size_t len)
{
    const char *p = features ? features : "";
    size_t n;

    cpu_init();
    for (; *p; p += n) {
        p += strspn(p, " ");
        n = strcspn(p, " ");
        if (n == 0)
            break;
        snprintf(missing, len, "%.*s", (int)n, p);
        if (!has(missing))
            return false;
    }
    return true;
}

bool nfl_cpu_is_enough(char *missing, size_t len)
{
    return nfl_cpu_has(baseline, missing, len);
}

bool nfl_module_fits(const struct nfl_module *m, char *err, size_t errlen)
{
    char missing[64];

    if (m->abi != NFL_MODULE_ABI)
        return nfl_fail(err, errlen,
                        "built for another version of nflc's runtime; build "
                        "it again");
    if (!nfl_cpu_is_enough(missing, sizeof(missing)))
        return nfl_fail(err, errlen,
                        "this CPU lacks %s, which DPDK and the runtime of nflc "
                        "need; a virtual machine may hide it (QEMU: -cpu host)",
                        missing);
    if (!nfl_cpu_has(m->features, missing, sizeof(missing)))
        return nfl_fail(err, errlen,
                        "built for %s, this CPU lacks %s; build it with "
                        "--cpu=native on this machine, or --cpu=x86-64-v2 for "
                        "all",
                        m->cpu, missing);
    return true;
}
