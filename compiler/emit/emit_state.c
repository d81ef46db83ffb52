/* State as C structs, and the numbers of drop reasons. */
#include "emit/emit.h"

void emit_reasons(struct emit *e)
{
    const struct plan_chain *c;
    const struct plan_nf *n;
    const struct plan_reason *r;

    if (!e->plan->n_reasons)
        return;
    cw_blank(e->w);
    cw(e->w, "/* Why packets are dropped. */");
    cw_open(e->w, "enum");
    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (n, &c->nfs)
            LIST_EACH (r, &n->reasons)
                cw(e->w, "%s = NFL_DROP_N + %u, /* %s */",
                   name_reason(e, n, r->source), r->index,
                   cw_comment(e->arena, r->source->text));
    cw_close(e->w, ";");
}

static const char *storage(const struct plan_var *v)
{
    if (v->var->type->kind == TY_BOOL)
        return "bool";
    if (v->var->type->kind == TY_UNION)
        return "struct nfl_ipaddr";
    return v->bytes == 1   ? "uint8_t"
           : v->bytes == 2 ? "uint16_t"
           : v->bytes == 4 ? "uint32_t"
           : v->bytes == 8 ? "uint64_t"
                           : "nfl_u128";
}

static void vars(struct emit *e, const plan_vars *vars)
{
    const struct plan_var *v;

    LIST_EACH (v, vars) {
        if (v == vars->first)
            cw_open(e->w, "struct");
        cw(e->w, "%s %s;", storage(v), name_state(e->arena, v->var));
        if (v->next && v->next->nf == v->nf)
            continue;
        cw_close(e->w, arena_fmt(e->arena, " %s;", name_member(e, v->nf)));
        if (v->next)
            cw_open(e->w, "struct");
    }
}

static void session(struct emit *e)
{
    const struct plan_chain *c = e->chain;
    const char *more = "";

    if (emit_tcp_more(e))
        more = arena_fmt(e->arena, " + %u * NFL_TCP_BYTES", emit_tcp_more(e));

    cw_blank(e->w);
    cw(e->w, "/* A flow of chain %s. */", name_chain(e));
    cw_open(e->w, "struct gc_%s_session", name_chain(e));
    cw(e->w, "struct nfl_session session;");
    if (c->n_hops)
        cw(e->w, "uint8_t set[%u];", c->n_hops);
    if (c->n_drop_slots)
        cw(e->w, "uint16_t drop[%u];", c->n_drop_slots);
    if (c->n_exit_slots)
        cw(e->w, "uint8_t exit[%u];", c->n_exit_slots);
    if (plan_tcp_sleeps(c))
        cw(e->w, "bool slept;");
    if (plan_row_sums(e->plan, c))
        cw(e->w, "uint16_t row[2][%u];", plan_row_sums(e->plan, c));
    emit_kept_types(e);
    vars(e, &c->flow_vars);
    emit_tcp_members(e);
    cw_close(e->w, ";");
    cw(e->w, "_Static_assert(sizeof(struct gc_%s_session) ==", name_chain(e));
    cw(e->w, "                   NFL_SESSION_BYTES + %u%s,",
       plan_flow_adds(e->plan, c), more);
    cw(e->w, "               \"nflc explain says so\");");
}

static void block(struct emit *e, const plan_vars *of, const char *name,
                  unsigned align, const char *what)
{
    cw_blank(e->w);
    cw(e->w, "/* Of %s of chain %s. */", what, name_chain(e));
    cw_open(e->w, "struct gc_%s_%s", name_chain(e), name);
    vars(e, of);
    cw_close(e->w,
             arena_fmt(e->arena, " __attribute__((aligned(%u)));", align));
}

void emit_state(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* ---- chain %s ---- */", name_chain(e));
    emit_config_block(e);
    if (e->chain->ir->source->tracks)
        session(e);
    if (e->chain->shared_vars.n)
        block(e, &e->chain->shared_vars, "shared", 16, "a shard");
    if (e->chain->atomic_vars.n)
        block(e, &e->chain->atomic_vars, "atomic", 64, "all shards");
}
