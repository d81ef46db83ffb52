/* Tokens for the parser, one at a time. On top of the raw lexer (lex.l) this
 * finds the ends of lines that end a statement, the documentation of
 * declarations, unclosed brackets, and after a syntax error the place where
 * the parser can go on. */
#ifndef NFL_FRONT_SCAN_H
#define NFL_FRONT_SCAN_H

#include "base/source.h"
#include "front/ast.h"
#include <stdbool.h>

struct arena;
struct diags;

enum { SCAN_DEPTH = 256 }; /* of nested brackets */

/* A word or a string as the grammar sees it. */
struct word {
    const char *text;
    const char *doc; /* of the /// lines directly before it, or NULL */
};

struct token {
    int kind; /* of the grammar; 0 at the end of the file */
    struct loc loc;
    struct word word;
    struct ast_expr *literal;
    enum ast_op op; /* of an operator that shares its kind with others */
    bool first;     /* of its line */
    bool newline;   /* a new line or ';' is before it */
    bool made;      /* a '}' or NL that the source does not have */
};

struct scan {
    struct arena *arena;
    struct diags *diags;
    const struct source *src;
    void *flex;
    uint32_t start, end; /* of the raw token */
    enum ast_op op;

    struct token ahead; /* read, not yet delivered */
    bool has_ahead;
    struct token cur, prev; /* delivered */
    unsigned count;         /* of tokens delivered */

    struct {
        int kind; /* ( [ { */
        struct loc loc;
    } open[SCAN_DEPTH];
    unsigned depth, braces; /* brackets open; '{' among them */
    struct loc lost;        /* a '(' or '[' given up: a new item began inside */
    struct loc suspect;     /* a '{' whose '}' is indented otherwise */
    bool in_test;           /* behind `test` */
    bool one_line; /* -e: an `on` begins a handler wherever it stands */
    bool stopped;  /* too deep, or too many errors: the end follows */
    bool closing;  /* making the '}' that are missing */
    bool stray;    /* cur is a '}' without '{' */
    bool skip;     /* looking for a place to go on */
    unsigned skip_depth;
};

void scan_init(struct scan *s, struct arena *a, struct diags *d,
               const struct source *src);
void scan_fini(struct scan *s);

/* Delivers the next token into s->cur. */
void scan_next(struct scan *s);

/* After a syntax error at s->cur: scan_next goes on behind the line, or at
 * the end of the braces, that the error is in. */
void scan_recover(struct scan *s);

/* The '(' or '[' that is open innermost; src is NULL if none is. */
struct loc scan_paren(const struct scan *s);

/* Words that may never be names. */
bool scan_is_reserved(const char *word);
/* Words that only mean something at some places. */
bool scan_is_contextual(const char *word);

/* False and an error if the file is not plain UTF-8 (utf8.c). */
bool utf8_check(struct diags *d, const struct source *src);

/* ---- lex.l ---- */

/* Raw tokens that are none of the grammar's; these are negative. */
enum lex_kind {
    LEX_NEWLINE = -100,
    LEX_DOC, /* a line of documentation */
    LEX_WORD,
    LEX_NUMBER, /* begins with a digit; may hold dots and a prefix */
    LEX_COLONS, /* holds two colons or more: MAC, IPv6 */
    LEX_STRING,
    LEX_UNCLOSED, /* a string without its end */
    LEX_QUOTE,    /* '...' */
    LEX_HASH,     /* # to the end of the line */
    LEX_BLOCK,    /* a comment of C */
    LEX_WALRUS,   /* := */
    LEX_UNKNOWN,
};

void lex_init(struct scan *s);
int lex_raw(struct scan *s); /* sets start and end */
void lex_fini(struct scan *s);

/* ---- literal.c ---- */

/* The value of a raw token. What is wrong is reported, and a value of the
 * nearest kind returned. */
struct ast_expr *literal_number(struct scan *s, struct loc at);
struct ast_expr *literal_colons(struct scan *s, struct loc at);
const char *literal_string(struct scan *s, struct loc at);

#endif
