/* p.encap(A(f = v) / B), p.decap(A / B): sequences of headers, outermost first,
 * as one writes packets. */
#include "sema/sema.h"

struct member *packet_member(struct scope *sc, const struct ast_expr *e)
{
    if (e->kind != AE_CALL || e->a->kind != AE_DOT ||
        !access_packet(sc, e->a->a))
        return NULL;
    return member_named(sc->sema->tree->packet->object, e->a->text);
}

bool stack_call(struct scope *sc, const struct ast_expr *e)
{
    const struct member *m = packet_member(sc, e);

    return m && m->fn &&
           (m->adds || m->removes || m->replies || m->sends || m->turns);
}

/* ---- A(f = v) ---- */

/* encap(A, B): B is a header, which stands behind a slash. */
static bool advise_slash(struct scope *sc, struct diag *d,
                         const struct tlayer *l, const struct ast_arg *a)
{
    const struct ast_expr *e = a->value;
    const char *name = e->kind == AE_CALL ? e->a->text : e->text;

    if (a->name || !name || !header_named(sc->sema, name))
        return false;
    diag_hint(d, "headers are joined by a slash: %s / %s", l->header->name,
              loc_text(sc->sema, e->loc));
    return true;
}

static struct field *field_of(struct scope *sc, const struct tlayer *l,
                              const struct ast_arg *a)
{
    struct field *f;
    struct diag *d;

    if (!a->name) {
        d = diag_error(sc->sema->diags, a->value->loc,
                       "say which field of '%s' this is", l->header->name);
        if (!advise_slash(sc, d, l, a))
            diag_hint(d, "%s(%s = ...)", l->header->name,
                      l->header->fields.first->name);
        return NULL;
    }
    f = header_field(l->header, a->name);
    if (f)
        return f;
    d = diag_error(sc->sema->diags, a->name_loc,
                   "header '%s' has no field '%s'", l->header->name, a->name);
    advise_field(sc->sema, d, l->header, a->name);
    return NULL;
}

/* Why the author does not set it; NULL: he may. */
static const char *set_by_itself(const struct tlayer *l, const struct field *f)
{
    const struct header *h = l->header;
    const struct checksum *k;

    LIST_EACH (k, &h->checksums)
        if (k->field == f && !k->optional)
            return "checksums are computed by themselves";
    if (h->size_by.field == f || h->end_by.field == f)
        return "lengths are computed by themselves";
    return NULL;
}

static bool is_sum(const struct header *h, const struct field *f)
{
    const struct checksum *k;

    LIST_EACH (k, &h->checksums)
        if (k->field == f)
            return true;
    return false;
}

static bool not_given(struct scope *sc, const struct tlayer *l,
                      const struct field *f, struct loc at, const char *why)
{
    diag_also(diag_error(sc->sema->diags, at, "'%s.%s' cannot be given: %s",
                         l->header->name, f->name, why),
              f->loc, "declared here");
    return false;
}

/* after = VALUE: by which value of the selector in front it follows. */
static bool set_after(struct scope *sc, struct tlayer *l,
                      const struct ast_arg *a)
{
    const struct after *by;

    LIST_EACH (by, &l->header->after)
        if (!by->always)
            break;
    if (!by || l->after) {
        diag_error(sc->sema->diags, a->name_loc,
                   l->after ? "the field '%s' is given twice"
                            : "nothing in front says that '%s' follows",
                   l->after ? a->name : l->header->name);
        return false;
    }
    l->after = expr_value(sc, a->value, by->parent->select->type);
    return l->after->type->kind != TY_ERROR;
}

static bool set_field(struct scope *sc, struct tlayer *l,
                      const struct ast_arg *a)
{
    bool after = a->name && strcmp(a->name, "after") == 0 &&
                 !header_field(l->header, a->name);
    struct field *f = after ? NULL : field_of(sc, l, a);
    const char *why = f ? set_by_itself(l, f) : NULL;
    struct tset *set, *before;

    if (after)
        return set_after(sc, l, a);
    if (!f)
        return false;
    if (why)
        return not_given(sc, l, f, a->name_loc, why);
    if (f == l->header->select) {
        l->by_hand = true;
        l->hand_loc = a->name_loc;
    }
    LIST_EACH (before, &l->sets)
        if (before->field == f)
            diag_error(sc->sema->diags, a->name_loc,
                       "the field '%s' is given twice", f->name);
    set = ARENA_NEW(sc->sema->arena, struct tset);
    set->field = f;
    set->value = expr_value(sc, a->value, f->type);
    LIST_ADD(&l->sets, set);
    if (!is_sum(l->header, f))
        return set->value->type->kind != TY_ERROR;
    l->no_sum = true;
    if (set->value->kind == TE_CONST && !set->value->value.u)
        return true;
    diag_hint(diag_error(sc->sema->diags, a->value->loc,
                         "a checksum is computed, or left out"),
              "%s = 0, or nothing", f->name);
    return false;
}

