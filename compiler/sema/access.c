/* Names, fields of headers, properties and functions of extern types. */
#include "sema/sema.h"

/* ---- plain names ---- */

static struct texpr *enum_value(struct scope *sc, const struct ast_expr *e,
                                struct type *want)
{
    struct enumval *v;

    if (want && want->kind == TY_ENUM)
        LIST_EACH (v, &want->values)
            if (strcmp(v->name, e->text) == 0)
                return expr_number(sc, e->loc, want, v->value);
    return NULL;
}

static struct texpr *field_of(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *t;
    struct field *f;

    if (sc->header)
        LIST_EACH (f, &sc->header->fields)
            if (strcmp(f->name, e->text) == 0) {
                if (f->cond)
                    diag_error(sc->sema->diags, e->loc,
                               "'%s' may be absent, so nothing can depend on "
                               "it here",
                               f->name);
                t = expr_new(sc, TE_FIELD, e->loc, f->type);
                t->field = f;
                return sc->bytes ? expr_coerce(sc, t, type_uint(sc->sema, 32))
                                 : t;
            }
    return NULL;
}

static struct texpr *state_of(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *t;
    struct param *p;
    struct var *v;

    LIST_EACH (p, &sc->nf->params) {
        if (strcmp(p->name, e->text) == 0) {
            t = expr_new(sc, TE_PARAM, e->loc, p->type);
            t->param = p;
            return t;
        }
    }
    t = whole_value(sc, e);
    if (t)
        return t;
    LIST_EACH (v, &sc->nf->vars) {
        if (strcmp(v->name, e->text) == 0) {
            t = expr_new(sc, TE_VAR, e->loc, v->type);
            t->var = v;
            if (v->storage == ST_FLOW && sc->handler)
                sc->handler->needs_flow = true;
            return t;
        }
    }
    return NULL;
}

/* An event's own parameter, in its condition. */
static struct texpr *binder_of(struct scope *sc, const struct ast_expr *e)
{
    struct param *p;

    if (!sc->event)
        return NULL;
    LIST_EACH (p, &sc->event->params) {
        if (strcmp(p->name, e->text) != 0)
            continue;
        if (p->type == sc->sema->tree->flow)
            sc->event->needs_flow = true;
        return expr_new(sc, TE_LOCAL, e->loc, p->type);
    }
    return NULL;
}

/* The condition of a chain knows the packet only. */
static void filter_hint(struct scope *sc, struct diag *d,
                        const struct ast_expr *e)
{
    if (header_named(sc->sema, e->text))
        diag_hint(d, "write p.%s: the packet is called p here", e->text);
    else
        diag_note(d, "what a chain takes follows from the packet alone, which "
                     "is called p");
}

static void name_hints(struct scope *sc, struct diag *d,
                       const struct ast_expr *e, struct type *want)
{
    const char *near[192];
    unsigned n = 0;
    const struct binding *b;
    struct param *p;
    struct var *v;
    struct enumval *ev;

    for (b = sc->names; b && n < 64; b = b->up)
        near[n++] = b->name;
    if (sc->nf) {
        for (p = sc->nf->params.first; p && n < 96; p = p->next)
            near[n++] = p->name;
        for (v = sc->nf->vars.first; v && n < 128; v = v->next)
            near[n++] = v->name;
    }
    if (want && want->kind == TY_ENUM)
        for (ev = want->values.first; ev && n < 160; ev = ev->next)
            near[n++] = ev->name;
    if (sc->filter)
        filter_hint(sc, d, e);
    else if (sc->handler && !sc->packet && strcmp(e->text, "p") == 0)
        diag_note(d, "%s is raised without a packet",
                  handler_what(sc->handler));
    else if (advise_called(sc, d, e))
        return;
    else if (sc->handler && sc->packet && strcmp(e->text, "p") == 0)
        diag_hint(d, "give the packet a name: on %s (p) ...",
                  sc->handler->events);
    else if (sc->handler && strcmp(e->text, "f") == 0)
        diag_hint(d, "give the flow a name: on %s (%s) ...",
                  sc->handler->events,
                  sc->handler->raiser == RAISE_PACKET ? "p, f" : "f");
    else if (sc->handler && sc->packet && header_named(sc->sema, e->text) &&
             e->loc.src->text[e->loc.off + e->loc.len] == '.')
        diag_hint(d, "write p.%s, where p names the packet: on %s (%s)",
                  e->text, sc->handler->events,
                  sc->handler->raiser == RAISE_PACKET ? "p" : "f, p");
    else if (!hint_near(d, e->text, near, n))
        advise_clock(d, e->text);
}

