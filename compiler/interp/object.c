/* Which C function stands for which member of which extern type. */
#include "interp/object.h"
#include "base/arena.h"
#include "interp/world.h"
#include <string.h>

static const struct object_kind kinds[] = {
    {.type = "pool",
     .make = pool_make,
     .free = pool_free,
     .owner = pool_owner,
     .state = pool_state},
    {.type = "acl", .make = acl_make, .free = acl_free, .advise = acl_advise},
    {.type = "policy",
     .make = policy_make,
     .free = acl_free,
     .advise = policy_advise},
    {.type = "maglev",
     .make = maglev_make,
     .free = maglev_free,
     .tell = maglev_tell},
    {.type = "queue",
     .make = queue_make,
     .free = queue_free,
     .report = queue_report,
     .explain = queue_explain},
#define SKETCH(name)                                                           \
    {.type = #name,                                                            \
     .make = name##_make,                                                      \
     .free = name##_free,                                                      \
     .state = name##_state,                                                    \
     .report = name##_report,                                                  \
     .explain = name##_explain}
    {.type = "rows", .make = rows_make, .free = rows_free},
    SKETCH(count_min),
    SKETCH(hyperloglog),
    SKETCH(topk),
#undef SKETCH
    {.type = "packet"},
    {.type = "flow"},
    {.type = "bytes"},
    {.type = "stream"},
};

static const struct {
    const char *type, *name;
    member_fn *fn;
} members[] = {
    {"packet", "len", packet_len},
    {"packet", "time", packet_time},
    {"packet", "payload", packet_payload},
    {"bytes", "len", bytes_len},
    {"bytes", "starts", bytes_starts},
    {"bytes", "ends", bytes_ends},
    {"bytes", "contains", bytes_contains},
    {"bytes", "find", bytes_find},
    {"bytes", "u8", bytes_u8},
    {"bytes", "u16", bytes_u16},
    {"bytes", "u32", bytes_u32},
    {"flow", "client_state", flow_client_state},
    {"flow", "server_state", flow_server_state},
    {"packet", "shows", packet_shows},
    {"stream", "bytes", stream_bytes},
    {"stream", "fresh", stream_fresh},
    {"stream", "offset", stream_offset},
    {"stream", "gap", stream_gap},
    {"stream", "keep", stream_keep},
    {"stream", "release", stream_release},
    {"stream", "write", stream_write},
    {"stream", "fill", stream_fill},
    {"stream", "was", stream_was},
    {"stream", "now", stream_now},
    {"packet", "in_flow", packet_in_flow},
    {"packet", "hash", packet_hash},
    {"packet", "malformed", packet_malformed},
    {"packet", "generated", packet_generated},
    {"packet", "turned", packet_turned},
    {"packet", "bad_checksum", packet_bad_checksum},
    {"packet", "fragment_size", packet_fragment_size},
    {"packet", "fragment", packet_fragment},
    {"flow", "src", flow_src},
    {"flow", "dst", flow_dst},
    {"flow", "sport", flow_sport},
    {"flow", "dport", flow_dport},
    {"flow", "proto", flow_proto},
    {"flow", "evicted", flow_evicted},
    {"flow", "rewrite", flow_rewrite},
    {"pool", "take", pool_take},
    {"pool", "keep", pool_keep},
    {"pool", "give", pool_give},
    {"pool", "address", pool_address},
    {"pool", "inside", pool_inside},
    {"pool", "outside", pool_outside},
    {"acl", "lookup", acl_lookup},
    {"policy", "judge", policy_judge},
    {"maglev", "pick", maglev_pick},
    {"maglev", "named", maglev_named},
    {"maglev", "pick4", maglev_pick4},
    {"maglev", "pick6", maglev_pick6},
    {"maglev", "near4", maglev_near4},
    {"maglev", "near6", maglev_near6},
    {"maglev", "standing", maglev_standing},
    {"maglev", "look", maglev_look},
    {"queue", "hold", queue_hold},
    {"queue", "release", queue_release},
    {"queue", "count", queue_count},
    {"count_min", "add", count_min_add},
    {"count_min", "count", count_min_count},
    {"hyperloglog", "add", hyperloglog_add},
    {"hyperloglog", "count", hyperloglog_count},
    {"rows", "find", rows_find},
    {"rows", "has", rows_has},
    {"topk", "add", topk_add},
    {"topk", "count", topk_count},
    {"bucket", "take", bucket_take},
    {"srtcm", "mark", srtcm_mark},
    {"trtcm", "mark", trtcm_mark},
};

static const struct object_kind of_program = {.free = extern_free};

const struct object_kind *object_kind(const struct object *o)
{
    if (o->file)
        return &of_program;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].type, o->name) == 0)
            return &kinds[i];
    }
    return NULL;
}

member_fn *object_member(const struct member *m)
{
    if (m->object->file)
        return extern_call;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i].type, m->object->name) == 0 &&
            strcmp(members[i].name, m->name) == 0)
            return members[i].fn;
    }
    return NULL;
}

void result_parts(const struct call *c, struct ival *result, unsigned n)
{
    result->parts =
        arena_alloc(c->moment->world->scratch, n * sizeof(*result->parts));
}

/* ---- does the interpreter have all that a program uses? ---- */

static bool unknown(struct world *w, const char *type, const char *dot,
                    const char *name)
{
    snprintf(w->err, sizeof(w->err), "the interpreter has no '%s%s%s'", type,
             dot, name);
    return false;
}

static bool expr_known(struct world *w, const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return true;
    if (e->kind == TE_NEW && !object_kind(e->type->object))
        return unknown(w, e->type->object->name, "", "");
    if (e->member && !object_member(e->member))
        return unknown(w, e->member->object->name, ".", e->member->name);
    LIST_EACH (i, &e->items) {
        if (!expr_known(w, i->lo) || !expr_known(w, i->hi))
            return false;
    }
    LIST_EACH (a, &e->args) {
        if (!expr_known(w, a->value))
            return false;
    }
    return expr_known(w, e->a) && expr_known(w, e->b);
}

static bool block_known(struct world *w, const struct tblock *b)
{
    const struct tstmt *s;

    if (!b)
        return true;
    LIST_EACH (s, &b->stmts) {
        if (!expr_known(w, s->value) || !expr_known(w, s->alt_value) ||
            !block_known(w, s->body) || !block_known(w, s->other) ||
            !block_known(w, s->alt))
            return false;
    }
    return true;
}

static bool nf_known(struct world *w, const struct nf *nf)
{
    const struct handler *h;
    const struct var *v;

    LIST_EACH (v, &nf->vars) {
        if (v->type->kind == TY_OBJECT && !object_kind(v->type->object))
            return unknown(w, v->type->object->name, "", "");
    }
    LIST_EACH (h, &nf->handlers) {
        if (!expr_known(w, h->when) || !block_known(w, h->body))
            return false;
    }
    return true;
}

bool objects_known(struct world *w)
{
    const struct chain *c;
    const struct position *at;
    const struct targ *a;

    LIST_EACH (c, &w->tree->chains) {
        LIST_EACH (at, &c->nfs) {
            if (!nf_known(w, at->nf))
                return false;
            LIST_EACH (a, &at->args) {
                if (!expr_known(w, a->value))
                    return false;
            }
        }
    }
    return true;
}
