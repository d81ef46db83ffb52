/* The program of -e: the handlers of one NF, in a chain of its own. What it
 * counts needs no declaration, and what counts a header is for packets that
 * have it. */
#include "front/build.h"

#include "base/arena.h"
#include "base/diag.h"
#include "front/parse.h"
#include <string.h>

enum { BUCKETS = 65 }; /* of a histogram: 0, 1, 2..3, 4..7, .. 2^63.. */

static const num_t ns = 1000000000;

struct oneline {
    struct parse *p;
    struct ast_decl *nf;
    const struct ast_handler *handler;
    ast_names names;  /* of let and for in the handler */
    unsigned n_hists; /* so far: each has a local of its own */
};

/* ---- parts of the tree ---- */

static struct ast_expr *number(struct parse *p, enum ast_lit form, num_t n,
                               struct loc at)
{
    struct ast_expr *e = expr_make(p, AE_LIT, at);

    e->lit = form;
    e->num = n;
    return e;
}

static struct ast_expr *named(struct parse *p, const char *name, struct loc at)
{
    return expr_name(p, (struct word){name, NULL}, at);
}

static struct ast_block *block_of(struct oneline *o, ast_stmts stmts,
                                  struct loc at)
{
    return block_new(o->p, stmts, at);
}

/* ---- what is counted without a declaration ---- */

static bool is_among(const ast_names *names, const char *name)
{
    const struct ast_name *n;

    LIST_EACH (n, names)
        if (strcmp(n->text, name) == 0)
            return true;
    return false;
}

static bool is_binder(const struct oneline *o, const char *name)
{
    return is_among(&o->handler->binders, name);
}

static bool is_declared(const struct oneline *o, const char *name)
{
    const struct ast_var *v;

    LIST_EACH (v, &o->nf->vars)
        if (strcmp(v->name, name) == 0)
            return true;
    return is_binder(o, name) || is_among(&o->names, name);
}

static struct ast_var *declare(struct oneline *o, const char *name,
                               struct ast_type *type, struct loc at)
{
    struct ast_var *v = ARENA_NEW(o->p->scan.arena, struct ast_var);

    v->storage = "shared";
    v->name = name;
    v->loc = at;
    v->type = type;
    LIST_ADD(&o->nf->vars, v);
    return v;
}

static struct ast_type *u64(struct oneline *o, struct loc at)
{
    return type_new(o->p, AT_NAME, (struct word){"u64", NULL}, at);
}

static void table_arg(struct oneline *o, struct ast_type *t, const char *name,
                      struct ast_expr *value)
{
    LIST_PUT(&t->args,
             arg_new(o->p, (struct word){name, NULL}, value->loc, value));
}

/* table[? -> u64](size = 64k, idle = 1d, full = idle) */
static void declare_table(struct oneline *o, const char *name, struct loc at)
{
    struct word table = {"table", NULL};
    struct ast_type *t = type_new(o->p, AT_TABLE, table, at);
    struct ast_type *key =
        type_new(o->p, AT_NAME, (struct word){"?", NULL}, at);

    key->implied = true;
    LIST_ADD(&t->parts, key);
    LIST_PUT(&t->parts, u64(o, at));
    table_arg(o, t, "size", number(o->p, LIT_INT, 64000, at));
    table_arg(o, t, "idle", number(o->p, LIT_DURATION, 86400 * ns, at));
    table_arg(o, t, "full", named(o->p, "idle", at));
    declare(o, name, t, at);
}

/* x += 1 and x[key] += 1 of an x that nobody declared. */
static void declare_counted(struct oneline *o, const struct ast_stmt *s)
{
    const struct ast_expr *e = s->target;

    if (s->op < 0)
        return;
    if (e->kind == AE_NAME && !is_declared(o, e->text))
        declare(o, e->text, u64(o, e->loc), e->loc);
    if (e->kind == AE_INDEX && e->a->kind == AE_NAME &&
        !is_declared(o, e->a->text))
        declare_table(o, e->a->text, e->a->loc);
}

