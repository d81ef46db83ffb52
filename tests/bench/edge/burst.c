/* The fast way: TCP and UDP in IPv4 without options, of flows that are there.
 * Everything else goes the slow way, in its turn. */
#include "edge.h"
#include <nfl/module.h>
#include <nfl/options.h>
#include <stdlib.h>

/* Is there such an NF? Known when this is compiled. */
static inline bool has(unsigned nf)
{
    const uint8_t order[] = {EDGE_ORDER};
    bool found = false;
    unsigned i;

    for (i = 0; i < sizeof(order); i++)
        found |= order[i] == nf;
    return found;
}

enum { ETH = 14, IP_END = ETH + 20, IP4_20 = 0x45 };

/* Is it one for the fast way? */
static inline bool well_formed(const struct nfl_pkt *pkt, const uint8_t *ip,
                               const uint8_t *l4)
{
    uint32_t len, least;

    if (pkt->len < IP_END + 8 || load16(pkt->data + 12) != 0x0008 ||
        ip[0] != IP4_20)
        return false;
    len = be16(ip + 2);
    least = ip[9] == TCP ? 20 + 20 : 20 + 8;
    if ((ip[9] != TCP && ip[9] != UDP) || len < least || len > pkt->len - ETH ||
        load16(ip + 6) & 0xff1f)
        return false;
    return ip[9] == TCP
               ? (l4[12] >> 4) * 4u >= 20 && (l4[12] >> 4) * 4u <= len - 20
               : be16(l4 + 4) >= 8;
}

/* First pass: what is hashed of each packet. No flow is looked at, so that
 * packets of this burst may still open and end some. */
static inline bool look(const struct edge *e, struct seen *p,
                        const struct nfl_pkt *pkt)
{
    uint8_t *ip = pkt->data + ETH, *l4 = pkt->data + IP_END;

    if (!EDGE_BARE && !well_formed(pkt, ip, l4))
        return false;
    p->ends = load64(ip + 12);
    p->ports = load32(l4);
    p->proto = ip[9];
    p->kind = pkt->port ? OUTSIDE : 0;
    p->ip = ip;
    p->l4 = l4;
    p->hash = hash_of(e, p->ends, p->ports, p->proto, p->kind);
    __builtin_prefetch(&e->heads[p->hash & (HEADS - 1)]);
    return true;
}

static inline void adjust(uint8_t *sum, uint16_t delta)
{
    store16(sum, (uint16_t)~fold((uint16_t)~load16(sum) + (uint32_t)delta));
}

/* One merge of the header: addresses, ports, two checksums. */
static inline void merge(const struct flow *f, const struct seen *p, bool back)
{
    uint8_t *sum = p->l4 + (p->proto == TCP ? 16 : 6);
    uint16_t ip = f->ip_delta, l4 = f->l4_delta;

    if (back) {
        store64(p->ip + 12, turn_ends(f->ends));
        store32(p->l4, turn_ports(f->ports));
        ip = turn_delta(ip);
        l4 = turn_delta(l4);
    } else {
        store64(p->ip + 12, f->out_ends);
        store32(p->l4, f->out_ports);
    }
    adjust(p->ip + 10, ip);
    if (p->proto == UDP) {
        if (load16(sum) == 0)
            return;
        adjust(sum, l4);
        if (load16(sum) == 0)
            store16(sum, 0xffff);
        return;
    }
    adjust(sum, l4);
}

/* Rule 8, of a packet that begins and ends nothing; else false. */
static inline bool tcp(struct flow *f, const uint8_t *l4, bool back)
{
    if (l4[13] & (SYN | FIN | RST))
        return false;
    if (f->phase == NFL_OPENING)
        f->phase = NFL_OPEN;
    if (l4[13] & ACK) {
        f->tcp_ack[back] = load32(l4 + 8);
        f->tcp_seen |= (uint8_t)(SEEN_ACK << (SEEN_BITS * back));
    }
    return true;
}

/* False: not one for the fast way; nothing was changed. */
static inline bool forward(struct nfl_worker *w, struct edge *e,
                           const struct seen *p, struct nfl_pkt *pkt)
{
    uint32_t ref = find(e, p);
    struct flow *f = &e->flows[ref >> 1];
    bool back = ref & 1;

    if (EDGE_BARE ? !ref : !ref || f->verdict > EDGE_DROPS || f->age != e->age)
        return false;
    if (!EDGE_BARE && p->proto == TCP && !tcp(f, p->l4, back))
        return false;
    f->stamp = ++e->stamp;
    if (EDGE_DROPS && f->verdict == DROPPED) {
        pkt->out = NFL_OUT_DROP;
        pkt->reason = DROP_DENIED + EDGE_WALLS - 1;
        w->drops[pkt->reason]++;
        return true;
    }
    if (has(MONITOR)) {
        f->packets++;
        f->bytes += pkt->len;
    }
    if (has(SIGNATURES))
        edge_signatures(e, p);
    if (EDGE_ADDRS)
        merge(f, p, back);
    pkt->out = !pkt->port;
    pkt->reason = 0;
    return true;
}

