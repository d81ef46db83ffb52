/* Nodes of the syntax tree: expressions, types, statements. */
#include "front/build.h"

#include "base/arena.h"
#include "base/diag.h"
#include <string.h>

/* ---- expressions ---- */

struct ast_expr *expr_make(struct parse *p, enum ast_ekind kind, struct loc loc)
{
    struct ast_expr *e = ARENA_NEW(p->scan.arena, struct ast_expr);

    e->kind = kind;
    e->loc = loc;
    e->depth = 1;
    return e;
}

static void say_deep(struct parse *p, struct loc at, const char *what)
{
    if (!p->deep)
        diag_error(p->scan.diags, at, "%s is nested too deeply, over %d levels",
                   what, AST_DEPTH);
    p->deep = true;
}

/* e is above a part. Too deep a tree is cut off: no pass need fear for its
 * stack. */
static void expr_above(struct parse *p, struct ast_expr *e,
                       const struct ast_expr *part)
{
    if (e->depth <= part->depth)
        e->depth = part->depth + 1;
    if (e->depth <= AST_DEPTH)
        return;
    say_deep(p, e->loc, "this expression");
    e->kind = AE_LIT;
    e->lit = LIT_INT;
    e->a = e->b = NULL;
    memset(&e->args, 0, sizeof(e->args));
    e->depth = 1;
}

struct ast_expr *expr_name(struct parse *p, struct word w, struct loc loc)
{
    struct ast_expr *e = expr_make(p, AE_NAME, loc);

    e->text = w.text;
    e->text_loc = loc;
    return e;
}

struct ast_expr *expr_string(struct parse *p, struct word w, struct loc loc)
{
    struct ast_expr *e = expr_make(p, AE_LIT, loc);

    e->lit = LIT_STRING;
    e->text = w.text;
    return e;
}

struct ast_expr *expr_member(struct parse *p, enum ast_ekind kind,
                             struct ast_expr *a, struct word w, struct loc at)
{
    struct ast_expr *e = expr_make(p, kind, loc_span(a->loc, at));

    e->a = a;
    e->text = w.text;
    e->text_loc = at;
    expr_above(p, e, a);
    return e;
}

struct ast_expr *expr_call(struct parse *p, struct ast_expr *a, ast_args args,
                           struct loc end)
{
    struct ast_expr *e = expr_make(p, AE_CALL, loc_span(a->loc, end));
    struct ast_arg *arg;

    e->a = a;
    LIST_MOVE(e->args, args);
    LIST_EACH (arg, &args)
        expr_above(p, e, arg->value);
    expr_above(p, e, a);
    return e;
}

struct ast_expr *expr_index(struct parse *p, struct ast_expr *a,
                            ast_exprs items, struct loc loc)
{
    struct ast_expr *e = expr_make(p, AE_INDEX, loc);
    struct loc inner = loc_span(items.first->loc, items.last->loc);

    e->a = a;
    e->b = items.n == 1 ? items.first : expr_list(p, AE_TUPLE, items, inner);
    expr_above(p, e, a);
    expr_above(p, e, e->b);
    return e;
}

struct ast_expr *expr_unary(struct parse *p, enum ast_op op, struct ast_expr *a,
                            struct loc at)
{
    struct ast_expr *e = expr_make(p, AE_UNARY, loc_span(at, a->loc));

    e->op = op;
    e->op_loc = at;
    e->a = a;
    expr_above(p, e, a);
    return e;
}

struct ast_expr *expr_pair(struct parse *p, enum ast_ekind kind,
                           struct ast_expr *a, struct ast_expr *b,
                           struct loc at)
{
    struct ast_expr *e = expr_make(p, kind, loc_span(a->loc, b->loc));

    e->op_loc = at;
    e->a = a;
    e->b = b;
    expr_above(p, e, a);
    expr_above(p, e, b);
    return e;
}

struct ast_expr *expr_infix(struct parse *p, enum ast_op op, struct ast_expr *a,
                            struct ast_expr *b, struct loc at)
{
    struct ast_expr *e = expr_pair(p, AE_BINARY, a, b, at);

    e->op = op;
    return e;
}

struct ast_expr *expr_list(struct parse *p, enum ast_ekind kind,
                           ast_exprs items, struct loc loc)
{
    struct ast_expr *e = expr_make(p, kind, loc), *item, *next;
    struct ast_arg *arg;

    for (item = items.first; item; item = next) {
        next = item->next;
        item->next = NULL;
        arg = arg_new(p, (struct word){NULL, NULL}, item->loc, item);
        LIST_ADD(&e->args, arg);
    }
    LIST_EACH (arg, &e->args)
        expr_above(p, e, arg->value);
    return e;
}

