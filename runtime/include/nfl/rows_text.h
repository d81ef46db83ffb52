/* Tables that are read from files: `table[K -> V]` as a parameter of an NF. A
 * line is a row, its words are the columns of the key and then of the value.
 * LANGUAGE.md, sections 7 and "Tables from files". */
#ifndef NFL_ROWS_TEXT_H
#define NFL_ROWS_TEXT_H

#include <nfl/config.h>

enum nfl_match { NFL_MATCH_EXACT, NFL_MATCH_RANGE, NFL_MATCH_PREFIX };

struct nfl_column {
    struct nfl_param_desc is; /* name, type, kind, bits, words */
    enum nfl_match match;
    /* Of a value: where it lies in an entry. */
    uint32_t offset, bytes;
};

struct nfl_rows_desc {
    const char *name;                 /* of the parameter */
    const struct nfl_column *columns; /* of the key, then of the value */
    unsigned n_key, n;
    bool longest; /* the longest prefix counts */
    bool first;   /* the first row that matches counts; `any` is allowed */
    uint32_t entry_bytes;
};

struct nfl_cell { /* lo <= x <= hi of that family; or whatever it is */
    nfl_u128 lo, hi;
    uint8_t v6, plen;
    bool any;
};

struct nfl_rows {
    unsigned n, n_columns;
    struct nfl_cell *cells; /* row by row */
    unsigned *lines;        /* of each row, in the file */
};

static inline const struct nfl_cell *nfl_row(const struct nfl_rows *r,
                                             unsigned i)
{
    return &r->cells[(size_t)i * r->n_columns];
}

/* Of "" there are none. NULL and err on failure: "FILE:LINE:COLUMN: ...", a
 * line for each wrong row, up to 20 and as far as there is room. */
struct nfl_rows *nfl_rows_read(const char *path, const struct nfl_rows_desc *d,
                               char *err, size_t errlen);
void nfl_rows_free(struct nfl_rows *r);

#endif
