#include "tool/ckey.h"

#include "config.h"
#include "front/ast.h"
#include "sema/tree.h"
#include "tool/ccode.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Includes of a name in quotes look here first, so that a new header counts. */
static void add_folder(struct digest *d, struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *folder =
        slash ? arena_strn(a, file, (size_t)(slash - file)) : ".";
    struct dirent **entries;
    int n = scandir(folder, &entries, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        size_t len = strlen(entries[i]->d_name);

        if (len > 2 && strcmp(entries[i]->d_name + len - 2, ".h") == 0)
            digest_text(d, entries[i]->d_name);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* What no list of files tells. */
static bool asks_more(const char *path)
{
    static const char *const words[] = {"__TIME__", "__DATE__", "__TIMESTAMP__",
                                        ".incbin", "#embed"};
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool asks = !f;

    while (f && !asks && getline(&line, &room, f) > 0)
        for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            asks |= strstr(line, words[i]) != NULL;
    free(line);
    if (f)
        fclose(f);
    return asks;
}

static bool add_source(struct digest *d, struct arena *a, const char *path)
{
    digest_text(d, path);
    add_folder(d, a, path);
    return !asks_more(path) && digest_file(d, path);
}

static bool add_objects(struct digest *d, struct arena *a, const struct unit *u)
{
    const struct object *o;
    const struct library *l;

    LIST_EACH (o, &u->tree->objects) {
        LIST_EACH (l, &o->libraries) {
            digest_text(d, l->name);
            digest_text(d, ccode_library(a, l->name));
        }
        if (!o->file)
            continue;
        if (!add_source(d, a, ccode_path(a, o)))
            return false;
        LIST_EACH (l, &o->more)
            if (!add_source(d, a, ccode_beside(a, o, l->name)))
                return false;
    }
    return true;
}

bool ckey_begin(struct ckey *k, const struct unit *u, const char *cc,
                const char *key)
{
    const char *clang = process_find(k->arena, NFL_DEFAULT_CC);
    const char *here = process_find(k->arena, cc);
    const struct source *s;
    struct digest d;
    bool good;

    clock_gettime(CLOCK_REALTIME, &k->begin);
    digest_init(&d);
    digest_text(&d, "list 1");
    digest_text(&d, key);
    for (s = u->ast->sources; s; s = s->next) /* what is declared of the C */
        digest_add(&d, s->text, s->size);
    good = here && digest_identity(&d, here);
    if (clang)
        digest_identity(&d, clang);
    digest_identity(&d,
                    arena_fmt(k->arena, "%s/nflc-llvm", paths_get()->libexec));
    good = good && add_objects(&d, k->arena, u);
    digest_end(&d, k->first);
    return good;
}

/* ---- the list: a line for each file, its digest and its path ---- */

static bool digest_of_file(const char *path, char *hex)
{
    struct digest d;

    digest_init(&d);
    if (!digest_file(&d, path))
        return false;
    digest_end(&d, hex);
    return true;
}

static void second(const struct ckey *k, const struct blob *list, char *key)
{
    struct digest d;

    digest_init(&d);
    digest_text(&d, k->first);
    digest_add(&d, list->data, list->n);
    digest_end(&d, key);
}

bool ckey_known(const struct ckey *k, struct cache *cache, char *key)
{
    char hex[DIGEST_HEX + 1], *at, *line;
    struct blob list;

    if (!cache_get(cache, k->first, &list))
        return false;
    at = arena_strn(k->arena, list.data, list.n);
    while ((line = strsep(&at, "\n")) && *line) {
        if (strlen(line) < DIGEST_HEX + 2 ||
            !digest_of_file(line + DIGEST_HEX + 1, hex) ||
            strncmp(hex, line, DIGEST_HEX) != 0)
            return false;
    }
    second(k, &list, key);
    return true;
}

static bool is_newer(const struct stat *st, const struct timespec *than)
{
    return st->st_mtim.tv_sec > than->tv_sec ||
           (st->st_mtim.tv_sec == than->tv_sec &&
            st->st_mtim.tv_nsec >= than->tv_nsec);
}

bool ckey_keep(const struct ckey *k, struct cache *cache,
               const struct words *files, char *key)
{
    char hex[DIGEST_HEX + 1], *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    bool good = to != NULL;
    struct blob list;
    struct stat st;

    for (unsigned i = 0; good && i < files->n; i++) {
        good = stat(files->v[i], &st) == 0 && !is_newer(&st, &k->begin) &&
               !asks_more(files->v[i]) && digest_of_file(files->v[i], hex);
        if (good)
            fprintf(to, "%s %s\n", hex, files->v[i]);
    }
    if (to)
        good = fclose(to) == 0 && good;
    list = (struct blob){text, n};
    if (good) {
        cache_put(cache, k->first, &list);
        second(k, &list, key);
    }
    free(text);
    return good;
}
