/* Runs the grammar over one file: tokens in, declarations out. */
#include "front/build.h"
#include "front/parse.h"

#include "base/diag.h"

/* -e: "nf main {" before the text, and a '}' behind it. */
static int made(NFL_YYSTYPE *val, struct loc *loc, struct parse *p)
{
    static const int before[] = {T_NF, T_NAME, '{'};

    *loc = (struct loc){p->scan.src, 0, 1};
    val->word = (struct word){"main", NULL};
    p->ended = p->lead == 3;
    return p->ended ? '}' : before[p->lead++];
}

static bool is_operator(int kind)
{
    return kind == T_REL || kind == T_SHIFT || kind == T_SUM ||
           kind == T_PRODUCT || kind == T_OP_SET;
}

int nfl_yylex(NFL_YYSTYPE *val, struct loc *loc, struct parse *p)
{
    const struct token *t = &p->scan.cur;

    if (p->one_line && p->lead < 3)
        return made(val, loc, p);
    scan_next(&p->scan);
    if (p->one_line && t->kind == T_YYEOF && !p->ended)
        return made(val, loc, p);
    *loc = t->loc;
    if (t->kind == T_LITERAL)
        val->expr = t->literal;
    else if (is_operator(t->kind))
        val->op = t->op;
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
