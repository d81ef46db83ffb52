/* Statements, handlers, and the way of a packet through a chain: LANGUAGE.md,
 * "What a packet does". */
#include "interp/exec.h"
#include "base/arena.h"
#include "base/mem.h"
#include "interp/course.h"
#include "interp/early.h"
#include "interp/eval.h"
#include "interp/made.h"
#include "interp/monitor.h"
#include "interp/order.h"
#include "interp/packet.h"
#include "interp/schedule.h"
#include "interp/table.h"
#include "interp/wait.h"
#include "interp/way.h"
#include "interp/world.h"
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

/* How a statement ended. */
enum outcome { GOES_ON, RETURNED, DROPPED };

static enum outcome exec_block(struct moment *m, const struct tblock *b);

static struct ival variable_of(const struct moment *m, const struct var *v)
{
    if (!v)
        return (struct ival){0};
    if (v->storage == ST_FLOW)
        return m->session->vars[m->station->at->index][v->index];
    return station_shared(m->world, m->station, m->shard)[v->index];
}

static void assign_var(struct moment *m, const struct var *v, struct ival x)
{
    if (v->storage == ST_FLOW)
        m->session->vars[m->station->at->index][v->index] = x;
    else if (v->storage == ST_ATOMIC)
        m->station->atomic[v->index] = x;
    else
        station_shared(m->world, m->station, m->shard)[v->index] = x;
}

static void assign_field(struct moment *m, const struct field *f, num_t u)
{
    const struct layer *l = packet_layer(m->packet, f->header);

    if (!l)
        abort(); /* the types promise that the header is there */
    layer_set(m->packet, l, f, u);
}

/* A call, or an access to a table, with what happens if it fails. */
static enum outcome exec_call(struct moment *m, const struct tstmt *s)
{
    bool holds = s->kind == TS_CALL && s->value->member->holds;
    struct ival x;

    if (holds)
        packet_settle(m->packet);
    if (s->kind == TS_TABLE ? !table_access(m, s->value, &x)
                            : !eval_call(m, s->value, &x)) {
        if (s->alt)
            return exec_block(m, s->alt);
        if (!s->alt_value)
            return GOES_ON;
        x = eval(m, s->alt_value);
    }
    if (s->local)
        m->locals[s->local->index] = x;
    if (!holds)
        return GOES_ON;
    m->reason = &packet_waits;
    return DROPPED;
}

static enum outcome exec_drop(struct moment *m, const struct tstmt *s)
{
    if (s->opened)
        m->session->refused = true;
    if (s->flow)
        m->session->dropped[m->station->at->index] = s->reason;
    m->reason = s->reason;
    return DROPPED;
}

static void stack_values(struct moment *m, const struct tstack *s,
                         num_t *values)
{
    const struct tlayer *l;
    const struct tset *set;

    LIST_EACH (l, &s->layers) {
        LIST_EACH (set, &l->sets) {
            *values++ = eval(m, set->value).u;
        }
    }
    if (s->up)
        *values = eval(m, s->up).u;
}

/* False if the headers cannot be added, or removed. */
static bool exec_stack(struct moment *m, const struct tstmt *s)
{
    num_t values[STACK_MAX * MAX_HEADER_BYTES + 1];

    stack_values(m, s->stack, values);
    if (s->kind == TS_DECAP)
        return packet_decap(m->packet, s->stack);
    return packet_encap(m->packet, s->stack, values);
}

/* Atomic state, where the order of operations is given; false if s is none. */
static bool exec_ordered(struct moment *m, const struct tstmt *s)
{
    const struct tstmt *set = s;
    const struct texpr *e = s->value;

    if (!m->world->order || s->update == UP_SET)
        return false;
    if (s->kind == TS_IF) {
        set = s->body->stmts.first;
        for (; e->kind == TE_BINARY && e->op == OP_LAND; e = e->b)
            if (!eval_true(m, e->a))
                return true;
        e = set->value;
    } else if (s->var->storage != ST_ATOMIC) {
        return false;
    } else {
        e = e->b;
    }
    order_update(m, set->var, s->update, eval(m, e).u);
    return true;
}

/* Nothing is made in answer to what was made. */
static void exec_make(struct moment *m, const struct tstmt *s)
{
    num_t values[STACK_MAX * MAX_HEADER_BYTES + 1];
    struct ival data = {0};

    if (m->packet->generated)
        return;
    if (stack_turns(s->stack)) {
        packet_settle(m->packet);
        made_turn(m, (size_t)s->most);
        return;
    }
    stack_values(m, s->stack, values);
    if (s->value)
        data = eval(m, s->value);
    made_ask(m, s, values, (size_t)data.u, (size_t)(data.hi - data.u));
}

