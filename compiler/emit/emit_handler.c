/* Handlers: one function each, true if the packet goes on. */
#include "emit/emit.h"
#include "ir/walk.h"

struct uses { /* what the function needs to name */
    struct ir_visit visit;
    const struct emit *e;
    bool packet, session, shared, atomic, config;
};

static void see_expr(struct ir_visit *v, const struct ir_expr *x)
{
    struct uses *u = (struct uses *)v;

    u->packet |=
        x->op == IR_packet || x->op == IR_field || x->op == IR_bytes ||
        (x->op == IR_has && !(u->e->row && u->e->row->there[x->number]));
    u->session |= x->op == IR_flow_var;
    u->shared |= x->op == IR_shared_var;
    u->atomic |= x->op == IR_atomic_var;
    u->config |= x->op == IR_config;
}

static void see_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct uses *u = (struct uses *)v;

    u->config |= emit_flips_ask(u->e, s);
    u->packet |= s->op == IR_store_field || s->op == IR_drop ||
                 s->op == IR_drop_flow || s->op == IR_encap ||
                 s->op == IR_decap || s->op == IR_sums_now || s->op == IR_make;
    u->session |= s->op == IR_store_flow || s->op == IR_drop_flow ||
                  s->op == IR_goto_flow;
    u->shared |= s->op == IR_store_shared;
    if (s->op == IR_cell && s->var) {
        u->session |= s->var->storage == ST_FLOW;
        u->shared |= s->var->storage != ST_FLOW;
    }
    u->atomic |= s->op == IR_update_atomic;
}

struct results {
    struct ir_visit visit;
    struct emit *e;
    unsigned n;
};

static void see_result(struct ir_visit *v, const struct ir_stmt *s)
{
    struct results *r = (struct results *)v;

    if (s->op != IR_call || !ir_by_pointer(s))
        return;
    emit_results(r->e, s);
    r->n += s->results.n;
}

/* What is left of it on the fast path. */
static void walk(const struct emit *e, struct ir_visit *v,
                 const struct ir_handler *h)
{
    if (e->row)
        row_walk_handler(e->row, v, h);
    else
        ir_walk_handler(v, h);
}

static void begin(struct emit *e, const struct ir_handler *h)
{
    struct results r = {{NULL, see_result}, e, 0};
    struct uses u = {.visit = {see_expr, see_stmt},
                     .e = e,
                     .session = e->row && row_reads(e->row, h)};
    const char *chain = name_chain(e);
    const struct ir_local *l;

    walk(e, &u.visit, h);
    if (u.session)
        cw(e->w,
           "struct gc_%s_session *s = (struct gc_%s_session *)c->session;",
           chain, chain);
    if (u.shared)
        cw(e->w, "struct gc_%s_shared *sh = nflg_shared(c, sizeof(*sh));",
           chain);
    if (u.atomic)
        cw(e->w, "struct gc_%s_atomic *at = nflg_atomic(c);", chain);
    if (u.config)
        emit_config_local(e, "c->chain");
    walk(e, &r.visit, h);
    if (u.session || u.shared || u.atomic || u.config || r.n)
        cw_blank(e->w);
    if (u.config && e->row) /* who asks it may be kept */
        cw(e->w, "(void)cf;");
    if (e->packet && !u.packet && !h->source->rules.n)
        cw(e->w, "(void)h;");
    if (h == e->chain->ir->filter)
        cw(e->w, "(void)c;");
    LIST_EACH (l, &h->locals)
        if (l->param && !l->used)
            cw(e->w, "(void)%s;", name_local(e, l));
}

static void from(struct emit *e, const struct handler *h)
{
    static const char *const who[] = {
        [FROM_CLIENT] = "client", [FROM_SERVER] = "server"};
    const char *text = "";

    if (h->from != FROM_ANY)
        text = arena_fmt(e->arena, " %s %s", h->other ? "at" : "from",
                         h->from == FROM_SIDE ? h->side : who[h->from]);
    cw_blank(e->w);
    cw(e->w, "/* %s: on %s%s (%s:%u) */", e->nf->ir->source->name, h->events,
       text, cw_comment(e->arena, h->loc.src->path), loc_linecol(h->loc).line);
}

