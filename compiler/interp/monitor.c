#include "interp/monitor.h"
#include "base/arena.h"
#include "interp/exec.h"
#include "interp/packet.h"
#include <string.h>

/* ---- set-up ---- */

static unsigned slots_before(const struct passage *c, unsigned position)
{
    unsigned n = 0;

    for (unsigned i = 0; i < position; i++)
        n += c->stations[i].at->nf->keeps;
    return n;
}

bool monitor_keeps(const struct moment *m)
{
    return m->station->at->nf->keeps;
}

unsigned monitor_slot(const struct moment *m)
{
    return slots_before(m->chain, m->station->at->index);
}

void monitor_init(struct world *w, struct passage *c)
{
    const struct stream_rules *r = &c->chain->tcp;
    uint64_t pieces = (uint64_t)r->pool / TCP_PIECE;

    if (!c->chain->monitors)
        return;
    c->rules = (struct tcp_rules){.ahead = (uint32_t)r->ahead,
                                  .keep = (uint32_t)r->keep,
                                  .unacked = (uint32_t)r->unacked,
                                  .overlap = (enum tcp_overlap)r->overlap,
                                  .ignore = r->ignores,
                                  .trust_sums = r->trusts};
    c->pieces = arena_alloc(w->arena, c->chain->shards * sizeof(*c->pieces));
    for (unsigned s = 0; s < c->chain->shards; s++)
        c->pieces[s].left = shard_share(pieces, c->chain->shards, s);
}

/* ---- who asks ---- */

struct asked {
    bool any;
    unsigned watch; /* bit 0: the client's bytes, bit 1: the server's */
};

static void ask(struct asked *a, const struct moment *m,
                const struct handler *h)
{
    const struct subscription *s;
    bool awake = false;

    LIST_EACH (s, &h->subscriptions)
        awake |= s->bit < 0 || (m->awake >> s->bit & 1);
    if (!h->monitors || !awake)
        return;
    a->any = true;
    if (h->rank == RANK_DATA)
        a->watch |= h->from == FROM_CLIENT ? 1 : h->from == FROM_SERVER ? 2 : 3;
}

static struct asked asked_of(struct moment *m)
{
    struct station *station = m->station;
    struct asked a = {false, 0};
    const struct handler *h;

    for (unsigned i = 0; i < m->chain->n; i++) {
        m->station = &m->chain->stations[i];
        exec_look(m);
        LIST_EACH (h, &m->station->at->nf->handlers)
            ask(&a, m, h);
    }
    m->station = station;
    return a;
}

/* ---- a segment ---- */

enum { TCP = 6 };

/* The packet is seen, or would be if somebody asked. */
static bool is_segment(const struct moment *m)
{
    const struct packet *p = m->packet;

    return m->session && m->session->t0.proto == TCP && !p->later &&
           !p->quotes && p->role[ROLE_SPORT].layer;
}

static struct tcp_segment segment_of(const struct moment *m)
{
    const struct packet *p = m->packet;
    const struct layer *tcp = p->role[ROLE_SPORT].layer;
    const struct layer *ip = p->role[ROLE_SRC].layer;
    const uint8_t *header = p->bytes + ip->off;
    bool v6 = p->tuple.v6;
    size_t length = v6 ? (size_t)(header[4] << 8 | header[5]) + 40
                       : (size_t)(header[2] << 8 | header[3]);

    return (struct tcp_segment){
        .tcp = p->bytes + tcp->off,
        .tcp_len = (uint32_t)(tcp->end - tcp->off),
        .payload = (uint32_t)(tcp->end - tcp->off - tcp->size),
        .addr = header + (v6 ? 8 : 12),
        .addr_len = v6 ? 32 : 8,
        .cut = ip->off + length > p->len,
        .reuses = m->chain->reused_at == m->world->packets,
    };
}

/* Somebody asks about its flow, or has to change it again. */
static bool is_seen(const struct moment *m, const struct asked *a)
{
    const struct tcp *t = m->session->tcp;

    return a->any ||
           (t && (tcp_changed(t, 0)->n > 0 || tcp_changed(t, 1)->n > 0));
}

bool monitor_early(struct moment *m)
{
    struct tcp_segment segment;
    struct asked a;

    if (!m->chain->chain->tcp.in_line || !m->chain->chain->monitors ||
        !is_segment(m))
        return false;
    a = asked_of(m);
    segment = segment_of(m);
    return is_seen(m, &a) &&
           tcp_early(m->session->tcp, &segment, m->back, a.watch);
}

