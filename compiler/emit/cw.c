#include "emit/cw.h"
#include "base/mem.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cw {
    struct arena *arena;
    const char *name;
    FILE *to;
    char *buf;
    size_t size;
    bool bad; /* something was not written: a stream in memory may say so
                 but once, and go on */
    unsigned depth;
    unsigned line; /* of the module: number of the next one */
    struct {       /* what the compiler believes of the next line */
        const char *path;
        unsigned line;
    } now;
    const char *path; /* where the next line belongs; NULL: to the module */
    unsigned at;
};

struct cw *cw_new(struct arena *a, const char *name)
{
    struct cw *w = ARENA_NEW(a, struct cw);

    w->arena = a;
    w->name = name;
    w->to = open_memstream(&w->buf, &w->size);
    if (!w->to)
        mem_none();
    w->line = 1;
    w->now.path = name;
    w->now.line = 1;
    return w;
}

char *cw_end(struct cw *w, size_t *len)
{
    char *text;

    if (fclose(w->to) != 0 || !w->buf || w->bad)
        mem_none();
    text = arena_strn(w->arena, w->buf, w->size);
    *len = w->size;
    free(w->buf);
    return text;
}

/* What printf or putc returned. */
static void wrote(struct cw *w, int n)
{
    w->bad |= n < 0;
}

static void newline(struct cw *w)
{
    wrote(w, fputc('\n', w->to));
    w->line++;
    w->now.line++;
}

static void directive(struct cw *w, const char *path, unsigned line)
{
    wrote(w, fprintf(w->to, "#line %u %s", line, cw_quote(w->arena, path)));
    newline(w);
    w->now.path = path;
    w->now.line = line;
}

/* Makes the compiler believe what is wanted of the next line. */
static void settle(struct cw *w)
{
    if (!w->path) {
        if (w->now.path != w->name)
            directive(w, w->name, w->line + 1);
        return;
    }
    if (w->now.path == w->name || strcmp(w->now.path, w->path) != 0 ||
        w->now.line != w->at)
        directive(w, w->path, w->at);
}

__attribute__((format(printf, 2, 0))) static void put(struct cw *w,
                                                      const char *fmt,
                                                      va_list ap)
{
    /* A directive is not indented. */
    if (*fmt != '#')
        wrote(w, fprintf(w->to, "%*s", (int)w->depth * 4, ""));
    wrote(w, vfprintf(w->to, fmt, ap));
    newline(w);
}

void cw(struct cw *w, const char *fmt, ...)
{
    va_list ap;

    settle(w);
    va_start(ap, fmt);
    put(w, fmt, ap);
    va_end(ap);
}

void cw_any(struct cw *w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    put(w, fmt, ap);
    va_end(ap);
}

void cw_blank(struct cw *w)
{
    newline(w);
}

void cw_open(struct cw *w, const char *fmt, ...)
{
    va_list ap;
    char *text;

    settle(w);
    va_start(ap, fmt);
    text = arena_vfmt(w->arena, fmt, ap);
    va_end(ap);
    cw_any(w, "%s%s{", text, *text ? " " : "");
    w->depth++;
}

void cw_close(struct cw *w, const char *after)
{
    w->depth--;
    cw_any(w, "}%s", after);
}

void cw_in(struct cw *w)
{
    w->depth++;
}

void cw_out(struct cw *w)
{
    w->depth--;
}

void cw_at(struct cw *w, struct loc at)
{
    if (!at.src)
        return;
    w->path = at.src->path;
    w->at = loc_linecol(at).line;
}

void cw_home(struct cw *w)
{
    w->path = NULL;
}

const char *cw_quote(struct arena *a, const char *s)
{
    char *q = arena_alloc(a, strlen(s) * 4 + 3), *p = q;

    *p++ = '"';
    for (; *s; s++) {
        unsigned char ch = (unsigned char)*s;

        if (ch == '"' || ch == '\\') {
            *p++ = '\\';
            *p++ = (char)ch;
        } else if (ch < 0x20 || ch >= 0x7f ||
                   (ch == '?' && s[1] == '?')) { /* no trigraphs */
            p += sprintf(p, "\\%03o", ch);
        } else {
            *p++ = (char)ch;
        }
    }
    *p++ = '"';
    *p = '\0';
    return q;
}

const char *cw_comment(struct arena *a, const char *s)
{
    char *c = arena_str(a, s), *p;

    for (p = c; *p; p++)
        if ((unsigned char)*p < 0x20 || (*p == '*' && p[1] == '/') ||
            (*p == '/' && p[1] == '*'))
            *p = ' ';
    return c;
}
