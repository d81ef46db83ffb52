/* Everything that lives while the interpreter runs. */
#ifndef NFL_INTERP_WORLD_H
#define NFL_INTERP_WORLD_H

#include "interp/session.h"
#include "interp/table.h"
#include "interp/tcp.h"
#include "interp/value.h"
#include "sema/tree.h"
#include <nfl/options.h>
#include <stdio.h>

struct arena;
struct datagram;
struct early;
struct object_kind;
struct unit;

/* The runtime's own reasons to drop; those of NFs are counted by station. */
enum own_drop {
#define DROP(name, text, sentence) OWN_DROP_##name,
#include <nfl/drop.def>
#undef DROP
    OWN_DROP_N
};

struct thing { /* an object that was made for an NF */
    const struct object_kind *kind;
    const char *name; /* of the parameter or the variable */
    void *self;
    struct thing *next;
};

struct handed { /* the arguments of an object that a parameter is */
    struct ival *values;
    struct ival *object; /* the parameter */
};

struct station { /* an NF at its place in a chain */
    const struct position *at;
    struct ival *params;       /* by index */
    struct handed *given;      /* by index; those that are objects */
    struct ival **shared;      /* by shard, then by the variable's index */
    struct ival *atomic;       /* by the variable's index */
    struct ival *objects;      /* by the variable's index, where it is one */
    LIST(struct thing) things; /* arguments, then variables */
    LIST(struct tab) tables;   /* in source order */
    uint64_t *drops;           /* by the reason's index */
    uint64_t *runs;            /* by place in the NF's list of handlers */
};

struct made_packet { /* a packet that an NF made, or one that leaves */
    uint8_t *bytes;  /* with PACKET_ROOM behind */
    size_t len;
    unsigned by;           /* position of the NF */
    bool back;             /* to where the packet at hand came from */
    const struct port *to; /* of one that leaves */
    size_t cut;            /* as those of struct packet */
    num_t cut_id;
    bool joined;
    bool later; /* a later fragment that turns; ports and protocol as here: */
    struct nfl_tuple first;
    struct made_packet *next;
};

struct arrival { /* a frame before it enters */
    uint8_t *bytes;
    size_t len;
    uint64_t time;
    const struct port *port;
    bool later;             /* a later fragment, and its first one is known */
    struct nfl_tuple first; /* that one's */
    size_t cut;             /* of a whole datagram: bytes of IP packets that it
                               leaves as; 0: it leaves as it is */
    num_t cut_id;
    uint64_t turn; /* of those that wait */
    struct arrival *next;
};

struct passage { /* a chain that runs */
    const struct chain *chain;
    struct station *stations; /* by position */
    unsigned n;
    unsigned *order[2]; /* positions, as flows from each side visit them */
    LIST(struct session) sessions;
    struct schedule *schedule[2]; /* by side; NULL: one after the other */
    unsigned config_age;          /* changes of parameters so far */
    uint64_t opened, refused;
    uint64_t ended, evicted;    /* those evicted are among the ended */
    uint64_t made;              /* packets */
    uint64_t held;              /* that waited in front of it */
    bool evicting;              /* a flow ends to make room */
    bool turning;               /* no flow does: a packet is turned around */
    const struct session *kept; /* nor this one for any reason; or NULL */
    uint64_t reused_at;         /* the packet that ended a flow as it uses its
                                   tuple anew */
    LIST(struct early) early;   /* early.c: packets that are held */
    struct tcp_rules rules;     /* of its TCP monitor */
    struct tcp_pool *pieces;    /* .. by shard; NULL: it has none */
};

struct world {
    const struct unit *unit;
    const struct tree *tree;
    struct arena *arena;   /* for the whole run */
    struct arena *scratch; /* for one handler */
    const struct nfl_options *options;
    const char *srcdir; /* where file() looks */
    uint64_t seed;
    struct passage *passages;
    unsigned n_passages;
    uint64_t now;                 /* tick */
    uint64_t time;                /* of the packet at hand, nanoseconds */
    uint64_t packets;             /* so far: the number of this one */
    uint64_t armings, tn_changes; /* so far */
    uint64_t drops[OWN_DROP_N];
    struct config *config; /* config.c */
    FILE *trace;           /* NULL unless asked for */
    struct timers *timers; /* timer.c */
    struct order *order;   /* of operations on atomic state; NULL: of input */
    LIST(struct made_packet) made;    /* by the packet at hand */
    struct made_packet *turned;       /* the one that turns around, or NULL */
    LIST(struct made_packet) leaving; /* of those, behind it */
    LIST(struct arrival)
    entering;                        /* fragment.c: what the frame at hand
                                        brought */
    LIST(struct datagram) datagrams; /* fragment.c: of all ports */
    uint64_t *fragments_now;         /* fragment.c: by port, its latest time */
    uint64_t turns;
    const struct object *making; /* the type of the object at hand */
    const char *making_name;
    char err[4096];
};

/* What the code of an NF sees. */
struct moment {
    struct world *world;
    struct passage *chain; /* NULL while headers are parsed */
    struct station *station;
    struct packet *packet;   /* NULL at FLOW/END */
    struct session *session; /* NULL: the packet has no flow */
    unsigned shard;
    unsigned side; /* where the packet arrived; at the end, the initiator's */
    bool back;     /* the packet is the responder's */
    const struct nfl_tuple *tuple; /* the flow's, as the NF saw it before
                                      others at the same time; or NULL */
    const struct layer *layer;     /* parsing: fields are those of this one */
    struct ival *locals;           /* of the handler that runs, by index */
    const struct ival *given;      /* what the event at hand hands over, by the
                                      index of its parameter */
    num_t awake;                   /* what the NF is subscribed to */
    bool timer;                    /* nothing is under way */
    struct course *course;         /* what is emitted meanwhile */
    const struct reason *reason;   /* why the packet was dropped, or NULL */
    unsigned exit;                 /* chosen for the packet, or 0 */
    const struct station *enters;  /* who made the packet, or held it, which
                                      has not come to its place yet; or NULL */
    bool again;                    /* the packet waited there */
    struct tcp_view view;          /* of the packet: what the monitor says */
};

/* The tuple of the flow as the NF that runs sees it. */
struct nfl_tuple moment_tuple(const struct moment *m);

/* Makes the chains with their objects. False and w->err on failure. */
bool world_init(struct world *w);
void world_fini(struct world *w);

/* Makes the object of a parameter from its arguments as they are now, into *to;
 * false and w->err on failure. */
bool given_make(struct world *w, struct station *st, unsigned shards,
                const struct texpr *new, const struct handed *given,
                struct ival *to);

/* The same of the object that is a variable. */
bool var_make(struct world *w, struct station *st, unsigned shards,
              const struct var *v, struct ival *to);

/* The scalars that an NF shares in a shard, by index. */
struct ival *station_shared(const struct world *w, struct station *st,
                            unsigned shard);

/* The shard of packets of this tuple that arrive at side. */
unsigned shard_of(const struct world *w, const struct passage *c,
                  const struct nfl_tuple *t, unsigned side);

/* The shard of an address that nobody owns. */
unsigned shard_of_address(const struct world *w, unsigned shards, num_t addr,
                          bool v6);

/* Of n things divided over `shards`, how many shard s has. */
uint64_t shard_share(uint64_t n, unsigned shards, unsigned s);

#endif
