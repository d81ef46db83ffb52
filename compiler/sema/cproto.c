#include "sema/cproto.h"

#include "base/arena.h"
#include <string.h>

/* Words that cannot be a parameter of C, or are macros there. */
static const char *const taken[] = {
    "asm",      "auto",    "break",  "case",   "char",     "const",  "continue",
    "default",  "do",      "double", "else",   "enum",     "err",    "err_size",
    "errno",    "extern",  "false",  "float",  "for",      "goto",   "if",
    "inline",   "int",     "linux",  "long",   "register", "result", "return",
    "restrict", "scratch", "short",  "signed", "sizeof",   "state",  "static",
    "stderr",   "stdin",   "stdout", "struct", "switch",   "true",   "typedef",
    "typeof",   "union",   "unix",   "bool",   "unsigned", "void",   "volatile",
    "while",    "i386",
};

static const char *c_name(struct arena *a, const char *name)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (strcmp(taken[i], name) == 0)
            return arena_fmt(a, "%s_", name);
    return name;
}

/* ---- values ---- */

static void add(struct arena *a, enum catom_kind kind, unsigned bits,
                const char *name, catoms *to)
{
    struct catom *c = ARENA_NEW(a, struct catom);

    c->kind = kind;
    c->bits = bits;
    c->name = c_name(a, name);
    LIST_ADD(to, c);
}

static bool tuple(struct arena *a, const struct tree *tree, const char *name,
                  const struct type *t, catoms *to)
{
    const struct part *p;
    unsigned i = 0;

    LIST_EACH (p, &t->parts) {
        const char *part = p->name ? arena_fmt(a, "%s_%s", name, p->name)
                                   : arena_fmt(a, "%s_%u", name, i);

        i++;
        if (!catoms_of(a, tree, part, p->type, to))
            return false;
    }
    return true;
}

static unsigned room(unsigned bits)
{
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
}

/* dispatch */
bool catoms_of(struct arena *a, const struct tree *tree, const char *name,
               const struct type *t, catoms *to)
{
    switch (t->kind) {
    case TY_BOOL:
        add(a, CA_BOOL, 1, name, to);
        return true;
    case TY_UINT:
    case TY_ENUM:
        add(a, t->bits > 64 ? CA_WIDE : CA_NUM,
            t->bits > 64 ? 128 : room(t->bits), name, to);
        return true;
    case TY_DURATION:
        add(a, CA_NUM, 64, name, to);
        return true;
    case TY_UNION:
        add(a, CA_ADDR, 0, name, to);
        return true;
    case TY_STRING:
        add(a, CA_TEXT, 0, name, to);
        return true;
    case TY_FILE:
        add(a, CA_BYTES, 0, name, to);
        to->last->file = true;
        return true;
    case TY_RANGE:
        return catoms_of(a, tree, arena_fmt(a, "%s_first", name), t->elem,
                         to) &&
               catoms_of(a, tree, arena_fmt(a, "%s_last", name), t->elem, to);
    case TY_TUPLE:
        return tuple(a, tree, name, t, to);
    case TY_OBJECT:
        if (!tree->payload || t != tree->payload->type)
            return false;
        add(a, CA_BYTES, 0, name, to);
        return true;
    case TY_VOID:
    case TY_ERROR:
        return true;
    case TY_TABLE:
        break;
    }
    return false;
}

void catoms_params(struct arena *a, const struct tree *tree, const params *ps,
                   catoms *to)
{
    const struct param *p;

    LIST_EACH (p, ps)
        catoms_of(a, tree, p->name, p->type, to);
}

void catoms_result(struct arena *a, const struct tree *tree,
                   const struct member *m, catoms *to)
{
    catoms_of(a, tree, "result", m->type, to);
    if (to->n == 1)
        to->first->name = "result";
}

const char *catom_ctype(const struct catom *c)
{
    switch (c->kind) {
    case CA_BOOL:
        return "bool";
    case CA_TEXT:
        return "const char *";
    case CA_NUM:
        return c->bits == 8    ? "uint8_t"
               : c->bits == 16 ? "uint16_t"
               : c->bits == 32 ? "uint32_t"
                               : "uint64_t";
    case CA_WIDE:
    case CA_ADDR:
    case CA_BYTES:
        break;
    }
    return "const uint8_t *";
}

/* ---- prototypes ---- */

static bool several(const struct type *t)
{
    return t->kind == TY_TUPLE || t->kind == TY_RANGE;
}

bool cproto_by_pointer(const struct member *m)
{
    return m->fails || several(m->type);
}

bool cproto_has_scratch(const struct object *o)
{
    const struct member *m;

    LIST_EACH (m, &o->members)
        if (m->scratch)
            return true;
    return false;
}

