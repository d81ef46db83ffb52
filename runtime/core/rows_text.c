/* Files of tables: a row a line, a word a column. */
#include "core/config_text.h"
#include "core/fail.h"
#include "core/lines.h"
#include <nfl/rows_text.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct nfl_lines in;
    const struct nfl_rows_desc *d;
    struct nfl_rows *to;
    unsigned room, wrong; /* lines that are wrong so far */
    bool full;            /* no memory */
};

/* "FILE:LINE:COLUMN: 'WORD' ..." Always false. */
static bool wrong(struct reader *r, const char *word, const char *why,
                  const char *what)
{
    snprintf(r->in.err, r->in.errlen, "%s:%u:%u: '%.*s' %s%s", r->in.path,
             r->in.line, (unsigned)(word - r->in.text) + 1, NFL_WORD_SHOWN,
             word, why, what);
    return false;
}

/* Commas separate as blanks do. */
static char *next_word(struct reader *r)
{
    char *comma;

    r->in.at += strspn(r->in.at, " \t,");
    comma = r->in.at + strcspn(r->in.at, " \t,");
    if (*comma == ',')
        *comma = ' ';
    return nfl_lines_word(&r->in);
}

/* ---- cells ---- */

static nfl_u128 below(unsigned bits)
{
    return bits == 0 ? 0 : ~(nfl_u128)0 >> (128 - bits);
}

/* ADDRESS[/LENGTH] */
static bool read_prefix(struct reader *r, char *word, struct nfl_cell *c)
{
    char *slash = strchr(word, '/');
    unsigned bits, len;

    if (slash)
        *slash = '\0';
    if (!nfl_text_addr(word, &c->lo, &bits)) {
        if (slash)
            *slash = '/';
        return wrong(r, word, "is no prefix; write one such as ",
                     "10.0.0.0/8, 2001:db8::/32 or 192.0.2.1");
    }
    len = bits;
    if (slash && !nfl_text_number(slash + 1, bits, &len)) {
        *slash = '/';
        return wrong(r, word, "is no prefix; its length is a number ",
                     bits == 32 ? "up to 32" : "up to 128");
    }
    if (slash)
        *slash = '/';
    if (c->lo & below(bits - len))
        return wrong(r, word, "has bits behind its prefix; ",
                     "make those zero, or the prefix longer");
    c->hi = c->lo | below(bits - len);
    c->v6 = bits == 128;
    c->plen = (uint8_t)len;
    return true;
}

static bool read_value(struct reader *r, char *word,
                       const struct nfl_column *col, struct nfl_cell *c)
{
    unsigned number = (unsigned)(col - r->d->columns) + 1;
    struct nfl_param_desc as = col->is;
    struct nfl_setting v = {.param = &as};
    const char *want;
    char why[128];

    as.range = col->match == NFL_MATCH_RANGE && strstr(word, "..");
    want = nfl_value_parse(&as, word, &v);
    if (want) {
        snprintf(why, sizeof(why), "is no %s of column %u ('%.*s'); write ",
                 as.range ? "range" : "value", number, NFL_WORD_SHOWN,
                 as.type ? as.type : "?");
        return wrong(r, word, why, want);
    }
    c->lo = v.u;
    c->hi = as.range ? v.hi : v.u;
    c->v6 = as.kind == NFL_PARAM_IPADDR ? v.v6 : 0;
    return true;
}

static bool read_cell(struct reader *r, char *word, unsigned i,
                      struct nfl_cell *c)
{
    const struct nfl_column *col = &r->d->columns[i];

    if (strcmp(word, "any") == 0 && i < r->d->n_key && r->d->first) {
        c->any = true;
        return true;
    }
    if (col->match == NFL_MATCH_PREFIX)
        return read_prefix(r, word, c);
    return read_value(r, word, col, c);
}

/* ---- rows ---- */

static bool grow(struct reader *r)
{
    struct nfl_rows *to = r->to;
    void *cells, *lines;

    if (to->n < r->room)
        return true;
    r->room = r->room ? 2 * r->room : 16;
    cells = realloc(to->cells,
                    (size_t)r->room * to->n_columns * sizeof(*to->cells));
    if (cells)
        to->cells = cells;
    lines = realloc(to->lines, r->room * sizeof(*to->lines));
    if (lines)
        to->lines = lines;
    r->full = !cells || !lines;
    return !r->full || nfl_lines_fail(&r->in, "no memory for the rows");
}

