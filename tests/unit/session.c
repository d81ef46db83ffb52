/* Sessions against a naive model: an array that is searched from its front.
 * Random packets, translations, leases and leaps of the clock over two chains;
 * what is found, refused, evicted and ended, and in which order, must agree. */
#include "flow/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { NFS = 4, HOPS = 3, CHAINS = 2, SEEDS = 150, STEPS = 4000, MAX = 400 };

/* ---- the model ---- */

struct msession {
    bool live;
    unsigned id, chain, side, shard, ports, phase;
    struct nfl_tuple t0, tn;
    uint64_t tn_since, expires, armed, opened;
    uint8_t set[NFS];
    struct nfl_tuple to[NFS];
    bool fin[2];
    unsigned leases;
};

struct mchain {
    const struct nfl_chain_desc *desc;
    struct nfl_flow_counts counts;
};

struct world {
    struct nfl_worker w;
    struct nfl_module module;
    struct nfl_chain_desc desc[CHAINS];
    struct nfl_flows_desc flows[CHAINS];
    const struct nfl_chain_desc *list[CHAINS];
    struct mchain m[CHAINS];
    struct msession s[MAX]; /* in order of opening */
    unsigned n, ids;
    uint64_t now, order;
    char log[2][1 << 16]; /* what the code, what the model says */
};

static struct world *world; /* for the callbacks */

static void say(unsigned who, const char *what, uint64_t n)
{
    size_t at = strlen(world->log[who]);

    assert_true(at + 40 < sizeof(world->log[who]));
    sprintf(world->log[who] + at, "%s %llu\n", what, (unsigned long long)n);
}

static struct nfl_tuple translated(const struct msession *s, unsigned upto)
{
    struct nfl_tuple t = s->t0;
    unsigned i, k;

    for (i = 0; i < NFS; i++) {
        k = s->side ? NFS - 1 - i : i;
        if (k == upto)
            break;
        if (s->set[k] & NFL_SET_SRC)
            t.src = s->to[k].src;
        if (s->set[k] & NFL_SET_SPORT)
            t.sport = s->to[k].sport;
        if (s->set[k] & NFL_SET_DST)
            t.dst = s->to[k].dst;
        if (s->set[k] & NFL_SET_DPORT)
            t.dport = s->to[k].dport;
    }
    return t;
}

/* Who gets a packet: LANGUAGE.md, section 3. */
static struct msession *found(unsigned chain, const struct nfl_tuple *t,
                              unsigned side, bool *back)
{
    struct nfl_tuple r = nfl_tuple_reverse(t);
    bool two_way = world->desc[chain].two_way;
    struct msession *s, *best = NULL;

    *back = false;
    for (s = world->s; s < world->s + world->n; s++)
        if (s->chain == chain && nfl_tuple_eq(&s->t0, t) &&
            (!two_way || s->side == side))
            return s;
    for (s = world->s; s < world->s + world->n; s++)
        if (s->chain == chain && nfl_tuple_eq(&s->tn, &r) &&
            (!two_way || s->side != side) &&
            (!best || s->tn_since < best->tn_since))
            best = s;
    *back = best != NULL;
    return best;
}

static void model_end(struct msession *s)
{
    unsigned i;

    say(1, "end", s->id);
    for (i = 0; i < s->leases; i++)
        say(1, "release", i);
    world->m[s->chain].counts.ended++;
    world->m[s->chain].counts.live--;
    memmove(s, s + 1, (size_t)(world->s + world->n - (s + 1)) * sizeof(*s));
    world->n--;
}

static void model_clock(uint64_t now)
{
    struct msession *s, *due;

    if (now > world->now)
        world->now = now;
    do {
        due = NULL;
        for (s = world->s; s < world->s + world->n; s++) {
            if (s->expires > world->now)
                continue;
            if (!due || s->expires < due->expires ||
                (s->expires == due->expires &&
                 (s->chain < due->chain ||
                  (s->chain == due->chain && s->armed < due->armed))))
                due = s;
        }
        if (due)
            model_end(due);
    } while (due);
}

/* Appends a number in network order. */
static size_t put(uint8_t *to, size_t at, nfl_u128 v, unsigned bytes)
{
    while (bytes-- > 0)
        to[at++] = (uint8_t)(v >> (8 * bytes));
    return at;
}

