/* The queue of messages, and how they are printed. */
#include "base/diag.h"

#include "base/arena.h"
#include "base/codes.h"
#include "base/list.h"
#include "base/snippet.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { ERRORS_MAX = 20 };

struct extra { /* a related place, a note or a hint */
    struct loc at;
    const char *text;
    struct extra *next;
};

struct diag {
    struct arena *arena;
    enum diag_kind kind;
    struct loc at;
    const char *text;
    unsigned code; /* 0: it has none */
    LIST(struct extra) also, notes, hints;
    unsigned number; /* in order of queueing */
    unsigned behind; /* files loaded after that of this place */
    struct diag *next;
};

struct diags {
    struct arena *arena;
    LIST(struct diag) queue;
    LIST(struct diag) told; /* printed, in that order */
    unsigned errors;
};

struct diags *diags_new(struct arena *a)
{
    struct diags *d = ARENA_NEW(a, struct diags);

    d->arena = a;
    return d;
}

/* The same words about the same place: said once. */
static bool is_known(const struct diags *d, const struct diag *m)
{
    const struct diag *q;

    LIST_EACH (q, &d->queue)
        if (q->kind == m->kind && q->at.src == m->at.src &&
            q->at.off == m->at.off && strcmp(q->text, m->text) == 0)
            return true;
    return false;
}

static struct diag *queue(struct diags *d, enum diag_kind kind, struct loc at,
                          const char *fmt, va_list ap)
    __attribute__((format(printf, 4, 0)));
