/* Emitted events. Each waits in a list that is on the stack while a packet (a
 * flow that ends, a timer) is under way: a bit for each NF further down that
 * gets it in its turn, and one for each that gets it when the packet has left.
 * LANGUAGE.md, "Emitted events". */
#include "emit/emit.h"
#include "ir/walk.h"
#include <string.h>

/* ---- fields ---- */

struct leaf { /* a number or an address of an event's fields */
    const char *name;
    const struct type *type;
    struct leaf *next;
};
typedef LIST(struct leaf) leaves;

static void add_leaves(struct emit *e, leaves *to, const char *name,
                       const struct type *t)
{
    const struct part *p;
    struct leaf *l;
    unsigned i = 0;

    if (t->kind == TY_OBJECT) /* the flow at hand */
        return;
    if (t->kind != TY_TUPLE) {
        l = ARENA_NEW(e->arena, struct leaf);
        l->name = name;
        l->type = t;
        LIST_ADD(to, l);
        return;
    }
    LIST_EACH (p, &t->parts) {
        const char *part = p->name ? p->name : arena_fmt(e->arena, "%u", i);

        add_leaves(e, to, arena_fmt(e->arena, "%s.%s", name, part), p->type);
        i++;
    }
}

static leaves leaves_of(struct emit *e, const struct event *event)
{
    const struct param *p;
    leaves all = {0};

    LIST_EACH (p, &event->params)
        add_leaves(e, &all, p->name, p->type);
    return all;
}

/* Among all leaves, that of a part of the event's parameter number `param`. */
static unsigned leaf_index(struct emit *e, const struct event *event,
                           unsigned param, unsigned part)
{
    const struct param *p;
    leaves before = {0};

    LIST_EACH (p, &event->params)
        if (p->index < param)
            add_leaves(e, &before, p->name, p->type);
    return before.n + part;
}

/* ---- the list ---- */

static const char *record(struct emit *e, const struct plan_event *v)
{
    char *name = arena_fmt(e->arena, "e%u_%s", v->index, v->source->path), *s;

    while ((s = strchr(name, '/')))
        *s = '_';
    return name;
}

static void record_struct(struct emit *e, const struct plan_event *v)
{
    const struct ir_expr *x;
    unsigned i = 0;

    if (!v->like->args.n)
        return;
    cw_open(e->w, "struct");
    LIST_EACH (x, &v->like->args)
        cw(e->w, "%s f%u;", emit_ctype(x->type), i++);
    cw_close(e->w, arena_fmt(e->arena, " %s;", record(e, v)));
}

static void list(struct emit *e)
{
    const struct plan_event *v;
    unsigned fields = 0;

    LIST_EACH (v, &e->chain->events)
        fields += v->like->args.n;
    cw_blank(e->w);
    cw(e->w, "/* What NFs of chain %s emitted. */", name_chain(e));
    cw_open(e->w, "struct gc_%s_event", name_chain(e));
    cw(e->w, "struct nflg_event of;");
    if (fields) {
        cw_open(e->w, "union");
        LIST_EACH (v, &e->chain->events)
            record_struct(e, v);
        cw_close(e->w, ";");
    }
    cw_close(e->w, ";");
    cw_blank(e->w);
    cw_open(e->w, "struct gc_%s_events", name_chain(e));
    cw(e->w, "struct nflg_events all;");
    cw(e->w, "struct gc_%s_event at[%u];", name_chain(e),
       e->chain->most_events);
    cw_close(e->w, ";");
}

/* What an NF is subscribed to, as it is when an event comes to it. */
static void awake(struct emit *e, const struct plan_nf *n)
{
    const struct nf *nf = n->ir->source->nf;
    const char *at_first = emit_num(e, nf->awake, 64);

    cw_blank(e->w);
    cw(e->w, "/* What %s is subscribed to, for the flow at hand. */",
       n->ir->source->name);
    cw(e->w, "static void gw_%s(struct nfl_ctx *c)", name_nf(e, n));
    cw_open(e->w, "%s", "");
    if (!e->chain->ir->source->tracks) { /* nothing is ever switched */
        cw(e->w, "c->awake = %s;", at_first);
        cw_close(e->w, "");
        return;
    }
    cw(e->w,
       "const struct gc_%s_session *s = (const struct gc_%s_session *)"
       "c->session;",
       name_chain(e), name_chain(e));
    cw_blank(e->w);
    cw(e->w, "c->awake = s ? %s ^ s->%s : %s;", at_first,
       name_var(e, n, nf->switched), at_first);
    cw_close(e->w, "");
}

