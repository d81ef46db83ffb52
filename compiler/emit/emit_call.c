/* Calls of extern C functions, by the convention in <nfl/ctx.h>, and their
 * prototypes, which follow from the declarations in NFL. */
#include "emit/emit.h"

/* The functions of packet, flow and payload are inline functions of gen.h. */
bool emit_is_prelude(const struct emit *e, const struct object *o)
{
    return type_is_at_hand(e->plan->ir->tree, o->type);
}

const char *emit_call_head(struct emit *e, const struct member *m,
                           const struct ir_expr *self, const ir_exprs *args)
{
    const struct ir_expr *a;
    const char *name = m->object->file ? emit_extern_name(e, m)
                                       : arena_fmt(e->arena, "nfs_%s_%s",
                                                   m->object->name, m->name);
    const char *t = arena_fmt(e->arena, "%s(c%s", name, m->edits ? ", h" : "");

    if (self)
        t = arena_fmt(e->arena, "%s, %s", t, emit_value(e, self));
    if (self && self->op == IR_object)
        t = arena_fmt(e->arena, "%s, %s", t,
                      cw_quote(e->arena, self->object->name));
    LIST_EACH (a, args)
        t = arena_fmt(e->arena, "%s, %s", t,
                      a->op == IR_words    ? emit_key_words(e, a)
                      : a->op == IR_packet ? "h->pkt, nflg_came_with(c, h)"
                                           : emit_value(e, a));
    return t;
}

/* ---- prototypes ---- */

/* Adds the C types of the parts of t, with `star` behind each. */
static const char *add_types(struct emit *e, const char *to,
                             const struct type *t, const char *star)
{
    const struct tree *tree = e->plan->ir->tree;
    const struct part *p;
    const char *c = "uint64_t";

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts)
            to = add_types(e, to, p->type, star);
        return to;
    }
    if (t->kind == TY_RANGE) {
        to = add_types(e, to, t->elem, star);
        return add_types(e, to, t->elem, star);
    }
    if (t->kind == TY_VOID)
        return to;
    if (t->kind == TY_BOOL)
        c = "bool";
    else if (t->kind == TY_UNION)
        c = "struct nfl_ipaddr";
    else if (t->kind == TY_STRING || t->kind == TY_FILE)
        c = "const char *";
    else if (t == tree->flow)
        c = "struct nfl_session *";
    else if (t == tree->packet)
        c = "const struct nfl_pkt *, const struct nfl_tuple *";
    else if (t->kind == TY_OBJECT)
        c = "void *";
    else if (t->bits > 64)
        c = "nfl_u128";
    return arena_fmt(e->arena, "%s, %s%s", to, c, star);
}

static const char *add_params(struct emit *e, const char *to, const params *ps)
{
    const struct param *p;

    LIST_EACH (p, ps) {
        if (p->optional)
            to = arena_fmt(e->arena, "%s, bool", to);
        if (p->key)
            to = arena_fmt(e->arena, "%s, const uint64_t *, unsigned", to);
        else
            to = add_types(e, to, p->type, "");
    }
    return to;
}

static bool has_parts(const struct type *t)
{
    return t->kind == TY_TUPLE || t->kind == TY_RANGE;
}

static void prototype(struct emit *e, const struct member *m)
{
    const char *result = m->fails ? "bool" : "void";
    const char *ps =
        add_params(e, "struct nfl_ctx *, void *, const char *", &m->params);

    if (m->fails || has_parts(m->type))
        ps = add_types(e, ps, m->type, " *");
    else if (m->type->kind != TY_VOID)
        result = add_types(e, "", m->type, "") + 2;
    cw(e->w, "%s nfs_%s_%s(%s);", result, m->object->name, m->name, ps);
}

/* True if a chain has an object of the type. */
static bool is_made(const struct emit *e, const struct object *o)
{
    const struct plan_chain *c;
    const struct ir_object *i;

    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (i, &c->ir->objects)
            if (i->type == o || i->type->of == o)
                return true;
    return false;
}

/* The numbers are handed over by pointers, after the settings. */
static void cell_prototype(struct emit *e, const struct member *m)
{
    const char *ps = add_params(e, "struct nfl_ctx *", &m->object->params);
    const char *result = m->fails ? "bool" : "void";

    for (unsigned i = 0; i < m->object->numbers; i++)
        ps = arena_fmt(e->arena, "%s, uint64_t *", ps);
    if (m->type->kind != TY_VOID)
        result = add_types(e, "", m->type, "") + 2;
    cw(e->w, "%s nfs_%s_%s(%s);", result, m->object->name, m->name,
       add_params(e, ps, &m->params));
}