/* Where a packet comes from and goes to has no default. */
static bool all_given(struct scope *sc, const struct tlayer *l)
{
    const struct given *g;
    const struct tset *s;
    bool ok = true;

    LIST_EACH (g, &l->header->given)
        for (int r = ROLE_SRC; r <= ROLE_DST; r++) {
            if (!g->field[r])
                continue;
            LIST_EACH (s, &l->sets)
                if (s->field == g->field[r])
                    break;
            if (s)
                continue;
            diag_hint(diag_error(sc->sema->diags, l->loc, "'%s' needs its '%s'",
                                 l->header->name, g->field[r]->name),
                      "%s(%s = ..., ...)", l->header->name, g->field[r]->name);
            ok = false;
        }
    return ok;
}

static bool can_be_added(struct scope *sc, const struct tlayer *l)
{
    const struct header *h = l->header;
    bool varies = h->fields.last->cond != NULL && !h->size_by.field;
    bool size = h->size && !h->size_by.known && !varies;
    const char *what = size ? "size" : "end";
    const struct texpr *e = size ? h->size : h->end;

    if (!size && (!h->end || h->end_by.known))
        return true;
    diag_also(diag_error(sc->sema->diags, l->loc,
                         "'%s' cannot be added: its `%s` is not a field times "
                         "a number plus a number",
                         h->name, what),
              e->loc, "declared here");
    return false;
}

/* A, or A(f = v, ...) of which the arguments begin at `args`. */
static struct tlayer *layer(struct scope *sc, const struct ast_expr *name,
                            const struct ast_arg *args, bool values)
{
    struct tlayer *l = ARENA_NEW(sc->sema->arena, struct tlayer);
    bool ok = true;

    l->loc = name->loc;
    if (name->kind == AE_NAME)
        l->header = header_named(sc->sema, name->text);
    if (!l->header) {
        struct diag *d = diag_error(sc->sema->diags, name->loc,
                                    name->kind == AE_NAME
                                        ? "there is no header '%s'"
                                        : "the name of a header must be here",
                                    name->text);

        if (name->kind == AE_NAME &&
            !HINT_NEAR(d, sc->sema, name->text, &sc->sema->tree->headers))
            hint_module(sc->sema, d, name->text);
        return NULL;
    }
    if (!values && header_is_option(l->header)) {
        diag_error(sc->sema->diags, name->loc,
                   "an option goes with its header only");
        return NULL;
    }
    if (!values) {
        if (args)
            advise_slash(sc,
                         diag_error(sc->sema->diags, args->value->loc,
                                    "only names are here: fields do not "
                                    "matter"),
                         l, args);
        return l;
    }
    for (; args; args = args->next)
        ok &= set_field(sc, l, args);
    ok = ok && all_given(sc, l) && can_be_added(sc, l);
    return ok && optional_given(sc, l) ? l : NULL;
}

/* ---- A / B ---- */

/* The headers that `child` can follow, for a message. */
static const char *parents_of(struct sema *s, const struct header *child)
{
    const struct header *h;
    const char *text = NULL;

    LIST_EACH (h, &s->tree->headers)
        if (header_follows(h, child))
            text = arena_fmt(s->arena, "%s%s%s", text ? text : "",
                             text ? ", " : "", h->name);
    return text           ? text
           : child->first ? "nothing: frames begin with it"
                          : "none";
}

/* Which selector says that l follows: the last one's, perhaps by hand. */
static bool select_layer(struct scope *sc, struct tstack *to, struct tlayer *l)
{
    struct tlayer *up = to->layers.last;
    struct tset *set;

    if (!up) {
        to->up = l->after;
        return true;
    }
    if (l->after && up->by_hand) {
        diag_error(sc->sema->diags, l->after->loc,
                   "the field '%s' is given twice", up->header->select->name);
        return false;
    }
    if (l->after && up->header->select) {
        set = ARENA_NEW(sc->sema->arena, struct tset);
        set->field = up->header->select;
        set->value = expr_coerce(sc, l->after, set->field->type);
        set->bit = set->field->bit_off;
        LIST_ADD(&up->sets, set);
        up->by_hand = true;
    }
    if (!up->by_hand && !header_follows(up->header, l->header)->value)
        return true;
    return optional_selector(sc, up);
}

