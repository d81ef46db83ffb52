/* Statements of handlers. */
#include "sema/sema.h"

struct tstmt *tstmt_new(struct scope *sc, enum tskind kind, struct loc loc)
{
    struct tstmt *t = ARENA_NEW(sc->sema->arena, struct tstmt);

    t->kind = kind;
    t->loc = loc;
    return t;
}

struct reason *reason_get(struct nf *nf, struct arena *a, struct loc at,
                          const char *text)
{
    struct reason *r;

    LIST_EACH (r, &nf->reasons)
        if (strcmp(r->text, text) == 0)
            return r;
    r = ARENA_NEW(a, struct reason);
    r->text = text;
    r->loc = at;
    r->index = nf->reasons.n;
    LIST_ADD(&nf->reasons, r);
    return r;
}

struct local *add_local(struct scope *sc, const char *name, struct loc at,
                        struct type *type)
{
    struct local *l = ARENA_NEW(sc->sema->arena, struct local);
    struct binding *before = scope_find(sc, name);

    if (before && before->local)
        twice(sc->sema, at, "name", name, before->local->loc);
    l->name =
        sc->copy ? arena_fmt(sc->sema->arena, "%s__%u", name, sc->copy) : name;
    l->loc = at;
    l->type = type;
    l->index = sc->handler->locals.n;
    LIST_ADD(&sc->handler->locals, l);
    scope_bind(sc, name, l, NULL);
    let_made(sc->sema, name, at);
    return l;
}

struct local *hidden_local(struct scope *sc, struct loc at, struct type *type)
{
    struct local *l = ARENA_NEW(sc->sema->arena, struct local);

    l->name = "value";
    l->loc = at;
    l->type = type;
    l->index = sc->handler->locals.n;
    LIST_ADD(&sc->handler->locals, l);
    return l;
}

/* ---- drop ---- */

static struct tstmt *drop_stmt(struct scope *sc, struct loc loc, bool flow,
                               const char *text)
{
    struct tstmt *t = tstmt_new(sc, TS_DROP, loc);

    struct diag *d;

    if (!sc->packet && !(flow && raiser_drops_flow(sc->handler->raiser))) {
        d = diag_error(sc->sema->diags, loc,
                       "there is no packet to drop: %s is raised without one",
                       handler_what(sc->handler));
        if (raiser_drops_flow(sc->handler->raiser))
            diag_hint(d, "drop flow drops all that come from now on");
    }
    if (!text)
        text = arena_fmt(sc->sema->arena, "dropped at line %u",
                         loc_linecol(loc).line);
    t->flow = flow;
    t->reason = reason_get(sc->nf, sc->sema->arena, loc, text);
    if (flow)
        sc->handler->needs_flow = true;
    return t;
}

static struct tstmt *stmt_drop(struct scope *sc, const struct ast_stmt *s)
{
    struct tstmt *t;

    if (s->reason && !*s->reason)
        diag_error(sc->sema->diags, s->loc, "the reason is empty");
    t = drop_stmt(sc, s->loc, s->flow, s->reason);
    if (!s->opened)
        return t;
    if (sc->handler->raiser != RAISE_NEW && sc->packet)
        diag_hint(diag_error(sc->sema->diags, s->loc,
                             "the flow is not new here: drop new stands in "
                             "handlers of FLOW/NEW"),
                  "drop flow drops all of its packets from now on");
    sc->handler->needs_flow = true;
    t->opened = true;
    return t;
}

/* ---- calls and what follows `or` ---- */

bool block_ends(const struct tblock *b)
{
    const struct tstmt *l = b ? b->stmts.last : NULL;

    if (!l)
        return false;
    if (l->kind == TS_DROP || l->kind == TS_RETURN)
        return true;
    if (l->kind == TS_CALL && l->value->member->holds)
        return true;
    return l->kind == TS_IF && block_ends(l->body) && block_ends(l->other);
}

/* Without `or`, a failure drops the packet. */
static void alt_default(struct scope *sc, struct tstmt *t)
{
    const char *text =
        t->stack
            ? arena_fmt(sc->sema->arena,
                        t->kind == TS_ENCAP ? "no place or room for %s"
                                            : "no %s to take off",
                        t->stack->text)
            : arena_fmt(sc->sema->arena, "%s failed", t->value->member->name);
    struct tblock *b = ARENA_NEW(sc->sema->arena, struct tblock);
    struct tstmt *d = drop_stmt(sc, t->loc, false, text);

    LIST_ADD(&b->stmts, d);
    t->alt = b;
}

static void alt_block(struct scope *sc, const struct ast_stmt *s,
                      struct tstmt *t, bool value)
{
    struct binding *names = sc->names;

