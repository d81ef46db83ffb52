/* Accesses to tables: the key in words, the call, what it found. */
#include "emit/emit.h"
#include "ir/walk.h"
#include <stdlib.h>

/* ---- the key ---- */

static void put(struct emit *e, const char **words, unsigned at,
                const char *text)
{
    const char **w = &words[at / 64];

    if (at % 64)
        text = arena_fmt(e->arena, "%s << %u", text, at % 64);
    *w = *w ? arena_fmt(e->arena, "%s | %s", *w, text) : text;
}

/* A number of more than 64 bits, given as text that may stand twice. */
static void put_wide(struct emit *e, const char **words, unsigned at,
                     const char *text)
{
    put(e, words, at, arena_fmt(e->arena, "(uint64_t)%s", text));
    put(e, words, at + 64, arena_fmt(e->arena, "(uint64_t)(%s >> 64)", text));
}

static void put_const(struct emit *e, const char **words,
                      const struct emit_spot *s, const struct ir_expr *x)
{
    put(e, words, s->at, emit_num(e, x->num & UINT64_MAX, 64));
    if (s->bits > 64)
        put(e, words, s->at + 64, emit_num(e, x->num >> 64, 64));
    if (x->type.kind == IR_ADDR)
        put(e, words, s->v6, x->v6 ? "1ull" : "0ull");
}

/* x in a variable of its own, unless it is one. */
static const char *once(struct emit *e, const struct ir_expr *x)
{
    const char *name;

    if (x->op == IR_local)
        return emit_value(e, x);
    name = arena_fmt(e->arena, "x%u", ++e->temps);
    cw(e->w, "const %s %s = %s;", emit_ctype(x->type), name, emit_value(e, x));
    return name;
}

static void put_part(struct emit *e, const char **words,
                     const struct emit_spot *s, const struct ir_expr *x)
{
    const char *text;

    if (ir_is_const(x)) {
        put_const(e, words, s, x);
    } else if (x->type.kind == IR_ADDR) {
        text = once(e, x);
        put_wide(e, words, s->at, arena_fmt(e->arena, "%s.a", text));
        put(e, words, s->v6, arena_fmt(e->arena, "(uint64_t)%s.v6", text));
    } else if (s->bits > 64) {
        put_wide(e, words, s->at, once(e, x));
    } else {
        text = emit_operand(e, x, PREC_UNARY);
        put(e, words, s->at,
            emit_carrier(s->bits) == 64 && x->type.kind == IR_NUM
                ? text
                : arena_fmt(e->arena, "(uint64_t)%s", text));
    }
}

/* The row that a key finds. */
static const char *find_call(struct emit *e, const struct ir_stmt *s)
{
    const char *key = emit_key_words(e, s->args.first);

    return arena_fmt(e->arena, "nfs_rows_find(%s, %s)", emit_value(e, s->self),
                     key);
}

const char *emit_entry_call(struct emit *e, const struct ir_stmt *s)
{
    const struct emit_spot *spots;
    unsigned words, i = 0, k;
    const char **text;
    const char *all = "";
    const struct ir_expr *x;

    if (!s->table)
        return find_call(e, s);
    k = ++e->temps;
    spots = emit_spots(e, s->table, &words);
    text = arena_alloc(e->arena, words * sizeof(*text));
    LIST_EACH (x, &s->args)
        put_part(e, text, &spots[i++], x);
    for (i = 0; i < words; i++)
        all = arena_fmt(e->arena, "%s%s%s", all, i ? ", " : "", text[i]);
    cw(e->w, "const uint64_t k%u[] = {%s};", k, all);
    return arena_fmt(e->arena, "nflg_table_%s(c, %u, k%u, %u)",
                     s->op == IR_table_set                          ? "set"
                     : s->op == IR_table_update || s->op == IR_cell ? "update"
                     : s->op == IR_table_remove                     ? "remove"
                                                                    : "find",
                     s->table->index, k, words);
}

/* ---- what it found ---- */

const char *emit_entry_local(struct emit *e, const struct ir_stmt *s,
                             const char *call)
{
    const char *name = arena_fmt(e->arena, "e%u", ++e->temps);

    cw(e->w, "%s%s *%s = %s;",
       s->op == IR_table_read || !s->table ? "const " : "",
       s->table ? emit_entry_type(e, s->table)
                : emit_row_type(e, s->self->object),
       name, call);
    return name;
}