static enum outcome exec_stmt(struct moment *m, const struct tstmt *s)
{
    if (exec_ordered(m, s))
        return GOES_ON;
    switch (s->kind) {
    case TS_LET:
        m->locals[s->local->index] = eval(m, s->value);
        return GOES_ON;
    case TS_FIELD:
        assign_field(m, s->field, eval(m, s->value).u);
        return GOES_ON;
    case TS_VAR:
        assign_var(m, s->var, eval(m, s->value));
        return GOES_ON;
    case TS_IF:
        if (eval_true(m, s->value))
            return exec_block(m, s->body);
        return s->other ? exec_block(m, s->other) : GOES_ON;
    case TS_ENCAP:
    case TS_DECAP:
        return exec_stack(m, s) ? GOES_ON : exec_block(m, s->alt);
    case TS_MAKE:
        exec_make(m, s);
        return GOES_ON;
    case TS_DROP:
        return exec_drop(m, s);
    case TS_RETURN:
        return RETURNED;
    case TS_GOTO:
        way_choose(m, s->exit, s->flow);
        return GOES_ON;
    case TS_CALL:
    case TS_TABLE:
        return exec_call(m, s);
    case TS_EMIT:
        course_emit(m, s);
        return GOES_ON;
    }
    abort();
}

static enum outcome exec_block(struct moment *m, const struct tblock *b)
{
    const struct tstmt *s;
    enum outcome o = GOES_ON;

    LIST_EACH (s, &b->stmts) {
        o = exec_stmt(m, s);
        if (o != GOES_ON)
            break;
    }
    return o;
}

/* ---- handlers ---- */

static bool from_holds(const struct moment *m, const struct handler *h)
{
    switch (h->from) {
    case FROM_ANY:
        return true;
    case FROM_CLIENT:
        return m->session && !m->back;
    case FROM_SERVER:
        return m->session && m->back;
    case FROM_SIDE:
        return (strcmp(h->side, m->chain->chain->side[m->side]) == 0) !=
               h->other;
    }
    abort();
}

static void trace(const struct moment *m, const struct handler *h)
{
    if (!m->world->trace)
        return;
    nfl_trace_event(m->world->trace, m->world->packets, m->world->now,
                    m->chain->chain->name, m->station->at->name, h->events,
                    loc_linecol(h->loc).line,
                    m->session ? &m->session->t0 : NULL);
}

/* A rule holds now; false if it did before. */
static bool begins(struct moment *m, const struct handler *h, bool holds)
{
    bool held = variable_of(m, h->fired).u != 0;

    if (!h->fired)
        return holds;
    assign_var(m, h->fired, (struct ival){.u = holds});
    return holds && !held;
}

static unsigned place_of(const struct handler *h)
{
    const struct handler *i;
    unsigned place = 0;

    for (i = h->nf->handlers.first; i != h; i = i->next)
        place++;
    return place;
}

/* Runs a handler where it has to; true if it ran. */
static bool run(struct moment *m, const struct handler *h)
{
    struct ival *locals;
    const struct local *l;
    bool runs;

    if ((h->needs_flow && !m->session) || !from_holds(m, h))
        return false;
    locals = mem_zeroed(h->locals.n + 1, sizeof(*locals));
    m->locals = locals;
    LIST_EACH (l, &h->locals) {
        if (l->param && m->given)
            locals[l->index] = m->given[l->param->index];
    }
    runs = !h->when || eval_true(m, h->when);
    if (h->raiser == RAISE_RULE)
        runs = begins(m, h, runs);
    if (runs) {
        trace(m, h);
        m->station->runs[place_of(h)]++;
        exec_block(m, h->body);
    }
    m->locals = NULL;
    free(locals);
    arena_free(m->world->scratch);
    m->world->scratch = arena_new();
    return runs;
}

void exec_handler(struct moment *m, const struct handler *h)
{
    const struct reason *reason;
    const struct ruleref *r;

    if (!run(m, h))
        return;
    reason = m->reason;
    LIST_EACH (r, &h->rules)
        run(m, r->rule);
    if (reason)
        m->reason = reason;
}

void exec_look(struct moment *m)
{
    const struct nf *nf = m->station->at->nf;

    m->awake = nf->awake;
    if (nf->switched && m->session)
        m->awake ^=
            m->session->vars[m->station->at->index][nf->switched->index].u;
}

static bool is_awake(const struct moment *m, const struct handler *h,
                     const struct event *e)
{
    const struct subscription *s;

    LIST_EACH (s, &h->subscriptions)
        if (event_is(e, s->event) && (s->bit < 0 || m->awake >> s->bit & 1))
            return true;
    return false;
}

void raise_emitted(struct moment *m, const struct event *e)
{
    const struct handler *h;

    exec_look(m);
    LIST_EACH (h, &m->station->at->nf->handlers)
        if (h->raiser == RAISE_EMIT && is_awake(m, h, e))
            exec_handler(m, h);
}

/* The handlers of the NF at hand that one event raises, until one drops. */
static void raise_event(struct moment *m, enum raiser raiser)
{
    const struct handler *h;
    enum rank rank = RANK_PACKET;

    exec_look(m);
    LIST_EACH (h, &m->station->at->nf->handlers) {
        if (h->raiser != raiser || (m->reason && !raiser_closes(raiser)))
            continue;
        if (h->rank != rank)
            exec_look(m);
        rank = h->rank;
        exec_handler(m, h);
    }
}

