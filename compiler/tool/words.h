/* A list of words: the argv of a process. */
#ifndef TOOL_WORDS_H
#define TOOL_WORDS_H

#include "base/arena.h"

struct words {
    struct arena *arena;
    const char **v; /* NULL-terminated */
    unsigned n, room;
};

/* A list with these words, up to a NULL. */
struct words words_new(struct arena *a, const char *first, ...)
    __attribute__((sentinel));
void words_add(struct words *w, const char *word);
void words_fmt(struct words *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The words of a string, which blanks and line ends divide. No quoting. */
void words_split(struct words *w, const char *text);
void words_cat(struct words *w, const struct words *more);

#endif