    t->alt = block_stmts(sc, s->alt.block);
    sc->names = names;
    if (value && !block_ends(t->alt))
        diag_note(diag_error(sc->sema->diags, s->alt.loc,
                             "this must end the handler, since '%s' has no "
                             "value then",
                             s->name),
                  "end it with drop or return, or give a value: or 0");
}

static void alt_missing(struct scope *sc, const struct ast_stmt *s,
                        struct tstmt *t)
{
    const struct var *v = t->stack ? NULL : t->value->var;
    bool rows = t->kind == TS_CALL && t->value->member->object->rows;
    const char *table = v ? v->name : rows ? t->value->a->param->name : "";
    struct diag *d;

    if (s->kind == AS_EXPR && t->kind != TS_TABLE) {
        alt_default(sc, t);
    } else if (t->kind == TS_CALL && !rows) {
        d = diag_error(sc->sema->diags, s->value->loc,
                       "'%s' may fail: say what happens then",
                       t->value->member->name);
        diag_hint(d, "let %s = ... or drop", s->name);
    } else if (s->kind == AS_LET) {
        d = diag_error(sc->sema->diags, s->value->loc,
                       "'%s' may have no such entry: say what happens then",
                       table);
        diag_hint(d, "let %s = %s[...] or 0; or drop, return, { ... }", s->name,
                  table);
    } else {
        d = diag_error(sc->sema->diags, s->loc,
                       "'%s' refuses a new entry when it is full: say what "
                       "happens then",
                       v->name);
        diag_also(d, v->loc, "declared here with full = refuse");
        diag_hint(d, "end the line with: or drop, or return, or { ... }");
    }
}

/* In an action: what its caller says. */
static void alt_caller(struct scope *sc, struct tstmt *t)
{
    const struct ast_stmt *call = sc->call;

    if (call->alt.kind == ALT_VALUE) {
        diag_error(sc->sema->diags, call->alt.loc,
                   "a value has no use here; write drop, return or a block");
        return;
    }
    alt_block(sc->caller, call, t, false);
    if (!block_ends(t->alt))
        diag_note(diag_error(sc->sema->diags, call->alt.loc,
                             "this must end the handler, since the action has "
                             "more to do"),
                  "end it with drop or return");
}

void alternative(struct scope *sc, const struct ast_stmt *s, struct tstmt *t)
{
    switch (s->alt.kind) {
    case ALT_NONE:
        if (sc->caller && t->stack)
            alt_caller(sc, t);
        else
            alt_missing(sc, s, t);
        break;
    case ALT_VALUE:
        if (s->kind == AS_LET)
            t->alt_value = expr_value(sc, s->alt.value, t->value->type);
        else
            diag_error(sc->sema->diags, s->alt.loc,
                       "a value has no use here; write drop, return or a "
                       "block");
        break;
    case ALT_DROP:
    case ALT_RETURN:
    case ALT_BLOCK:
        alt_block(sc, s, t, s->kind == AS_LET);
        break;
    }
}

/* What waits is nobody's for now. */
static void hold(struct scope *sc, const struct ast_stmt *s,
                 const struct tstmt *t)
{
    sc->nf->holds = true;
    if (!block_ends(t->alt))
        diag_note(diag_error(sc->sema->diags, s->alt.loc,
                             "this must end the handler, as '%s' does",
                             t->value->member->name),
                  "end it with drop or return");
}

/* A call that stands for itself or behind `let x =`. */
static struct tstmt *call_stmt(struct scope *sc, const struct ast_stmt *s)
{
    struct cell *cell =
        s->value->a->kind == AE_DOT ? cell_named(sc, s->value->a->a) : NULL;
    struct var *table =
        s->value->a->kind == AE_DOT ? table_named(sc, s->value->a->a) : NULL;
    struct tstmt *t = tstmt_new(sc, TS_CALL, s->loc);
    struct texpr *v;

    if (cell)
        return cell_stmt(sc, s, cell);
    if (table)
        return table_call(sc, s, table);
    v = t->value = access_call(sc, s->value, true);
    if (v->type->kind == TY_ERROR)
        return NULL;
    if (v->kind != TE_CALL) {
        diag_error(sc->sema->diags, s->value->loc,
                   "this value is not used for anything");
        return NULL;
    }
    if (v->member->fails)
        alternative(sc, s, t);
    else if (s->alt.kind != ALT_NONE)
        diag_error(sc->sema->diags, s->alt.loc,
                   "'%s' cannot fail, so `or` has no use", v->member->name);
    if (v->member->holds)
        hold(sc, s, t);
    return t;
}

/* ---- let, assignment, if ---- */

struct local *let_local(struct scope *sc, const struct ast_stmt *s,
                        struct type *type)
{
    if (s->names.n == 0)
        return add_local(sc, s->name, s->name_loc, type);
    return hidden_local(sc, s->name_loc, type);
}