static void cell_prototypes(struct emit *e, const struct object *o)
{
    const struct member *m;

    cw_blank(e->w);
    cw(e->w, "/* extern type %s */", o->name);
    LIST_EACH (m, &o->members)
        if (m->fn)
            cell_prototype(e, m);
}

/* True if a place in a chain has a cell of the type. */
static bool is_kept(const struct emit *e, const struct object *o)
{
    const struct plan_chain *c;
    const struct plan_nf *n;
    const struct cell *i;
    const struct var *v;

    LIST_EACH (c, &e->plan->chains)
        LIST_EACH (n, &c->nfs) {
            LIST_EACH (i, &n->ir->source->nf->cells)
                if (i->type == o)
                    return true;
            LIST_EACH (v, &n->ir->source->nf->vars)
                if (v->table && v->table->cell && v->table->cell->type == o)
                    return true;
        }
    return false;
}

static void prototypes(struct emit *e, const struct object *o)
{
    const struct member *m;

    cw_blank(e->w);
    cw(e->w, "/* extern type %s */", o->name);
    cw(e->w, "void *nfs_%s_new(%s);", o->name,
       add_params(e,
                  o->keyed ? "struct nfl_chain *, struct nfl_setup *, "
                             "const struct nfl_key_desc *"
                           : "struct nfl_chain *, struct nfl_setup *",
                  &o->params));
    if (o->updates)
        cw(e->w,
           "void nfs_%s_report(const void *, struct nfl_report *, "
           "const struct nfl_report_object *);",
           o->name);
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
        if (o->file && (o->plain || is_made(e, o)))
            emit_extern(e, o, !o->plain);
        else if (!emit_is_prelude(e, o) && is_made(e, o))
            prototypes(e, o);
        else if (o->numbers && is_kept(e, o))
            cell_prototypes(e, o);
}

/* ---- the statement ---- */

/* A result that the function hands out by a pointer. */
static const char *out_type(struct ir_type t)
{
    return t.kind == IR_NUM && t.bits <= 64 ? "uint64_t" : emit_ctype(t);
}

static const char *out_name(struct emit *e, const struct ir_result *r)
{
    return arena_fmt(e->arena, "r_%s", r->local->name);
}

void emit_results(struct emit *e, const struct ir_stmt *s)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results)
        cw(e->w, "%s %s = %s;", out_type(r->local->type), out_name(e, r),
           r->local->type.kind == IR_ADDR ? "{0, 0}" : "0");
}

void emit_keep(struct emit *e, const struct ir_local *l, const char *text)
{
    cw(e->w, "%s %s = %s;", emit_ctype(l->type), name_local(e, l),
       emit_fit(e, text, l->type));
}

static void failing(struct emit *e, const struct ir_stmt *s, const char *call)
{
    const struct ir_result *r = s->results.first;

    if (r && r->other) {
        cw_open(e->w, "if (!%s)", call);
        emit_block(e, s->other);
        LIST_EACH (r, &s->results)
            cw_any(e->w, "%s = %s;", out_name(e, r), emit_value(e, r->other));
        cw_close(e->w, "");
    } else if (r || s->other->stmts.n) {
        emit_branch(e, s, arena_fmt(e->arena, "!%s", call), s->other);
    } else {
        cw(e->w, "(void)%s;", call);
    }
}

static void by_pointer(struct emit *e, const struct ir_stmt *s,
                       const char *call)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results)
        call = arena_fmt(e->arena, "%s, &%s", call, out_name(e, r));
    call = arena_fmt(e->arena, "%s)", call);
    if (s->member->fails)
        failing(e, s, call);
    else
        cw(e->w, "%s;", call);
    cw_at(e->w, s->loc);
    LIST_EACH (r, &s->results)
        if (r->local->used)
            emit_keep(e, r->local, out_name(e, r));
}

/* A result that nobody reads is not kept. */
void emit_call(struct emit *e, const struct ir_stmt *s)
{
    const char *call = emit_call_head(e, s->member, s->self, &s->args);
    const struct ir_result *r = s->results.first;

    if (ir_by_pointer(s))
        by_pointer(e, s, call);
    else if (r && r->local->used)
        emit_keep(e, r->local, arena_fmt(e->arena, "%s)", call));
    else
        cw(e->w, "%s%s);", r ? "(void)" : "", call);
}