static struct texpr *no_name(struct scope *sc, const struct ast_expr *e,
                             struct type *want)
{
    struct diag *d;

    if (want && want->kind == TY_ENUM)
        d = diag_error(sc->sema->diags, e->loc, "'%s' is no value of '%s'",
                       e->text, want->name);
    else
        d = diag_error(sc->sema->diags, e->loc, "there is no '%s' here",
                       e->text);
    name_hints(sc, d, e, want);
    return expr_error(sc, e->loc);
}

static struct texpr *bound(struct scope *sc, const struct ast_expr *e,
                           const struct binding *b)
{
    struct texpr *t;

    if (b->value) {
        t = arena_dup(sc->sema->arena, b->value, sizeof(*t));
        t->loc = e->loc;
        return t;
    }
    t = expr_new(sc, TE_LOCAL, e->loc, b->local->type);
    t->local = b->local;
    if (b->local->type == sc->sema->tree->flow && sc->handler)
        sc->handler->needs_flow = true;
    return t;
}

struct texpr *access_name(struct scope *sc, const struct ast_expr *e,
                          struct type *want)
{
    struct binding *b = scope_find(sc, e->text);
    struct texpr *t = b ? bound(sc, e, b) : field_of(sc, e);
    struct cell *cell = t ? NULL : cell_named(sc, e);

    if (b && b->local)
        let_read(sc->sema, b->local);
    if (cell)
        return cell_no_value(sc, e, cell);
    if (!t)
        t = binder_of(sc, e);
    if (!t && sc->nf)
        t = state_of(sc, e);
    if (t && t->type->kind == TY_TABLE) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' is a table, not a value", e->text),
                  "read an entry: let x = %s[...] or ...; or ask: ... in %s",
                  e->text, e->text);
        return expr_error(sc, e->loc);
    }
    if (t)
        return t;
    if (strcmp(e->text, "true") == 0 || strcmp(e->text, "false") == 0)
        return expr_number(sc, e->loc, sc->sema->boolean, *e->text == 't');
    t = enum_value(sc, e, want);
    return t ? t : no_name(sc, e, want);
}

/* ---- p.tcp.flags.syn ---- */

/* True if e names the packet at hand. */
bool access_packet(struct scope *sc, const struct ast_expr *e)
{
    struct type *packet = sc->sema->tree->packet;
    struct binding *b;
    struct param *p;

    if (e->kind != AE_NAME || !packet)
        return false;
    b = scope_find(sc, e->text);
    if (b)
        return (b->value ? b->value->type : b->local->type) == packet;
    if (sc->event)
        LIST_EACH (p, &sc->event->params)
            if (strcmp(p->name, e->text) == 0)
                return p->type == packet;
    return false;
}

struct header *access_header(struct scope *sc, const struct ast_expr *e)
{
    struct header *h;

    if (e->kind != AE_DOT)
        return NULL;
    if (!access_packet(sc, e->a)) {
        h = access_header(sc, e->a);
        return h ? inner_header(sc->sema, h, e->text) : NULL;
    }
    if (member_named(sc->sema->tree->packet->object, e->text))
        return NULL;
    return header_named(sc->sema, e->text);
}

/* Notes that the header is needed; reports where that cannot be. */
static bool need_header(struct scope *sc, struct header *h, struct loc at)
{
    struct diag *d;

    if (hset_has(&sc->present, h) || stack_shows(sc, h))
        return true;
    if (sc->need) {
        hset_add(sc->need, h);
        return true;
    }
    d = diag_error(sc->sema->diags, at,
                   "a packet may come here without the header '%s'", h->name);
    diag_hint(d, "guard it: if %.*s has %s { ... }",
              (int)strcspn(loc_text(sc->sema, at), ". \n"),
              loc_text(sc->sema, at), h->name);
    return false;
}

