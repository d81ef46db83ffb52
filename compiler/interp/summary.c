/* The rows of the report and the lines of the final state, in the order that
 * runtime/flow/summary.h and nfl/trace.h say. */
#include "interp/summary.h"
#include "base/arena.h"
#include "interp/object.h"
#include "interp/world.h"
#include <string.h>

enum { TUPLE_TEXT = 128, NUMBER_TEXT = 64 };

static const char *const own_reason[OWN_DROP_N] = {
#define DROP(name, text, sentence) text,
#include <nfl/drop.def>
#undef DROP
};

static bool is_scalar(const struct var *v, enum storage storage)
{
    return v->storage == storage && v->type->kind != TY_OBJECT &&
           v->type->kind != TY_TABLE;
}

/* ---- the report ---- */

/* How many rows there are at most: more than enough for each list. */
static unsigned most_rows(const struct world *w)
{
    unsigned n = OWN_DROP_N + w->n_passages;

    for (unsigned i = 0; i < w->n_passages; i++) {
        for (unsigned k = 0; k < w->passages[i].n; k++) {
            const struct nf *nf = w->passages[i].stations[k].at->nf;

            n += nf->reasons.n + nf->handlers.n + nf->vars.n;
        }
    }
    return n;
}

static void add_drop(struct nfl_report *r, const char *chain, const char *nf,
                     const char *reason, uint64_t packets)
{
    r->drops[r->n_drops++] =
        (struct nfl_report_drop){chain, nf, reason, packets};
}

/* A full table is its chain's matter; the rest is before any chain. */
static void own_drops(const struct world *w, struct nfl_report *r)
{
    for (unsigned d = OWN_DROP_none + 1; d < OWN_DROP_N; d++) {
        if (d != OWN_DROP_table_full) {
            add_drop(r, NULL, NULL, own_reason[d], w->drops[d]);
            r->drops[r->n_drops - 1].end =
                d == OWN_DROP_end || d == OWN_DROP_fragment_joined;
            continue;
        }
        for (unsigned i = 0; i < w->n_passages; i++) {
            if (w->passages[i].chain->tracks)
                add_drop(r, w->passages[i].chain->name, NULL, own_reason[d],
                         w->passages[i].refused);
        }
    }
}

static void flow_row(const struct passage *c, struct nfl_report *r)
{
    r->made += c->made;
    r->held += c->held;
    if (!c->chain->tracks)
        return;
    r->flows[r->n_flows++] = (struct nfl_report_flows){
        .chain = c->chain->name,
        .size = (uint64_t)c->chain->flows,
        .opened = c->opened,
        .ended = c->ended,
        .evicted = c->evicted,
        .refused = c->refused,
        .live = c->sessions.n,
    };
}

static void handler_rows(const struct passage *c, const struct station *st,
                         struct nfl_report *r)
{
    const struct handler *h;
    unsigned place = 0;

    LIST_EACH (h, &st->at->nf->handlers) {
        r->handlers[r->n_handlers++] = (struct nfl_report_handler){
            .chain = c->chain->name,
            .nf = st->at->name,
            .events = h->events,
            .line = loc_linecol(h->loc).line,
            .runs = st->runs[place++],
        };
    }
}

/* Of all shards. */
static uint64_t merged(const struct passage *c, const struct station *st,
                       const struct var *v, bool max)
{
    uint64_t all = 0;

    if (v->storage == ST_ATOMIC)
        return (uint64_t)st->atomic[v->index].u;
    for (unsigned s = 0; s < c->chain->shards; s++) {
        uint64_t one = st->shared[s] ? (uint64_t)st->shared[s][v->index].u : 0;

        all = !max ? all + one : one > all ? one : all;
    }
    return all;
}

static void table_rows(const struct passage *c, const struct station *st,
                       struct nfl_report *r)
{
    const struct tab *t;

    LIST_EACH (t, &st->tables) {
        r->tables[r->n_tables++] = (struct nfl_report_table){
            .chain = c->chain->name,
            .nf = st->at->name,
            .name = t->var->name,
            .size = t->size,
            .entries = table_entries(t),
            .added = t->added,
            .evicted = t->evicted,
            .refused = t->refused,
        };
        table_top(t, r->top, &r->tables[r->n_tables - 1]);
    }
}

