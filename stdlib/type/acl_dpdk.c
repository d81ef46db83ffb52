/* The rules of an acl in tries of DPDK's acl library, one for each family. */
#include "acl.h"
#include <rte_acl.h>
#include <rte_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the library looks at, in network order. Its first field is one byte, the
 * others are groups of four. */
struct key4 {
    uint8_t proto;
    uint8_t src[4], dst[4];
    uint8_t sport[2], dport[2];
    uint8_t rest[4]; /* see REST_ */
} __attribute__((packed));

struct key6 {
    uint8_t proto;
    uint8_t src[16], dst[16];
    uint8_t sport[2], dport[2];
    uint8_t rest[4]; /* see REST_ */
} __attribute__((packed));

/* Fields: proto, words of src, words of dst, sport, dport, rest. */
enum { FIELDS_4 = 6, FIELDS_6 = 12 };

RTE_ACL_RULE_DEF(rule4, FIELDS_4);
RTE_ACL_RULE_DEF(rule6, FIELDS_6);

/* Bits of the last field: the direction, what is known of the first packet from
 * REST_FIRST on, and whether it is known. */
enum { REST_OUT = 1, REST_FIRST = 8, REST_KNOWN = 1 << 24 };

struct nfs_acl_index {
    struct rte_acl_ctx *ctx[2]; /* by v6; NULL: no rules */
    const struct nfl_acl_rules *rules;
};

/* ---- layout ---- */

static void set_def(struct rte_acl_field_def *d, unsigned i, uint8_t type,
                    unsigned size, unsigned input, unsigned offset)
{
    d->type = type;
    d->size = (uint8_t)size;
    d->field_index = (uint8_t)i;
    d->input_index = (uint8_t)input;
    d->offset = offset;
}

/* Returns the number of fields. */
static unsigned layout(struct rte_acl_field_def *d, bool v6)
{
    unsigned words = v6 ? 8 : 2, i, at = 1;

    set_def(&d[0], 0, RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0);
    for (i = 1; i <= words; i++, at += 4)
        set_def(&d[i], i, RTE_ACL_FIELD_TYPE_MASK, 4, i, at);
    set_def(&d[i], i, RTE_ACL_FIELD_TYPE_RANGE, 2, words + 1, at);
    i++;
    set_def(&d[i], i, RTE_ACL_FIELD_TYPE_RANGE, 2, words + 1, at + 2);
    i++;
    set_def(&d[i], i, RTE_ACL_FIELD_TYPE_BITMASK, 4, words + 2, at + 4);
    return i + 1;
}

/* ---- rules ---- */

/* An address and its prefix, word by word. Returns the field after it. */
static struct rte_acl_field *put_addr(struct rte_acl_field *f, nfl_u128 addr,
                                      unsigned len, bool v6)
{
    unsigned words = v6 ? 4 : 1, i, own;

    for (i = 0; i < words; i++, f++) {
        f->value.u32 = (uint32_t)(addr >> (32 * (words - 1 - i)));
        own = len > 32 * i ? len - 32 * i : 0;
        f->mask_range.u32 = own > 32 ? 32 : own;
    }
    return f;
}

static void put_fields(struct rte_acl_field *f, const struct nfl_acl_rule *r)
{
    f->value.u8 = r->any_proto ? 0 : r->proto;
    f->mask_range.u8 = r->any_proto ? 0 : 0xff;
    f = put_addr(f + 1, r->src, r->src_len, r->v6);
    f = put_addr(f, r->dst, r->dst_len, r->v6);
    f[0].value.u16 = r->sport_lo;
    f[0].mask_range.u16 = r->sport_hi;
    f[1].value.u16 = r->dport_lo;
    f[1].mask_range.u16 = r->dport_hi;
    f[2].value.u32 = (r->any_dir ? 0 : r->out) | r->first << REST_FIRST |
                     (r->first_mask ? REST_KNOWN : 0);
    f[2].mask_range.u32 = (r->any_dir ? 0 : REST_OUT) |
                          r->first_mask << REST_FIRST |
                          (r->first_mask ? REST_KNOWN : 0);
}

/* The first rule has the highest priority. What a match says is the number of
 * its rule from 1 on: 0 is the library's "no match". */
static int add_rules(struct rte_acl_ctx *ctx, const struct nfl_acl_rules *rules,
                     bool v6)
{
    struct rule6 rule; /* the larger one; the other is its beginning */
    int32_t priority = RTE_ACL_MAX_PRIORITY;
    unsigned i;
    int rc = 0;

    for (i = 0; i < rules->n && rc == 0; i++) {
        if (rules->rules[i].v6 != v6)
            continue;
        memset(&rule, 0, sizeof(rule));
        rule.data.category_mask = 1;
        rule.data.priority = priority--;
        rule.data.userdata = i + 1;
        put_fields(rule.field, &rules->rules[i]);
        rc = rte_acl_add_rules(ctx, (const struct rte_acl_rule *)&rule, 1);
    }
    return rc;
}

