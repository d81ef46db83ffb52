/* Flows come and go: the table, the ports, the phases of TCP, expiry. */
#include "edge.h"
#include <stdlib.h>
#include <sys/mman.h>

/* ---- making ---- */

/* Zero, and in large pages if the kernel has some. */
static void *memory(size_t bytes)
{
    const size_t page = (size_t)2 << 20;
    size_t len = (bytes + page - 1) / page * page;
    void *p = aligned_alloc(page, len);

    if (!p)
        return NULL;
    madvise(p, len, MADV_HUGEPAGE);
    memset(p, 0, len);
    return p;
}

static void share_out(struct edge *e)
{
    uint32_t i, k, at;

    for (i = 0; i < SHARDS; i++)
        e->shard[i].most = (uint32_t)nfl_share(FLOWS, SHARDS, i);
    for (k = 0; k < EDGE_ADDRS; k++) {
        at = k * PORT_N;
        for (i = 0; i < PORT_N; i++)
            e->ports[at + i] = (uint16_t)(PORT_LO + i);
        for (i = 0; i < SHARDS; i++) {
            struct queue *q = &e->shard[i].free[k];

            q->at = at;
            q->size = q->n = (uint32_t)nfl_share(PORT_N, SHARDS, i);
            at += q->size;
        }
    }
}

bool edge_init(struct edge *e, uint32_t xaddr, uint64_t seed)
{
    unsigned i;

    e->flows = memory((FLOWS + 1) * sizeof(*e->flows));
    e->cold = memory((FLOWS + 1) * sizeof(*e->cold));
    e->heads = memory(HEADS * sizeof(*e->heads));
    e->heap = memory(FLOWS * sizeof(*e->heap));
    e->free = memory(FLOWS * sizeof(*e->free));
    e->ports = memory((EDGE_ADDRS + 1) * PORT_N * sizeof(*e->ports));
    if (!e->flows || !e->cold || !e->heads || !e->heap || !e->free || !e->ports)
        return false;
    for (i = 0; i < 4; i++)
        e->key[i] = nfl_hash(seed, &i, sizeof(i)) | 1;
    e->xaddr = xaddr;
    e->seed = seed;
    e->unused = 1; /* reference 0 is none */
    e->timeout[NFL_OPENING] = OPENING;
    e->timeout[NFL_OPEN] = IDLE;
    e->timeout[NFL_CLOSING] = CLOSING;
    share_out(e);
    return true;
}

void edge_fini(struct edge *e)
{
    free(e->flows);
    free(e->cold);
    free(e->heads);
    free(e->heap);
    free(e->free);
    free(e->ports);
    free(e->pick);
    nfl_backends_free(e->backends);
    nfl_acl_free(e->rules);
    nfl_acl_free(e->last);
}

/* ---- the table ---- */

static uint32_t *head_of(struct edge *e, uint32_t ref)
{
    const struct flow *f = &e->flows[ref >> 1];
    uint64_t ends = f->ends;
    uint32_t ports = f->ports;

    if (ref & 1) {
        ends = turn_ends(f->out_ends);
        ports = turn_ports(f->out_ports);
    }
    return &e->heads[hash_of(e, ends, ports, f->proto, f->kind ^ (ref & 1)) &
                     (HEADS - 1)];
}

static uint32_t *next_of(struct edge *e, uint32_t ref)
{
    return &e->cold[ref >> 1].next[ref & 1];
}

/* At the end: of several who have the same, the first is found. */
static void link_answers(struct edge *e, uint32_t flow)
{
    uint32_t ref = flow * 2 + 1, *at = head_of(e, ref);

    while (*at)
        at = next_of(e, *at);
    *next_of(e, ref) = 0;
    *at = ref;
}

static void link_first(struct edge *e, uint32_t flow)
{
    uint32_t ref = flow * 2, *at = head_of(e, ref);

    *next_of(e, ref) = *at;
    *at = ref;
}

static void unlink_ref(struct edge *e, uint32_t ref)
{
    uint32_t *at = head_of(e, ref);

    while (*at != ref)
        at = next_of(e, *at);
    *at = *next_of(e, ref);
}

