/* The TCP monitor of a chain: who asks it about the packets of a flow, and what
 * it needs in a session. */
#include "emit/emit.h"
#include <string.h>

enum { CLIENT = 1, SERVER = 2 };

/* ---- who asks ---- */

/* Whose streams a handler of bytes is about. */
static unsigned watches(const struct handler *h)
{
    if (h->rank != RANK_DATA)
        return 0;
    return h->from == FROM_CLIENT   ? CLIENT
           : h->from == FROM_SERVER ? SERVER
                                    : CLIENT | SERVER;
}

/* The handler asks the monitor, and one of these subscriptions of its NF wakes
 * it; 0: it is always awake. */
static num_t wakers(const struct handler *h)
{
    const struct subscription *s;
    num_t bits = 0;

    if (handler_sleeps(h))
        LIST_EACH (s, &h->subscriptions)
            bits |= (num_t)1 << s->bit;
    return bits;
}

struct askers { /* of an NF */
    bool always;
    num_t bits;
};

/* Those that ask, of streams only those of the sides in `of`; 0: all. */
static struct askers askers_of(const struct plan_nf *n, unsigned of)
{
    const struct handler *h;
    struct askers a = {false, 0};
    num_t bits;

    LIST_EACH (h, &n->ir->source->nf->handlers) {
        if (!h->monitors || (of && !(watches(h) & of)))
            continue;
        bits = wakers(h);
        a.always |= !bits;
        a.bits |= bits;
    }
    return a;
}

/* Is one of them awake? "true", "false", or an expression over `s`. */
static const char *awake(struct emit *e, unsigned of)
{
    const struct plan_nf *n;
    const char *all = NULL, *one;

    LIST_EACH (n, &e->chain->nfs) {
        struct askers a = askers_of(n, of);
        const struct nf *nf = n->ir->source->nf;

        if (a.always)
            return "true";
        if (!a.bits)
            continue;
        one = arena_fmt(e->arena, "((%s ^ s->%s.%s) & %s) != 0",
                        emit_num(e, nf->awake, 64), name_member(e, n),
                        name_state(e->arena, nf->switched),
                        emit_num(e, a.bits, 64));
        all = all ? arena_fmt(e->arena, "%s || %s", all, one) : one;
    }
    return all ? all : "false";
}

/* ---- what an entry has for it ---- */

/* How many NFs before this one ask; NULL: of all. */
static unsigned askers_before(const struct emit *e, const struct plan_nf *end)
{
    const struct plan_nf *n;
    unsigned count = 0;

    for (n = e->chain->nfs.first; n != end; n = n->next) {
        struct askers a = askers_of(n, 0);

        count += a.always || a.bits;
    }
    return count;
}

unsigned emit_tcp_more(const struct emit *e)
{
    unsigned all = askers_before(e, NULL);

    return e->consolidate || !e->chain->ir->source->tracks || !all ? 0
                                                                   : all - 1;
}

void emit_tcp_members(struct emit *e)
{
    unsigned slots = plan_tcp_slots(e->chain);

    if (!e->chain->ir->source->monitors)
        return;
    cw(e->w, "struct nfl_tcp tcp __attribute__((aligned(16)));");
    if (slots)
        cw(e->w, "uint64_t kept[%u][2];", slots);
    if (e->chain->ir->source->tcp.unacked)
        cw(e->w, "struct nfl_unacked unacked __attribute__((aligned(16)));");
    if (emit_is_inline(e))
        cw(e->w, "struct nfl_inline in_line __attribute__((aligned(16)));");
    if (emit_tcp_more(e))
        cw(e->w,
           "struct {struct nfl_tcp tcp __attribute__((aligned(16)));} "
           "alone[%u];",
           emit_tcp_more(e));
}

static void desc(struct emit *e)
{
    const struct stream_rules *r = &e->chain->ir->source->tcp;
    const char *chain = name_chain(e);
    unsigned slots = plan_tcp_slots(e->chain);

    cw_blank(e->w);
    cw(e->w, "static const struct nfl_tcp_desc gc_%s_tcp = {", chain);
    cw(e->w, "    .at = offsetof(struct gc_%s_session, tcp),", chain);
    if (slots) {
        cw(e->w, "    .kept = offsetof(struct gc_%s_session, kept),", chain);
        cw(e->w, "    .slots = %u,", slots);
    }
    cw(e->w, "    .pieces = %llu / NFL_TCP_PIECE,",
       (unsigned long long)r->pool);
    cw(e->w, "    .edits = %s,", plan_edits(e->chain) ? "true" : "false");
    if (emit_is_inline(e)) {
        cw(e->w, "    .changes = %s,",
           plan_changes(e->chain) ? "true" : "false");
        cw(e->w, "    .in_line = offsetof(struct gc_%s_session, in_line),",
           chain);
        cw(e->w, "    .held = %llu,", (unsigned long long)r->held);
    }
    if (r->unacked)
        cw(e->w, "    .unacked = offsetof(struct gc_%s_session, unacked),",
           chain);
    cw(e->w, "    .rules = {.ahead = %llu, .keep = %llu, .overlap = %u,",
       (unsigned long long)r->ahead, (unsigned long long)r->keep,
       (unsigned)r->overlap);
    if (r->unacked)
        cw(e->w, "              .unacked = %llu,",
           (unsigned long long)r->unacked);
    cw(e->w, "              .midstream = %u, .trust_sums = %u},", r->ignores,
       r->trusts);
    cw(e->w, "};");
}

