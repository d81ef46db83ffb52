/* Extern types: what the library implements in C, by their declarations. */
#include "sema/sema.h"

/* What the words behind a function, or a property, say of it. */
static bool *mark(struct member *m, const char *word)
{
    const struct {
        const char *word;
        bool *of;
        bool property;
    } marks[] = {
        {"fails", &m->fails},         {"leases", &m->leases},
        {"rewrites", &m->rewrites},   {"trusted", &m->trusted},
        {"updates", &m->updates},     {"adds", &m->adds},
        {"removes", &m->removes},     {"edits", &m->edits},
        {"scratch", &m->scratch},     {"replies", &m->replies},
        {"sends", &m->sends},         {"holds", &m->holds},
        {"cuts", &m->cuts},           {"keeps", &m->keeps},
        {"turns", &m->turns},         {"steady", &m->steady, true},
        {"always", &m->always, true}, {"never", &m->never, true},
        {"monitors", &m->monitors},   {"monitors", &m->monitors, true},
        {"changes", &m->changes},     {"inherits", &m->inherits},
    };

    for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strcmp(marks[i].word, word) == 0 && marks[i].property == !m->fn)
            return marks[i].of;
    return NULL;
}

static void member_marks(struct sema *s, const struct ast_member *m,
                         struct member *to)
{
    struct ast_name *n;
    bool *is;
    struct diag *d;

    LIST_EACH (n, &m->marks) {
        is = mark(to, n->text);
        if (is) {
            *is = true;
        } else {
            d = diag_error(s->diags, n->loc, "a %s cannot be marked '%s'",
                           to->fn ? "function" : "property", n->text);
            diag_note(d, to->fn ? "the marks are fails, leases, rewrites, "
                                  "trusted, updates, adds, removes, edits, "
                                  "scratch, replies, sends, holds, "
                                  "turns, cuts, keeps, changes, monitors "
                                  "and inherits"
                                : "the marks are steady, always, never and "
                                  "monitors");
        }
    }
}

static void member_declare(struct sema *s, struct object *o,
                           const struct ast_member *m)
{
    struct member *to, *other;

    LIST_EACH (other, &o->members)
        if (strcmp(other->name, m->name) == 0)
            twice(s, m->loc, "member", m->name, other->loc);
    if (o->inherit && strcmp(o->inherit->name, m->name) == 0)
        twice(s, m->loc, "member", m->name, o->inherit->loc);
    to = ARENA_NEW(s->arena, struct member);
    to->name = m->name;
    to->doc = m->doc;
    to->loc = m->loc;
    to->object = o;
    to->fn = m->fn;
    to->type = m->type ? type_resolve(s, m->type) : s->none;
    keyed_params(s, &m->params, &to->params);
    member_marks(s, m, to);
    if (to->inherits)
        o->inherit = to;
    else
        LIST_ADD(&o->members, to);
}

static void object_declare(struct sema *s, const struct ast_decl *d)
{
    struct object *o = ARENA_NEW(s->arena, struct object);
    struct type *t = ARENA_NEW(s->arena, struct type);
    struct type *before = type_named(s, d->name);

    if (before) {
        twice(s, d->loc, d->plain ? "function" : "type", d->name, before->loc);
        return;
    }
    o->plain = d->plain;
    o->file = d->c_file.n ? d->c_file.first->text : NULL;
    o->name = d->name;
    o->doc = d->doc;
    o->loc = d->loc;
    o->type = t;
    t->kind = TY_OBJECT;
    t->name = d->name;
    t->loc = d->loc;
    t->object = o;
    LIST_ADD(&s->tree->types, t);
    LIST_ADD(&s->tree->objects, o);
}

/* Before all other types: if a program declares one of the library's names
 * again, it is the program that is wrong. */
void externs_name(struct sema *s)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_EXTERN)
            object_declare(s, d);
}

void externs_declare(struct sema *s)
{
    struct ast_decl *d;
    struct object *o;
    struct ast_member *m;

    LIST_EACH (d, &s->ast->decls) {
        o = d->kind == AD_EXTERN ? object_named(s, d->name) : NULL;
        if (!o || o->members.n || o->params.n)
            continue;
        type_params(s, &d->params, &o->params);
        LIST_EACH (m, &d->members)
            member_declare(s, o, m);
        keyed_check(s, o);
        cell_type_check(s, o);
    }
}
