/* p.reply(A(f = v) / B, data = BYTES, most = N), p.send(...), p.turn(): packets
 * that NFs make. */
#include "sema/sema.h"

/* Bytes: of data, what a frame of Ethernet carries; of headers. */
enum { MOST = 1500, MOST_HEADERS = 256 };

/* The headers from the beginning of a frame, or NULL. */
static struct tstack *headers(struct scope *sc, const struct ast_expr *call,
                              const struct member *m)
{
    const struct ast_arg *a = call->args.first;
    const struct tlayer *l;
    unsigned bytes = 0;
    struct tstack *t;

    if (!a || a->name) {
        diag_hint(diag_error(sc->sema->diags, call->loc,
                             "'%s' needs the headers", m->name),
                  "outermost first: p.%s(eth(src = ..., dst = ...) / ip(src = "
                  "..., dst = ...) / ...)",
                  m->name);
        return NULL;
    }
    t = stack_whole(sc, a->value);
    if (!t)
        return NULL;
    LIST_EACH (l, &t->layers)
        bytes += l->bytes;
    if (bytes > MOST_HEADERS)
        diag_error(sc->sema->diags, a->value->loc,
                   "these headers have %u bytes, and %d are the most", bytes,
                   MOST_HEADERS);
    if (t->layers.first->header->first)
        return t;
    diag_note(diag_error(sc->sema->diags, t->layers.first->loc,
                         "frames do not begin with '%s'",
                         t->layers.first->header->name),
              "a packet is made from its first byte on");
    return NULL;
}

static void set_most(struct scope *sc, const struct ast_arg *a, struct tstmt *t)
{
    const struct texpr *e = expr_value(sc, a->value, NULL);

    if (e->type->kind == TY_ERROR)
        return;
    if (e->kind == TE_CONST && e->value.u > 0 && e->value.u <= MOST)
        t->most = e->value.u;
    else
        diag_error(sc->sema->diags, a->value->loc,
                   "this must be a number from 1 to %d", MOST);
}

static void set_data(struct scope *sc, const struct ast_arg *a, struct tstmt *t)
{
    const struct member *payload = sc->sema->tree->payload;
    struct texpr *e = expr_value(sc, a->value, NULL);

    if (e->type->kind == TY_ERROR)
        return;
    if (payload && e->type == payload->type) {
        t->value = e;
        return;
    }
    diag_hint(diag_error(sc->sema->diags, a->value->loc,
                         "these are no bytes of the packet"),
              "data = p.payload, or those of a header and all behind it, as "
              "p.ip.bytes");
}

static struct tstmt *made(struct scope *sc, const struct ast_stmt *s,
                          struct tstmt *t)
{
    if (s->alt.kind != ALT_NONE)
        diag_error(sc->sema->diags, s->alt.loc,
                   "this cannot fail, so `or` has no use");
    if (sc->nf) {
        sc->nf->makes = true;
        sc->nf->replies |= t->back;
        sc->nf->turns |= stack_turns(t->stack);
    }
    return t;
}

static const struct header *first_header(const struct tree *t)
{
    const struct header *h;

    LIST_EACH (h, &t->headers)
        if (h->first)
            return h;
    return NULL;
}

/* All of the frame: p.eth.bytes. */
struct tstmt *turn_stmt(struct scope *sc, const struct ast_stmt *s)
{
    const struct header *h = first_header(sc->sema->tree);
    struct tstmt *t = tstmt_new(sc, TS_MAKE, s->loc);
    struct ast_expr first = *s->value, bytes = *s->value;

    if (s->value->args.n) {
        diag_error(sc->sema->diags, s->value->loc, "%s takes %u argument%s",
                   "'turn'", 0U, "s");
        return NULL;
    }
    first.kind = bytes.kind = AE_DOT;
    first.a = s->value->a->a;
    first.text = h ? h->name : "";
    bytes.a = &first;
    bytes.text = "bytes";
    stack_check_ends(sc, s->loc);
    t->back = true;
    t->most = MOST + MOST_HEADERS;
    t->stack = ARENA_NEW(sc->sema->arena, struct tstack);
    t->value = expr_value(sc, &bytes, NULL);
    return t->value->type->kind == TY_ERROR ? NULL : made(sc, s, t);
}

struct tstmt *make_stmt(struct scope *sc, const struct ast_stmt *s,
                        struct tblock *to)
{
    const struct member *m = packet_member(sc, s->value);
    struct tstmt *t = tstmt_new(sc, TS_MAKE, s->loc);
    const struct ast_arg *a;

    stack_check_ends(sc, s->loc);
    t->back = m->replies;
    t->most = MOST;
    t->stack = headers(sc, s->value, m);
    if (!t->stack)
        return NULL;
    for (a = s->value->args.first->next; a; a = a->next)
        if (a->name && strcmp(a->name, "data") == 0)
            set_data(sc, a, t);
        else if (a->name && strcmp(a->name, "most") == 0)
            set_most(sc, a, t);
        else
            diag_error(sc->sema->diags, a->value->loc,
                       "'%s' takes headers, `data` and `most`", m->name);
    stack_values(sc, t->stack, to);
    return made(sc, s, t);
}
