/* Feeds a TCP monitor, by what its arguments ask:
 *
 *   tcp engines                        names the monitors
 *   tcp streams ENGINE FILE...         length and SHA-256 of each direction
 *   tcp variants ENGINE N SEED FILE... the same streams, of N variants of each
 *   tcp lockstep ENGINE ENGINE N SEED  random segments for both
 *   tcp feed ENGINE                    what it says of packets from its input
 *   tcp differ N SEED                  N other ones for all monitors
 */
#include "commands.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct engine *const engines[] = {&engine_naive, &engine_fast,
                                        &engine_plain, NULL};

static const struct engine *engine_of(const char *name)
{
    for (unsigned i = 0; engines[i]; i++)
        if (!strcmp(engines[i]->name, name))
            return engines[i];
    fprintf(stderr, "no monitor '%s'\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (!strcmp(what, "engines")) {
        for (unsigned i = 0; engines[i]; i++)
            puts(engines[i]->name);
        return 0;
    }
    if (!strcmp(what, "streams") && argc > 3)
        return streams(engine_of(argv[2]), argv + 3);
    if (!strcmp(what, "variants") && argc > 5)
        return variants(engine_of(argv[2]), (unsigned)atoi(argv[3]),
                        (uint64_t)atoll(argv[4]), argv + 5);
    if (!strcmp(what, "lockstep") && argc == 6)
        return lockstep(engine_of(argv[2]), engine_of(argv[3]),
                        (unsigned)atoi(argv[4]), (uint64_t)atoll(argv[5]));
    if (!strcmp(what, "differ") && argc == 4)
        return all_differ(engines, (uint64_t)atoll(argv[2]),
                          (uint64_t)atoll(argv[3]));
    if (!strcmp(what, "feed") && argc == 3)
        return feed(engine_of(argv[2]));
    fputs("see the head of tests/ustack/tcp.c\n", stderr);
    return 2;
}