static inline void tick(struct edge *e, uint64_t time)
{
    uint64_t now;

    if (time < e->next_tick)
        return;
    now = time / 1000000;
    e->next_tick = (now + 1) * 1000000;
    e->stamp = now << STAMP_BITS;
    if (e->n_heap > 0 && e->heap[0].expires <= now)
        edge_expire(e, now);
}

static void edge_burst(struct nfl_worker *w, struct nfl_chain *c,
                       struct nfl_pkt *const *pkts, unsigned n)
{
    struct edge *e = c->objects[0];
    struct seen p[NFL_BURST];
    bool fast[NFL_BURST];
    unsigned i;

    for (i = 0; i < n; i++)
        fast[i] = look(e, &p[i], pkts[i]);
    for (i = 0; i < n; i++)
        if (fast[i])
            __builtin_prefetch(
                &e->flows[e->heads[p[i].hash & (HEADS - 1)] >> 1], 1);
    for (i = 0; i < n; i++) {
        tick(e, pkts[i]->time);
        if (!fast[i] || !forward(w, e, &p[i], pkts[i]))
            edge_any(w, e, pkts[i]);
    }
}

/* ---- the program, as one compiled by nflc would describe itself ---- */

static void discard(void *object, unsigned i)
{
    (void)i;
    edge_fini(object);
    free(object);
}

static char *file(struct nfl_setup *setup, const char *name)
{
    return nfl_options_file(setup->options, ".", name, setup->err,
                            sizeof(setup->err));
}

static struct nfl_acl_rules *rules(struct nfl_setup *setup, const char *name)
{
    char *path = file(setup, name);
    struct nfl_acl_rules *r =
        path ? nfl_acl_read(path, setup->err, sizeof(setup->err)) : NULL;

    free(path);
    return r;
}

static void *make(struct nfl_chain *c, struct nfl_setup *setup, unsigned i)
{
    struct edge *e = calloc(1, sizeof(*e));
    char *path;

    (void)c;
    if (!e ||
        !edge_init(e, EDGE_ADDRS == 1 ? 0xcb007107 : 0xcb007100, setup->seed)) {
        snprintf(setup->err, sizeof(setup->err), "no memory");
        if (e)
            discard(e, i);
        return NULL;
    }
    e->vip = __builtin_bswap32(0xc6336409);
    e->vip_port = __builtin_bswap16(80);
    path = file(setup, "web.backends");
    if (path)
        e->backends = nfl_backends_read(path, setup->err, sizeof(setup->err));
    free(path);
    if (e->backends && edge_fill(e))
        e->rules = rules(setup, EDGE_RULES);
    if (e->rules)
        e->last = rules(setup, EDGE_LAST);
    if (e->last)
        return e;
    discard(e, i);
    return NULL;
}

static const struct nfl_nf_desc nfs[] = {
    {.name = "Nat", .hop = -1, .drop_slot = -1},
    {.name = "Maglev", .hop = -1, .drop_slot = -1},
    {.name = "Monitor", .hop = -1, .drop_slot = -1},
    {.name = "Firewall", .hop = -1, .drop_slot = -1},
};

static const struct nfl_chain_desc chain = {
    .name = EDGE_NAME,
    .port = {0, 1},
    .two_way = true,
    .shards = SHARDS,
    .key = NFL_KEY_LEFT,
    .nfs = nfs,
    .n_nfs = sizeof(nfs) / sizeof(nfs[0]),
    .n_objects = 1,
    .make = make,
    .discard = discard,
    .burst = edge_burst,
};

/* By enum DROP_. */
static const struct nfl_reason_desc reasons[] = {
    {EDGE_NAME, "Nat", "protocol not translated", "edge", 1},
    {EDGE_NAME, "Nat", "no free port", "edge", 1},
    {EDGE_NAME, "Nat", "not translatable", "edge", 1},
    {EDGE_NAME, "Nat", "not opened by the inside", "edge", 1},
    {EDGE_NAME, "Nat", "fragment", "edge", 1},
    {EDGE_NAME, "Nat", "malformed", "edge", 1},
    {EDGE_NAME, "Maglev", "no backend", "edge", 1},
    {EDGE_NAME, "Maglev", "not translatable", "edge", 1},
    {EDGE_NAME, "Maglev", "fragment", "edge", 1},
    {EDGE_NAME, NULL, "flow table full", "edge", 1},
    {EDGE_NAME, "Firewall", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_2", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_3", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_4", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_5", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_6", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_7", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_8", "denied", "edge", 1},
    {EDGE_NAME, "Firewall_9", "denied", "edge", 1},
};

_Static_assert(DROP_DENIED == NFL_DROP_N + 10 && EDGE_WALLS <= 9,
               "a reason for each");

static const char *const ports[] = {"lan", "wan"};
static const struct nfl_chain_desc *const chains[] = {&chain};

const struct nfl_module nfl_module = {
    .abi = NFL_MODULE_ABI,
    .name = EDGE_NAME,
    .srcdir = ".",
    .cpu = "native",
    .features = "",
    .ports = ports,
    .n_ports = 2,
    .chains = chains,
    .n_chains = 1,
    .reasons = reasons,
    .n_reasons = 10 + EDGE_WALLS,
};
