#include "ctl/cpu.h"
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)

/* A set that is not in the list cannot be asked for: then the kernel tells,
 * by SIGILL. */
static bool has(const char *name)
{
#define SET(set)                                                               \
    if (strcmp(name, set) == 0)                                                \
        return __builtin_cpu_supports(set) != 0;
#include "ctl/cpu_set.def"
#undef SET
    return true;
}

#else

static bool has(const char *name)
{
    (void)name;
    return true;
}

#endif

bool nfl_cpu_has(const char *features, char *missing, unsigned long len)
{
    const char *p = features ? features : "";
    size_t n;

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
