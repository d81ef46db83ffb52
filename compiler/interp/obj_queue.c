/* queue[K](size, each, timeout): a list in which packets stand in the order in
 * which they came, and one of those that were released. */
#include "base/mem.h"
#include "interp/course.h"
#include "interp/exec.h"
#include "interp/made.h"
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/wait.h"
#include "interp/way.h"
#include "interp/world.h"
#include <stdlib.h>
#include <string.h>

enum { SIZE_MOST = 4096, EACH_MOST = 16, BYTES_MOST = 1756 };
enum { NS_A_TICK = 1000000 };

const struct reason packet_waits = {.text = "waits"};

struct waiting {
    uint64_t *key;
    struct made_packet *frame; /* its bytes, and the NF */
    bool turned;               /* around, before it came there */
    bool later;                /* a later fragment, with this tuple */
    struct nfl_tuple first;
    struct session *session;
    bool has_tuple; /* with which it arrived */
    struct nfl_tuple tuple;
    unsigned side;
    bool back;
    uint64_t due;
    struct waiting *next;
};
typedef LIST(struct waiting) waits;

struct queue {
    uint64_t size, each, ticks;
    waits waiting, ready;
    uint64_t held, crowded, refused;
};

static void *refuse(struct world *w, const char *why)
{
    snprintf(w->err, sizeof(w->err), "%s", why);
    return NULL;
}

void *queue_make(struct world *w, unsigned shards,
                 const struct ival *const *args)
{
    uint64_t size = (uint64_t)args[0]->u, each = (uint64_t)args[1]->u;
    uint64_t timeout = (uint64_t)args[2]->u;
    struct queue *q;

    (void)shards;
    if (size < 1 || size > SIZE_MOST)
        return refuse(w, "the size of a queue is from 1 to 4096");
    if (each < 1 || each > EACH_MOST)
        return refuse(w, "of each key a queue has from 1 to 16 packets");
    if (timeout == 0 || timeout % NS_A_TICK != 0)
        return refuse(w, "the timeout of a queue is whole milliseconds");
    q = mem_zeroed(1, sizeof(*q));
    q->size = size;
    q->each = each;
    q->ticks = timeout / NS_A_TICK;
    return q;
}

/* ---- lists ---- */

static void waiting_free(struct waiting *x)
{
    if (x->frame)
        made_free(x->frame);
    free(x->key);
    free(x);
}

static void take_out(waits *l, struct waiting *x)
{
    struct waiting *before = NULL, *i;

    for (i = l->first; i != x; i = i->next)
        before = i;
    if (before)
        before->next = x->next;
    else
        l->first = x->next;
    if (l->last == x)
        l->last = before;
    l->n--;
    x->next = NULL;
}

/* Of a session, or all (NULL). Returns how many there were. */
static unsigned drop_some(waits *l, const struct session *s)
{
    struct waiting *x, *next;
    unsigned n = 0;

    for (x = l->first; x; x = next) {
        next = x->next;
        if (s && x->session != s)
            continue;
        take_out(l, x);
        waiting_free(x);
        n++;
    }
    return n;
}

void queue_free(void *self)
{
    struct queue *q = self;

    drop_some(&q->waiting, NULL);
    drop_some(&q->ready, NULL);
    free(q);
}

/* ---- what NFs call ---- */

static bool has_key(const struct call *c, const struct waiting *x)
{
    return memcmp(x->key, c->key, c->n_words * sizeof(*x->key)) == 0;
}

static struct waiting *first_of(const struct call *c, const struct queue *q,
                                unsigned *n)
{
    struct waiting *x, *first = NULL;

    *n = 0;
    LIST_EACH (x, &q->waiting) {
        if (!has_key(c, x))
            continue;
        first = first ? first : x;
        ++*n;
    }
    return first;
}

static struct waiting *waiting_new(const struct call *c, const struct queue *q)
{
    const struct moment *m = c->moment;
    struct waiting *x = mem_zeroed(1, sizeof(*x));

    x->key = mem_zeroed(c->n_words + 1, sizeof(*x->key));
    memcpy(x->key, c->key, c->n_words * sizeof(*x->key));
    x->frame = made_new(m->packet->len);
    x->frame->len = m->packet->len;
    x->frame->by = m->station->at->index;
    x->frame->cut = m->packet->cut;
    x->frame->cut_id = m->packet->cut_id;
    x->frame->joined = m->packet->joined;
    if (m->packet->len)
        memcpy(x->frame->bytes, m->packet->bytes, m->packet->len);
    x->turned = m->packet->turned;
    x->later = m->packet->later;
    x->first = m->packet->first_tuple;
    x->has_tuple = m->packet->has_flow;
    x->tuple = m->packet->tuple;
    x->session = m->session;
    x->side = m->side;
    x->back = m->back;
    x->due = m->world->now + q->ticks;
    return x;
}

