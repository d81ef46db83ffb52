#include "interp/made.h"
#include "base/mem.h"
#include "interp/course.h"
#include "interp/exec.h"
#include "interp/session.h"
#include "interp/way.h"
#include "interp/world.h"
#include <stdlib.h>
#include <string.h>

struct made_packet *made_new(size_t room)
{
    struct made_packet *d = mem_zeroed(1, sizeof(*d));

    d->bytes = mem_zeroed(room + PACKET_ROOM, 1);
    return d;
}

void made_free(struct made_packet *d)
{
    free(d->bytes);
    free(d);
}

void made_ask(struct moment *m, const struct tstmt *s, const num_t *values,
              size_t at, size_t n)
{
    size_t most = n < s->most ? n : (size_t)s->most;
    struct made_packet *d = made_new(packet_stack_bytes(s->stack) + most);
    struct packet p = {.bytes = d->bytes, .len = most};

    packet_make(&p, s->stack, values, m->packet->bytes + at, most);
    d->len = p.len;
    d->by = m->station->at->index;
    d->back = s->back;
    LIST_ADD(&m->world->made, d);
    m->chain->made++;
}

void made_turn(struct moment *m, size_t most)
{
    const struct packet *p = m->packet;
    struct made_packet *d;

    if (p->turned || m->world->turned || p->len > most)
        return;
    d = made_new(p->len);
    memcpy(d->bytes, p->bytes, p->len);
    d->len = p->len;
    d->by = m->station->at->index;
    d->back = true;
    d->cut = p->cut;
    d->cut_id = p->cut_id;
    d->joined = p->joined;
    d->later = p->later && m->session;
    if (d->later)
        d->first = session_tuple(m->session, d->by);
    if (d->later && m->back)
        d->first = tuple_reverse(&d->first);
    m->world->turned = d;
    m->chain->made++;
}

/* Does it belong to the flow of the packet that asked for it, as its maker sees
 * that? */
static bool is_of_flow(const struct moment *m, const struct made_packet *d,
                       const struct packet *p, bool back)
{
    struct nfl_tuple t;

    if (!m->session || !p->has_flow)
        return false;
    t = session_tuple(m->session, d->by);
    if (back)
        t = tuple_reverse(&t);
    return tuple_same(&t, &p->tuple);
}

/* Its flow is that of its tuple, as if it had arrived at the other side. False
 * if it is dropped. */
static bool enters_turned(struct moment *m, const struct moment *by)
{
    bool enters;

    if (m->packet->has_flow &&
        shard_of(m->world, m->chain, &m->packet->tuple, m->side) != by->shard) {
        m->world->drops[OWN_DROP_turned]++;
        return false;
    }
    m->chain->turning = true;
    m->chain->kept = by->session;
    enters = passage_enter(m);
    m->chain->turning = false;
    m->chain->kept = NULL;
    m->shard = by->shard;
    return enters;
}

/* The way of the packet of m, from who made it on. */
static void goes(struct moment *m, struct made_packet *d)
{
    struct packet *p = m->packet;
    struct course course;

    course_begin(m, &course);
    if (!way_goes_on(m, d->by)) {
        moment_dropped(m);
        made_free(d);
    } else if (!moment_leaves(m)) {
        made_free(d);
    } else {
        packet_checksums(p);
        d->len = p->len;
        d->cut = p->cut;
        d->cut_id = p->cut_id;
        d->joined = p->joined;
        d->to = m->chain->chain->port[1 - m->side];
        LIST_ADD(&m->world->leaving, d);
    }
    course_end(m);
}

static struct moment moment_of(const struct moment *by,
                               const struct made_packet *d, struct packet *p)
{
    uint8_t *arrived = mem_zeroed(d->len + 1, 1);

    memcpy(arrived, d->bytes, d->len);
    *p = (struct packet){.bytes = d->bytes,
                         .arrived = arrived,
                         .len = d->len,
                         .cut = d->cut,
                         .cut_id = d->cut_id,
                         .joined = d->joined,
                         .later = d->later,
                         .first_tuple = d->first};
    packet_parse(p, by->world->tree);
    return (struct moment){.world = by->world,
                           .chain = by->chain,
                           .packet = p,
                           .shard = by->shard,
                           .side = d->back ? 1 - by->side : by->side};
}

static void pass(const struct moment *by, struct made_packet *d)
{
    struct packet p;
    struct moment m = moment_of(by, d, &p);
    uint8_t *arrived = (uint8_t *)(uintptr_t)p.arrived;

    p.generated = true;
    if (is_of_flow(by, d, &p, by->back != d->back)) {
        m.session = by->session;
        m.back = by->back != d->back;
    } else if (p.quotes) {
        p.has_flow = false;
    }
    goes(&m, d);
    free(arrived);
}

/* It goes its way, and what it made; its flow ends then, if it is refused. */
static void pass_turned(const struct moment *by, struct made_packet *d)
{
    struct packet p;
    struct moment m = moment_of(by, d, &p);
    uint8_t *arrived = (uint8_t *)(uintptr_t)p.arrived;

    p.turned = true;
    if (enters_turned(&m, by)) {
        goes(&m, d);
        made_pass(&m);
        if (m.session && m.session != by->session && m.session->refused)
            session_end(m.world, m.session);
    } else {
        made_free(d);
    }
    free(arrived);
}

void made_pass(const struct moment *m)
{
    struct made_packet *d = m->world->made.first, *next;

    LIST_CLEAR(&m->world->made);
    for (; d; d = next) {
        next = d->next;
        d->next = NULL;
        pass(m, d);
    }
    d = m->world->turned;
    m->world->turned = NULL;
    if (d)
        pass_turned(m, d);
}
