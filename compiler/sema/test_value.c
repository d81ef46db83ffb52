/* Values that tests ask for, and those that they set. */
#include "sema/testing.h"

#include "base/text.h"

/* ---- names ---- */

/* "edge.Monitor.packets" of an expression that is only that, or NULL. */
static const char *dotted(struct sema *s, const struct ast_expr *e)
{
    const char *up;

    if (e->kind == AE_NAME)
        return e->text;
    up = e->kind == AE_DOT ? dotted(s, e->a) : NULL;
    return up ? arena_fmt(s->arena, "%s.%s", up, e->text) : NULL;
}

/* What is left of name behind "first.", or NULL. */
static const char *behind(const char *name, const char *first)
{
    size_t n = strlen(first);

    return strncmp(name, first, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

/* The NF of the chain that the name begins with, the longest; *rest is what
 * follows. */
static const struct position *position_of(const struct chain *c,
                                          const char *name, const char **rest)
{
    const struct position *p, *best = NULL;
    const char *own = behind(name, c->name), *left;

    if (own)
        name = own;
    LIST_EACH (p, &c->nfs) {
        left = behind(name, p->name);
        if (left && (!best || strlen(p->name) > strlen(best->name))) {
            best = p;
            *rest = left;
        }
    }
    return best;
}

static const struct position *position_get(struct sema *s,
                                           const struct chain *c,
                                           const char *name, struct loc at,
                                           const char **rest)
{
    const struct position *p = position_of(c, name, rest);
    const char *own = behind(name, c->name);
    struct diag *d;

    if (p)
        return p;
    d = diag_error(s->diags, at, "the chain of this test has no NF '%.*s'",
                   (int)strcspn(own ? own : name, "."), own ? own : name);
    HINT_NEAR(
        d, s,
        arena_strn(s->arena, own ? own : name, strcspn(own ? own : name, ".")),
        &c->nfs);
    return NULL;
}

static const struct var *var_get(struct sema *s, const struct position *p,
                                 const char *name, struct loc at)
{
    const struct var *v;
    struct diag *d;

    LIST_EACH (v, &p->nf->vars)
        if (strcmp(v->name, name) == 0)
            return v;
    d = diag_error(s->diags, at, "'%s' has no state '%s'", p->name, name);
    HINT_NEAR(d, s, name, &p->nf->vars);
    return NULL;
}

/* ---- what is asked for ---- */

static bool one_string(struct scope *sc, const struct ast_expr *e,
                       const char **to)
{
    const struct ast_arg *a = e->args.first;

    if (!a)
        return true;
    if (e->args.n == 1 && a->value->kind == AE_LIT &&
        a->value->lit == LIT_STRING) {
        *to = a->value->text;
        return true;
    }
    diag_hint(diag_error(sc->sema->diags, e->loc, "a reason is a string"),
              "drops(\"denied\")");
    return false;
}

/* drops, drops("reason"), sent(PORT), flows; false if it is none of them. */
static bool counter(struct scope *sc, const struct chain *c,
                    const struct ast_expr *e, struct tvalue *v, bool *ok)
{
    const struct ast_expr *name = e->kind == AE_CALL ? e->a : e;
    const struct ast_arg *a = e->args.first;

    *ok = true;
    v->type = type_uint(sc->sema, 64);
    if (name->kind != AE_NAME)
        return false;
    if (strcmp(name->text, "flows") == 0 && e->args.n == 0) {
        v->kind = TV_FLOWS;
    } else if (strcmp(name->text, "drops") == 0) {
        v->kind = TV_DROPS;
        *ok = one_string(sc, e, &v->reason);
    } else if (strcmp(name->text, "sent") == 0 && e->args.n == 1 &&
               a->value->kind == AE_NAME) {
        v->kind = TV_SENT;
        v->port = test_port(sc->sema, c, a->value->text, a->value->loc);
        *ok = v->port != NULL;
    } else {
        return false;
    }
    return true;
}

static bool table_of(struct scope *sc, const struct chain *c,
                     const struct ast_expr *e, struct tvalue *v)
{
    const char *name = dotted(sc->sema, e), *rest = NULL;

    if (!name) {
        diag_error(sc->sema->diags, e->loc, "this is no state of an NF");
        return false;
    }
    v->at = position_get(sc->sema, c, name, e->loc, &rest);
    v->var = v->at ? var_get(sc->sema, v->at, rest, e->loc) : NULL;
    if (!v->var || v->var->type->kind == TY_TABLE)
        return v->var != NULL;
    diag_error(sc->sema->diags, e->loc, "'%s' is no table", rest);
    return false;
}

static bool table_key(struct scope *sc, const struct ast_expr *e,
                      struct tvalue *v)
{
    struct texpr *k = expr_value(sc, e, v->var->table->key);

    if (k->type->kind == TY_ERROR)
        return false;
    k = fold(sc, k);
    v->key_type = v->var->table->key;
    v->key = k->value;
    return k->type->kind != TY_ERROR;
}

static bool member_of(struct scope *sc, const struct ast_expr *e,
                      struct tvalue *v)
{
    const struct part *p;
    int i = 0;

    if (v->type->kind == TY_TUPLE)
        LIST_EACH (p, &v->type->parts) {
            if (p->name && strcmp(p->name, e->text) == 0) {
                v->member = i;
                v->type = p->type;
                return true;
            }
            i++;
        }
    diag_error(sc->sema->diags, e->text_loc, "entries of '%s' have no '%s'",
               v->var->name, e->text);
    return false;
}

/* T[KEY], T[KEY].MEMBER */
static bool entry(struct scope *sc, const struct chain *c,
                  const struct ast_expr *e, struct tvalue *v)
{
    const struct ast_expr *index = e->kind == AE_DOT ? e->a : e;

    v->kind = TV_ENTRY;
    v->member = -1;
    if (!table_of(sc, c, index->a, v) || !table_key(sc, index->b, v))
        return false;
    v->type = v->var->table->value;
    if (!v->type) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' is a set of keys, without values",
                             v->var->name),
                  "expect KEY in %s.%s", v->at->name, v->var->name);
        return false;
    }
    return e->kind != AE_DOT || member_of(sc, e, v);
}