/* ---- a packet ---- */

/* Whether somebody asks for the bytes of a side. */
static void watch(struct emit *e, const char *asked, unsigned side)
{
    if (strcmp(asked, "true") == 0)
        cw(e->w, "watch |= %u;", side);
    else if (strcmp(asked, "false") != 0)
        cw(e->w, "watch |= %s ? %u : 0u;", asked, side);
}

/* Whose bytes are asked for, as subscriptions are now. */
static void watches_now(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* The sides whose bytes somebody asks for. */");
    cw(e->w, "NFLG_FN unsigned gq_%s(const struct gc_%s_session *s)",
       name_chain(e), name_chain(e));
    cw_open(e->w, "%s", "");
    cw(e->w, "unsigned watch = 0;");
    cw_blank(e->w);
    cw(e->w, "(void)s;");
    watch(e, awake(e, CLIENT), CLIENT);
    watch(e, awake(e, SERVER), SERVER);
    cw(e->w, "return watch;");
    cw_close(e->w, "");
}

/* Where no handler that asks is awake. */
static void asleep(struct emit *e)
{
    const char *more =
        plan_changes(e->chain) ? " && !nflg_has_changes(&s->in_line)" : "";

    cw_open(e->w, "if (!(%s)%s)", awake(e, 0), more);
    cw_open(e->w, "if (__builtin_expect(!s->slept, 0))");
    cw(e->w, "nflg_unasked(c, &s->tcp);");
    cw(e->w, "s->slept = true;");
    cw_close(e->w, "");
    cw(e->w, "return%s;", emit_is_inline(e) ? " true" : "");
    cw_close(e->w, "");
    cw(e->w, "s->slept = false;");
}

void emit_tcp(struct emit *e)
{
    const char *chain = name_chain(e);
    bool waits = emit_is_inline(e);

    if (!e->chain->ir->source->monitors)
        return;
    desc(e);
    watches_now(e);
    cw_blank(e->w);
    cw(e->w, "/* The TCP monitor sees a packet, before the NFs do%s. */",
       waits ? "; false: it waits" : "");
    cw(e->w, "NFLG_FN %s gu_%s(struct nfl_ctx *c, struct nflg_head *h)",
       waits ? "bool" : "void", chain);
    cw_open(e->w, "%s", "");
    cw(e->w, "struct gc_%s_session *s = (struct gc_%s_session *)c->session;",
       chain, chain);
    cw(e->w, "unsigned watch;");
    cw_blank(e->w);
    cw(e->w, "if (!nflg_is_segment(c, h))");
    cw(e->w, "    return%s;", waits ? " true" : "");
    if (plan_tcp_sleeps(e->chain))
        asleep(e);
    cw(e->w, "watch = gq_%s(s);", chain);
    if (waits) {
        cw_open(e->w, "if (nflg_is_early(c, h, &s->tcp, watch))");
        cw(e->w, "nflg_hold_early(c, h, g_parse);");
        cw(e->w, "return false;");
        cw_close(e->w, "");
    }
    cw(e->w, "nflg_monitor(c, h, &gc_%s_tcp, &s->tcp, watch);", chain);
    if (waits)
        cw(e->w, "return true;");
    cw_close(e->w, "");
}

void emit_tcp_sees(struct emit *e, const char *c, const char *h,
                   const char *waits)
{
    if (emit_is_inline(e)) {
        cw(e->w, "if (!gu_%s(%s, %s))", name_chain(e), c, h);
        cw(e->w, "    %s;", waits);
    } else if (e->chain->ir->source->monitors) {
        cw(e->w, "gu_%s(%s, %s);", name_chain(e), c, h);
    }
}

/* The first one's is that of the chain. */
void emit_tcp_alone(struct emit *e, const struct plan_nf *n)
{
    struct askers a = askers_of(n, 0);
    unsigned before = askers_before(e, n);

    if (before && (a.always || a.bits) && emit_tcp_more(e))
        cw(e->w,
           "nflg_monitor_alone(c, h, &gc_%s_tcp, "
           "offsetof(struct gc_%s_session, alone[%u]));",
           name_chain(e), name_chain(e), before - 1);
}

void emit_tcp_keeps(struct emit *e, const struct plan_nf *n)
{
    const struct plan_nf *i;
    unsigned slot = 1;

    if (!e->chain->ir->source->streams)
        return;
    for (i = e->chain->nfs.first; i != n; i = i->next)
        slot += plan_keeps(i);
    cw(e->w, "c->keeps = %u;", plan_keeps(n) ? slot : 0);
}
