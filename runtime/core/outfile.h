/* A file that appears under its name only when it is complete. Until then it
 * has no name where the file system can do that, else a temporary one beside.
 * A path that names no regular file (/dev/null, a pipe) is written at once. */
#ifndef NFL_CORE_OUTFILE_H
#define NFL_CORE_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct nfl_outfile {
    FILE *f;
    char *path; /* of what is to be replaced; links are followed */
    char *temp; /* NULL: the file has no name, or is written at once */
    bool direct;
    int error; /* errno of the first write that failed, if the writer knows */
};

/* NULL on failure; err then names the path and the reason. */
struct nfl_outfile *nfl_outfile_open(const char *path, char *err,
                                     size_t errlen);
/* Frees in any case. False, and nothing is left of it, if something could not
 * be written. With keep false the file is given up. */
bool nfl_outfile_close(struct nfl_outfile *o, bool keep, char *err,
                       size_t errlen);
/* Could nfl_outfile_open succeed? */
bool nfl_outfile_check(const char *path, char *err, size_t errlen);

#endif
