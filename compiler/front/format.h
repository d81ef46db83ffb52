/* The formatter: lays out the tokens and comments of a source anew, by the
 * class of each token and the brackets around it, so that it need not know
 * what is declared. The author's line breaks stay. */
#ifndef NFL_FRONT_FORMAT_H
#define NFL_FRONT_FORMAT_H

#include "base/source.h"
#include <stdbool.h>

struct arena;
struct diags;

enum { FORMAT_WIDTH = 100, FORMAT_INDENT = 4 };

/* The text of the source, formatted, owned by the arena. NULL after an error:
 * the source does not parse. */
const char *format_source(struct arena *a, struct diags *d,
                          const struct source *src);

/* ---- between format*.c ---- */

struct fitem { /* a token or a comment */
    int kind;  /* of the grammar, or FORMAT_COMMENT */
    const char *text;
    uint32_t len;
    unsigned lines;   /* ends of lines before it; 2: an empty line is there */
    bool brk;         /* begins a line of the output */
    bool item;        /* the grammar sees the end of a line before it */
    bool semicolon;   /* one is before it, or must be on the same line */
    bool blank;       /* the author left a blank before it */
    bool path;        /* a '/' within the name of an event */
    bool list;        /* a '{': of a set, or items parted by commas only */
    bool set;         /* a '{' or '}' of a set */
    bool head;        /* a '(' behind the name of what is declared */
    unsigned partner; /* the index of the other bracket; itself if none */
};

enum { FORMAT_COMMENT = -1 };

struct fitems {
    struct fitem *v;
    unsigned n;
};

/* Reads all tokens and comments (format_read.c). */
struct fitems format_read(struct arena *a, struct diags *d,
                          const struct source *src);

/* Do both hold the same tokens, ends of lines and comments? */
bool format_same(const struct fitems *a, const struct fitems *b);

/* Is there a blank between v[i - 1] and v[i], on one line (format_space.c)? */
bool format_blank(const struct fitems *f, unsigned i);

/* Sets `path`, `list`, `set` and `head`. */
void format_classify(struct fitems *f);

/* Sets `brk` as braces want it. */
void format_braces(struct fitems *f);

/* Where to break the line [from, to), which begins in column `indent`: sets
 * `brk` of at least one item; false if no place is good (format_break.c). */
bool format_break(struct fitems *f, unsigned from, unsigned to,
                  unsigned indent);

#endif
