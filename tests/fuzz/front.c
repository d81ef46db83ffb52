/* The passes of the compiler on one source after another, in one process: as
 * a target of libFuzzer, or with main() and mutations of its own (-DALONE):
 *   front STDLIB FOLDER ROUNDS SEED
 * Mutations know tokens and brackets, so that many programs still mean
 * something. A program that is refused must get a message with a place. */
#include "base/arena.h"
#include "base/diag.h"
#include "emit/ctext.h"
#include "front/format.h"
#include "front/pass.h"
#include "ir/ir.h"
#include "plan/plan.h"
#include "sema/effect.h"
#include "sema/pass.h"
#include "unit.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TOKENS = 1 << 14, TEXT = 1 << 16, OTHERS = 1 << 14, SLOW = 5 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most,
                               unsigned seed);

struct piece { /* a token, with the blank before it */
    const char *text;
    size_t len;
};

static struct piece others[OTHERS]; /* tokens and lines of all seeds */
static unsigned n_others;
static char path[4096];
static const char *stdlib;
static FILE *null;

/* ---- one program ---- */

static void want_place(struct diags *d)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    diags_print(d, to, true);
    fclose(to);
    if (!strstr(text, ": error: ") || strstr(text, "nflc: error: ")) {
        fprintf(stderr, "refused without a place:\n%s", text);
        abort();
    }
    free(text);
}

static void dump(const struct unit *u)
{
    ast_dump(u->ast, null);
    tree_dump(u->tree, null);
    effects_dump(u->effects, null);
    ir_dump(u->ir, null);
    plan_dump(u->plan, null);
    ctext_dump(u->ctext, null);
}

/* What parses can be formatted, and formatting it again changes nothing. One
 * of eight is tried: it costs as much as all else. */
static void format(struct unit *u)
{
    struct diags *d = diags_new(u->arena);
    const char *once, *twice = NULL;

    once = format_source(u->arena, d, u->ast->main);
    if (once)
        twice = format_source(u->arena, d, source_text(u->arena, path, once));
    if (!diags_errors(u->diags) && (!twice || strcmp(once, twice) != 0)) {
        diags_print(d, stderr, false);
        fprintf(stderr, "formatted once:\n%s\ntwice:\n%s\n",
                once ? once : "never", twice ? twice : "never");
        abort();
    }
}

static bool compile(struct unit *u)
{
    static void (*const passes[])(struct unit *) = {
        pass_load, pass_types, pass_effects, pass_ir, pass_plan, pass_emit};

    for (unsigned i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
        passes[i](u);
        if (i == 0 && u->ast->main && u->ast->main->size % 8 == 0)
            format(u);
        if (diags_errors(u->diags)) {
            want_place(u->diags);
            return false;
        }
    }
    dump(u);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const none[] = {NULL};
    struct arena *a = arena_new();
    struct unit u = {.arena = a,
                     .diags = diags_new(a),
                     .path = path,
                     .include = none,
                     .tests = true,
                     .stdlib = stdlib};
    FILE *f = fopen(path, "wb");

    if (!f || (size && fwrite(data, size, 1, f) != 1) || fclose(f) != 0) {
        perror(path);
        abort();
    }
    if (!memchr(data, 0, size)) /* no source; refused when it is read */
        compile(&u);
    arena_free(a);
    return 0;
}

/* ---- mutations ---- */

static uint64_t state = 1;

static unsigned any(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return n ? (unsigned)((state >> 33) % n) : 0;
}

