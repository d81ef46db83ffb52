/* Calls of cells: functions in C that get the settings, the numbers of the
 * cell by pointers, and the arguments. */
#include "emit/emit.h"

/* ", &e1->v0, &e1->v1", or the variables of the NF. */
static const char *numbers(struct emit *e, const struct ir_stmt *s,
                           const char *entry)
{
    const struct var *v = s->var;
    const char *t = "";
    unsigned i;

    for (i = 0; i < s->member->object->numbers; i++) {
        if (entry) {
            t = arena_fmt(e->arena, "%s, &%s->v%u", t, entry, i);
            continue;
        }
        t = arena_fmt(e->arena, "%s, &%s->%s", t,
                      v->storage == ST_FLOW ? "s" : "sh",
                      name_var(e, e->nf, v));
        v = v->next;
    }
    return t;
}

/* How many values are settings, which come before the numbers. */
static unsigned settings(const struct object *o)
{
    const struct param *p;
    unsigned n = 0;

    LIST_EACH (p, &o->params)
        n += p->optional ? 2 : 1;
    return n;
}

static const char *call(struct emit *e, const struct ir_stmt *s,
                        const char *entry)
{
    const struct object *o = s->member->object;
    const char *t =
        arena_fmt(e->arena, "nfs_%s_%s(c", o->name, s->member->name);
    unsigned i = 0, before = settings(o);
    const struct ir_expr *v;

    if (before == 0)
        t = arena_fmt(e->arena, "%s%s", t, numbers(e, s, entry));
    LIST_EACH (v, &s->values) {
        t = arena_fmt(e->arena, "%s, %s", t, emit_value(e, v));
        if (++i == before)
            t = arena_fmt(e->arena, "%s%s", t, numbers(e, s, entry));
    }
    return arena_fmt(e->arena, "%s)", t);
}

/* A function without a result; `entry` may be NULL, and so may be the one that
 * it names, where the table refuses. */
static void no_result(struct emit *e, const struct ir_stmt *s,
                      const char *entry, bool refuses)
{
    const char *text = call(e, s, entry);
    const char *no = arena_fmt(e->arena, "!%s", text);

    if (!s->member->fails && !refuses) {
        cw(e->w, "%s;", text);
        return;
    }
    if (refuses && s->member->fails)
        no = arena_fmt(e->arena, "!%s || !%s", entry, text);
    if (s->member->fails && s->other->stmts.n) {
        emit_branch(e, s, no, s->other);
    } else if (s->member->fails && !refuses) {
        cw(e->w, "(void)%s;", text);
    } else if (s->member->fails || !s->other->stmts.n) {
        cw_open(e->w, "if (%s)", entry);
        cw(e->w, "%s%s;", s->member->fails ? "(void)" : "", text);
        cw_close(e->w, "");
    } else {
        cw_open(e->w, "if (%s)", entry);
        cw(e->w, "%s;", text);
        cw_out(e->w);
        cw(e->w, "} else {");
        cw_in(e->w);
        emit_block(e, s->other);
        cw_close(e->w, "");
    }
}

/* What is handed out where the table refuses is the statement's other value. */
static void or_value(struct emit *e, const struct ir_stmt *s, const char *entry)
{
    const struct ir_result *r = s->results.first;
    const char *name = name_local(e, r->local);

    cw(e->w, "%s %s = 0;", emit_ctype(r->local->type), name);
    cw_open(e->w, "if (%s)", entry);
    cw(e->w, "%s = %s;", name, emit_fit(e, call(e, s, entry), r->local->type));
    cw_out(e->w);
    cw(e->w, "} else {");
    cw_in(e->w);
    emit_block(e, s->other);
    cw_any(e->w, "%s = %s;", name, emit_value(e, r->other));
    cw_close(e->w, "");
    if (!r->local->used)
        cw(e->w, "(void)%s;", name);
}

/* A number; where the table refuses there is none. */
static void result(struct emit *e, const struct ir_stmt *s, const char *entry,
                   bool refuses)
{
    const struct ir_result *r = s->results.first;
    bool used = r->local->used;

    if (refuses && r->other) {
        or_value(e, s, entry);
        return;
    }
    if (refuses && (used || emit_block_leaves(s->other))) {
        emit_branch(e, s, arena_fmt(e->arena, "!%s", entry), s->other);
        cw_at(e->w, s->loc);
    } else if (refuses) {
        no_result(e, s, entry, refuses);
        return;
    }
    if (used)
        emit_keep(e, r->local, call(e, s, entry));
    else
        cw(e->w, "(void)%s;", call(e, s, entry));
}

void emit_cell(struct emit *e, const struct ir_stmt *s)
{
    bool refuses = s->table && s->table->var->table->full == FULL_REFUSE;
    const char *entry = NULL;

    if (s->table)
        entry = emit_entry_local(e, s, emit_entry_call(e, s));
    if (s->results.n)
        result(e, s, entry, refuses);
    else
        no_result(e, s, entry, refuses);
}
