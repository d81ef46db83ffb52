/* Names that a module of the standard library would bring, were it used. */
#include "sema/sema.h"
#include <ctype.h>
#include <glob.h>

/* "MacSwap" is declared in mac_swap.nfl, "pool" in pool.nfl. */
static const char *file_name(struct sema *s, const char *name)
{
    char *file = arena_alloc(s->arena, 2 * strlen(name) + 1), *to = file;

    for (const char *from = name; *from; from++) {
        if (isupper((unsigned char)*from) && from > name &&
            !isupper((unsigned char)from[-1]))
            *to++ = '_';
        *to++ = (char)tolower((unsigned char)*from);
    }
    return file;
}

/* What is loaded does not declare the name, whatever it is called. */
static bool is_loaded(const struct sema *s, const char *path)
{
    for (const struct source *src = s->ast->sources; src; src = src->next)
        if (strcmp(src->path, path) == 0)
            return true;
    return false;
}

bool hint_module(struct sema *s, struct diag *d, const char *name)
{
    const char *file = file_name(s, name);
    glob_t found;
    bool there;

    /* Names are words, so that the folder is all there is to expand. */
    there = glob(arena_fmt(s->arena, "%s/*/%s.nfl", s->stdlib, file),
                 GLOB_NOSORT, NULL, &found) == 0 &&
            !is_loaded(s, found.gl_pathv[0]);
    if (there)
        diag_hint(d, "it may come with: use std.%s", file);
    globfree(&found);
    return there;
}
