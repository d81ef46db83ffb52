/* The typed tree: names resolved, every expression with its type, sugar gone.
 * It is what a program means: the interpreter runs it, and the lowering
 * starts from it. Filled by pass_types, never changed after it.
 *
 * Sugar that is gone: named masks (p.tcp.flags.syn is a comparison), +=,
 * default arguments, prefixes (ranges), and the rule that a condition on a
 * field of an absent header is false (an explicit TE_HAS && before it). So a
 * TE_FIELD is evaluated only where its header is present. */
#ifndef NFL_SEMA_TREE_H
#define NFL_SEMA_TREE_H

#include "sema/stack.h"
#include "sema/test.h"
#include "sema/type.h"
#include <stdio.h>

/* ---- headers ---- */

struct field {
    const char *name, *doc;
    struct loc loc;
    struct header *header;
    unsigned index;         /* among the header's fields */
    unsigned bit_off, bits; /* from the first bit of the header */
    struct type *type;
    LIST(struct enumval) flags; /* named masks */
    const char *fixed;          /* why it cannot be assigned, or NULL */
    num_t def;                  /* of a header that is added */
    struct texpr *cond; /* it is there only if; NULL: always. Then it has whole
                           bytes, behind those without. Behind a gap: true */
    struct texpr *off;  /* with cond: its first byte */
    struct texpr *counts;      /* then, if it is not given, it counts up */
    struct field *real, *next; /* real: of an inner header, the declared one */
};

/* What a header gives to the tuple of the flow. */
enum role { ROLE_SRC, ROLE_DST, ROLE_PROTO, ROLE_SPORT, ROLE_DPORT, ROLE_N };
extern const char *const role_name[ROLE_N];

struct given { /* `flow sport = id if type == 8` */
    bool none; /* `flow none if ...`: the packet has no flow */
    struct field *field[ROLE_N]; /* NULL: not given here */
    struct texpr *cond;          /* NULL: always */
    struct given *next;
};

struct checksum {
    struct field *field;
    bool header;   /* covers this header only */
    bool rest;     /* covers this header and all that follows it */
    bool pseudo;   /* and the pseudo fields of the headers before it */
    bool optional; /* zero means: none */
    struct checksum *next;
};

struct fieldref {
    struct field *field;
    struct fieldref *next;
};

struct after { /* this header follows `parent` where its selector is value */
    struct header *parent;
    num_t value;
    bool always, range; /* parent has no selector; named by a range */
    struct after *next;
};

/* Parsing, for the headers of a packet from the first on: a header is there if
 * its fixed part, then `size` bytes, then `end` bytes fit into what is left of
 * its parent's `end` (of the frame), and `valid` holds. The next one is that
 * whose `after` names this header (or next_as) and the selector's value. See
 * compiler/LANGUAGE.md, "Headers". Expressions below are over TE_FIELD of this
 * very header and constants. */
struct header {
    /* An inner header, p.vxlan.ip: the first `real` behind `of`. It has a
     * number and fields, but is nobody's child. An option: itself. Else NULL.
     */
    struct header *of, *real;
    const char *name, *doc;
    struct loc loc;
    unsigned index; /* among all headers of the unit */
    bool first;
    bool tunnel;          /* goes with what is in front of it to carry it */
    bool quote;           /* begins a packet that this one tells of */
    unsigned fixed_bytes; /* of the declared fields */
    LIST(struct field) fields;
    struct texpr *size; /* bytes; NULL: fixed_bytes */
    struct texpr *end;  /* bytes of header and payload; NULL: as parent */
    bool end_optional;  /* one that does not fit says nothing */
    struct linear size_by, end_by; /* the same, to be set */
    struct texpr *valid;           /* NULL: always */
    struct field *select;          /* NULL: what is `always` after it follows */
    struct texpr *select_if;
    struct header *select_as; /* whose children follow: itself or another */
    LIST(struct after) after;
    LIST(struct given) given;
    LIST(struct checksum) checksums;
    LIST(struct fieldref) pseudo;
    struct header *next;
};

/* ---- externs ---- */

struct param { /* of an NF, an event, an extern type or a method */
    const char *name;
    struct loc loc;
    unsigned index;
    struct type *type;
    bool optional; /* written with ?; a call may leave it out */
    bool of_type;  /* of an extern type or a method */
    bool key;      /* of type `any`: C gets the words of the key */
    bool has_default;
    struct value def;
    struct param *next;
};
typedef LIST(struct param) params;

