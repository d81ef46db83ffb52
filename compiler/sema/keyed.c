/* Extern types that functions change, and those that have keys: what is
 * declared with keys of type `any` is made with keys of one type. */
#include "sema/sema.h"

void keyed_check(struct sema *s, struct object *o)
{
    const struct member *m;
    const struct param *p;
    unsigned numbers = 0;

    LIST_EACH (m, &o->members) {
        unsigned keys = 0;

        numbers += !m->fn;
        o->updates |= m->updates;
        o->holds |= m->holds;
        LIST_EACH (p, &m->params)
            keys += p->key;
        o->keyed |= keys > 0;
        if (keys > 1)
            diag_error(s->diags, m->loc, "a function has one key at most");
    }
    o->updates &= numbers == 0 && !o->file;
}

static struct member *member_of(struct sema *s, const struct member *m,
                                struct object *o)
{
    struct member *to = arena_dup(s->arena, m, sizeof(*m));
    const struct param *p;
    struct param *own;

    to->object = o;
    to->next = NULL;
    to->params = (params){0};
    LIST_EACH (p, &m->params) {
        own = arena_dup(s->arena, p, sizeof(*p));
        own->next = NULL;
        if (own->key)
            own->type = o->key;
        LIST_ADD(&to->params, own);
    }
    return to;
}

static struct type *with_keys(struct sema *s, const char *name,
                              struct object *of, struct type *key)
{
    struct object *o = arena_dup(s->arena, of, sizeof(*of));
    struct type *t = type_make(s, TY_OBJECT, name);
    const struct member *m;
    struct member *own;

    o->of = of;
    o->key = key;
    o->type = t;
    o->next = NULL;
    o->members.first = o->members.last = NULL;
    o->members.n = 0;
    LIST_EACH (m, &of->members) {
        own = member_of(s, m, o);
        LIST_ADD(&o->members, own);
    }
    t->object = o;
    t->loc = of->loc;
    LIST_ADD(&s->made, t);
    return t;
}

struct type *keyed_type(struct sema *s, const struct ast_type *a,
                        struct object *o)
{
    struct type *key, *t;
    const char *name;

    if (!o->keyed && a->parts.n == 0)
        return o->type;
    if (!o->keyed || a->parts.n == 0) {
        diag_hint(diag_error(s->diags, a->loc,
                             o->keyed ? "a '%s' has keys: say of which type"
                                      : "'%s' takes no type in brackets",
                             o->name),
                  o->keyed ? "%s[ipaddr](...)" : "%s(...)", o->name);
        return NULL;
    }
    key = key_type_fits(s, type_resolve(s, a->parts.first), a->parts.first->loc,
                        arena_fmt(s->arena, "the key of a '%s'", o->name));
    if (!key)
        return NULL;
    name = arena_fmt(s->arena, "%s[%s]", o->name, key->name);
    LIST_EACH (t, &s->made)
        if (strcmp(t->name, name) == 0)
            return t;
    return with_keys(s, name, o, key);
}
