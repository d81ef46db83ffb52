/* Syntax errors in words: what could stand here, what does, and what the
 * author may have meant. */
#include "front/expect.h"

#include "base/arena.h"
#include "base/diag.h"
#include "front/parse.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 8, QUOTED = 32 };

static bool is_any(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

/* ---- what is there ---- */

static const char *quoted(struct parse *p, struct loc at)
{
    const char *text = p->scan.src->text + at.off;
    bool cut = at.len > QUOTED;
    unsigned n = cut ? QUOTED : at.len;

    while (cut && n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return arena_fmt(p->scan.arena, "'%.*s%s'", (int)n, text, cut ? "..." : "");
}

static const char *describe(struct parse *p, const struct token *t)
{
    if (t->made && t->kind == '}') /* it stands for what comes next */
        t = &p->scan.ahead;
    switch (t->kind) {
    case 0:
        return "the end of the file";
    case T_NL:
        return "the end of the line";
    case T_STRING:
        return "a string";
    default:
        return quoted(p, t->loc);
    }
}

/* ---- what could be ---- */

static void list(struct expect *x, const char *item)
{
    if (x->n_items < EXPECT_ITEMS)
        x->items[x->n_items++] = item;
}

/* A body that is a list of members, and we are where one begins. */
static const char *name_kind(const struct expect *x)
{
    const struct scan *s = &x->p->scan;
    bool begin = s->prev.kind == T_NL || s->prev.kind == '{';

    if (expects(x, "'('") && !x->type_end && s->prev.kind != T_LET)
        return "a type";
    if (begin && s->braces == 1 && x->p->decl) {
        if (x->p->decl->kind == AD_HEADER)
            return "a field";
        if (x->p->decl->kind == AD_EXTERN)
            return "a member";
    }
    return "a name";
}

/* The begin of a line of a test, of which most words are contextual. */
static bool is_step(const struct expect *x)
{
    return expects(x, "run") && expects(x, "send");
}

static void classify(struct expect *x)
{
    x->value = expects(x, "a value");
    x->name = expects(x, "a name");
    x->stmt = expects(x, "let");
    x->decl = expects(x, "nf") && expects(x, "chain");
    x->operand = expects(x, "'+'");
    x->type_end = expects(x, "'['") && !x->operand;
    if (is_step(x))
        list(x, "run, send, reply, expect, after, set or for");
    else if (x->decl)
        list(x, "a declaration");
    else if (x->stmt)
        list(x, "a statement");
    else if (x->value)
        list(x, x->name ? "an expression" : "a literal");
    else if (x->name)
        list(x, name_kind(x));
}

/* Is this name said by a word that is listed already, or of no help? */
static bool is_implied(const struct expect *x, const char *name)
{
    static const char *const decls[] = {"use",  "nf",     "chain",  "header",
                                        "type", "enum",   "extern", "event",
                                        "fn",   "struct", "test",   NULL};
    static const char *const begins[] = {"a string", "'('",   "'!'", "'~'",
                                         "'{'",      "let",   "if",  "drop",
                                         "return",   "match", "for", NULL};
    static const char *const goes_on[] = {
        "||",  "&&",  "==",  "in",  "..",  "'|'", "'^'", "'&'", "<<",
        "'+'", "'*'", "'/'", "'.'", "has", "'('", "'['", "+=",  NULL};
    static const char *const after_type[] = {"'['", "'('", "'?'", NULL};

    if (strcmp(name, "a name") == 0 || strcmp(name, "a value") == 0 ||
        (is_step(x) && islower((unsigned char)name[0])))
        return true;
    if (x->name && scan_is_contextual(name))
        return true;
    if (x->name && !x->stmt &&
        (strcmp(name, "match") == 0 || strcmp(name, "for") == 0))
        return true; /* a field may be called so */
    if ((x->value || x->stmt) && is_any(name, begins))
        return true;
    if (x->name && !x->type_end && strcmp(name, "'('") == 0)
        return true;
    if (x->operand && is_any(name, goes_on))
        return true;
    if (strcmp(name, "'='") == 0 && expects(x, "+="))
        return true;
    if ((x->decl || expects(x, "a new line")) &&
        (strcmp(name, "or") == 0 || strcmp(name, "the end of the file") == 0))
        return true;
    return (x->decl && is_any(name, decls)) ||
           (x->type_end && is_any(name, after_type));
}

/* A word or sign with quotes, a phrase without. */
static const char *sign(struct arena *a, const char *name)
{
    if (name[0] == '\'' || strchr(name, ' '))
        return name;
    return arena_fmt(a, "'%s'", name);
}

/* "x, y or z", or NULL. */
static const char *wanted(struct expect *x)
{
    struct arena *a = x->p->scan.arena;
    const char *text = NULL;
    unsigned i;

    for (i = 0; i < x->n; i++)
        if (!is_implied(x, x->names[i]))
            list(x, sign(a, x->names[i]));
    if (x->n_items > SHOWN)
        return x->items[0];
    for (i = 0; i < x->n_items; i++)
        text = !text
                   ? x->items[i]
                   : arena_fmt(a, "%s%s%s", text,
                               i + 1 < x->n_items ? ", " : " or ", x->items[i]);
    return text;
}

/* ---- what may be meant ---- */

/* A keyword near to the word found, or to the one before it. */
static const char *keyword(const struct expect *x)
{
    static const char *const begins[] = {"let", "if", "drop", "return"};
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    const char *words[64];
    unsigned i, n = 0;

    if (x->operand && prev->kind == T_NAME && cur->kind != T_NL)
        return diag_nearest(prev->word.text, begins, 4);
    if (cur->kind != T_NAME)
        return NULL;
    for (i = 0; i < x->n && n < 64; i++)
        if (islower((unsigned char)x->names[i][0]) &&
            !strchr(x->names[i], ' ') &&
            !(x->name && scan_is_contextual(x->names[i])))
            words[n++] = x->names[i];
    return diag_nearest(cur->word.text, words, n);
}

static void advise(const struct expect *x, struct diag *m)
{
    const struct token *cur = &x->p->scan.cur;
    struct loc paren = scan_paren(&x->p->scan);
    const char *near = keyword(x), *hint = habit(x);

    if (paren.src && (expects(x, "')'") || expects(x, "']'")) &&
        loc_linecol(paren).line != loc_linecol(cur->loc).line)
        diag_also(m, paren, "'%c' opened here", paren.src->text[paren.off]);
    if (x->name && !x->value && !cur->made && cur->word.text &&
        cur->kind != T_STRING && scan_is_reserved(cur->word.text))
        diag_note(m, "'%s' is a word of the language and cannot be a name",
                  cur->word.text);
    if (hint)
        diag_hint(m, "%s", hint);
    else if (x->p->one_line && x->p->scan.depth == 0 && expects(x, "on"))
        diag_hint(m, "each handler names its event: on PKT (p) { n += p.len }");
    else if (near)
        diag_hint(m, "did you mean '%s'?", near);
}

void syntax_error(struct parse *p, const char *const *expected, unsigned n)
{
    struct expect x = {.p = p, .names = expected, .n = n};
    const struct scan *s = &p->scan;
    const char *found = describe(p, &s->cur), *what, *after = "";
    struct diag *m;

    if (s->stopped || (s->cur.made && s->cur.kind == '}' && !s->lost.src))
        return; /* that was said */
    classify(&x);
    what = wanted(&x);
    if (s->prev.kind != T_NL && !s->prev.made)
        after = arena_fmt(s->arena, " after %s", describe(p, &s->prev));
    if (s->stray)
        m = diag_error(s->diags, s->cur.loc, "this '}' closes nothing");
    else if (what)
        m = diag_error(s->diags, s->cur.loc, "expected %s%s, found %s", what,
                       after, found);
    else
        m = diag_error(s->diags, s->cur.loc, "unexpected %s%s", found, after);
    advise(&x, m);
}