/* hold(p: packet, key: any) fails */
bool queue_hold(const struct call *c, struct ival *result)
{
    struct queue *q = c->self;
    struct waiting *x;
    unsigned n;

    (void)result;
    if (c->moment->packet->generated || c->moment->packet->len > BYTES_MOST)
        return false;
    x = first_of(c, q, &n);
    if (n >= q->each) {
        take_out(&q->waiting, x);
        waiting_free(x);
        q->crowded++;
        c->moment->world->drops[OWN_DROP_waits_room]++;
    }
    if (q->waiting.n + q->ready.n >= q->size) {
        q->refused++;
        return false;
    }
    x = waiting_new(c, q);
    LIST_ADD(&q->waiting, x);
    q->held++;
    return true;
}

/* release(key: any) */
bool queue_release(const struct call *c, struct ival *result)
{
    struct queue *q = c->self;
    struct waiting *x;
    unsigned n;

    (void)result;
    while ((x = first_of(c, q, &n))) {
        take_out(&q->waiting, x);
        LIST_ADD(&q->ready, x);
    }
    return true;
}

/* count(key: any) -> u32 */
bool queue_count(const struct call *c, struct ival *result)
{
    unsigned n;

    first_of(c, c->self, &n);
    result->u = n;
    return true;
}

/* ---- going on ---- */

static void go_on(struct world *w, struct passage *c, struct waiting *x)
{
    struct packet p = {.bytes = x->frame->bytes,
                       .len = x->frame->len,
                       .turned = x->turned,
                       .later = x->later,
                       .first_tuple = x->first,
                       .cut = x->frame->cut,
                       .cut_id = x->frame->cut_id,
                       .joined = x->frame->joined};
    struct moment m = {.world = w,
                       .chain = c,
                       .packet = &p,
                       .session = x->session,
                       .side = x->side,
                       .back = x->back,
                       .again = true};
    uint8_t *arrived = mem_zeroed(p.len + 1, 1);
    struct course course;

    memcpy(arrived, p.bytes, p.len);
    p.arrived = arrived;
    packet_parse(&p, w->tree);
    p.has_flow &= m.session || !p.quotes;
    if (x->has_tuple && p.has_flow)
        p.tuple = x->tuple;
    course_begin(&m, &course);
    if (way_goes_on(&m, x->frame->by)) {
        packet_checksums(&p);
        x->frame->len = p.len;
        x->frame->cut = p.cut;
        x->frame->to = c->chain->port[1 - m.side];
        LIST_ADD(&w->leaving, x->frame);
        x->frame = NULL;
    } else {
        moment_dropped(&m);
    }
    course_end(&m);
    made_pass(&m);
    if (m.session && m.session->refused)
        session_end(w, m.session);
    free(arrived);
}

static struct waiting *next_of(const struct world *w, struct queue *q)
{
    struct waiting *x = q->ready.first;
    waits *of = &q->ready;

    if (!x) {
        x = q->waiting.first;
        of = &q->waiting;
        if (x && x->due > w->now)
            return NULL;
    }
    if (x)
        take_out(of, x);
    return x;
}

/* The queues of the chain, in the order of making: *place and *t say which is
 * the next. NULL: that were all. */
static struct queue *each_queue(const struct passage *c, unsigned *place,
                                const struct thing **t)
{
    for (;;) {
        if (*t)
            *t = (*t)->next;
        while (!*t && *place < c->n)
            *t = c->stations[(*place)++].things.first;
        if (!*t)
            return NULL;
        if ((*t)->kind->make == queue_make)
            return (*t)->self;
    }
}

void waiting_go_on(struct world *w, struct passage *c)
{
    const struct thing *t = NULL;
    unsigned place = 0;
    struct waiting *x;
    struct queue *q;

    while ((q = each_queue(c, &place, &t)))
        for (uint64_t n = 0; n < q->each && (x = next_of(w, q)); n++) {
            go_on(w, c, x);
            waiting_free(x);
        }
}

/* ---- who waits in vain ---- */

void waiting_forget(struct world *w, const struct session *s)
{
    const struct thing *t = NULL;
    unsigned place = 0;
    struct queue *q;

    while ((q = each_queue(s->chain, &place, &t)))
        w->drops[OWN_DROP_waits_flow] +=
            drop_some(&q->waiting, s) + drop_some(&q->ready, s);
}

void waiting_end(struct world *w)
{
    for (unsigned i = 0; i < w->n_passages; i++) {
        const struct thing *t = NULL;
        unsigned place = 0;
        struct queue *q;

        while ((q = each_queue(&w->passages[i], &place, &t)))
            w->drops[OWN_DROP_waits_end] +=
                drop_some(&q->waiting, NULL) + drop_some(&q->ready, NULL);
    }
}

/* ---- for people ---- */

void queue_report(const void *self, struct nfl_report *r,
                  const struct nfl_report_object *who)
{
    const struct queue *q = self;

    r->tables[r->n_tables++] = (struct nfl_report_table){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .size = q->size,
        .added = q->held,
        .evicted = q->crowded,
        .refused = q->refused,
    };
}

void queue_explain(const struct value *args, unsigned shards, FILE *to)
{
    (void)shards;
    fprintf(to,
            "    %llu packets have room, %llu of one key; they come again "
            "after %llu ms at the latest\n",
            (unsigned long long)args[0].u, (unsigned long long)args[1].u,
            (unsigned long long)args[2].u / NS_A_TICK);
}
