/* The program of -e: the handlers of one NF, in a chain of its own. What it
 * counts needs no declaration. */
#include "front/build.h"

#include "base/arena.h"
#include "base/diag.h"
#include "front/parse.h"
#include <string.h>

static const num_t ns = 1000000000;

struct oneline {
    struct parse *p;
    struct ast_decl *nf;
    ast_names names; /* of the handler at hand: of events, let and for */
};

/* ---- what is counted without a declaration ---- */

static bool declared(const struct oneline *o, const char *name)
{
    const struct ast_var *v;
    const struct ast_name *n;

    LIST_EACH (v, &o->nf->vars)
        if (strcmp(v->name, name) == 0)
            return true;
    LIST_EACH (n, &o->names)
        if (strcmp(n->text, name) == 0)
            return true;
    return false;
}

/* A shared u64. */
static void declare(struct oneline *o, const struct ast_expr *name)
{
    struct ast_var *v = ARENA_NEW(o->p->scan.arena, struct ast_var);
    struct word type = {"u64", NULL};

    v->storage = "shared";
    v->name = name->text;
    v->loc = name->loc;
    v->type = type_new(o->p, AT_NAME, type, name->loc);
    LIST_ADD(&o->nf->vars, v);
}

static void infer_block(struct oneline *o, struct ast_block *b);

/* x += 1 of an x that nobody declared. */
static void infer_stmt(struct oneline *o, struct ast_stmt *s)
{
    struct word name = {s->name, NULL};
    struct ast_arm *arm;

    if (s->kind == AS_LET || s->kind == AS_FOR)
        LIST_PUT(&o->names, name_new(o->p, name, s->name_loc));
    if (s->kind == AS_ASSIGN && s->op >= 0 && s->target->kind == AE_NAME &&
        !declared(o, s->target->text))
        declare(o, s->target);
    infer_block(o, s->body);
    infer_block(o, s->other);
    infer_block(o, s->alt.block);
    LIST_EACH (arm, &s->arms)
        infer_block(o, arm->body);
}

static void infer_block(struct oneline *o, struct ast_block *b)
{
    struct ast_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            infer_stmt(o, s);
}

static void infer(struct parse *p, struct ast_decl *nf)
{
    struct oneline o = {.p = p, .nf = nf};
    struct ast_handler *h;
    struct ast_name *n;

    LIST_EACH (h, &nf->handlers) {
        o.names = (ast_names){0};
        LIST_EACH (n, &h->binders)
            LIST_PUT(&o.names,
                     name_new(p, (struct word){n->text, NULL}, n->loc));
        infer_block(&o, h->body);
    }
}

/* ---- the chain ---- */

static struct loc start(const struct parse *p)
{
    return (struct loc){p->scan.src, 0, 1};
}

static struct ast_expr *number(struct parse *p, enum ast_lit form, num_t n)
{
    struct ast_expr *e = expr_make(p, AE_LIT, start(p));

    e->lit = form;
    e->num = n;
    return e;
}

static void flows_arg(struct parse *p, struct ast_decl *chain, const char *name,
                      struct ast_expr *value)
{
    struct word w = {name, NULL};

    LIST_PUT(&chain->flows, arg_new(p, w, start(p), value));
}

/* One shard: what is counted is one table, and exact. */
static void add_chain(struct parse *p, const char *const *ports)
{
    struct word chain = {"chain", NULL}, name = {"main", NULL};
    struct word idle = {"idle", NULL};
    struct loc at = start(p);
    struct ast_decl *d = decl_new(p, AD_CHAIN, name, at, chain);

    d->implied = true;
    d->side[0] = (struct ast_side){.port = ports[0], .port_loc = at};
    d->side[1] = (struct ast_side){.port = ports[1], .port_loc = at};
    d->two_way = ports[1] != NULL;
    d->has_flows = true;
    d->flows_loc = at;
    flows_arg(p, d, "size", number(p, LIT_INT, 64000));
    flows_arg(p, d, "idle", number(p, LIT_DURATION, 60 * ns));
    flows_arg(p, d, "full", expr_name(p, idle, at));
    flows_arg(p, d, "shards", number(p, LIT_INT, 1));
    LIST_PUT(&d->nfs, use_nf_new(p, name, at, (ast_args){0}));
}

ast_decls parse_oneline(struct arena *a, struct diags *d,
                        const struct source *src, const char *const *ports)
{
    struct parse p = {.one_line = true};
    struct ast_decl *nf;

    scan_init(&p.scan, a, d, src);
    p.scan.one_line = true;
    nfl_yyparse(&p);
    scan_fini(&p.scan);
    nf = p.decls.first;
    if (diags_errors(d))
        return p.decls;
    if (!nf || nf->handlers.n == 0) {
        diag_hint(diag_error(d, start(&p), "there is no handler in the text"),
                  "on PKT { packets += 1 }");
        return p.decls;
    }
    nf->implied = true;
    infer(&p, nf);
    add_chain(&p, ports);
    return p.decls;
}
