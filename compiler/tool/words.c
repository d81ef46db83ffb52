#include "tool/words.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

void words_add(struct words *w, const char *word)
{
    if (w->n + 1 >= w->room) {
        unsigned room = w->room ? 2 * w->room : 16;
        const char **v = arena_alloc(w->arena, room * sizeof(*v));

        if (w->n)
            memcpy(v, w->v, w->n * sizeof(*v));
        w->v = v;
        w->room = room;
    }
    w->v[w->n++] = word;
    w->v[w->n] = NULL;
}

struct words words_new(struct arena *a, const char *first, ...)
{
    struct words w = {.arena = a};
    const char *word;
    va_list ap;

    va_start(ap, first);
    for (word = first; word; word = va_arg(ap, const char *))
        words_add(&w, word);
    va_end(ap);
    return w;
}

void words_fmt(struct words *w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    words_add(w, arena_vfmt(w->arena, fmt, ap));
    va_end(ap);
}

void words_split(struct words *w, const char *text)
{
    static const char blank[] = " \t\r\n";

    for (text += strspn(text, blank); *text; text += strspn(text, blank)) {
        size_t n = strcspn(text, blank);

        words_add(w, arena_strn(w->arena, text, n));
        text += n;
    }
}

void words_cat(struct words *w, const struct words *more)
{
    for (unsigned i = 0; i < more->n; i++)
        words_add(w, more->v[i]);
}
