/* The slow way of a packet: the NFs, one after the other. */
#include "edge.h"

/* ---- the rules ---- */

static nfl_u128 number(const uint8_t *p, unsigned n)
{
    nfl_u128 v = 0;

    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

/* The tuple in an NF that packets from the inside meet behind the others: of
 * what the outside opened, those did not see a packet yet. */
static void seen_there(const struct flow *f, uint64_t *ends, uint32_t *ports)
{
    bool outside = f->kind & OUTSIDE;

    *ends = outside ? f->ends : f->out_ends;
    *ports = outside ? f->ports : f->out_ports;
}

static struct nfl_tuple tuple_of(const struct edge *e, uint32_t flow)
{
    const struct flow *f = &e->flows[flow];
    const struct cold *c = &e->cold[flow];
    struct nfl_tuple t = {.proto = f->proto, .v6 = (f->kind & V6) != 0};
    uint64_t ends;
    uint32_t ports;

    seen_there(f, &ends, &ports);
    t.sport = __builtin_bswap16((uint16_t)ports);
    t.dport = __builtin_bswap16((uint16_t)(ports >> 16));
    t.src = __builtin_bswap32((uint32_t)ends);
    t.dst = __builtin_bswap32((uint32_t)(ends >> 32));
    if (t.v6) {
        t.src = number(c->addr, 16);
        t.dst = number(c->addr + 16, 16);
    }
    return t;
}

static bool within(nfl_u128 addr, nfl_u128 net, unsigned len, unsigned bits)
{
    return len == 0 || (addr ^ net) >> (bits - len) == 0;
}

static bool denied(const struct edge *e, uint32_t flow, unsigned wall)
{
    const struct nfl_acl_rules *rules =
        wall == EDGE_WALLS - 1 ? e->last : e->rules;
    struct nfl_tuple t = tuple_of(e, flow);
    bool out = !(e->flows[flow].kind & OUTSIDE);
    unsigned bits = t.v6 ? 128 : 32, i;

    for (i = 0; i < rules->n; i++) {
        const struct nfl_acl_rule *r = &rules->rules[i];

        if (r->v6 == t.v6 && (r->any_dir || r->out == out) &&
            (r->any_proto || r->proto == t.proto) && t.sport >= r->sport_lo &&
            t.sport <= r->sport_hi && t.dport >= r->dport_lo &&
            t.dport <= r->dport_hi && within(t.src, r->src, r->src_len, bits) &&
            within(t.dst, r->dst, r->dst_len, bits))
            return r->deny;
    }
    return rules->default_deny;
}

/* ---- translations ---- */

static uint16_t change(uint16_t from, uint16_t to)
{
    return from == to ? 0 : (uint16_t)fold((uint16_t)~from + (uint32_t)to);
}

static uint16_t delta32(uint32_t from, uint32_t to)
{
    return (uint16_t)fold((uint32_t)change((uint16_t)from, (uint16_t)to) +
                          change((uint16_t)(from >> 16), (uint16_t)(to >> 16)));
}

static uint16_t delta64(uint64_t from, uint64_t to)
{
    return (uint16_t)fold(
        (uint32_t)delta32((uint32_t)from, (uint32_t)to) +
        delta32((uint32_t)(from >> 32), (uint32_t)(to >> 32)));
}

/* How checksums change. They are sums of words in any byte order. */
static void set_deltas(struct flow *f)
{
    f->ip_delta = delta64(f->ends, f->out_ends);
    f->l4_delta =
        (uint16_t)fold((uint32_t)f->ip_delta + delta32(f->ports, f->out_ports));
}

/* The flow leaves so from now on. False if the answers are somebody else's, or
 * belong to another shard. */
static bool rewrite(struct edge *e, uint32_t flow, uint64_t ends,
                    uint32_t ports)
{
    struct flow *f = &e->flows[flow];
    struct seen p = {.proto = f->proto, .kind = f->kind ^ OUTSIDE};
    uint32_t other;

    p.ends = turn_ends(ends);
    p.ports = turn_ports(ports);
    p.hash = hash_of(e, p.ends, p.ports, p.proto, p.kind);
    other = find(e, &p);
    if ((other && other != flow * 2 + 1) ||
        edge_shard(e, &p) != e->cold[flow].shard)
        return false;
    edge_answers(e, flow, ends, ports);
    set_deltas(f);
    return true;
}

/* ---- the NFs: each when the first packet of a flow comes there, which may be
 * an answer, where another one drops the flow ---- */

static uint16_t nat_new(struct edge *e, uint32_t flow, bool outside)
{
    struct flow *f = &e->flows[flow];
    uint32_t xaddr = 0;
    uint16_t xport;

    if (outside)
        return DROP_OUTSIDE;
    if (f->kind & V6)
        return 0;
    if (f->proto != TCP && f->proto != UDP && f->proto != ICMP)
        return DROP_PROTO;
    xport = edge_take(e, flow, &xaddr);
    if (xport == 0)
        return DROP_NO_PORT;
    if (!(e->cold[flow].have & NFL_SET_SPORT) ||
        !rewrite(e, flow, f->out_ends >> 32 << 32 | xaddr,
                 f->out_ports >> 16 << 16 | xport))
        return DROP_REWRITE;
    return 0;
}

/* Both TCP and UDP packets of a flow carry ports. */
static uint16_t maglev_new(struct edge *e, uint32_t flow)
{
    const struct flow *f = &e->flows[flow];
    const struct nfl_backend *b;
    uint64_t ends, dst;
    uint32_t ports, port;

    if (f->kind & V6 || (f->proto != TCP && f->proto != UDP) ||
        f->ends >> 32 != e->vip || f->ports >> 16 != e->vip_port)
        return 0;
    seen_there(f, &ends, &ports);
    b = edge_pick(e, ends, ports, f->proto);
    if (!b)
        return DROP_NO_BACKEND;
    dst = __builtin_bswap32((uint32_t)b->addr);
    port = b->port ? __builtin_bswap16(b->port) : e->vip_port;
    return rewrite(e, flow, (uint32_t)f->out_ends | dst << 32,
                   (uint16_t)f->out_ports | port << 16)
               ? 0
               : DROP_BACKEND_REWRITE;
}

static uint16_t judge(struct edge *e, uint32_t flow, unsigned nf, bool outside)
{
    struct cold *c = &e->cold[flow];

    if (c->seen[nf])
        return c->verdict[nf];
    c->seen[nf] = true;
    switch (nf) {
    case NAT:
        c->verdict[nf] = nat_new(e, flow, outside);
        break;
    case MAGLEV:
        c->verdict[nf] = maglev_new(e, flow);
        break;
    default:
        c->verdict[nf] =
            denied(e, flow, nf - WALL) ? DROP_DENIED + nf - WALL : 0;
    }
    return c->verdict[nf];
}

/* ---- packets ---- */

static void monitor(struct edge *e, uint32_t flow, uint32_t len)
{
    e->flows[flow].packets++;
    e->flows[flow].bytes += len;
}

static const uint8_t order[] = {EDGE_ORDER};

/* Parameters changed: firewalls judge the flow again, before its next packet.
 */
static void again(struct edge *e, uint32_t flow)
{
    struct cold *c = &e->cold[flow];
    unsigned i;

    e->flows[flow].age = e->age;
    for (i = 0; i < EDGE_WALLS; i++)
        if (c->seen[WALL + i])
            c->verdict[WALL + i] = denied(e, flow, i) ? DROP_DENIED + i : 0;
    e->flows[flow].verdict = UNDECIDED;
}

/* Past the NFs, but for the translation. Why the packet is dropped, or 0. */
static uint16_t visit(struct edge *e, const struct seen *p, uint32_t ref,
                      uint32_t len)
{
    const unsigned n = sizeof(order);
    uint32_t flow = ref >> 1;
    bool outside = p->kind & OUTSIDE;
    uint16_t reason = 0;
    unsigned i, nf = 0;

    if (e->flows[flow].age != e->age)
        again(e, flow);
    for (i = 0; i < n && !reason; i++) {
        nf = order[outside ? n - 1 - i : i];
        if (nf == MONITOR)
            monitor(e, flow, len);
        else if (nf != SIGNATURES)
            reason = judge(e, flow, nf, outside);
        else if (p->ip && p->l4 && (p->proto == TCP || p->proto == UDP))
            edge_signatures(e, p);
    }
    if (!reason)
        e->flows[flow].verdict = PASSES;
    else if (EDGE_DROPS && !outside && i == n && nf == NF_N - 1)
        e->flows[flow].verdict = DROPPED;
    return reason;
}

static void adjust(uint8_t *sum, uint16_t delta)
{
    store16(sum, (uint16_t)~fold((uint16_t)~load16(sum) + (uint32_t)delta));
}

/* Sets the addresses, and the ports that the packet has. */
static void translate(struct seen *p, uint64_t ends, uint32_t ports)
{
    uint64_t was = load64(p->ip + 12);
    uint32_t had = p->ports, mask = 0;
    uint16_t delta = delta64(was, ends);
    uint8_t *sum;
    bool changed = was != ends;

    store64(p->ip + 12, ends);
    if (changed)
        adjust(p->ip + 10, delta);
    if (!p->l4)
        return;
    mask |= p->have & NFL_SET_SPORT ? 0xffff : 0;
    mask |= p->have & NFL_SET_DPORT ? 0xffff0000 : 0;
    ports = (ports & mask) | (had & ~mask);
    if (p->proto == ICMP) {
        changed = false; /* its checksum does not cover addresses */
        delta = 0;
        if (mask)
            store16(p->l4 + 4,
                    (uint16_t)(mask == 0xffff ? ports : ports >> 16));
    } else {
        store32(p->l4, ports);
    }
    if (!changed && ports == had)
        return;
    delta = (uint16_t)fold((uint32_t)delta + delta32(had, ports));
    sum = p->l4 + (p->proto == TCP ? 16 : p->proto == UDP ? 6 : 2);
    if (p->proto == UDP && load16(sum) == 0)
        return;
    adjust(sum, delta);
    if (p->proto == UDP && load16(sum) == 0)
        store16(sum, 0xffff);
}

/* The flow of a packet, updated; 0: refused. */
static uint32_t flow_of(struct edge *e, const struct seen *p)
{
    uint32_t ref = find(e, p);

    if (ref && p->tcp && e->flows[ref >> 1].phase == NFL_CLOSING &&
        (p->tcp[13] & (SYN | ACK | RST)) == SYN) {
        edge_end(e, ref >> 1);
        ref = 0;
    }
    if (!ref)
        return edge_open(e, p) * 2;
    e->flows[ref >> 1].stamp = ++e->stamp;
    if (p->tcp)
        edge_tcp(e, ref >> 1, p->tcp, ref & 1, false);
    return ref;
}

/* Maglev sees what comes from the outside before Nat does. */
static uint16_t no_flow(const struct edge *e, const struct seen *p)
{
    if (!p->has_ip || !EDGE_ADDRS)
        return 0;
    if (!p->fragment)
        return DROP_MALFORMED;
    return p->kind & OUTSIDE && p->ends >> 32 == e->vip ? DROP_VIP_FRAGMENT
                                                        : DROP_FRAGMENT;
}

static uint16_t pass(struct edge *e, struct seen *p, uint32_t len)
{
    const struct flow *f;
    uint16_t reason;
    uint32_t ref;

    if (!p->has_flow)
        return no_flow(e, p);
    ref = flow_of(e, p);
    if (!ref)
        return DROP_FULL;
    reason = visit(e, p, ref, len);
    if (reason || p->kind & V6)
        return reason;
    f = &e->flows[ref >> 1];
    if (ref & 1)
        translate(p, turn_ends(f->ends), turn_ports(f->ports));
    else
        translate(p, f->out_ends, f->out_ports);
    return 0;
}

void edge_any(struct nfl_worker *w, struct edge *e, struct nfl_pkt *pkt)
{
    struct seen p;
    uint16_t reason;

    edge_parse(e, &p, pkt);
    reason = pass(e, &p, pkt->len);
    pkt->reason = reason;
    pkt->out = reason ? NFL_OUT_DROP : !pkt->port;
    w->drops[reason] += reason != 0;
}