void emit_events(struct emit *e)
{
    const struct plan_nf *n;

    if (e->chain->events.n)
        list(e);
    LIST_EACH (n, &e->chain->nfs)
        if (n->ir->source->nf->switched)
            awake(e, n);
}

void emit_look(struct emit *e, const struct plan_nf *n, const char *c)
{
    if (n->ir->source->nf->switched)
        cw(e->w, "gw_%s(%s);", name_nf(e, n), c);
}

struct cexpr emit_awake(struct emit *e, const struct ir_expr *x)
{
    struct cexpr c = {
        arena_fmt(e->arena, "nflg_awake(c, %u)", (unsigned)x->num),
        PREC_PRIMARY};

    return c;
}

/* ---- emit ---- */

static void trace(struct emit *e, const struct ir_stmt *s)
{
    leaves all = leaves_of(e, s->event);
    const struct leaf *l;
    unsigned i = 0;

    cw_open(e->w, "if (nflg_traced(c))");
    if (all.n)
        cw(e->w, "const struct nfl_field f[] = {");
    LIST_EACH (l, &all) {
        if (l->type->kind == TY_UNION)
            cw(e->w, "    {%s, f%u.v6 ? NFL_FMT_IPV6 : NFL_FMT_IPV4, f%u.a},",
               cw_quote(e->arena, l->name), i, i);
        else
            cw(e->w, "    {%s, %s, f%u},", cw_quote(e->arena, l->name),
               emit_fmt(l->type), i);
        i++;
    }
    if (all.n)
        cw(e->w, "};");
    cw(e->w, "nflg_trace_emit(c, %s, %u, %s, %u);",
       cw_quote(e->arena, s->event->path), loc_linecol(s->loc).line,
       all.n ? "f" : "NULL", all.n);
    cw_close(e->w, "");
}

static const struct plan_event *plan_event_of(const struct emit *e,
                                              const struct event *event)
{
    const struct plan_event *v;

    LIST_EACH (v, &e->chain->events)
        if (v->source == event)
            return v;
    return NULL;
}

static const char *mask(struct emit *e, uint64_t m)
{
    return arena_fmt(e->arena, "0x%llxull", (unsigned long long)m);
}

/* Those behind the NF at hand in the order of flows from a side. */
static uint64_t behind(const struct emit *e, unsigned side)
{
    uint8_t order[64];
    unsigned n = emit_order(e->chain, side, order), i = 0;
    uint64_t mask = 0;

    while (i < n && order[i] != e->nf->position)
        i++;
    for (i++; i < n; i++)
        mask |= (uint64_t)1 << order[i];
    return mask;
}

void emit_emit(struct emit *e, const struct ir_stmt *s)
{
    const struct plan_event *v = plan_event_of(e, s->event);
    const struct ir_expr *x;
    unsigned i = 0;

    cw_open(e->w, "%s", "");
    LIST_EACH (x, &s->args)
        cw(e->w, "const %s f%u = %s;", emit_ctype(x->type), i++,
           emit_value(e, x));
    if (v) {
        cw(e->w, "struct gc_%s_event *to = %s(c, sizeof(*to), %u, %s, %s, %s);",
           name_chain(e),
           emit_branches(e->chain) ? "nflg_emit_way" : "nflg_emit", v->index,
           mask(e, v->takers & behind(e, 0)), mask(e, v->takers & behind(e, 1)),
           mask(e, v->takers));
        cw_blank(e->w);
        for (i = 0; i < s->args.n; i++)
            cw(e->w, "to->%s.f%u = f%u;", record(e, v), i, i);
        if (!s->args.n)
            cw(e->w, "(void)to;");
    }
    trace(e, s);
    cw_close(e->w, "");
}