static struct field *field_named(struct scope *sc, struct header *h,
                                 const struct ast_expr *e)
{
    struct field *f = header_field(h, e->text);
    struct diag *d;

    if (f)
        return f;
    d = diag_error(sc->sema->diags, e->text_loc,
                   "header '%s' has no field '%s'", h->name, e->text);
    diag_also(d, h->loc, "declared here");
    advise_field(sc->sema, d, h, e->text);
    return NULL;
}

/* p.ip.bytes, unless `bytes` is a field of the header. */
static struct texpr *header_bytes(struct scope *sc, const struct ast_expr *e,
                                  struct header *h)
{
    const struct header *end;
    struct texpr *t;
    struct field *f;

    if (strcmp(e->text, "bytes") != 0 || !sc->sema->tree->payload)
        return NULL;
    LIST_EACH (f, &h->fields)
        if (strcmp(f->name, e->text) == 0)
            return NULL;
    if (!need_header(sc, h, e->loc))
        return expr_error(sc, e->loc);
    end = header_unsolved(sc->sema);
    if (end) {
        diag_also(diag_error(sc->sema->diags, e->loc,
                             "it cannot be told how far the bytes of '%s' "
                             "go: the `end` of '%s' is not a field times a "
                             "number plus a number",
                             h->name, end->name),
                  end->end->loc, "declared here");
        return expr_error(sc, e->loc);
    }
    t = expr_new(sc, TE_BYTES, e->loc, sc->sema->tree->payload->type);
    t->header = h;
    return t;
}

static struct texpr *field_value(struct scope *sc, const struct ast_expr *e,
                                 struct header *h)
{
    struct field *f = field_named(sc, h, e);
    struct texpr *t;

    if (!f || !need_header(sc, h, e->loc))
        return expr_error(sc, e->loc);
    t = expr_new(sc, TE_FIELD, e->loc, f->type);
    t->field = f;
    return t;
}

bool access_in_bytes(struct scope *sc, const struct ast_expr *e,
                     const struct texpr *a)
{
    struct diag *d;

    if (a->kind != TE_BYTES)
        return false;
    d = diag_error(sc->sema->diags, e->loc,
                   "the bytes of a header go to functions of C only");
    diag_note(d, "fields are named one by one; what stands behind all headers "
                 "is p.payload");
    return true;
}

/* p.tcp.flags.syn is (p.tcp.flags & 2) != 0. */
static struct texpr *flag_value(struct scope *sc, const struct ast_expr *e,
                                struct header *h)
{
    struct texpr *t = header_bytes(sc, e->a, h), *masked;
    struct enumval *m;
    struct diag *d;

    if (t && (t->type->kind == TY_ERROR || access_in_bytes(sc, e, t)))
        return expr_error(sc, e->loc);
    t = field_value(sc, e->a, h);
    if (t->type->kind == TY_ERROR)
        return t;
    LIST_EACH (m, &t->field->flags) {
        if (strcmp(m->name, e->text) != 0)
            continue;
        masked = expr_binary(sc, OP_AND, e->loc, t->type, t,
                             expr_number(sc, e->loc, t->type, m->value));
        return expr_binary(sc, OP_NE, e->loc, sc->sema->boolean, masked,
                           expr_number(sc, e->loc, t->type, 0));
    }
    d = diag_error(sc->sema->diags, e->text_loc, "'%s.%s' has no flag '%s'",
                   h->name, t->field->name, e->text);
    HINT_NEAR(d, sc->sema, e->text, &t->field->flags);
    return expr_error(sc, e->loc);
}