static bool ends(const struct ir_block *b)
{
    enum ir_op op = b && b->stmts.last ? b->stmts.last->op : IR_if;

    return op == IR_return || op == IR_drop || op == IR_drop_flow;
}

static const struct plan_share *shares_of(const struct emit *e,
                                          const struct ir_handler *h)
{
    const struct plan_handler *p;

    LIST_EACH (p, &e->nf->run[h->source->raiser])
        if (p->ir == h)
            return p->shares;
    return NULL;
}

/* Leaves where another NF looked before. */
static void shared(struct emit *e, const struct ir_handler *h)
{
    const struct plan_share *s = shares_of(e, h);

    for (unsigned side = 0; s && side < 2; side++) {
        const char *cond = "";

        if (!s[side].with)
            continue;
        if (s[side].cond)
            cond = arena_fmt(e->arena, " && %s",
                             emit_operand(e, s[side].cond, PREC_LAND));
        cw(e->w, "if (c->side == %u%s)", side, cond);
        cw(e->w, "    return true; /* %s has looked */",
           s[side].with->ir->source->name);
    }
}

/* The function; emit.row says for which path. */
static void handler(struct emit *e, const struct ir_handler *h)
{
    const char *name = name_handler(e, e->nf, h);

    if (e->row)
        name = emit_kept_name(e, e->nf, h, e->side);
    e->handler = h;
    e->packet = raiser_has_packet(h->source->raiser);
    e->temps = 0;
    cw_home(e->w);
    from(e, h->source);
    cw(e->w, "static %s %s(struct nfl_ctx *c%s%s)", e->packet ? "bool" : "void",
       name, e->packet ? ", struct nflg_head *h" : "", emit_given(e, h));
    cw_open(e->w, "%s", "");
    begin(e, h);
    e->asks = false;
    emit_block(e, h->guard);
    cw_at(e->w, h->source->loc);
    if (h->when) {
        cw(e->w, "if (%s)", emit_negation(e, h->when).text);
        cw_in(e->w);
        cw_any(e->w, "return%s;", e->packet ? " true" : "");
        cw_out(e->w);
    }
    cw_home(e->w);
    cw(e->w, "nflg_run(c, %u);", h->index);
    shared(e, h);
    if (h->body->stmts.first) {
        cw_at(e->w, h->body->stmts.first->loc);
        cw(e->w, "nflg_here();");
    }
    e->asks = true;
    emit_block(e, h->body);
    cw_home(e->w);
    if ((e->packet || h->source->rules.n) && !ends(h->body))
        cw(e->w, "%s", emit_leave_with(e, "true"));
    cw_close(e->w, "");
}

static void handlers(struct emit *e, const struct ir_handler *h)
{
    emit_asks(e, h);
    handler(e, h);
    for (e->side = 0; e->side < 2; e->side++)
        if (emit_is_kept(e, h, e->side)) {
            e->row = &e->plan->rows[e->side];
            handler(e, h);
            e->row = NULL;
        }
}

void emit_handlers(struct emit *e)
{
    const struct plan_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &e->chain->nfs) {
        e->nf = n;
        LIST_EACH (h, &n->ir->handlers)
            if (emit_is_used(e, n, h))
                handlers(e, h);
    }
    cw_home(e->w);
}

/* The condition of the chain. */
void emit_filter(struct emit *e)
{
    const struct ir_handler *h = e->chain->ir->filter;
    struct loc at = e->chain->ir->source->filter_loc;

    if (!h)
        return;
    e->handler = h;
    e->nf = NULL;
    e->packet = true;
    e->temps = 0;
    e->asks = false;
    cw_blank(e->w);
    cw(e->w, "/* Does %s take a packet? (%s:%u) */", name_chain(e),
       cw_comment(e->arena, at.src->path), loc_linecol(at).line);
    cw(e->w, "static bool gc_%s_takes(struct nfl_ctx *c, struct nflg_head *h)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    begin(e, h);
    emit_block(e, h->guard);
    cw_at(e->w, h->when->loc);
    cw_any(e->w, "return %s;", emit_value(e, h->when));
    cw_home(e->w);
    cw_close(e->w, "");
}