/* Of a struct: its parts as one gives them to make one. */
struct members {
    params params;
};

struct member {
    const char *name, *doc;
    struct loc loc;
    struct object *object;
    bool fn; /* else a property, read without arguments */
    params params;
    struct type *type; /* of the property or result; TY_VOID */
    bool fails, leases, rewrites, trusted;
    bool updates;        /* changes the object, or the numbers of a cell */
    bool adds, removes;  /* headers: its arguments are a stack of them */
    bool replies, sends; /* a packet of such a stack, back or onward */
    bool holds;          /* the packet at hand, whose way ends here for now */
    bool cuts;           /* the packet at hand, when it leaves */
    bool turns;          /* the packet at hand, back */
    bool keeps;          /* bytes of a stream, or no longer */
    bool monitors;       /* asks the TCP monitor about the packet at hand */
    bool changes;        /* bytes of a stream, in an inline chain */
    bool edits, scratch; /* of C of the program: the payload; needs memory */
    bool inherits;       /* see struct object */
    /* A property, of packets of a flow in which all headers that were due are
     * there: the same in all that one side sends; true; false. */
    bool steady, always, never;
    struct member *next;
};

struct library { /* that C is linked with */
    const char *name;
    struct loc loc;
    struct library *next;
};

/* A column of a table that is read from a file: of the key, then of the value.
 */
enum match { MATCH_EXACT, MATCH_RANGE, MATCH_PREFIX };

struct column {
    struct type *type; /* of what is looked up, or what is found */
    enum match match;
    struct column *next;
};

/* A table that is a parameter, read from a file: what matches best or first. */
struct rows {
    struct type *key;   /* of what is looked up */
    struct type *value; /* NULL: a set */
    unsigned n_key;     /* columns of the key */
    bool longest; /* the longest prefix; else, if any is no exact one, .. */
    bool first;   /* .. the first row */
    LIST(struct column) columns;
};

/* An extern type. Those of the packet and the flow at hand are tree.packet and
 * tree.flow; binders have them, and no object of them is ever made. */
struct object {
    const char *name, *doc;
    struct loc loc;
    params params; /* to make one */
    LIST(struct member) members;
    unsigned numbers; /* of a cell, its properties; 0: it is none */
    bool updates;     /* its functions change it, and it is no cell */
    bool holds;       /* packets wait in it, so there is one for all */
    bool keyed;       /* some of them take a key: made as NAME[TYPE](...) */
    /* Of C of the program: makes a state that replaces another one go on from
     * it. It is no member, since programs do not call it. Or NULL. */
    struct member *inherit;
    struct object *of; /* that is made with keys of a type: the declared one */
    struct type *key;  /* that type */
    struct rows *rows; /* of a table from a file */
    struct type *type;
    const struct source *src;
    const char *file; /* its C, from the folder of src on; NULL: the runtime */
    struct loc file_loc;
    LIST(struct library) more; /* further files of C, beside the first */
    LIST(struct library) libraries;
    bool plain; /* `extern fn`: a function without an object */
    struct object *next;
};

/* Of C of the program: does a function change its state? Then each shard has
 * its own. */
bool object_keeps(const struct object *o);
/* State of this type can be made anew while the program runs: nothing that it
 * keeps gets lost. */
bool object_renews(const struct object *o);

/* ---- events ---- */

/* What makes handlers run. The stack raises something at five places: an event
 * type says in its declaration by which of them it is raised. One that does not
 * is emitted by NFs. Timers and rules are no events. */
enum raiser {
    RAISE_NEW,
    RAISE_PACKET,
    RAISE_END,
    RAISE_CONFIG,
    RAISE_STOP,
    RAISE_EMIT,
    RAISE_TIMER, /* on timer PERIOD */
    RAISE_RULE,  /* when CONDITION */
    RAISE_N,
    RAISE_STACK = RAISE_EMIT, /* those before are the stack's */
};
extern const char *const raiser_name[RAISE_N];

/* Whether there is a packet at hand. */
static inline bool raiser_has_packet(enum raiser r)
{
    return r == RAISE_NEW || r == RAISE_PACKET;
}

