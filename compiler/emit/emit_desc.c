/* Constant descriptors: of chains, and of the module. */
#include "emit/emit.h"
#include "ir/walk.h"

const char *emit_fmt(const struct type *t)
{
    if (t->kind == TY_BOOL)
        return "NFL_FMT_BOOL";
    if (t->kind == TY_UNION)
        return "NFL_FMT_IPADDR";
    if (t->kind != TY_UINT)
        return "NFL_FMT_INT";
    return t->form == LIT_IPV4   ? "NFL_FMT_IPV4"
           : t->form == LIT_IPV6 ? "NFL_FMT_IPV6"
           : t->form == LIT_MAC  ? "NFL_FMT_MAC"
                                 : "NFL_FMT_INT";
}

/* How the values of the shards become one. */
static const char *total_of(const struct var *v)
{
    if (v->update_loc.src && v->update == UP_MAX)
        return "MAX";
    return type_is_counted(v->type) ? "SUM" : "MAX";
}

/* The variables of the sessions, or of a block. */
static void vars(struct emit *e, const char *of, const char *block,
                 const plan_vars *vars)
{
    static const char *const storage[ST_N] = {
        [ST_FLOW] = "NFL_FLOW",
        [ST_SHARED] = "NFL_SHARED",
        [ST_SPLIT] = "NFL_SPLIT",
        [ST_ATOMIC] = "NFL_ATOMIC",
    };
    const struct plan_var *v;

    if (!vars->n)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_var_desc gc_%s_%s_vars[] = {",
       name_chain(e), of);
    LIST_EACH (v, vars) {
        cw(e->w, "    {.nf = %u, .name = %s, .fmt = %s, .bytes = %u,",
           v->nf->position, cw_quote(e->arena, v->var->name),
           emit_fmt(v->var->type), v->bytes);
        if (v->var->storage != ST_FLOW)
            cw(e->w, "     .storage = %s, .total = NFL_TOTAL_%s,",
               storage[v->var->storage], total_of(v->var));
        if (v->var->bucket)
            cw(e->w, "     .bucket = %u,", v->var->bucket);
        cw(e->w, "     .offset = offsetof(struct gc_%s_%s, %s)},",
           name_chain(e), block, name_var(e, v->nf, v->var));
    }
    cw(e->w, "};");
}

