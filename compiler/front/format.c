/* The formatter's lines: which tokens stand on one, and how far it is
 * indented. */
#include "front/format.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "front/build.h"
#include "front/parse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct level {      /* a bracket that is open; the file at the bottom */
    unsigned item;  /* column of the line that the item at hand began on */
    unsigned inner; /* column of the items in it */
    unsigned outer; /* column of the bracket that closes it */
    bool brace, list;
    bool decl; /* the item at hand is a chain or an NF .. */
    bool uses; /* .. and behind its '='; or all items here are branches */
};

struct layout {
    struct fitems f;
    struct level level[SCAN_DEPTH + 1];
    unsigned depth;
    FILE *to;
    unsigned comment; /* column of the comments behind the lines at hand */
};

static bool is_close(int kind)
{
    return kind == ')' || kind == ']' || kind == '}';
}

/* Does v[i], which begins a line, begin an item of the bracket around? */
static bool begins_item(const struct layout *l, unsigned i)
{
    const struct fitem *x = &l->f.v[i];
    const struct level *v = &l->level[l->depth];
    unsigned last = i;

    while (last > 0 && l->f.v[last - 1].kind == FORMAT_COMMENT)
        last--;
    if (x->item || last == 0 || x->kind == T_ELSE ||
        l->f.v[last - 1].partner > last - 1)
        return true;
    return l->depth && l->f.v[last - 1].kind == ',' && (!v->brace || v->list);
}

static unsigned indent_of(const struct layout *l, unsigned i)
{
    const struct level *v = &l->level[l->depth];
    unsigned k = i;

    while (k < l->f.n && l->f.v[k].kind == FORMAT_COMMENT)
        k++;
    if (k == l->f.n)
        return v->inner;
    if (is_close(l->f.v[k].kind))
        return k == i ? v->outer : v->inner;
    return begins_item(l, k) ? v->inner : v->inner + FORMAT_INDENT;
}

/* Columns of v[from..to) on one line, without the comment at its end. Items
 * on one line are parted by "; ". */
static unsigned width(const struct layout *l, unsigned from, unsigned to)
{
    unsigned n = 0;

    for (unsigned i = from; i < to && l->f.v[i].kind != FORMAT_COMMENT; i++)
        n += l->f.v[i].len + (i == from             ? 0
                              : l->f.v[i].semicolon ? 2
                                                    : format_blank(&l->f, i));
    return n;
}

static unsigned line_end(const struct layout *l, unsigned i)
{
    do
        i++;
    while (i < l->f.n && !l->f.v[i].brk);
    return i;
}

/* ---- brackets ---- */

/* Parameters before a body are indented more than the body is. */
static unsigned inner_indent(const struct layout *l, const struct fitem *x)
{
    const struct fitem *v = l->f.v;

    return x->kind == '(' && !x[1].brk && x->partner + 1 < l->f.n &&
                   v[x->partner + 1].kind == '{' && !v[x->partner + 1].set
               ? 2 * FORMAT_INDENT
               : FORMAT_INDENT;
}

static void open_bracket(struct layout *l, const struct fitem *x,
                         unsigned column)
{
    const struct level *outer = &l->level[l->depth];
    bool brace = x->kind == '{' && !x->set;
    unsigned base = brace && !outer->uses ? outer->item : column;
    unsigned inner = base + inner_indent(l, x);

    if (l->depth == SCAN_DEPTH)
        return;
    l->level[++l->depth] = (struct level){.item = column,
                                          .inner = inner,
                                          .outer = base,
                                          .brace = x->kind == '{',
                                          .list = x->list || x->set,
                                          .uses = brace && outer->uses};
}

/* Branches are indented from the line that their NF stands in. */
static void begin_item(struct layout *l, const struct fitem *x, unsigned column)
{
    struct level *v = &l->level[l->depth];

    v->item = column;
    if (l->depth)
        return;
    v->decl = x->kind == T_CHAIN || x->kind == T_NF;
    v->uses = false;
}

/* What the line's brackets mean for those that follow. */
static void track(struct layout *l, unsigned from, unsigned to, unsigned column)
{
    for (unsigned i = from; i < to; i++) {
        const struct fitem *x = &l->f.v[i];

        if (is_close(x->kind) && l->depth)
            l->depth--;
        else if (x->kind != FORMAT_COMMENT && begins_item(l, i) &&
                 x->kind != T_ELSE)
            begin_item(l, x, column);
        else if (x->kind == '=' && l->level[l->depth].decl)
            l->level[l->depth].uses = true;
        if (x->partner > i)
            open_bracket(l, x, column);
    }
}