/* Whether the flow is over: nothing follows for it. */
static inline bool raiser_closes(enum raiser r)
{
    return r == RAISE_END || r == RAISE_STOP;
}

/* Whether `drop flow` is said of later packets, without one. */
static inline bool raiser_drops_flow(enum raiser r)
{
    return r == RAISE_CONFIG || r == RAISE_EMIT || r == RAISE_RULE;
}

/* What the stack raises with one packet comes to an NF in this order: the
 * packet, what became of its TCP connection, the bytes of the stream. */
enum rank { RANK_PACKET, RANK_TCP, RANK_DATA, RANK_N };
extern const char *const rank_name[RANK_N];

struct event {
    const char *path; /* PKT/TCP/SYN */
    const char *doc;
    struct loc loc;
    struct event *parent; /* NULL at the top */
    enum raiser raiser;   /* inherited */
    enum rank rank;       /* inherited; of RAISE_PACKET */
    bool monitors;        /* its own condition asks the TCP monitor */
    params params;        /* inherited; RAISE_EMIT: the parent's come first,
                             one of type flow is the flow at hand */
    struct texpr *cond;   /* its own only; NULL: always */
    bool needs_flow;      /* its own condition asks the flow */
    struct event *next;
};

/* True if it is `above`, or below it in the hierarchy. */
bool event_is(const struct event *e, const struct event *above);

/* ---- expressions ---- */

enum tekind {
    TE_CONST,  /* value */
    TE_PARAM,  /* param: of the NF, config time */
    TE_LOCAL,  /* local: let, or a binder */
    TE_VAR,    /* var: scalar state of the NF, or object */
    TE_FIELD,  /* field: of the packet at hand, whose header is present */
    TE_HAS,    /* header: is present in the packet at hand */
    TE_GET,    /* member: a property of object a */
    TE_BYTES,  /* header: it, which is present, and what it carries, with
                  checksums brought up to date; an argument of C */
    TE_CALL,   /* member: function of object a (NULL: it has none, see
                  object.plain), args (NULL for one left out);
                  if it fails (member->fails) only as TS_CALL's call.
                  Of a cell: a is the TE_TABLE of its entry, or NULL; always
                  TS_CALL's, and fails also where the entry is refused */
    TE_NOT,    /* !a */
    TE_COMPL,  /* ~a */
    TE_BINARY, /* a op b: both of the type of a, except shifts; && || lazy */
    TE_IN,     /* a in items */
    TE_CAST,   /* a, widened or cut to type; also member of a union */
    TE_TUPLE,  /* args */
    TE_PART,   /* part number `part` of tuple a */
    TE_NEW,    /* an object of type->object, made from args */
    TE_TABLE,  /* access to table var with key a: see enum access. Only
                  ACCESS_HAS stands inside an expression */
    TE_LOW,    /* first of range a */
    TE_HIGH,   /* last of range a */
    TE_AWAKE,  /* bit `part` of what the NF is subscribed to: as it was when the
                  event at hand came to the NF */
};

/* What is done with a table. The key is evaluated first, then the value, then
 * the entry is looked for. All that finds it, or makes it, restarts the time of
 * a table with `idle`; ACCESS_SET also that of one with `timeout`. */
enum access {
    ACCESS_HAS,    /* is there an entry? */
    ACCESS_READ,   /* its value; fails if there is none */
    ACCESS_SET,    /* the value becomes b (NULL in a set of keys) */
    ACCESS_UPDATE, /* the value x, of a new entry 0, becomes x op b */
    ACCESS_PUT,    /* a member of the value, of a new entry 0, becomes b */
    ACCESS_REMOVE, /* the entry is there no longer */
    ACCESS_CELL,   /* a call of the cell that is its value, of a new entry 0 */
};
extern const char *const access_name_of[];

struct titem { /* lo <= x <= hi; in a union: of alternative alt */
    struct texpr *lo, *hi;
    unsigned alt;
    struct titem *next;
};

struct targ {
    struct texpr *value; /* NULL: an optional one that was left out */
    struct param *param;
    struct targ *next;
};

struct texpr {
    enum tekind kind;
    struct type *type;
    struct loc loc;
    enum ast_op op;
    struct value value;
    struct param *param;
    struct local *local;
    struct var *var;
    struct field *field;
    struct header *header;
    struct member *member;
    struct cell *cell;
    unsigned part;
    enum access access;
    unsigned *path, depth; /* TE_TABLE, TE_CALL of rows: to a member of the
                              value, by index */
    struct texpr *a, *b;
    LIST(struct titem) items;
    LIST(struct targ) args;
};

