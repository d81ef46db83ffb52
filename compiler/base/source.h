/* Source files and places in them. A place is a byte range of a file; lines
 * and columns are worked out only when something is printed. */
#ifndef NFL_BASE_SOURCE_H
#define NFL_BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct source {
    const char *path; /* as opened, for messages and #line */
    const char *dir;  /* folder of the file, no slash at the end */
    const char *text; /* NUL-terminated */
    size_t size;      /* bytes of text */
    struct source *next;
};

struct loc {
    const struct source *src; /* NULL: no place */
    uint32_t off;             /* bytes from the start of the text */
    uint32_t len;             /* bytes; at least 1 */
};

struct linecol {
    unsigned line, col; /* from 1; col counts bytes */
};

struct linecol loc_linecol(struct loc l);

/* From the start of a to the end of b, which is in the same file. */
struct loc loc_span(struct loc a, struct loc b);

/* Reads a whole file. On failure NULL, and *why is a sentence fragment such
 * as "No such file or directory" (owned by the arena). A file over 16 MiB or
 * with a NUL byte is refused. */
struct source *source_read(struct arena *a, const char *path, const char **why);

/* A source from memory, for tests and -e. */
struct source *source_text(struct arena *a, const char *name, const char *text);

/* Its folder, absolute and without links. */
const char *source_folder(struct arena *a, const struct source *s);

#endif