/* As the text says, with the bytes written out. */
static unsigned model_shard(unsigned chain, const struct nfl_tuple *t,
                            unsigned side)
{
    unsigned shards = world->desc[chain].shards, addr = t->v6 ? 16 : 4;
    uint8_t a[18], b[18], all[37];
    size_t n;

    if (world->desc[chain].key == NFL_KEY_NONE)
        return 0;
    if (world->desc[chain].key != NFL_KEY_TUPLE) {
        bool src = (world->desc[chain].key == NFL_KEY_RIGHT) == (side == 1);

        if ((src ? t->src : t->dst) == 9)
            return (src ? t->sport : t->dport) % shards;
        n = put(all, 0, src ? t->src : t->dst, addr);
        return (unsigned)(nfl_hash(7, all, n) % shards);
    }
    n = put(a, put(a, 0, t->src, addr), t->sport, 2);
    put(b, put(b, 0, t->dst, addr), t->dport, 2);
    memcpy(all, memcmp(a, b, n) <= 0 ? a : b, n);
    memcpy(all + n, memcmp(a, b, n) <= 0 ? b : a, n);
    n = put(all, 2 * n, t->proto, 1);
    return (unsigned)(nfl_hash(7, all, n) % shards);
}

static bool model_room(unsigned chain, unsigned shard)
{
    const struct nfl_flows_desc *f = &world->flows[chain];
    uint64_t room = f->size / world->desc[chain].shards, used = 0;
    struct msession *s, *victim = NULL;

    room += shard < f->size % world->desc[chain].shards;
    for (s = world->s; s < world->s + world->n; s++) {
        if (s->chain != chain || s->shard != shard)
            continue;
        used++;
        if (!victim ||
            (f->full == NFL_FULL_IDLE && s->expires < victim->expires))
            victim = s;
    }
    if (used < room)
        return true;
    if (f->full == NFL_FULL_REFUSE || !victim) {
        world->m[chain].counts.refused++;
        return false;
    }
    world->m[chain].counts.evicted++;
    model_end(victim);
    return true;
}

/* Only SYN and FIN here; the lifetime has a test of its own. */
static struct msession *model_packet(unsigned chain, const struct nfl_tuple *t,
                                     unsigned side, unsigned ports,
                                     uint8_t flags, bool *back)
{
    const struct nfl_flows_desc *f = &world->flows[chain];
    struct msession *s = found(chain, t, side, back);
    bool tcp = t->proto == 6;

    if (s) /* its packets have one shard, from wherever they come */
        assert_int_equal(s->shard, model_shard(chain, t, side));

    if (s && tcp && s->phase == NFL_CLOSING && (flags & 2)) {
        model_end(s);
        s = NULL;
        *back = false;
    }
    if (!s) {
        unsigned shard = model_shard(chain, t, side);

        if (!model_room(chain, shard))
            return NULL;
        assert_true(world->n < MAX);
        s = &world->s[world->n++];
        memset(s, 0, sizeof(*s));
        s->id = ++world->ids;
        s->chain = chain;
        s->side = side;
        s->shard = shard;
        s->ports = ports;
        s->t0 = s->tn = *t;
        s->tn_since = ++world->order;
        s->phase = tcp && (flags & 2) ? NFL_OPENING : NFL_OPEN;
        world->m[chain].counts.opened++;
        world->m[chain].counts.live++;
    }
    if (s->phase == NFL_OPENING && !(flags & 2))
        s->phase = NFL_OPEN;
    if (tcp && (flags & 1))
        s->fin[*back] = true;
    if (s->fin[0] && s->fin[1])
        s->phase = NFL_CLOSING;
    s->expires = world->now + (s->phase == NFL_OPENING ? f->opening
                               : s->phase == NFL_OPEN  ? f->idle
                                                       : f->closing);
    s->armed = ++world->order;
    return s;
}

