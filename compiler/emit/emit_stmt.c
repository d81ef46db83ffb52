/* Statements. Each one's lines belong to its place in the source. */
#include "emit/emit.h"

void emit_statement(struct emit *e, const struct ir_stmt *s)
{
    static emit_stmt_fn *const table[IR_OP_N] = {
#define EXPR(name, operands, result)
#define STMT(name) [IR_##name] = emit_##name,
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
    };

    if (e->row && e->row->skips[s->number]) {
        emit_cuts(e, s);
        return;
    }
    cw_at(e->w, s->loc);
    table[s->op](e, s);
}

void emit_block(struct emit *e, const struct ir_block *b)
{
    const struct ir_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            emit_statement(e, s);
}

void emit_let(struct emit *e, const struct ir_stmt *s)
{
    const char *local = name_local(e, s->local);

    cw(e->w, "%s %s = %s;", emit_ctype(s->local->type), local,
       emit_value(e, s->value));
    if (!s->local->used || e->row) /* who used it may be kept */
        cw_any(e->w, "(void)%s;", local);
}

void emit_set(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "%s = %s;", name_local(e, s->local), emit_value(e, s->value));
}

void emit_store_field(struct emit *e, const struct ir_stmt *s)
{
    const struct field *f = s->field;
    const char *covers = emit_covers(e, f);

    if (f->cond) {
        cw(e->w, "nflg_set_optional(h, %s, gf_%s_%s, %u, %s);",
           name_header(e, f->header), (f->real ? f->real : f)->header->name,
           f->name, f->bits, emit_value(e, s->value));
        return;
    }
    cw(e->w, "nflg_%s(h, %s, %u, %u, %s%s%s);", covers ? "store" : "set",
       name_header(e, f->header), f->bit_off, f->bits, emit_value(e, s->value),
       covers ? ", " : "", covers ? covers : "");
}

void emit_sums_now(struct emit *e, const struct ir_stmt *s)
{
    (void)s;
    cw(e->w, "nflg_settle(h, &g_sums);");
}

/* True if v is var OP something, in a width that is stored as it is. */
static bool updates(const struct var *var, const struct ir_expr *v)
{
    unsigned bits = v->type.kind == IR_NUM ? v->type.bits : 0;

    return (v->op == IR_add || v->op == IR_sub) && v->a->var == var &&
           (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

static void store(struct emit *e, const struct ir_stmt *s, const char *base)
{
    const char *var =
        arena_fmt(e->arena, "%s->%s", base, name_var(e, e->nf, s->var));
    const struct ir_expr *v = s->value;

    if (updates(s->var, v))
        cw(e->w, "%s %s %s;", var,
           v->op == IR_add ? "+=" : "-=", emit_value(e, v->b));
    else
        cw(e->w, "%s = %s;", var, emit_value(e, v));
}

void emit_store_flow(struct emit *e, const struct ir_stmt *s)
{
    store(e, s, "s");
    emit_flips(e, s);
}

void emit_store_shared(struct emit *e, const struct ir_stmt *s)
{
    store(e, s, "sh");
}

void emit_update_atomic(struct emit *e, const struct ir_stmt *s)
{
    static const char *const name[] = {
        [UP_ADD] = "add", [UP_SUB] = "sub", [UP_OR] = "or",
        [UP_AND] = "and", [UP_MAX] = "max", [UP_MIN] = "min",
    };

    cw(e->w, "nflg_atomic_%s(c, &at->%s, %s);", name[s->update],
       name_var(e, e->nf, s->var), emit_value(e, s->value));
}

/* A branch that is one statement which leaves, in the same line of the source:
 * it stays in one line of C. */
static bool short_branch(const struct ir_stmt *s, const struct ir_block *b)
{
    const struct ir_stmt *only = b->stmts.first;

    if (b->stmts.n != 1 || (only->op != IR_drop && only->op != IR_drop_flow &&
                            only->op != IR_return))
        return false;
    return only->loc.src == s->loc.src &&
           loc_linecol(only->loc).line == loc_linecol(s->loc).line;
}

bool emit_block_leaves(const struct ir_block *b)
{
    const struct ir_stmt *l = b->stmts.last;

    if (!l)
        return false;
    if (l->op == IR_if)
        return l->other && emit_block_leaves(l->body) &&
               emit_block_leaves(l->other);
    return l->op == IR_return || l->op == IR_drop || l->op == IR_drop_flow;
}

void emit_branch(struct emit *e, const struct ir_stmt *s, const char *cond,
                 const struct ir_block *b)
{
    const struct ir_stmt *only = b->stmts.first;

    if (short_branch(s, b)) {
        cw(e->w, "if (%s) { %s }", cond, emit_leave(e, only));
        return;
    }
    cw_open(e->w, "if (%s)", cond);
    emit_block(e, b);
    cw_close(e->w, "");
}

/* else if (...) where a branch holds nothing but another `if`. */
void emit_if(struct emit *e, const struct ir_stmt *s)
{
    if (!s->other || !s->other->stmts.n) {
        emit_branch(e, s, emit_value(e, s->value), s->body);
        return;
    }
    cw_open(e->w, "if (%s)", emit_value(e, s->value));
    emit_block(e, s->body);
    while (s->other && s->other->stmts.n == 1 &&
           s->other->stmts.first->op == IR_if) {
        s = s->other->stmts.first;
        cw_out(e->w);
        cw_at(e->w, s->loc);
        cw_open(e->w, "} else if (%s)", emit_value(e, s->value));
        emit_block(e, s->body);
    }
    if (s->other && s->other->stmts.n) {
        cw_out(e->w);
        cw_any(e->w, "} else {");
        cw_in(e->w);
        emit_block(e, s->other);
    }
    cw_close(e->w, "");
}

/* The statements that end a handler. */
const char *emit_leave(struct emit *e, const struct ir_stmt *s)
{
    if (s->op == IR_drop && !s->reason)
        return emit_leave_with(e, "nflg_waits_now(h)");
    if (s->op == IR_drop)
        return emit_leave_with(e, arena_fmt(e->arena, "nflg_drop(c, h, %s)",
                                            name_reason(e, e->nf, s->reason)));
    if (s->op == IR_drop_flow && !e->packet)
        return arena_fmt(e->arena, "nflg_drop_later(c, &s->drop[%d], %s); %s",
                         e->nf->drop_slot, name_reason(e, e->nf, s->reason),
                         emit_leave_with(e, "true"));
    if (s->op == IR_drop_flow)
        return emit_leave_with(
            e, arena_fmt(e->arena, "nflg_drop_flow(c, h, &s->drop[%d], %s)",
                         e->nf->drop_slot, name_reason(e, e->nf, s->reason)));
    return emit_leave_with(e, "true");
}

void emit_drop(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "%s", emit_leave(e, s));
}

void emit_drop_flow(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "%s", emit_leave(e, s));
}

void emit_end_flow(struct emit *e, const struct ir_stmt *s)
{
    (void)s;
    cw(e->w, "nflg_end_later(c);");
}

void emit_goto(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "c->exit = %u;", s->part);
}

/* A flow that has passed branches of which one translates stays. */
void emit_goto_flow(struct emit *e, const struct ir_stmt *s)
{
    int slot = e->nf->exit_slot;

    cw(e->w, "if (s->exit[%d] != NFLG_NO_EXIT)", slot);
    cw_any(e->w, "    s->exit[%d] = %u;", slot, s->part);
}

void emit_return(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "%s", emit_leave(e, s));
}