static void value_rows(const struct passage *c, const struct station *st,
                       bool atomic, struct nfl_report *r)
{
    const struct var *v;

    LIST_EACH (v, &st->at->nf->vars) {
        bool max = !type_is_counted(v->type) ||
                   (v->update_loc.src && v->update == UP_MAX);

        if (v->type->kind == TY_OBJECT || v->table || v->storage == ST_FLOW ||
            (v->storage == ST_ATOMIC) != atomic)
            continue;
        r->values[r->n_values++] = (struct nfl_report_value){
            .chain = c->chain->name,
            .nf = st->at->name,
            .name = v->name,
            .storage = storage_name[v->storage],
            .merge = v->storage != ST_SPLIT ? NULL
                     : max                  ? "max"
                                            : "sum",
            .value = merged(c, st, v, max),
            .bucket = v->bucket,
        };
    }
}

static const struct var *var_named(const struct nf *nf, const char *name)
{
    const struct var *v;

    LIST_EACH (v, &nf->vars)
        if (strcmp(v->name, name) == 0)
            return v;
    return NULL;
}

static void object_rows(const struct passage *c, const struct station *st,
                        struct nfl_report *r)
{
    const struct thing *t;

    LIST_EACH (t, &st->things) {
        struct nfl_report_object who = {c->chain->name, st->at->name, t->name,
                                        NULL};

        if (!t->kind->report)
            continue;
        who.storage = storage_name[var_named(st->at->nf, t->name)->storage];
        t->kind->report(t->self, r, &who);
    }
}

void summary_report(const struct world *w, struct nfl_report *r)
{
    unsigned n = most_rows(w);

    r->drops = arena_alloc(w->arena, n * sizeof(*r->drops));
    r->flows = arena_alloc(w->arena, n * sizeof(*r->flows));
    r->handlers = arena_alloc(w->arena, n * sizeof(*r->handlers));
    r->values = arena_alloc(w->arena, n * sizeof(*r->values));
    r->tables = arena_alloc(w->arena, n * sizeof(*r->tables));
    own_drops(w, r);
    for (unsigned i = 0; i < w->n_passages; i++) {
        const struct passage *c = &w->passages[i];

        flow_row(c, r);
        for (unsigned k = 0; k < c->n; k++) {
            const struct station *st = &c->stations[k];
            const struct reason *why;

            LIST_EACH (why, &st->at->nf->reasons) {
                add_drop(r, c->chain->name, st->at->name, why->text,
                         st->drops[why->index]);
            }
            handler_rows(c, st, r);
            table_rows(c, st, r);
        }
        for (unsigned k = 0; k < c->n; k++)
            value_rows(c, &c->stations[k], false, r);
        for (unsigned k = 0; k < c->n; k++)
            value_rows(c, &c->stations[k], true, r);
    }
    for (unsigned i = 0; i < w->n_passages; i++)
        for (unsigned k = 0; k < w->passages[i].n; k++)
            object_rows(&w->passages[i], &w->passages[i].stations[k], r);
}

/* ---- the final state ---- */

enum nfl_fmt value_format(const struct type *t, const struct ival *x)
{
    if (t->kind == TY_BOOL)
        return NFL_FMT_BOOL;
    if (t->kind == TY_UNION)
        return value_format(t->alt[x->alt], x);
    if (t->kind != TY_UINT)
        return NFL_FMT_INT;
    switch (t->form) {
    case LIT_IPV4:
        return NFL_FMT_IPV4;
    case LIT_IPV6:
        return NFL_FMT_IPV6;
    case LIT_MAC:
        return NFL_FMT_MAC;
    default:
        return NFL_FMT_INT;
    }
}

static char *value_text(const struct type *t, const struct ival *x, char *buf)
{
    return nfl_num_text(x->u, value_format(t, x), buf, NUMBER_TEXT);
}