static bool model_rewrite(struct msession *s, unsigned nf, uint8_t set,
                          const struct nfl_tuple *to)
{
    struct msession before = *s;
    struct nfl_tuple back;
    bool is_back;

    if ((set & 5) && to->v6 != s->t0.v6)
        return false;
    if (set & (NFL_SET_SPORT | NFL_SET_DPORT) & ~s->ports)
        return false;
    s->set[nf] |= set;
    if (set & NFL_SET_SRC)
        s->to[nf].src = to->src;
    if (set & NFL_SET_SPORT)
        s->to[nf].sport = to->sport;
    if (set & NFL_SET_DST)
        s->to[nf].dst = to->dst;
    if (set & NFL_SET_DPORT)
        s->to[nf].dport = to->dport;
    s->tn = translated(s, NFS);
    if (!nfl_tuple_eq(&s->tn, &before.tn))
        s->tn_since = ++world->order;
    back = nfl_tuple_reverse(&s->tn);
    if (model_shard(s->chain, &back, !s->side) == s->shard &&
        found(s->chain, &back, !s->side, &is_back) == s)
        return true;
    *s = before;
    return false;
}

/* ---- the code's side ---- */

/* The test's number of a session, after what its NFs set. */
static unsigned *id_of(struct nfl_session *s)
{
    return (unsigned *)(void *)(nfl_session_set(s) + 4);
}

static void on_end(struct nfl_worker *w, struct nfl_chain *c,
                   struct nfl_session *s)
{
    (void)w;
    (void)c;
    say(0, "end", *id_of(s));
}

static void on_release(struct nfl_lease *l)
{
    say(0, "release", l->value);
    free(l);
}

static int owner(const void *object, nfl_u128 addr, uint8_t v6, uint16_t port,
                 uint8_t proto)
{
    (void)v6;
    (void)proto;
    return addr == 9 ? (int)(port % *(const uint32_t *)object) : -1;
}

static void *make(struct nfl_chain *c, struct nfl_setup *setup, unsigned i)
{
    assert_int_equal(setup->shards, c->desc->shards);
    assert_int_equal(i, 0);
    c->owner = owner;
    c->owner_object = &c->desc->shards;
    return (void *)&c->desc->shards;
}

static void discard(void *object, unsigned i)
{
    (void)object;
    assert_int_equal(i, 0);
}

static const struct nfl_nf_desc nfs[NFS] = {
    {"A", 0, -1}, {"B", -1, -1}, {"C", 1, -1}, {"D", 2, -1}};

static void set_up_chain(unsigned i)
{
    static const uint32_t shards[] = {1, 2, 3, 8};
    struct nfl_flows_desc *f = &world->flows[i];
    struct nfl_chain_desc *d = &world->desc[i];

    *f = (struct nfl_flows_desc){
        .size = 1 + (unsigned)rand() % 40,
        .opening = 1 + (unsigned)rand() % 30,
        .idle = 10 + (unsigned)rand() % 100,
        .closing = 1 + (unsigned)rand() % 20,
        .full = (enum nfl_full)(rand() % 3),
        .entry_bytes = sizeof(struct nfl_session) + 16,
    };
    *d = (struct nfl_chain_desc){
        .name = "c",
        .port = {(uint16_t)(2 * i), (uint16_t)(2 * i + 1)},
        .two_way = rand() % 4 != 0,
        .shards = shards[rand() % 4],
        .key = NFL_KEY_TUPLE,
        .flows = f,
        .nfs = nfs,
        .n_nfs = NFS,
        .n_hops = HOPS,
        .n_objects = 1,
        .make = make,
        .discard = discard,
        .end = on_end,
    };
    if (d->two_way) /* as the compiler has it */
        d->key = (enum nfl_key)(NFL_KEY_TUPLE + rand() % 3);
    world->list[i] = d;
}

static void set_up(void)
{
    char err[200];
    unsigned i;

    world = aligned_alloc(64, sizeof(*world));
    assert_non_null(world);
    memset(world, 0, sizeof(*world));
    for (i = 0; i < CHAINS; i++)
        set_up_chain(i);
    world->module = (struct nfl_module){.abi = NFL_MODULE_ABI,
                                        .name = "test",
                                        .chains = world->list,
                                        .n_chains = CHAINS};
    assert_true(nfl_worker_init(&world->w, NULL, &world->module, NULL, 7, err,
                                sizeof(err)));
}

/* ---- steps ---- */

static struct nfl_tuple some_tuple(void)
{
    struct nfl_tuple t = {
        .src = 1 + (unsigned)rand() % 4,
        .dst = 7 + (unsigned)rand() % 3,
        .sport = (uint16_t)(rand() % 4),
        .dport = (uint16_t)(rand() % 3),
        .proto = rand() % 3 ? 6 : 17,
        .v6 = rand() % 4 == 0,
    };