static const char *part(struct emit *e, const char *entry, struct ir_type t,
                        unsigned i)
{
    bool small = t.kind == IR_NUM && t.bits <= 16;

    return arena_fmt(e->arena, "%s%s->v%u", small ? "(uint32_t)" : "", entry,
                     i);
}

void emit_table_has(struct emit *e, const struct ir_stmt *s)
{
    const char *call = emit_entry_call(e, s);

    cw_at(e->w, s->loc);
    if (s->local->used)
        cw(e->w, "bool %s = %s != NULL;", name_local(e, s->local), call);
    else
        cw(e->w, "(void)%s;", call);
}

void emit_find_has(struct emit *e, const struct ir_stmt *s)
{
    emit_table_has(e, s);
}

void emit_table_remove(struct emit *e, const struct ir_stmt *s)
{
    const char *call = emit_entry_call(e, s);

    cw_at(e->w, s->loc);
    cw(e->w, "%s;", call);
}

/* Is the result used, or does its `or` look at atomic state? Such looks are
 * counted, in their order. */
static bool is_wanted(const struct ir_result *r)
{
    return r->local->used || ir_asks(r->other, IR_atomic_var);
}

static bool any_used(const struct ir_stmt *s)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results)
        if (is_wanted(r))
            return true;
    return false;
}

/* or VALUE: one of both. */
static void read_or(struct emit *e, const struct ir_stmt *s, const char *found)
{
    const struct ir_result *r;
    unsigned i = s->part;

    LIST_EACH (r, &s->results) {
        if (is_wanted(r))
            cw(e->w, "%s %s = %s ? %s : %s;", emit_ctype(r->local->type),
               name_local(e, r->local), found,
               part(e, found, r->local->type, i),
               emit_operand(e, r->other, PREC_LOR));
        if (is_wanted(r) && !r->local->used)
            cw(e->w, "(void)%s;", name_local(e, r->local));
        i++;
    }
}

/* or VALUE, where statements come before the value. */
static void read_else(struct emit *e, const struct ir_stmt *s,
                      const char *found)
{
    const struct ir_result *r;
    unsigned i = s->part;

    LIST_EACH (r, &s->results)
        cw(e->w, "%s %s = %s;", emit_ctype(r->local->type),
           name_local(e, r->local),
           r->local->type.kind == IR_ADDR ? "{0, 0}" : "0");
    cw_open(e->w, "if (%s)", found);
    LIST_EACH (r, &s->results)
        cw(e->w, "%s = %s;", name_local(e, r->local),
           part(e, found, r->local->type, i++));
    cw_out(e->w);
    cw(e->w, "} else {");
    cw_in(e->w);
    emit_block(e, s->other);
    LIST_EACH (r, &s->results)
        cw_any(e->w, "%s = %s;", name_local(e, r->local),
               emit_value(e, r->other));
    cw_close(e->w, "");
    LIST_EACH (r, &s->results)
        if (!r->local->used)
            cw(e->w, "(void)%s;", name_local(e, r->local));
}

/* or a block that ends the handler. */
static void read_leave(struct emit *e, const struct ir_stmt *s,
                       const char *found)
{
    const struct ir_result *r;
    unsigned i = s->part;

    emit_branch(e, s, arena_fmt(e->arena, "!%s", found), s->other);
    cw_at(e->w, s->loc);
    LIST_EACH (r, &s->results) {
        if (r->local->used)
            cw(e->w, "%s %s = %s;", emit_ctype(r->local->type),
               name_local(e, r->local), part(e, found, r->local->type, i));
        i++;
    }
}

void emit_table_read(struct emit *e, const struct ir_stmt *s)
{
    const char *call = emit_entry_call(e, s), *found;

    cw_at(e->w, s->loc);
    if (!any_used(s) && !s->other->stmts.n) {
        cw(e->w, "(void)%s;", call);
        return;
    }
    found = emit_entry_local(e, s, call);
    if (!s->results.first->other)
        read_leave(e, s, found);
    else if (s->other->stmts.n)
        read_else(e, s, found);
    else
        read_or(e, s, found);
}

void emit_find(struct emit *e, const struct ir_stmt *s)
{
    emit_table_read(e, s);
}

/* ---- setting and updating ---- */

/* True if nothing has to be done with the entry, and nothing if there is
 * none. */
static bool is_call(const struct ir_stmt *s)
{
    return s->op == IR_table_set && !s->values.n &&
           (!s->other || !s->other->stmts.n);
}

/* Calls, and leads to what is done where there is an entry: directly, or in
 * the branch that must be closed (true). */
