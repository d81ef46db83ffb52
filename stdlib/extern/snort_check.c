/* What a rule is by its options: of packets, of streams or of HTTP; by what it
 * is found; and which rule is judged before which. */
#include "snort_read.h"

#include <stdlib.h>
#include <string.h>

/* ---- contents ---- */

static bool check_content(struct nfs_reader *r, struct nfs_opt *o)
{
    if (o->starts && (o->has_offset || o->has_depth || o->relative))
        return nfs_wrong(r, "startswith stands without offset, depth, distance "
                            "and within");
    if (o->relative && (o->has_offset || o->has_depth))
        return nfs_wrong(r, "a content has either offset and depth, or "
                            "distance and within");
    if (o->has_depth && (unsigned)o->depth < o->len)
        return nfs_wrong(r, "depth %d is less than the content's %u bytes",
                         o->depth, o->len);
    if (o->has_within && (unsigned)o->within < o->len)
        return nfs_wrong(r, "within %d is less than the content's %u bytes",
                         o->within, o->len);
    if (o->fast && o->not)
        return nfs_wrong(r, "fast_pattern: what must not be there finds "
                            "nothing");
    if (o->starts) {
        o->has_depth = true;
        o->depth = (int32_t)o->len;
    }
    for (unsigned i = 0; o->nocase && i < o->len; i++)
        if (o->bytes[i] >= 'A' && o->bytes[i] <= 'Z')
            o->bytes[i] = (uint8_t)(o->bytes[i] + 32);
    return true;
}

/* The one that says so, else the longest content; expressions last. */
static bool choose_fast(struct nfs_reader *r, struct nfs_rule *rule)
{
    unsigned best = 0, said = 0;

    for (unsigned i = 0; i < rule->n_opts; i++) {
        const struct nfs_opt *o = &rule->opts[i];
        unsigned score;

        if (o->not|| (o->kind != NFS_CONTENT && o->kind != NFS_PCRE))
            continue;
        said += o->fast;
        score = o->kind == NFS_PCRE ? 1
                : o->fast
                    ? 100000
                    : 10 + 2 * o->len +
                          (o->buffer != NFS_RAW && o->buffer != NFS_METHOD);
        if (score > best) {
            best = score;
            rule->fast = (int)i;
        }
    }
    return said < 2 || nfs_wrong(r, "fast_pattern stands twice");
}

/* ---- what it is ---- */

static bool is_of_packets(const struct nfs_rule *rule)
{
    if (rule->proto != 6 || rule->no_stream || rule->fast < 0)
        return true;
    for (unsigned i = 0; i < rule->n_conds; i++)
        if (rule->conds[i].field != NFS_IP_PROTO)
            return true;
    for (unsigned i = 0; i < rule->n_opts; i++)
        if (rule->opts[i].ends && rule->opts[i].buffer == NFS_RAW)
            return true;
    return false;
}

/* Nothing is in a request and in a response. */
static bool check_sides(struct nfs_reader *r, const struct nfs_rule *rule)
{
    bool client = false, server = false;

    for (unsigned i = 0; i < rule->n_opts; i++) {
        enum nfs_buffer b = rule->opts[i].buffer;

        server |=
            b == NFS_STAT_CODE || b == NFS_STAT_MSG || b == NFS_REPLY_BODY;
        client |= b == NFS_URI || b == NFS_RAW_URI || b == NFS_METHOD ||
                  b == NFS_HOST || b == NFS_AGENT || b == NFS_BODY;
    }
    if (client && server)
        return nfs_wrong(r, "it looks into a request and into a response; "
                            "join two rules by flowbits");
    if ((client && rule->to_client) || (server && rule->to_server))
        return nfs_wrong(r, "flow: %s, but it looks into a %s",
                         client ? "to_client" : "to_server",
                         client ? "request" : "response");
    return true;
}

static bool choose_scope(struct nfs_reader *r, struct nfs_rule *rule)
{
    bool packet = is_of_packets(rule);

    for (unsigned i = 0; i < rule->n_opts; i++)
        if (rule->opts[i].buffer != NFS_RAW)
            rule->scope = NFS_HTTP;
    if (rule->scope == NFS_HTTP) {
        if (!check_sides(r, rule))
            return false;
        if (packet)
            return nfs_wrong(
                r, "what looks into HTTP is of tcp, has a content or pcre that "
                   "must be there, and no options of single packets");
        if (rule->opts[rule->fast].buffer == NFS_RAW)
            for (unsigned i = 0; i < rule->n_opts; i++)
                if (rule->opts[i].buffer != NFS_RAW &&
                    !rule->opts[i].not&&rule->opts[i].kind <= NFS_PCRE) {
                    rule->fast = (int)i;
                    return true;
                }
        return rule->opts[rule->fast].buffer != NFS_RAW ||
               nfs_wrong(r, "nothing that must be there is looked for in HTTP");
    }
    rule->scope = packet ? NFS_PACKET : NFS_STREAM;
    if (rule->only_stream && packet)
        return nfs_wrong(
            r, "flow: only_stream needs a rule of tcp with a content or pcre, "
               "without options of single packets and endswith");
    if (rule->http)
        return nfs_wrong(r, "a rule of http looks into a buffer of HTTP; else "
                            "write tcp");
    return true;
}

bool nfs_rule_check(struct nfs_reader *r, struct nfs_rule *rule)
{
    if (rule->sid == 0)
        return nfs_wrong(r, "a rule has a number: sid:1000001;");
    for (unsigned i = 0; i < rule->n_opts; i++)
        if (rule->opts[i].kind == NFS_CONTENT &&
            !check_content(r, &rule->opts[i]))
            return false;
    if (!choose_fast(r, rule) || !choose_scope(r, rule))
        return false;
    for (unsigned i = 0; i < rule->n_conds; i++)
        if (rule->conds[i].field >= NFS_SEQ && rule->proto != 6 &&
            rule->proto != 0)
            return nfs_wrong(r, "flags, seq, ack and window are of tcp");
        else if ((rule->conds[i].field == NFS_ITYPE ||
                  rule->conds[i].field == NFS_ICODE) &&
                 rule->proto > 1)
            return nfs_wrong(r, "itype and icode are of icmp");
    if (!rule->has_priority)
        rule->priority = r->rs->classes[rule->class].priority;
    return true;
}

/* ---- order ---- */

static int before(const void *a, const void *b)
{
    const struct nfs_rule *x = a, *y = b;
    unsigned p = x->sets_bits ? 0 : x->reads_bits ? 2 : 1;
    unsigned q = y->sets_bits ? 0 : y->reads_bits ? 2 : 1;

    if (x->action != y->action)
        return x->action < y->action ? -1 : 1;
    if (p != q)
        return p < q ? -1 : 1;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

void nfs_rules_sort(struct nfs_rules *rs)
{
    qsort(rs->rules, rs->n, sizeof(*rs->rules), before);
}
