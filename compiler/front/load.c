/* pass_load: reads and parses the main file and all it uses.
 * Needs: unit.path, include, stdlib.
 * Provides: unit.ast, the declarations of a file before those of its users.
 * Invalidates: nothing. */
#include "front/pass.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/mem.h"
#include "front/build.h"
#include "front/test.h"
#include "unit.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHAIN_MAX = 200, SHORT_MAX = 1000 };

struct file {
    const char *real; /* the path without links: a file is loaded once */
    struct source *src;
    struct file *next;
};

struct load {
    struct unit *u;
    struct ast *ast;
    LIST(struct source) sources;
    LIST(struct file) files;
    unsigned depth;            /* of files that use files */
    const struct source *text; /* of -e, or NULL */
};

struct found { /* places at which a module was looked for */
    const char *paths[8];
    unsigned n;
};

static void load_use(struct load *l, const struct ast_decl *use,
                     const char *dir);

/* ---- one file ---- */

static ast_decls parse(struct load *l, const struct source *src)
{
    struct unit *u = l->u;

    if (src == l->text)
        return parse_oneline(u->arena, u->diags, src, u->ports);
    return parse_source(u->arena, u->diags, src);
}

static void load_source(struct load *l, struct source *src)
{
    ast_decls decls;
    struct ast_decl *d, *next;

    LIST_ADD(&l->sources, src);
    decls = parse(l, src);
    l->depth++;
    LIST_EACH (d, &decls) {
        if (d->kind != AD_USE)
            continue;
        if (l->depth > CHAIN_MAX)
            diag_error(l->u->diags, d->loc,
                       "files use each other over more than %d steps",
                       CHAIN_MAX);
        else
            load_use(l, d, src->dir);
    }
    l->depth--;
    for (d = decls.first; d; d = next) {
        next = d->next;
        LIST_ADD(&l->ast->decls, d);
    }
}

/* False if there is no such file, else it was loaded, now or before, or an
 * error says why not. NULL in *src: an error. */
static bool load_path(struct load *l, const char *path, struct loc at,
                      struct source **src)
{
    char *real = realpath(path, NULL);
    struct file *f;
    const char *why;

    *src = NULL;
    if (!real && errno == ENOMEM)
        mem_none();
    /* A pipe has no real path; what lies in a closed folder may be there. */
    if (!real && access(path, F_OK) != 0 && errno != EACCES)
        return false;
    LIST_EACH (f, &l->files) {
        if (real && strcmp(f->real, real) == 0) {
            *src = f->src;
            free(real);
            return true;
        }
    }
    *src = source_read(l->u->arena, path, &why);
    if (*src) {
        f = ARENA_NEW(l->u->arena, struct file);
        f->real = arena_str(l->u->arena, real ? real : path);
        f->src = *src;
        LIST_ADD(&l->files, f);
        load_source(l, *src);
    } else {
        diag_error(l->u->diags, at, "cannot read '%s': %s", path, why);
    }
    free(real);
    return true;
}

/* ---- the names of the standard library ---- */

struct names {
    struct arena *arena;
    const char *v[SHORT_MAX];
    unsigned n;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The entries of a folder, sorted; with `suffix` only those that end so, and
 * without it. */
static void list_folder(struct names *out, const char *dir, const char *suffix)
{
    DIR *d = opendir(dir);
    size_t cut = strlen(suffix), len;
    struct dirent *e;

    if (!d && errno == ENOMEM)
        mem_none();
    while (d && (e = readdir(d))) {
        len = strlen(e->d_name);
        if (e->d_name[0] == '.' || len <= cut || out->n == SHORT_MAX ||
            strcmp(e->d_name + len - cut, suffix) != 0)
            continue;
        out->v[out->n++] = arena_strn(out->arena, e->d_name, len - cut);
    }
    if (d)
        closedir(d);
    qsort(out->v, out->n, sizeof(out->v[0]), by_text);
}

/* The folders of the library that hold NAME.nfl; if none does, one that cannot
 * be looked into, so that the reader hears of it. */
static unsigned find_short(struct load *l, const char *name,
                           const char **folders, unsigned most)
{
    struct arena *a = l->u->arena;
    struct names *dirs = ARENA_NEW(a, struct names);
    const char *closed = NULL;
    unsigned i, n = 0;

    dirs->arena = a;
    list_folder(dirs, l->u->stdlib, "");
    for (i = 0; i < dirs->n && n < most; i++)
        if (access(arena_fmt(a, "%s/%s/%s.nfl", l->u->stdlib, dirs->v[i], name),
                   F_OK) == 0)
            folders[n++] = dirs->v[i];
        else if (errno == EACCES)
            closed = dirs->v[i];
    if (n == 0 && closed)
        folders[n++] = closed;
    return n;
}

/* A module of the library that is called nearly so, or NULL. */
static const char *nearest_module(struct load *l, const struct ast_decl *use)
{
    struct arena *a = l->u->arena;
    struct names *dirs = ARENA_NEW(a, struct names);
    struct names *all = ARENA_NEW(a, struct names);
    const char *near;
    unsigned i;

    dirs->arena = all->arena = a;
    list_folder(all, l->u->stdlib, ".nfl");
    list_folder(dirs, l->u->stdlib, "");
    for (i = 0; i < dirs->n; i++)
        list_folder(all, arena_fmt(a, "%s/%s", l->u->stdlib, dirs->v[i]),
                    ".nfl");
    near = diag_nearest(use->path.last->text, all->v, all->n);
    for (i = 0; i < all->n; i++) /* right, in a wrong folder */
        if (strcmp(all->v[i], use->path.last->text) == 0)
            near = all->v[i];
    return near ? arena_fmt(a, "std.%s", near) : NULL;
}

/* ---- use ---- */

/* The names from n on, joined. */
static const char *joined(struct arena *a, const struct ast_name *n,
                          const char *by)
{
    const char *text = n->text;

    while ((n = n->next))
        text = arena_fmt(a, "%s%s%s", text, by, n->text);
    return text;
}

static bool try_path(struct load *l, const struct ast_decl *use,
                     struct found *f, const char *path)
{
    struct source *src;

