/* Tests, typed: what `nflc test` does step by step. Loops are unrolled. */
#ifndef NFL_SEMA_TEST_H
#define NFL_SEMA_TEST_H

#include "sema/type.h"

struct chain;
struct field;
struct header;
struct port;
struct position;
struct var;

/* A field is, or must be, from lo to hi. In a packet that is sent both are
 * the same. */
struct tmatch {
    struct field *field;
    struct loc loc;
    num_t lo, hi;
    struct tmatch *next;
};

struct tpart { /* a header, or bytes behind the last one */
    struct loc loc;
    struct header *header; /* NULL: bytes */
    LIST(struct tmatch) fields;
    const uint8_t *bytes;
    size_t n;
    struct tpart *next;
};

/* Outermost first. Of a packet that is sent each header can follow the one
 * before; of one that is expected the first may be any header of the packet. */
struct tpacket {
    struct loc loc;
    LIST(struct tpart) parts;
    const char *file; /* all frames of this capture instead, or NULL */
};

enum tvalue_kind {
    TV_VAR,     /* a scalar of var */
    TV_ENTRY,   /* of the table var: what `key` has, or a member of it */
    TV_HAS,     /* bool: is `key` in the table? */
    TV_ENTRIES, /* how many entries the table has */
    TV_DROPS,   /* packets dropped so far, for `reason` or at all */
    TV_SENT,    /* packets that left at `port` so far */
    TV_FLOWS,   /* live flows of the chain */
};

struct tvalue { /* what OP constant: `edge.Monitor.packets == 3` */
    enum tvalue_kind kind;
    const struct position *at;
    const struct var *var;
    const struct type *key_type;
    struct value key;
    int member; /* of the entry's value, from 0; -1: all of it */
    const char *reason;
    const struct port *port;
    enum ast_op op; /* OP_EQ .. OP_GE */
    struct type *type;
    struct value want;
};

struct tcarried { /* a number or an address that an event carries */
    const char *name;
    const struct type *type;
    struct value value;
    struct tcarried *next;
};

enum tstep_kind {
    STEP_SEND,    /* packet arrives at port */
    STEP_REPLY,   /* the last packet that left at port comes back, turned
                     round, with what packet (or NULL) says of it */
    STEP_EXPECT,  /* the next packet that leaves port is as packet says */
    STEP_NOTHING, /* none leaves port (NULL: any) */
    STEP_DROP,    /* one is dropped, for the reason text (NULL: any) */
    STEP_EVENT,   /* event text, or one below it, is emitted with what it
                     carries, or (if nothing is said of that) handled */
    STEP_VALUE,
    STEP_AFTER, /* the clock goes on by time, in nanoseconds */
    STEP_SET,   /* text, as --set takes it */
};

struct tstep {
    enum tstep_kind kind;
    struct loc loc;
    const struct port *port;
    const struct tpacket *packet;
    const struct tvalue *value;
    const char *text;
    LIST(struct tcarried) carried;
    num_t time;
    struct tstep *next;
};

struct ttest {
    const char *name;
    struct loc loc;
    const struct chain *chain;
    LIST(struct tstep) steps;
    struct ttest *next;
};

#endif
