/* Headers behind headers: p.vxlan.ip is the outermost IPv4 header behind the
 * outermost VXLAN header. */
#include "sema/sema.h"

static void copy_fields(struct sema *s, struct header *to)
{
    struct field *f, *n;

    LIST_EACH (f, &to->real->fields) {
        n = arena_dup(s->arena, f, sizeof(*f));
        n->header = to;
        n->real = f;
        LIST_ADD(&to->fields, n);
    }
}

static struct header *make(struct sema *s, struct header *of,
                           struct header *real, const char *name)
{
    struct header *h = ARENA_NEW(s->arena, struct header);

    if (s->tree->headers.n == MAX_HEADERS) {
        diag_error(s->diags, real->loc, "more than %d headers", MAX_HEADERS);
        return real;
    }
    h->of = of;
    h->real = real;
    h->name = name;
    h->doc = real->doc;
    h->loc = real->loc;
    h->index = s->tree->headers.n;
    h->fixed_bytes = real->fixed_bytes;
    h->select_as = h;
    copy_fields(s, h);
    LIST_ADD(&s->tree->headers, h);
    return h;
}

struct header *inner_header(struct sema *s, struct header *h, const char *name)
{
    struct header *real = header_named(s, name), *before;
    const struct field *f;
    char *path;

    LIST_EACH (f, &h->fields)
        if (strcmp(f->name, name) == 0)
            return NULL;
    if (!real)
        return NULL;
    if (header_is_option(real))
        return real->of == h ? real : NULL;
    path = arena_fmt(s->arena, "%s.%s", h->name, name);
    before = header_named(s, path);
    return before ? before : make(s, h, real, path);
}

/* The grammar reads `p has a.b` as (p has a).b. */
struct header *inner_has(struct scope *sc, const struct ast_expr *e)
{
    struct header *h = NULL;

    if (e->kind == AE_HAS && access_packet(sc, e->a))
        return header_named(sc->sema, e->text);
    if (e->kind == AE_DOT)
        h = inner_has(sc, e->a);
    return h ? inner_header(sc->sema, h, e->text) : NULL;
}