    if (f->n < sizeof(f->paths) / sizeof(f->paths[0]))
        f->paths[f->n++] = path;
    return load_path(l, path, use->loc, &src);
}

static void say_missing(struct load *l, const struct ast_decl *use,
                        const struct found *f)
{
    const char *name = joined(l->u->arena, use->path.first, "."), *near;
    struct diag *m =
        diag_error(l->u->diags, use->loc, "there is no module '%s'", name);
    unsigned i;

    for (i = 0; i < f->n; i++)
        diag_note(m, "looked for %s", f->paths[i]);
    near = nearest_module(l, use);
    if (near && strcmp(near, name) != 0)
        diag_hint(m, "did you mean '%s'?", near);
}

/* use std.NAME: a file of the library, or of one of its folders. */
static void load_std(struct load *l, const struct ast_decl *use,
                     struct found *f)
{
    struct arena *a = l->u->arena;
    const struct ast_name *name = use->path.first->next;
    const char *folders[4];
    unsigned n;
    struct diag *m;

    if (try_path(l, use, f,
                 arena_fmt(a, "%s/%s.nfl", l->u->stdlib, joined(a, name, "/"))))
        return;
    n = name->next ? 0 : find_short(l, name->text, folders, 4);
    if (n == 1) {
        try_path(
            l, use, f,
            arena_fmt(a, "%s/%s/%s.nfl", l->u->stdlib, folders[0], name->text));
    } else if (n > 1) {
        m = diag_error(l->u->diags, use->loc, "'std.%s' may be two modules",
                       name->text);
        diag_hint(m, "write std.%s.%s or std.%s.%s", folders[0], name->text,
                  folders[1], name->text);
    } else {
        if (!name->next)
            f->paths[f->n++] =
                arena_fmt(a, "%s/*/%s.nfl", l->u->stdlib, name->text);
        say_missing(l, use, f);
    }
}

static void load_use(struct load *l, const struct ast_decl *use,
                     const char *dir)
{
    struct arena *a = l->u->arena;
    const struct ast_name *first = use->path.first;
    const char *const *folder = l->u->include, *file;
    struct found f = {.n = 0};
    struct diag *m;

    if (strcmp(first->text, "std") == 0 && !first->next) {
        m = diag_error(l->u->diags, use->loc, "'use std' names no module");
        diag_hint(m, "as use std.net");
        return;
    }
    if (strcmp(first->text, "std") == 0) {
        load_std(l, use, &f);
        return;
    }
    file = joined(a, first, "/");
    if (try_path(l, use, &f,
                 strcmp(dir, ".") == 0 ? arena_fmt(a, "%s.nfl", file)
                                       : arena_fmt(a, "%s/%s.nfl", dir, file)))
        return;
    for (; folder && *folder; folder++)
        if (try_path(l, use, &f, arena_fmt(a, "%s/%s.nfl", *folder, file)))
            return;
    say_missing(l, use, &f);
}

/* -e: the network is there without a `use`. */
static void load_text(struct load *l)
{
    struct arena *a = l->u->arena;
    struct loc nowhere = {NULL, 0, 0};
    struct source *text = source_text(a, l->u->path, l->u->text), *net;

    load_path(l, arena_fmt(a, "%s/net.nfl", l->u->stdlib), nowhere, &net);
    l->text = text;
    l->ast->main = text;
    load_source(l, text);
}

void pass_load(struct unit *u)
{
    struct load l = {.u = u, .ast = ARENA_NEW(u->arena, struct ast)};
    struct loc nowhere = {NULL, 0, 0};
    const char *prelude = arena_fmt(u->arena, "%s/prelude.nfl", u->stdlib);
    struct source *src;
    struct diag *m;

    u->ast = l.ast;
    if (!u->text && access(u->path, F_OK) != 0) {
        diag_error(u->diags, nowhere, "cannot read '%s': %s", u->path,
                   strerror(errno));
        return;
    }
    if (!load_path(&l, prelude, nowhere, &src)) {
        m = diag_error(u->diags, nowhere, "the standard library is not in '%s'",
                       u->stdlib);
        diag_note(m, "prelude.nfl is missing there");
        return;
    }
    if (u->text)
        load_text(&l);
    else
        load_path(&l, u->path, nowhere, &l.ast->main);
    l.ast->sources = l.sources.first;
    tests_settle(u);
}
