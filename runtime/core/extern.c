/* Objects of extern types of the program's own C. */
#include "core/fail.h"
#include <nfl/extern.h>
#include <nfl/module.h>
#include <nfl/options.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool offline;

bool nfl_offline(void)
{
    return offline;
}

struct nfl_extern *nfl_extern_new(struct nfl_setup *setup, bool by_shard,
                                  bool scratch)
{
    struct nfl_extern *x = calloc(1, sizeof(*x));
    const struct nfl_options *o = setup->options;

    offline = !o || o->offline;
    setup->err[0] = '\0';
    if (!x) {
        nfl_fail(setup->err, sizeof(setup->err), "no memory");
        return NULL;
    }
    x->n = by_shard ? setup->shards : 1;
    x->n_scratch = scratch ? setup->workers : 0;
    x->state = calloc(x->n + 1, sizeof(*x->state));
    x->scratch = calloc(x->n_scratch + 1, sizeof(*x->scratch));
    if (x->state && x->scratch)
        return x;
    nfl_extern_free(x);
    nfl_fail(setup->err, sizeof(setup->err), "no memory");
    return NULL;
}

void nfl_extern_free(struct nfl_extern *x)
{
    if (!x)
        return;
    free(x->state);
    free(x->scratch);
    free(x);
}

void nfl_extern_reason(const struct nfl_options *o, const char *srcdir,
                       const char *type, const char *name, char *err,
                       size_t errlen)
{
    char *said, *path, ignored[8];

    err[errlen - 1] = '\0';
    if (!err[0])
        nfl_fail(err, errlen, "nfx_%s_new gave no state, and no reason", type);
    path = name ? nfl_options_file(o, srcdir, name, ignored, sizeof(ignored))
                : NULL;
    said = strdup(err);
    if (path && said && !strstr(err, path) && strcmp(err, "no memory") != 0)
        nfl_fail(err, errlen, "%s: %s", path, said);
    free(said);
    free(path);
}

void *nfl_extern_failed(struct nfl_setup *setup, const char *type,
                        const char *name)
{
    nfl_extern_reason(setup->options, setup->module->srcdir, type, name,
                      setup->err, sizeof(setup->err));
    return NULL;
}

static bool read_all(FILE *f, size_t n, struct nfl_bytes *to)
{
    to->at = malloc(n + 1);
    if (!to->at)
        return false;
    to->len = (uint32_t)fread(to->at, 1, n, f);
    to->at[to->len] = 0;
    return !ferror(f);
}

bool nfl_extern_read(const char *path, struct nfl_bytes *to, char *err,
                     size_t errlen)
{
    FILE *f = fopen(path, "re");
    struct stat st;
    bool good;

    *to = (struct nfl_bytes){NULL, 0};
    if (!f || fstat(fileno(f), &st) != 0) {
        nfl_fail(err, errlen, "cannot read %s: %s", path, strerror(errno));
        if (f)
            fclose(f);
        return false;
    }
    good = st.st_size <= NFL_EXTERN_FILE_MAX;
    if (!good)
        nfl_fail(err, errlen, "%s is larger than 256 MiB", path);
    else if (!read_all(f, (size_t)st.st_size, to))
        good = nfl_fail(err, errlen, "cannot read %s", path);
    fclose(f);
    return good;
}

void nfl_bytes_free(struct nfl_bytes *b)
{
    free(b->at);
}

bool nfl_extern_file(struct nfl_setup *setup, const char *name,
                     struct nfl_bytes *to)
{
    char *path = nfl_options_file(setup->options, setup->module->srcdir, name,
                                  setup->err, sizeof(setup->err));
    bool good =
        path && nfl_extern_read(path, to, setup->err, sizeof(setup->err));

    if (!path)
        *to = (struct nfl_bytes){NULL, 0};
    free(path);
    return good;
}
