/* The tokens of a source as the grammar sees them, and the comments between
 * them, which the grammar does not see. */
#include "front/format.h"

#include "base/mem.h"
#include "front/parse.h"
#include "front/scan.h"
#include "base/arena.h"
#include <stdlib.h>
#include <string.h>

struct reader {
    struct fitems out;
    unsigned room;
    const char *text;
    unsigned open[SCAN_DEPTH];
    unsigned depth;
};

static struct fitem *add(struct reader *r, int kind, uint32_t from, uint32_t to)
{
    struct fitem *i;

    if (r->out.n == r->room) {
        r->room = r->room ? 2 * r->room : 256;
        r->out.v = mem_resized(r->out.v, r->room, sizeof(*r->out.v));
    }
    i = &r->out.v[r->out.n];
    memset(i, 0, sizeof(*i));
    i->kind = kind;
    i->text = r->text + from;
    i->len = to - from;
    i->partner = r->out.n++;
    return i;
}

static bool is_any(const struct fitem *i, const char *kinds)
{
    return i->kind > 0 && i->kind < 256 && strchr(kinds, i->kind);
}

/* What stands between two tokens: blanks, ends of lines, comments. Tells what
 * is before the second one. */
static struct fitem gap(struct reader *r, uint32_t at, uint32_t end)
{
    struct fitem before = {.kind = 0};
    uint32_t from;

    while (at < end) {
        if (r->text[at] != '/') {
            before.lines += r->text[at] == '\n';
            before.semicolon |= r->text[at] == ';';
            before.blank |= r->text[at] == ' ' || r->text[at] == '\t';
            at++;
            continue;
        }
        from = at;
        while (at < end && r->text[at] != '\n')
            at++;
        add(r, FORMAT_COMMENT, from, at)->lines = before.lines;
        before.lines = 0;
    }
    return before;
}

static void match(struct reader *r, struct fitem *i)
{
    unsigned at = i->partner;

    if (strchr("([{", i->kind) && r->depth < SCAN_DEPTH) {
        r->open[r->depth++] = at;
    } else if (strchr(")]}", i->kind) && r->depth) {
        i->partner = r->open[--r->depth];
        r->out.v[i->partner].partner = at;
    }
}

static void token(struct reader *r, const struct token *t, uint32_t end,
                  bool item)
{
    struct fitem before = gap(r, end, t->loc.off), *i;

    i = add(r, t->kind, t->loc.off, t->loc.off + t->loc.len);
    i->lines = before.lines;
    i->blank = before.blank;
    i->item = item;
    i->semicolon = item || (before.semicolon && !is_any(i, ")]}") &&
                            i->partner > 0 && !is_any(i - 1, "([{"));
    if (i->kind > 0 && i->kind < 256)
        match(r, i);
}

/* Comments lose the blanks at their ends. */
static void trim(struct fitems *f)
{
    for (unsigned k = 0; k < f->n; k++) {
        struct fitem *i = &f->v[k];

        while (i->kind == FORMAT_COMMENT && i->len &&
               strchr(" \t\r", i->text[i->len - 1]))
            i->len--;
    }
}

struct fitems format_read(struct arena *a, struct diags *d,
                          const struct source *src)
{
    struct reader r = {.text = src->text};
    struct scan s;
    uint32_t end;
    bool item = false;
    void *v;

    scan_init(&s, a, d, src);
    end = s.end;
    for (scan_next(&s); s.cur.kind; scan_next(&s)) {
        if (s.cur.kind == T_NL) {
            item = true;
            continue;
        }
        if (!s.cur.made) {
            token(&r, &s.cur, end, item);
            end = s.cur.loc.off + s.cur.loc.len;
        }
        item = false;
    }
    gap(&r, end, (uint32_t)src->size);
    scan_fini(&s);
    trim(&r.out);
    v = arena_dup(a, r.out.v, r.out.n * sizeof(*r.out.v));
    free(r.out.v);
    r.out.v = v;
    return r.out;
}

bool format_same(const struct fitems *a, const struct fitems *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++) {
        const struct fitem *x = &a->v[i], *y = &b->v[i];

        if (x->kind != y->kind || x->item != y->item || x->len != y->len ||
            memcmp(x->text, y->text, x->len) != 0)
            return false;
    }
    return true;
}