    if (t.v6) {
        t.src |= (nfl_u128)0xfd << 120;
        t.dst |= (nfl_u128)0xfd << 120;
    }
    return t;
}

/* Mostly of a session that lives, in one of its directions. */
static void choose(unsigned *chain, struct nfl_tuple *t, unsigned *side)
{
    const struct msession *s;

    *chain = (unsigned)rand() % CHAINS;
    *side = (unsigned)rand() % 2;
    *t = some_tuple();
    if (*side && rand() % 2)
        *t = nfl_tuple_reverse(t);
    if (world->n > 0 && rand() % 3) {
        s = &world->s[(unsigned)rand() % world->n];
        *chain = s->chain;
        *side = rand() % 2 ? s->side : !s->side;
        *t = *side == s->side ? s->t0 : nfl_tuple_reverse(&s->tn);
    }
    if (!world->desc[*chain].two_way)
        *side = 0;
}

static void lend(struct nfl_session *s, struct msession *m)
{
    struct nfl_lease *l = calloc(1, sizeof(*l));

    assert_non_null(l);
    l->release = on_release;
    l->value = m->leases++;
    nfl_session_lease(s, l);
}

static void some_rewrite(struct nfl_session *s, struct msession *m)
{
    static const uint8_t sets[] = {3, 12, 15, 1, 2, 4, 8};
    struct nfl_chain *c = &world->w.chains[m->chain];
    unsigned nf = (unsigned)rand() % NFS;
    struct nfl_tuple to = some_tuple();
    uint8_t set = sets[rand() % 7];

    if (rand() % 10)
        to.v6 = m->t0.v6;
    if (!to.v6) {
        to.src = (uint32_t)to.src;
        to.dst = (uint32_t)to.dst;
    }
    if (nfs[nf].hop < 0 || !c->desc->two_way)
        return;
    assert_int_equal(nfl_session_rewrite(&world->w, c, s, nf, set, &to),
                     model_rewrite(m, nf, set, &to));
}

static void compare(struct nfl_session *s, const struct msession *m)
{
    const struct nfl_chain *c = &world->w.chains[m->chain];
    struct nfl_tuple t, u;
    unsigned nf;

    assert_int_equal(*id_of(s), m->id);
    t = nfl_session_t0(c->desc, s);
    assert_true(nfl_tuple_eq(&t, &m->t0));
    t = nfl_session_tn(c->desc, s);
    assert_true(nfl_tuple_eq(&t, &m->tn));
    assert_int_equal(s->phase, m->phase);
    assert_int_equal(nfl_session_expires(s), m->expires);
    assert_int_equal(s->shard, m->shard);
    assert_int_equal(s->side, m->side);
    for (nf = 0; nf < NFS; nf++) {
        t = translated(m, nf);
        u = nfl_session_tuple(c, s, nf);
        assert_true(nfl_tuple_eq(&u, &t));
    }
}

static void one_packet(void)
{
    uint8_t tcp[20] = {0};
    struct nfl_l4 l4 = {NULL, 0};
    struct nfl_pkt pkt = {.time = 0};
    bool back, model_back;
    struct nfl_session *s;
    struct msession *m;
    struct nfl_tuple t;
    unsigned chain, side;

    pkt.time =
        (world->now + (rand() % 4 ? 0 : (unsigned)rand() % 12)) * 1000000;
    if (rand() % 50 == 0)
        pkt.time = 0; /* a clock that steps back */
    choose(&chain, &t, &side);
    tcp[13] = (uint8_t)(rand() % 4);
    l4.tcp = t.proto == 6 ? tcp : NULL;
    l4.ports =
        (uint8_t)(rand() % 8 ? NFL_SET_SPORT | NFL_SET_DPORT : NFL_SET_SPORT);
    nfl_worker_tick(&world->w, &pkt);
    model_clock(pkt.time / 1000000);
    assert_int_equal(world->w.now, world->now);
    s = nfl_session_packet(&world->w, &world->w.chains[chain], &t, side,
                           nfl_session_hash(&world->w.chains[chain], &t, side),
                           &l4, &back);
    m = model_packet(chain, &t, side, l4.ports, tcp[13], &model_back);
    assert_string_equal(world->log[0], world->log[1]);
    world->log[0][0] = world->log[1][0] = '\0';
    assert_int_equal(!s, !m);
    if (!s || !m)
        return;
    assert_int_equal(back, model_back);
    if (*id_of(s) == 0)
        *id_of(s) = m->id;
    if (rand() % 3 == 0)
        some_rewrite(s, m);
    if (rand() % 4 == 0)
        lend(s, m);
    compare(s, m);
}