static void nfs(struct emit *e)
{
    const struct plan_nf *n;

    if (!e->chain->nfs.n)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_nf_desc gc_%s_nfs[] = {", name_chain(e));
    LIST_EACH (n, &e->chain->nfs)
        cw(e->w, "    {.name = %s, .hop = %d, .drop_slot = %d},",
           cw_quote(e->arena, n->ir->source->name), n->hop, n->drop_slot);
    cw(e->w, "};");
}

static void right(struct emit *e)
{
    uint8_t order[64];
    unsigned n;

    if (!emit_branches(e->chain))
        return;
    n = emit_order(e->chain, 1, order);
    cw_blank(e->w);
    cw(e->w, "static const uint8_t gc_%s_nfs_right[] = {", name_chain(e));
    for (unsigned i = 0; i < n; i++)
        cw(e->w, "    %u,", order[i]);
    cw(e->w, "};");
}

static void handlers(struct emit *e)
{
    const struct plan_nf *n;
    const struct ir_handler *h;

    if (!e->chain->ir->n_handlers)
        return;
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_handler_desc gc_%s_handlers[] = {",
       name_chain(e));
    LIST_EACH (n, &e->chain->nfs)
        LIST_EACH (h, &n->ir->handlers)
            cw(e->w, "    {.nf = %u, .events = %s, .line = %u},", n->position,
               cw_quote(e->arena, h->source->events),
               loc_linecol(h->source->loc).line);
    cw(e->w, "};");
}

static void flows(struct emit *e)
{
    static const char *const full[] = {
        [FULL_REFUSE] = "REFUSE",
        [FULL_OLDEST] = "OLDEST",
        [FULL_IDLE] = "IDLE",
    };
    static const char *const fragments[FRAGMENTS_N] = {
        [FRAGMENTS_PASS] = "PASS",
        [FRAGMENTS_TRACK] = "TRACK",
        [FRAGMENTS_REFUSE] = "REFUSE",
        [FRAGMENTS_REASSEMBLE] = "REASSEMBLE",
    };
    const struct chain *c = e->chain->ir->source;
    const struct ownidle *o;

    if (!c->tracks)
        return;
    cw_blank(e->w);
    if (c->own.n)
        cw(e->w, "static const struct nfl_idle gc_%s_idle[] = {", c->name);
    LIST_EACH (o, &c->own)
        cw(e->w, "    {%u, %llu}, /* %s */", (unsigned)o->proto,
           (unsigned long long)o->ticks, o->name);
    if (c->own.n)
        cw(e->w, "};");
    cw(e->w, "static const struct nfl_flows_desc gc_%s_flows = {", c->name);
    cw(e->w, "    .size = %llu,", (unsigned long long)c->flows);
    cw(e->w, "    .opening = %llu,", (unsigned long long)c->opening);
    cw(e->w, "    .idle = %llu,", (unsigned long long)c->idle);
    cw(e->w, "    .closing = %llu,", (unsigned long long)c->closing);
    if (c->own.n) {
        cw(e->w, "    .own = gc_%s_idle,", c->name);
        cw(e->w, "    .n_own = %u,", c->own.n);
    }
    cw(e->w, "    .full = NFL_FULL_%s,", full[c->full]);
    if (c->fragments)
        cw(e->w, "    .fragments = NFL_FRAGMENTS_%s,", fragments[c->fragments]);
    cw(e->w, "    .entry_bytes = sizeof(struct gc_%s_session),", c->name);
    if (c->monitors)
        cw(e->w, "    .tcp = &gc_%s_tcp,", c->name);
    cw(e->w, "};");
}

/* ".field = gc_CHAIN_table, .n_field = n," if there is one. */
static void table(struct emit *e, const char *field, const char *what,
                  unsigned n)
{
    if (!n)
        return;
    cw(e->w, "    .%s = gc_%s_%s,", field, name_chain(e), what);
    cw(e->w, "    .n_%s = %u,", field, n);
}

static void chain(struct emit *e)
{
    static const char *const key[] = {
        [KEY_NONE] = "NONE",
        [KEY_TUPLE] = "TUPLE",
        [KEY_LEFT] = "LEFT",
        [KEY_RIGHT] = "RIGHT",
    };
    const struct plan_chain *c = e->chain;
    const struct chain *s = c->ir->source;

    cw_blank(e->w);
    cw(e->w, "static const struct nfl_chain_desc gc_%s_chain = {", s->name);
    cw(e->w, "    .name = %s,", cw_quote(e->arena, s->name));
    if (s->port[1])
        cw(e->w, "    .port = {%u, %u},", s->port[0]->index, s->port[1]->index);
    else
        cw(e->w, "    .port = {%u, NFL_OUT_DROP},", s->port[0]->index);
    cw(e->w, "    .two_way = %s,", s->two_way ? "true" : "false");
    cw(e->w, "    .shards = %u,", s->shards);
    cw(e->w, "    .key = NFL_KEY_%s,", key[s->key]);
    if (s->tracks)
        cw(e->w, "    .flows = &gc_%s_flows,", s->name);
    table(e, "nfs", "nfs", c->nfs.n);
    cw(e->w, "    .n_hops = %u,", c->n_hops);
    if (emit_branches(c))
        cw(e->w, "    .right = gc_%s_nfs_right,", s->name);
    table(e, "flow_vars", "flow_vars", c->flow_vars.n);
    table(e, "shared_vars", "shared_vars", c->shared_vars.n);
    if (c->shared_vars.n)
        cw(e->w, "    .shared_bytes = sizeof(struct gc_%s_shared),", s->name);
    table(e, "atomic_vars", "atomic_vars", c->atomic_vars.n);
    if (c->atomic_vars.n)
        cw(e->w, "    .atomic_bytes = sizeof(struct gc_%s_atomic),", s->name);
    table(e, "handlers", "handlers", c->ir->n_handlers);
    table(e, "timers", "timers", c->timers.n);
    if (c->timers.n)
        cw(e->w, "    .timer = gc_%s_timer,", s->name);
    table(e, "tables", "tables", c->ir->tables.n);
    table(e, "params", "params", c->ir->configs.n);
    if (c->ir->configs.n) {
        cw(e->w, "    .config = &gc_%s_config,", s->name);
        cw(e->w, "    .config_bytes = sizeof(struct gc_%s_config),", s->name);
    }
    cw(e->w, "    .n_objects = %u,", c->ir->objects.n);
    if (c->ir->objects.n) {
        cw(e->w, "    .make = gc_%s_make,", s->name);
        cw(e->w, "    .discard = gc_%s_discard,", s->name);
    }
    if (emit_has_inherit(e))
        cw(e->w, "    .inherit = gc_%s_inherit,", s->name);
    cw(e->w, "    .state = gc_%s_state,", s->name);
    if (emit_has_report(e))
        cw(e->w, "    .report = gc_%s_report,", s->name);
    if (s->group)
        cw(e->w, "    .burst = gi_%s_burst,", s->group->name);
    else
        cw(e->w, "    .burst = gc_%s_burst,", s->name);
    if (emit_holds(c))
        cw(e->w, "    .go_on = gc_%s_go_on,", s->name);
    if (c->ends)
        cw(e->w, "    .end = gc_%s_end,", s->name);
    if (c->stops)
        cw(e->w, "    .stop = gc_%s_stop,", s->name);
    cw(e->w, "};");
}

void emit_descs(struct emit *e)
{
    vars(e, "flow", "session", &e->chain->flow_vars);
    vars(e, "shared", "shared", &e->chain->shared_vars);
    vars(e, "atomic", "atomic", &e->chain->atomic_vars);
    nfs(e);
    right(e);
    emit_tables(e);
    handlers(e);
    emit_timer_descs(e);
    flows(e);
    emit_config_descs(e);
    chain(e);
}

/* ---- the module ---- */

static void reasons(struct emit *e)
{
    const struct plan_chain *c;
    const struct plan_nf *n;
    const struct plan_reason *r;

    cw(e->w, "static const struct nfl_reason_desc g_reasons[] = {");
    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (n, &c->nfs)
            LIST_EACH (r, &n->reasons) {
                cw(e->w, "    {%s, %s, %s,",
                   cw_quote(e->arena, c->ir->source->name),
                   cw_quote(e->arena, n->ir->source->name),
                   cw_quote(e->arena, r->source->text));
                cw(e->w, "     %s, %u},",
                   cw_quote(e->arena, r->source->loc.src->path),
                   loc_linecol(r->source->loc).line);
            }
    cw(e->w, "};");
}

static void ports(struct emit *e)
{
    const struct port *p;

    cw(e->w, "static const char *const g_ports[] = {");
    LIST_EACH (p, &e->plan->ir->tree->ports)
        cw(e->w, "    %s,", cw_quote(e->arena, p->name));
    cw(e->w, "};");
}

static void chains(struct emit *e)
{
    const struct plan_chain *c;

    cw(e->w, "static const struct nfl_chain_desc *const g_chains[] = {");
    LIST_EACH (c, &e->plan->chains)
        cw(e->w, "    &gc_%s_chain,", c->ir->source->name);
    cw(e->w, "};");
}

/* Absolute, so that file() is found from wherever the program is started. */
static const char *srcdir(struct emit *e)
{
    return cw_quote(e->arena, source_folder(e->arena, e->plan->ir->tree->main));
}

struct count {
    struct ir_visit visit;
    unsigned n;
};

static void count_made(struct ir_visit *v, const struct ir_stmt *s)
{
    ((struct count *)v)->n += s->op == IR_make;
}

/* Packets that NFs of a chain make of one, at most: a statement runs once, and
 * once more for the one that turned around. */
static unsigned makes(const struct plan *p)
{
    const struct plan_chain *c;
    const struct plan_nf *n;
    const struct ir_handler *h;
    unsigned most = 0;

    LIST_EACH (c, &p->chains) {
        struct count count = {.visit = {NULL, count_made}};

        LIST_EACH (n, &c->nfs)
            LIST_EACH (h, &n->ir->handlers)
                ir_walk_handler(&count.visit, h);
        count.n *= emit_turns(c) ? 2 : 1;
        most = count.n > most ? count.n : most;
    }
    return most;
}

void emit_module(struct emit *e)
{
    const struct tree *t = e->plan->ir->tree;

    cw_blank(e->w);
    cw(e->w, "/* ---- the program ---- */");
    cw_blank(e->w);
    if (e->plan->n_reasons)
        reasons(e);
    if (t->ports.n)
        ports(e);
    if (e->plan->chains.n)
        chains(e);
    cw_blank(e->w);
    cw(e->w, "const struct nfl_module nfl_module = {");
    cw(e->w, "    .abi = NFL_MODULE_ABI,");
    cw(e->w, "    .name = %s,", cw_quote(e->arena, e->program));
    if (t->chains.n && t->chains.first->implied)
        cw(e->w, "    .brief = true,");
    if (e->plan->ir->edits)
        cw(e->w, "    .room = NFLG_ROOM,");
    if (makes(e->plan))
        cw(e->w, "    .makes = %u,", makes(e->plan));
    cw(e->w, "    .srcdir = %s,", srcdir(e));
    cw(e->w, "    .cpu = NFLG_CPU,");
    cw(e->w, "    .features = NFLG_FEATURES,");
    cw(e->w, "    .ports = %s,", t->ports.n ? "g_ports" : "NULL");
    cw(e->w, "    .n_ports = %u,", t->ports.n);
    cw(e->w, "    .chains = %s,", e->plan->chains.n ? "g_chains" : "NULL");
    cw(e->w, "    .n_chains = %u,", e->plan->chains.n);
    cw(e->w, "    .reasons = %s,", e->plan->n_reasons ? "g_reasons" : "NULL");
    cw(e->w, "    .n_reasons = %u,", e->plan->n_reasons);
    cw(e->w, "    .tuple = g_tuple,");
    cw(e->w, "};");
}