/* NF.NAME, or NF.TABLE.entries */
static bool variable(struct scope *sc, const struct chain *c,
                     const struct ast_expr *e, struct tvalue *v)
{
    const char *name = dotted(sc->sema, e), *rest = NULL;

    if (!name || e->kind != AE_DOT) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "this is nothing that a test knows"),
                  "NF.STATE == 3, or drops(\"reason\"), sent(PORT), flows");
        return false;
    }
    v->at = position_get(sc->sema, c, name, e->loc, &rest);
    if (!v->at)
        return false;
    if (strcmp(e->text, "entries") == 0 && strchr(rest, '.')) {
        v->kind = TV_ENTRIES;
        v->type = type_uint(sc->sema, 64);
        return table_of(sc, c, e->a, v);
    }
    v->var = var_get(sc->sema, v->at, rest, e->loc);
    if (!v->var)
        return false;
    v->type = v->var->type;
    if (v->type->kind != TY_TABLE && v->type->kind != TY_OBJECT)
        return true;
    diag_hint(diag_error(sc->sema->diags, e->loc, "'%s' is no single value",
                         v->var->name),
              v->type->kind == TY_TABLE ? "%s[KEY], or %s.entries"
                                        : "%s is seen by what %s does",
              v->var->name, v->var->name);
    return false;
}

static bool asked(struct scope *sc, const struct chain *c,
                  const struct ast_expr *e, struct tvalue *v)
{
    bool ok;

    v->op = OP_EQ;
    if (counter(sc, c, e, v, &ok))
        return ok;
    if (expr_indexes(e))
        return entry(sc, c, e, v);
    return variable(sc, c, e, v);
}

/* KEY in TABLE */
static bool member(struct scope *sc, const struct chain *c,
                   const struct ast_expr *e, struct tvalue *v)
{
    v->kind = TV_HAS;
    v->op = OP_EQ;
    v->type = sc->sema->boolean;
    v->want.u = 1;
    return table_of(sc, c, e->b, v) && table_key(sc, e->a, v);
}

static enum ast_op turned(enum ast_op op)
{
    switch (op) {
    case OP_LT:
        return OP_GT;
    case OP_LE:
        return OP_GE;
    case OP_GT:
        return OP_LT;
    case OP_GE:
        return OP_LE;
    default:
        return op;
    }
}

static bool compared(struct scope *sc, const struct chain *c,
                     const struct ast_expr *e, struct tvalue *v)
{
    bool turn = e->a->kind == AE_LIT || e->a->kind == AE_TUPLE;
    struct texpr *want;

    if (!asked(sc, c, turn ? e->b : e->a, v))
        return false;
    want = expr_value(sc, turn ? e->a : e->b, v->type);
    if (want->type->kind == TY_ERROR)
        return false;
    want = fold(sc, want);
    v->want = want->value;
    v->op = turn ? turned(e->op) : e->op;
    return want->type->kind != TY_ERROR;
}