static bool is_wordy(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

/* Bytes of the blank and the token at p. */
static size_t token_len(const char *p, const char *end)
{
    const char *q = p;

    while (q < end && (*q == ' ' || *q == '\t'))
        q++;
    if (q == end)
        return (size_t)(q - p);
    if (*q == '"')
        for (q++; q < end && *q != '"' && *q != '\n'; q++)
            ;
    else if (q + 1 < end && q[0] == '/' && q[1] == '/')
        while (q + 1 < end && q[1] != '\n')
            q++;
    else if (is_wordy(*q))
        while (q + 1 < end && is_wordy(q[1]))
            q++;
    else if (ispunct((unsigned char)*q) && !strchr("(){}[],", *q))
        while (q + 1 < end && q[1] && strchr("<>=&|.-", q[1]))
            q++;
    return (size_t)(q - p) + (q < end);
}

static unsigned split(struct piece *v, unsigned most, const char *text,
                      size_t size)
{
    const char *p = text, *end = text + size;
    unsigned n = 0;

    while (p < end && n < most) {
        v[n].text = p;
        v[n].len = token_len(p, end);
        p += v[n++].len;
    }
    return n;
}

static char last(const struct piece *p)
{
    return p->len ? p->text[p->len - 1] : 0;
}

/* The token behind the bracket, or line, that begins at i. */
static unsigned group_end(const struct piece *v, unsigned n, unsigned i)
{
    int depth = 0;

    for (; i < n; i++) {
        char c = last(&v[i]);

        depth += c && strchr("([{", c) ? 1 : 0;
        depth -= c && strchr(")]}", c) ? 1 : 0;
        if (depth < 0 || (depth == 0 && c && strchr(")]}\n,", c)))
            return depth < 0 ? i : i + 1;
    }
    return n;
}

struct edit {
    struct piece *v; /* room for TOKENS */
    unsigned n;
};

static void cut(struct edit *e, unsigned from, unsigned to)
{
    memmove(e->v + from, e->v + to, (e->n - to) * sizeof(*e->v));
    e->n -= to - from;
}

static void put(struct edit *e, unsigned at, const struct piece *w, unsigned n)
{
    static struct piece copy[TOKENS];

    if (e->n + n > TOKENS)
        return;
    memcpy(copy, w, n * sizeof(*w));
    memmove(e->v + at + n, e->v + at, (e->n - at) * sizeof(*e->v));
    memcpy(e->v + at, copy, n * sizeof(*w));
    e->n += n;
}

/* A word for a word, a sign for a sign. */
static void exchange(struct edit *e, unsigned at)
{
    const struct piece *w;
    bool wordy = is_wordy(last(&e->v[at]));

    for (unsigned tries = 0; tries < 20; tries++) {
        w = any(2) || !n_others ? &e->v[any(e->n)] : &others[any(n_others)];
        if (w->len && is_wordy(last(w)) == wordy) {
            e->v[at] = *w;
            return;
        }
    }
}

/* A bracket or line for one of this program or of another. */
static void transplant(struct edit *e, unsigned at)
{
    unsigned from, to;

    cut(e, at, group_end(e->v, e->n, at));
    if (n_others && any(3)) {
        from = any(n_others);
        to = group_end(others, n_others, from);
        put(e, at, others + from, to - from);
    } else if (e->n) {
        from = any(e->n);
        to = group_end(e->v, e->n, from);
        put(e, at, e->v + from, to - from);
    }
}

static void odd(struct edit *e, unsigned at)
{
    static const char *const odds[] = {
        "\xff",
        "\xc3",
        "\r\n",
        "\t",
        "\"",
        "'",
        "\\",
        "///",
        "/*",
        "((((",
        "0",
        "00",
        "1_",
        "0x",
        "0b2",
        "4294967296",
        "18446744073709551616",
        "340282366920938463463374607431768211455",
        "1M",
        "5min",
        "999999999d",
        "256.0.0.1",
        "10.0.0.0/33",
        "::/129",
        "1::2::3",
        "u0",
        "u129",
        "u128",
        " let x = x\n",
        " drop flow\n",
        " return\n",
        " -> ",
        " <-> ",
        "..",
        " or ",
        " in ",
        " has ",
        "{ }",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\n",
        ";",
        "?",
        "/",
        "-",
        "!",
        "~",
        "@",
        "#",
        "::1",
        "02:00:00:00:00:01"};
    const char *text = odds[any(sizeof(odds) / sizeof(odds[0]))];
    struct piece p = {text, strlen(text)};

    put(e, at, &p, 1);
}

static void mutate(struct edit *e)
{
    unsigned at = any(e->n), to;

    switch (any(10)) {
    case 0:
        to = at + 1 + any(3);
        cut(e, at, to < e->n ? to : e->n);
        break;
    case 1:
        to = group_end(e->v, e->n, at);
        put(e, any(e->n), e->v + at, to - at);
        break;
    case 2:
        odd(e, at);
        break;
    case 3:
        cut(e, at, group_end(e->v, e->n, at));
        break;
    case 4:
    case 5:
    case 6:
        transplant(e, at);
        break;
    default:
        exchange(e, at);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most,
                               unsigned seed)
{
    static struct piece v[TOKENS];
    static char text[TEXT];
    struct edit e = {v, 0};
    size_t len = 0;

    state = seed;
    if (size > TEXT)
        size = TEXT;
    e.n = split(v, TOKENS, (const char *)data, size);
    for (unsigned i = 1 + any(4); i; i--) {
        if (e.n)
            mutate(&e);
        else
            odd(&e, 0);
    }
    for (unsigned i = 0; i < e.n && len + e.v[i].len <= TEXT; i++) {
        memcpy(text + len, e.v[i].text, e.v[i].len);
        len += e.v[i].len;
    }
    len = len < most ? len : most;
    memcpy(data, text, len);
    return len;
}

/* ---- seeds ---- */

struct seeds {
    struct piece *v;
    unsigned n;
};

static void take(struct seeds *s, const char *file)
{
    static char text[TEXT];
    FILE *f = fopen(file, "rb");
    size_t len = f ? fread(text, 1, TEXT, f) : 0;
    char *kept = malloc(len + 1);

    if (f)
        fclose(f);
    memcpy(kept, text, len);
    s->v = realloc(s->v, (s->n + 1) * sizeof(*s->v));
    s->v[s->n++] = (struct piece){kept, len};
}

static struct seeds seeds_read(const char *folder)
{
    struct seeds s = {NULL, 0};
    struct dirent **found;
    int n = scandir(folder, &found, NULL, alphasort);
    char file[512];

    for (int i = 0; i < n; i++) {
        snprintf(file, sizeof(file), "%s/%s", folder, found[i]->d_name);
        if (found[i]->d_name[0] != '.')
            take(&s, file);
        free(found[i]);
    }
    if (n >= 0)
        free(found);
    return s;
}

/* Some tokens of each, from a place of each that no rule gives. */
static void others_fill(const struct seeds *s)
{
    static struct piece v[TOKENS];

    for (unsigned i = 0; i < s->n && n_others < OTHERS; i++) {
        unsigned n = split(v, TOKENS, s->v[i].text, s->v[i].len);
        unsigned share = OTHERS / s->n + 1, from = any(n), k;

        for (k = from; k < n && k < from + share && n_others < OTHERS; k++)
            others[n_others++] = v[k];
    }
}

static void begin(const char *library, const char *folder, struct seeds *s)
{
    const char *tmp = getenv("TMPDIR");

    stdlib = library;
    snprintf(path, sizeof(path), "%s/%d.nfl", tmp ? tmp : "/tmp",
             (int)getpid());
    null = fopen("/dev/null", "w");
    *s = seeds_read(folder);
    others_fill(s);
}

#ifdef ALONE

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The program at hand, for who finds that the process is gone. */
static void keep(const char *data, size_t len)
{
    FILE *f = fopen("at-hand.nfl", "wb");

    if (f) {
        fwrite(data, len, 1, f);
        fclose(f);
    }
}

static void rounds(const struct seeds *s, unsigned n, unsigned seed)
{
    static char data[TEXT];
    double start, slowest = 0, took;

    for (unsigned i = 0; i < n; i++) {
        const struct piece *p = &s->v[i % s->n];
        size_t len = p->len;

        memcpy(data, p->text, len);
        if (i >= s->n)
            len = LLVMFuzzerCustomMutator((uint8_t *)data, len, TEXT, seed + i);
        keep(data, len);
        start = now();
        LLVMFuzzerTestOneInput((uint8_t *)data, len);
        took = now() - start;
        slowest = took > slowest ? took : slowest;
        if (took > SLOW) {
            fprintf(stderr, "a program took %.1f s\n", took);
            abort();
        }
    }
    printf("%u programs, the slowest took %.3f s\n", n, slowest);
}

int main(int argc, char **argv)
{
    static struct seeds s;

    if (argc != 5)
        return 2;
    begin(argv[1], argv[2], &s);
    if (s.n)
        rounds(&s, (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]));
    unlink(path);
    return s.n ? 0 : 1;
}

#else

/* The library and the seeds come through the environment: the arguments are
 * libFuzzer's. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *library = getenv("NFL_FUZZ_STDLIB");
    const char *folder = getenv("NFL_FUZZ_SEEDS");
    static struct seeds s;

    (void)argc;
    (void)argv;
    if (!library || !folder)
        return 1;
    begin(library, folder, &s);
    return 0;
}

#endif
