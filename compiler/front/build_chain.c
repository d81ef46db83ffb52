/* What chains are made of. */
#include "base/arena.h"
#include "base/diag.h"
#include "front/build.h"
#include <string.h>

struct ast_use_nf *use_nf_new(struct parse *p, struct word w, struct loc loc,
                              ast_args args, struct word as,
                              ast_branches branches)
{
    struct ast_use_nf *u = ARENA_NEW(p->scan.arena, struct ast_use_nf);

    u->name = w.text;
    u->loc = loc;
    u->as = as.text;
    LIST_MOVE(u->args, args);
    LIST_MOVE(u->branches, branches);
    return u;
}

struct ast_use_nf *use_drop_new(struct parse *p, struct word reason,
                                struct loc loc)
{
    struct ast_use_nf *u = ARENA_NEW(p->scan.arena, struct ast_use_nf);

    u->name = "drop";
    u->loc = loc;
    u->drop = true;
    u->reason = reason.text;
    return u;
}

struct ast_branch *branch_new(struct parse *p, ast_names exits, ast_uses nfs,
                              struct loc loc)
{
    struct ast_branch *b = ARENA_NEW(p->scan.arena, struct ast_branch);

    b->loc = loc;
    b->exits = exits;
    LIST_MOVE(b->nfs, nfs);
    return b;
}

struct ast_decl *chain_new(struct parse *p, struct word chain, struct word w,
                           struct loc at, struct ast_side left)
{
    struct ast_decl *d = decl_new(p, AD_CHAIN, w, at, chain);

    d->side[0] = left;
    return d;
}

void chain_right(struct ast_decl *d, bool two_way, struct ast_side right)
{
    d->two_way = two_way;
    d->side[1] = right;
}

void chain_ends(struct parse *p, struct ast_expr *cond, struct loc at,
                ast_uses nfs)
{
    p->decl->cond = cond;
    p->decl->cond_loc = at;
    LIST_MOVE(p->decl->nfs, nfs);
}

void exits_new(struct parse *p, ast_names names)
{
    LIST_JOIN(p->decl->exits, names);
}

struct ast_stmt *stmt_goto(struct parse *p, bool flow, struct word w,
                           struct loc at, struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_GOTO, loc);

    s->name = w.text;
    s->name_loc = at;
    s->flow = flow;
    return s;
}

void chain_with(struct parse *p, struct word w, struct loc at, ast_args args)
{
    struct diag *m;

    if (strcmp(w.text, "flows") != 0) {
        m = diag_error(p->scan.diags, at, "expected 'flows' after 'with'");
        diag_hint(m, "as with flows(1M, idle = 5min, full = refuse)");
    }
    p->decl->has_flows = true;
    p->decl->flows_loc = at;
    LIST_MOVE(p->decl->flows, args);
}
