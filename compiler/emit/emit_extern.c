/* Extern C of the program: its prototypes, and inline functions around it that
 * are called as those of the library are (<nfl/ctx.h>). */
#include "base/mem.h"
#include "emit/emit.h"
#include "sema/cproto.h"
#include <stdlib.h>
#include <string.h>

static const struct tree *tree_of(const struct emit *e)
{
    return e->plan->ir->tree;
}

static void print_prototypes(struct emit *e, const struct object *o)
{
    char *text = NULL, *line, *next;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);

    if (!to)
        mem_none();
    cproto_print(e->arena, tree_of(e), o, to);
    if (fclose(to) != 0)
        mem_none();
    for (line = text; *line; line = next) {
        next = strchr(line, '\n');
        *next++ = '\0';
        cw(e->w, "%s", line);
    }
    free(text);
}

/* ---- parameters: a0, a1, ...; results r0, r1, ... ---- */

static const char *emitted_type(const struct catom *c)
{
    switch (c->kind) {
    case CA_BOOL:
        return "bool ";
    case CA_NUM:
        return "uint64_t ";
    case CA_WIDE:
        return "nfl_u128 ";
    case CA_ADDR:
        return "struct nfl_ipaddr ";
    case CA_TEXT:
        return "const char *";
    case CA_BYTES:
        break;
    }
    return c->file ? "const char *" : "struct nflg_bytes ";
}

static const char *emitted_params(struct emit *e, const char *text,
                                  const catoms *list)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, list)
        text = arena_fmt(e->arena, "%s, %sa%u", text, emitted_type(c), i++);
    return text;
}

/* What the C function gets for a<i>. */
static const char *given(struct emit *e, const struct catom *c, unsigned i,
                         bool write)
{
    switch (c->kind) {
    case CA_BOOL:
    case CA_TEXT:
        return arena_fmt(e->arena, "a%u", i);
    case CA_NUM:
        return arena_fmt(e->arena, "(%s)a%u", catom_ctype(c), i);
    case CA_WIDE:
        return arena_fmt(e->arena, "nflg_wide(b%u, a%u, 16)", i, i);
    case CA_ADDR:
        return arena_fmt(e->arena,
                         "nflg_wide(b%u, a%u.a, nflg_addr_len(a%u)), "
                         "nflg_addr_len(a%u)",
                         i, i, i, i);
    case CA_BYTES:
        break;
    }
    if (c->file)
        return arena_fmt(e->arena, "f%u.at, f%u.len", i, i);
    return arena_fmt(e->arena, "%sa%u.at, a%u.len",
                     write ? "(uint8_t *)(uintptr_t)" : "", i, i);
}

static const char *all_given(struct emit *e, const char *text,
                             const catoms *list, bool write)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, list)
        text = arena_fmt(e->arena, "%s%s%s", text, *text ? ", " : "",
                         given(e, c, i++, write));
    return text;
}

/* Room for numbers that C gets as bytes. */
static void rooms(struct emit *e, const catoms *list)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, list) {
        if (c->kind == CA_WIDE || c->kind == CA_ADDR)
            cw(e->w, "uint8_t b%u[16];", i);
        i++;
    }
}

/* ---- functions ---- */

static const char *call_text(struct emit *e, const struct member *m,
                             const catoms *taken, const catoms *results)
{
    const char *text = "";
    const struct catom *c;
    unsigned i = 0;

    if (!m->object->plain)
        text = "nflg_state(object, c->shard)";
    if (m->scratch)
        text = arena_fmt(e->arena, "%s, nflg_scratch(object, c)", text);
    text = all_given(e, text, taken, m->edits);
    if (cproto_by_pointer(m))
        LIST_EACH (c, results)
            text =
                arena_fmt(e->arena, "%s%s&v%u", text, *text ? ", " : "", i++);
    return arena_fmt(e->arena, "%s(%s)", cproto_symbol(e->arena, m), text);
}

static void body_by_pointer(struct emit *e, const struct member *m,
                            const char *call, const catoms *results)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, results)
        cw(e->w, "%s v%u = 0;", catom_ctype(c), i++);
    if (m->fails)
        cw(e->w, "bool ok = %s;", call);
    else
        cw(e->w, "%s;", call);
    for (i = 0; i < results->n; i++)
        cw(e->w, "*r%u = v%u;", i, i);
    if (m->fails)
        cw(e->w, "return ok;");
}

static void wrapper(struct emit *e, const struct member *m)
{
    catoms taken = {0}, results = {0};
    const char *text = "struct nfl_ctx *c", *result, *call;
    const struct catom *c;
    unsigned i = 0;

    catoms_params(e->arena, tree_of(e), &m->params, &taken);
    catoms_result(e->arena, tree_of(e), m, &results);
    if (m->edits)
        text = arena_fmt(e->arena, "%s, struct nflg_head *h", text);
    if (!m->object->plain)
        text = arena_fmt(e->arena, "%s, void *object, const char *name", text);
    text = emitted_params(e, text, &taken);
    result = m->fails ? "bool " : "void ";
    if (cproto_by_pointer(m)) {
        LIST_EACH (c, &results)
            text =
                arena_fmt(e->arena, "%s, %s*r%u", text, emitted_type(c), i++);
    } else if (results.n) {
        result = emitted_type(results.first);
    }
    cw_blank(e->w);
    cw(e->w, "NFLG_FN %s%s(%s)", result, emit_extern_name(e, m), text);
    cw_open(e->w, "%s", "");
    rooms(e, &taken);
    if (m->edits)
        cw(e->w, "nflg_edit_payload(c, h);");
    cw(e->w, m->object->plain ? "(void)c;" : "(void)c, (void)name;");
    call = call_text(e, m, &taken, &results);
    if (cproto_by_pointer(m))
        body_by_pointer(e, m, call, &results);
    else
        cw(e->w, "%s%s;", results.n ? "return " : "", call);
    cw_close(e->w, "");
}