static void flow_vars(const struct session *s, const char *t0,
                      struct nfl_state *to)
{
    char text[NUMBER_TEXT];
    const struct var *v;

    for (unsigned k = 0; k < s->chain->n; k++) {
        const struct position *at = s->chain->stations[k].at;

        LIST_EACH (v, &at->nf->vars) {
            if (is_scalar(v, ST_FLOW))
                nfl_state_add(to, "flow %s %s var %s %s %s",
                              s->chain->chain->name, t0, at->name, v->name,
                              value_text(v->type, &s->vars[k][v->index], text));
        }
    }
}

static void flow_lines(const struct session *s, struct nfl_state *to)
{
    const char *chain = s->chain->chain->name;
    char t0[TUPLE_TEXT], tn[TUPLE_TEXT];
    const struct lease *l;

    nfl_tuple_text(&s->t0, t0, sizeof(t0));
    nfl_tuple_text(&s->tn, tn, sizeof(tn));
    nfl_state_add(to, "flow %s %s leaves %s shard %u expires %llu", chain, t0,
                  tn, s->shard, (unsigned long long)s->expires);
    flow_vars(s, t0, to);
    for (unsigned k = 0; k < s->chain->n; k++) {
        if (s->dropped[k])
            nfl_state_add(to, "flow %s %s dropped %s %s", chain, t0,
                          s->chain->stations[k].at->name, s->dropped[k]->text);
    }
    LIST_EACH (l, &s->leases) {
        nfl_state_add(to, "flow %s %s lease %s %s %llu", chain, t0, l->at->name,
                      l->name, (unsigned long long)l->value);
    }
}

static void shared_lines(const struct passage *c, const struct station *st,
                         struct nfl_state *to)
{
    char text[NUMBER_TEXT];
    const struct var *v;

    for (unsigned s = 0; s < c->chain->shards; s++) {
        if (!st->shared[s])
            continue;
        LIST_EACH (v, &st->at->nf->vars) {
            const struct ival *x = &st->shared[s][v->index];

            if ((is_scalar(v, ST_SHARED) || is_scalar(v, ST_SPLIT)) &&
                (x->u || x->alt))
                nfl_state_add(to, "%s %s %u %s %s %s", storage_name[v->storage],
                              c->chain->name, s, st->at->name, v->name,
                              value_text(v->type, x, text));
        }
    }
}

static void atomic_lines(const struct passage *c, const struct station *st,
                         struct nfl_state *to)
{
    char text[NUMBER_TEXT];
    const struct var *v;

    LIST_EACH (v, &st->at->nf->vars) {
        const struct ival *x = &st->atomic[v->index];

        if (is_scalar(v, ST_ATOMIC) && x->u)
            nfl_state_add(to, "atomic %s %s %s %s", c->chain->name,
                          st->at->name, v->name, value_text(v->type, x, text));
    }
}

static void object_lines(struct arena *a, const struct passage *c,
                         const struct station *st, struct nfl_state *to)
{
    const struct thing *t;

    LIST_EACH (t, &st->things) {
        if (t->kind->state)
            t->kind->state(t->self, to,
                           arena_fmt(a, "%s %s %s", c->chain->name,
                                     st->at->name, t->name));
    }
}

static void table_lines(struct arena *a, const struct passage *c,
                        const struct station *st, struct nfl_state *to)
{
    const struct tab *t;

    LIST_EACH (t, &st->tables)
        table_state(t,
                    arena_fmt(a, "%s %s %s", c->chain->name, st->at->name,
                              t->var->name),
                    to);
}

void summary_state(const struct world *w, struct nfl_state *to)
{
    const struct session *s;

    for (unsigned i = 0; i < w->n_passages; i++) {
        const struct passage *c = &w->passages[i];

        LIST_EACH (s, &c->sessions) {
            flow_lines(s, to);
        }
        for (unsigned k = 0; k < c->n; k++) {
            shared_lines(c, &c->stations[k], to);
            atomic_lines(c, &c->stations[k], to);
            object_lines(w->arena, c, &c->stations[k], to);
            table_lines(w->arena, c, &c->stations[k], to);
        }
    }
}
