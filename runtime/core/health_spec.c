/* --health and what belongs to it. */
#include "core/fail.h"
#include "core/optargs.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_SECONDS = 3600, MAX_COUNT = 100, EVERY = 2, DEADLINE = 1 };
enum { RISE = 2, FALL = 3 };

void nfl_health_defaults(struct nfl_options *o)
{
    o->health_every = EVERY;
    o->health_deadline = DEADLINE;
    o->health_rise = RISE;
    o->health_fall = FALL;
}

bool nfl_health_number(const char *option, const char *arg, bool seconds,
                       unsigned *to, char *err, size_t errlen)
{
    unsigned most = seconds ? MAX_SECONDS : MAX_COUNT;
    uint64_t v;

    if (!nfl_number_parse(arg, 1, most, &v))
        return nfl_fail(err, errlen, "%s=%s: write a number from 1 to %u",
                        option, arg, most);
    *to = (unsigned)v;
    return true;
}

/* Does one before the last have it? */
static bool twice(const struct nfl_options *o, const char *param)
{
    unsigned i;

    for (i = 0; i + 1 < o->n_health; i++)
        if (strcmp(o->health[i].param, param) == 0)
            return true;
    return false;
}

/* CHAIN.NF.PARAM=COMMAND [ARG...] */
bool nfl_health_parse(struct nfl_options *o, const char *arg, bool allow_live,
                      char *err, size_t errlen)
{
    const char *eq = strchr(arg, '=');
    struct nfl_health_spec s = {0}, *list;
    char why[512];

    if (!allow_live)
        return nfl_fail(err, errlen,
                        "--health: the interpreter has no servers to ask");
    if (!eq || eq == arg)
        return nfl_fail(err, errlen,
                        "--health %s: write CHAIN.NF.PARAM=COMMAND, as "
                        "edge.Maglev.backends=/usr/bin/check",
                        arg);
    if (!nfl_words_split(eq + 1, &s.argv, &s.argc, why, sizeof(why)))
        return nfl_fail(err, errlen, "--health: %s", why);
    s.param = strndup(arg, (size_t)(eq - arg));
    list = realloc(o->health, (o->n_health + 1) * sizeof(*list));
    if (list) {
        o->health = list;
        list[o->n_health++] = s; /* freed with the options, also if wrong */
    }
    if (!list || !s.param)
        return nfl_fail(err, errlen, "no memory");
    if (!s.argc || s.argv[0][0] != '/')
        return nfl_fail(err, errlen,
                        "--health %s: the command is named by its path, from "
                        "/ on; there is no shell that would look for it",
                        arg);
    if (twice(o, s.param))
        return nfl_fail(err, errlen, "--health: %s has a command already",
                        s.param);
    return true;
}

void nfl_health_specs_free(struct nfl_options *o)
{
    unsigned i, k;

    for (i = 0; i < o->n_health; i++) {
        for (k = 0; k < o->health[i].argc; k++)
            free(o->health[i].argv[k]);
        free(o->health[i].argv);
        free(o->health[i].param);
    }
    free(o->health);
}
