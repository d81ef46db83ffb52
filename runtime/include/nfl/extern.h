/* Extern C of programs: what an object of an extern type is, and how the
 * interpreter calls functions of C through glue that nflc writes. */
#ifndef NFL_EXTERN_H_
#define NFL_EXTERN_H_

#include <nfl/num.h>
#include <stddef.h>

struct nfl_setup;

/* The states of an object, one or one for each shard; and scratch memory, one
 * for each worker, or none. */
struct nfl_extern {
    unsigned n, n_scratch;
    void **state, **scratch;
};

/* NULL after setting setup->err: no memory. Free with nfl_extern_free, after
 * what the states are. */
struct nfl_extern *nfl_extern_new(struct nfl_setup *setup, bool by_shard,
                                  bool scratch);
void nfl_extern_free(struct nfl_extern *x);
struct nfl_options;
/* Completes the reason why C of `type` made nothing: by the path of what
 * file("name") means (name NULL: there was no file), and if there is none. */
void nfl_extern_reason(const struct nfl_options *o, const char *srcdir,
                       const char *type, const char *name, char *err,
                       size_t errlen);
/* The same of setup->err. Always NULL. */
void *nfl_extern_failed(struct nfl_setup *setup, const char *type,
                        const char *name);

/* For C of programs, from the first `new` on: true while captures are replayed,
 * when a function may wait for a thread of its own, and nothing may be lost;
 * false in a live run, when no function may wait. */
bool nfl_offline(void);

/* A file's content. */
struct nfl_bytes {
    uint8_t *at; /* a zero byte follows */
    uint32_t len;
};

enum { NFL_EXTERN_FILE_MAX = 256 << 20 };

void nfl_bytes_free(struct nfl_bytes *b);

/* Reads what file("name") means. False after setting setup->err. Free with
 * nfl_bytes_free. */
bool nfl_extern_file(struct nfl_setup *setup, const char *name,
                     struct nfl_bytes *to);
/* The same of a path. */
bool nfl_extern_read(const char *path, struct nfl_bytes *to, char *err,
                     size_t errlen);

/* ---- glue, for the interpreter ---- */

/* One argument or result. */
struct nfl_value {
    uint64_t u;        /* a number, bool */
    uint8_t bytes[16]; /* of more than 64 bits, or an address: network order */
    uint8_t *at;       /* text; bytes */
    uint32_t len;      /* of bytes; of an address: 4 or 16 */
};

/* nfxg_TYPE_new, nfxg_TYPE_FN or nfxg_FN: `state` and `scratch` may be NULL.
 * False: the function failed. */
typedef void *nfl_glue_new(const struct nfl_value *args, char *err,
                           uint32_t err_size);
typedef void nfl_glue_free(void *state);
typedef void *nfl_glue_scratch_new(void *state);
typedef bool nfl_glue_fn(void *state, void *scratch,
                         const struct nfl_value *args,
                         struct nfl_value *results);

#endif
