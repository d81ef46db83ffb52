#include "tool/ccode.h"

#include "base/diag.h"
#include "sema/cproto.h"
#include "tool/cverify.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool ccode_any(const struct unit *u)
{
    const struct object *o;

    LIST_EACH (o, &u->tree->objects)
        if (o->file)
            return true;
    return false;
}

/* ---- files ---- */

static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? arena_strn(a, path, (size_t)(slash - path)) : ".";
}

const char *ccode_beside(struct arena *a, const struct object *o,
                         const char *name)
{
    const char *folder = folder_of(a, o->src->path);

    return strcmp(folder, ".") == 0 ? name
                                    : arena_fmt(a, "%s/%s", folder, name);
}

const char *ccode_path(struct arena *a, const struct object *o)
{
    return ccode_beside(a, o, o->file);
}

/* Whether it is compiled already: for another object, or twice for this. */
static bool is_done(const struct ccode *c, const char *path)
{
    for (unsigned i = 0; i < c->sources.n; i++)
        if (strcmp(c->sources.v[i], path) == 0)
            return true;
    return false;
}

/* A link may not lead out of the folder. */
static bool is_there(struct ccode *c, struct diags *diags,
                     const struct object *o, const char *path, struct loc loc)
{
    char *real = realpath(path, NULL);
    char *folder = realpath(folder_of(c->arena, o->src->path), NULL);
    size_t n = folder ? strlen(folder) : 0;
    bool there = real && folder;
    bool below = there && strncmp(real, folder, n) == 0 && real[n] == '/';

    if (!there)
        diag_error(diags, loc, "cannot read %s: %s", path, strerror(errno));
    else if (!below)
        diag_error(diags, loc, "%s leads out of the folder of the source",
                   path);
    free(real);
    free(folder);
    return below;
}

/* ---- libraries ---- */

static const char *trimmed(struct arena *a, const char *text)
{
    size_t n = strlen(text);

    while (n > 0 && strchr(" \n", text[n - 1]))
        n--;
    return arena_strn(a, text, n);
}

/* What pkg-config says; NULL if it knows no such library. */
static const char *ask(struct arena *a, const char *what, const char *name)
{
    struct words argv = words_new(a, "pkg-config", what, name, NULL);
    const char *said;

    if (!process_find(a, "pkg-config") ||
        process_capture(&argv, NULL, &said) != 0)
        return NULL;
    return trimmed(a, said);
}

const char *ccode_library(struct arena *a, const char *name)
{
    const char *const names[] = {name, arena_fmt(a, "lib%s", name)};
    const char *version, *libs, *flags;

    for (unsigned i = 0; i < 2; i++) {
        version = ask(a, "--modversion", names[i]);
        libs = version ? ask(a, "--libs", names[i]) : NULL;
        flags = libs ? ask(a, "--cflags", names[i]) : NULL;
        if (flags)
            return arena_fmt(a, "%s %s %s", version, libs, flags);
    }
    return "";
}

static bool linker_finds(struct ccode *c, const char *name)
{
    struct words argv = words_new(c->arena, c->cc, NULL);
    const char *said;

    words_fmt(&argv, "-print-file-name=lib%s.so", name);
    return process_capture(&argv, NULL, &said) == 0 && strchr(said, '/');
}

static bool add_library(struct ccode *c, struct diags *diags,
                        const struct library *l)
{
    const char *const names[] = {l->name,
                                 arena_fmt(c->arena, "lib%s", l->name)};
    const char *package = strcmp(l->name, "hs") == 0 ? "libvectorscan-dev"
                          : strcmp(l->name, "zlib") == 0
                              ? "zlib1g-dev"
                              : arena_fmt(c->arena, "lib%s-dev", l->name);

    for (unsigned i = 0; i < 2; i++) {
        const char *libs = ask(c->arena, "--libs", names[i]);
        const char *flags = libs ? ask(c->arena, "--cflags", names[i]) : NULL;

        if (!flags)
            continue;
        words_split(&c->libs, libs);
        words_split(&c->cflags, flags);
        return true;
    }
    if (linker_finds(c, l->name)) {
        words_fmt(&c->libs, "-l%s", l->name);
        return true;
    }
    diag_hint(
        diag_error(diags, l->loc, "the library '%s' is not installed", l->name),
        "on Debian, perhaps: apt-get install %s", package);
    return false;
}