/* ---- rules ---- */

static bool rule_drops(const struct plan_nf *n)
{
    return n->drop_slot >= 0;
}

static const struct ir_handler *ir_of(const struct plan_nf *n,
                                      const struct handler *h)
{
    const struct ir_handler *i = n->ir->handlers.first;

    while (i->source != h)
        i = i->next;
    return i;
}

const char *emit_given(struct emit *e, const struct ir_handler *h)
{
    const char *all = "";
    const struct ir_local *l;

    LIST_EACH (l, &h->locals)
        if (l->param)
            all = arena_fmt(e->arena, "%s, %s %s", all, emit_ctype(l->type),
                            name_local(e, l));
    return all;
}

bool emit_is_used(const struct emit *e, const struct plan_nf *n,
                  const struct ir_handler *h)
{
    const struct plan_event *v;
    const struct ir_handler *i;
    const struct ruleref *r;

    LIST_EACH (v, &e->chain->events)
        if (handler_takes(h->source, v->source))
            return true;
    if (h->source->raiser != RAISE_RULE)
        return h->source->raiser != RAISE_EMIT;
    LIST_EACH (i, &n->ir->handlers)
        LIST_EACH (r, &i->source->rules)
            if (r->rule == h->source && emit_is_used(e, n, i))
                return true;
    return false;
}

static const char *asks_name(struct emit *e, const struct ir_handler *h)
{
    return arena_fmt(e->arena, "gr_%s_%s%u", name_nf(e, e->nf),
                     raiser_name[h->source->raiser], h->source->index);
}

void emit_asks(struct emit *e, const struct ir_handler *h)
{
    const struct ruleref *r;
    bool packet = raiser_has_packet(h->source->raiser);

    if (!h->source->rules.n)
        return;
    cw_blank(e->w);
    cw(e->w, "/* The rules that the handler at line %u may concern. */",
       loc_linecol(h->source->loc).line);
    LIST_EACH (r, &h->source->rules)
        cw(e->w, "static void %s(struct nfl_ctx *c);",
           name_handler(e, e->nf, ir_of(e->nf, r->rule)));
    cw(e->w, "static %s %s(struct nfl_ctx *c%s)", packet ? "bool" : "void",
       asks_name(e, h), packet ? ", const struct nflg_head *h, bool on" : "");
    cw_open(e->w, "%s", "");
    LIST_EACH (r, &h->source->rules)
        cw(e->w, "%s(c);", name_handler(e, e->nf, ir_of(e->nf, r->rule)));
    if (packet && rule_drops(e->nf)) {
        cw(e->w, "if (on && nflg_dropped(c))");
        cw(e->w,
           "    return nflg_drop(c, h, ((struct gc_%s_session *)c->session)"
           "->drop[%d]);",
           name_chain(e), e->nf->drop_slot);
    } else if (packet) {
        cw(e->w, "(void)h;");
    }
    if (packet)
        cw(e->w, "return on;");
    cw_close(e->w, "");
}

const char *emit_leave_with(struct emit *e, const char *on)
{
    bool asks = e->asks && e->handler->source->rules.n;

    if (!asks)
        return e->packet ? arena_fmt(e->arena, "return %s;", on) : "return;";
    if (!e->packet)
        return arena_fmt(e->arena, "%s(c); return;", asks_name(e, e->handler));
    return arena_fmt(e->arena, "return %s(c, h, %s);", asks_name(e, e->handler),
                     on);
}

/* ---- who gets them ---- */

/* Bits of what the handler is subscribed to by that event; 0: always. */
static num_t asleep_bits(const struct handler *h, const struct event *event)
{
    const struct subscription *s;
    num_t bits = 0;

    LIST_EACH (s, &h->subscriptions) {
        if (!event_is(event, s->event))
            continue;
        if (s->bit < 0)
            return 0;
        bits |= (num_t)1 << s->bit;
    }
    return bits;
}