static bool add_layer(struct scope *sc, struct tstack *to, struct tlayer *l)
{
    struct tlayer *before = to->layers.last;

    if (!l)
        return false;
    if (header_is_option(l->header)) {
        if (!option_add(sc, before, l))
            return false;
        to->text =
            arena_fmt(sc->sema->arena, "%s / %s", to->text, l->header->name);
        return true;
    }
    if (before && !header_follows(before->header, l->header)) {
        diag_note(diag_error(sc->sema->diags, l->loc, "'%s' cannot follow '%s'",
                             l->header->name, before->header->name),
                  "it follows %s", parents_of(sc->sema, l->header));
        return false;
    }
    if (to->layers.n == STACK_MAX) {
        diag_error(sc->sema->diags, l->loc, "more than %d headers", STACK_MAX);
        return false;
    }
    if (!select_layer(sc, to, l))
        return false;
    to->text = to->text ? arena_fmt(sc->sema->arena, "%s / %s", to->text,
                                    l->header->name)
                        : l->header->name;
    LIST_ADD(&to->layers, l);
    return true;
}

static bool add_layers(struct scope *sc, const struct ast_expr *e, bool values,
                       struct tstack *to)
{
    if (e->kind == AE_BINARY && e->op == OP_DIV)
        return add_layers(sc, e->a, values, to) &&
               add_layers(sc, e->b, values, to);
    if (e->kind == AE_CALL)
        return add_layer(sc, to, layer(sc, e->a, e->args.first, values));
    return add_layer(sc, to, layer(sc, e, NULL, values));
}

struct tstack *stack_whole(struct scope *sc, const struct ast_expr *e)
{
    struct tstack *t = ARENA_NEW(sc->sema->arena, struct tstack);

    return add_layers(sc, e, true, t) ? t : NULL;
}

/* What follows the last one is known when the packet is here. */
static struct tstack *checked(struct scope *sc, struct tstack *t)
{
    const struct tlayer *last = t->layers.last;

    if (!last->by_hand)
        return t;
    not_given(sc, last, last->header->select, last->hand_loc,
              "it follows from what comes behind");
    return NULL;
}

struct tstack *stack_typed(struct scope *sc, const struct ast_expr *e,
                           bool values)
{
    struct tstack *t = ARENA_NEW(sc->sema->arena, struct tstack);

    return add_layers(sc, e, values, t) ? checked(sc, t) : NULL;
}

/* encap(A / B(f = v)), or in short encap(A, f = v) */
static struct tstack *arguments(struct scope *sc, const struct ast_expr *call,
                                const struct member *m)
{
    const struct ast_arg *a = call->args.first;
    struct tstack *t = ARENA_NEW(sc->sema->arena, struct tstack);

    if (!a || a->name) {
        diag_hint(diag_error(sc->sema->diags, call->loc,
                             "'%s' needs the headers", m->name),
                  "p.%s(vlan), or outermost first: p.%s(ip / gre)", m->name,
                  m->name);
        return NULL;
    }
    if (!a->next)
        return stack_typed(sc, a->value, m->adds);
    return add_layer(sc, t, layer(sc, a->value, a->next, m->adds))
               ? checked(sc, t)
               : NULL;
}

/* ---- the statement ---- */

const struct header *header_unsolved(const struct sema *s)
{
    const struct header *h;

    LIST_EACH (h, &s->tree->headers)
        if (h->end && !h->end_by.known)
            return h;
    return NULL;
}

/* Lengths of headers in front change, so all must be numbers that can be set.
 */
void stack_check_ends(struct scope *sc, struct loc at)
{
    const struct header *h = header_unsolved(sc->sema);

    if (h)
        diag_also(diag_error(sc->sema->diags, at,
                             "headers can be neither added nor removed: "
                             "the `end` of '%s' is not a field times a "
                             "number plus a number",
                             h->name),
                  h->end->loc, "declared here");
}

bool stack_shows(const struct scope *sc, const struct header *h)
{
    const struct tlayer *l = sc->added ? sc->added->layers.first : NULL;

    if (!h->of || !l)
        return false;
    while (l && l->header != h->of)
        l = l->next;
    for (l = l ? l->next : NULL; l; l = l->next)
        if (l->header == h->real)
            return true;
    return false;
}

static void added(struct scope *sc, const struct tstack *t)
{
    const struct tlayer *l, *o;

    LIST_EACH (l, &t->layers) {
        hset_add(&sc->present, l->header);
        for (o = l->option; o; o = o->option)
            hset_add(&sc->present, o->header);
    }
    hset_close(sc->sema, &sc->present);
    sc->added = t;
}

/* What is known to be there is what was, without the headers that went. Of a
 * tunnel nobody knows which went with it; behind it is what always is. */
