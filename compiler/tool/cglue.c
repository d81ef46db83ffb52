/* The glue by which the interpreter calls C of the program: a function with
 * one shape around each, written as C. */
#include "tool/ccode.h"

#include "sema/cproto.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct glue {
    struct arena *arena;
    const struct tree *tree;
    FILE *to;
};

static void argument(const struct glue *g, const struct catom *c, unsigned i,
                     const char *before)
{
    fputs(before, g->to);
    switch (c->kind) {
    case CA_BOOL:
    case CA_NUM:
        fprintf(g->to, "(%s)a[%u].u", catom_ctype(c), i);
        break;
    case CA_WIDE:
        fprintf(g->to, "a[%u].bytes", i);
        break;
    case CA_ADDR:
        fprintf(g->to, "a[%u].bytes, a[%u].len", i, i);
        break;
    case CA_TEXT:
        fprintf(g->to, "(const char *)a[%u].at", i);
        break;
    case CA_BYTES:
        fprintf(g->to, "a[%u].at, a[%u].len", i, i);
        break;
    }
}

static void arguments(const struct glue *g, const params *ps, bool first)
{
    catoms list = {0};
    const struct catom *c;
    unsigned i = 0;

    catoms_params(g->arena, g->tree, ps, &list);
    LIST_EACH (c, &list) {
        argument(g, c, i++, first ? "" : ", ");
        first = false;
    }
}

static void function(const struct glue *g, const struct member *m)
{
    const char *symbol = cproto_symbol(g->arena, m);
    bool pointers = cproto_by_pointer(m), first = m->object->plain;
    catoms results = {0};
    const struct catom *c;
    unsigned i = 0;

    catoms_result(g->arena, g->tree, m, &results);
    fprintf(g->to,
            "\nbool nfxg%s(void *s, void *t, const struct nfl_value *a, "
            "struct nfl_value *r)\n{\n    (void)s, (void)t, (void)a, "
            "(void)r;\n",
            symbol + 3);
    LIST_EACH (c, &results)
        fprintf(g->to, "    %s v%u = 0;\n", catom_ctype(c), i++);
    fprintf(g->to, "    %s%s(%s",
            m->fails                 ? "bool ok = "
            : !pointers && results.n ? "v0 = "
                                     : "",
            symbol, first ? "" : "s");
    fputs(m->scratch ? ", t" : "", g->to);
    arguments(g, &m->params, first);
    first = first && !m->params.n;
    for (i = 0; pointers && i < results.n; i++) {
        fprintf(g->to, "%s&v%u", first ? "" : ", ", i);
        first = false;
    }
    fputs(");\n", g->to);
    for (i = 0; i < results.n; i++)
        fprintf(g->to, "    r[%u].u = v%u;\n", i, i);
    fprintf(g->to, "    return %s;\n}\n", m->fails ? "ok" : "true");
}

static void object(const struct glue *g, const struct object *o)
{
    const char *n = o->name;

    fprintf(g->to,
            "\nvoid *nfxg_%s_new(const struct nfl_value *a, char *err, "
            "uint32_t n)\n{\n    (void)a;\n    return nfx_%s_new(",
            n, n);
    arguments(g, &o->params, true);
    fprintf(g->to, "%serr, n);\n}\n", o->params.n ? ", " : "");
    fprintf(g->to, "\nvoid nfxg_%s_free(void *s)\n{\n    nfx_%s_free(s);\n}\n",
            n, n);
    if (o->inherit)
        fprintf(g->to,
                "\nvoid nfxg_%s_inherit(void *s, void *before)\n{\n    "
                "%s(s, before);\n}\n",
                n, cproto_symbol(g->arena, o->inherit));
    if (!cproto_has_scratch(o))
        return;
    fprintf(g->to,
            "\nvoid *nfxg_%s_scratch_new(void *s)\n{\n    return "
            "nfx_%s_scratch_new(s);\n}\n",
            n, n);
    fprintf(g->to,
            "\nvoid nfxg_%s_scratch_free(void *t)\n{\n    "
            "nfx_%s_scratch_free(t);\n}\n",
            n, n);
}

bool ccode_glue(struct ccode *c, const char *name)
{
    struct glue g = {c->arena, c->u->tree, fopen(name, "w")};
    const struct object *o;
    const struct member *m;

    if (g.to) {
        fputs("#include <nfl/extern.h>\n"
              "\nbool nfl_offline(void)\n{\n    return true;\n}\n",
              g.to);
        LIST_EACH (o, &c->u->tree->objects) {
            if (!o->file)
                continue;
            if (!o->plain)
                object(&g, o);
            LIST_EACH (m, &o->members)
                function(&g, m);
        }
        if (fclose(g.to) == 0)
            return true;
    }
    fprintf(stderr, "nflc: cannot write %s: %s\n", name, strerror(errno));
    return false;
}
