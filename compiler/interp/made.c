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

    d->turned = stack_turns(s->stack);
    if (d->turned)
        memcpy(d->bytes, m->packet->bytes + at, most);
    else
        packet_make(&p, s->stack, values, m->packet->bytes + at, most);
    d->len = p.len;
    d->by = m->station->at->index;
    d->back = s->back;
    LIST_ADD(&m->world->made, d);
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
    enters = passage_enter(m);
    m->chain->turning = false;
    m->shard = by->shard;
    return enters;
}

static void pass(const struct moment *by, struct made_packet *d)
{
    struct packet p = {.bytes = d->bytes, .len = d->len, .generated = true};
    struct moment m = {.world = by->world,
                       .chain = by->chain,
                       .packet = &p,
                       .shard = by->shard,
                       .side = d->back ? 1 - by->side : by->side};
    uint8_t *arrived = mem_zeroed(d->len + 1, 1);
    struct course course;
    bool turned = d->turned;

    memcpy(arrived, d->bytes, d->len);
    p.arrived = arrived;
    packet_parse(&p, by->world->tree);
    if (d->turned) {
        if (!enters_turned(&m, by)) {
            made_free(d);
            free(arrived);
            return;
        }
    } else if (is_of_flow(by, d, &p, by->back != d->back)) {
        m.session = by->session;
        m.back = by->back != d->back;
    } else if (p.quotes) {
        p.has_flow = false;
    }
    course_begin(&m, &course);
    if (way_goes_on(&m, d->by)) {
        packet_checksums(&p);
        d->len = p.len;
        d->cut = p.cut;
        d->to = m.chain->chain->port[1 - m.side];
        LIST_ADD(&m.world->leaving, d);
    } else {
        moment_dropped(&m);
        made_free(d);
    }
    course_end(&m);
    if (turned && m.session && m.session != by->session && m.session->refused)
        session_end(m.world, m.session);
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
}