static void end_all(void)
{
    struct nfl_pkt pkt = {.time = (world->now + 1000) * 1000000};

    nfl_worker_tick(&world->w, &pkt);
    model_clock(world->now + 1000);
    assert_int_equal(world->n, 0);
    assert_string_equal(world->log[0], world->log[1]);
}

static void compare_counts(void)
{
    struct nfl_workers all = {.n = 1};
    struct nfl_report r = {0};
    unsigned i;

    all.at[0] = &world->w;
    assert_true(nfl_summary_report(&all, &world->module, &r));
    assert_int_equal(r.n_flows, CHAINS);
    for (i = 0; i < CHAINS; i++) {
        const struct nfl_flow_counts *m = &world->m[i].counts;

        assert_int_equal(r.flows[i].size, world->flows[i].size);
        assert_int_equal(r.flows[i].opened, m->opened);
        assert_int_equal(r.flows[i].ended, m->ended);
        assert_int_equal(r.flows[i].evicted, m->evicted);
        assert_int_equal(r.flows[i].refused, m->refused);
        assert_int_equal(r.flows[i].live, m->live);
        assert_int_equal(m->opened, m->ended + m->live);
    }
    nfl_summary_fini(&r);
}

static void as_the_model(void **state)
{
    unsigned seed, step;

    (void)state;
    for (seed = 1; seed <= SEEDS; seed++) {
        srand(seed);
        set_up();
        for (step = 0; step < STEPS; step++)
            one_packet();
        compare_counts();
        end_all();
        compare_counts();
        nfl_worker_fini(&world->w);
        free(world);
    }
}

/* ASan stops the program otherwise where malloc would return NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void init_error(struct nfl_flows_desc *f, struct nfl_chain_desc *d,
                       const char *expected)
{
    const struct nfl_chain_desc *list[] = {d};
    struct nfl_module m = {NFL_MODULE_ABI, .chains = list, .n_chains = 1};
    struct nfl_worker w;
    char err[200];

    d->flows = f;
    assert_false(nfl_worker_init(&w, NULL, &m, NULL, 7, err, sizeof(err)));
    assert_string_equal(err, expected);
}

static void refuses_what_it_cannot_do(void **state)
{
    struct nfl_flows_desc f = {.size = (uint64_t)1 << 44, .entry_bytes = 4096};
    struct nfl_chain_desc d = {.name = "edge", .shards = 64};

    (void)state;
    init_error(&f, &d,
               "chain edge: no memory for 17592186044416 flows of 4096 bytes "
               "(74927075050510336 bytes in all); give it a smaller "
               "flows(...)");
    f.size = UINT64_MAX;
    init_error(&f, &d,
               "chain edge: no memory for 18446744073709551615 flows of 4096 "
               "bytes (78566732648159396233216 bytes in all); give it a "
               "smaller flows(...)");
    f.entry_bytes = 16;
    init_error(&f, &d,
               "chain edge: the program does not fit this runtime; compile it "
               "again");
    d.shards = 0;
    init_error(&f, &d, "chain edge: shards must be 1 to 65535");
}

/* Behind the tail and within the entry, for those of the edge example; where
 * rounding leaves nothing there are none. */
static void next_hops_cost_nothing(void **state)
{
    unsigned entry, hops, v6;

    (void)state;
    for (entry = 80; entry < 400; entry += 16)
        for (hops = 0; hops < 4; hops++)
            for (v6 = 0; v6 < 2; v6++) {
                uint64_t next = nfl_entry_next(entry, hops, v6);

                if (!next)
                    continue;
                assert_true(next >= nfl_entry_end(entry, hops, v6));
                assert_true(next + NFL_NEXT_BYTES ==
                            nfl_entry_stride(entry, hops, v6));
            }
    assert_true(nfl_entry_next(112, 2, false) == 124);
    assert_true(nfl_entry_next(112, 2, true) == 252);
    assert_true(nfl_entry_next(128, 0, false) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_model),
        cmocka_unit_test(refuses_what_it_cannot_do),
        cmocka_unit_test(next_hops_cost_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
