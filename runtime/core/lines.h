/* Text files that people write, one thing a line: words, `#` comments, and
 * errors that say where. */
#ifndef NFL_CORE_LINES_H
#define NFL_CORE_LINES_H

#include <nfl/num.h>
#include <stddef.h>
#include <stdio.h>

enum {
    NFL_LINES_MAX = 65536, /* of a file */
    NFL_LINE_MAX = 1000,   /* bytes of a line */
    NFL_WORD_SHOWN = 48    /* of a word that is not understood: %.*s */
};

struct nfl_lines {
    const char *path;
    FILE *file;
    unsigned line; /* the one at hand, from 1; 0: none yet */
    char text[NFL_LINE_MAX + 1];
    char *at; /* what is left of the line */
    char *err;
    size_t errlen;
};

/* `what` is what the file should be: "a rule file". */
bool nfl_lines_open(struct nfl_lines *l, const char *path, const char *what,
                    char *err, size_t errlen);
void nfl_lines_close(struct nfl_lines *l);

/* 1: there is a line, without its comment; 0: the end; -1: no good. */
int nfl_lines_next(struct nfl_lines *l);

/* The next word of the line, or NULL. */
char *nfl_lines_word(struct nfl_lines *l);
/* Takes the next word if it is this one. */
bool nfl_lines_take(struct nfl_lines *l, const char *word);

/* "FILE:LINE: ..." into err. Always false. */
bool nfl_lines_fail(struct nfl_lines *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of a word; says which of `words` (NULL-terminated) was probably
 * meant, else what there is. */
bool nfl_lines_fail_word(struct nfl_lines *l, const char *what,
                         const char *word, const char *const *words,
                         const char *all);

/* Digits only, up to max. */
bool nfl_text_number(const char *word, unsigned max, unsigned *v);
/* An address of either family; *bits is 32 or 128. */
bool nfl_text_addr(const char *text, nfl_u128 *addr, unsigned *bits);

#endif
