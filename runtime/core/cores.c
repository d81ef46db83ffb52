/* The argument of --cores. */
#include "core/fail.h"
#include "core/optargs.h"
#include <nfl/session.h>
#include <stdlib.h>
#include <string.h>

enum { CPU_MAX = 1023 };

static bool bad(const char *arg, char *err, size_t errlen)
{
    return nfl_fail(err, errlen,
                    "--cores=%s: write how many, from 1 to %d, or which CPUs, "
                    "as 1,3 or 4-7",
                    arg, NFL_WORKERS_MAX);
}

static bool add(struct nfl_options *o, unsigned cpu, const char *arg, char *err,
                size_t errlen)
{
    unsigned i;

    for (i = 0; i < o->cores; i++)
        if (o->cpus[i] == cpu)
            return nfl_fail(err, errlen, "--cores=%s: CPU %u is there twice",
                            arg, cpu);
    if (o->cores == NFL_WORKERS_MAX)
        return nfl_fail(err, errlen, "--cores=%s: more than %d CPUs", arg,
                        NFL_WORKERS_MAX);
    o->cpus[o->cores++] = cpu;
    return true;
}

/* "3" or "4-7". */
static bool add_range(struct nfl_options *o, char *text, const char *arg,
                      char *err, size_t errlen)
{
    char *dash = strchr(text, '-');
    uint64_t from, to;

    if (dash)
        *dash = '\0';
    if (!nfl_number_parse(text, 0, CPU_MAX, &from) ||
        !nfl_number_parse(dash ? dash + 1 : text, 0, CPU_MAX, &to) || to < from)
        return bad(arg, err, errlen);
    for (; from <= to; from++)
        if (!add(o, (unsigned)from, arg, err, errlen))
            return false;
    return true;
}

static bool parse_list(struct nfl_options *o, const char *arg, char *err,
                       size_t errlen)
{
    char *copy = strdup(arg), *at = copy, *word;
    bool good = copy != NULL;

    o->cpus = calloc(NFL_WORKERS_MAX, sizeof(*o->cpus));
    if (!copy || !o->cpus) {
        free(copy);
        return nfl_fail(err, errlen, "no memory");
    }
    o->cores = 0;
    while (good && (word = strsep(&at, ",")) != NULL)
        good = add_range(o, word, arg, err, errlen);
    free(copy);
    return good;
}

bool nfl_cores_parse(struct nfl_options *o, const char *arg, char *err,
                     size_t errlen)
{
    uint64_t n;

    free(o->cpus);
    o->cpus = NULL;
    if (strpbrk(arg, ",-"))
        return parse_list(o, arg, err, errlen);
    if (!nfl_number_parse(arg, 1, NFL_WORKERS_MAX, &n))
        return bad(arg, err, errlen);
    o->cores = (unsigned)n;
    return true;
}
