/* What files say that a program names, as far as they are there when it is
 * checked. */
#include "base/arena.h"
#include "base/diag.h"
#include "interp/interp.h"
#include "interp/object.h"
#include "sema/tree.h"
#include "unit.h"
#include <string.h>

/* Below the folder of the source, as the program will look for it. */
static const char *path_of(struct unit *u, const char *name)
{
    if (*name == '/' || strstr(name, ".."))
        return NULL;
    return arena_fmt(u->arena, "%s/%s", u->tree->main->dir, name);
}

static void advise(struct unit *u, const struct texpr *e)
{
    const struct object_kind *kind = object_kind(e->type->object);
    const struct targ *file = e->args.first;
    const char *path;

    if (!kind || !kind->advise || !file || !file->value ||
        file->value->type->kind != TY_FILE || !file->value->value.str)
        return;
    path = path_of(u, file->value->value.str);
    if (path && *file->value->value.str)
        kind->advise(u->diags, file->value->loc, path);
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
