/* From raw tokens to those of the grammar. */
#include "front/scan.h"

#include "base/arena.h"
#include "base/diag.h"
#include "front/build.h"
#include "front/parse.h"
#include <string.h>

static const struct {
    const char *text;
    int kind;
    bool reserved;
} words[] = {
    {"use", T_USE, true},
    {"nf", T_NF, true},
    {"chain", T_CHAIN, true},
    {"header", T_HEADER, true},
    {"event", T_EVENT, true},
    {"on", T_ON, true},
    {"if", T_IF, true},
    {"else", T_ELSE, true},
    {"let", T_LET, true},
    {"or", T_OR, true},
    {"drop", T_DROP, true},
    {"in", T_IN, true},
    {"return", T_RETURN, true},
    {"match", T_MATCH, true},
    {"for", T_FOR, true},
    {"flow", T_FLOW, false},
    {"shared", T_SHARED, false},
    {"split", T_SPLIT, false},
    {"atomic", T_ATOMIC, false},
    {"type", T_TYPE, false},
    {"enum", T_ENUM, false},
    {"extern", T_EXTERN, false},
    {"fn", T_FN, false},
    {"from", T_FROM, false},
    {"with", T_WITH, false},
    {"has", T_HAS, false},
    {"first", T_FIRST, false},
    {"after", T_AFTER, false},
    {"next", T_NEXT, false},
    {"as", T_AS, false},
    {"size", T_SIZE, false},
    {"end", T_END, false},
    {"valid", T_VALID, false},
    {"checksum", T_CHECKSUM, false},
    {"over", T_OVER, false},
    {"optional", T_OPTIONAL, false},
    {"pseudo", T_PSEUDO, false},
    {"none", T_NONE, false},
    {"raised", T_RAISED, false},
    {"by", T_BY, false},
    {"like", T_LIKE, false},
    {"exits", T_EXITS, false},
    {"goto", T_GOTO, false},
    {"struct", T_STRUCT, false},
    {"at", T_FROM, false},
    {"asleep", T_ASLEEP, false},
    {"timer", T_TIMER, false},
    {"when", T_WHEN, false},
    {"emit", T_EMIT, false},
    {"subscribe", T_EMIT, false},
    {"unsubscribe", T_EMIT, false},
    {"test", T_TEST, false},
    {"new", T_NEW, false},
};

/* They begin the lines of a test. */
static const struct {
    const char *text;
    int kind;
    bool reserved;
} verbs[] = {
    {"run", T_RUN, false},     {"send", T_VERB, false},
    {"expect", T_VERB, false}, {"reply", T_VERB, false},
    {"after", T_VERB, false},  {"set", T_VERB, false},
};

enum { WORDS = sizeof(words) / sizeof(words[0]), NAME_MAX_LEN = 128 };

static int word_index(const char *text)
{
    int i;

    for (i = 0; i < WORDS; i++)
        if (strcmp(words[i].text, text) == 0)
            return i;
    return -1;
}

bool scan_is_reserved(const char *word)
{
    int i = word_index(word);

    return i >= 0 && words[i].reserved;
}

bool scan_is_contextual(const char *word)
{
    int i = word_index(word);

    return i >= 0 && !words[i].reserved;
}

/* ---- raw tokens ---- */

static struct loc raw_loc(const struct scan *s)
{
    return (struct loc){s->src, s->start, s->end - s->start};
}

/* The place just behind the last token. */
static struct loc behind(const struct scan *s)
{
    struct loc at = s->cur.loc;

    at.off += at.len;
    at.len = 1;
    return at;
}

static void say_unknown(struct scan *s, int raw, struct loc at)
{
    struct diag *m;

    if (raw == LEX_HASH || raw == LEX_BLOCK) {
        m = diag_error(s->diags, at, "this is no comment");
        diag_hint(m, "write // before each line of a comment");
        return;
    }
    if (raw == LEX_WALRUS) {
        m = diag_error(s->diags, at, "':=' is no operator");
        diag_hint(m, "'let x = 1' names a value, 'x = 1' assigns");
        return;
    }
    if (raw == LEX_QUOTE || raw == LEX_UNCLOSED) {
        m = diag_error(s->diags, at,
                       raw == LEX_QUOTE ? "a string stands in double quotes"
                                        : "the string is not closed");
        diag_hint(m, "write \"...\", on one line");
        return;
    }
    diag_error(s->diags, at, "unexpected '%.*s'",
               (int)(at.len < 40 ? at.len : 40), s->src->text + at.off);
}

