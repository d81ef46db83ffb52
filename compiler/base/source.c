/* Source files, and lines and columns of places in them. */
#include "base/source.h"

#include "base/arena.h"
#include "base/mem.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SOURCE_MAX = 16 * 1024 * 1024 };

struct linecol loc_linecol(struct loc l)
{
    struct linecol lc = {1, 1};
    const char *p, *nl, *end;

    if (!l.src)
        return lc;
    p = l.src->text;
    end = p + (l.off < l.src->size ? l.off : l.src->size);
    while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
        lc.line++;
        p = nl + 1;
    }
    lc.col = (unsigned)(end - p) + 1;
    return lc;
}

struct loc loc_span(struct loc a, struct loc b)
{
    uint32_t end = b.off + b.len;

    if (!a.src)
        return b;
    if (a.src == b.src && end > a.off + a.len)
        a.len = end - a.off;
    return a;
}

static const char *dir_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strn(a, path, (size_t)(slash - path));
}

static struct source *source_new(struct arena *a, const char *path,
                                 const char *text, size_t size)
{
    struct source *s = ARENA_NEW(a, struct source);

    s->path = arena_str(a, path);
    s->dir = dir_of(a, path);
    s->text = text;
    s->size = size;
    return s;
}

struct source *source_text(struct arena *a, const char *name, const char *text)
{
    return source_new(a, name, arena_str(a, text), strlen(text));
}

const char *source_folder(struct arena *a, const struct source *s)
{
    char *real = realpath(s->dir, NULL);
    const char *folder = real ? arena_str(a, real) : s->dir;

    if (!real && errno == ENOMEM)
        mem_none();
    free(real);
    return folder;
}

/* The text of an open file, or NULL and *why. */
static char *read_all(struct arena *a, FILE *f, size_t *size, const char **why)
{
    size_t room = 4096, n = 0, got;
    char *text = mem_resized(NULL, room, 1), *kept = NULL;

    while ((got = fread(text + n, 1, room - n, f)) > 0) {
        n += got;
        if (n > SOURCE_MAX)
            break;
        if (n < room)
            continue;
        room *= 2;
        text = mem_resized(text, room, 1);
    }
    if (ferror(f)) {
        *why = arena_str(a, strerror(errno));
    } else if (n > SOURCE_MAX) {
        *why = "the file is larger than 16 MiB";
    } else if (memchr(text, 0, n)) {
        *why = "it is no text: it holds a NUL byte";
    } else {
        kept = arena_strn(a, text, n);
        *size = n;
    }
    free(text);
    return kept;
}

struct source *source_read(struct arena *a, const char *path, const char **why)
{
    struct stat st;
    size_t size = 0;
    char *text;
    FILE *f = fopen(path, "rb");

    if (!f && errno == ENOMEM)
        mem_none();
    if (!f) {
        *why = arena_str(a, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        *why = "Is a directory";
        fclose(f);
        return NULL;
    }
    text = read_all(a, f, &size, why);
    fclose(f);
    return text ? source_new(a, path, text, size) : NULL;
}