bool expr_indexes(const struct ast_expr *e)
{
    return e->kind == AE_INDEX || (e->kind == AE_DOT && expr_indexes(e->a));
}

struct ast_arg *arg_new(struct parse *p, struct word name, struct loc loc,
                        struct ast_expr *value)
{
    struct ast_arg *a = ARENA_NEW(p->scan.arena, struct ast_arg);

    a->name = name.text;
    a->name_loc = loc;
    a->value = value;
    return a;
}

/* ---- types ---- */

struct ast_type *type_new(struct parse *p, enum ast_tkind kind, struct word w,
                          struct loc loc)
{
    struct ast_type *t = ARENA_NEW(p->scan.arena, struct ast_type);

    t->kind = kind;
    t->loc = loc;
    t->name = w.text;
    return t;
}

ast_types type_list(struct ast_type *a, struct ast_type *b)
{
    ast_types list = {0};

    LIST_ADD(&list, a);
    if (b)
        LIST_ADD(&list, b);
    return list;
}

/* The source from one place to the end of another. */
static const char *inside(struct parse *p, struct loc from, struct loc to)
{
    from = loc_span(from, to);
    return arena_strn(p->scan.arena, from.src->text + from.off, from.len);
}

struct ast_type *type_of(struct parse *p, struct word w, struct loc at,
                         ast_types parts, ast_args args, struct loc loc)
{
    enum ast_tkind kind = strcmp(w.text, "table") == 0   ? AT_TABLE
                          : strcmp(w.text, "range") == 0 ? AT_RANGE
                                                         : AT_OBJECT;
    struct ast_type *t = type_new(p, kind, w, loc);

    LIST_MOVE(t->parts, parts);
    LIST_MOVE(t->args, args);
    if (kind == AT_RANGE && (parts.n != 1 || args.n))
        diag_error(p->scan.diags, loc, "a range is written range[port]");
    if (kind == AT_OBJECT && parts.n != 1)
        diag_hint(diag_error(p->scan.diags, at, "'%s' has no values", w.text),
                  "%s[...]; only a table has values: "
                  "table[%s](size = 1k, idle = 1min, full = oldest)",
                  w.text, inside(p, parts.first->loc, parts.last->loc));
    return t;
}

/* ---- statements ---- */

struct ast_stmt *stmt_new(struct parse *p, enum ast_skind kind, struct loc loc)
{
    struct ast_stmt *s = ARENA_NEW(p->scan.arena, struct ast_stmt);

    s->kind = kind;
    s->loc = loc;
    s->op = -1;
    return s;
}

struct ast_stmt *stmt_let(struct parse *p, struct word w, struct loc at,
                          struct ast_expr *value, struct ast_alt alt,
                          struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_LET, loc);

    s->name = w.text;
    s->name_loc = at;
    s->value = value;
    s->alt = alt;
    return s;
}

struct ast_stmt *stmt_let_parts(struct parse *p, ast_names names, struct loc at,
                                struct ast_expr *value, struct ast_alt alt,
                                struct loc loc)
{
    struct word all = {"(", NULL};
    struct ast_stmt *s;
    struct ast_name *n;

    LIST_EACH (n, &names)
        all.text = arena_fmt(p->scan.arena, "%s%s%s", all.text, n->text,
                             n->next ? ", " : ")");
    s = stmt_let(p, all, at, value, alt, loc);
    s->names = names;
    return s;
}

/* The text of a place, for a hint: on one line and not long. */
static const char *quote(struct parse *p, struct loc at)
{
    const char *text = p->scan.src->text + at.off;

    if (at.len > 30 || memchr(text, '\n', at.len))
        return "...";
    return arena_strn(p->scan.arena, text, at.len);
}

/* x = VALUE or ALT: only `let`, calls and tables take one. */
static void alt_refuse(struct parse *p, const struct ast_expr *target,
                       const struct ast_expr *value, const struct ast_alt *alt)
{
    struct diag *m;

    if (alt->kind == ALT_NONE || expr_indexes(target))
        return;
    m = diag_error(p->scan.diags, alt->loc, "an assignment takes no 'or'");
    diag_hint(m, "write let v = %s or ..., then %s = v", quote(p, value->loc),
              quote(p, target->loc));
}