/* True of accesses that make an entry, which a full table may refuse. */
static inline bool access_makes(enum access a)
{
    return a == ACCESS_SET || a == ACCESS_UPDATE || a == ACCESS_PUT ||
           a == ACCESS_CELL;
}

/* True if both are made the same way; so at one moment they have one value. */
bool texpr_same(const struct texpr *a, const struct texpr *b);
/* Does e ask the variable? */
bool texpr_reads(const struct texpr *e, const struct var *v);
/* In the notation of --dump=types. */
void texpr_print(const struct texpr *e, FILE *to);

/* ---- statements ---- */

/* How state changes, where the order of such changes does not matter. */
enum update {
    UP_SET, /* in another way */
    UP_ADD,
    UP_SUB,
    UP_OR,
    UP_AND,
    UP_MAX,
    UP_MIN,
};

enum tskind {
    TS_LET,    /* local = value */
    TS_FIELD,  /* field = value */
    TS_VAR,    /* var = value */
    TS_IF,     /* if value { body } else { other } */
    TS_DROP,   /* drop; flow: the whole flow; opened: that ends; reason */
    TS_RETURN, /* end of this handler, the packet goes on */
    TS_ENCAP,  /* adds the headers of stack; if it fails: alt */
    TS_DECAP,  /* removes them; if it fails: alt */
    TS_MAKE,   /* a packet of stack, which begins a frame, and of the bytes of
                  value, `most` of them; of an empty stack: stack_turns */
    TS_GOTO,   /* chooses `exit`; flow: for the flow, from here on */
    TS_TABLE,  /* [local =] value (a TE_TABLE); if it fails: as TS_CALL */
    TS_CALL,   /* [local =] value (a TE_CALL); if it fails: alt, or alt_value
                  becomes the local's value */
    TS_EMIT,   /* event with args */
};

struct tblock {
    LIST(struct tstmt) stmts;
};

struct tstmt {
    enum tskind kind;
    struct loc loc;
    struct local *local;
    struct field *field;
    struct var *var;
    struct texpr *value;
    struct tblock *body, *other; /* other: NULL if there is none */
    struct tblock *alt;          /* TS_CALL, TS_TABLE that can fail: or this */
    struct texpr *alt_value;     /* .. or this (with a local) */
    struct tstack *stack;        /* TS_ENCAP, TS_DECAP, TS_MAKE .. */
    num_t most;                  /* .. */
    bool back;                   /* .. to where the packet at hand is from */
    bool flow;
    bool opened;            /* TS_DROP */
    struct event *event;    /* TS_EMIT .. */
    LIST(struct targ) args; /* .. one for each of its parameters */
    struct reason *reason;  /* TS_DROP */
    struct exit *exit;      /* TS_GOTO */
    enum update update;     /* TS_VAR: value is var OP something; TS_IF, UP_MAX
                               or UP_MIN: value compares, perhaps behind &&,
                               var with what body's one statement sets it to */
    struct tstmt *next;
};

/* Why packets are dropped by an NF: one for each different text in it. */
struct reason {
    const char *text; /* "no free port"; "drop at line 12" if none was given */
    struct loc loc;
    unsigned index; /* among the NF's */
    struct reason *next;
};

/* ---- NFs ---- */

struct local {
    const char *name;
    struct loc loc;
    unsigned index; /* unique in the handler, from 0 */
    struct type *type;
    const struct param *param; /* of an emitted event, which it names */
    struct local *next;
};

enum storage {
    ST_FLOW,
    ST_SHARED, /* one for all flows; objects are divided among the shards */
    ST_SPLIT,  /* one for each shard */
    ST_ATOMIC, /* one for all shards; changed by one kind of update */
    ST_N
};
extern const char *const storage_name[ST_N];

enum full { FULL_REFUSE, FULL_OLDEST, FULL_IDLE };
extern const char *const full_name[]; /* NULL behind the last */

/* What fragments of IP packets are at the ports of a chain. */
enum fragments {
    FRAGMENTS_PASS,
    FRAGMENTS_TRACK,
    FRAGMENTS_REFUSE,
    FRAGMENTS_REASSEMBLE,
    FRAGMENTS_N
};
extern const char *const fragments_name[]; /* NULL behind the last */

