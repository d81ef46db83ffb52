#include "tool/externs.h"

#include "config.h"
#include "plan/plan.h"
#include "sema/effect.h"
#include "tool/paths.h"
#include "tool/process.h"
#include "unit.h"

#include <string.h>
#include <unistd.h>

enum { MOST = 64 }; /* functions; there are not so many in all */

struct externs {
    const struct unit *u;
    bool program; /* C of the program, not of the library */
    const struct member *m[MOST];
    unsigned n, width;
};

/* ---- which ---- */

static bool is_prelude(const struct unit *u, const struct member *m)
{
    return type_is_at_hand(u->tree, m->object->type);
}

static void add(struct externs *x, const struct member *m)
{
    unsigned width = (unsigned)(strlen(m->object->name) + strlen(m->name)) + 3;

    if ((m->object->file != NULL) != x->program)
        return;
    for (unsigned i = 0; i < x->n; i++)
        if (strcmp(x->m[i]->object->name, m->object->name) == 0 &&
            strcmp(x->m[i]->name, m->name) == 0)
            return;
    if (x->n == MOST)
        return;
    x->m[x->n++] = m;
    x->width = width > x->width ? width : x->width;
}

static void find(struct externs *x)
{
    const struct plan_chain *c;
    const struct position *p;
    const struct handler *h;
    const struct effref *r;

    LIST_EACH (c, &x->u->plan->chains)
        LIST_EACH (p, &c->ir->source->nfs)
            LIST_EACH (h, &p->nf->handlers)
                LIST_EACH (r, &effect_of(x->u->effects, h)->reads)
                    if (r->member && r->member->fn &&
                        !is_prelude(x->u, r->member))
                        add(x, r->member);
}

/* ---- what is claimed of them ---- */

static unsigned result_parts(const struct type *t)
{
    return t->kind == TY_TUPLE ? t->parts.n : t->kind == TY_RANGE ? 2 : 1;
}

/* A letter for each pointer of the C function, as nfl/ctx.h describes it: the
 * moment, the object and its name, the arguments, where the results go. Where
 * packets wait, the moment is told when the next one goes on, and a packet
 * comes with its tuple. */
static const char *claim(const struct unit *u, const struct member *m)
{
    const char *text = m->object->holds && m->updates ? "wwr"
                       : m->leases || m->updates      ? "rwr"
                                                      : "rrr";
    unsigned parts = result_parts(m->type);
    bool out =
        m->fails || m->type->kind == TY_TUPLE || m->type->kind == TY_RANGE;
    const struct param *p;

    if (m->object->numbers) {
        text = "r";
        for (unsigned i = 0; i < m->object->numbers; i++)
            text = arena_fmt(u->arena, "%sw", text);
        return text;
    }
    LIST_EACH (p, &m->params) {
        if (p->type == u->tree->flow)
            text = arena_fmt(u->arena, "%s%c", text,
                             m->leases || m->rewrites ? 'w' : 'r');
        else if (p->key || p->type == u->tree->packet ||
                 p->type->kind == TY_STRING || p->type->kind == TY_FILE)
            text = arena_fmt(u->arena, "%s%s", text,
                             m->holds && !p->key ? "rr" : "r");
    }
    for (unsigned i = 0; out && m->type->kind != TY_VOID && i < parts; i++)
        text = arena_fmt(u->arena, "%sw", text);
    return text;
}

/* ---- the answers ---- */

static const char *symbol(const struct unit *u, const struct member *m)
{
    return arena_fmt(u->arena, "nfs_%s_%s", m->object->name, m->name);
}

/* Files are named from the folder of the library or the runtime on. */
static const char *short_place(const char *text)
{
    static const char *const folders[] = {"stdlib/", "runtime/"};
    const char *at;

    for (unsigned i = 0; i < 2; i++)
        if ((at = strstr(text, folders[i])))
            return at;
    return text;
}

/* What it writes to, by the letters of the pointers: the results go without
 * saying. */
