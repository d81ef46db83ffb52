#include "tool/proofs.h"

#include "tool/settings.h"
#include "verify/verify.h"

#include <unistd.h>

bool proofs_good(const struct unit *u, const struct settings *s, FILE *to)
{
    const struct verify v = {.seconds = s->verify_seconds,
                             .pcap = s->verify_pcap,
                             .progress = isatty(STDERR_FILENO) == 1};

    switch (verify(u, &v, to)) {
    case VERIFY_REFUTED:
        fputs("nflc: the fast path is wrong, by a mistake of the compiler; "
              "nothing is built. Please report it with the program; "
              "--no-consolidate builds it without a fast path\n",
              stderr);
        return false;
    case VERIFY_ABSENT:
        return false;
    default:
        return true;
    }
}