/* The lines of documentation from `at` to `end`, without their slashes. */
static const char *doc_text(struct scan *s, const char *at, const char *end)
{
    char *text = arena_alloc(s->arena, (size_t)(end - at) + 1), *to = text;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *last = stop ? stop : end;

        at = (const char *)memchr(at, '/', (size_t)(last - at)) + 3;
        at += at < last && *at == ' ';
        while (last > at && (last[-1] == '\r' || last[-1] == ' '))
            last--;
        memcpy(to, at, (size_t)(last - at));
        to += last - at;
        if (stop)
            *to++ = '\n';
        at = stop ? stop + 1 : end;
    }
    return text;
}

/* In a test the words of declarations are names; a verb begins a line. */
static int test_word(const struct scan *s, const struct token *t, int i)
{
    bool begins = t->newline || s->cur.kind == '{';

    for (size_t v = 0; begins && v < sizeof(verbs) / sizeof(verbs[0]); v++)
        if (strcmp(verbs[v].text, t->word.text) == 0)
            return verbs[v].kind;
    if (i >= 0 && (words[i].reserved || words[i].kind == T_WITH))
        return words[i].kind;
    return T_NAME;
}

static void take_word(struct scan *s, struct token *t)
{
    uint32_t len = t->loc.len;
    int i;

    if (len > NAME_MAX_LEN) {
        diag_error(s->diags, t->loc, "the name is too long, over %d letters",
                   NAME_MAX_LEN);
        len = NAME_MAX_LEN;
    }
    t->word.text = arena_strn(s->arena, s->src->text + s->start, len);
    i = s->cur.kind == '.' ? -1 : word_index(t->word.text);
    t->kind = i < 0 ? T_NAME : words[i].kind;
    if (s->in_test && s->depth && s->cur.kind != '.')
        t->kind = test_word(s, t, i);
}

/* A raw token as one of the grammar; false if it is to be left out. */
static bool take(struct scan *s, int raw, struct token *t)
{
    t->loc = raw ? raw_loc(s) : behind(s);
    t->kind = raw;
    t->op = s->op;
    if (raw == LEX_WORD) {
        take_word(s, t);
    } else if (raw == LEX_NUMBER || raw == LEX_COLONS) {
        t->kind = T_LITERAL;
        t->literal = raw == LEX_NUMBER ? literal_number(s, t->loc)
                                       : literal_colons(s, t->loc);
    } else if (raw == LEX_STRING) {
        t->kind = T_STRING;
        t->word.text = literal_string(s, t->loc);
    } else if (raw < 0) {
        say_unknown(s, raw, t->loc);
        t->kind = raw == LEX_WALRUS ? '=' : T_STRING;
        t->word.text = "";
        return raw == LEX_WALRUS || raw == LEX_QUOTE || raw == LEX_UNCLOSED;
    }
    return true;
}

/* Reads s->ahead. */
static void fetch(struct scan *s)
{
    struct token *t = &s->ahead;
    const char *text = s->src->text, *doc = NULL, *doc_end = NULL;
    bool fresh = s->count == 0; /* at the begin of a line */
    int raw;

    memset(t, 0, sizeof(*t));
    t->first = fresh;
    for (;;) {
        raw = lex_raw(s);
        if (raw == LEX_NEWLINE && text[s->start] == '\n') {
            if (fresh) /* an empty line parts it from what follows */
                doc = NULL;
            fresh = t->first = t->newline = true;
        } else if (raw == LEX_NEWLINE) {
            t->newline = true;
        } else if (raw == LEX_DOC) {
            if (text[s->start + 3] == '/') /* a ruler */
                doc = NULL;
            else if (fresh && !doc)
                doc = text + s->start;
            doc_end = text + s->end;
            fresh = false;
        } else if (take(s, raw, t)) {
            break;
        }
    }
    if (doc && t->first)
        t->word.doc = doc_text(s, doc, doc_end);
    s->has_ahead = true;
}

