/* Judging packets, and chunks of streams, by the rules that scans find. */
#include "snort_run.h"

#include <string.h>

void nfs_begin(struct nfs_shard *s)
{
    s->n_alerts = 0;
    s->verdict = 0;
}

/* ---- conditions ---- */

static bool flow_fits(const struct nfs_case *c, const struct nfs_rule *rule)
{
    const struct nfs_flow *f = c->flow;

    if (rule->to_server || rule->to_client || rule->established ||
        rule->not_established || rule->reads_bits || rule->sets_bits)
        if (!f)
            return false;
    return !(rule->to_server && c->server) &&
           !(rule->to_client && !c->server) &&
           !(rule->established && !f->established) &&
           !(rule->not_established && f->established);
}

static bool bits_fit(const struct nfs_case *c, const struct nfs_rule *rule)
{
    for (unsigned i = 0; i < rule->n_bits; i++) {
        const struct nfs_bit *b = &rule->bits[i];

        if (b->op < NFS_BIT_IS)
            continue;
        if ((c->flow->bits[b->bit / 64] >> b->bit % 64 & 1) !=
            (b->op == NFS_BIT_IS))
            return false;
    }
    return true;
}

bool nfs_rule_fits(const struct nfs_case *c, const struct nfs_rule *rule)
{
    return flow_fits(c, rule) && nfs_ends_fit(rule, c->p) && bits_fit(c, rule);
}

/* ---- what follows ---- */

static void set_bits(const struct nfs_case *c, const struct nfs_rule *rule)
{
    for (unsigned i = 0; i < rule->n_bits; i++) {
        const struct nfs_bit *b = &rule->bits[i];
        uint64_t bit = (uint64_t)1 << b->bit % 64;

        if (b->op == NFS_BIT_SET)
            c->flow->bits[b->bit / 64] |= bit;
        else if (b->op == NFS_BIT_CLEAR)
            c->flow->bits[b->bit / 64] &= ~bit;
        else if (b->op == NFS_BIT_TOGGLE)
            c->flow->bits[b->bit / 64] ^= bit;
    }
}

static void alert(const struct nfs_case *c, uint32_t rule)
{
    struct nfs_shard *s = c->shard;

    if (s->n_alerts == NFS_ALERTS)
        s->n_lost++;
    else
        s->alerts[s->n_alerts++] = (struct nfs_alert){rule, c->server};
}

/* What of a stream was dropped comes again, so all of its flow is dropped. */
static unsigned verdict_of(const struct nfs_rule *rule)
{
    unsigned of_flow = rule->scope == NFS_PACKET ? 0 : NFS_OF_FLOW;

    return rule->action == NFS_DROP     ? NFS_DROPS | of_flow
           : rule->action == NFS_REJECT ? NFS_DROPS | NFS_REJECTS | of_flow
                                        : 0;
}

bool nfs_matched(const struct nfs_case *c, uint32_t rule)
{
    const struct nfs_rule *r = &c->shard->e->rs->rules[rule];
    unsigned rate = nfs_rate(c->shard, rule, c->p);

    if (rate == NFS_NOT_YET)
        return false;
    if (c->flow)
        set_bits(c, r);
    c->shard->verdict |= verdict_of(r);
    if (rate == NFS_TELL && !r->noalert && r->action != NFS_PASS)
        alert(c, rule);
    return true;
}

/* ---- packets ---- */

/* What is known of a flow by its packets alone. */
static void see(const struct nfs_case *c)
{
    struct nfs_flow *f = c->flow;
    uint8_t flags = c->p->flags & 0x16; /* SYN, RST, ACK */

    if (!f || c->p->fragment)
        return;
    if (c->p->proto != 6 || (!(f->seen & 3) && flags == 0x10)) {
        f->seen |= c->server ? 8 : 4;
        f->established |= (f->seen & 12) == 12;
    } else if (!c->server && flags == 0x02) {
        f->seen |= 1;
    } else if (c->server && flags == 0x12 && f->seen & 1) {
        f->seen |= 2;
    } else if (!c->server && flags == 0x10 && f->seen & 2) {
        f->established = true;
    }
}