/* ---- headers that a packet may lack ---- */

/* p.ip of p.ip.src, where p is handed over by the event. */
static const struct ast_expr *header_of(const struct oneline *o,
                                        const struct ast_expr *e)
{
    if (e->kind != AE_DOT || e->a->kind != AE_DOT || e->a->a->kind != AE_NAME ||
        !is_binder(o, e->a->a->text))
        return NULL;
    return e->a;
}

/* `cond`, and that all headers are there of which e speaks. */
static struct ast_expr *needs(struct oneline *o, struct ast_expr *cond,
                              const struct ast_expr *e)
{
    const struct ast_expr *h;
    const struct ast_arg *a;
    struct ast_expr *has;

    if (!e || e->kind == AE_HAS)
        return cond;
    h = header_of(o, e);
    if (h) {
        has = expr_member(o->p, AE_HAS, h->a, (struct word){h->text, NULL},
                          h->text_loc);
        has->implied = true;
        return cond ? expr_infix(o->p, OP_LAND, cond, has, h->loc) : has;
    }
    cond = needs(o, needs(o, cond, e->a), e->b);
    LIST_EACH (a, &e->args)
        cond = needs(o, cond, a->value);
    return cond;
}

/* Adds the statements, where the packet has what s speaks of. */
static void add_guarded(struct oneline *o, const struct ast_stmt *s,
                        ast_stmts stmts, ast_stmts *out)
{
    struct ast_expr *cond = needs(o, needs(o, NULL, s->target), s->value);
    struct ast_stmt *one, *next;

    if (cond) {
        LIST_PUT(out,
                 stmt_if(o->p, cond, block_of(o, stmts, s->loc), NULL, s->loc));
        return;
    }
    for (one = stmts.first; one; one = next) {
        next = one->next;
        LIST_ADD(out, one);
    }
}

/* ---- histograms ---- */

/* name = hist(x) */
static bool is_hist(const struct ast_stmt *s)
{
    const struct ast_expr *e = s->value;

    return s->kind == AS_ASSIGN && s->op < 0 && s->target->kind == AE_NAME &&
           e->kind == AE_CALL && e->a->kind == AE_NAME &&
           strcmp(e->a->text, "hist") == 0;
}

static const char *bucket_name(struct oneline *o, const struct ast_expr *name,
                               unsigned k)
{
    return arena_fmt(o->p->scan.arena, "%s__%u", name->text, k);
}

static void declare_hist(struct oneline *o, const struct ast_expr *name)
{
    if (is_declared(o, bucket_name(o, name, 0)))
        return;
    for (unsigned k = 0; k < BUCKETS; k++)
        declare(o, bucket_name(o, name, k), u64(o, name->loc), name->loc)
            ->bucket = k + 1;
}

/* Counts x in the bucket of its length in bits, one of from..to. */
static struct ast_stmt *count_in(struct oneline *o, const struct ast_expr *name,
                                 const char *x, unsigned from, unsigned to)
{
    unsigned mid = (from + to + 1) / 2;
    struct loc at = name->loc;
    struct ast_alt none = {0};
    struct parse *p = o->p;
    struct ast_expr *less;

    if (from == to)
        return stmt_assign(p, named(p, bucket_name(o, name, from), at), OP_ADD,
                           number(p, LIT_INT, 1, at), none, at);
    less = expr_infix(p, OP_LT, named(p, x, at),
                      number(p, LIT_INT, (num_t)1 << (mid - 1), at), at);
    return stmt_if(p, less, block_one(p, count_in(o, name, x, from, mid - 1)),
                   block_one(p, count_in(o, name, x, mid, to)), at);
}

