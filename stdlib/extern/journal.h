/* Records on their way to a file: put() copies one into the ring of its shard,
 * and does no more; one thread for each place writes. In a live run it writes
 * what it finds. While captures are replayed it keeps the records of each shard
 * in a temporary file, and the last one that leaves writes them all, by time:
 * so the same ones come in the same order, however many cores there were.
 *
 * A kind of records says how they are written. Objects with the same place
 * share it, if their kinds are one. */
#ifndef NFS_JOURNAL_H
#define NFS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct journal;
struct journal_ring;

struct journal_kind {
    const char *name; /* for messages */
    uint32_t size;    /* bytes of a record, a multiple of 8 */
    uint64_t (*time)(const void *record); /* nanoseconds */
    /* Opens j->file, or j->own. `arg` is what the first object gave. */
    bool (*open)(struct journal *j, const void *arg, char *err,
                 uint32_t err_size);
    void (*write)(struct journal *j, const void *record);
    void (*flush)(struct journal *j); /* besides j->file; NULL: nothing */
    void (*close)(struct journal *j); /* besides j->file; NULL: nothing */
};

/* A place. What is below is for the functions of its kind. */
struct journal {
    const struct journal_kind *kind;
    char *to;
    FILE *file; /* NULL: none */
    void *own;
    bool offline;
    bool pace; /* written slowly, at the end: who listens may be slow */
    /* journal.c's */
    struct journal_place *place;
};

/* n records cannot be written, and why: told at the end, the first reason. */
void journal_lose(struct journal *j, uint64_t n, const char *why);

/* `open` of kinds whose places are "json:FILE". */
bool journal_open_json(struct journal *j, const void *arg, char *err,
                       uint32_t err_size);

/* Records about a flow may begin with it. */
struct journal_flow {
    uint64_t time;            /* nanoseconds since 1970 */
    uint8_t src[16], dst[16]; /* of IPv4 the first four, network order */
    uint16_t sport, dport;
    bool v6;
};

/* Addresses are of `src_len` and `dst_len` bytes, 4 or 16. */
struct journal_flow journal_flow_of(uint64_t time, const uint8_t *src,
                                    uint32_t src_len, uint16_t sport,
                                    const uint8_t *dst, uint32_t dst_len,
                                    uint16_t dport);
/* `time` of such kinds. */
uint64_t journal_flow_time(const void *record);
/* The line's begin, up to the last port; what follows begins with a comma. */
void journal_flow_begin(struct journal *j, const struct journal_flow *f);

/* A text with the quotes of JSON; bytes beyond ASCII as Latin 1. */
void journal_text(struct journal *j, const uint8_t *text, uint32_t len);

/* A number of records, at most 2^20, rounded up to a power of two; "" is
 * nowhere. NULL: a sentence is in err. */
struct journal_ring *journal_new(const struct journal_kind *kind,
                                 const char *to, const void *arg, uint32_t ring,
                                 char *err, uint32_t err_size);
void journal_free(struct journal_ring *r);

/* Does it go anywhere? */
bool journal_is(const struct journal_ring *r);

/* Where the next record goes, which journal_put hands over. NULL if the ring is
 * full; while captures are replayed it waits instead. One caller at a time. */
void *journal_room(struct journal_ring *r);
void journal_put(struct journal_ring *r);

#endif