/* A pass rule that asks for nothing but tuples is about all of the flow. */
static bool passes_flow(const struct nfs_rule *rule)
{
    return rule->action == NFS_PASS && rule->n_opts == 0 &&
           rule->n_conds == 0 && !rule->reads_bits &&
           rule->filter.type == NFS_NO_RATE;
}

/* False: a pass rule matches, and nothing else is asked. */
static bool judge_rule(const struct nfs_case *c, uint32_t i)
{
    const struct nfs_rule *rule = &c->shard->e->rs->rules[i];
    struct nfs_view v = {.at = {[NFS_RAW] = c->p->payload},
                         .len = {[NFS_RAW] = c->p->payload_len}};
    uint64_t end;

    if (!nfs_rule_fits(c, rule) || !nfs_conds_fit(rule, c->p) ||
        !nfs_looks(rule, &v, c->scratch, &end) || !nfs_matched(c, i))
        return true;
    if (rule->action != NFS_PASS)
        return true;
    if (c->flow && passes_flow(rule))
        c->flow->passed = true;
    return false;
}

void nfs_judge_packet(const struct nfs_case *c)
{
    const struct nfs_engine *e = c->shard->e;
    uint64_t *hit = c->scratch->hit, bits;
    bool more = true;

    see(c);
    if (c->flow && c->flow->passed)
        return;
    memset(hit, 0, e->n_words * sizeof(*hit));
    for (unsigned i = 0; i < e->n_always; i++)
        hit[e->always[i] / 64] |= (uint64_t)1 << e->always[i] % 64;
    nfs_scan(e->packet_db, e, c->scratch, NFS_RAW, c->p->payload,
             c->p->payload_len);
    for (unsigned w = 0; more && w < e->n_words; w++)
        for (bits = hit[w]; more && bits; bits &= bits - 1)
            more = judge_rule(c, w * 64 + (unsigned)__builtin_ctzll(bits));
}

/* ---- streams ---- */

/* Those that matched, and only wait for more, leave before all others. */
static bool leaves_before(const struct nfs_found *a, const struct nfs_found *b)
{
    bool a_waits = a->to > a->floor, b_waits = b->to > b->floor;

    return a_waits == b_waits ? a->to < b->to : b_waits;
}

/* Keeps found rules in their order. Without room the one that was found first
 * leaves. */
static struct nfs_found *found_at(struct nfs_shard *s, struct nfs_dir *d,
                                  uint32_t rule)
{
    unsigned i = 0, old = 0;

    while (i < d->n_found && d->found[i].rule < rule)
        i++;
    if (i < d->n_found && d->found[i].rule == rule)
        return &d->found[i];
    if (d->n_found == NFS_PENDING) {
        for (unsigned k = 1; k < d->n_found; k++)
            if (leaves_before(&d->found[k], &d->found[old]))
                old = k;
        memmove(&d->found[old], &d->found[old + 1],
                (d->n_found - old - 1) * sizeof(*d->found));
        d->n_found--;
        i -= i > old;
        s->n_missed++;
    }
    memmove(&d->found[i + 1], &d->found[i],
            (d->n_found - i) * sizeof(*d->found));
    d->n_found++;
    d->found[i] = (struct nfs_found){rule, 0, 0};
    return &d->found[i];
}

/* Whether bytes that are still to come may change the answer. */
static bool may_come(const struct nfs_rule *rule)
{
    return rule->n_opts > 1 || rule->opts[rule->fast].kind == NFS_PCRE;
}

/* False: the flow passes. */
static bool judge_found(const struct nfs_case *c, struct nfs_dir *d,
                        struct nfs_found *f)
{
    const struct nfs_rule *rule = &c->shard->e->rs->rules[f->rule];
    struct nfs_view v = {.at = {[NFS_RAW] = d->window},
                         .len = {[NFS_RAW] = d->n},
                         .base = d->base};
    uint64_t end;