static void removed(struct scope *sc, const struct tstack *t)
{
    struct hset gone = {0}, behind = {0};
    const struct header *h, *last = t->layers.last->header;
    const struct tlayer *l;
    const struct after *a;

    LIST_EACH (l, &t->layers)
        hset_add(&gone, l->header);
    if (last->tunnel && t->layers.n == 1)
        memset(&gone, 0xff, sizeof(gone));
    LIST_EACH (h, &sc->sema->tree->headers) {
        if (hset_has(&sc->present, h) && h->of == last && !header_is_option(h))
            hset_add(&behind, h->real);
        if (h->of)
            hset_add(&gone, h);
    }
    sc->added = NULL;
    hset_remove(&sc->present, &gone);
    hset_or(&sc->present, &behind);
    hset_or(&sc->gone, &gone);
    LIST_EACH (h, &sc->sema->tree->headers) {
        a = header_follows(last, h);
        if ((a && a->always && !h->valid) || h->first)
            hset_add(&sc->present, h);
    }
}

static struct texpr *kept(struct scope *sc, struct texpr *e, struct tblock *to)
{
    struct tstmt *let;

    if (!e || e->kind == TE_CONST)
        return e;
    let = tstmt_new(sc, TS_LET, e->loc);
    let->value = e;
    let->local = hidden_local(sc, e->loc, e->type);
    LIST_ADD(&to->stmts, let);
    e = expr_new(sc, TE_LOCAL, let->loc, e->type);
    e->local = let->local;
    return e;
}

/* All values are known before the packet changes. */
static void keep_values(struct scope *sc, struct tstack *t, struct tblock *to)
{
    const struct tlayer *l;
    struct tset *set;

    LIST_EACH (l, &t->layers)
        LIST_EACH (set, &l->sets)
            set->value = kept(sc, set->value, to);
    t->up = kept(sc, t->up, to);
}

/* The NF's counter of a field, per shard. */
static struct var *counter(struct scope *sc, const struct field *f)
{
    const char *name =
        arena_fmt(sc->sema->arena, "added.%s.%s", f->header->name, f->name);
    struct var *v;

    LIST_EACH (v, &sc->nf->vars)
        if (strcmp(v->name, name) == 0)
            return v;
    return var_hidden(sc->sema, sc->nf, name, sc->nf->loc, ST_SPLIT, f->type);
}

static struct texpr *var_value(struct scope *sc, struct var *v, struct loc loc)
{
    struct texpr *e = expr_new(sc, TE_VAR, loc, v->type);

    e->var = v;
    return e;
}

/* Numbers that nobody gave: the counter goes up by 1 and is the value. */
static void count_fields(struct scope *sc, struct tstack *t, struct tblock *to)
{
    struct tlayer *l;
    struct field *f;
    struct tset *set;
    struct tstmt *up;

    if (!sc->nf)
        return;
    LIST_EACH (l, &t->layers)
        LIST_EACH (f, &l->header->fields) {
            LIST_EACH (set, &l->sets)
                if (set->field == f)
                    break;
            if (set || !f->counts || f->cond || !layer_could(l, f->counts))
                continue;
            up = tstmt_new(sc, TS_VAR, l->loc);
            up->var = counter(sc, f);
            up->value = expr_binary(sc, OP_ADD, l->loc, f->type,
                                    var_value(sc, up->var, l->loc),
                                    expr_number(sc, l->loc, f->type, 1));
            LIST_ADD(&to->stmts, up);
            set = ARENA_NEW(sc->sema->arena, struct tset);
            set->field = f;
            set->bit = f->bit_off;
            set->value = var_value(sc, up->var, l->loc);
            LIST_ADD(&l->sets, set);
        }
}

void stack_values(struct scope *sc, struct tstack *t, struct tblock *to)
{
    count_fields(sc, t, to);
    keep_values(sc, t, to);
}

struct tstmt *stack_stmt(struct scope *sc, const struct ast_stmt *s,
                         struct tblock *to)
{
    const struct member *m = packet_member(sc, s->value);
    struct tstmt *t = tstmt_new(sc, m->adds ? TS_ENCAP : TS_DECAP, s->loc);

    if (m->turns)
        return turn_stmt(sc, s);
    if (m->replies || m->sends)
        return make_stmt(sc, s, to);
    stack_check_ends(sc, s->loc);
    t->stack = arguments(sc, s->value, m);
    if (!t->stack)
        return NULL;
    stack_values(sc, t->stack, to);
    alternative(sc, s, t);
    if (m->adds)
        added(sc, t->stack);
    else
        removed(sc, t->stack);
    return t;
}