struct tvalue *test_value(struct scope *sc, const struct chain *c,
                          const struct ast_expr *e)
{
    struct tvalue *v = ARENA_NEW(sc->sema->arena, struct tvalue);
    const struct ast_expr *not =
        e->kind == AE_UNARY && e->op == OP_NOT ? e->a : NULL;
    bool ok;

    v->member = -1;
    if (not)
        e = not;
    if (e->kind == AE_IN) {
        ok = member(sc, c, e, v);
    } else if (e->kind == AE_BINARY && e->op >= OP_EQ && e->op <= OP_GE &&
               !not) {
        ok = compared(sc, c, e, v);
    } else {
        ok = asked(sc, c, e, v);
        v->want.u = 1;
        if (ok && v->type->kind != TY_BOOL) {
            diag_hint(diag_error(sc->sema->diags, e->loc,
                                 "this is a number, not true or false"),
                      "compare it: ... == 1");
            ok = false;
        }
    }
    if (not)
        v->want.u = !v->want.u;
    return ok ? v : NULL;
}

/* ---- set ---- */

static const char *number_text(struct sema *s, const struct type *t, num_t u)
{
    char buf[NUM_TEXT];

    if (t->kind == TY_BOOL)
        return u ? "true" : "false";
    if (t->kind == TY_DURATION)
        return arena_fmt(s->arena, "%sns", num_text(buf, u));
    if (t->kind == TY_UINT && t->form == LIT_IPV4)
        return arena_str(s->arena, ipv4_text(buf, u));
    if (t->kind == TY_UINT && t->form == LIT_IPV6)
        return arena_str(s->arena, ipv6_text(buf, u));
    if (t->kind == TY_UINT && t->form == LIT_MAC)
        return arena_str(s->arena, mac_text(buf, u));
    return arena_str(s->arena, num_text(buf, u));
}

/* As --set takes it; NULL: it takes none of that type. */
static const char *value_text(struct sema *s, const struct type *t,
                              const struct value *v)
{
    switch (t->kind) {
    case TY_STRING:
        return arena_fmt(s->arena, "\"%s\"", v->str);
    case TY_FILE:
        return arena_fmt(s->arena, "file(\"%s\")", v->str);
    case TY_UNION:
        return number_text(s, t->alt[v->alt], v->u);
    case TY_RANGE:
        return arena_fmt(s->arena, "%s..%s", number_text(s, t->elem, v->u),
                         number_text(s, t->elem, v->hi));
    case TY_BOOL:
    case TY_UINT:
    case TY_ENUM:
    case TY_DURATION:
        return number_text(s, t, v->u);
    default:
        return NULL;
    }
}

/* The type of the parameter, or part of one, of that name; an object is set by
 * its file. */
static struct type *param_type(struct sema *s, const struct nf *n,
                               const char *name)
{
    const char *dot = strchr(name, '.');
    const char *first =
        dot ? arena_strn(s->arena, name, (size_t)(dot - name)) : name;
    const struct param *p, *of;
    struct part *part;

    LIST_EACH (p, &n->params) {
        if (strcmp(p->name, first) != 0)
            continue;
        if (p->type->kind == TY_OBJECT) {
            LIST_EACH (of, &p->type->object->params)
                if (dot ? strcmp(of->name, dot + 1) == 0
                        : of->type->kind == TY_FILE)
                    return of->type;
            return NULL;
        }
        if (!dot)
            return p->type;
        if (p->type->kind == TY_TUPLE)
            LIST_EACH (part, &p->type->parts)
                if (part->name && strcmp(part->name, dot + 1) == 0)
                    return part->type;
    }
    return NULL;
}

const char *test_setting(struct scope *sc, const struct chain *c,
                         const struct ast_expr *target,
                         const struct ast_expr *value)
{
    struct sema *s = sc->sema;
    const char *name = dotted(s, target), *rest = NULL, *text;
    const struct position *p;
    struct type *t;
    struct texpr *v;

    if (!name) {
        diag_hint(diag_error(s->diags, target->loc,
                             "what is set is a parameter of an NF"),
                  "set NF.PARAMETER = VALUE");
        return NULL;
    }
    p = position_get(s, c, name, target->loc, &rest);
    if (!p)
        return NULL;
    t = param_type(s, p->nf, rest);
    if (!t) {
        HINT_NEAR(diag_error(s->diags, target->loc,
                             "'%s' has no parameter '%s'", p->name, rest),
                  s, rest, &p->nf->params);
        return NULL;
    }
    v = expr_value(sc, value, t);
    if (v->type->kind != TY_ERROR)
        v = fold(sc, v);
    if (v->type->kind == TY_ERROR)
        return NULL;
    text = value_text(s, t, &v->value);
    if (!text)
        diag_error(s->diags, value->loc,
                   "set the parts of '%s' one by one, as %s.0", rest, rest);
    return text ? arena_fmt(s->arena, "%s.%s.%s=%s", c->name, p->name, rest,
                            text)
                : NULL;
}
