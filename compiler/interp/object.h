/* The extern types of the standard library. object.c is the one place of the
 * interpreter that knows their names. */
#ifndef NFL_INTERP_OBJECT_H
#define NFL_INTERP_OBJECT_H

#include "base/diag.h"
#include "interp/value.h"
#include "sema/tree.h"
#include <nfl/num.h>
#include <nfl/report.h>
#include <nfl/trace.h>
#include <stddef.h>

struct moment;
struct packet;
struct session;
struct world;

/* Arguments as in the declaration. One that was left out is NULL. */
struct call {
    struct moment *moment;
    const struct member *member;
    void *self;            /* NULL for packets and flows */
    const struct ival *of; /* the value itself */
    const char *name;      /* of the object in the source */
    const struct ival *const *args;
    const uint64_t *key; /* words of the argument that is a key */
    unsigned n_words;
    const struct targ *key_arg;
    const struct object *type;
    bool divided;                       /* shared: a key is in one shard only */
    uint64_t *numbers;                  /* of a cell, by property */
    const struct ival *const *settings; /* of a cell */
};

/* False: it failed. */
typedef bool member_fn(const struct call *c, struct ival *result);

struct object_kind {
    const char *type;
    /* NULL and w->err on failure. */
    void *(*make)(struct world *w, unsigned shards,
                  const struct ival *const *args);
    void (*free)(void *self);
    /* May be NULL: the shard that owns an endpoint, or -1. */
    int (*owner)(const void *self, num_t addr, bool v6, unsigned port,
                 unsigned proto);
    /* May be NULL: adds lines "object PREFIX .." to the final state. */
    void (*state)(const void *self, struct nfl_state *to, const char *prefix);
    /* May be NULL: adds a row to the report, to values or to tables. */
    void (*report)(const void *self, struct nfl_report *r,
                   const struct nfl_report_object *who);
    /* May be NULL: what it takes of memory, and its error, in one line. */
    void (*explain)(const struct value *args, unsigned shards, FILE *to);
    /* May be NULL: warns of what is odd in the file that it is made from. */
    void (*advise)(struct diags *d, struct loc at, const char *path);
    /* May be NULL: what follows from that file, in lines of explain. */
    void (*tell)(const char *path, FILE *to);
};

/* Makes the result a tuple of n parts, which are zero. */
void result_parts(const struct call *c, struct ival *result, unsigned n);

/* NULL if the interpreter has none. */
const struct object_kind *object_kind(const struct object *o);
member_fn *object_member(const struct member *m);

/* Whether it has all that the program uses; else false and w->err. */
bool objects_known(struct world *w);

/* ---- the kinds ---- */

void *pool_make(struct world *w, unsigned shards,
                const struct ival *const *args);
void pool_free(void *self);
int pool_owner(const void *self, num_t addr, bool v6, unsigned port,
               unsigned proto);
void pool_state(const void *self, struct nfl_state *to, const char *prefix);
member_fn pool_take;
member_fn pool_keep;
member_fn pool_give, pool_address;
member_fn pool_inside, pool_outside;

void *acl_make(struct world *w, unsigned shards,
               const struct ival *const *args);
void acl_free(void *self);
member_fn acl_lookup;
void *policy_make(struct world *w, unsigned shards,
                  const struct ival *const *args);
member_fn policy_judge;
void acl_advise(struct diags *d, struct loc at, const char *path);
void policy_advise(struct diags *d, struct loc at, const char *path);

void *maglev_make(struct world *w, unsigned shards,
                  const struct ival *const *args);
void maglev_free(void *self);
void maglev_tell(const char *path, FILE *to);
member_fn maglev_pick, maglev_pick4, maglev_pick6, maglev_near4, maglev_near6;
member_fn maglev_standing, maglev_look, maglev_named;

void *queue_make(struct world *w, unsigned shards,
                 const struct ival *const *args);
void queue_free(void *self);
void queue_report(const void *self, struct nfl_report *r,
                  const struct nfl_report_object *who);
void queue_explain(const struct value *args, unsigned shards, FILE *to);
member_fn queue_hold, queue_release, queue_count;

void *count_min_make(struct world *w, unsigned shards,
                     const struct ival *const *args);
void count_min_free(void *self);
void count_min_state(const void *self, struct nfl_state *to,
                     const char *prefix);
void count_min_report(const void *self, struct nfl_report *r,
                      const struct nfl_report_object *who);
void count_min_explain(const struct value *args, unsigned shards, FILE *to);
member_fn count_min_add, count_min_count;

void *hyperloglog_make(struct world *w, unsigned shards,
                       const struct ival *const *args);
void hyperloglog_free(void *self);
void hyperloglog_state(const void *self, struct nfl_state *to,
                       const char *prefix);
void hyperloglog_report(const void *self, struct nfl_report *r,
                        const struct nfl_report_object *who);
void hyperloglog_explain(const struct value *args, unsigned shards, FILE *to);
member_fn hyperloglog_add, hyperloglog_count;

void *topk_make(struct world *w, unsigned shards,
                const struct ival *const *args);
void topk_free(void *self);
void topk_state(const void *self, struct nfl_state *to, const char *prefix);
void topk_report(const void *self, struct nfl_report *r,
                 const struct nfl_report_object *who);
void topk_explain(const struct value *args, unsigned shards, FILE *to);
member_fn topk_add, topk_count;

void *rows_make(struct world *w, unsigned shards,
                const struct ival *const *args);
void rows_free(void *self);
member_fn rows_find, rows_has;

member_fn bucket_take, srtcm_mark, trtcm_mark;

member_fn flow_src, flow_dst, flow_sport, flow_dport, flow_proto, flow_rewrite;
member_fn flow_evicted;
/* Of C of the program; `o` says which. */
void *extern_make(struct world *w, const struct object *o, unsigned shards,
                  const struct ival *const *args);
void extern_free(void *self);
/* Goes on from what another of the same type kept in all shards. */
void extern_inherit(struct world *w, void *self, void *before);
member_fn extern_call;

member_fn packet_payload, bytes_len, bytes_starts, bytes_ends, bytes_contains;
member_fn bytes_find, bytes_u8, bytes_u16, bytes_u32;
/* The first of the bytes b, which are at hand with the packet p. */
const uint8_t *bytes_at(const struct packet *p, const struct ival *b);
member_fn flow_client_state, flow_server_state;
member_fn packet_shows, stream_bytes, stream_fresh, stream_offset, stream_gap;
member_fn stream_keep, stream_release, stream_was, stream_now;
member_fn stream_write, stream_fill;
member_fn packet_len, packet_in_flow, packet_malformed, packet_hash,
    packet_generated, packet_turned, packet_bad_checksum, packet_fragment_size,
    packet_fragment, packet_time;

#endif