static void add_hist(struct oneline *o, struct ast_stmt *s, ast_stmts *out)
{
    struct parse *p = o->p;
    struct ast_expr *e = s->value;
    const char *x = arena_fmt(p->scan.arena, "hist__%u", o->n_hists++);
    ast_stmts both = {0};
    ast_args args = {0};
    struct ast_alt none = {0};

    if (e->args.n != 1 || e->args.first->name) {
        diag_hint(diag_error(p->scan.diags, e->loc, "hist takes one number"),
                  "%s = hist(p.len)", s->target->text);
        return;
    }
    declare_hist(o, s->target);
    LIST_PUT(&args, arg_new(p, (struct word){NULL, NULL}, e->loc,
                            e->args.first->value));
    LIST_PUT(&both,
             stmt_let(p, (struct word){x, NULL}, s->loc,
                      expr_call(p, named(p, "u64", e->a->loc), args, e->loc),
                      none, s->loc));
    LIST_PUT(&both, count_in(o, s->target, x, 0, BUCKETS - 1));
    add_guarded(o, s, both, out);
}

/* ---- statements ---- */

static void rewrite_block(struct oneline *o, struct ast_block *b);

static void rewrite_parts(struct oneline *o, struct ast_stmt *s)
{
    struct ast_arm *arm;

    rewrite_block(o, s->body);
    rewrite_block(o, s->other);
    rewrite_block(o, s->alt.block);
    LIST_EACH (arm, &s->arms)
        rewrite_block(o, arm->body);
}

static void rewrite(struct oneline *o, struct ast_stmt *s, ast_stmts *out)
{
    ast_stmts one = {0};

    if (s->kind == AS_LET || s->kind == AS_FOR)
        LIST_PUT(&o->names,
                 name_new(o->p, (struct word){s->name, NULL}, s->name_loc));
    if (is_hist(s)) {
        add_hist(o, s, out);
        return;
    }
    rewrite_parts(o, s);
    if (s->kind != AS_ASSIGN) {
        LIST_ADD(out, s);
        return;
    }
    declare_counted(o, s);
    LIST_ADD(&one, s);
    add_guarded(o, s, one, out);
}

static void rewrite_block(struct oneline *o, struct ast_block *b)
{
    struct ast_stmt *s, *next;
    ast_stmts out = {0};

    if (!b)
        return;
    for (s = b->stmts.first; s; s = next) {
        next = s->next;
        rewrite(o, s, &out);
    }
    LIST_MOVE(b->stmts, out);
}

static void rewrite_handlers(struct parse *p, struct ast_decl *nf)
{
    struct oneline o = {.p = p, .nf = nf};
    struct ast_handler *h;

    LIST_EACH (h, &nf->handlers) {
        o.handler = h;
        o.names = (ast_names){0};
        rewrite_block(&o, h->body);
    }
}

/* ---- the chain ---- */

static struct loc start(const struct parse *p)
{
    return (struct loc){p->scan.src, 0, 1};
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
    struct loc at = start(p);
    struct ast_decl *d = decl_new(p, AD_CHAIN, name, at, chain);

    d->implied = true;
    d->side[0] = (struct ast_side){.port = ports[0], .port_loc = at};
    d->side[1] = (struct ast_side){.port = ports[1], .port_loc = at};
    d->two_way = ports[1] != NULL;
    d->has_flows = true;
    d->flows_loc = at;
    flows_arg(p, d, "size", number(p, LIT_INT, 64000, at));
    flows_arg(p, d, "idle", number(p, LIT_DURATION, 60 * ns, at));
    flows_arg(p, d, "full", named(p, "idle", at));
    flows_arg(p, d, "shards", number(p, LIT_INT, 1, at));
    LIST_PUT(&d->nfs, use_nf_new(p, name, at, (ast_args){0},
                                 (struct word){NULL, NULL}, (ast_branches){0}));
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
    rewrite_handlers(&p, nf);
    add_chain(&p, ports);
    return p.decls;
}