static unsigned count(const struct nfl_acl_rules *rules, bool v6)
{
    unsigned i, n = 0;

    for (i = 0; i < rules->n; i++)
        n += rules->rules[i].v6 == v6;
    return n;
}

/* False if there is no memory. */
static bool build(struct nfs_acl_index *x, const struct nfl_acl_rules *rules,
                  bool v6)
{
    static unsigned made; /* contexts are found by their names */
    char name[RTE_ACL_NAMESIZE];
    struct rte_acl_param param = {.name = name, .socket_id = SOCKET_ID_ANY};
    struct rte_acl_config config = {.num_categories = 1};

    param.max_rule_num = count(rules, v6);
    if (param.max_rule_num == 0)
        return true;
    param.rule_size = RTE_ACL_RULE_SZ(v6 ? FIELDS_6 : FIELDS_4);
    snprintf(name, sizeof(name), "nfl_acl_%u", made++);
    x->ctx[v6] = rte_acl_create(&param);
    if (!x->ctx[v6])
        return false;
    config.num_fields = layout(config.defs, v6);
    return add_rules(x->ctx[v6], rules, v6) == 0 &&
           rte_acl_build(x->ctx[v6], &config) == 0;
}

struct nfs_acl_index *nfs_acl_index_new(const struct nfl_acl_rules *rules,
                                        char *err, size_t errlen)
{
    struct nfs_acl_index *x = calloc(1, sizeof(*x));

    if (x) {
        x->rules = rules;
        if (build(x, rules, false) && build(x, rules, true))
            return x;
        nfs_acl_index_free(x);
    }
    snprintf(err, errlen,
             "no memory for the %u rules of an acl; give more with --eal -m "
             "--eal MEGABYTES, or use fewer rules",
             rules->n);
    return NULL;
}

void nfs_acl_index_free(struct nfs_acl_index *x)
{
    rte_acl_free(x->ctx[0]);
    rte_acl_free(x->ctx[1]);
    free(x);
}

/* ---- looking up ---- */

static void put16(uint8_t *to, uint16_t v)
{
    to[0] = (uint8_t)(v >> 8);
    to[1] = (uint8_t)v;
}

static void put32(uint8_t *to, uint32_t v)
{
    put16(to, (uint16_t)(v >> 16));
    put16(to + 2, (uint16_t)v);
}

static void put128(uint8_t *to, nfl_u128 v)
{
    unsigned i;

    for (i = 0; i < 4; i++)
        put32(to + 4 * i, (uint32_t)(v >> (96 - 32 * i)));
}

static uint32_t rest_of(const struct nfs_acl_question *q)
{
    return (q->out ? REST_OUT : 0) |
           (q->known ? REST_KNOWN | (uint32_t)q->first << REST_FIRST : 0);
}

static uint32_t find4(const struct rte_acl_ctx *ctx,
                      const struct nfs_acl_question *q)
{
    const struct nfl_tuple *t = q->tuple;
    struct key4 key = {.proto = t->proto};
    const uint8_t *data = (const uint8_t *)&key;
    uint32_t found = 0;

    put32(key.src, (uint32_t)t->src);
    put32(key.dst, (uint32_t)t->dst);
    put16(key.sport, t->sport);
    put16(key.dport, t->dport);
    put32(key.rest, rest_of(q));
    rte_acl_classify(ctx, &data, &found, 1, 1);
    return found;
}

static uint32_t find6(const struct rte_acl_ctx *ctx,
                      const struct nfs_acl_question *q)
{
    const struct nfl_tuple *t = q->tuple;
    struct key6 key = {.proto = t->proto};
    const uint8_t *data = (const uint8_t *)&key;
    uint32_t found = 0;

    put128(key.src, t->src);
    put128(key.dst, t->dst);
    put16(key.sport, t->sport);
    put16(key.dport, t->dport);
    put32(key.rest, rest_of(q));
    rte_acl_classify(ctx, &data, &found, 1, 1);
    return found;
}

const struct nfl_acl_rule *nfs_acl_index_find(const struct nfs_acl_index *x,
                                              const struct nfs_acl_question *q)
{
    bool v6 = q->tuple->v6;
    const struct rte_acl_ctx *ctx = x->ctx[v6];
    uint32_t found = 0;

    if (ctx)
        found = v6 ? find6(ctx, q) : find4(ctx, q);
    return found ? &x->rules->rules[found - 1] : NULL;
}
