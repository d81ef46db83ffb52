/* Habits from other languages, put right with the words of the line at hand,
 * so that the hint can be pasted. */
#include "front/expect.h"

#include "base/arena.h"
#include "front/parse.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 63 };

/* A piece of the source. */
struct piece {
    const char *at;
    size_t len;
};

static const char *blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

static struct piece piece(const char *from, const char *to)
{
    from = blanks(from);
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return (struct piece){from, to > from ? (size_t)(to - from) : 0};
}

/* From p to the end of what is said there. */
static struct piece rest(const char *p)
{
    return piece(p, p + strcspn(p, "\n;{}"));
}

static const char *text_of(const struct expect *x, const struct token *t)
{
    return x->p->scan.src->text + t->loc.off;
}

/* The end of the source has a length, too. */
static const char *behind(const struct expect *x, const struct token *t)
{
    size_t left = x->p->scan.src->size - t->loc.off;

    return text_of(x, t) + (t->loc.len < left ? t->loc.len : left);
}

static const char *line_of(const struct expect *x, const char *p)
{
    while (p > x->p->scan.src->text && p[-1] != '\n')
        p--;
    return p;
}

/* The last place of a word between two; NULL if it is not there. */
static const char *last_word(const char *from, const char *to, const char *word)
{
    size_t n = strlen(word);
    const char *last = NULL;

    for (const char *p = from; p + n < to; p++)
        if (strncmp(p, word, n) == 0 && isspace((unsigned char)p[n]) &&
            (p == from || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')))
            last = p;
    return last;
}

/* Is the word before p this one? */
static bool follows(const struct expect *x, const char *p, const char *word)
{
    size_t n = strlen(word);
    const char *line = line_of(x, p);

    while (p > line && isspace((unsigned char)p[-1]))
        p--;
    return p >= line + n && strncmp(p - n, word, n) == 0;
}

/* if (x) drop */
static const char *of_block(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur;
    const char *here = text_of(x, cur), *begin;
    struct piece head, body = rest(here);
    bool line = cur->kind == T_NL;

    if (!x->operand || !expects(x, "'{'"))
        return NULL;
    if (!line && cur->kind != T_DROP && cur->kind != T_RETURN &&
        cur->kind != T_GOTO && cur->kind != T_NAME && cur->kind != T_EMIT)
        return NULL;
    begin = last_word(line_of(x, behind(x, &x->p->scan.prev)), here, "if");
    if (!begin || memchr(begin, '{', (size_t)(here - begin)) ||
        (!line && body.at[body.len] == '{'))
        return NULL;
    head = piece(begin, behind(x, &x->p->scan.prev));
    if (line)
        body = (struct piece){"...", 3};
    return arena_fmt(x->p->scan.arena, "write %.*s { %.*s }", (int)head.len,
                     head.at, (int)body.len, body.at);
}

/* if not c { */
static const char *of_not(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    struct piece what = rest(text_of(x, cur));
    bool name;

    if (prev->kind != T_NAME || strcmp(prev->word.text, "not") != 0)
        return NULL;
    if (!what.len)
        return "write !x in place of not x";
    name = strcspn(what.at, " ()=<>!&|") >= what.len;
    return arena_fmt(x->p->scan.arena, name ? "write !%.*s" : "write !(%.*s)",
                     (int)what.len, what.at);
}

/* nf X(limit) */
static const char *of_parameter(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;

    if (prev->kind != T_NAME || !expects(x, "':'") ||
        (cur->kind != ')' && cur->kind != ',' && cur->kind != '=' &&
         cur->kind != T_NL))
        return NULL;
    return arena_fmt(x->p->scan.arena, "it has a type: %s: u32",
                     prev->word.text);
}

/* let x: u32 = 5 */
static const char *of_let(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    const char *name = text_of(x, prev), *is;
    struct piece type, value;

    if (cur->kind != ':' || prev->kind != T_NAME || !follows(x, name, "let"))
        return NULL;
    is = behind(x, cur) + strcspn(behind(x, cur), "=\n");
    type = piece(behind(x, cur), is);
    if (*is != '=' || !type.len)
        return "a value has its type by itself: let x = u32(5)";
    value = rest(is + 1);
    return arena_fmt(x->p->scan.arena, "write let %s = %.*s(%.*s)",
                     prev->word.text, (int)type.len, type.at, (int)value.len,
                     value.at);
}

/* for (i = 0; i < 5; i++) */
static const char *of_for(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    char name[WORD + 1], to[3] = "";
    unsigned first, last;
    const char *p;

    if (!(prev->kind == T_FOR && cur->kind == '(') &&
        !(cur->kind == '=' && expects(x, "in")))
        return NULL;
    p = blanks(prev->kind == T_FOR ? behind(x, cur) : text_of(x, prev));
    if (strncmp(p, "let ", 4) == 0 || strncmp(p, "int ", 4) == 0 ||
        strncmp(p, "var ", 4) == 0)
        p = blanks(p + 4);
    if (sscanf(p, "%63[A-Za-z0-9_] = %u ; %*[A-Za-z0-9_ ] %2[<=] %u", name,
               &first, to, &last) == 4 &&
        (to[1] || last > first))
        return arena_fmt(x->p->scan.arena, "write for %s in %u..%u { ... }",
                         name, first, to[1] ? last : last - 1);
    if (sscanf(p, "%63[A-Za-z0-9_] in %u .. %u", name, &first, &last) == 3)
        return arena_fmt(x->p->scan.arena, "write for %s in %u..%u { ... }",
                         name, first, last);
    return "write for i in 0..7 { ... }";
}

/* const N: u32 = 5 */
static const char *of_constant(const struct expect *x)
{
    static const char *const words[] = {"const", "let", "static", "var", "val"};
    const struct token *cur = &x->p->scan.cur;
    const char *p = blanks(behind(x, cur)), *is;
    char name[WORD + 1] = "", type[WORD + 1] = "u32";
    bool said = false;
    struct piece value;

    for (unsigned i = 0; cur->word.text && i < 5; i++)
        said |= strcmp(cur->word.text, words[i]) == 0;
    if (!said || sscanf(p, "%63[A-Za-z0-9_]", name) != 1)
        p = text_of(x, cur);
    is = p + strcspn(p, "=\n{(;");
    if ((x->decl ? !said && cur->kind != T_NAME : !expects(x, "split")) ||
        *is != '=' || is[1] == '=' || sscanf(p, "%63[A-Za-z0-9_]", name) != 1)
        return NULL;
    sscanf(p, "%*[A-Za-z0-9_] : %63[A-Za-z0-9_]", type);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    value = rest(is + 1);
    if (!x->decl)
        return said && x->p->decl && x->p->decl->name
                   ? arena_fmt(x->p->scan.arena,
                               "it is a parameter with a default: nf "
                               "%s(%s: %s = %.*s)",
                               x->p->decl->name, name, type, (int)value.len,
                               value.at)
                   : NULL;
    return arena_fmt(x->p->scan.arena,
                     "a constant is a function: fn %s() -> %s = %.*s, and "
                     "%s() where it is used",
                     name, type, (int)value.len, value.at, name);
}

/* map[ipaddr, u32] */
static const char *of_type(const struct expect *x)
{
    const struct scan *s = &x->p->scan;
    struct loc open = scan_paren(s);
    const char *usual = "(size = 1k, idle = 1min, full = oldest)", *p;
    struct piece key, value;

    if (s->cur.kind == ',' && open.src && expects(x, "']'") &&
        expects(x, "->")) {
        key = piece(open.src->text + open.off + 1, text_of(x, &s->cur));
        p = behind(x, &s->cur);
        value = piece(p, p + strcspn(p, "]\n"));
        return arena_fmt(s->arena, "write table[%.*s -> %.*s]%s", (int)key.len,
                         key.at, (int)value.len, value.at, usual);
    }
    if (s->prev.kind == '[' && s->cur.literal && !x->operand)
        return arena_fmt(s->arena,
                         "there are no arrays; a table has entries: shared "
                         "name: table[u32 -> u32]%s",
                         usual);
    if ((s->cur.kind == T_REL && s->cur.op == OP_LT && x->type_end) ||
        (s->cur.kind == '[' && s->prev.kind == ':'))
        return arena_fmt(s->arena,
                         "types have square brackets: table[ipaddr -> u32]%s",
                         usual);
    return NULL;
}

/* chain part = A -> B */
static const char *of_part(const struct expect *x)
{
    const struct token *cur = &x->p->scan.cur, *prev = &x->p->scan.prev;
    const char *name = text_of(x, prev), *is;
    struct piece nfs;

    if (cur->kind == ')' && prev->kind == '(') {
        while (name > line_of(x, name) && (name[-1] == ' ' || *name == '('))
            name--;
        while (name > line_of(x, name) && !isspace((unsigned char)name[-1]))
            name--;
    } else if (cur->kind != '=') {
        return NULL;
    }
    if (!follows(x, name, "chain"))
        return NULL;
    is = strchr(name, '=');
    if (!is)
        return NULL;
    nfs = piece(is + 1, is + strcspn(is, "\n"));
    return arena_fmt(x->p->scan.arena,
                     "a part of chains has no ports, and is an NF: nf %.*s = "
                     "%.*s",
                     (int)strcspn(name, " (="), name, (int)nfs.len, nfs.at);
}

const char *habit_line(const struct expect *x)
{
    static const char *(*const all[])(const struct expect *) = {
        of_not, of_block,    of_parameter, of_let,
        of_for, of_constant, of_type,      of_part};
    const char *hint = NULL;

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]) && !hint; i++)
        hint = all[i](x);
    return hint;
}