/* ---- brackets ---- */

static bool in_parens(const struct scan *s)
{
    return s->depth && s->open[s->depth - 1].kind != '{';
}

struct loc scan_paren(const struct scan *s)
{
    return in_parens(s) ? s->open[s->depth - 1].loc : s->lost;
}

static void give_up_parens(struct scan *s)
{
    while (in_parens(s))
        s->lost = s->open[--s->depth].loc;
}

/* Columns of space before the line of a place. */
static unsigned indent(struct loc at)
{
    const char *text = at.src->text, *p = text + at.off;
    unsigned n = 0;

    while (p > text && p[-1] != '\n')
        p--;
    while (p[n] == ' ' || p[n] == '\t')
        n++;
    return n;
}

static void open_bracket(struct scan *s)
{
    struct token *t = &s->cur;

    if (s->depth == SCAN_DEPTH) {
        diag_error(s->diags, t->loc,
                   "brackets are nested too deeply, over %d levels",
                   SCAN_DEPTH);
        s->stopped = true;
        t->kind = 0;
        return;
    }
    s->open[s->depth].kind = t->kind;
    s->open[s->depth++].loc = t->loc;
    s->braces += t->kind == '{';
}

static void close_brace(struct scan *s)
{
    struct loc open;

    give_up_parens(s);
    s->stray = s->depth == 0;
    if (s->stray)
        return;
    open = s->open[--s->depth].loc;
    s->braces--;
    if (s->cur.first && !s->suspect.src && indent(s->cur.loc) < indent(open))
        s->suspect = open;
}

static void track_brackets(struct scan *s)
{
    int kind = s->cur.kind;

    s->stray = false;
    if (s->depth == 0)
        s->in_test =
            kind == T_TEST ||
            (s->in_test &&
             (kind == T_STRING || (kind == '{' && s->prev.kind == T_STRING)));
    if (kind == '(' || kind == '[' || kind == '{')
        open_bracket(s);
    else if (kind == '}')
        close_brace(s);
    else if (s->depth && ((kind == ')' && s->open[s->depth - 1].kind == '(') ||
                          (kind == ']' && s->open[s->depth - 1].kind == '[')))
        s->depth--;
}

/* ---- lines ---- */

/* At the begin of a line this can only begin an item. */
static bool starts_item(const struct scan *s, const struct token *t)
{
    int last = s->cur.kind;

    switch (t->kind) {
    case T_USE:
    case T_NF:
    case T_CHAIN:
    case T_EVENT:
    case T_ON:
    case T_LET:
    case T_MATCH:
    case T_FOR:
    case T_RUN:
    case T_VERB:
        return t->first;
    case T_TEST:
    case T_TYPE: /* names, too, but hardly there */
    case T_ENUM:
    case T_STRUCT:
    case T_EXTERN:
        return t->first && s->depth == 0 && indent(t->loc) == 0;
    case T_HEADER: /* also a word in `checksum sum over pseudo, header` */
        return t->first && last != ',' && last != T_OVER;
    case T_DROP:
    case T_RETURN:
        return t->first && last != T_OR;
    case T_IF:
        return t->first && last != T_ELSE;
    default:
        return false;
    }
}

/* Not if indented: then it is misplaced, and no '}' is missing. */
static bool starts_decl(const struct scan *s, const struct token *t)
{
    return (t->kind == T_USE || t->kind == T_NF || t->kind == T_CHAIN ||
            t->kind == T_EVENT || t->kind == T_HEADER) &&
           starts_item(s, t) && indent(t->loc) == 0;
}

/* While an error is passed over, a line also ends with what it was torn at. */
static bool is_torn(const struct scan *s, int kind)
{
    return s->skip && s->braces &&
           (kind == ',' || kind == T_SUM || kind == '=');
}

static bool can_end(int kind)
{
    switch (kind) {
    case T_NAME:
    case T_LITERAL:
    case T_STRING:
    case T_RETURN:
    case T_DROP:
    case T_HEADER:
    case ')':
    case ']':
    case '}':
    case '?':
        return true;
    default: /* contextual words are names, too */
        return kind >= T_FLOW && kind <= T_STRUCT;
    }
}