/* A bounded map from keys to values, or set of keys; of its entries each shard
 * has its share. Size and time are TE_CONST, TE_PARAM, or a cast of one. */
struct table {
    struct type *key;
    struct type *value; /* NULL: a set */
    struct texpr *size; /* entries, over all shards */
    struct texpr *time; /* nanoseconds; NULL: entries never end by time */
    bool idle;          /* since the last access, else since it was set */
    enum full full;
    struct cell
        *cell; /* that the values are; value is a tuple of its numbers */
};

enum { TABLE_SIZE_MAX = 1 << 30, TABLE_KEY_BITS = 1024 };

/* Can the access fail? */
bool access_fails(const struct table *t, enum access a);

struct var {
    const char *name, *doc;
    struct loc loc;
    unsigned index; /* among the NF's, in source order */
    enum storage storage;
    struct type *type;      /* scalar; TY_OBJECT, TY_TABLE (only ST_SHARED) */
    LIST(struct targ) args; /* to make the object: TE_CONST, TE_PARAM */
    enum update update;     /* all that change it are such; UP_SUB as UP_ADD */
    struct loc update_loc;  /* of the first; src NULL: nothing changes it */
    struct table *table;    /* TY_TABLE */
    unsigned bucket;        /* -e: of a histogram, from 1; 0: none */
    struct var *next;
};

/* State of several values, a tuple or a struct. Each of its numbers is a var of
 * its own, in order, from `first` on; "last.src" is a number of `last`. */
struct whole {
    const char *name;
    struct loc loc;
    struct type *type;
    struct var *first;
    struct whole *next;
};

/* State that is changed by functions in C, as a meter is: numbers of 64 bits,
 * which begin as zero, and settings. Each number is a var of its own, from
 * `first` on, called "limit.used". */
struct cell {
    const char *name; /* of the variable, or of the table */
    struct loc loc;
    struct object *type;
    LIST(struct targ) args; /* TE_CONST, TE_PARAM: as they are at each call */
    struct var *first;      /* NULL: in a table */
    struct cell *next;
};

/* Can a call of a cell fail? */
bool cell_fails(const struct texpr *call);

enum from { FROM_ANY, FROM_CLIENT, FROM_SERVER, FROM_SIDE };

/* An event as a handler names it. */
struct subscription {
    const struct event *event;
    const char *name; /* of the handler, by which it is switched; or NULL */
    int bit;          /* of nf.awake: asked for each flow; -1: always */
    struct subscription *next;
};

struct ruleref {
    struct handler *rule;
    struct ruleref *next;
};

/* A handler that names events of several raisers is listed once for each. */
struct handler {
    struct loc loc;
    const char *doc;
    struct nf *nf;
    unsigned index; /* among the NF's, from 0: by rank, then in the order of
                       the source */
    enum raiser raiser;
    enum rank rank;
    bool monitors;      /* asks the TCP monitor */
    const char *events; /* as written: "PKT/TCP, PKT/UDP" */
    struct texpr *when; /* over the events' conditions and the handler's
                           own: runs if true; NULL: always */
    enum from from;
    const char *side;         /* FROM_SIDE: label of the chain's side */
    struct param *side_param; /* .. that this one tells; or NULL */
    bool other;               /* .. or rather the other one: `at` */
    LIST(struct subscription) subscriptions;
    struct texpr *period; /* RAISE_TIMER: TE_CONST, TE_PARAM; nanoseconds */
    struct var *fired;    /* RAISE_RULE: `when` held the last time */
    LIST(struct ruleref) rules; /* asked after it, in source order */
    struct tblock *body;
    LIST(struct local) locals; /* binders and lets, by index */
    bool needs_flow; /* touches the flow: runs only where there is one */
    struct handler *next;
};

/* A way out of an NF, which a chain leads elsewhere. */
struct exit {
    const char *name;
    struct loc loc;
    unsigned number; /* from 1, in source order; 0: none is chosen */
    struct exit *next;
};

enum { EXITS_MAX = 30 };

struct ast_decl;

