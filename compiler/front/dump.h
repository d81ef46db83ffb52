/* What the files of the tree's dump share; only for this folder. */
#ifndef NFL_FRONT_DUMP_H
#define NFL_FRONT_DUMP_H

#include "front/ast.h"
#include <stdio.h>

struct out {
    FILE *to;
    unsigned indent;
};

void dump_line(struct out *o); /* the spaces before it */
void dump_string(struct out *o, const char *s);
void dump_args(struct out *o, const struct ast_arg *a, const char *signs);
void dump_names(struct out *o, const struct ast_name *n, const char *by);
void dump_if(struct out *o, const struct ast_expr *cond); /* " if COND" */

/* ---- dump_chain.c ---- */
void dump_uses(struct out *o, const struct ast_use_nf *first, bool arrows);
void dump_chain(struct out *o, const struct ast_decl *d);

#endif