void edge_answers(struct edge *e, uint32_t flow, uint64_t ends, uint32_t ports)
{
    struct flow *f = &e->flows[flow];

    if (f->out_ends == ends && f->out_ports == ports)
        return;
    unlink_ref(e, flow * 2 + 1);
    f->out_ends = ends;
    f->out_ports = ports;
    link_answers(e, flow);
}

/* ---- ports ---- */

uint16_t edge_take(struct edge *e, uint32_t flow, uint32_t *addr)
{
    const unsigned addrs = EDGE_ADDRS ? EDGE_ADDRS : 1;
    struct cold *c = &e->cold[flow];
    unsigned k = __builtin_bswap16((uint16_t)e->flows[flow].ports) % addrs;
    struct queue *q = &e->shard[c->shard].free[k];

    if (q->n == 0)
        return 0;
    *addr = __builtin_bswap32(e->xaddr + k);
    c->lease = e->ports[q->at + q->head];
    c->lease_of = (uint8_t)k;
    c->leased = true;
    q->head = (q->head + 1) % q->size;
    q->n--;
    return __builtin_bswap16(c->lease);
}

static void give_back(struct edge *e, uint32_t flow)
{
    struct cold *c = &e->cold[flow];
    struct queue *q = &e->shard[c->shard].free[c->lease_of];

    if (c->leased)
        e->ports[q->at + (q->head + q->n++) % q->size] = c->lease;
}

/* The shard that owns a port. */
static unsigned port_shard(unsigned port)
{
    unsigned each = PORT_N / SHARDS, more = PORT_N % SHARDS;
    unsigned i = port - PORT_LO, edge = more * (each + 1);

    return i < edge ? i / (each + 1) : more + (i - edge) / each;
}

unsigned edge_shard(const struct edge *e, const struct seen *p)
{
    uint16_t port = __builtin_bswap16(
        (uint16_t)(p->kind & OUTSIDE ? p->ports >> 16 : p->ports));
    uint8_t addr[4];
    uint32_t end;

    if (p->kind & V6)
        return nfl_hash(e->seed, p->addr + (p->kind & OUTSIDE ? 16 : 0), 16) %
               SHARDS;
    end = (uint32_t)(p->kind & OUTSIDE ? p->ends >> 32 : p->ends);
    if (__builtin_bswap32(end) - e->xaddr < EDGE_ADDRS && port >= PORT_LO)
        return port_shard(port);
    store32(addr, end);
    return nfl_hash(e->seed, addr, 4) % SHARDS;
}

/* ---- expiry ---- */

static uint64_t expiry(const struct edge *e, const struct flow *f)
{
    return (f->stamp >> STAMP_BITS) + e->timeout[f->phase];
}

static bool before(const struct due *a, const struct due *b)
{
    return a->expires < b->expires ||
           (a->expires == b->expires && a->stamp < b->stamp);
}

static void place(struct edge *e, struct due d, uint32_t i)
{
    e->heap[i] = d;
    e->cold[d.flow].place = i;
}

static void up(struct edge *e, struct due d, uint32_t i)
{
    for (; i > 0 && before(&d, &e->heap[(i - 1) / 2]); i = (i - 1) / 2)
        place(e, e->heap[(i - 1) / 2], i);
    place(e, d, i);
}

static void down(struct edge *e, struct due d, uint32_t i)
{
    uint32_t child;

    for (; (child = 2 * i + 1) < e->n_heap; i = child) {
        if (child + 1 < e->n_heap &&
            before(&e->heap[child + 1], &e->heap[child]))
            child++;
        if (!before(&e->heap[child], &d))
            break;
        place(e, e->heap[child], i);
    }
    place(e, d, i);
}

static struct due due_of(const struct edge *e, uint32_t flow)
{
    const struct flow *f = &e->flows[flow];

    return (struct due){expiry(e, f), f->stamp, flow};
}

static void heap_remove(struct edge *e, uint32_t i)
{
    struct due last = e->heap[--e->n_heap];

    if (i == e->n_heap)
        return;
    down(e, last, i);
    up(e, last, e->cold[last.flow].place);
}