/* ---- a packet at an NF ---- */

bool station_passes(struct moment *m)
{
    unsigned k = m->station->at->index;
    struct session *s = m->session;

    m->exit = 0;
    m->reason = s ? s->dropped[k] : NULL;
    if (m->reason)
        return false;
    if (s && m->back)
        session_undo(s, k, m->packet);
    if (s && !s->seen[k]) {
        s->seen[k] = true;
        raise_event(m, RAISE_NEW);
    }
    if (!m->reason)
        course_visit(m);
    if (s && !m->reason)
        m->reason = s->dropped[k];
    if (!m->reason)
        raise_event(m, RAISE_PACKET);
    if (m->reason)
        return false;
    monitor_repeats(m);
    if (s && !m->back)
        session_translate(s, k, m->packet);
    return true;
}

void moment_dropped(const struct moment *m)
{
    if (m->reason != &packet_waits)
        m->station->drops[m->reason->index]++;
}

/* ---- without a packet ---- */

static bool judges(const struct nf *nf)
{
    const struct handler *h;

    LIST_EACH (h, &nf->handlers)
        if (h->raiser == RAISE_CONFIG)
            return true;
    return false;
}

static void raise_to_station(struct moment *m, enum raiser raiser)
{
    unsigned k = m->station->at->index;

    m->reason = NULL;
    if (!m->session->seen[k])
        return;
    if (raiser == RAISE_CONFIG && judges(m->station->at->nf))
        m->session->dropped[k] = NULL;
    raise_event(m, raiser);
}

/* Raises something without a packet, in chain order from the initiator. */
static void raise_to_flow(struct world *w, struct session *s,
                          enum raiser raiser)
{
    struct passage *c = s->chain;
    struct moment m = {.world = w,
                       .chain = c,
                       .session = s,
                       .shard = s->shard,
                       .side = s->side};
    struct course course;

    course_begin(&m, &course);
    for (unsigned i = 0; i < c->n; i++) {
        m.station = &c->stations[c->order[s->side][i]];
        if (raiser_closes(raiser))
            course_visit(&m);
        raise_to_station(&m, raiser);
        if (raiser == RAISE_CONFIG)
            course_visit(&m);
    }
    course_end(&m);
}

void passage_end(struct world *w, struct session *s)
{
    raise_to_flow(w, s, RAISE_END);
}

void passage_stop(struct world *w, struct session *s)
{
    raise_to_flow(w, s, RAISE_STOP);
}

/* ---- the way of a packet ---- */

bool passage_enter(struct moment *m)
{
    struct passage *c = m->chain;
    struct world *w = m->world;
    struct packet *p = m->packet;
    unsigned side = m->side;

    if (c->chain->tracks && p->has_flow && p->quotes) {
        m->session = session_find(c, &p->tuple, side, &m->back);
        m->shard = shard_of(w, c, &p->tuple, side);
        p->has_flow = m->session != NULL;
    } else if (c->chain->tracks && p->has_flow && p->later) {
        m->session = session_find(c, &p->tuple, side, &m->back);
        w->drops[OWN_DROP_fragment_flow] += !m->session;
        if (!m->session)
            return false;
        m->shard = m->session->shard;
    } else if (c->chain->tracks && p->has_flow) {
        m->session = session_of(w, c, p, side, &m->back);
        if (!m->session)
            return false;
        m->shard = m->session->shard;
    } else if (p->has_flow) {
        m->shard = shard_of(w, c, &p->tuple, side);
    }
    if (m->session && m->session->config_age != c->config_age) {
        m->session->config_age = c->config_age;
        raise_to_flow(w, m->session, RAISE_CONFIG);
    }
    if (early_holds(m))
        return false;
    monitor_sees(m);
    return true;
}

bool moment_leaves(struct moment *m)
{
    if (!m->chain->chain->port[1] || !monitor_unfit(m))
        return true;
    m->world->drops[OWN_DROP_unfit]++;
    return false;
}

bool passage_way(struct moment *m, struct course *course)
{
    struct schedule *schedule = m->chain->schedule[m->side];
    bool passes;

    course_begin(m, course);
    /* A schedule counts its drops itself. */
    passes = schedule ? schedule_run(m, schedule) : way_passes(m);
    if (passes && moment_leaves(m))
        packet_checksums(m->packet);
    else if (passes)
        passes = false;
    else if (!schedule)
        moment_dropped(m);
    return passes;
}

void passage_behind(struct moment *m)
{
    course_end(m);
    made_pass(m);
    if (m->session && m->session->refused)
        session_end(m->world, m->session);
}

bool passage_run(struct world *w, struct passage *c, struct packet *p,
                 unsigned side)
{
    struct moment m = {.world = w, .chain = c, .packet = p, .side = side};
    struct course course;
    uint64_t flow;
    bool passes;

    if (!passage_enter(&m))
        return false;
    flow = m.session ? m.session->number : 0;
    passes = passage_way(&m, &course);
    passage_behind(&m);
    waiting_go_on(w, c);
    early_enter(w, c, flow, m.back);
    return passes;
}
