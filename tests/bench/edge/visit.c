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

/* What the firewall sees: behind Nat. */
static struct nfl_tuple tuple_of(const struct edge *e, uint32_t flow)
{
    const struct flow *f = &e->flows[flow];
    const struct cold *c = &e->cold[flow];
    struct nfl_tuple t = {.proto = f->proto, .v6 = (f->kind & V6) != 0};

    t.sport = __builtin_bswap16(f->xport);
    t.dport = __builtin_bswap16((uint16_t)(f->ports >> 16));
    t.src = __builtin_bswap32(f->xaddr);
    t.dst = __builtin_bswap32((uint32_t)(f->ends >> 32));
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

static bool denied(const struct edge *e, uint32_t flow)
{
    struct nfl_tuple t = tuple_of(e, flow);
    bool out = !(e->flows[flow].kind & OUTSIDE);
    unsigned bits = t.v6 ? 128 : 32, i;

    for (i = 0; i < e->rules->n; i++) {
        const struct nfl_acl_rule *r = &e->rules->rules[i];

        if (r->v6 == t.v6 && (r->any_dir || r->out == out) &&
            (r->any_proto || r->proto == t.proto) && t.sport >= r->sport_lo &&
            t.sport <= r->sport_hi && t.dport >= r->dport_lo &&
            t.dport <= r->dport_hi && within(t.src, r->src, r->src_len, bits) &&
            within(t.dst, r->dst, r->dst_len, bits))
            return r->deny;
    }
    return e->rules->default_deny;
}

/* ---- Nat ---- */

static uint16_t change(uint16_t from, uint16_t to)
{
    return from == to ? 0 : (uint16_t)fold((uint16_t)~from + (uint32_t)to);
}

static uint16_t delta32(uint32_t from, uint32_t to)
{
    return (uint16_t)fold((uint32_t)change((uint16_t)from, (uint16_t)to) +
                          change((uint16_t)(from >> 16), (uint16_t)(to >> 16)));
}

/* How checksums change with the source of what goes, and with the destination
 * of what comes back. They are sums of words in any byte order. */
static void set_deltas(struct flow *f)
{
    uint32_t addr = (uint32_t)f->ends;
    uint16_t port = (uint16_t)f->ports;

    f->ip_delta[0] = delta32(addr, f->xaddr);
    f->ip_delta[1] = delta32(f->xaddr, addr);
    f->l4_delta[0] =
        (uint16_t)fold((uint32_t)f->ip_delta[0] + change(port, f->xport));
    f->l4_delta[1] =
        (uint16_t)fold((uint32_t)f->ip_delta[1] + change(f->xport, port));
}

/* Answers to what would leave: somebody else's? */
static bool taken(const struct edge *e, uint32_t flow, uint16_t xport)
{
    const struct flow *f = &e->flows[flow];
    uint32_t other;
    struct seen p = {.proto = f->proto, .kind = f->kind ^ OUTSIDE};

    p.ends = f->ends >> 32 | (uint64_t)e->xaddr << 32;
    p.ports = f->ports >> 16 | (uint32_t)xport << 16;
    p.hash = hash_of(e, p.ends, p.ports, p.proto, p.kind);
    other = find(e, &p);
    return other && other != flow * 2 + 1;
}

/* The first packet of the flow that comes here; of one that the firewall keeps
 * from the outside it is an answer. */
static uint16_t nat_new(struct edge *e, uint32_t flow, bool outside)
{
    struct flow *f = &e->flows[flow];
    uint16_t xport;

    if (outside)
        return DROP_OUTSIDE;
    if (f->kind & V6)
        return 0;
    if (f->proto != TCP && f->proto != UDP && f->proto != ICMP)
        return DROP_PROTO;
    xport = edge_take(e, flow);
    if (xport == 0)
        return DROP_NO_PORT;
    if (!(e->cold[flow].have & NFL_SET_SPORT) || taken(e, flow, xport))
        return DROP_REWRITE;
    edge_answers(e, flow, e->xaddr, xport);
    set_deltas(f);
    return 0;
}

static uint16_t nat(struct edge *e, uint32_t flow, bool outside)
{
    struct cold *c = &e->cold[flow];

    if (c->nat_seen)
        return c->nat;
    c->nat_seen = true;
    c->nat = nat_new(e, flow, outside);
    return c->nat;
}

static uint16_t firewall(struct edge *e, uint32_t flow)
{
    struct cold *c = &e->cold[flow];

    if (c->firewall_seen)
        return c->firewall;
    c->firewall_seen = true;
    if (denied(e, flow))
        c->firewall = DROP_DENIED;
    return c->firewall;
}

/* ---- packets ---- */

static void monitor(struct edge *e, uint32_t flow, uint32_t len)
{
    e->flows[flow].packets++;
    e->flows[flow].bytes += len;
}

/* Past the NFs, but for the translation. Why the packet is dropped, or 0. */
static uint16_t visit(struct edge *e, const struct seen *p, uint32_t ref,
                      uint32_t len)
{
    uint32_t flow = ref >> 1;
    struct cold *c = &e->cold[flow];
    uint16_t reason;

    if (!(p->kind & OUTSIDE)) {
        reason = nat(e, flow, false);
        if (reason)
            return reason;
        monitor(e, flow, len);
        reason = firewall(e, flow);
    } else {
        reason = firewall(e, flow);
        if (reason)
            return reason;
        monitor(e, flow, len);
        reason = nat(e, flow, true);
    }
    e->flows[flow].undecided =
        !(c->nat_seen && c->firewall_seen && !c->nat && !c->firewall);
    return reason;
}

static void adjust(uint8_t *sum, uint16_t delta)
{
    store16(sum, (uint16_t)~fold((uint16_t)~load16(sum) + (uint32_t)delta));
}

/* Sets an address, and the port if the packet has it. */
static void translate(struct seen *p, uint32_t addr, uint16_t port, bool back)
{
    uint8_t *at = p->ip + (back ? 16 : 12), *l4 = NULL, *sum;
    uint16_t addresses = delta32(load32(at), addr), ports = 0;
    bool changed = load32(at) != addr;

    store32(at, addr);
    if (changed)
        adjust(p->ip + 10, addresses);
    if (p->have & (back ? NFL_SET_DPORT : NFL_SET_SPORT))
        l4 = p->l4 + (p->proto == ICMP ? 4 : back ? 2 : 0);
    if (l4) {
        ports = change(load16(l4), port);
        changed = (changed && p->proto != ICMP) || load16(l4) != port;
        store16(l4, port);
    }
    if (!p->l4 || !changed || (!l4 && p->proto == ICMP))
        return;
    sum = p->l4 + (p->proto == TCP ? 16 : p->proto == UDP ? 6 : 2);
    if (p->proto == UDP && load16(sum) == 0)
        return;
    adjust(sum, p->proto == ICMP ? ports
                                 : (uint16_t)fold((uint32_t)addresses + ports));
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

static uint16_t pass(struct edge *e, struct seen *p, uint32_t len)
{
    const struct flow *f;
    uint16_t reason;
    uint32_t ref;

    if (!p->has_flow)
        return !p->has_ip ? 0 : p->fragment ? DROP_FRAGMENT : DROP_MALFORMED;
    ref = flow_of(e, p);
    if (!ref)
        return DROP_FULL;
    reason = visit(e, p, ref, len);
    if (reason || p->kind & V6)
        return reason;
    f = &e->flows[ref >> 1];
    if (ref & 1)
        translate(p, (uint32_t)f->ends, (uint16_t)f->ports, true);
    else
        translate(p, f->xaddr, f->xport, false);
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