static void call(struct emit *e, const struct plan_nf *n,
                 const struct ir_handler *h, const struct plan_event *v)
{
    num_t bits = asleep_bits(h->source, v->source);
    const char *args = "";
    const struct ir_local *l;

    LIST_EACH (l, &h->locals)
        if (l->param)
            args =
                arena_fmt(e->arena, "%s, e->%s.f%u", args, record(e, v),
                          leaf_index(e, v->source, l->param->index, l->part));
    if (bits)
        cw(e->w, "if (c->awake & %s)", emit_num(e, bits, 64));
    cw(e->w, "%s%s(c%s);", bits ? "    " : "", name_handler(e, n, h), args);
}

static void deliver(struct emit *e, const struct plan_nf *n)
{
    const struct plan_event *v;
    const struct plan_handler *h;

    cw_blank(e->w);
    cw(e->w, "/* %s gets what waits for it, in order of emission. */",
       n->ir->source->name);
    cw(e->w, "static void gv_%s(struct nfl_ctx *c)", name_nf(e, n));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct gc_%s_events *ev = (struct gc_%s_events *)c->events;",
       name_chain(e), name_chain(e));
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw(e->w, "c->nf = %u;", n->position);
    cw(e->w, "nflg_taken(c);");
    cw_open(e->w, "for (i = 0; i < ev->all.n; i++)");
    cw(e->w, "struct gc_%s_event *e = &ev->at[i];", name_chain(e));
    cw_blank(e->w);
    cw(e->w, "if (!nflg_takes(c, &e->of))");
    cw(e->w, "    continue;");
    emit_look(e, n, "c");
    cw_open(e->w, "switch (e->of.kind)");
    LIST_EACH (v, &e->chain->events) {
        if (!(v->takers >> n->position & 1))
            continue;
        cw_out(e->w);
        cw(e->w, "case %u: /* %s */", v->index, v->source->path);
        cw_in(e->w);
        LIST_EACH (h, &n->run[RAISE_EMIT])
            if (handler_takes(h->ir->source, v->source))
                call(e, n, h->ir, v);
        cw(e->w, "break;");
    }
    cw_close(e->w, "");
    cw_close(e->w, "");
    cw_close(e->w, "");
}

static bool gets(const struct emit *e, const struct plan_nf *n)
{
    const struct plan_event *v;

    LIST_EACH (v, &e->chain->events)
        if (v->takers >> n->position & 1)
            return true;
    return false;
}

/* Something may wait for the NF when its turn comes: others emit it before, in
 * one of the directions. */
static bool may_wait(const struct emit *e, const struct plan_nf *n)
{
    uint64_t self = (uint64_t)1 << n->position, others = self - 1;
    const struct plan_event *v;

    if (e->chain->ir->source->two_way)
        others = ~self;
    LIST_EACH (v, &e->chain->events)
        if ((v->takers & self) && (v->emitters & others))
            return true;
    return false;
}

/* Whatever branch the packet took. Backwards: as the answers to flows from the
 * side. */
static void rest_of(struct emit *e, unsigned side, bool backwards)
{
    uint8_t order[64];
    unsigned n = emit_order(e->chain, side, order), at;
    const struct plan_nf *nf;

    for (unsigned i = 0; i < n; i++) {
        at = order[backwards ? n - 1 - i : i];
        LIST_EACH (nf, &e->chain->nfs)
            if (nf->position == at && gets(e, nf)) {
                cw(e->w, "if (nflg_waits(c, %u))", at);
                cw(e->w, "    gv_%s(c);", name_nf(e, nf));
            }
    }
}

static void rest_if(struct emit *e, const char *cond, unsigned side,
                    bool backwards)
{
    cw_open(e->w, "if (%s)", cond);
    rest_of(e, side, backwards);
    cw(e->w, "return;");
    cw_close(e->w, "");
}

/* What still waits further down, and then, event by event, what those get that
 * were before, and who emitted it. */
