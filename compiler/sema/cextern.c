/* Extern types and functions of the program's own C: which file, which
 * libraries, and whether C can take what is declared. Nothing is opened here:
 * check and explain never look at C. */
#include "sema/cproto.h"
#include "sema/sema.h"

/* ---- from "a.c" link "x" ---- */

/* A path below the folder of the source, in plain letters, since it goes to a
 * compiler. */
static bool is_below(const char *path)
{
    size_t n = strlen(path);

    if (n < 3 || strcmp(path + n - 2, ".c") != 0 || path[0] == '-')
        return false;
    for (const char *p = path; *p; p = strchr(p, '/') ? strchr(p, '/') + 1 : "")
        if (*p == '/' || *p == '.')
            return false;
    return strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_-+./") == n;
}

static bool is_library(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.");

    return n > 0 && name[n] == '\0' && name[0] != '-' && name[0] != '.';
}

static void check_file(struct sema *s, const struct ast_name *n)
{
    if (!is_below(n->text))
        diag_note(diag_error(s->diags, n->loc,
                             "\"%s\" is no C file below the folder of the "
                             "source",
                             n->text),
                  "its name ends in .c, and is made of letters, digits and "
                  "_ - + . /; no part of it begins with a dot");
}

static void add_file(struct sema *s, struct object *o, const struct ast_name *n)
{
    struct library *l = ARENA_NEW(s->arena, struct library);

    check_file(s, n);
    l->name = n->text;
    l->loc = n->loc;
    LIST_ADD(&o->more, l);
}

static void add_library(struct sema *s, struct object *o,
                        const struct ast_name *word,
                        const struct ast_name *name)
{
    struct library *l;

    if (strcmp(word->text, ",") == 0) {
        add_file(s, o, name);
        return;
    }
    if (strcmp(word->text, "link") != 0) {
        diag_hint(diag_error(s->diags, word->loc, "expected 'link', found '%s'",
                             word->text),
                  "from \"%s\" link \"%s\"", o->file, name->text);
        return;
    }
    if (!is_library(name->text)) {
        diag_hint(diag_error(s->diags, name->loc,
                             "'%s' is no name of a library", name->text),
                  "name it as pkg-config does, or without lib and .so: link "
                  "\"hs\"");
        return;
    }
    l = ARENA_NEW(s->arena, struct library);
    l->name = name->text;
    l->loc = name->loc;
    LIST_ADD(&o->libraries, l);
}

static void file_declare(struct sema *s, struct object *o,
                         const struct ast_decl *d)
{
    const struct ast_name *n = d->c_file.first;

    o->file = n->text;
    o->file_loc = n->loc;
    check_file(s, n);
    for (n = n->next; n; n = n->next->next)
        add_library(s, o, n, n->next);
}

/* ---- what C can take ---- */

static bool is_bytes(const struct sema *s, const struct type *t)
{
    return s->tree->payload && t == s->tree->payload->type;
}

static void check_param(struct sema *s, const struct param *p, bool function)
{
    struct diag *d;

    if (p->optional) {
        diag_error(s->diags, p->loc, "C cannot leave out '%s'", p->name);
        return;
    }
    if (p->type->kind == TY_FILE && function) {
        diag_hint(diag_error(s->diags, p->loc,
                             "a file is read when the program starts, not by "
                             "a function"),
                  "make it a parameter of an extern type");
        return;
    }
    if (p->type->kind != TY_TABLE && p->type->kind != TY_OBJECT)
        return;
    if (is_bytes(s, p->type) && function)
        return;
    d = diag_error(s->diags, p->loc, "C cannot take a '%s'", p->type->name);
    if (function)
        diag_hint(d, "hand over its parts: p.payload is bytes, f.src an "
                     "address");
}

static bool can_return(const struct type *t)
{
    const struct part *p;

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts)
            if (!can_return(p->type))
                return false;
        return true;
    }
    return t->kind == TY_BOOL || t->kind == TY_VOID || t->kind == TY_ERROR ||
           t->kind == TY_DURATION || (type_is_number(t) && t->bits <= 64);
}

