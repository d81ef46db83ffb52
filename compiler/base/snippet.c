/* Prints the line of a place. A line is cut into cells, one a code point;
 * of a long line only a window around the caret is looked at. */
#include "base/snippet.h"

#include <stdbool.h>
#include <string.h>

enum {
    TAB = 4,
    WIDTH = 100,  /* cells that are shown */
    LEAD = 40,    /* cells before the caret in a line that was cut */
    WINDOW = 600, /* bytes that are looked at */
    BEFORE = 200, /* of these before the caret */
    CELLS = WINDOW * TAB + 2,
};

struct cell {
    const char *text;
    unsigned len;
};

struct line {
    struct cell cells[CELLS];
    unsigned n;
    unsigned from, to;       /* cells of the caret, to exclusive */
    int cut_left, cut_right; /* the window does not reach the line's ends */
};

/* Bytes of the code point at p, 0 if it is none that may be printed. */
static unsigned point_len(const char *p, const char *end)
{
    unsigned char c = (unsigned char)*p, second;
    unsigned n, i;

    if (c < 0x80)
        return c >= 0x20 && c != 0x7f;
    n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || (size_t)(end - p) < n)
        return 0;
    second = (unsigned char)p[1];
    if (c == 0xc2 && second < 0xa0) /* C1 controls */
        return 0;
    for (i = 1; i < n; i++)
        if (((unsigned char)p[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void snippet_text(FILE *to, const char *text)
{
    const char *end = text + strlen(text);
    unsigned n;

    while (text < end) {
        n = point_len(text, end);
        if (n)
            fwrite(text, 1, n, to);
        else
            fputc('?', to);
        text += n ? n : 1;
    }
}

static void add_cell(struct line *l, const char *text, unsigned len)
{
    if (l->n < CELLS) {
        l->cells[l->n].text = text;
        l->cells[l->n].len = len;
        l->n++;
    }
}

/* U+202A to U+202E and U+2066 to U+2069: what follows would be shown in
 * another order, the caret elsewhere. */
static bool is_bidi(const char *p, unsigned n)
{
    const unsigned char *u = (const unsigned char *)p;

    return n == 3 && u[0] == 0xe2 &&
           ((u[1] == 0x80 && u[2] >= 0xaa && u[2] <= 0xae) ||
            (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9));
}

/* Adds what is at p; returns its bytes. */
static unsigned add_point(struct line *l, const char *p, const char *end)
{
    unsigned n = point_len(p, end);

    if (*p == '\t') {
        do
            add_cell(l, " ", 1);
        while (l->n % TAB);
        return 1;
    }
    if (n && !is_bidi(p, n))
        add_cell(l, p, n);
    else
        add_cell(l, "?", 1);
    return n ? n : 1;
}

static void split(struct line *l, struct loc at)
{
    const char *text = at.src->text, *all = text + at.src->size;
    const char *caret = at.off < at.src->size ? text + at.off : all;
    const char *stop = caret + (at.len < all - caret ? at.len : all - caret);
    const char *begin = caret, *end = caret;

    while (begin > text && begin[-1] != '\n' && caret - begin < BEFORE)
        begin--;
    while (begin < caret && ((unsigned char)*begin & 0xc0) == 0x80)
        begin++;
    while (end < all && *end != '\n' && end - begin < WINDOW)
        end++;
    l->cut_left = begin > text && begin[-1] != '\n';
    l->cut_right = end < all && *end != '\n';
    if (end > begin && end[-1] == '\r')
        end--;
    while (begin < end) {
        if (begin <= caret)
            l->from = l->n;
        begin += add_point(l, begin, end);
        if (begin <= stop)
            l->to = l->n;
    }
    if (caret >= end)
        l->from = l->n;
    if (l->to <= l->from)
        l->to = l->from + 1;
}

void snippet_print(FILE *to, struct loc at)
{
    struct line l = {.n = 0};
    unsigned number = loc_linecol(at).line, first = 0, last, i;
    int gutter;

    split(&l, at);
    last = l.n;
    if (l.cut_left || l.n > WIDTH) {
        first = l.from > 2 * LEAD || (l.cut_left && l.from > LEAD)
                    ? l.from - LEAD
                    : 0;
        last = l.n - first > WIDTH ? first + WIDTH : l.n;
    }
    gutter = fprintf(to, "%5u", number);
    fputs(" | ", to);
    fputs(first || l.cut_left ? "..." : "", to);
    for (i = first; i < last; i++)
        fwrite(l.cells[i].text, 1, l.cells[i].len, to);
    fprintf(to, "%s\n%*s | ", last < l.n || l.cut_right ? "..." : "", gutter,
            "");
    fputs(first || l.cut_left ? "   " : "", to);
    fprintf(to, "%*s^", (int)(l.from - first), "");
    for (i = l.from + 1; i < l.to && i < last; i++)
        fputc('~', to);
    fputc('\n', to);
}