const char *emit_extern_name(struct emit *e, const struct member *m)
{
    return arena_fmt(e->arena, "gx_%s%s%s",
                     m->object->plain ? "" : m->object->name,
                     m->object->plain ? "" : "_", m->name);
}

/* ---- objects ---- */

static void print_free(struct emit *e, const struct object *o)
{
    bool scratch = cproto_has_scratch(o);

    cw_blank(e->w);
    cw(e->w, "static void nfs_%s_free(void *object)", o->name);
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_extern *x = object;");
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    if (scratch) {
        cw(e->w, "for (i = x->n_scratch; i > 0; i--)");
        cw(e->w, "    if (x->scratch[i - 1])");
        cw(e->w, "        nfx_%s_scratch_free(x->scratch[i - 1]);", o->name);
    }
    cw(e->w, "for (i = x->n; i > 0; i--)");
    cw(e->w, "    if (x->state[i - 1])");
    cw(e->w, "        nfx_%s_free(x->state[i - 1]);", o->name);
    cw(e->w, "nfl_extern_free(x);");
    cw_close(e->w, "");
}

/* Reads the files, f<i>, or sets good to false. */
static void read_files(struct emit *e, const catoms *list)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, list) {
        if (c->file)
            cw(e->w, "good = good && nfl_extern_file(setup, a%u, &f%u);", i, i);
        i++;
    }
}

static void print_states(struct emit *e, const struct object *o,
                         const catoms *taken)
{
    const char *args = all_given(e, "", taken, false);

    cw_open(e->w, "for (i = 0; good && i < x->n; i++)");
    cw(e->w, "x->state[i] = nfx_%s_new(%s%ssetup->err, sizeof(setup->err));",
       o->name, args, *args ? ", " : "");
    cw(e->w, "good = x->state[i] != NULL;");
    cw_close(e->w, "");
    if (!cproto_has_scratch(o))
        return;
    cw_open(e->w, "for (i = 0; good && i < x->n_scratch; i++)");
    cw(e->w, "x->scratch[i] = nfx_%s_scratch_new(x->state[0]);", o->name);
    cw(e->w, "good = x->scratch[i] != NULL;");
    cw_close(e->w, "");
}

static void file_locals(struct emit *e, const catoms *taken, bool begin)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, taken) {
        if (c->file && begin)
            cw(e->w, "struct nfl_bytes f%u = {NULL, 0};", i);
        else if (c->file)
            cw(e->w, "nfl_bytes_free(&f%u);", i);
        i++;
    }
}

/* The argument that names it. */
static const char *first_file(struct emit *e, const catoms *taken)
{
    const struct catom *c;
    unsigned i = 0;

    LIST_EACH (c, taken) {
        if (c->file)
            return arena_fmt(e->arena, "a%u", i);
        i++;
    }
    return "NULL";
}

static void print_new(struct emit *e, const struct object *o)
{
    catoms taken = {0};

    catoms_params(e->arena, tree_of(e), &o->params, &taken);
    cw_blank(e->w);
    cw(e->w, "static void *nfs_%s_new(%s)", o->name,
       emitted_params(e, "struct nfl_chain *chain, struct nfl_setup *setup",
                      &taken));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_extern *x = nfl_extern_new(setup, %s, %s);",
       object_keeps(o) ? "true" : "false",
       cproto_has_scratch(o) ? "true" : "false");
    file_locals(e, &taken, true);
    rooms(e, &taken);
    cw(e->w, "bool good = x != NULL;");
    cw(e->w, "unsigned i;");
    cw_blank(e->w);
    cw(e->w, "(void)chain;");
    read_files(e, &taken);
    print_states(e, o, &taken);
    file_locals(e, &taken, false);
    cw(e->w, "if (good)");
    cw(e->w, "    return x;");
    cw(e->w, "if (x)");
    cw(e->w, "    nfs_%s_free(x);", o->name);
    cw(e->w, "return nfl_extern_failed(setup, %s, %s);",
       cw_quote(e->arena, o->name), first_file(e, &taken));
    cw_close(e->w, "");
}

void emit_extern(struct emit *e, const struct object *o, bool made)
{
    const struct member *m;

    cw_blank(e->w);
    cw(e->w, "/* extern %s, of %s */", o->name, cw_comment(e->arena, o->file));
    print_prototypes(e, o);
    LIST_EACH (m, &o->members)
        wrapper(e, m);
    if (!made)
        return;
    print_free(e, o);
    print_new(e, o);
}
