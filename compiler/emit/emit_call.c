/* Calls of extern C functions, by the convention in <nfl/ctx.h>, and their
 * prototypes, which follow from the declarations in NFL. */
#include "emit/emit.h"

/* The packet's and the flow's functions are inline functions of gen.h. */
bool emit_is_prelude(const struct emit *e, const struct object *o)
{
    const struct tree *t = e->plan->ir->tree;

    return o->type == t->packet || o->type == t->flow;
}

const char *emit_call_head(struct emit *e, const struct member *m,
                           const struct ir_expr *self, const ir_exprs *args)
{
    const struct ir_expr *a;
    const char *t = arena_fmt(e->arena, "nfs_%s_%s(c, %s", m->object->name,
                              m->name, emit_value(e, self));

    if (self->op == IR_object)
        t = arena_fmt(e->arena, "%s, %s", t,
                      cw_quote(e->arena, self->object->name));
    LIST_EACH (a, args)
        t = arena_fmt(e->arena, "%s, %s", t, emit_value(e, a));
    return t;
}

/* ---- prototypes ---- */

/* Adds the C types of the parts of t. */
static const char *add_types(struct emit *e, const char *to,
                             const struct type *t)
{
    const struct tree *tree = e->plan->ir->tree;
    const struct part *p;
    const char *c = "uint64_t";

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts)
            to = add_types(e, to, p->type);
        return to;
    }
    if (t->kind == TY_RANGE)
        return add_types(e, add_types(e, to, t->elem), t->elem);
    if (t->kind == TY_BOOL)
        c = "bool";
    else if (t->kind == TY_UNION)
        c = "struct nfl_ipaddr";
    else if (t->kind == TY_STRING || t->kind == TY_FILE)
        c = "const char *";
    else if (t == tree->flow)
        c = "struct nfl_session *";
    else if (t == tree->packet)
        c = "struct nflg_head *";
    else if (t->kind == TY_OBJECT)
        c = "void *";
    else if (t->bits > 64)
        c = "nfl_u128";
    return arena_fmt(e->arena, "%s, %s", to, c);
}

static const char *add_params(struct emit *e, const char *to, const params *ps)
{
    const struct param *p;

    LIST_EACH (p, ps) {
        if (p->optional)
            to = arena_fmt(e->arena, "%s, bool", to);
        to = add_types(e, to, p->type);
    }
    return to;
}

/* The C type of a result: what add_types says of one value. */
static const char *result_type(struct emit *e, const struct type *t)
{
    if (t->kind == TY_VOID)
        return "void";
    return add_types(e, "", t) + 2;
}

static void prototype(struct emit *e, const struct member *m)
{
    const char *result = result_type(e, m->type);
    const char *ps =
        add_params(e, "struct nfl_ctx *, void *, const char *", &m->params);

    if (m->fails && m->type->kind != TY_VOID)
        ps = arena_fmt(e->arena, "%s, %s *", ps, result);
    if (m->fails)
        result = "bool";
    cw(e->w, "%s nfs_%s_%s(%s);", result, m->object->name, m->name, ps);
}

/* True if a chain has an object of the type. */
static bool is_made(const struct emit *e, const struct object *o)
{
    const struct plan_chain *c;
    const struct ir_object *i;

    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (i, &c->ir->objects)
            if (i->type == o)
                return true;
    return false;
}

static void prototypes(struct emit *e, const struct object *o)
{
    const struct member *m;

    cw_blank(e->w);
    cw(e->w, "/* extern type %s */", o->name);
    cw(e->w, "void *nfs_%s_new(%s);", o->name,
       add_params(e, "struct nfl_chain *, struct nfl_setup *", &o->params));
    cw(e->w, "void nfs_%s_free(void *);", o->name);
    cw(e->w,
       "void nfs_%s_state(const void *, struct nfl_state *, const char *);",
       o->name);
    LIST_EACH (m, &o->members)
        prototype(e, m);
}

void emit_prototypes(struct emit *e)
{
    const struct object *o;

    LIST_EACH (o, &e->plan->ir->tree->objects)
        if (!emit_is_prelude(e, o) && is_made(e, o))
            prototypes(e, o);
}

/* ---- the statement ---- */

/* The result that the function hands out by a pointer. */
static const char *out_type(struct ir_type t)
{
    return t.kind == IR_NUM && t.bits <= 64 ? "uint64_t" : emit_ctype(t);
}

void emit_result(struct emit *e, const struct ir_stmt *s)
{
    cw(e->w, "%s r_%s = %s;", out_type(s->local->type), s->local->name,
       s->local->type.kind == IR_ADDR ? "{0, 0}" : "0");
}

static void failing(struct emit *e, const struct ir_stmt *s, const char *call,
                    const char *local)
{
    const char *r = NULL;

    if (s->local) {
        r = arena_fmt(e->arena, "r_%s", s->local->name);
        call = arena_fmt(e->arena, "%s, &%s", call, r);
    }
    call = arena_fmt(e->arena, "!%s)", call);
    if (s->value) {
        cw_open(e->w, "if (%s)", call);
        emit_block(e, s->other);
        cw_any(e->w, "%s = %s;", r, emit_value(e, s->value));
        cw_close(e->w, "");
    } else if (s->local || s->other->stmts.n) {
        emit_branch(e, s, call, s->other);
    } else {
        cw(e->w, "(void)%s;", call + 1);
    }
    if (!r)
        return;
    cw_at(e->w, s->loc);
    cw(e->w, "%s %s = %s;", emit_ctype(s->local->type), local,
       emit_fit(e, r, s->local->type));
}

void emit_call(struct emit *e, const struct ir_stmt *s)
{
    const char *call = emit_call_head(e, s->member, s->self, &s->args);
    const char *local = s->local ? name_local(e, s->local) : NULL;

    if (s->member->fails)
        failing(e, s, call, local);
    else if (local)
        cw(e->w, "%s %s = %s;", emit_ctype(s->local->type), local,
           emit_fit(e, arena_fmt(e->arena, "%s)", call), s->local->type));
    else
        cw(e->w, "%s%s);", s->member->type->kind == TY_VOID ? "" : "(void)",
           call);
    if (local && !s->local->used)
        cw_any(e->w, "(void)%s;", local);
}
