/* What each handler does, inferred from the typed tree by pass_effects. The
 * sets hold what may happen on some path. */
#ifndef NFL_SEMA_EFFECT_H
#define NFL_SEMA_EFFECT_H

#include "sema/tree.h"
#include <stdio.h>

struct effref { /* one thing that is read or written, and where first */
    struct field *field;
    struct var *var;
    const struct texpr *key; /* of a table's entry */
    struct member *member;   /* a property or function of an extern type */
    struct header *header;   /* presence */
    struct header *bytes;    /* of it and of what it carries, payload too */
    struct object *whole;    /* handed over: all of the flow's tuple */
    struct loc loc;
    struct effref *next;
};
typedef LIST(struct effref) effrefs;

struct effevent { /* an event that is emitted, and where first */
    const struct event *event;
    struct loc loc;
    struct effevent *next;
};
typedef LIST(struct effevent) effevents;

struct effect {
    const struct handler *handler;
    effrefs reads, writes; /* no doubles, in order of first use */
    effrefs adds, removes; /* headers; with them all in front of them get other
                              lengths, and what names headers others */
    effevents emits;       /* the same; what it does to their handlers is theirs
                            */
    bool drops, drops_flow, leases, rewrites;
    bool chooses; /* an exit, so which NFs come next */
    bool makes;   /* packets, which pass other NFs of the chain */
    bool holds;   /* the packet, which comes again */
    bool cuts;    /* the packet, when it leaves */
    bool ends[2]; /* that it translates: the initiator's, the responder's */
    struct loc drop_loc, rewrite_loc, make_loc, hold_loc, cut_loc;
    struct effect *next;
};

struct effects {
    LIST(struct effect) all; /* by NF in order, then handler */
};

const struct effect *effect_of(const struct effects *e,
                               const struct handler *h);
/* One handler, each line after `indent`. */
void effect_print(const struct effect *e, const char *indent, FILE *to);
void effects_dump(const struct effects *e, FILE *to);

#endif
