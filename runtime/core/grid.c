#include "core/grid.h"
#include <stdlib.h>
#include <string.h>

enum { INDENT = 2, GAP = 2 };

struct nfl_grid {
    const char *align;
    unsigned columns;
    char **cells;
    size_t n;
    size_t *width;
    bool lost; /* a cell, for want of memory */
};

char *nfl_grouped(uint64_t v, char *buf)
{
    char digits[24];
    char *to = buf;
    int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
    int i;

    for (i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return buf;
}

struct nfl_grid *nfl_grid_new(const char *align, const char *const *titles)
{
    struct nfl_grid *g = calloc(1, sizeof(*g));
    unsigned i;

    if (!g)
        return NULL;
    g->align = align;
    g->columns = (unsigned)strlen(align);
    g->width = calloc(g->columns, sizeof(*g->width));
    g->lost = !g->width;
    for (i = 0; i < g->columns; i++)
        nfl_grid_text(g, titles[i]);
    return g;
}

/* As many columns as a terminal shows, for names in UTF-8. */
static size_t columns(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

void nfl_grid_text(struct nfl_grid *g, const char *text)
{
    size_t w = columns(text), column;
    char **cells;

    if (!g || g->lost)
        return;
    g->lost = true;
    cells = realloc(g->cells, (g->n + 1) * sizeof(*cells));
    if (!cells)
        return;
    g->cells = cells;
    cells[g->n] = strdup(text);
    if (!cells[g->n])
        return;
    g->lost = false;
    column = g->n++ % g->columns;
    if (w > g->width[column])
        g->width[column] = w;
}

void nfl_grid_number(struct nfl_grid *g, uint64_t v)
{
    char buf[32];

    nfl_grid_text(g, nfl_grouped(v, buf));
}

static void print_row(const struct nfl_grid *g, char *const *row, FILE *to)
{
    size_t last = g->columns, i, pad;

    while (last > 0 && !*row[last - 1])
        last--;
    for (i = 0; i < last; i++) {
        pad = g->width[i] - columns(row[i]);
        fprintf(to, "%*s", i ? GAP : INDENT, "");
        if (g->align[i] == 'r')
            fprintf(to, "%*s%s", (int)pad, "", row[i]);
        else
            fprintf(to, "%s%*s", row[i], i + 1 < last ? (int)pad : 0, "");
    }
    fputc('\n', to);
}

bool nfl_grid_print(struct nfl_grid *g, FILE *to)
{
    size_t i, rows;
    bool whole;

    if (!g)
        return false;
    whole = !g->lost;
    rows = whole ? g->n / g->columns : 0;
    for (i = 0; i < rows && rows > 1; i++)
        print_row(g, g->cells + i * g->columns, to);
    for (i = 0; i < g->n; i++)
        free(g->cells[i]);
    free(g->cells);
    free(g->width);
    free(g);
    return whole;
}
