/* How declarations of extern C look in C: symbols, parameters, prototypes.
 * The emitter, the header for authors and the interpreter's glue agree by it.
 *
 *   extern type scanner(patterns: file) from "scan.c" {
 *       fn scan(payload: bytes, most: u16) -> u32 fails updates scratch
 *   }
 *
 *   struct nfx_scanner *nfx_scanner_new(const uint8_t *patterns,
 *           uint32_t patterns_len, char *err, uint32_t err_size);
 *   void nfx_scanner_free(struct nfx_scanner *state);
 *   struct nfx_scanner_scratch *nfx_scanner_scratch_new(
 *           const struct nfx_scanner *state);
 *   void nfx_scanner_scratch_free(struct nfx_scanner_scratch *scratch);
 *   bool nfx_scanner_scan(struct nfx_scanner *state,
 *           struct nfx_scanner_scratch *scratch, const uint8_t *payload,
 *           uint32_t payload_len, uint16_t most, uint32_t *result);
 */
#ifndef NFL_SEMA_CPROTO_H
#define NFL_SEMA_CPROTO_H

#include "sema/tree.h"
#include <stdio.h>

struct arena;

/* One value that C gets, or gives. */
enum catom_kind {
    CA_BOOL,
    CA_NUM,   /* uintN_t, of `bits` */
    CA_WIDE,  /* more than 64 bits: 16 bytes in network order */
    CA_ADDR,  /* 4 or 16 bytes in network order, and how many */
    CA_TEXT,  /* const char * */
    CA_BYTES, /* bytes and how many: of a packet, or a file's */
};

struct catom {
    enum catom_kind kind;
    unsigned bits;
    bool file;
    const char *name; /* in C */
    struct catom *next;
};
typedef LIST(struct catom) catoms;

/* Adds the atoms of a value of type t, which is called `name`. False if C
 * cannot take such a value. */
bool catoms_of(struct arena *a, const struct tree *tree, const char *name,
               const struct type *t, catoms *to);
/* Of all parameters, in order; of what is returned. */
void catoms_params(struct arena *a, const struct tree *tree, const params *ps,
                   catoms *to);
void catoms_result(struct arena *a, const struct tree *tree,
                   const struct member *m, catoms *to);

/* uint8_t to uint64_t, bool, const char *. */
const char *catom_ctype(const struct catom *c);
/* True if the results go through pointers, and bool or nothing is returned. */
bool cproto_by_pointer(const struct member *m);
bool cproto_has_scratch(const struct object *o);

/* nfx_scanner_scan */
const char *cproto_symbol(struct arena *a, const struct member *m);
/* All prototypes of an extern type or function. */
void cproto_print(struct arena *a, const struct tree *tree,
                  const struct object *o, FILE *to);
/* The header for authors of C: those of all extern C of the program. */
void cproto_header(struct arena *a, const struct tree *tree, FILE *to);

#endif
