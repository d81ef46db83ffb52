/* What fields of headers are called elsewhere: a file of the library, which is
 * read when a name is unknown. */
#include "sema/sema.h"
#include <ctype.h>

/* The line of a word, behind its colon, or NULL. */
static const char *line_of(struct sema *s, const char *word)
{
    const char *why, *p;
    size_t n = strlen(word);

    if (!s->aliases)
        s->aliases = source_read(
            s->arena, arena_fmt(s->arena, "%s/aliases", s->stdlib), &why);
    for (p = s->aliases ? s->aliases->text : ""; *p; p += *p == '\n') {
        if (strncasecmp(p, word, n) == 0 && p[n] == ':')
            return p + n + 1;
        p += strcspn(p, "\n");
    }
    return NULL;
}

const char *alias_next(struct sema *s, const char *word, const char **at)
{
    size_t n;

    if (!*at)
        *at = line_of(s, word);
    if (!*at)
        return NULL;
    *at += strspn(*at, " ");
    n = strcspn(*at, " \n");
    *at += n;
    return n ? arena_strn(s->arena, *at - n, n) : NULL;
}
