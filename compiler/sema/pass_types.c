/* pass types: names are resolved, and every expression gets its type.
 * needs: ast   provides: tree   invalidates: nothing
 * Errors go on; what depends on a wrong thing gets the error type silently. */
#include "sema/sema.h"
#include "sema/pass.h"
#include "unit.h"

static struct type *builtin(struct sema *s, enum type_kind kind,
                            const char *name, unsigned bits)
{
    struct type *t = ARENA_NEW(s->arena, struct type);

    t->kind = kind;
    t->name = name;
    t->bits = bits;
    return t;
}

void pass_types(struct unit *u)
{
    struct sema s = {.arena = u->arena,
                     .diags = u->diags,
                     .ast = u->ast,
                     .stdlib = u->stdlib};

    s.tree = ARENA_NEW(u->arena, struct tree);
    s.tree->main = u->ast->main;
    s.error = builtin(&s, TY_ERROR, "?", 0);
    s.boolean = builtin(&s, TY_BOOL, "bool", 1);
    s.string = builtin(&s, TY_STRING, "string", 0);
    s.file = builtin(&s, TY_FILE, "file", 0);
    s.duration = builtin(&s, TY_DURATION, "duration", 64);
    s.any = builtin(&s, TY_VOID, "any", 0);
    s.none = builtin(&s, TY_VOID, "nothing", 0);
    u->tree = s.tree;
    externs_name(&s);
    types_declare(&s);
    externs_declare(&s);
    headers_declare(&s);
    events_declare(&s);
    cexterns_declare(&s);
    functions_declare(&s);
    nfs_declare(&s);
    chains_declare(&s);
    tests_declare(&s);
    lets_check(&s);
}
