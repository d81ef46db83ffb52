/* Sequences of headers, outermost first: what `encap` adds, `decap` removes,
 * and tests send. And numbers of a header that follow from one of its fields.
 */
#ifndef NFL_SEMA_STACK_H
#define NFL_SEMA_STACK_H

#include "sema/type.h"

struct after;
struct field;
struct header;
struct texpr;

/* field * mul + add; field NULL: add. known: it is one of these. */
struct linear {
    bool known;
    struct field *field;
    num_t mul, add;
};

struct tset { /* of a header that is added: field = value */
    struct field *field;
    struct texpr *value;
    unsigned bit; /* of the header as it is added */
    struct tset *next;
};

struct tlayer {
    struct header *header;
    struct loc loc;
    /* Each field once, in the order written; the others have their default,
     * or what the packet makes of them: lengths, selectors, checksums. */
    LIST(struct tset) sets;
    unsigned bytes;        /* how long it is */
    bool no_sum;           /* an optional checksum is not to be computed */
    bool by_hand;          /* its selector is among the sets .. */
    struct loc hand_loc;   /* .. and is named here */
    struct tlayer *option; /* in it, the last first; its sets are among these */
    struct texpr *after;   /* the selector in front of it, by hand, or NULL */
    struct tlayer *next;
};

struct tstack {
    LIST(struct tlayer) layers; /* each can follow the last */
    const char *text;           /* "ip / gre" */
    struct texpr *up; /* the selector of what the first one follows; NULL: the
                         first value by which it does */
};

enum { STACK_MAX = 16 };

/* It makes no packet: the one at hand turns around. */
static inline bool stack_turns(const struct tstack *t)
{
    return t->layers.n == 0;
}

/* How `child` follows `parent`: the first way its declaration names; NULL if
 * it cannot. */
const struct after *header_follows(const struct header *parent,
                                   const struct header *child);
/* It is inside of the header `of`, among its options. */
bool header_is_option(const struct header *h);
/* By which one goes from option to option. */
struct tree;
const struct header *option_any(const struct tree *t, const struct header *of);
/* Does it, under some condition, give the flow its source? */
bool header_gives_source(const struct header *h);

struct arena;

/* By index: the headers on whose fields the bytes of `from` depend. Those are
 * it, all that may be behind it, and what checksums cover. */
bool *headers_in_bytes(struct arena *a, const struct tree *t,
                       const struct header *from);
/* The value of f that makes l equal n; false if none does. */
bool linear_solve(const struct linear *l, num_t n, num_t *value);

#endif
