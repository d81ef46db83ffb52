/* Declarations by name, and what is said of names that are wrong. */
#include "sema/sema.h"

const char *const role_name[ROLE_N] = {"src", "dst", "proto", "sport", "dport"};
const char *const raiser_name[RAISE_N] = {"new", "packet", "end"};

void twice(struct sema *s, struct loc at, const char *what, const char *name,
           struct loc before)
{
    struct diag *d =
        diag_error(s->diags, at, "the %s '%s' is declared twice", what, name);

    diag_also(d, before, "first declared here");
}

bool hint_near(struct diag *d, const char *word, const char *const *names,
               unsigned n)
{
    const char *near = diag_nearest(word, names, n);

    if (near)
        diag_hint(d, "did you mean '%s'?", near);
    return near != NULL;
}

struct header *header_named(struct sema *s, const char *name)
{
    struct header *h;

    LIST_EACH (h, &s->tree->headers)
        if (strcmp(h->name, name) == 0)
            return h;
    return NULL;
}

struct event *event_named(struct sema *s, const char *path)
{
    struct event *e;

    LIST_EACH (e, &s->tree->events)
        if (strcmp(e->path, path) == 0)
            return e;
    return NULL;
}

struct nf *nf_named(struct sema *s, const char *name)
{
    struct nf *n;

    LIST_EACH (n, &s->tree->nfs)
        if (strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

struct object *object_named(struct sema *s, const char *name)
{
    struct object *o;

    LIST_EACH (o, &s->tree->objects)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

struct member *member_named(const struct object *o, const char *name)
{
    struct member *m;

    LIST_EACH (m, &o->members)
        if (strcmp(m->name, name) == 0)
            return m;
    return NULL;
}

struct chain *chain_named(struct sema *s, const char *name)
{
    struct chain *c;

    LIST_EACH (c, &s->tree->chains)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

bool type_is_divided(const struct type *t)
{
    const struct member *m;

    if (t->kind != TY_OBJECT)
        return false;
    LIST_EACH (m, &t->object->members)
        if (m->leases)
            return true;
    return false;
}