static void print_writes(const struct unit *u, const struct member *m,
                         const char *letters, FILE *to)
{
    const struct param *p = m->params.first;
    const char *before = ": writes ";
    size_t n = strlen(letters);

    if (n > 1 && letters[1] == 'w') {
        fprintf(to, "%sits state", before);
        before = ", ";
    }
    for (size_t i = 3; p && i < n; p = p->next) {
        bool text = p->type->kind == TY_STRING || p->type->kind == TY_FILE;

        if (p->type != u->tree->flow && p->type != u->tree->packet && !text)
            continue;
        if (letters[i++] == 'w') {
            fprintf(to, "%sthe %s", before, p->type->name);
            before = ", ";
        }
    }
    fputs(strcmp(before, ", ") == 0 ? "\n" : ": writes nothing\n", to);
}

/* `line` is "NAME ANSWER LETTERS [TEXT]". */
static void print_answer(const struct externs *x, const struct member *m,
                         const char *line, FILE *to)
{
    const char *name =
        arena_fmt(x->u->arena, "%s.%s()", m->object->name, m->name);
    char answer[16], letters[40];
    int at = 0;

    fprintf(to, "  %-*s  ", (int)x->width, name);
    if (sscanf(line, "%*s %15s %39s %n", answer, letters, &at) < 2) {
        fputs("not looked at\n", to);
        return;
    }
    fputs(answer, to);
    if (strcmp(answer, "verified") == 0) {
        print_writes(x->u, m, letters, to);
        return;
    }
    line = short_place(line + at);
    fprintf(to, ": %.*s%s\n", (int)strcspn(line, "\n"), line,
            strcmp(answer, "trusted") == 0 && !m->trusted
                ? "; it is not marked `trusted`"
                : "");
}

static void print_all(const struct externs *x, const char *answers, FILE *to)
{
    const char *line;

    for (unsigned i = 0; i < x->n; i++) {
        const char *name = symbol(x->u, x->m[i]);
        size_t n = strlen(name);

        for (line = answers; line && *line;
             line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
            if (strncmp(line, name, n) == 0 && line[n] == ' ')
                break;
        print_answer(x, x->m[i], line ? line : "", to);
    }
}

/* C of the program is not opened here: what is declared of it is held against
 * it when it is compiled. */
static void explain_program(const struct unit *u, FILE *to)
{
    struct externs x = {.u = u, .program = true};

    find(&x);
    if (x.n)
        fputs("\nC functions of the program:\n", to);
    for (unsigned i = 0; i < x.n; i++) {
        const struct member *m = x.m[i];
        const char *dot = m->object->plain ? "" : ".";
        const char *name =
            arena_fmt(u->arena, "%s%s%s()",
                      m->object->plain ? "" : m->object->name, dot, m->name);

        fprintf(to, "  %-*s  %s, %s: %s%s%s%s\n", (int)x.width, name,
                m->object->file,
                m->trusted ? "trusted" : "looked at when it is compiled",
                m->updates || m->edits ? "writes " : "writes nothing",
                m->updates ? "its state" : "",
                m->updates && m->edits ? ", " : "",
                m->edits ? "the payload" : "");
    }
}

void externs_explain(const struct unit *u, FILE *to)
{
    struct externs x = {.u = u};
    struct words argv;
    const char *llvm =
        arena_fmt(u->arena, "%s/nflc-llvm", paths_get()->libexec);
    const char *out = "";

    explain_program(u, to);
    find(&x);
    if (!x.n)
        return;
    argv = words_new(u->arena, llvm, "effects", NULL);
    words_fmt(&argv, "%s/libnflflow.bc", paths_get()->lib);
    for (unsigned i = 0; i < x.n; i++) {
        words_add(&argv, symbol(u, x.m[i]));
        words_add(&argv, claim(u, x.m[i]));
    }
    fputs("\nC functions of the library:\n", to);
    fflush(to);
    if (access(llvm, X_OK) != 0)
        fputs("  not looked at: nflc was built without LLVM\n", to);
    else if (process_capture(&argv, NULL, &out) != 0)
        fprintf(to, "  not looked at: nflc-llvm failed: %s", out);
    else
        print_all(&x, out, to);
}