void edge_expire(struct edge *e, uint64_t tick)
{
    while (e->n_heap > 0 && e->heap[0].expires <= tick) {
        struct due d = due_of(e, e->heap[0].flow);

        if (d.stamp != e->heap[0].stamp)
            down(e, d, 0);
        else
            edge_end(e, d.flow);
    }
}

/* ---- opening and ending ---- */

static uint32_t entry(struct edge *e)
{
    return e->n_free > 0 ? e->free[--e->n_free] : e->unused++;
}

uint32_t edge_open(struct edge *e, const struct seen *p)
{
    unsigned shard = edge_shard(e, p);
    struct flow *f;
    struct cold *c;
    uint32_t i;

    if (e->shard[shard].used == e->shard[shard].most)
        return 0;
    e->shard[shard].used++;
    i = entry(e);
    f = &e->flows[i];
    c = &e->cold[i];
    memset(f, 0, sizeof(*f));
    memset(c, 0, sizeof(*c));
    f->ends = p->ends;
    f->out_ends = p->ends;
    f->ports = f->out_ports = p->ports;
    f->proto = p->proto;
    f->kind = p->kind;
    f->verdict = UNDECIDED;
    f->age = e->age;
    c->shard = (uint8_t)shard;
    c->have = p->have;
    if (p->kind & V6)
        memcpy(c->addr, p->addr, 32);
    link_first(e, i);
    link_answers(e, i);
    f->phase = NFL_OPEN;
    f->stamp = ++e->stamp;
    if (p->tcp)
        edge_tcp(e, i, p->tcp, 0, true);
    e->n_heap++;
    up(e, due_of(e, i), e->n_heap - 1);
    return i;
}

void edge_end(struct edge *e, uint32_t flow)
{
    give_back(e, flow);
    heap_remove(e, e->cold[flow].place);
    unlink_ref(e, flow * 2);
    unlink_ref(e, flow * 2 + 1);
    e->shard[e->cold[flow].shard].used--;
    e->free[e->n_free++] = flow;
}

/* ---- TCP ---- */

static unsigned seen(const struct flow *f, unsigned side)
{
    return f->tcp_seen >> (SEEN_BITS * side);
}

static bool rst_valid(const struct flow *f, const struct cold *c,
                      const uint8_t *tcp, unsigned peer)
{
    if (seen(f, peer) & SEEN_ACK)
        return load32(tcp + 4) == f->tcp_ack[peer];
    if (seen(f, peer) & SEEN_SYN)
        return (tcp[13] & ACK) &&
               __builtin_bswap32(load32(tcp + 8)) == c->tcp_syn_end[peer];
    return true;
}

static void record(struct flow *f, struct cold *c, const uint8_t *tcp,
                   unsigned from)
{
    unsigned now = 0;

    if (tcp[13] & ACK) {
        f->tcp_ack[from] = load32(tcp + 8);
        now |= SEEN_ACK;
    }
    if (tcp[13] & SYN) {
        c->tcp_syn_end[from] = __builtin_bswap32(load32(tcp + 4)) + 1;
        now |= SEEN_SYN;
    }
    if (tcp[13] & FIN)
        now |= SEEN_FIN;
    f->tcp_seen |= (uint8_t)(now << (SEEN_BITS * from));
}

void edge_tcp(struct edge *e, uint32_t flow, const uint8_t *tcp, unsigned from,
              bool first)
{
    struct flow *f = &e->flows[flow];
    struct cold *c = &e->cold[flow];
    bool rst = (tcp[13] & RST) && rst_valid(f, c, tcp, !from);

    if (first && (tcp[13] & (SYN | RST)) == SYN)
        f->phase = NFL_OPENING;
    if (f->phase == NFL_OPENING && !(tcp[13] & (SYN | RST)))
        f->phase = NFL_OPEN;
    record(f, c, tcp, from);
    if (!rst && !(seen(f, 0) & seen(f, 1) & SEEN_FIN))
        return;
    f->phase = NFL_CLOSING;
    if (!first && expiry(e, f) < e->heap[c->place].expires)
        up(e, due_of(e, flow), c->place);
}