static struct tstmt *let_call(struct scope *sc, const struct ast_stmt *s)
{
    struct tstmt *t = call_stmt(sc, s);

    if (!t) {
        let_local(sc, s, sc->sema->error);
        return NULL;
    }
    if (t->value->type->kind == TY_VOID)
        diag_error(sc->sema->diags, s->value->loc, "'%s' has no result",
                   s->value->a->text);
    t->local = let_local(sc, s, t->value->type);
    return t;
}

/* Not a conversion, a struct, or a function of the language. */
static bool calls_extern(struct scope *sc, const struct ast_expr *e)
{
    struct object *o;

    if (e->kind != AE_CALL || e->a->kind != AE_NAME)
        return e->kind == AE_CALL && e->a->kind == AE_DOT;
    o = object_named(sc->sema, e->a->text);
    return o && o->plain;
}

static struct tstmt *stmt_let(struct scope *sc, const struct ast_stmt *s)
{
    struct tstmt *t;

    if (stack_call(sc, s->value)) {
        diag_error(sc->sema->diags, s->value->loc, "'%s' has no result",
                   s->value->a->text);
        let_local(sc, s, sc->sema->error);
        return NULL;
    }
    if (calls_extern(sc, s->value))
        return let_call(sc, s);
    if (expr_indexes(s->value))
        return table_let(sc, s);
    t = tstmt_new(sc, TS_LET, s->loc);
    t->value = expr_value(sc, s->value, NULL);
    if (s->alt.kind != ALT_NONE)
        diag_error(sc->sema->diags, s->alt.loc,
                   "this cannot fail, so `or` has no use");
    if (t->value->type->kind == TY_OBJECT)
        diag_error(sc->sema->diags, s->value->loc,
                   "'%s' cannot be given another name", t->value->type->name);
    t->local = let_local(sc, s, t->value->type);
    return t;
}

/* What is assigned to: x += e is x = x + e. */
struct texpr *assigned(struct scope *sc, const struct ast_stmt *s,
                       struct type *want)
{
    struct ast_expr e = {.kind = AE_BINARY, .loc = s->loc, .op_loc = s->loc};

    if (s->op < 0)
        return expr_value(sc, s->value, want);
    e.op = (enum ast_op)s->op;
    e.a = s->target;
    e.b = s->value;
    return expr_value(sc, &e, want);
}

static void not_assignable(struct scope *sc, const struct ast_stmt *s,
                           const struct texpr *target)
{
    struct diag *d =
        diag_error(sc->sema->diags, s->target->loc, "this cannot be assigned");

    if (target->kind == TE_LOCAL)
        diag_note(d, "what `let` names stays as it is; state of the NF is "
                     "declared with flow or shared");
    else if (target->kind == TE_PARAM)
        diag_note(d, "parameters are set where the NF stands in a chain");
    else if (target->kind == TE_GET)
        diag_note(d, "'%s' is a property of '%s'", target->member->name,
                  target->member->object->name);
    else if (target->kind == TE_BINARY)
        diag_hint(d, "set the whole field: it holds all flags");
}

static struct tstmt *assign_field(struct scope *sc, const struct ast_stmt *s)
{
    unsigned before = diags_errors(sc->sema->diags);
    struct field *f = access_field(sc, s->target);
    struct texpr *target;
    struct tstmt *t;

    if (!f && diags_errors(sc->sema->diags) == before) {
        target = expr_value(sc, s->target, NULL);
        if (target->type->kind != TY_ERROR)
            not_assignable(sc, s, target);
    }
    if (!f)
        return NULL;
    t = tstmt_new(sc, TS_FIELD, s->loc);
    t->field = f;
    t->value = assigned(sc, s, f->type);
    return t;
}

static struct tstmt *stmt_assign(struct scope *sc, const struct ast_stmt *s,
                                 struct tblock *to)
{
    bool header =
        s->target->kind == AE_DOT && s->target->a->kind == AE_DOT &&
        (access_packet(sc, s->target->a->a) || access_header(sc, s->target->a));
    unsigned before = diags_errors(sc->sema->diags);
    struct texpr *target;
    struct tstmt *t;

    if (expr_indexes(s->target))
        return table_assign(sc, s);
    if (header)
        return assign_field(sc, s);
    target = expr_value(sc, s->target, NULL);
    if (target->type->kind == TY_ERROR &&
        diags_errors(sc->sema->diags) > before)
        return NULL;
    if (!whole_is_place(target)) {
        not_assignable(sc, s, target);
        return NULL;
    }
    if (target->kind == TE_TUPLE) {
        whole_assign(sc, s, target, to);
        return NULL;
    }
    t = tstmt_new(sc, TS_VAR, s->loc);
    t->var = target->var;
    t->value = assigned(sc, s, target->type);
    return t;
}

