/* The extern types `packet` and `flow` of the prelude: what is at hand. */
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"

/* The tuple of the flow as the NF that runs sees it. */
static struct nfl_tuple seen(const struct call *c)
{
    return moment_tuple(c->moment);
}

static bool address(struct ival *result, num_t u, bool v6)
{
    result->u = u;
    result->alt = v6;
    return true;
}

bool flow_src(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = seen(c);

    return address(result, t.src, t.v6);
}

bool flow_dst(const struct call *c, struct ival *result)
{
    struct nfl_tuple t = seen(c);

    return address(result, t.dst, t.v6);
}

bool flow_sport(const struct call *c, struct ival *result)
{
    result->u = seen(c).sport;
    return true;
}

bool flow_dport(const struct call *c, struct ival *result)
{
    result->u = seen(c).dport;
    return true;
}

bool flow_proto(const struct call *c, struct ival *result)
{
    result->u = seen(c).proto;
    return true;
}

bool flow_evicted(const struct call *c, struct ival *result)
{
    result->u = c->moment->chain->evicting;
    return true;
}

/* rewrite(src: endpoint?, dst: endpoint?), endpoint being (ipaddr, port) */
bool flow_rewrite(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;
    const struct ival *src = c->args[0], *dst = c->args[1];
    struct translation add = {0};

    const struct session *s = m->session;

    (void)result;
    if (src && dst && src->parts[0].alt != dst->parts[0].alt)
        return false; /* one of them is of the other family */
    if (src) {
        add.set[ROLE_SRC] = true;
        add.set[ROLE_SPORT] = s->has_port[0] || src->parts[1].u;
        add.to.src = src->parts[0].u;
        add.to.sport = (uint16_t)src->parts[1].u;
        add.to.v6 = src->parts[0].alt == 1;
    }
    if (dst) {
        add.set[ROLE_DST] = true;
        add.set[ROLE_DPORT] = s->has_port[1] || dst->parts[1].u;
        add.to.dst = dst->parts[0].u;
        add.to.dport = (uint16_t)dst->parts[1].u;
        add.to.v6 = dst->parts[0].alt == 1;
    }
    return session_rewrite(m->world, m->session, m->station->at->index, &add);
}

bool packet_len(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->len;
    return true;
}

bool packet_time(const struct call *c, struct ival *result)
{
    result->u = c->moment->world->time;
    return true;
}

bool packet_in_flow(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->has_flow;
    return true;
}

bool packet_generated(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->generated;
    return true;
}

bool packet_turned(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->turned;
    return true;
}

bool packet_malformed(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->malformed;
    return true;
}

bool packet_fragment(const struct call *c, struct ival *result)
{
    struct packet *p = c->moment->packet;
    size_t most = (size_t)c->args[0]->u;

    (void)result;
    if (!p->cut || most < p->cut)
        p->cut = most;
    return true;
}

bool packet_fragment_size(const struct call *c, struct ival *result)
{
    result->u = c->moment->packet->cut;
    return true;
}

bool packet_bad_checksum(const struct call *c, struct ival *result)
{
    result->u = packet_sums_wrong(c->moment->packet);
    return true;
}
