/* Is what the plan does with a packet what the language says? Only for this
 * folder. */
#ifndef NFL_VERIFY_PROVE_H
#define NFL_VERIFY_PROVE_H

#include "verify/scene.h"

struct difference { /* something of the outcome */
    const char *what;
    const struct field *field; /* of this field, or NULL */
    term law, plan;            /* its value; of booleans, too */
    term differs;
    struct difference *next;
};

struct proof {
    enum answer answer;
    const char *what;     /* that is not known: "checksum tcp.sum" */
    Z3_model where;       /* NOT_ALWAYS */
    struct run law, plan; /* what becomes of the packet */
    LIST(struct difference) all;
};

/* Carries may be added early: what a session keeps of a checksum is folded. */
enum answer prove_folding(struct smt *z);
/* What the plan believes of all packets of the shape is so. */
enum answer prove_facts(const struct scene *s);
/* The whole way. */
void prove_way(const struct scene *s, struct proof *p);

/* The packet, flow and state, and what becomes of them. */
void show_refutation(const struct scene *s, const struct proof *p, FILE *to);
/* The packet as it arrives, padded to what its lengths say, as a capture. */
bool show_pcap(const struct scene *s, const struct proof *p, const char *path);

#endif