static bool make(struct emit *e, const struct ir_stmt *s, const char **name)
{
    const char *call = emit_entry_call(e, s), *no;

    cw_at(e->w, s->loc);
    *name = NULL;
    if (is_call(s)) {
        cw(e->w, "(void)%s;", call);
        return false;
    }
    if (!s->values.n && s->op == IR_table_set) {
        emit_branch(e, s, arena_fmt(e->arena, "!%s", call), s->other);
        return false;
    }
    *name = emit_entry_local(e, s, call);
    no = arena_fmt(e->arena, "!%s", *name);
    if (!s->other)
        return false;
    if (emit_block_leaves(s->other)) {
        emit_branch(e, s, no, s->other);
        cw_at(e->w, s->loc);
        return false;
    }
    if (s->other->stmts.n) {
        cw_open(e->w, "if (%s)", no);
        emit_block(e, s->other);
        cw_out(e->w);
        cw_at(e->w, s->loc);
        cw(e->w, "} else {");
        cw_in(e->w);
    } else {
        cw_open(e->w, "if (%s)", *name);
    }
    return true;
}

void emit_table_set(struct emit *e, const struct ir_stmt *s)
{
    const struct ir_expr *v;
    const char *name;
    unsigned i = s->part;
    bool branch = make(e, s, &name);

    LIST_EACH (v, &s->values)
        cw(e->w, "%s->v%u = %s;", name, i++, emit_value(e, v));
    if (branch)
        cw_close(e->w, "");
}

/* True if v is the value OP something, in a width that is stored as it is. */
static bool adds(const struct ir_expr *v)
{
    unsigned bits = v->type.bits;

    return (v->op == IR_add || v->op == IR_sub) && v->a->op == IR_entry &&
           (bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128);
}

void emit_table_update(struct emit *e, const struct ir_stmt *s)
{
    const struct ir_expr *v = s->value;
    bool branch;

    if (!v) {
        emit_table_set(e, s);
        return;
    }
    branch = make(e, s, &e->entry);
    if (adds(v))
        cw(e->w, "%s->v%u %s %s;", e->entry, s->part,
           v->op == IR_add ? "+=" : "-=", emit_value(e, v->b));
    else
        cw(e->w, "%s->v%u = %s;", e->entry, s->part, emit_value(e, v));
    if (branch)
        cw_close(e->w, "");
}

struct cexpr emit_entry(struct emit *e, const struct ir_expr *x)
{
    struct cexpr c = {part(e, e->entry, x->type, x->part), PREC_UNARY};

    return c;
}

/* ---- the key of a call ---- */

/* Each part by itself: a number of up to 64 bits is a word, a wider one two,
 * an address two and its family. */
static const char *add_words(struct emit *e, const char *to,
                             const struct ir_expr *x, unsigned *n)
{
    const char *v;

    if (x->type.kind == IR_ADDR) {
        *n += 3;
        if (ir_is_const(x))
            return arena_fmt(e->arena, "%s%s, %s, %u", to,
                             emit_num(e, x->num & UINT64_MAX, 64),
                             emit_num(e, x->num >> 64, 64), x->v6);
        v = once(e, x);
        return arena_fmt(e->arena,
                         "%s(uint64_t)%s.a, (uint64_t)(%s.a >> 64), %s.v6", to,
                         v, v, v);
    }
    if (emit_carrier(x->type.bits) <= 64 || x->type.kind == IR_BOOL) {
        *n += 1;
        return arena_fmt(e->arena, "%s%s", to, emit_value(e, x));
    }
    *n += 2;
    if (ir_is_const(x))
        return arena_fmt(e->arena, "%s%s, %s", to,
                         emit_num(e, x->num & UINT64_MAX, 64),
                         emit_num(e, x->num >> 64, 64));
    v = once(e, x);
    return arena_fmt(e->arena, "%s(uint64_t)%s, (uint64_t)(%s >> 64)", to, v,
                     v);
}

const char *emit_key_words(struct emit *e, const struct ir_expr *key)
{
    const struct ir_item *i;
    const char *text = "";
    unsigned n = 0, k;

    LIST_EACH (i, &key->items) {
        text = add_words(e, text, i->lo, &n);
        if (i->next)
            text = arena_fmt(e->arena, "%s, ", text);
    }
    k = ++e->temps;
    cw(e->w, "const uint64_t k%u[] = {%s};", k, text);
    return arena_fmt(e->arena, "k%u, %u", k, n);
}

struct cexpr emit_words(struct emit *e, const struct ir_expr *x)
{
    (void)e;
    (void)x;
    abort(); /* only an argument, which emit_key_words writes */
}