static struct texpr *no_member(struct scope *sc, const struct ast_expr *e,
                               const struct type *t)
{
    struct diag *d;
    bool packet = t == sc->sema->tree->packet;

    if (packet)
        d = diag_error(sc->sema->diags, e->text_loc,
                       "a packet has no header or property '%s'", e->text);
    else
        d = diag_error(sc->sema->diags, e->text_loc, "'%s' has no '%s'",
                       t->name, e->text);
    if ((packet || t == sc->sema->tree->flow) &&
        (advise_swapped(sc, d, e, t) || advise_variable(sc, d, e)))
        return expr_error(sc, e->loc);
    if (packet)
        advise_packet(sc->sema, d, e->a->kind == AE_NAME ? e->a->text : "p",
                      e->text);
    else if (t == sc->sema->tree->flow && header_named(sc->sema, e->text))
        diag_hint(d, "this is the flow; name the packet, too: (f, p)");
    else if (t->kind == TY_OBJECT)
        HINT_NEAR(d, sc->sema, e->text, &t->object->members);
    return expr_error(sc, e->loc);
}

static struct texpr *property(struct scope *sc, const struct ast_expr *e)
{
    struct texpr *a = expr_value(sc, e->a, NULL), *t;
    struct member *m;

    if (a->type->kind == TY_ERROR)
        return a;
    if (access_in_bytes(sc, e, a))
        return expr_error(sc, e->loc);
    if (type_is_struct(a->type))
        return struct_member(sc, e, a);
    m = a->type->kind == TY_OBJECT ? member_named(a->type->object, e->text)
                                   : NULL;
    if (!m)
        return no_member(sc, e, a->type);
    if (m->fn) {
        diag_hint(diag_error(sc->sema->diags, e->text_loc, "'%s' is a function",
                             e->text),
                  "call it: %s(...)", e->text);
        return expr_error(sc, e->loc);
    }
    t = expr_new(sc, TE_GET, e->loc, m->type);
    t->member = m;
    t->a = a;
    note_monitors(sc, m);
    return t;
}

static struct texpr *has(struct scope *sc, struct loc loc, struct header *h)
{
    struct texpr *t = expr_new(sc, TE_HAS, loc, sc->sema->boolean);

    t->header = h;
    return t;
}

struct texpr *access_dot(struct scope *sc, const struct ast_expr *e)
{
    struct header *h = access_header(sc, e);
    struct texpr *t;

    if (!h && (h = inner_has(sc, e)))
        return has(sc, e->loc, h);
    if (h) {
        diag_hint(diag_error(sc->sema->diags, e->loc,
                             "'%s' is a whole header, not a value", h->name),
                  "name a field of it, or ask `p has %s`", h->name);
        return expr_error(sc, e->loc);
    }
    h = access_header(sc, e->a);
    if (h) {
        t = header_bytes(sc, e, h);
        return t ? t : field_value(sc, e, h);
    }
    h = e->a->kind == AE_DOT ? access_header(sc, e->a->a) : NULL;
    if (h)
        return flag_value(sc, e, h);
    return property(sc, e);
}

struct texpr *access_has(struct scope *sc, const struct ast_expr *e)
{
    struct header *h = header_named(sc->sema, e->text);
    struct diag *d;

    if (e->implied && !h)
        return expr_error(sc, e->loc); /* what follows says so */
    if (!access_packet(sc, e->a)) {
        if (!e->implied)
            diag_error(sc->sema->diags, e->a->loc, "only a packet has headers");
        return expr_error(sc, e->loc);
    }
    if (!h) {
        d = diag_error(sc->sema->diags, e->text_loc, "there is no header '%s'",
                       e->text);
        HINT_NEAR(d, sc->sema, e->text, &sc->sema->tree->headers);
        return expr_error(sc, e->loc);
    }
    return has(sc, e->loc, h);
}

struct field *access_field(struct scope *sc, const struct ast_expr *e)
{
    struct header *h = e->kind == AE_DOT ? access_header(sc, e->a) : NULL;
    struct texpr *t;
    struct diag *d;

    if (!h)
        return NULL;
    t = header_bytes(sc, e, h);
    if (t && (t->type->kind == TY_ERROR || access_in_bytes(sc, e, t)))
        return NULL;
    t = field_value(sc, e, h);
    if (t->type->kind == TY_ERROR)
        return NULL;
    if (!t->field->fixed)
        return t->field;
    d = diag_error(sc->sema->diags, e->loc, "'%s.%s' cannot be assigned: %s",
                   h->name, t->field->name, t->field->fixed);
    diag_also(d, t->field->loc, "declared here");
    return NULL;
}