static bool continues(const struct scan *s, int kind)
{
    switch (kind) {
    case 0:
    case '}':
    case '{':
    case ')':
    case ',':
    case '.':
    case '=':
    case '|':
    case '/':
    case T_ARROW:
    case T_BOTH:
    case T_OR:
    case T_LAND:
    case T_LOR:
    case T_ELSE:
        return true;
    case T_WITH: /* in braces it is a name */
        return s->braces == 0 || s->in_test;
    default:
        return false;
    }
}

static bool needs_newline(const struct scan *s, const struct token *t)
{
    int last = s->cur.kind;

    if (s->one_line && s->depth == 0 && last == '}' && t->kind == T_ON)
        return true;
    if (!t->newline || in_parens(s) || last == T_NL || last == '{')
        return false;
    if (can_end(last) || is_torn(s, last))
        return !continues(s, t->kind);
    return starts_item(s, t);
}

/* ---- delivery ---- */

static void deliver(struct scan *s, const struct token *t)
{
    s->prev = s->cur;
    s->cur = *t;
    s->count++;
}

static void make(struct scan *s, int kind)
{
    struct token t = {.kind = kind, .made = true};

    t.loc = behind(s);
    deliver(s, &t);
}

static void say_unclosed(struct scan *s, const struct token *t)
{
    struct diag *m;

    if (t->kind)
        m = diag_error(s->diags, t->loc, "expected '}' before '%s'",
                       t->word.text);
    else
        m = diag_error(s->diags, t->loc,
                       "expected '}', found the end of the file");
    diag_also(m, s->open[s->depth - 1].loc, "this '{' is not closed");
    if (s->suspect.src)
        diag_also(m, s->suspect,
                  "its '}' is indented otherwise: is it that "
                  "of another '{'?");
    s->suspect.src = NULL;
}

/* Makes one of the '}' that are missing before the token ahead. */
static void make_brace(struct scan *s)
{
    if (!s->closing && !s->skip && !s->lost.src)
        say_unclosed(s, &s->ahead);
    s->closing = true;
    make(s, '}');
    s->cur.loc = s->ahead.loc;
    s->cur.loc.len = 0;
    s->depth--;
    s->braces--;
}

static void step(struct scan *s)
{
    struct token *t = &s->ahead;

    if (!s->has_ahead)
        fetch(s);
    if (s->stopped)
        t->kind = 0;
    if (!s->stopped && in_parens(s) && (t->kind == 0 || starts_item(s, t)))
        give_up_parens(s);
    if (!s->stopped && s->depth && (t->kind == 0 || starts_decl(s, t))) {
        make_brace(s);
        return;
    }
    s->closing = false;
    if (needs_newline(s, t)) {
        make(s, T_NL);
        return;
    }
    deliver(s, t);
    if (t->kind == 0)
        return;
    s->has_ahead = false;
    s->lost.src = NULL;
    track_brackets(s);
}

static bool can_go_on(const struct scan *s)
{
    return s->cur.kind == 0 ||
           (s->cur.kind == T_NL && s->braces == s->skip_depth) ||
           (s->cur.kind == '}' && s->braces < s->skip_depth);
}

void scan_next(struct scan *s)
{
    step(s);
    while (s->skip && !can_go_on(s))
        step(s);
    s->skip = false;
}

void scan_recover(struct scan *s)
{
    int kind = s->cur.kind;

    s->stopped |= diags_full(s->diags);
    if (kind == 0 || kind == T_NL || (kind == '}' && !s->stray))
        return;
    s->skip = true;
    s->skip_depth = s->braces - (kind == '{');
}

void scan_init(struct scan *s, struct arena *a, struct diags *d,
               const struct source *src)
{
    memset(s, 0, sizeof(*s));
    s->arena = a;
    s->diags = d;
    s->src = src;
    s->cur.kind = T_NL;
    s->cur.loc.src = src;
    s->stopped = !utf8_check(d, src);
    if (strncmp(src->text, "\xef\xbb\xbf", 3) == 0) /* byte order mark */
        s->end = 3;
    lex_init(s);
}

void scan_fini(struct scan *s)
{
    lex_fini(s);
}