struct nf {
    const char *name, *doc;
    struct loc loc;
    const struct source *src;
    params params;
    LIST(struct var) vars;
    LIST(struct whole) wholes;
    LIST(struct cell) cells;       /* those that are no table's */
    LIST(struct handler) handlers; /* in source order */
    LIST(struct reason) reasons;
    LIST(struct exit) exits;
    /* Where an exit is chosen for one packet, and where for the flow outside
     * of FLOW/NEW; src NULL: nowhere. */
    struct loc goto_packet, goto_late;
    const struct ast_decl *chain; /* a chain of NFs with a name; else NULL */
    bool needs_flow;              /* any handler does, or is raised by a flow */
    bool keeps, changes;          /* bytes of streams: a handler says so */
    bool rewrites;                /* calls a member marked `rewrites` */
    bool makes, replies, turns;   /* packets; some go back, as they are */
    bool holds;                   /* packets */
    struct var *switched; /* of a flow: which bits of `awake` are not as at
                             first; NULL if nothing is ever switched */
    num_t awake;          /* subscriptions that hold at first */
    LIST(struct subscription) switches; /* what has a bit, by bit */
    struct nf *next;
};

/* ---- chains ---- */

struct position { /* an NF in a chain */
    struct nf *nf;
    const char *name; /* the NF's, with _2 and so on when repeated; of one in
                         a chain with a name: "Web.Waf" */
    struct loc loc;
    unsigned index;         /* from 0 */
    unsigned item;          /* among intents, in their order */
    LIST(struct targ) args; /* one for each parameter: TE_CONST, TE_NEW */
    struct position *next;
};

/* The order in which a packet of the initiator visits the NFs, from the left
 * side: a step after the other, each with its NF and then, if that has exits,
 * one of the branches. From the right side the steps come in reverse order,
 * also those of branches; but an NF is before its branches always. A packet of
 * the responder visits them in the reverse order of the initiator's. */
struct branch {
    uint32_t exits; /* bit: number of an exit */
    struct loc loc;
    struct steps {
        struct step *first, *last;
        unsigned n;
    } steps;
    bool out; /* then the packet leaves, else it goes on behind the branch */
    struct branch *next;
};

struct step {
    struct position *at;
    LIST(struct branch) branches; /* of each exit, and none, in one */
    bool fixed; /* a branch translates: a flow takes the same one always */
    struct step *next;
};

struct port {
    const char *name;
    struct loc loc;
    unsigned index; /* among all ports of the unit, in order of declaration */
    struct chain *chain; /* the first that has it */
    struct port *next;
};

/* By what traffic is divided among the shards. */
enum key {
    KEY_NONE,  /* any division is right */
    KEY_TUPLE, /* the tuple, the same for both directions */
    KEY_LEFT,  /* the end on the left side */
    KEY_RIGHT,
};

/* What spoke for the key, or against it. */
enum keyfact_kind {
    KEY_LEASES,
    KEY_TRANSLATES,
    KEY_TABLE,
    KEY_SMALL, /* a table with fewer entries than there would be shards */
};

struct keyfact {
    enum keyfact_kind kind;
    const struct position *at;
    const char *name; /* of the object, the table */
    struct loc loc;
    unsigned opened; /* KEY_TRANSLATES: by the side that opens the flow .. */
    unsigned end;    /* .. the end on this side */
    bool leased;     /* the handler leases, so perhaps what it puts there */
    num_t amount;    /* KEY_LEASES: how much there is in all; 0: not known */
    const struct var *var; /* KEY_TABLE, KEY_LEASES; NULL: a parameter */
    /* KEY_TABLE: */
    unsigned ends; /* that are in the key; bit 0: left */
    bool either;   /* an address is, but of this end or of that */
    bool opener;   /* and from a side: the flow may come from the other */
    bool hidden;   /* or one that was translated before */
    bool whole;    /* there is no key: all of an object is asked */
    struct keyfact *next;
};

/* Whose bytes count where segments of a TCP stream overlap: see LANGUAGE,
 * "TCP". */
enum overlap {
    OVERLAP_LINUX,
    OVERLAP_FIRST,
    OVERLAP_LAST,
    OVERLAP_BSD,
    OVERLAP_WINDOWS,
    OVERLAP_SOLARIS,
    OVERLAP_N
};
extern const char *const overlap_name[]; /* NULL behind the last */

