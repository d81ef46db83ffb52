#include "core/memtext.h"
#include <stdlib.h>
#include <string.h>

/* What stdio asks for: fewer than n bytes are an error, which sticks. */
static ssize_t take(void *to, const char *bytes, size_t n)
{
    struct nfl_memtext *t = to;
    size_t room = t->room;
    char *more;

    if (room - t->len < n) {
        room = room * 2 > t->len + n ? room * 2 : t->len + n;
        more = realloc(t->text, room);
        if (!more)
            return 0;
        t->text = more;
        t->room = room;
    }
    memcpy(t->text + t->len, bytes, n);
    t->len += n;
    return (ssize_t)n;
}

FILE *nfl_memtext_open(struct nfl_memtext *t)
{
    return fopencookie(t, "w", (cookie_io_functions_t){.write = take});
}

bool nfl_memtext_close(FILE *f)
{
    bool good = ferror(f) == 0;

    return fclose(f) == 0 && good;
}