static void check_marks(struct sema *s, const struct member *m)
{
    const struct param *p;
    bool bytes = false;

    LIST_EACH (p, &m->params)
        bytes |= is_bytes(s, p->type);
    if (m->leases || m->rewrites || m->holds)
        diag_error(s->diags, m->loc,
                   "only the runtime's own functions lease, rewrite or hold");
    if (m->object->plain && (m->updates || m->scratch))
        diag_hint(diag_error(s->diags, m->loc, "a function by itself has no %s",
                             m->scratch ? "scratch memory" : "state"),
                  "declare an extern type with it");
    if (m->edits && !bytes)
        diag_hint(diag_error(s->diags, m->loc,
                             "'%s' gets no payload to write to", m->name),
                  "fn %s(payload: bytes, ...)", m->name);
}

static void check_name(struct sema *s, const struct object *o,
                       const struct member *m)
{
    static const char *const own[] = {"new", "free", "scratch", "scratch_new",
                                      "scratch_free"};

    for (unsigned i = 0; !o->plain && i < sizeof(own) / sizeof(own[0]); i++)
        if (strcmp(own[i], m->name) == 0)
            diag_error(s->diags, m->loc,
                       "nfx_%s_%s is what nflc itself calls; choose another "
                       "name",
                       o->name, m->name);
}

static void check_member(struct sema *s, const struct object *o,
                         const struct member *m)
{
    const struct param *p;

    if (!m->fn) {
        diag_hint(diag_error(s->diags, m->loc,
                             "C has functions; '%s' cannot be a property",
                             m->name),
                  "fn %s() -> ...", m->name);
        return;
    }
    check_name(s, o, m);
    LIST_EACH (p, &m->params)
        check_param(s, p, true);
    if (!can_return(m->type))
        diag_note(diag_error(s->diags, m->loc, "C cannot give back a '%s'",
                             m->type->name),
                  "it gives numbers of up to 64 bits and bool, or tuples of "
                  "those");
    check_marks(s, m);
}

static void check_inherit(struct sema *s, const struct object *o)
{
    const struct member *m = o->inherit;

    if (!m)
        return;
    check_name(s, o, m);
    if (!object_keeps(o) || m->params.n || m->type->kind != TY_VOID)
        diag_note(diag_error(s->diags, m->loc,
                             "nflc itself calls '%s', of a type whose state "
                             "functions update: it takes nothing, and gives "
                             "nothing",
                             m->name),
                  "its C is handed the new state and the one before");
}

/* A mark that says something of C which is not the program's. */
static void check_foreign(struct sema *s, const struct object *o)
{
    const struct member *m;

    LIST_EACH (m, &o->members)
        if ((m->edits && !m->changes) || m->scratch)
            diag_hint(diag_error(s->diags, m->loc,
                                 "'%s' is not of C of the program", m->name),
                      "name its file: extern type %s from \"%s.c\"", o->name,
                      o->name);
}

static void declare(struct sema *s, struct object *o, const struct ast_decl *d)
{
    const struct member *m;
    const struct param *p;

    check_inherit(s, o);
    if (!d->c_file.n) {
        if (o->plain)
            diag_hint(diag_error(s->diags, o->loc,
                                 "the function '%s' needs its C", o->name),
                      "extern fn %s(...) from \"%s.c\"", o->name, o->name);
        check_foreign(s, o);
        return;
    }
    file_declare(s, o, d);
    LIST_EACH (p, &o->params)
        check_param(s, p, false);
    LIST_EACH (m, &o->members)
        check_member(s, o, m);
}

void cexterns_declare(struct sema *s)
{
    const struct ast_decl *d;
    struct object *o;

    LIST_EACH (d, &s->ast->decls) {
        o = d->kind == AD_EXTERN ? object_named(s, d->name) : NULL;
        if (!o || o->src)
            continue;
        o->src = d->src;
        declare(s, o, d);
    }
}

bool object_keeps(const struct object *o)
{
    const struct member *m;

    LIST_EACH (m, &o->members)
        if (m->updates && o->file)
            return true;
    return false;
}

bool object_renews(const struct object *o)
{
    return o->file && (!object_keeps(o) || o->inherit);
}