static struct extra *extra_new(struct diag *m, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* A message that is not queued can still be given notes. */
static struct diag *queue(struct diags *d, enum diag_kind kind, struct loc at,
                          const char *fmt, va_list ap)
{
    struct diag *m = ARENA_NEW(d->arena, struct diag);

    m->arena = d->arena;
    m->kind = kind;
    m->at = at;
    m->text = arena_vfmt(d->arena, fmt, ap);
    m->code = code_of(fmt);
    if (kind == DIAG_ERROR) {
        if (d->errors >= ERRORS_MAX || is_known(d, m))
            return m;
        d->errors++;
    }
    m->number = d->queue.n;
    LIST_ADD(&d->queue, m);
    return m;
}

struct diag *diag_error(struct diags *d, struct loc at, const char *fmt, ...)
{
    struct diag *m;
    va_list ap;

    va_start(ap, fmt);
    m = queue(d, DIAG_ERROR, at, fmt, ap);
    va_end(ap);
    return m;
}

struct diag *diag_warning(struct diags *d, struct loc at, const char *fmt, ...)
{
    struct diag *m;
    va_list ap;

    va_start(ap, fmt);
    m = queue(d, DIAG_WARNING, at, fmt, ap);
    va_end(ap);
    return m;
}

struct diag *diag_remark(struct diags *d, struct loc at, const char *fmt, ...)
{
    struct diag *m;
    va_list ap;

    va_start(ap, fmt);
    m = queue(d, DIAG_REMARK, at, fmt, ap);
    va_end(ap);
    return m;
}

static struct extra *extra_new(struct diag *m, const char *fmt, va_list ap)
{
    struct extra *e = ARENA_NEW(m->arena, struct extra);

    e->text = arena_vfmt(m->arena, fmt, ap);
    return e;
}

void diag_also(struct diag *m, struct loc at, const char *fmt, ...)
{
    struct extra *e;
    va_list ap;

    va_start(ap, fmt);
    e = extra_new(m, fmt, ap);
    va_end(ap);
    e->at = at;
    if (at.src)
        LIST_ADD(&m->also, e);
    else
        LIST_ADD(&m->notes, e);
}

void diag_note(struct diag *m, const char *fmt, ...)
{
    struct extra *e;
    va_list ap;

    va_start(ap, fmt);
    e = extra_new(m, fmt, ap);
    va_end(ap);
    LIST_ADD(&m->notes, e);
}

void diag_hint(struct diag *m, const char *fmt, ...)
{
    struct extra *e;
    va_list ap;

    va_start(ap, fmt);
    e = extra_new(m, fmt, ap);
    va_end(ap);
    LIST_ADD(&m->hints, e);
}

unsigned diags_errors(const struct diags *d)
{
    return d->errors;
}

bool diags_full(const struct diags *d)
{
    return d->errors >= ERRORS_MAX;
}

/* ---- printing ---- */

/* The code, if it is not 0, stands behind the text, as in [E0405] and, of a
 * warning, [W0815]. */
static void print_head(FILE *to, struct loc at, const char *kind,
                       const char *text, unsigned code)
{
    struct linecol lc = loc_linecol(at);

    if (at.src) {
        snippet_text(to, at.src->path);
        fprintf(to, ":%u:%u: %s: ", lc.line, lc.col, kind);
    } else {
        fprintf(to, "nflc: %s: ", kind);
    }
    snippet_text(to, text);
    if (code)
        fprintf(to, " [%c%04u]", toupper((unsigned char)*kind), code);
    fputc('\n', to);
    if (at.src)
        snippet_print(to, at);
}

static const char *const kinds[] = {"error", "warning", "remark"};

static void print_one(FILE *to, const struct diag *m)
{
    const struct extra *e;

    print_head(to, m->at, kinds[m->kind], m->text, m->code);
    LIST_EACH (e, &m->also)
        print_head(to, e->at, "note", e->text, 0);
    LIST_EACH (e, &m->notes) {
        fputs("  note: ", to);
        snippet_text(to, e->text);
        fputc('\n', to);
    }
    LIST_EACH (e, &m->hints) {
        fputs("  hint: ", to);
        snippet_text(to, e->text);
        fputc('\n', to);
    }
}

/* What has no place comes first, then the files as they were loaded. */
static int compare(const void *pa, const void *pb)
{
    const struct diag *a = *(struct diag *const *)pa;
    const struct diag *b = *(struct diag *const *)pb;

    if (!a->at.src != !b->at.src)
        return a->at.src ? 1 : -1;
    if (a->behind != b->behind)
        return a->behind > b->behind ? -1 : 1;
    if (a->at.off != b->at.off)
        return a->at.off < b->at.off ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static struct diag **sorted(struct diags *d)
{
    struct diag **v = arena_alloc(d->arena, d->queue.n * sizeof(*v)), *m;
    const struct source *s;
    unsigned n = 0;

    LIST_EACH (m, &d->queue) {
        for (s = m->at.src, m->behind = 0; s; s = s->next)
            m->behind++;
        v[n++] = m;
    }
    qsort(v, n, sizeof(*v), compare);
    return v;
}

void diags_print(struct diags *d, FILE *to, bool remarks)
{
    struct diag **v = sorted(d);
    unsigned i, n = d->queue.n, errors = 0;

    for (i = 0; i < n; i++) {
        errors += v[i]->kind == DIAG_ERROR;
        if (v[i]->kind != DIAG_REMARK || remarks)
            print_one(to, v[i]);
        v[i]->next = NULL;
        LIST_ADD(&d->told, v[i]);
    }
    memset(&d->queue, 0, sizeof(d->queue));
    if (errors && d->errors >= ERRORS_MAX)
        fprintf(to, "nflc: too many errors, stopped after %d\n", ERRORS_MAX);
    else if (errors)
        fprintf(to, "nflc: %u error%s\n", errors, errors == 1 ? "" : "s");
}

/* ---- as data ---- */

void diags_each(const struct diags *d, bool remarks,
                void (*each)(void *arg, const struct diag_part *), void *arg)
{
    const struct diag *m;
    const struct extra *e;

    LIST_EACH (m, &d->told) {
        struct diag_part p = {
            .what = kinds[m->kind], .code = "", .text = m->text, .at = m->at};

        if (m->kind == DIAG_REMARK && !remarks)
            continue;
        if (m->code)
            p.code = arena_fmt(d->arena, "%c%04u",
                               toupper((unsigned char)*p.what), m->code);
        each(arg, &p);
        LIST_EACH (e, &m->also)
            each(arg, &(struct diag_part){"note", "", e->text, e->at});
        LIST_EACH (e, &m->notes)
            each(arg, &(struct diag_part){"note", "", e->text, {0}});
        LIST_EACH (e, &m->hints)
            each(arg, &(struct diag_part){"hint", "", e->text, {0}});
    }
}

/* ---- the nearest name ---- */

enum { WORD_MAX = 48 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Edit distance with swaps of neighbours; letters' case does not count. */
static unsigned distance(const char *a, unsigned na, const char *b, unsigned nb)
{
    unsigned d[WORD_MAX + 1][WORD_MAX + 1], i, j, cost;

    for (i = 0; i <= na; i++)
        d[i][0] = i;
    for (j = 0; j <= nb; j++)
        d[0][j] = j;
    for (i = 1; i <= na; i++) {
        for (j = 1; j <= nb; j++) {
            int x = tolower((unsigned char)a[i - 1]);
            int y = tolower((unsigned char)b[j - 1]);
            cost = x != y;
            d[i][j] =
                min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]) &&
                d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[na][nb];
}

/* Of two names that are as near: does the first begin as the word does? */
static bool begins_as(const char *word, const char *name, const char *other)
{
    return name[0] == word[0] && other[0] != word[0];
}

const char *diag_nearest(const char *word, const char *const *names, unsigned n)
{
    const char *best = NULL;
    unsigned i, far, best_far = 0;
    size_t len = strlen(word), other, longer;

    if (len > WORD_MAX)
        return NULL;
    for (i = 0; i < n; i++) {
        other = strlen(names[i]);
        longer = len > other ? len : other;
        if (longer > WORD_MAX || strcmp(word, names[i]) == 0)
            continue;
        far = distance(word, (unsigned)len, names[i], (unsigned)other);
        if (far * 3 > longer)
            continue;
        if (!best || far < best_far ||
            (far == best_far && begins_as(word, names[i], best))) {
            best = names[i];
            best_far = far;
        }
    }
    return best;
}