static struct tblock *block_known(struct scope *sc, const struct ast_block *b,
                                  struct hset *end);

static struct tstmt *stmt_if(struct scope *sc, const struct ast_stmt *s)
{
    struct tstmt *t = tstmt_new(sc, TS_IF, s->loc);
    struct hset implied = {0}, refuted = {0}, before = sc->present;
    struct hset done, other;
    struct binding *names = sc->names;

    t->value = cond_value(sc, s->value, &implied);
    cond_refuted(t->value, &refuted);
    hset_close(sc->sema, &refuted);
    hset_or(&sc->present, &implied);
    t->body = block_known(sc, s->body, &done);
    sc->present = before;
    hset_or(&sc->present, &refuted);
    sc->names = names;
    other = sc->present;
    if (s->other)
        t->other = block_known(sc, s->other, &other);
    sc->present = block_ends(t->other) ? done : other;
    if (!block_ends(t->other) && !block_ends(t->body))
        hset_and(&sc->present, &done);
    sc->names = names;
    return t;
}

/* What comes of s; statements that must be before it are in `to`. */
static struct tstmt *stmt_typed(struct scope *sc, const struct ast_stmt *s,
                                struct tblock *to)
{
    const struct ast_decl *action;

    switch (s->kind) {
    case AS_LET:
        return stmt_let(sc, s);
    case AS_ASSIGN:
        return stmt_assign(sc, s, to);
    case AS_IF:
        return stmt_if(sc, s);
    case AS_DROP:
        return stmt_drop(sc, s);
    case AS_RETURN:
        if (sc->calling)
            diag_error(sc->sema->diags, s->loc,
                       "an action cannot return: that would end the handler "
                       "of its caller");
        return tstmt_new(sc, TS_RETURN, s->loc);
    case AS_GOTO:
        return exit_goto(sc, s, to);
    case AS_EXPR:
        action = action_called(sc, s->value);
        if (action) {
            action_into(sc, s, action, to);
            return NULL;
        }
        if (stack_call(sc, s->value))
            return stack_stmt(sc, s, to);
        if (s->value->kind == AE_CALL)
            return call_stmt(sc, s);
        if (expr_value(sc, s->value, NULL)->type->kind != TY_ERROR)
            diag_error(sc->sema->diags, s->value->loc,
                       "this value is not used for anything");
        return NULL;
    case AS_EVENT:
        if (strcmp(s->name, "emit") != 0)
            return switch_stmt(sc, s);
        return action_asked(sc, s, to) ? NULL : emit_stmt(sc, s);
    case AS_MATCH:
    case AS_FOR:
        break; /* these make several, see block_into */
    }
    return NULL;
}

static void let_parts(struct scope *sc, const struct ast_stmt *s,
                      struct tstmt *let, struct tblock *to)
{
    struct local wrong = {.type = sc->sema->error};

    parts_bind(sc, s, let ? let->local : &wrong, to);
}

void block_into(struct scope *sc, const struct ast_block *b, struct tblock *to)
{
    struct ast_stmt *s;
    struct tstmt *last;
    bool told = false;

    LIST_EACH (s, &b->stmts) {
        copies_count(sc, 1);
        if (block_ends(to) && !told && !sc->again) {
            diag_warning(sc->sema->diags, s->loc, "this is never reached");
            told = true;
        }
        if (s->kind == AS_MATCH) {
            match_into(sc, s, to);
        } else if (s->kind == AS_FOR) {
            for_into(sc, s, to);
        } else {
            last = stmt_typed(sc, s, to);
            if (last)
                LIST_ADD(&to->stmts, last);
            if (s->kind == AS_LET && s->names.n)
                let_parts(sc, s, last, to);
        }
    }
}

/* What headers it removed are gone behind it, unless it ends the handler; what
 * it added is known in it only; *end: what is known at its end. */
static struct tblock *block_known(struct scope *sc, const struct ast_block *b,
                                  struct hset *end)
{
    struct tblock *t = ARENA_NEW(sc->sema->arena, struct tblock);
    struct hset before = sc->present, gone = sc->gone, none = {0};
    const struct tstack *added = sc->added;

    memset(&sc->gone, 0, sizeof(sc->gone));
    block_into(sc, b, t);
    *end = sc->present;
    sc->present = before;
    if (block_ends(t))
        memset(&sc->gone, 0, sizeof(sc->gone));
    sc->added = memcmp(&sc->gone, &none, sizeof(none)) ? NULL : added;
    hset_remove(&sc->present, &sc->gone);
    hset_or(&sc->gone, &gone);
    return t;
}

struct tblock *block_stmts(struct scope *sc, const struct ast_block *b)
{
    struct hset end;

    return block_known(sc, b, &end);
}