/* ---- lines ---- */

static void pad(struct layout *l, unsigned n)
{
    fprintf(l->to, "%*s", (int)n, "");
}

static void print_line(struct layout *l, unsigned from, unsigned to,
                       unsigned column)
{
    unsigned at = column + width(l, from, to);

    pad(l, column);
    for (unsigned i = from; i < to; i++) {
        const struct fitem *x = &l->f.v[i];

        if (i > from && x->kind == FORMAT_COMMENT)
            pad(l, l->comment > at ? l->comment - at : 1);
        else if (i > from && x->semicolon)
            fputs("; ", l->to);
        else if (i > from && format_blank(&l->f, i))
            fputc(' ', l->to);
        fwrite(x->text, 1, x->len, l->to);
    }
    fputc('\n', l->to);
}

/* One empty line at most, and none at the ends of brackets. */
static bool parts(const struct layout *l, unsigned i)
{
    const struct fitem *x = &l->f.v[i];

    return i > 0 && x->lines > 1 && !is_close(x->kind) &&
           !(x[-1].kind != FORMAT_COMMENT && x[-1].partner > i - 1);
}

static bool has_comment(const struct layout *l, unsigned from, unsigned to)
{
    return to > from + 1 && l->f.v[to - 1].kind == FORMAT_COMMENT;
}

/* Comments behind lines that follow each other stand below each other. Breaks
 * the lines that are too long first. */
static void align(struct layout *l, unsigned from)
{
    struct layout look = *l;
    unsigned to, column, end;

    l->comment = 0;
    for (; from < l->f.n; from = to) {
        column = indent_of(&look, from);
        to = line_end(l, from);
        while (column + width(l, from, to) > FORMAT_WIDTH &&
               format_break(&l->f, from, to, column))
            to = line_end(l, from);
        if (!has_comment(l, from, to))
            return;
        end = column + width(l, from, to) + 1;
        if (end > l->comment && end < FORMAT_WIDTH - 20)
            l->comment = end;
        track(&look, from, to, column);
        if (to < l->f.n && parts(l, to))
            return;
    }
}

static void print_all(struct layout *l)
{
    unsigned from, to, column;
    bool aligned = false;

    for (from = 0; from < l->f.n; from = to) {
        if (parts(l, from)) {
            fputc('\n', l->to);
            aligned = false;
        }
        if (!aligned)
            align(l, from);
        column = indent_of(l, from);
        to = line_end(l, from);
        aligned = has_comment(l, from, to);
        print_line(l, from, to, column);
        track(l, from, to, column);
    }
}

/* ---- the whole ---- */

static const char *print_text(struct arena *a, struct layout *l)
{
    char *text = NULL;
    const char *kept;
    size_t len = 0;

    l->to = open_memstream(&text, &len);
    if (!l->to)
        mem_none();
    print_all(l);
    if (fclose(l->to) != 0)
        mem_none();
    kept = arena_strn(a, text, len);
    free(text);
    return kept;
}

/* Nothing but blanks and line breaks that the grammar does not see may change:
 * a source that the formatter would spoil is left alone. */
static bool is_safe(struct arena *a, struct diags *d, const struct fitems *f,
                    const struct source *src, const char *text)
{
    struct source *now = source_text(a, src->path, text);
    struct fitems again = format_read(a, d, now);
    struct loc at = {src, 0, 1};

    if (format_same(f, &again) && !diags_errors(d))
        return true;
    diag_error(d, at,
               "the formatter would change this file's meaning: a fault "
               "of nflc");
    return false;
}

const char *format_source(struct arena *a, struct diags *d,
                          const struct source *src)
{
    struct layout *l = ARENA_NEW(a, struct layout);
    const char *text;

    parse_source(a, d, src);
    if (diags_errors(d))
        return NULL;
    l->f = format_read(a, d, src);
    format_classify(&l->f);
    for (unsigned i = 0; i < l->f.n; i++)
        l->f.v[i].brk = i == 0 || l->f.v[i].lines > 0;
    format_braces(&l->f);
    text = print_text(a, l);
    return is_safe(a, d, &l->f, src, text) ? text : NULL;
}
