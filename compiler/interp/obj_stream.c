/* What the TCP monitor says of the packet at hand and its flow: packet.shows,
 * flow.client_state, and the extern
 * type `stream` of the prelude. */
#include "base/mem.h"
#include "interp/course.h"
#include "interp/monitor.h"
#include "interp/object.h"
#include <stdlib.h>
#include <string.h>

enum { ANOMALY = 56, OF_FLOW = 57, OF_STREAM = 58 };

static uint64_t bits(unsigned from, unsigned to)
{
    uint64_t all = 0;

    for (unsigned i = from; i <= to; i++)
        all |= (uint64_t)1 << i;
    return all;
}

bool packet_shows(const struct call *c, struct ival *result)
{
    const struct tcp_view *v = &c->moment->view;
    unsigned n = (unsigned)c->args[0]->u;

    if (n == ANOMALY)
        result->u = (v->signs & bits(12, 31)) != 0;
    else if (n == OF_FLOW)
        result->u = (v->signs & bits(32, 47)) != 0;
    else if (n == OF_STREAM)
        result->u = v->watched && (v->signs & bits(48, 55)) != 0;
    else
        result->u = n < 56 && (v->signs >> n & 1);
    return true;
}

static bool state(const struct call *c, struct ival *result, unsigned side)
{
    const struct tcp *t = c->moment->session->tcp;

    result->u = t ? tcp_state(t, side) : 0;
    return true;
}

bool flow_client_state(const struct call *c, struct ival *result)
{
    return state(c, result, 0);
}

bool flow_server_state(const struct call *c, struct ival *result)
{
    return state(c, result, 1);
}

/* An NF that never keeps sees what is new. */
static struct tcp_bytes seen(const struct call *c)
{
    const struct moment *m = c->moment;
    struct tcp_bytes b = {m->view.fresh, m->view.fresh_len, 0,
                          m->view.fresh_offset};

    if (monitor_keeps(m))
        b = tcp_bytes(m->session->tcp, monitor_slot(m));
    return b;
}

static bool give(struct ival *result, const uint8_t *p, uint32_t len)
{
    static const uint8_t none[1];

    result->object = (void *)(uintptr_t)(p ? p : none);
    result->u = 0;
    result->hi = len;
    return true;
}

/* With what the NFs on the way up to the one at hand changed. */
static uint8_t *changed(const struct moment *m, const struct tcp_bytes *b)
{
    unsigned here = course_place(m, m->station->at->index);
    uint8_t *shown = tcp_shown(m->session->tcp, b->offset);
    const struct tcp_change *c;

    LIST_EACH (c, tcp_changed(m->session->tcp, m->view.from))
        if (course_place(m, c->by) <= here)
            tcp_lay(c, shown, b->offset, b->len);
    return shown;
}

bool stream_bytes(const struct call *c, struct ival *result)
{
    struct tcp_bytes b = seen(c);

    return give(result, changed(c->moment, &b), b.len);
}

bool stream_fresh(const struct call *c, struct ival *result)
{
    result->u = seen(c).fresh;
    return true;
}

bool stream_offset(const struct call *c, struct ival *result)
{
    result->u = seen(c).offset;
    return true;
}

bool stream_gap(const struct call *c, struct ival *result)
{
    result->u = c->moment->view.gap;
    return true;
}

bool stream_was(const struct call *c, struct ival *result)
{
    return give(result, c->moment->view.was, c->moment->view.conflict_len);
}

bool stream_now(const struct call *c, struct ival *result)
{
    return give(result, c->moment->view.now, c->moment->view.conflict_len);
}

bool stream_keep(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;

    (void)result;
    return tcp_keep(m->session->tcp, monitor_slot(m), (uint32_t)c->args[0]->u);
}

bool stream_release(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;

    (void)result;
    if (monitor_keeps(m))
        tcp_release(m->session->tcp, monitor_slot(m));
    return true;
}

/* Also what the handler was given before is changed: it is the same memory. */
static bool change(const struct call *c, uint64_t at, const uint8_t *bytes,
                   uint64_t n)
{
    struct tcp_bytes b = seen(c);

    if (at + n > b.len ||
        !monitor_write(c->moment, b.offset + at, bytes, (uint32_t)n))
        return false;
    changed(c->moment, &b);
    return true;
}

bool stream_write(const struct call *c, struct ival *result)
{
    const char *text = c->args[1]->str;

    (void)result;
    return change(c, (uint64_t)c->args[0]->u, (const uint8_t *)text,
                  strlen(text));
}

bool stream_fill(const struct call *c, struct ival *result)
{
    uint64_t n = (uint64_t)c->args[1]->u;
    uint8_t *bytes;
    bool done;

    (void)result;
    if (n > seen(c).len)
        return false;
    bytes = mem_zeroed(n + 1, 1);
    memset(bytes, (int)c->args[2]->u, n);
    done = change(c, (uint64_t)c->args[0]->u, bytes, n);
    free(bytes);
    return done;
}
