/* Rules that can decide nothing, since an earlier one matches whatever they
 * do. That several together cover a rule is not looked for. */
#include <nfl/acl_text.h>

/* Pairs of rules that are compared: a second's work. */
enum { PAIRS_MAX = 200000000 };

static bool net_covers(nfl_u128 a, unsigned a_len, nfl_u128 b, unsigned b_len,
                       unsigned bits)
{
    return a_len <= b_len && (a_len == 0 || (a ^ b) >> (bits - a_len) == 0);
}

static bool covers(const struct nfl_acl_rule *a, const struct nfl_acl_rule *b)
{
    unsigned bits = a->v6 ? 128 : 32;

    return a->v6 == b->v6 &&
           net_covers(a->dst, a->dst_len, b->dst, b->dst_len, bits) &&
           net_covers(a->src, a->src_len, b->src, b->src_len, bits) &&
           (a->any_dir || (!b->any_dir && a->out == b->out)) &&
           (a->any_proto || (!b->any_proto && a->proto == b->proto)) &&
           a->sport_lo <= b->sport_lo && a->sport_hi >= b->sport_hi &&
           a->dport_lo <= b->dport_lo && a->dport_hi >= b->dport_hi &&
           (a->first_mask & ~b->first_mask) == 0 &&
           (b->first & a->first_mask) == a->first;
}

/* The line of a rule in front of `before` that covers rule i, or 0. */
static unsigned covered(const struct nfl_acl_rules *r, unsigned before,
                        unsigned i)
{
    unsigned j;

    for (j = 0; j < before; j++)
        if (covers(&r->rules[j], &r->rules[i]))
            return r->rules[j].line;
    return 0;
}

void nfl_acl_shadowed(const struct nfl_acl_rules *r, nfl_acl_told *told,
                      void *arg)
{
    unsigned begin = 0, i, by, first;
    uint64_t pairs = 0;

    /* The rules of a line stand together. */
    while (begin < r->n && pairs < PAIRS_MAX) {
        first = by = covered(r, begin, begin);
        for (i = begin + 1;
             i < r->n && r->rules[i].line == r->rules[begin].line; i++) {
            if (by)
                by = covered(r, begin, i);
            pairs += begin;
        }
        pairs += begin;
        if (by)
            told(arg, r->rules[begin].line, first);
        begin = i;
    }
}
