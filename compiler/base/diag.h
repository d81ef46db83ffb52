/* Messages. Errors are queued and the compiler goes on, to at most 20; they
 * are printed sorted by file (in order of loading) and place, each with its
 * line, caret, related places, notes and a hint that can be pasted. */
#ifndef NFL_BASE_DIAG_H
#define NFL_BASE_DIAG_H

#include "base/source.h"
#include <stdbool.h>
#include <stdio.h>

enum diag_kind { DIAG_ERROR, DIAG_WARNING, DIAG_REMARK };

struct diags;
struct diag; /* one message, to which places, notes and a hint are added */

struct diags *diags_new(struct arena *a);

struct diag *diag_error(struct diags *d, struct loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct diag *diag_warning(struct diags *d, struct loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
struct diag *diag_remark(struct diags *d, struct loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A related place with a caret of its own: "first declared here". */
void diag_also(struct diag *m, struct loc at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A note without a place. */
void diag_note(struct diag *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What to write instead: "hint: ...". */
void diag_hint(struct diag *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

unsigned diags_errors(const struct diags *d);
/* True once 20 errors are queued: passes stop early. */
bool diags_full(const struct diags *d);
/* Prints all queued messages (remarks only if asked) and empties the queue.
 * With 20 errors it says that it stopped there. */
void diags_print(struct diags *d, FILE *to, bool remarks);

/* What was printed, as data: each message, followed by what was said with it.
 * `code` is as E0405, or "" if there is none; at.src is NULL without a place.
 */
struct diag_part {
    const char *what; /* "error", "warning", "remark"; "note", "hint" */
    const char *code, *text;
    struct loc at;
};
void diags_each(const struct diags *d, bool remarks,
                void (*each)(void *arg, const struct diag_part *), void *arg);

/* The name in `names` (n of them) nearest to `word` by edit distance, or NULL
 * if none is near: for "did you mean". */
const char *diag_nearest(const char *word, const char *const *names,
                         unsigned n);

#endif
