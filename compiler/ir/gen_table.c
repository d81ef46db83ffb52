/* Tables and the accesses to them. Each access is a statement, since it may
 * restart the time of the entry. */
#include "ir/gen.h"
#include "ir/walk.h"

static const num_t ns_per_tick = 1000000;

struct look { /* at an expression */
    struct ir_visit visit;
    bool atomic; /* it reads atomic state */
};

void gen_tables(struct gen *g)
{
    const struct position *p = g->nf->source;
    const struct var *v;

    LIST_EACH (v, &p->nf->vars) {
        struct ir_table *t;

        if (v->type->kind != TY_TABLE)
            continue;
        t = ARENA_NEW(g->arena, struct ir_table);
        t->index = g->chain->tables.n;
        t->var = v;
        t->nf = g->nf;
        t->size = position_value(p, v->table->size);
        if (v->table->time)
            t->ticks = position_value(p, v->table->time) / ns_per_tick;
        gen_const(g, v->table->key, NULL, v->loc, &t->key);
        if (v->table->value)
            gen_const(g, v->table->value, NULL, v->loc, &t->value);
        LIST_ADD(&g->chain->tables, t);
    }
}

static struct ir_table *table_of(const struct gen *g, const struct var *v)
{
    struct ir_table *t;

    LIST_EACH (t, &g->chain->tables)
        if (t->nf == g->nf && t->var == v)
            return t;
    return NULL;
}

/* How many numbers and addresses a value of the type is made of. */
static unsigned leaves(const struct type *t)
{
    const struct part *p;
    unsigned n = 0;

    if (t->kind != TY_TUPLE)
        return 1;
    LIST_EACH (p, &t->parts)
        n += leaves(p->type);
    return n;
}

/* The member of the value that e is about: its type, and its first part. */
static const struct type *member(const struct texpr *e, unsigned *first)
{
    const struct type *t =
        e->var ? e->var->table->value : e->member->object->rows->value;
    const struct part *p;

    *first = 0;
    for (unsigned i = 0; i < e->depth; i++) {
        p = t->parts.first;
        for (unsigned k = 0; k < e->path[i]; k++) {
            *first += leaves(p->type);
            p = p->next;
        }
        t = p->type;
    }
    return t;
}

static void see_atomic(struct ir_visit *v, const struct ir_expr *e)
{
    struct look *l = (struct look *)v;

    l->atomic |= e->op == IR_atomic_var;
}

/* Adds the parts of a key or of a value. What other shards may change is read
 * before the access, whatever comes of it. */
static void parts(struct gen *g, const struct texpr *e, bool keep, ir_exprs *to)
{
    struct ir_expr *p, *next;
    ir_exprs list = {0};

    gen_parts(g, e, &list);
    for (p = list.first; p; p = next) {
        struct look look = {{see_atomic, NULL}, keep};

        next = p->next;
        ir_walk_expr(&look.visit, p);
        if (look.atomic)
            p = gen_keep(g, p);
        LIST_ADD(to, p);
    }
}

/* The statement, without what becomes of its result. */
static struct ir_stmt *access(struct gen *g, const struct texpr *e)
{
    static const enum ir_op ops[] = {
        [ACCESS_HAS] = IR_table_has,    [ACCESS_READ] = IR_table_read,
        [ACCESS_SET] = IR_table_set,    [ACCESS_UPDATE] = IR_table_update,
        [ACCESS_PUT] = IR_table_update, [ACCESS_REMOVE] = IR_table_remove,
    };
    ir_exprs key = {0}, values = {0};
    struct ir_stmt *s;

    parts(g, e->a, e->b && gen_has_call(e->b), &key);
    if (e->b)
        parts(g, e->b, false, &values);
    s = gen_add(g, ops[e->access], e->loc);
    s->table = table_of(g, e->var);
    s->args = key;
    s->values = values;
    return s;
}

struct ir_expr *gen_table_has(struct gen *g, const struct texpr *e)
{
    struct ir_stmt *s = access(g, e);

    s->local = gen_local(g, "found", ir_bool());
    return ir_read(g, s->local, e->loc);
}

/* The value becomes itself op what is written. */
static void update(struct gen *g, struct ir_stmt *s, const struct texpr *e)
{
    struct ir_type type = ir_type_of(member(e, &s->part));
    struct ir_expr *old = ir_node(g, IR_entry, type, e->loc);

    old->part = s->part;
    s->value =
        ir_binary(g, ir_op_of(e->op), type, old, s->values.first, e->loc);
    s->values.first = s->values.last = NULL;
    s->values.n = 0;
}

void gen_table_stmt(struct gen *g, const struct tstmt *t)
{
    const struct texpr *e = t->value;
    struct ir_stmt *s = access(g, e);
    const struct type *type = NULL;

    s->loc = t->loc;
    if (e->var->table->value)
        type = member(e, &s->part);
    if (e->access == ACCESS_UPDATE)
        update(g, s, e);
    if (e->access == ACCESS_READ)
        gen_results(g, s, type, t->local->name, &g->locals[t->local->index]);
    if (access_fails(e->var->table, e->access))
        gen_alternative(g, s, t);
}

void gen_find(struct gen *g, struct ir_stmt *s, const struct tstmt *t)
{
    const struct type *type = member(t->value, &s->part);

    s->op = IR_find;
    s->loc = t->loc;
    gen_results(g, s, type, t->local->name, &g->locals[t->local->index]);
    gen_alternative(g, s, t);
}

/* ---- cells ---- */

/* Settings, then arguments. An optional one says whether it was given. */
static void cell_values(struct gen *g, const struct targ *a, struct loc loc,
                        ir_exprs *to)
{
    struct ir_expr *given;

    for (; a; a = a->next) {
        if (a->param->optional) {
            given = ir_const(g, ir_bool(), a->value != NULL, loc);
            LIST_ADD(to, given);
        }
        if (a->value)
            parts(g, a->value, false, to);
        else
            gen_const(g, a->param->type, NULL, loc, to);
    }
}

static bool any_call(const struct targ *a)
{
    for (; a; a = a->next)
        if (gen_has_call(a->value))
            return true;
    return false;
}

void gen_cell_stmt(struct gen *g, const struct tstmt *t)
{
    const struct texpr *e = t->value;
    ir_exprs key = {0}, values = {0}, unused = {0};
    struct ir_stmt *s;

    if (e->a)
        parts(g, e->a->a, any_call(e->args.first), &key);
    cell_values(g, e->cell->args.first, t->loc, &values);
    cell_values(g, e->args.first, t->loc, &values);
    s = gen_add(g, IR_cell, t->loc);
    s->member = e->member;
    s->table = e->a ? table_of(g, e->a->var) : NULL;
    s->var = e->cell->first;
    s->args = key;
    s->values = values;
    gen_results(g, s, e->member->type,
                t->local ? t->local->name : e->member->name,
                t->local ? &g->locals[t->local->index] : &unused);
    if (cell_fails(e))
        gen_alternative(g, s, t);
}
