/* The final state: lines that are sorted, then written. */
#include "core/fail.h"
#include "core/outfile.h"
#include <nfl/trace.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct nfl_state {
    char **lines;
    size_t n, room;
    bool full; /* a line was lost for want of memory */
};

struct nfl_state *nfl_state_new(void)
{
    return calloc(1, sizeof(struct nfl_state));
}

static bool grow(struct nfl_state *s)
{
    size_t room = s->room ? 2 * s->room : 256;
    char **lines = realloc(s->lines, room * sizeof(*lines));

    if (!lines)
        return false;
    s->lines = lines;
    s->room = room;
    return true;
}

void nfl_state_add(struct nfl_state *s, const char *fmt, ...)
{
    char *line;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&line, fmt, ap);
    va_end(ap);
    if (n < 0) {
        s->full = true;
    } else if (s->n == s->room && !grow(s)) {
        s->full = true;
        free(line);
    } else {
        s->lines[s->n++] = line;
    }
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void state_free(struct nfl_state *s)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        free(s->lines[i]);
    free(s->lines);
    free(s);
}

bool nfl_state_write(struct nfl_state *s, const char *path, char *err,
                     size_t errlen)
{
    struct nfl_outfile *o = nfl_outfile_open(path, err, errlen);
    bool ok = false;
    size_t i;

    if (o && s->full) {
        nfl_outfile_close(o, false, err, errlen);
        nfl_fail(err, errlen, "cannot write %s: no memory", path);
    } else if (o) {
        if (s->n)
            qsort(s->lines, s->n, sizeof(*s->lines), by_bytes);
        for (i = 0; i < s->n; i++)
            fprintf(o->f, "%s\n", s->lines[i]);
        ok = nfl_outfile_close(o, true, err, errlen);
    }
    state_free(s);
    return ok;
}
