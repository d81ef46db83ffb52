/* Proofs, with Z3, that the fast path does what the language says: for each
 * chain, side, shape of packets and direction of the flow, over all packets,
 * tuples, translations, parameters and states. LANGUAGE.md, section 4, is one
 * side of the equation; what the plan decided the other. Both are made from the
 * IR, and nothing that is emitted is looked at. */
#ifndef NFL_VERIFY_VERIFY_H
#define NFL_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stdio.h>

struct unit;

/* A mistake that is put into the plan: a test of the proofs. */
enum wrong {
    WRONG_NOT,
    WRONG_EARLY, /* translated in front of the handlers */
    WRONG_HOP,   /* the last translation is forgotten */
    WRONG_SUM,   /* checksums do not follow the tuple */
    WRONG_ROW,   /* what flows keep is of the tuple on arrival */
    WRONG_EXIT,  /* branches by what was chosen before the packet came */
    WRONG_N
};

struct verify {
    unsigned seconds; /* that a question may take */
    enum wrong wrong;
    const char *pcap; /* a refutation's packet goes there; NULL: nowhere */
    bool progress;    /* on standard error */
};

enum verified {
    VERIFIED,       /* all is proved, or takes no fast path */
    VERIFY_OPEN,    /* something could not be proved */
    VERIFY_REFUTED, /* a packet is treated wrongly: the compiler's mistake */
    VERIFY_ABSENT,  /* built without Z3; nothing was said */
};

/* A line for each chain and side; a refutation's packet. After pass plan. */
enum verified verify(const struct unit *u, const struct verify *v, FILE *to);

#endif
