/* Writing C: indentation, quoting, and #line. Every line belongs to the module
 * itself, or to a place in an .nfl source; a #line directive is written where
 * the compiler would believe something else. */
#ifndef NFL_EMIT_CW_H
#define NFL_EMIT_CW_H

#include "base/arena.h"
#include "base/source.h"

struct cw;

/* `name` is what #line calls the module: "edge.c". */
struct cw *cw_new(struct arena *a, const char *name);
/* The text so far, in the arena; frees the writer. */
char *cw_end(struct cw *w, size_t *len);

/* One line at the present indentation, without its newline. Where it belongs
 * is what cw_at or cw_home said last. */
void cw(struct cw *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A line of which nobody cares where it belongs: a brace, an empty one. */
void cw_any(struct cw *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void cw_blank(struct cw *w);
/* "text {", and one level deeper; "}" and back. */
void cw_open(struct cw *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void cw_close(struct cw *w, const char *after);
void cw_in(struct cw *w);
void cw_out(struct cw *w);

/* The next lines belong to the source line of the place. */
void cw_at(struct cw *w, struct loc at);
/* The next lines belong to the module. */
void cw_home(struct cw *w);

/* A C string literal, with its quotes. */
const char *cw_quote(struct arena *a, const char *s);
/* Text that may stand in a comment. */
const char *cw_comment(struct arena *a, const char *s);

#endif