struct ast_stmt *stmt_assign(struct parse *p, struct ast_expr *target, int op,
                             struct ast_expr *value, struct ast_alt alt,
                             struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_ASSIGN, loc);

    if (target->kind != AE_NAME && target->kind != AE_DOT &&
        target->kind != AE_INDEX)
        diag_error(p->scan.diags, target->loc,
                   "nothing can be assigned to this: it is no name or field");
    alt_refuse(p, target, value, &alt);
    s->target = target;
    s->op = op;
    s->value = value;
    s->alt = alt;
    return s;
}

struct ast_stmt *stmt_if(struct parse *p, struct ast_expr *cond,
                         struct ast_block *body, struct ast_block *other,
                         struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_IF, loc);

    s->value = cond;
    s->body = body;
    s->other = other;
    return s;
}

struct ast_stmt *stmt_match(struct parse *p, struct ast_expr *value,
                            ast_arms arms, struct ast_block *other,
                            struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_MATCH, loc);

    s->value = value;
    LIST_MOVE(s->arms, arms);
    s->other = other;
    return s;
}

struct ast_arm *arm_new(struct parse *p, ast_exprs patterns,
                        struct ast_block *body, struct loc loc)
{
    struct ast_arm *a = ARENA_NEW(p->scan.arena, struct ast_arm);

    a->loc = loc;
    LIST_MOVE(a->patterns, patterns);
    a->body = body;
    return a;
}

struct ast_stmt *stmt_for(struct parse *p, struct word w, struct loc at,
                          struct ast_expr *range, struct ast_block *body,
                          struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_FOR, loc);

    s->name = w.text;
    s->name_loc = at;
    s->value = range;
    s->body = body;
    return s;
}

struct ast_stmt *stmt_drop(struct parse *p, bool flow, struct word reason,
                           struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_DROP, loc);

    s->flow = flow;
    s->reason = reason.text;
    return s;
}

/* How others say that a packet may pass. */
static bool is_verdict(const char *word)
{
    static const char *const verdicts[] = {"accept", "allow", "forward", "pass",
                                           "permit"};

    for (unsigned i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        if (strcmp(word, verdicts[i]) == 0)
            return true;
    return false;
}

struct ast_stmt *stmt_expr(struct parse *p, struct ast_expr *value,
                           struct ast_alt alt, struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_EXPR, loc);
    struct diag *m;

    s->value = value;
    s->alt = alt;
    if (value->kind == AE_CALL)
        return s;
    m = diag_error(p->scan.diags, value->loc,
                   "this does nothing: a statement is a call, an assignment, "
                   "let, if, drop or return");
    if (value->kind == AE_BINARY && value->op == OP_EQ)
        diag_hint(m, "to assign, write %s = %s", quote(p, value->a->loc),
                  quote(p, value->b->loc));
    else if (value->kind == AE_NAME && is_verdict(value->text))
        diag_hint(m, "a packet that is not dropped goes on; `return` ends the "
                     "handler");
    return NULL;
}

/* The deepest block inside a statement. */
static unsigned stmt_depth(const struct ast_stmt *s)
{
    const struct ast_block *blocks[] = {s->body, s->other, s->alt.block};
    unsigned i, depth = 0;

    for (i = 0; i < 3; i++)
        if (blocks[i] && blocks[i]->depth > depth)
            depth = blocks[i]->depth;
    return depth;
}

struct ast_block *block_new(struct parse *p, ast_stmts stmts, struct loc loc)
{
    struct ast_block *b = ARENA_NEW(p->scan.arena, struct ast_block);
    struct ast_stmt *s;

    LIST_MOVE(b->stmts, stmts);
    b->loc = loc;
    b->depth = 1;
    LIST_EACH (s, &stmts)
        if (stmt_depth(s) >= b->depth)
            b->depth = stmt_depth(s) + 1;
    if (b->depth > AST_DEPTH) {
        say_deep(p, loc, "this block");
        memset(&b->stmts, 0, sizeof(b->stmts));
        b->depth = 1;
    }
    return b;
}

struct ast_block *block_one(struct parse *p, struct ast_stmt *stmt)
{
    ast_stmts stmts = {0};

    LIST_ADD(&stmts, stmt);
    return block_new(p, stmts, stmt->loc);
}

struct ast_alt alt_value(struct ast_expr *value, struct loc loc)
{
    return (struct ast_alt){.kind = ALT_VALUE, .loc = loc, .value = value};
}

struct ast_alt alt_block(enum ast_altkind kind, struct ast_block *block,
                         struct loc loc)
{
    return (struct ast_alt){.kind = kind, .loc = loc, .block = block};
}
