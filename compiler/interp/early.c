#include "interp/early.h"
#include "base/mem.h"
#include "interp/course.h"
#include "interp/exec.h"
#include "interp/made.h"
#include "interp/monitor.h"
#include "interp/packet.h"
#include "interp/wait.h"
#include "interp/world.h"
#include <stdlib.h>
#include <string.h>

enum { BYTES_MOST = 1756, SIDE_MOST = 512 };

struct early {
    struct made_packet *frame; /* its bytes, and the fragment size */
    struct session *session;
    unsigned side;
    bool back;
    bool turned; /* around, before it came there */
    uint32_t seq;
    struct early *next;
};

/* ---- held ---- */

static bool has_room(const struct moment *m)
{
    const struct passage *c = m->chain;
    const struct session *s = m->session;
    uint64_t ahead = monitor_seq(m) - tcp_front(s->tcp, m->back);
    unsigned of_side = 0, of_shard = 0;
    const struct early *x;

    LIST_EACH (x, &c->early) {
        of_side += x->session == s && x->back == m->back;
        of_shard += x->session->shard == s->shard;
    }
    return m->packet->len <= BYTES_MOST &&
           ahead + monitor_length(m) <= c->rules.ahead && of_side < SIDE_MOST &&
           of_shard < shard_share((uint64_t)c->chain->tcp.held,
                                  c->chain->shards, s->shard);
}

bool early_holds(struct moment *m)
{
    const struct packet *p = m->packet;
    struct early *x;

    if (!monitor_early(m))
        return false;
    if (!has_room(m)) {
        m->world->drops[OWN_DROP_too_early]++;
        return true;
    }
    x = mem_zeroed(1, sizeof(*x));
    x->frame = made_new(p->len);
    x->frame->len = p->len;
    memcpy(x->frame->bytes, p->bytes, p->len);
    x->frame->cut = p->cut;
    x->frame->cut_id = p->cut_id;
    x->frame->joined = p->joined;
    x->session = m->session;
    x->side = m->side;
    x->back = m->back;
    x->turned = p->turned;
    x->seq = monitor_seq(m);
    LIST_ADD(&m->chain->early, x);
    m->chain->held++;
    monitor_holds(m);
    return true;
}

/* ---- entering ---- */

/* It is parsed again; `p` is what arrives. */
static struct moment moment_of(struct world *w, const struct early *x,
                               struct packet *p)
{
    *p = (struct packet){.bytes = x->frame->bytes,
                         .len = x->frame->len,
                         .turned = x->turned,
                         .cut = x->frame->cut,
                         .cut_id = x->frame->cut_id,
                         .joined = x->frame->joined};
    packet_parse(p, w->tree);
    return (struct moment){.world = w,
                           .chain = x->session->chain,
                           .packet = p,
                           .session = x->session,
                           .shard = x->session->shard,
                           .side = x->side,
                           .back = x->back};
}

/* Of a side the one that comes first in its stream; NULL: there is none. */
static struct early *first_of(const struct session *s, bool back)
{
    int32_t front = (int32_t)tcp_front(s->tcp, back);
    struct early *x, *first = NULL;

    LIST_EACH (x, &s->chain->early) {
        if (x->session != s || x->back != back)
            continue;
        if (!first || (int32_t)(x->seq - (uint32_t)front) <
                          (int32_t)(first->seq - (uint32_t)front))
            first = x;
    }
    return first;
}

/* The one that enters next, of a flow; NULL: there is none. */
static struct early *next_of(struct world *w, const struct session *s,
                             bool back)
{
    const bool sides[] = {back, !back};

    for (unsigned i = 0; i < 2; i++) {
        struct early *x = first_of(s, sides[i]);
        struct packet p;
        struct moment m;

        if (!x)
            continue;
        m = moment_of(w, x, &p);
        if (!monitor_early(&m))
            return x;
    }
    return NULL;
}

static void take_out(struct passage *c, struct early *out)
{
    struct early *x = c->early.first, *next;

    LIST_CLEAR(&c->early);
    for (; x; x = next) {
        next = x->next;
        if (x != out)
            LIST_ADD(&c->early, x);
    }
    out->next = NULL;
}

static void early_free(struct early *x)
{
    if (x->frame)
        made_free(x->frame);
    free(x);
}

static void enter(struct world *w, struct early *x)
{
    struct packet p;
    struct moment m = moment_of(w, x, &p);
    uint8_t *arrived = mem_zeroed(p.len + 1, 1);
    struct course course;

    monitor_renews(&m);
    memcpy(arrived, p.bytes, p.len);
    p.arrived = arrived;
    monitor_sees(&m);
    if (passage_way(&m, &course)) {
        x->frame->len = p.len;
        x->frame->cut = p.cut;
        x->frame->to = m.chain->chain->port[1 - m.side];
        w->drops[OWN_DROP_end] += x->frame->to == NULL;
    }
    if (x->frame->to) {
        LIST_ADD(&w->leaving, x->frame);
        x->frame = NULL;
    }
    passage_behind(&m);
    free(arrived);
}

void early_enter(struct world *w, struct passage *c, uint64_t flow, bool back)
{
    const struct session *s;
    struct early *x;

    while ((s = session_numbered(c, flow)) && (x = next_of(w, s, back))) {
        take_out(c, x);
        enter(w, x);
        early_free(x);
        waiting_go_on(w, c);
    }
}

/* ---- who is held in vain ---- */

/* Of a session, or all (NULL). Returns how many there were. */
static unsigned drop_some(struct passage *c, const struct session *s)
{
    struct early *x = c->early.first, *next;
    unsigned n = 0;

    LIST_CLEAR(&c->early);
    for (; x; x = next) {
        next = x->next;
        if (!s || x->session == s) {
            early_free(x);
            n++;
        } else {
            LIST_ADD(&c->early, x);
        }
    }
    return n;
}

void early_forget(struct world *w, const struct session *s)
{
    w->drops[OWN_DROP_waits_flow] += drop_some(s->chain, s);
}

void early_end(struct world *w)
{
    for (unsigned i = 0; i < w->n_passages; i++)
        w->drops[OWN_DROP_waits_end] += drop_some(&w->passages[i], NULL);
}
