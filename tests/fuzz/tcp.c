/* The TCP monitors on the same segments, which libFuzzer chooses: they must say
 * the same, in exact buffers under sanitizers. NFL_TCP_SEGMENTS: after so many
 * it is asked to end, and says how many there were. */
#include "chaos.h"
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const struct engine *const engines[] = {&engine_naive, &engine_fast,
                                        &engine_plain, NULL};

static uint64_t segments, most;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *n = getenv("NFL_TCP_SEGMENTS");

    (void)argc;
    (void)argv;
    most = n ? (uint64_t)atoll(n) : 0;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source s = {.p = data, .n = size};

    if (!size)
        return 0;
    if (!chaos(&s, engines, stderr))
        abort();
    segments += s.segments;
    if (most && segments >= most) {
        fprintf(stderr, "%" PRIu64 " segments\n", segments);
        most = 0;
        kill(getpid(), SIGUSR1); /* libFuzzer ends with this input */
    }
    return 0;
}
