/* The sessions of a chain: a list in order of opening, searched from its
 * beginning. */
#ifndef NFL_INTERP_SESSION_H
#define NFL_INTERP_SESSION_H

#include "interp/value.h"
#include "sema/tree.h"
#include <nfl/num.h>

struct world;
struct passage;
struct tcp;
struct packet;
struct session;

enum phase { PHASE_OPENING, PHASE_OPEN, PHASE_CLOSING };

/* Of a tuple: its parts by enum role. ROLE_PROTO is never translated. */
struct translation { /* what one NF makes of the flow */
    bool set[ROLE_N];
    struct nfl_tuple to; /* the parts that are set */
};

struct lease { /* something an object gave to the flow until its end */
    void *object;
    void (*release)(void *object, struct session *s, uint64_t value);
    const struct position *at;
    const char *name; /* of the object in the source */
    uint64_t value;
    struct lease *next;
};

struct peer { /* what one side of a TCP session was seen to send */
    bool ack_seen, syn_seen, fin_seen;
    uint32_t ack;     /* its last acknowledgement */
    uint32_t syn_end; /* sequence number after its SYN */
};

struct session {
    struct passage *chain;
    uint64_t number; /* of all that the chain opened: from 1 on */
    struct nfl_tuple t0, tn;
    uint64_t tn_since; /* order in which sessions got their tn */
    unsigned side;     /* of the initiator: 0 left, 1 right */
    unsigned shard;
    unsigned config_age; /* of the chain, when FLOW/CONFIG was raised last */
    bool refused;        /* it ends with the packet at hand */
    bool has_port[2];    /* source and destination, in the first packet */
    enum phase phase;
    uint64_t expires;    /* tick */
    uint64_t armed;      /* order in which timers were last armed */
    struct peer peer[2]; /* initiator, responder */
    /* By position in the chain: */
    struct translation *translation;
    bool *seen;                    /* had FLOW/NEW */
    unsigned *exit;                /* number of the chosen one, or 0 */
    bool *settled;                 /* it stays 0 */
    const struct reason **dropped; /* by `drop flow`, or NULL */
    struct ival **vars;            /* flow variables, by their index */
    LIST(struct lease) leases;
    struct tcp *tcp; /* what the monitor knows; NULL: it saw nothing */
    struct session *next;
};

bool tuple_same(const struct nfl_tuple *a, const struct nfl_tuple *b);
struct nfl_tuple tuple_reverse(const struct nfl_tuple *t);

/* The session to which packets of a tuple belong that arrive at `side`, or
 * NULL. *back: as the responder's. */
struct session *session_find(const struct passage *c, const struct nfl_tuple *t,
                             unsigned side, bool *back);

/* The live one of that number, or NULL. */
struct session *session_numbered(const struct passage *c, uint64_t number);

/* The session of a packet that arrived at `side`, found or opened and brought
 * up to date. NULL: refused. *back: the packet is the responder's. */
struct session *session_of(struct world *w, struct passage *c,
                           const struct packet *p, unsigned side, bool *back);

/* The phase after a packet of the initiator (from 0) or responder (from 1).
 * The session's first packet is `first`. */
void session_lifetime(struct session *s, const struct packet *p, unsigned from,
                      bool first);
/* Whether the packet is a SYN that would end a closing session. */
bool packet_is_bare_syn(const struct packet *p);

/* T(k-1) of the NF at a position: what it sees. */
struct nfl_tuple session_tuple(const struct session *s, unsigned position);

/* Adds to the translation of an NF; false, and nothing changed, if it fails. */
bool session_rewrite(struct world *w, struct session *s, unsigned position,
                     const struct translation *add);

/* An initiator's packet leaves, a responder's enters the NF. */
void session_translate(const struct session *s, unsigned position,
                       struct packet *p);
void session_undo(const struct session *s, unsigned position, struct packet *p);

void session_lease(struct session *s, const struct lease *l);

/* The session of all chains that is due first at w->now, or NULL. */
struct session *session_due(const struct world *w);
void session_end(struct world *w, struct session *s);
/* Frees what is left, without raising anything. */
void sessions_free(struct passage *c);
/* The run ends: tells the live flows, by chain, then by arming. */
void sessions_stop(struct world *w);

#endif
