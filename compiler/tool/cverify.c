#include "tool/cverify.h"

#include "base/diag.h"
#include "config.h"
#include "sema/cproto.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what is declared ---- */

/* What one pointer of the C function is, and whether it may be written to. */
static void pointer(struct words *names, char *letters, const char *name,
                    bool write)
{
    size_t n = strlen(letters);

    letters[n] = write ? 'w' : 'r';
    letters[n + 1] = '\0';
    words_add(names, name);
}

enum { POINTERS = 64 };

static void pointers(const struct ccode *c, const struct member *m,
                     struct words *names, char letters[POINTERS])
{
    catoms given = {0}, results = {0};
    const struct catom *p;

    if (!m->object->plain)
        pointer(names, letters, "its state", m->updates);
    if (m->scratch)
        pointer(names, letters, "its scratch memory", true);
    catoms_params(c->arena, c->u->tree, &m->params, &given);
    LIST_EACH (p, &given)
        if (p->kind != CA_BOOL && p->kind != CA_NUM && names->n < POINTERS - 2)
            pointer(names, letters, arena_fmt(c->arena, "'%s'", p->name),
                    m->edits && p->kind == CA_BYTES);
    catoms_result(c->arena, c->u->tree, m, &results);
    LIST_EACH (p, &results)
        if (cproto_by_pointer(m) && names->n < POINTERS - 2)
            pointer(names, letters, "the result", true);
}

/* ---- answers ---- */

/* "x.c:5: writes to argument 2" with the name of the argument. */
static const char *named(const struct ccode *c, const char *text,
                         const struct words *names)
{
    static const char word[] = "argument ";
    const char *at = strstr(text, word);
    unsigned i;

    if (!at || sscanf(at + sizeof(word) - 1, "%u", &i) != 1 || i < 1 ||
        i > names->n)
        return text;
    return arena_fmt(c->arena, "%.*s%s", (int)(at - text), text,
                     names->v[i - 1]);
}

static const char *called(const struct ccode *c, const struct member *m)
{
    if (m->object->plain)
        return m->name;
    return arena_fmt(c->arena, "%s.%s", m->object->name, m->name);
}

/* `line` is "NAME ANSWER LETTERS [TEXT]". */
static bool judge(const struct ccode *c, struct diags *diags,
                  const struct member *m, const char *line,
                  const struct words *names)
{
    char answer[16], letters[POINTERS + 1];
    struct diag *d;
    int at = 0;

    if (sscanf(line, "%*s %15s %64s %n", answer, letters, &at) < 2 ||
        strcmp(answer, "verified") == 0)
        return true;
    line = named(c, arena_strn(c->arena, line + at, strcspn(line + at, "\n")),
                 names);
    if (strcmp(answer, "refuted") == 0) {
        d = diag_error(diags, m->loc, "'%s' does more than is declared of it",
                       called(c, m));
        diag_note(d, "%s", line);
        if (strstr(line, "writes to its state"))
            diag_hint(d, "fn %s(...) updates", m->name);
        else if (strstr(line, "writes to"))
            diag_note(d, "`edits` allows to change the payload; all else "
                         "is only read");
        return false;
    }
    d = diag_error(diags, m->loc, "what '%s' does cannot be known",
                   called(c, m));
    diag_note(d, "%s", line);
    diag_hint(d, "if it does no more than is declared: fn %s(...) ... trusted",
              m->name);
    return false;
}

static bool ask(struct ccode *c, struct diags *diags, const char *bitcode,
                const struct member *m)
{
    struct words argv = words_new(
        c->arena, arena_fmt(c->arena, "%s/nflc-llvm", paths_get()->libexec),
        "effects", bitcode, cproto_symbol(c->arena, m), NULL);
    struct words names = {.arena = c->arena};
    char letters[POINTERS] = "";
    const char *out;

    pointers(c, m, &names, letters);
    words_add(&argv, arena_fmt(c->arena, "%s", letters));
    if (c->verbose)
        process_show(&argv);
    if (process_capture(&argv, NULL, &out) == 0)
        return judge(c, diags, m, out, &names);
    fputs(out, stderr);
    return false;
}

bool cverify(struct ccode *c, struct diags *diags, const char *path)
{
    const char *to = arena_fmt(c->arena, "%s/c.bc", c->folder);
    struct words argv = ccode_command(
        c, NFL_DEFAULT_CC, "-O3 -w -Xclang -disable-llvm-passes -emit-llvm",
        path, to);
    const struct object *o;
    const struct member *m;
    bool good = true, made = false;

    if (NFL_LLVM_MAJOR == 0 || !process_find(c->arena, NFL_DEFAULT_CC)) {
        fprintf(stderr,
                "nflc: note: without clang and LLVM nobody looked at "
                "what %s does\n",
                path);
        c->spoke = true;
        return true;
    }
    LIST_EACH (o, &c->u->tree->objects) {
        if (!o->file || strcmp(ccode_path(c->arena, o), path) != 0)
            continue;
        LIST_EACH (m, &o->members) {
            if (m->trusted)
                continue;
            made = made || ccode_run(c, &argv, "looking at the C");
            good &= made && ask(c, diags, to, m);
        }
    }
    if (made)
        unlink(to);
    return good;
}
