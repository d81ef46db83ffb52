/* What files say that a program names, as far as they are there when it is
 * checked. */
#include "base/arena.h"
#include "base/diag.h"
#include "interp/interp.h"
#include "interp/object.h"
#include "sema/tree.h"
#include "unit.h"
#include <string.h>

/* Below the folder of the source, as the program will look for it; that of
 * another source says its folder. */
static const char *path_of(const struct unit *u, const char *name)
{
    if (strstr(name, ".."))
        return NULL;
    if (*name == '/')
        return name;
    return arena_fmt(u->arena, "%s/%s", u->tree->main->dir, name);
}

/* The file that an object is made from, or NULL. */
static const struct texpr *file_of(const struct texpr *new)
{
    const struct targ *a = new->args.first;

    if (!a || !a->value || a->value->type->kind != TY_FILE ||
        !a->value->value.str || !*a->value->value.str)
        return NULL;
    return a->value;
}

static void advise(struct unit *u, const struct texpr *e)
{
    const struct object_kind *kind = object_kind(e->type->object);
    const struct texpr *file = file_of(e);
    const char *path = file ? path_of(u, file->value.str) : NULL;

    if (kind && kind->advise && path)
        kind->advise(u->diags, file->loc, path);
}

void interp_tell(const struct unit *u, const struct chain *c, FILE *to)
{
    const struct object_kind *kind;
    const struct position *at;
    const struct texpr *file;
    const struct targ *a;
    const char *path;

    LIST_EACH (at, &c->nfs)
        LIST_EACH (a, &at->args) {
            if (!a->value || a->value->kind != TE_NEW)
                continue;
            kind = object_kind(a->value->type->object);
            file = file_of(a->value);
            path = file ? path_of(u, file->value.str) : NULL;
            if (!kind || !kind->tell || !path)
                continue;
            fprintf(to, "  %s.%s: %s, from '%s' as it is now\n", at->name,
                    a->param->name, kind->type, file->value.str);
            kind->tell(path, to);
        }
}

void interp_advise(struct unit *u)
{
    const struct chain *c;
    const struct position *at;
    const struct targ *a;

    LIST_EACH (c, &u->tree->chains)
        LIST_EACH (at, &c->nfs)
            LIST_EACH (a, &at->args)
                if (a->value && a->value->kind == TE_NEW)
                    advise(u, a->value);
}