struct stream_rules { /* of a chain; bytes */
    num_t pool;       /* for what is stored of all its streams */
    num_t ahead, keep;
    enum overlap overlap;
    bool ignores;  /* connections that it did not see begin */
    num_t unacked; /* that are remembered of a side; 0: none */
    bool trusts;   /* checksums */
    bool in_line;  /* segments wait until their bytes are due: */
    num_t held;    /* packets, in all */
};

struct ownidle { /* of flows of one protocol */
    const char *name;
    num_t proto, ticks;
    struct ownidle *next;
};

struct chain {
    const char *name, *doc;
    struct loc loc;
    struct port *port[2];  /* right: NULL if packets go no further */
    struct texpr *filter;  /* takes what opens a flow, or has none, only if;
                             its one local is the packet, of index 0 */
    struct loc filter_loc; /* from `if` on; src NULL: there is none */
    struct chain *group; /* the first of those that share ports, also by way of
                            others; NULL: nobody has to choose */
    const char *side[2]; /* labels; default "inside", "outside" */
    bool two_way;
    bool tracks;  /* has a flow table: one of its NFs needs flows */
    num_t flows;  /* entries, exactly */
    bool implied; /* by -e: not written */
    unsigned shards;
    enum key key;
    LIST(struct keyfact) facts;   /* by position */
    num_t opening, idle, closing; /* ticks of 1 ms */
    LIST(struct ownidle) own;     /* instead of idle, by protocol */
    enum full full;
    enum fragments fragments;
    bool monitors; /* some handler asks the TCP monitor .. */
    bool streams;  /* .. and some gets bytes of streams */
    struct stream_rules tcp;
    LIST(struct position) nfs; /* in the order of the source */
    struct steps steps;
    bool branches; /* some step does */
    /* Of intents: by item, those that rules put before it. NULL: the source
     * gives the order. */
    uint64_t *ruled;
    unsigned items;
    unsigned most_events; /* that a packet, or a moment without one, raises */
    struct chain *next;
};

/* The timeout of flows of a protocol that are open, in ticks. */
num_t chain_idle(const struct chain *c, num_t proto);

/* Does it take packets from the port? Then *side is that where they come in. */
bool chain_enters(const struct chain *c, const struct port *p, unsigned *side);

/* Which ends a call translates, the initiator's and the responder's: those that
 * it gives. One whose parameters are not called after the ends may do anything.
 */
void call_ends(const struct texpr *call, bool ends[2]);

/* The table that a parameter gives its size or its time, or NULL: such a
 * parameter is known when the program is compiled. */
const struct var *param_table(const struct nf *nf, const struct param *p);
/* True if it is a handler of the emitted event e. */
bool handler_takes(const struct handler *h, const struct event *e);
/* True if each of its events is switched, so that it may be asleep. */
bool handler_sleeps(const struct handler *h);
/* True if it is the period of a timer, and so known when the program is
 * compiled, too. */
bool param_period(const struct nf *nf, const struct param *p);
/* It tells handlers the side at which the NF stands. */
bool param_side(const struct nf *nf, const struct param *p);
/* FROM_SIDE: which one, 0 left, 1 right. */
unsigned handler_side(const struct handler *h, const struct chain *c);
/* A TE_CONST, TE_PARAM, or cast of one, where the NF stands. */
num_t position_value(const struct position *p, const struct texpr *e);

/* An object that hands out leases is divided among the shards, wherever it
 * comes from. */
bool type_is_divided(const struct type *t);

/* Each shard has state of the NF: then its timers run in each. */
bool nf_is_divided(const struct nf *n);

/* Adding values of it up tells something: a plain number. */
bool type_is_counted(const struct type *t);

struct tree {
    const struct source *main;
    LIST(struct type) types;     /* declared ones */
    LIST(struct header) headers; /* by index */
    LIST(struct object) objects;
    LIST(struct event) events; /* parents before children */
    LIST(struct nf) nfs;
    LIST(struct chain) chains;  /* of all files, in order of loading */
    LIST(struct port) ports;    /* by index */
    LIST(struct ttest) tests;   /* of the main file, if they were asked for */
    struct type *packet, *flow; /* the object types of the prelude */
    struct type *stream;    /* what RANK_DATA hands over; NULL: nothing does */
    struct member *payload; /* the packet's property of an extern type: bytes */
};

/* True of packet, flow, stream and the payload's type: what is at hand, never
 * made. */
bool type_is_at_hand(const struct tree *tree, const struct type *t);

#endif
