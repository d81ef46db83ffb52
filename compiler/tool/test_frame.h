/* Frames of tests: made of what a test says of a packet, turned round for an
 * answer, and compared with what it expects. */
#ifndef TOOL_TEST_FRAME_H
#define TOOL_TEST_FRAME_H

#include "base/arena.h"
#include "sema/test.h"

#include <stdbool.h>

struct tree;

struct frame {
    uint64_t time; /* nanoseconds */
    unsigned port; /* index among all of the program */
    uint8_t *bytes;
    size_t len;
    bool taken; /* by an expectation */
    struct frame *next;
};
typedef LIST(struct frame) frames;

enum { FRAME_ROOM = 10000 };

/* Fills in bytes and len. What the packet does not say follows: selectors from
 * the headers behind, lengths and checksums from the bytes, else a default. */
void frame_build(struct arena *a, const struct tree *t, const struct tpacket *p,
                 struct frame *out);

/* The answer to `f`: sender and receiver change places in all headers; then
 * what `p` says (may be NULL) is set. False if `f` has not the headers of p. */
bool frame_reply(struct arena *a, const struct tree *t, const struct frame *f,
                 const struct tpacket *p, struct frame *out);

struct mismatch { /* "ip.src": expected 10.0.0.1, got 10.0.0.2 */
    const char *field, *expected, *got;
    struct mismatch *next;
};
typedef LIST(struct mismatch) mismatches;

/* Adds where the frame is not as p says. */
void frame_match(struct arena *a, const struct tree *t, const struct frame *f,
                 const struct tpacket *p, mismatches *out);

/* Adds where two frames differ, field by field; `expected` is that of a. */
void frame_compare(struct arena *a, const struct tree *t, const struct frame *x,
                   const struct frame *y, mismatches *out);

/* "eth / ip 10.0.0.1 > 10.0.0.2 / udp 40000 > 9 / 5 bytes", for messages. */
const char *frame_text(struct arena *a, const struct tree *t,
                       const struct frame *f);

#endif
