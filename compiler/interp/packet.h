/* A packet and its headers, found by walking their declarations. */
#ifndef NFL_INTERP_PACKET_H
#define NFL_INTERP_PACKET_H

#include "sema/tree.h"
#include <nfl/num.h>
#include <stddef.h>

enum { MAX_LAYERS = 16, MAX_HEADER_BYTES = 256 };

/* By so much a frame may grow: p->bytes has room for it behind. */
enum { PACKET_ROOM = 128 };

struct layer { /* one header of a packet */
    const struct header *header;
    size_t off;  /* of its first byte in the frame */
    size_t size; /* of the header */
    size_t end;  /* offset of the first byte that it does not span */
    size_t was;  /* off on arrival, unless it was added */
    bool added;
    bool no_sum;  /* added without an optional checksum */
    bool resized; /* headers were added or removed behind it */
    unsigned tag; /* schedule.c: which one it was; 0: it was added */
};

struct packet {
    uint8_t *bytes;         /* as they are now */
    const uint8_t *arrived; /* as they came in */
    uint8_t *written;       /* the bits that were set, of len and room bytes;
                         NULL: nobody asks */
    size_t len;
    struct layer layer[MAX_LAYERS]; /* outermost first */
    unsigned n_layers;
    const struct tree *tree;
    struct layer option;            /* the one that was asked for last */
    struct layer first[MAX_LAYERS]; /* as they arrived */
    unsigned n_first;
    size_t room;    /* bytes by which the frame may grow in front */
    bool generated; /* an NF made it */
    bool turned;    /* around, at an NF */
    size_t cut;     /* as those of its struct arrival */
    num_t cut_id;
    bool joined; /* it came in fragments, and they had that id */
    bool later;  /* a later fragment; its first one had the ports and the
                    protocol of `first_tuple` */
    struct nfl_tuple first_tuple;
    bool malformed; /* a header was due and is not there */
    bool has_flow;  /* it has a tuple, so it belongs to a flow */
    /* Where the parts of the tuple lie; layer NULL: no header gives it. What
     * gives a part is settled when the packet is parsed. */
    struct {
        const struct layer *layer;
        const struct field *field;
    } role[ROLE_N];
    struct nfl_tuple tuple; /* on arrival; if has_flow */
    bool quotes;            /* its flow is that of a packet that it quotes */
    struct {                /* source and destination of its own */
        const struct layer *layer;
        const struct field *field;
    } own[2];
};

/* Fills in everything behind len. */
void packet_parse(struct packet *p, const struct tree *t);

/* The outermost header of that declaration, or NULL. */
const struct layer *packet_layer(const struct packet *p,
                                 const struct header *h);

/* The first byte of the payload, and the one behind its last, in the frame. */
size_t packet_payload_begin(const struct packet *p);
size_t packet_payload_end(const struct packet *p);

/* n bits from bit `bit` on, the most significant first. */
num_t bits_get(const uint8_t *bytes, size_t bit, unsigned n);
void bits_set(uint8_t *bytes, size_t bit, unsigned n, num_t value);

num_t layer_get(const struct packet *p, const struct layer *l,
                const struct field *f);
void layer_set(struct packet *p, const struct layer *l, const struct field *f,
               num_t value);

/* The same for a part of the tuple. Setting one that no header of the packet
 * gives does nothing. */
num_t role_get(const struct packet *p, enum role r);
void role_set(struct packet *p, enum role r, num_t value);

/* Adds the headers of s with the values of the fields that it sets, in their
 * order; removes them. False, and nothing changed, if that cannot be. */
bool packet_encap(struct packet *p, const struct tstack *s,
                  const num_t *values);
bool packet_decap(struct packet *p, const struct tstack *s);

/* A frame of these headers and n bytes of data, with all checksums. Its bytes
 * have room for it. */
void packet_make(struct packet *p, const struct tstack *s, const num_t *values,
                 const uint8_t *data, size_t n);
size_t packet_stack_bytes(const struct tstack *s);

/* The value of an expression of l's header over its own fields. */
num_t layer_value(const struct packet *p, const struct layer *l,
                  const struct texpr *e);
/* The field's first byte in the frame; false if it is not there. */
bool layer_find(const struct packet *p, const struct layer *l,
                const struct field *f, size_t *byte);

/* True if a checksum of a header alone was wrong on arrival. */
bool packet_sums_wrong(const struct packet *p);

/* Brings the checksums up to date, see LANGUAGE.md, "Checksums". */
void packet_checksums(struct packet *p);
/* The same on the way, where somebody looks at bytes. */
void packet_settle(struct packet *p);

#endif