    while (f->to > f->floor) {
        v.floor = f->floor;
        if (!nfs_looks(rule, &v, c->scratch, &end))
            break;
        f->floor = end > f->floor ? end : f->to;
        if (nfs_rule_fits(c, rule) && nfs_matched(c, f->rule) &&
            rule->action == NFS_PASS) {
            c->flow->passed = true;
            return false;
        }
    }
    if (f->to > f->floor && !may_come(rule))
        f->to = f->floor;
    return true;
}

/* Those of which nothing is left in the window, and nothing is known. */
static void forget_old(struct nfs_dir *d)
{
    unsigned n = 0;

    for (unsigned i = 0; i < d->n_found; i++)
        if (d->found[i].to > d->base || d->found[i].floor > d->base)
            d->found[n++] = d->found[i];
    d->n_found = n;
}

static int hit_in_stream(unsigned id, unsigned long long from,
                         unsigned long long to, unsigned flags, void *of)
{
    struct nfs_scratch *s = of;

    (void)from, (void)flags;
    s->hit[id / 64] |= (uint64_t)1 << id % 64;
    s->to[id] = to;
    return 0;
}

static void append(struct nfs_shard *s, struct nfs_dir *d, const uint8_t *at,
                   uint32_t len)
{
    uint32_t out;

    if (d->n + len > s->room) {
        out = d->n - (s->window < d->n ? s->window : d->n);
        memmove(d->window, d->window + out, d->n - out);
        d->n -= out;
        d->base += out;
    }
    memcpy(d->window + d->n, at, len);
    d->n += len;
}

/* Pieces are so short that the window stays behind each of them. */
static void judge_piece(const struct nfs_case *c, struct nfs_dir *d,
                        const uint8_t *at, uint32_t len)
{
    const struct nfs_engine *e = c->shard->e;
    uint64_t *hit = c->scratch->hit, bits;

    append(c->shard, d, at, len);
    if (!d->stream)
        return;
    memset(hit, 0, e->n_words * sizeof(*hit));
    hs_scan_stream(d->stream, (const char *)at, len, 0, c->scratch->hs,
                   hit_in_stream, c->scratch);
    for (unsigned w = 0; w < e->n_words; w++)
        for (bits = hit[w]; bits; bits &= bits - 1) {
            unsigned i = w * 64 + (unsigned)__builtin_ctzll(bits);

            if (nfs_ends_fit(&e->rs->rules[i], c->p))
                found_at(c->shard, d, i)->to = d->begin + c->scratch->to[i];
        }
    for (unsigned i = 0; i < d->n_found; i++)
        if (!judge_found(c, d, &d->found[i]))
            return;
    forget_old(d);
}

/* What was before a gap is gone. */
static void pass_gap(struct nfs_dir *d, uint64_t offset)
{
    uint64_t behind = d->base + d->n;

    if (offset == behind)
        return;
    if (d->stream)
        hs_reset_stream(d->stream, 0, NULL, NULL, NULL);
    d->begin = d->base = offset;
    d->n = d->n_found = 0;
    nfs_http_gap(&d->http, offset - behind);
}

void nfs_judge_chunk(const struct nfs_case *c, uint64_t offset,
                     const uint8_t *at, uint32_t len)
{
    uint32_t most = c->shard->room - c->shard->window, n;
    struct nfs_dir *d;

    if (!c->flow || !(c->shard->e->stream_db || c->shard->e->http_db))
        return;
    d = &c->flow->dir[c->server];
    if (len > 0)
        pass_gap(d, offset);
    for (; len > 0 && !c->flow->passed; at += n, len -= n) {
        n = len < most ? len : most;
        judge_piece(c, d, at, n);
        if (c->shard->e->http_db && !c->flow->passed)
            nfs_judge_http(c, at, n);
    }
}
