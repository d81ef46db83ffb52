/* What the author may have meant by an expression that has no such type, or by
 * a name that is not there: made of the words of the source. */
#include "sema/sema.h"

#include "base/text.h"

/* 1024-65535 as one would write a range elsewhere */
bool advise_range(struct sema *s, struct diag *d, const struct ast_expr *e)
{
    if (e->kind != AE_BINARY || e->op != OP_SUB)
        return false;
    diag_hint(d, "a range is written with two dots: %s..%s",
              loc_text(s, e->a->loc), loc_text(s, e->b->loc));
    return true;
}

/* Two numbers of the source, of which the first is less. */
static bool is_negative(const struct ast_expr *e)
{
    return e->kind == AE_BINARY && e->op == OP_SUB && e->a->kind == AE_LIT &&
           e->b->kind == AE_LIT && e->a->lit == LIT_INT &&
           e->b->lit == LIT_INT && e->a->num < e->b->num;
}

bool refuse_negative(struct scope *sc, const struct ast_expr *e)
{
    if (!is_negative(e))
        return false;
    advise_range(sc->sema,
                 diag_error(sc->sema->diags, e->loc,
                            "this would be less than zero, and is no value "
                            "of a set"),
                 e);
    return true;
}

/* ---- p.tcp.flags == SYN ---- */

/* p.tcp.flags.syn && p.tcp.flags.ack; NULL if something is no flag of f. */
static const char *flags_text(struct sema *s, const struct field *f,
                              const char *field, const struct ast_expr *e)
{
    const char *a, *b;
    struct enumval *v;

    if (e->kind == AE_BINARY && (e->op == OP_OR || e->op == OP_ADD)) {
        a = flags_text(s, f, field, e->a);
        b = flags_text(s, f, field, e->b);
        return a && b ? arena_fmt(s->arena, "%s && %s", a, b) : NULL;
    }
    if (e->kind != AE_NAME)
        return NULL;
    LIST_EACH (v, &f->flags)
        if (strcasecmp(v->name, e->text) == 0)
            return arena_fmt(s->arena, "%s.%s", field, v->name);
    return NULL;
}

static struct field *flags_of(struct scope *sc, const struct ast_expr *e)
{
    struct header *h = e->kind == AE_DOT ? access_header(sc, e->a) : NULL;
    struct field *f = h ? header_field(h, e->text) : NULL;

    return f && f->flags.n ? f : NULL;
}

bool refuse_flags(struct scope *sc, const struct ast_expr *e)
{
    struct field *f = flags_of(sc, e->a);
    const char *all =
        f ? flags_text(sc->sema, f, loc_text(sc->sema, e->a->loc), e->b) : NULL;
    struct diag *d;

    if (!all || (e->b->kind == AE_NAME && scope_find(sc, e->b->text)))
        return false;
    d = diag_error(sc->sema->diags, e->b->loc,
                   "the flags of '%s.%s' are asked one by one", f->header->name,
                   f->name);
    diag_hint(d, e->op == OP_NE ? "write !(%s)" : "write %s", all);
    return true;
}

/* ---- addresses without their port ---- */

/* An endpoint is an address and a port. */
static bool is_end(const struct type *t)
{
    return t->kind == TY_TUPLE && t->parts.n == 2 &&
           t->parts.first->type->kind == TY_UNION &&
           type_is_plain(t->parts.last->type);
}

static bool is_address(const struct type *t)
{
    return t->kind == TY_UNION ||
           (t->kind == TY_UINT && (t->form == LIT_IPV4 || t->form == LIT_IPV6));
}

/* t: of what stands there, NULL if no type has such literals. */
void advise_end(struct scope *sc, struct diag *d, struct loc at,
                const struct type *t, const struct type *want)
{
    const char *text = loc_text(sc->sema, at), *end = strrchr(text, '.');
    const char *which = end && strncmp(text, "f.", 2) == 0 ? end + 1 : sc->arg;

    if (!t || !is_end(want) || !is_address(t))
        return;
    diag_hint(d, "it goes with a port: (%s, %s)", text,
              !which                      ? "80"
              : strcmp(which, "dst") == 0 ? "f.dport"
              : strcmp(which, "src") == 0 ? "f.sport"
                                          : "80");
}

/* ---- members of the packet and the flow ---- */

/* The name that a handler gives to what is of this type. */
static const char *name_of(const struct scope *sc, const struct type *t)
{
    const struct binding *b;

    for (b = sc->names; b; b = b->up)
        if (b->local && b->local->type == t)
            return b->name;
    return NULL;
}

bool advise_called(struct scope *sc, struct diag *d, const struct ast_expr *e)
{
    const struct tree *tree = sc->sema->tree;
    bool packet = strcmp(e->text, "p") == 0;
    const char *name = packet || strcmp(e->text, "f") == 0
                           ? name_of(sc, packet ? tree->packet : tree->flow)
                           : NULL;

    if (name)
        diag_hint(d, "the %s is called %s here", packet ? "packet" : "flow",
                  name);
    return name != NULL;
}

/* f.dport where f is the packet: as its name stands in the packet's place, or
 * because the other one was meant. */
bool advise_swapped(struct scope *sc, struct diag *d, const struct ast_expr *e,
                    const struct type *t)
{
    const struct tree *tree = sc->sema->tree;
    const char *p = name_of(sc, tree->packet), *f = name_of(sc, tree->flow);
    bool first = sc->handler && sc->handler->raiser == RAISE_PACKET;
    bool flow = t == tree->flow, other;

    if (!p || !f || !sc->handler)
        return false;
    other = !flow ? member_named(tree->flow->object, e->text) != NULL
                  : header_named(sc->sema, e->text) ||
                        member_named(tree->packet->object, e->text);
    if (other && *p != 'f' && *f != 'p')
        diag_hint(d, "the %s has it: %s.%s", flow ? "packet" : "flow",
                  flow ? p : f, e->text);
    else if (other)
        diag_hint(d, "%s is the %s here; write: on %s (%s, %s)", flow ? f : p,
                  flow ? "flow" : "packet", sc->handler->events, first ? f : p,
                  first ? p : f);
    return other;
}

/* f.n for the variable n of flows */
bool advise_variable(struct scope *sc, struct diag *d, const struct ast_expr *e)
{
    const struct var *v;

    if (!sc->nf || !sc->handler)
        return false;
    LIST_EACH (v, &sc->nf->vars)
        if (strcmp(v->name, e->text) == 0) {
            diag_hint(d, "variables of the NF stand by themselves: write %s",
                      e->text);
            return true;
        }
    return false;
}

/* ---- for i in 0..p.len ---- */

void advise_bounds(struct sema *s, struct diag *d, const struct ast_stmt *loop)
{
    const struct ast_expr *a = loop->value->a, *b = loop->value->b;
    const char *i = loop->name;

    diag_hint(d, "write for %s in 0..255 { if %s >= %s && %s <= %s { ... } }",
              i, i, loc_text(s, a->loc), i, loc_text(s, b->loc));
}