const char *cproto_symbol(struct arena *a, const struct member *m)
{
    if (m->object->plain)
        return arena_fmt(a, "nfx_%s", m->name);
    return arena_fmt(a, "nfx_%s_%s", m->object->name, m->name);
}

/* What separates the parameters so far from the next. */
static const char *comma(const char *text)
{
    return *text ? ", " : "";
}

static const char *atom_text(struct arena *a, const char *text,
                             const struct catom *c, bool write)
{
    const char *type = catom_ctype(c);
    const char *star = type[strlen(type) - 1] == '*' ? "" : " ";

    if (write && c->kind == CA_BYTES && !c->file)
        type = "uint8_t *";
    text = arena_fmt(a, "%s%s%s%s%s", text, comma(text), type, star, c->name);
    if (c->kind == CA_BYTES || c->kind == CA_ADDR)
        text = arena_fmt(a, "%s, uint32_t %s_len", text, c->name);
    return text;
}

static const char *all(struct arena *a, const char *text, const catoms *list,
                       bool write)
{
    const struct catom *c;

    LIST_EACH (c, list)
        text = atom_text(a, text, c, write);
    return text;
}

static const char *params_text(struct arena *a, const struct tree *tree,
                               const struct member *m)
{
    const struct object *o = m->object;
    const char *text = "";
    catoms given = {0}, results = {0};
    const struct catom *c;

    if (!o->plain)
        text = arena_fmt(a, "%sstruct nfx_%s *state",
                         m->updates ? "" : "const ", o->name);
    if (m->scratch)
        text =
            arena_fmt(a, "%s, struct nfx_%s_scratch *scratch", text, o->name);
    catoms_params(a, tree, &m->params, &given);
    text = all(a, text, &given, m->edits);
    catoms_result(a, tree, m, &results);
    if (cproto_by_pointer(m))
        LIST_EACH (c, &results)
            text = arena_fmt(a, "%s%s%s *%s", text, comma(text), catom_ctype(c),
                             c->name);
    return *text ? text : "void";
}

static void print_function(struct arena *a, const struct tree *tree,
                           const struct member *m, FILE *to)
{
    catoms results = {0};
    const char *result = m->fails ? "bool" : "void";

    catoms_result(a, tree, m, &results);
    if (!cproto_by_pointer(m) && results.n)
        result = catom_ctype(results.first);
    fprintf(to, "%s %s(%s);\n", result, cproto_symbol(a, m),
            params_text(a, tree, m));
}

static void print_object(struct arena *a, const struct tree *tree,
                         const struct object *o, FILE *to)
{
    catoms given = {0};
    const char *text, *n = o->name;

    catoms_params(a, tree, &o->params, &given);
    text = all(a, "", &given, false);
    fprintf(to, "struct nfx_%s;\n", n);
    fprintf(to,
            "struct nfx_%s *nfx_%s_new(%s%schar *err, uint32_t err_size);\n", n,
            n, text, comma(text));
    fprintf(to, "void nfx_%s_free(struct nfx_%s *state);\n", n, n);
    if (o->inherit)
        fprintf(to, "void %s(struct nfx_%s *state, struct nfx_%s *before);\n",
                cproto_symbol(a, o->inherit), n, n);
    if (!cproto_has_scratch(o))
        return;
    fprintf(to, "struct nfx_%s_scratch;\n", n);
    fprintf(to,
            "struct nfx_%s_scratch *nfx_%s_scratch_new(const struct nfx_%s "
            "*state);\n",
            n, n, n);
    fprintf(to, "void nfx_%s_scratch_free(struct nfx_%s_scratch *scratch);\n",
            n, n);
}

void cproto_print(struct arena *a, const struct tree *tree,
                  const struct object *o, FILE *to)
{
    const struct member *m;

    if (!o->plain)
        print_object(a, tree, o, to);
    LIST_EACH (m, &o->members)
        print_function(a, tree, m, to);
}

void cproto_header(struct arena *a, const struct tree *tree, FILE *to)
{
    const struct object *o;

    fputs("/* What NFL declares of this C; written by nflc externs. */\n"
          "#ifndef NFL_EXTERN_H\n"
          "#define NFL_EXTERN_H\n\n"
          "#include <stdbool.h>\n"
          "#include <stdint.h>\n",
          to);
    LIST_EACH (o, &tree->objects) {
        if (!o->file)
            continue;
        fprintf(to, "\n/* %s, of %s */\n", o->name, o->file);
        cproto_print(a, tree, o, to);
    }
    fputs("\n#endif\n", to);
}