static bool read_row(struct reader *r)
{
    struct nfl_rows *to = r->to;
    struct nfl_cell *cells;
    char *word = next_word(r);
    unsigned i;

    if (!word)
        return true;
    if (!grow(r))
        return false;
    cells = &to->cells[(size_t)to->n * to->n_columns];
    memset(cells, 0, to->n_columns * sizeof(*cells));
    for (i = 0; i < to->n_columns; i++, word = next_word(r)) {
        if (!word)
            return nfl_lines_fail(&r->in,
                                  "%u column%s, where a row of '%s' has %u", i,
                                  i == 1 ? "" : "s", r->d->name, to->n_columns);
        if (!read_cell(r, word, i, &cells[i]))
            return false;
    }
    if (word)
        return wrong(r, word, "is one too many: a row has fewer columns", "");
    to->lines[to->n++] = r->in.line;
    return true;
}

/* ---- no key twice ---- */

struct ordered {
    const struct nfl_rows *rows;
    unsigned n_key, row;
};

static int compare(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    const struct nfl_cell *p = nfl_row(x->rows, x->row);
    const struct nfl_cell *q = nfl_row(y->rows, y->row);
    unsigned i;

    for (i = 0; i < x->n_key; i++, p++, q++) {
        if (p->v6 != q->v6)
            return p->v6 < q->v6 ? -1 : 1;
        if (p->lo != q->lo)
            return p->lo < q->lo ? -1 : 1;
        if (p->hi != q->hi)
            return p->hi < q->hi ? -1 : 1;
    }
    return 0;
}

static int by_row(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int c = compare(a, b);

    return c ? c : x->row < y->row ? -1 : 1;
}

static bool distinct(struct reader *r)
{
    struct ordered *all = calloc(r->to->n + 1, sizeof(*all));
    unsigned i, line;
    bool good = true;

    if (!all)
        return nfl_lines_fail(&r->in, "no memory for the rows");
    for (i = 0; i < r->to->n; i++)
        all[i] = (struct ordered){r->to, r->d->n_key, i};
    qsort(all, r->to->n, sizeof(*all), by_row);
    for (i = 1; i < r->to->n && good; i++) {
        if (compare(&all[i - 1], &all[i]) != 0)
            continue;
        line = r->to->lines[all[i - 1].row];
        r->in.line = r->to->lines[all[i].row];
        good =
            nfl_lines_fail(&r->in, "this key stands in line %u already", line);
    }
    free(all);
    return good;
}

/* All wrong lines are told, a line each, up to 20 and as far as there is room.
 */
static bool goes_on(struct reader *r)
{
    enum { MOST = 20, ROOM = 300 };
    size_t n = strlen(r->in.err);

    if (r->full || ++r->wrong == MOST || r->in.errlen < n + ROOM)
        return false;
    r->in.err += n;
    r->in.errlen -= n;
    *r->in.err = '\n'; /* until there is a next one */
    r->in.err++;
    r->in.errlen--;
    *r->in.err = '\0';
    return true;
}

static bool read_rows(struct reader *r)
{
    int more;

    while ((more = nfl_lines_next(&r->in)) > 0)
        if (!read_row(r) && !goes_on(r))
            return false;
    if (r->wrong && more == 0)
        r->in.err[-1] = '\0';
    return more == 0 && !r->wrong && (r->d->first || distinct(r));
}

struct nfl_rows *nfl_rows_read(const char *path, const struct nfl_rows_desc *d,
                               char *err, size_t errlen)
{
    struct reader r = {.d = d};
    bool good = false;

    if (!*path)
        return calloc(1, sizeof(*r.to));
    if (!nfl_lines_open(&r.in, path, "a file of rows", err, errlen))
        return NULL;
    r.to = calloc(1, sizeof(*r.to));
    if (r.to) {
        r.to->n_columns = d->n;
        good = read_rows(&r);
    } else {
        nfl_lines_fail(&r.in, "no memory");
    }
    nfl_lines_close(&r.in);
    if (good)
        return r.to;
    nfl_rows_free(r.to);
    return NULL;
}

void nfl_rows_free(struct nfl_rows *r)
{
    if (!r)
        return;
    free(r->cells);
    free(r->lines);
    free(r);
}
