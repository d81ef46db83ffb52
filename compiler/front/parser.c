/* Runs the grammar over one file: tokens in, declarations out. */
#include "front/build.h"
#include "front/parse.h"

#include "base/diag.h"

int nfl_yylex(NFL_YYSTYPE *val, struct loc *loc, struct parse *p)
{
    const struct token *t = &p->scan.cur;

    scan_next(&p->scan);
    *loc = t->loc;
    if (t->kind == T_LITERAL)
        val->expr = t->literal;
    else
        val->word = t->word;
    return t->kind;
}

/* Only for a stack that is full; other errors come through the report. */
void nfl_yyerror(struct loc *loc, struct parse *p, const char *why)
{
    (void)why;
    diag_error(p->scan.diags, *loc, "this is nested too deeply");
}

ast_decls parse_source(struct arena *a, struct diags *d,
                       const struct source *src)
{
    struct parse p = {.decl = NULL};

    scan_init(&p.scan, a, d, src);
    nfl_yyparse(&p);
    scan_fini(&p.scan);
    return p.decls;
}
