/* The monitor on one thread and readers on others: each of them gets a snapshot
 * of each segment and the new bytes, when it likes, and compares them with what
 * the interpreter's monitor said when the segment came.
 *   readers SEGMENTS SEED [SPOIL]
 * SPOIL: a reader releases bytes before it has read them; that must show. */
#include "chaos.h"
#include "interp/tcp.h"
#include <nfl/tcp_snap.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { READERS = 2, QUEUE = 4096, TAIL = 1 << 15, MIX = 1 << 16 };

struct note { /* what goes over the queue */
    struct nfl_tcp_snap snap;
    uint64_t signs; /* the interpreter's, and so on */
    uint32_t offset, gap, len;
    unsigned state[2];
    bool watched;
    uint8_t *bytes;
};

struct reader {
    unsigned number;
    uint64_t dice, read, bytes;
    _Atomic uint64_t done; /* notes */
    uint64_t wrong;
};

static struct note queue[QUEUE];
static _Atomic uint64_t written;
static atomic_bool over;
static struct reader readers[READERS];
static struct nfl_tcp_tail *tail;
static uint64_t stack_dice, full;
static struct said naive_said;
static unsigned naive_state[2];
static bool spoil;

static uint32_t roll(uint64_t *dice, uint32_t n)
{
    *dice = *dice * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*dice >> 33) % n;
}

/* Anything may come in between, of any length. */
static void dally(uint64_t *dice)
{
    uint32_t what = roll(dice, 16);

    if (what == 0)
        sched_yield();
    else if (what < 4)
        for (volatile uint32_t i = roll(dice, 2000); i > 0; i--)
            continue;
}

/* ---- the stack ---- */

static void wait_for_room(uint64_t at)
{
    for (unsigned i = 0; i < READERS; i++)
        while (
            at - atomic_load_explicit(&readers[i].done, memory_order_acquire) >=
            QUEUE)
            sched_yield();
}

static void publish(const struct nfl_tcp *t, const struct nfl_tcp_view *v)
{
    uint64_t n = atomic_load_explicit(&written, memory_order_relaxed);
    uint32_t len = v->watched ? v->fresh_len : 0, at;
    struct note *to = &queue[n % QUEUE];

    wait_for_room(n);
    for (; !nfl_tcp_tail_put(tail, v->fresh, len, &at); full++)
        sched_yield();
    free(to->bytes);
    *to = (struct note){.snap = nfl_tcp_snap(t, v, at),
                        .signs = naive_said.signs,
                        .offset = (uint32_t)naive_said.fresh_offset,
                        .gap = naive_said.gap,
                        .len = naive_said.watched ? naive_said.fresh_len : 0,
                        .state = {naive_state[0], naive_state[1]},
                        .watched = naive_said.watched};
    to->bytes = malloc(to->len + 1);
    if (to->len)
        memcpy(to->bytes, naive_said.fresh, to->len);
    dally(&stack_dice);
    atomic_store_explicit(&written, n + 1, memory_order_release);
}

static void naive_segment(void *c, const struct wire *w, unsigned from,
                          unsigned watch, struct said *said)
{
    engine_naive.segment(c, w, from, watch, said);
    naive_said = *said;
    naive_state[0] = tcp_state(engine_naive_tcp(c), 0);
    naive_state[1] = tcp_state(engine_naive_tcp(c), 1);
}

static void fast_segment(void *c, const struct wire *w, unsigned from,
                         unsigned watch, struct said *said)
{
    engine_fast.segment(c, w, from, watch, said);
    publish(engine_fast_tcp(c), engine_fast_view(c));
}

/* ---- a reader ---- */

static bool same_bytes(const struct nfl_tcp_snap *s, const uint8_t *bytes)
{
    struct nfl_tcp_parts p = nfl_tcp_tail_get(tail, s->at, s->fresh_len);

    return !memcmp(p.p[0], bytes, p.len[0]) &&
           !memcmp(p.p[1], bytes + p.len[0], p.len[1]);
}

static bool same(const struct note *n)
{
    const uint64_t moved = BIT(ready) | BIT(gap) | BIT(conflict) | BIT(end);
    const struct nfl_tcp_snap *s = &n->snap;

    if (s->signs != n->signs || s->watched != n->watched ||
        s->client != n->state[0] || s->server != n->state[1])
        return false;
    if (!n->watched || !(n->signs & moved))
        return true;
    return s->offset == n->offset && s->gap == n->gap &&
           s->fresh_len == n->len && same_bytes(s, n->bytes);
}

static void read_note(struct reader *r, const struct note *n)
{
    uint32_t end = n->snap.at + n->snap.fresh_len;

    if (spoil) {
        nfl_tcp_tail_release(tail, r->number, end);
        sched_yield();
    }
    dally(&r->dice);
    r->wrong += !same(n);
    r->bytes += n->snap.fresh_len;
    dally(&r->dice);
    nfl_tcp_tail_release(tail, r->number, end);
}

static void *reads(void *of)
{
    struct reader *r = of;

    for (;;) {
        bool last = atomic_load(&over);
        uint64_t to = atomic_load_explicit(&written, memory_order_acquire);

        if (r->read == to) {
            if (last)
                return NULL;
            sched_yield();
            continue;
        }
        for (; r->read < to; r->read++) {
            read_note(r, &queue[r->read % QUEUE]);
            atomic_store_explicit(&r->done, r->read + 1, memory_order_release);
        }
    }
}

int main(int argc, char **argv)
{
    struct engine naive = engine_naive, fast = engine_fast;
    const struct engine *const all[] = {&naive, &fast, NULL};
    uint64_t n = argc > 2 ? (uint64_t)atoll(argv[1]) : 0, wrong = 0;
    uint64_t seed = argc > 2 ? (uint64_t)atoll(argv[2]) : 1;
    struct source s = {.most = 200};
    pthread_t thread[READERS];

    naive.segment = naive_segment;
    fast.segment = fast_segment;
    spoil = argc > 3;
    tail = nfl_tcp_tail_new(TAIL, READERS);
    stack_dice = seed;
    for (unsigned i = 0; i < READERS; i++) {
        readers[i].number = i;
        readers[i].dice = seed * MIX + i;
        pthread_create(&thread[i], NULL, reads, &readers[i]);
    }
    for (; s.segments < n; seed++) {
        s.seed = seed * 0x9e3779b97f4a7c15u;
        wrong += !chaos(&s, all, stdout);
    }
    atomic_store(&over, true);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(thread[i], NULL);
        wrong += readers[i].wrong;
        printf("reader %u: %" PRIu64 " snapshots, %" PRIu64 " bytes, %" PRIu64
               " wrong\n",
               i, readers[i].read, readers[i].bytes, readers[i].wrong);
    }
    printf("the stack waited %" PRIu64 " times for the slowest\n", full);
    for (unsigned i = 0; i < QUEUE; i++)
        free(queue[i].bytes);
    nfl_tcp_tail_free(tail);
    return wrong > 0;
}
