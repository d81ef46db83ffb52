/* The formatter's blanks: by the classes of the two tokens that they part. */
#include "front/format.h"

#include "front/parse.h"
#include <ctype.h>
#include <string.h>

static bool is_reserved(int kind)
{
    return kind >= T_USE && kind < T_FLOW;
}

/* Words, also those that mean something only at some places. */
static bool is_word(int kind)
{
    return kind >= T_USE && kind <= T_NAME;
}

static bool is_one(const struct fitem *i, const char *word)
{
    return i->len == strlen(word) && memcmp(i->text, word, i->len) == 0;
}

static bool is_capital(const struct fitem *i)
{
    for (unsigned k = 0; k < i->len; k++)
        if (islower((unsigned char)i->text[k]))
            return false;
    return is_word(i->kind);
}

/* ---- what stands where ---- */

/* Behind these the name of an event follows. */
static bool begins_path(const struct fitem *i)
{
    return i->kind == T_ON || i->kind == T_EVENT ||
           (is_word(i->kind) && (is_one(i, "emit") || is_one(i, "subscribe") ||
                                 is_one(i, "unsubscribe")));
}

static void classify_paths(struct fitems *f)
{
    bool path = false;

    for (unsigned i = 0; i < f->n; i++) {
        struct fitem *x = &f->v[i];

        if (begins_path(x))
            path = true;
        else if (x->item || (!is_word(x->kind) && x->kind != ',' &&
                             x->kind != '/' && x->kind != FORMAT_COMMENT))
            path = false;
        if (x->kind == '/' && i > 0 && i + 1 < f->n)
            x->path =
                path || (!x->blank && is_capital(&x[-1]) && is_capital(&x[1]));
    }
}

/* A '{' of values: it stands where an operand does. */
static bool opens_set(const struct fitem *before)
{
    return before->kind == T_IN || before->kind == T_REL ||
           (before->kind > 0 && before->kind < 256 &&
            strchr("=(,[|&", before->kind));
}

/* Are its items parted by commas, and never by ends of lines? */
static bool is_list(const struct fitems *f, unsigned open)
{
    bool comma = false;

    for (unsigned i = open + 1; i < f->v[open].partner; i++) {
        if (f->v[i].item)
            return false;
        comma |= f->v[i].kind == ',';
        if (f->v[i].partner > i)
            i = f->v[i].partner;
    }
    return comma;
}

static void classify_braces(struct fitems *f)
{
    for (unsigned i = 1; i < f->n; i++) {
        struct fitem *x = &f->v[i];

        if (x->kind != '{' || x->partner == i)
            continue;
        x->list = is_list(f, i);
        x->set = f->v[x->partner].set = opens_set(&x[-1]);
    }
}

/* The '(' behind the name in `chain NAME (..)`, `event PATH (..)`,
 * `extern type NAME (..)` and `on PATH from NAME (..)`. */
static void classify_heads(struct fitems *f)
{
    bool head = false;

    for (unsigned i = 0; i < f->n; i++) {
        struct fitem *x = &f->v[i];

        if (x->kind == T_ON || x->kind == T_CHAIN || x->kind == T_EVENT ||
            (x->kind == T_TYPE && i > 0 && x[-1].kind == T_EXTERN))
            head = i == 0 || x->item || x[-1].kind == '{' ||
                   x[-1].kind == T_EXTERN || x[-1].kind == FORMAT_COMMENT;
        else if (x->kind == '(') {
            x->head = head;
            head = false;
        } else if (x->kind == '{' || x->kind == '=' || x->kind == T_IF ||
                   x->kind == T_WITH)
            head = false;
    }
}

void format_classify(struct fitems *f)
{
    classify_paths(f);
    classify_braces(f);
    classify_heads(f);
}

/* ---- blanks ---- */

static bool before_paren(const struct fitem *a, const struct fitem *b)
{
    if (b->head || is_reserved(a->kind))
        return true;
    if (a->kind == T_NAME || a->kind == ')' || a->kind == ']' || a->kind == '?')
        return false;
    return is_word(a->kind) || a->kind == T_STRING ? b->blank : true;
}

static bool before_bracket(const struct fitem *a)
{
    if (is_word(a->kind))
        return is_reserved(a->kind);
    return a->kind != ')' && a->kind != ']' && a->kind != '?';
}

static bool is_any(const struct fitem *i, const char *kinds)
{
    return i->kind > 0 && i->kind < 256 && strchr(kinds, i->kind);
}

bool format_blank(const struct fitems *f, unsigned i)
{
    const struct fitem *a = &f->v[i - 1], *b = &f->v[i];

    if (b->kind == FORMAT_COMMENT)
        return true;
    if (a->kind == T_LITERAL && b->kind == '.') /* 1.x would be one literal */
        return true;
    if (is_any(a, "([!~.") || is_any(b, ",)].?:") || a->kind == T_DOTDOT ||
        b->kind == T_DOTDOT)
        return false;
    if ((a->kind == '{' && a->set) || (b->kind == '}' && b->set))
        return false;
    if ((a->kind == '/' && a->path) || (b->kind == '/' && b->path))
        return false;
    if (b->kind == '(')
        return before_paren(a, b);
    return b->kind == '[' ? before_bracket(a) : true;
}
