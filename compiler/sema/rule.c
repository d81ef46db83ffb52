/* Rules: when COND { ... } is asked after each handler of its NF that may
 * change what COND reads, and runs when it holds and did not before. */
#include "sema/sema.h"

/* ---- what a rule may ask ---- */

static void ask_check(struct sema *s, const struct texpr *e, unsigned *vars,
                      bool *bad)
{
    const struct titem *i;
    const struct targ *a;
    struct diag *d = NULL;

    if (!e || *bad)
        return;
    if (e->kind == TE_VAR && e->var->storage == ST_ATOMIC) {
        d = diag_error(s->diags, e->loc,
                       "'%s' is atomic: it changes in all shards, at no moment "
                       "of this one",
                       e->var->name);
        diag_hint(d, "ask it in a handler: if ... { }");
    } else if (e->kind == TE_TABLE || e->kind == TE_CALL) {
        d = diag_error(s->diags, e->loc,
                       "a rule asks variables of the NF, no tables and "
                       "functions of objects");
        diag_hint(d, "ask it in a handler: if ... { }");
    }
    *bad |= d != NULL;
    *vars += e->kind == TE_VAR;
    ask_check(s, e->a, vars, bad);
    ask_check(s, e->b, vars, bad);
    LIST_EACH (i, &e->items) {
        ask_check(s, i->lo, vars, bad);
        ask_check(s, i->hi, vars, bad);
    }
    LIST_EACH (a, &e->args)
        ask_check(s, a->value, vars, bad);
}

void rule_check(struct sema *s, struct nf *n, struct handler *h)
{
    unsigned vars = 0;
    bool bad = h->when->type->kind == TY_ERROR;

    ask_check(s, h->when, &vars, &bad);
    if (!bad && !vars)
        diag_error(s->diags, h->when->loc,
                   "this never changes: it asks no state of '%s'", n->name);
    h->fired = var_hidden(
        s, n, arena_fmt(s->arena, "when.line%u", loc_linecol(h->loc).line),
        h->loc, h->needs_flow ? ST_FLOW : ST_SPLIT, s->boolean);
}

/* ---- which handlers may change it ---- */

/* Does the block write what the condition reads? */
static bool changes(const struct tblock *b, const struct texpr *cond)
{
    const struct tstmt *s;

    if (!b)
        return false;
    LIST_EACH (s, &b->stmts)
        if ((s->kind == TS_VAR && texpr_reads(cond, s->var)) ||
            changes(s->body, cond) || changes(s->other, cond) ||
            changes(s->alt, cond))
            return true;
    return false;
}

/* A rule that ran may change what later ones ask. */
static bool concerns(const struct handler *h, const struct handler *rule)
{
    const struct ruleref *r;

    if (changes(h->body, rule->when))
        return true;
    LIST_EACH (r, &h->rules)
        if (changes(r->rule->body, rule->when))
            return true;
    return false;
}

void rules_find(struct sema *s, struct nf *n)
{
    struct handler *h, *rule;
    struct ruleref *r;

    LIST_EACH (h, &n->handlers) {
        if (h->raiser == RAISE_RULE)
            continue;
        LIST_EACH (rule, &n->handlers) {
            if (rule->raiser != RAISE_RULE || !concerns(h, rule))
                continue;
            r = ARENA_NEW(s->arena, struct ruleref);
            r->rule = rule;
            LIST_ADD(&h->rules, r);
        }
    }
}
