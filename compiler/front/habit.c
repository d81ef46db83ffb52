/* Habits from other languages, and what stands for them here. */
#include "front/expect.h"

#include "front/parse.h"
#include <ctype.h>
#include <string.h>

static bool is_text(const struct token *t, const char *text)
{
    return t->word.text && t->kind != T_STRING &&
           strcmp(t->word.text, text) == 0;
}

/* Is it one of the words, which are parted by spaces? */
static bool is_one(const struct token *t, const char *words)
{
    size_t n;

    if (!t->word.text || t->kind == T_STRING)
        return false;
    for (; *words; words += n + (words[n] == ' ')) {
        n = strcspn(words, " ");
        if (strncmp(t->word.text, words, n) == 0 && !t->word.text[n])
            return true;
    }
    return false;
}

static bool is_comparison(int kind)
{
    return kind == T_REL || kind == T_IN;
}

/* Is it this one of the operators that share a kind? */
static bool is_op(const struct token *t, int kind, enum ast_op op)
{
    return t->kind == kind && t->op == op;
}

static bool is_minus(const struct token *t)
{
    return is_op(t, T_SUM, OP_SUB);
}

static bool is_capital(const struct token *t)
{
    return t->kind == T_NAME && isupper((unsigned char)t->word.text[0]);
}

/* Words of other languages. */
static const char *of_word(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    bool state = expects(x, "flow") && expects(x, "shared");

    if (is_text(cur, "and") && x->operand)
        return "write && in place of and";
    if (is_text(cur, "not") && x->operand)
        return "write !(x in y) in place of x not in y";
    if (is_text(prev, "while"))
        return "every loop is bounded: for i in 0..7 { ... }";
    if (is_text(cur, "switch") || is_text(prev, "switch"))
        return "write match x { 1, 2 -> { ... } else -> { ... } }";
    if (is_one(cur, "elif elsif") || is_one(prev, "elif elsif"))
        return "write else if";
    if (state && is_one(cur, "var int uint global static u8 u16 u32 u64"))
        return "state is kept for each flow, for each shard, or once: "
               "flow n: u32, split n: u32, or atomic n: u32";
    if (is_one(prev, "var int uint auto") && cur->kind == T_NAME)
        return "write let x = ...";
    if (is_one(cur, "import include require") && x->decl)
        return "write use, as in: use std.net";
    if (is_text(cur, "from") && prev->kind == ')')
        return "it stands before what is handed over: on PKT from inside (p)";
    if (expects(x, "send") && is_one(cur, "wait sleep advance"))
        return "write after 5s";
    if (expects(x, "send") && is_one(cur, "assert check verify"))
        return "write expect NF.STATE == 3";
    if (prev->literal && is_one(cur, "ns us ms s sec min h d"))
        return "a unit follows without a space: 5min";
    return NULL;
}

/* Signs within expressions and statements. */
static const char *of_sign(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;

    if (cur->kind == '=' && x->operand && expects(x, "'{'"))
        return "to compare, write ==";
    if (cur->kind == '=' && is_op(prev, T_REL, OP_EQ))
        return "to compare, write ==";
    if (is_op(cur, T_REL, OP_GT) && is_op(prev, T_REL, OP_LT))
        return "write !=";
    if (is_comparison(cur->kind) && x->operand)
        return "comparisons do not chain: write a < b && b < c";
    if (cur->kind == T_OR && x->operand)
        return "between conditions write ||; 'or' follows a call that may fail";
    if (cur->kind == T_SUM && is_op(prev, T_SUM, cur->op))
        return cur->op == OP_ADD ? "write x += 1" : "write x -= 1";
    if (is_minus(cur) && x->value)
        return "there are no negative numbers";
    if (prev->kind == T_ELSE && cur->kind != T_NL)
        return "write else { ... }";
    if (cur->kind == '?' && x->operand)
        return "there is no ?: operator; use if and else";
    if (cur->kind == '[' && prev->kind == T_IN)
        return "a set is written in braces: {80, 443}";
    if (cur->kind == '{' &&
        (is_op(prev, T_REL, OP_EQ) || is_op(prev, T_REL, OP_NE)))
        return "write `x in {...}`, or !(x in {...})";
    if (cur->kind == '(' && prev->kind == T_DROP)
        return "write: drop \"reason\"";
    return NULL;
}

/* Signs between the parts of declarations. */
static const char *of_declaration(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    const struct ast_decl *d = x->p->decl;

    if (cur->kind == '/' && expects(x, "'.'") && !x->operand)
        return "names are joined with '.'";
    if (cur->kind == '.' && is_capital(prev) && expects(x, "if"))
        return "events are joined with '/', as in PKT/TCP";
    if (cur->kind == '=' && x->type_end && expects(x, "a new line") && d &&
        d->kind == AD_NF)
        return "state begins as zero, and has no other value to begin with";
    if (cur->kind == ':' && expects(x, "'='") && expects(x, "')'"))
        return "arguments are given by =, as in limit = 20";
    if (prev->kind == '=' && cur->kind == T_DROP)
        return "what is let in no more is refused: full = refuse, fragments = "
               "refuse";
    if (cur->kind == ',' && x->type_end && d && d->kind == AD_NF &&
        x->p->scan.braces == 1 && x->p->scan.depth == 1)
        return "each type has a line of its own: flow packets, bytes: u64";
    if (prev->kind == '}' && expects(x, "else") && expects(x, "a new line") &&
        cur->kind != T_NL && !x->decl)
        return "each arm of match begins a line, or stands behind a ';'";
    if (expects(x, "<->") && (cur->kind == '.' || is_minus(cur)))
        return "a port has a name of one word; its interface is chosen later: "
               "--port NAME=iface:eth0.100";
    if (x->decl && (is_capital(cur) || is_minus(cur)) && d &&
        d->kind == AD_CHAIN && d->nfs.n)
        return "the NFs of a chain are joined with ->";
    return NULL;
}

const char *habit(const struct expect *x)
{
    const char *hint = of_word(x);

    if (!hint)
        hint = of_sign(x);
    if (!hint)
        hint = of_declaration(x);
    return hint ? hint : habit_line(x);
}