void monitor_holds(struct moment *m)
{
    struct tcp_segment segment = segment_of(m);

    tcp_hold(m->session->tcp, &segment, m->back);
}

void monitor_renews(struct moment *m)
{
    const struct layer *tcp = m->packet->role[ROLE_SPORT].layer;
    struct tcp_segment segment = segment_of(m);

    tcp_renew(m->session->tcp, &segment, m->back, m->packet->bytes + tcp->off);
}

bool monitor_unfit(const struct moment *m)
{
    static const unsigned bad[] = {
        TCP_SIGN_not_kept,     TCP_SIGN_bad_checksum,  TCP_SIGN_cut_short,
        TCP_SIGN_bad_flags,    TCP_SIGN_bad_syn,       TCP_SIGN_bad_ack,
        TCP_SIGN_bad_sequence, TCP_SIGN_bad_timestamp, TCP_SIGN_after_close,
        TCP_SIGN_before_syn,   TCP_SIGN_bad_signature};

    if (!m->chain->chain->tcp.in_line || !m->view.watched || !m->view.payload)
        return false;
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (m->view.signs >> bad[i] & 1)
            return true;
    return false;
}

uint32_t monitor_seq(const struct moment *m)
{
    struct tcp_segment segment = segment_of(m);

    return tcp_seq(&segment);
}

uint32_t monitor_length(const struct moment *m)
{
    struct tcp_segment segment = segment_of(m);

    return tcp_length(&segment);
}

/* Its payload, as many bytes as on arrival; else NULL. */
static uint8_t *payload_of(const struct moment *m)
{
    const struct packet *p = m->packet;
    const struct layer *tcp = p->role[ROLE_SPORT].layer;

    if (!tcp || tcp->end - tcp->off - tcp->size != m->view.payload)
        return NULL;
    return p->bytes + tcp->off + tcp->size;
}

void monitor_sees(struct moment *m)
{
    struct session *s = m->session;
    struct passage *c = m->chain;
    struct tcp_segment segment;
    struct asked a;

    if (!c->chain->monitors || !is_segment(m))
        return;
    a = asked_of(m);
    if (!s->tcp)
        s->tcp =
            tcp_new(&c->rules, &c->pieces[s->shard], slots_before(c, c->n));
    if (!is_seen(m, &a)) {
        tcp_sleep(s->tcp);
        return;
    }
    segment = segment_of(m);
    tcp_segment(s->tcp, &segment, m->back, a.watch, &m->view);
    if (c->chain->tcp.in_line && m->view.mended_len)
        memcpy(payload_of(m) + m->view.mended_at, m->view.mended,
               m->view.mended_len);
}

/* ---- changes ---- */

/* What lies in [at, end) of the stream of c, which the payload has. */
static void change(struct moment *m, const struct tcp_change *c, uint64_t at,
                   uint64_t end)
{
    uint8_t *to = payload_of(m) + ((int64_t)at - m->view.place);
    uint8_t *written = m->packet->written;

    tcp_lay(c, to, at, (uint32_t)(end - at));
    if (written) /* more than was: nobody else writes there meanwhile */
        memset(written + (to - m->packet->bytes), 0xff, end - at);
}

bool monitor_write(struct moment *m, uint64_t at, const uint8_t *bytes,
                   uint32_t n)
{
    struct tcp *t = m->session->tcp;

    if (!payload_of(m) ||
        !tcp_write(t, &m->view, m->station->at->index, at, bytes, n))
        return false;
    change(m, tcp_changed(t, m->view.from)->last, at, at + n);
    return true;
}

void monitor_repeats(struct moment *m)
{
    const struct tcp_view *v = &m->view;
    int64_t at = v->place > 0 ? v->place : 0, end = v->place + v->payload;
    const struct tcp_change *c;

    if (end > (int64_t)v->front)
        end = (int64_t)v->front;
    if (!v->again || at >= end || !payload_of(m))
        return;
    LIST_EACH (c, tcp_changed(m->session->tcp, v->from))
        if (c->by == m->station->at->index)
            change(m, c, (uint64_t)at, (uint64_t)end);
}

void monitor_forgets(struct session *s)
{
    tcp_free(s->tcp);
    s->tcp = NULL;
}