static bool add_libraries(struct ccode *c, struct diags *diags)
{
    const struct object *o;
    const struct library *l;
    bool good = true;

    LIST_EACH (o, &c->u->tree->objects)
        LIST_EACH (l, &o->libraries)
            good &= add_library(c, diags, l);
    return good;
}

/* ---- compiling ---- */

static bool write_header(struct ccode *c)
{
    const char *path = arena_fmt(c->arena, "%s/nfl_extern.h", c->folder);
    FILE *to = fopen(path, "w");

    if (to)
        cproto_header(c->arena, c->u->tree, to);
    if (to && fclose(to) == 0)
        return true;
    fprintf(stderr, "nflc: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

struct words ccode_command(const struct ccode *c, const char *cc,
                           const char *flags, const char *from, const char *to)
{
    struct words argv = words_new(c->arena, cc, NULL);

    words_split(&argv, "-std=gnu11 -g -fPIC -Wall -Wextra -D_GNU_SOURCE");
    words_split(&argv, flags);
    words_cat(&argv, &c->cflags);
    words_fmt(&argv, "-I%s", paths_get()->include);
    words_fmt(&argv, "-ffile-prefix-map=%s/=", c->folder);
    words_add(&argv, "-include");
    words_fmt(&argv, "%s/nfl_extern.h", c->folder);
    words_add(&argv, "-c");
    words_add(&argv, from);
    words_add(&argv, "-o");
    words_add(&argv, to);
    return argv;
}

bool ccode_run(struct ccode *c, const struct words *argv, const char *what)
{
    const char *said;
    int status;

    if (c->verbose)
        process_show(argv);
    status = process_capture(argv, what, &said);
    fputs(said, stderr);
    c->spoke |= *said != '\0';
    return status == 0;
}

/* The files of a rule of make, as the compiler writes it (-MD). */
static void read_list(struct ccode *c, const char *path)
{
    FILE *f = fopen(path, "re");
    char word[PATH_MAX];
    size_t n = strlen(c->folder);

    while (f && fscanf(f, "%4095s", word) == 1)
        if (strcmp(word, "\\") != 0 && word[strlen(word) - 1] != ':' &&
            strncmp(word, c->folder, n) != 0)
            words_add(&c->files, arena_str(c->arena, word));
    if (f)
        fclose(f);
}

static bool compile_one(struct ccode *c, struct diags *diags,
                        const struct object *o, const char *name,
                        struct loc loc)
{
    const char *from = ccode_beside(c->arena, o, name), *to;
    struct words argv;

    if (is_done(c, from))
        return true;
    if (!is_there(c, diags, o, from, loc))
        return false;
    words_add(&c->sources, from);
    to = arena_fmt(c->arena, "%s/c%u.o", c->folder, c->objects.n);
    argv = ccode_command(c, c->cc, *c->flags ? c->flags : "-O2", from, to);
    words_add(&argv, "-MD");
    if (!ccode_run(c, &argv, arena_fmt(c->arena, "compiling %s", from))) {
        if (!process_signal())
            diag_error(diags, loc, "%s does not compile", from);
        return false;
    }
    words_add(&c->objects, to);
    read_list(c, arena_fmt(c->arena, "%.*s.d", (int)strlen(to) - 2, to));
    return cverify(c, diags, from);
}

static bool compile_object(struct ccode *c, struct diags *diags,
                           const struct object *o)
{
    const struct library *l;
    bool good = compile_one(c, diags, o, o->file, o->file_loc);

    LIST_EACH (l, &o->more)
        good = good && compile_one(c, diags, o, l->name, l->loc);
    return good;
}

bool ccode_compile(struct ccode *c)
{
    struct diags *diags = diags_new(c->arena);
    const struct object *o;
    bool good;

    c->objects = c->cflags = c->libs = c->files = c->sources =
        (struct words){.arena = c->arena};
    good = write_header(c) && add_libraries(c, diags);
    LIST_EACH (o, &c->u->tree->objects)
        if (good && o->file)
            good = compile_object(c, diags, o);
    diags_print(diags, stderr, false);
    return good;
}
