/* Where nflc finds what it reads and links with. */
#ifndef TOOL_PATHS_H
#define TOOL_PATHS_H

struct nfl_paths {
    const char *stdlib;  /* folder of prelude.nfl */
    const char *lib;     /* folder of libnfl*.a and libnfl*.bc */
    const char *libexec; /* folder of nflc-llvm */
    const char *include; /* folder of nfl/ with the public headers */
};

/*
 * Computed at the first call, from where the running program lies: in the
 * build tree, or installed (below another prefix, too). Never NULL; the
 * strings live as long as the process.
 */
const struct nfl_paths *paths_get(void);

#endif
