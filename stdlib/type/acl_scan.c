/* The rules of an acl one after the other, for the back end without EAL. */
#include "acl.h"
#include <stdio.h>
#include <stdlib.h>

struct nfs_acl_index {
    const struct nfl_acl_rules *rules;
};

struct nfs_acl_index *nfs_acl_index_new(const struct nfl_acl_rules *rules,
                                        char *err, size_t errlen)
{
    struct nfs_acl_index *x = calloc(1, sizeof(*x));

    if (x)
        x->rules = rules;
    else
        snprintf(err, errlen, "no memory for the rules of an acl");
    return x;
}

static bool within(nfl_u128 addr, nfl_u128 net, unsigned len, unsigned bits)
{
    return len == 0 || (addr ^ net) >> (bits - len) == 0;
}

static bool matches(const struct nfl_acl_rule *r,
                    const struct nfs_acl_question *q)
{
    const struct nfl_tuple *t = q->tuple;
    unsigned bits = t->v6 ? 128 : 32;

    return r->v6 == t->v6 && (r->any_dir || r->out == q->out) &&
           (r->any_proto || r->proto == t->proto) && t->sport >= r->sport_lo &&
           t->sport <= r->sport_hi && t->dport >= r->dport_lo &&
           t->dport <= r->dport_hi &&
           (r->first_mask == 0 ||
            (q->known && (q->first & r->first_mask) == r->first)) &&
           within(t->src, r->src, r->src_len, bits) &&
           within(t->dst, r->dst, r->dst_len, bits);
}

const struct nfl_acl_rule *nfs_acl_index_find(const struct nfs_acl_index *x,
                                              const struct nfs_acl_question *q)
{
    unsigned i;

    for (i = 0; i < x->rules->n; i++)
        if (matches(&x->rules->rules[i], q))
            return &x->rules->rules[i];
    return NULL;
}

void nfs_acl_index_free(struct nfs_acl_index *x)
{
    free(x);
}