void emit_deliveries(struct emit *e)
{
    const struct plan_nf *n;
    const char *c = name_chain(e);

    if (!e->chain->events.n)
        return;
    LIST_EACH (n, &e->chain->nfs)
        if (gets(e, n))
            deliver(e, n);
    cw_blank(e->w);
    cw(e->w, "/* In the direction of what is under way. */");
    cw(e->w, "static void gc_%s_rest(struct nfl_ctx *c)", c);
    cw_open(e->w, "%s", "");
    if (emit_branches(e->chain)) {
        rest_if(e, "c->back && c->side == 0", 1, true);
        rest_if(e, "c->back", 0, true);
    }
    if (e->chain->ir->source->two_way)
        rest_if(e, "c->side == 1", 1, false);
    rest_of(e, 0, false);
    cw_close(e->w, "");
    cw_blank(e->w);
    cw(e->w, "/* The packet has left, or was dropped. */");
    cw(e->w, "static void gc_%s_after(struct nfl_ctx *c)", c);
    cw_open(e->w, "%s", "");
    cw(e->w, "struct gc_%s_events *ev = (struct gc_%s_events *)c->events;", c,
       c);
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw(e->w, "gc_%s_rest(c);", c);
    cw(e->w, "for (i = 0; i < ev->all.n; i++)");
    cw(e->w, "    if (nflg_late(c, &ev->at[i].of))");
    cw(e->w, "        gc_%s_rest(c);", c);
    cw_close(e->w, "");
}

void emit_begin(struct emit *e, const char *c)
{
    if (e->chain->events.n)
        cw(e->w, "nflg_events_begin(%s, &ev.all);", c);
}

void emit_end(struct emit *e, const char *c)
{
    if (!e->chain->events.n)
        return;
    cw(e->w, "if (ev.all.n)");
    cw(e->w, "    gc_%s_after(%s);", name_chain(e), c);
}

void emit_due(struct emit *e, const struct plan_nf *n, const char *c,
              bool packet)
{
    bool drops = packet && n->drop_slot >= 0;

    if (!may_wait(e, n))
        return;
    if (drops)
        cw_open(e->w, "if (nflg_waits(%s, %u))", c, n->position);
    else
        cw(e->w, "if (nflg_waits(%s, %u))", c, n->position);
    cw(e->w, "%sgv_%s(%s);", drops ? "" : "    ", name_nf(e, n), c);
    if (!drops)
        return;
    cw(e->w, "if (nflg_dropped(c))");
    cw(e->w, "    return nflg_drop(c, h, %s);", emit_why_dropped(e, n));
    cw_close(e->w, "");
}

/* ---- timers ---- */

void emit_timers(struct emit *e)
{
    const struct plan_timer *t;
    const struct ir_local *l;
    unsigned i = 0;

    if (!e->chain->timers.n)
        return;
    cw_blank(e->w);
    cw(e->w, "/* A timer is due in a shard. */");
    cw(e->w,
       "static void gc_%s_timer(struct nfl_worker *w, struct nfl_chain *chain, "
       "unsigned timer, unsigned shard, uint32_t periods)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_ctx c;");
    if (e->chain->events.n)
        cw(e->w, "struct gc_%s_events ev;", name_chain(e));
    cw_blank(e->w);
    cw(e->w, "nflg_enter_timer(&c, w, chain, shard);");
    emit_begin(e, "&c");
    cw(e->w, "(void)periods;");
    cw_open(e->w, "switch (timer)");
    LIST_EACH (t, &e->chain->timers) {
        bool counts = false;

        LIST_EACH (l, &t->ir->locals)
            counts |= l->param != NULL;
        cw_out(e->w);
        cw(e->w, "case %u:", i++);
        cw_in(e->w);
        cw(e->w, "c.nf = %u;", t->nf->position);
        cw(e->w, "%s(&c%s);", name_handler(e, t->nf, t->ir),
           counts ? ", periods" : "");
        cw(e->w, "break;");
    }
    cw_close(e->w, "");
    emit_end(e, "&c");
    cw_close(e->w, "");
}

void emit_timer_descs(struct emit *e)
{
    const struct plan_timer *t;

    if (!e->chain->timers.n)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_timer_desc gc_%s_timers[] = {",
       name_chain(e));
    LIST_EACH (t, &e->chain->timers)
        cw(e->w, "    {.handler = %u, .ticks = %llu, .every = %s},",
           t->ir->index, (unsigned long long)t->ticks,
           t->every ? "true" : "false");
    cw(e->w, "};");
}
