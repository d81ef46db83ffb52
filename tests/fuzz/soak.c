/* Compares programs with the interpreter, many in one process: no process and
 * no binary for each case.
 *   soak STDLIB WORK LIST MODULES.so...
 * MODULES: the programs as nflc compiled them, nfl_module_0, nfl_module_1, ...
 * in each file; of one file with all consolidated, of another one without. LIST
 * has lines
 *   program NUMBER PATH      what follows is about it
 *   case FOLDER [WORD]...    FOLDER has PORT.pcap of each port
 * WORD: answer=SEED (peers answer what leaves), changes (FOLDER/changes),
 * cores=N (once more with so many workers). For each case a line is printed:
 *   same NUMBER FOLDER
 *   differ NUMBER FOLDER LAYOUT: WHAT
 * and for each program the edges of its code that were hit, in each file of
 * modules, and last how many all programs of each have:
 *   edges NUMBER HIT...
 *   all OF...
 * A program that crashes, or takes over a minute, is a case that differs. */
#include "answer.h"
#include "base/arena.h"
#include "base/diag.h"
#include "front/pass.h"
#include "heap/run.h"
#include "interp/interp.h"
#include "sema/pass.h"
#include "tool/ccode.h"
#include "tool/settings.h"
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 4, LINE = 4096, ARGS = 64, SLOW = 60 };

struct modules {
    void *so;
    const char *start, *stop; /* of the counters of its edges */
};

static struct modules files[FILES];
static unsigned n_files;
static const char *stdlib, *work;
static void *externs; /* of the first program that has C: all have the same */
static char *at_hand; /* folder of the case; shared with the children */
static FILE *said;    /* what is told; standard output takes the reports */

/* ---- edges, counted by -fsanitize-coverage=inline-8bit-counters ---- */

/* Of the file of modules that is loaded: one range, of all its modules. */
void __sanitizer_cov_8bit_counters_init(const char *start, const char *stop);
void __sanitizer_cov_8bit_counters_init(const char *start, const char *stop)
{
    files[n_files].start = start;
    files[n_files].stop = stop;
}

/* In the process of one program: no other one has run here. */
static void tell_edges(unsigned number)
{
    fprintf(said, "edges %u", number);
    for (unsigned i = 0; i < n_files; i++) {
        unsigned hit = 0;

        for (const char *c = files[i].start; c < files[i].stop; c++)
            hit += *c != 0;
        fprintf(said, " %u", hit);
    }
    fputc('\n', said);
}

static void tell_all_edges(void)
{
    fprintf(said, "all");
    for (unsigned i = 0; i < n_files; i++)
        fprintf(said, " %td", files[i].stop - files[i].start);
    fputc('\n', said);
}

/* ---- a program ---- */

/* What the test back end's own main() runs; ours takes its place. */
const struct nfl_module nfl_module;

struct program {
    unsigned number;
    struct unit unit;
    const struct nfl_module *modules[FILES];
};

static bool load_extern_c(struct program *p)
{
    struct settings s = {.arena = p->unit.arena};

    if (!ccode_any(&p->unit))
        return true;
    p->unit.externs = externs;
    if (!externs && ccode_load(&p->unit, &s))
        externs = p->unit.externs;
    return p->unit.externs != NULL;
}

static bool load(struct program *p, const char *path)
{
    static const char *const none[] = {NULL};
    static const struct unit nothing;
    char name[32];

    p->unit = nothing;
    p->unit.arena = arena_new();
    p->unit.diags = diags_new(p->unit.arena);
    p->unit.path = arena_fmt(p->unit.arena, "%s", path);
    p->unit.include = none;
    p->unit.stdlib = stdlib;
    snprintf(name, sizeof(name), "nfl_module_%u", p->number);
    for (unsigned i = 0; i < n_files; i++) {
        p->modules[i] = dlsym(files[i].so, name);
        if (!p->modules[i])
            return false;
    }
    pass_load(&p->unit);
    if (diags_errors(p->unit.diags) == 0)
        pass_types(&p->unit);
    return diags_errors(p->unit.diags) == 0 && load_extern_c(p);
}

/* ---- a run ---- */

struct args {
    char *v[ARGS + 1];
    int n;
};

static void add(struct args *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct args *a, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (a->n == ARGS || vasprintf(&a->v[a->n], fmt, ap) < 0)
        abort();
    va_end(ap);
    a->v[++a->n] = NULL;
}

struct test { /* a case */
    const struct program *p;
    const char *folder; /* of its input */
    const char *in;     /* where the captures are that go in */
    bool changes;
    unsigned cores;
};

static void arguments(struct args *a, const struct test *t, bool traced)
{
    const struct nfl_module *m = t->p->modules[0];

    add(a, "soak");
    for (unsigned i = 0; i < m->n_ports; i++)
        add(a, "--port=%s=pcap:%s/%s.pcap,%s.pcap", m->ports[i], t->in,
            m->ports[i], m->ports[i]);
    if (t->changes)
        add(a, "--changes=%s/changes", t->folder);
    add(a, "--json");
    add(a, "--state=state");
    if (traced)
        add(a, "--trace=trace");
}

/* layout: a file of modules, or -1, the interpreter. All that is written lies
 * in WORK/TO. */
static int run(const struct test *t, int layout, struct args *a, const char *to)
{
    char path[LINE];
    int status, out;

    snprintf(path, sizeof(path), "%s/%s", work, to);
    mkdir(path, 0700);
    if (chdir(path) != 0)
        abort();
    out = open("report", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0 || dup2(out, STDOUT_FILENO) < 0)
        abort();
    close(out);
    if (layout < 0) {
        struct unit u = t->p->unit;

        status = interp_run(&u, a->n, a->v);
    } else {
        status = nfl_heap_run(t->p->modules[layout], a->n, a->v);
    }
    fflush(stdout);
    return status;
}

/* ---- what differs ---- */

static char *bytes_of(const char *run, const char *name, size_t *len)
{
    char path[LINE], *bytes;
    struct stat st;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "%s/%s/%s", work, run, name);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) != 0 || !(bytes = malloc((size_t)st.st_size + 1)))
        abort();
    n = read(fd, bytes, (size_t)st.st_size);
    close(fd);
    *len = n < 0 ? 0 : (size_t)n;
    return bytes;
}

static bool same_file(const char *a, const char *b, const char *name)
{
    size_t n = 0, m = 0;
    char *x = bytes_of(a, name, &n), *y = bytes_of(b, name, &m);
    bool same = x && y && n == m && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

/* NULL, or the first of its files that is not the same. */
static const char *difference(const struct test *t, const char *a,
                              const char *b, bool traced)
{
    const struct nfl_module *m = t->p->modules[0];
    static char name[256];

    for (unsigned i = 0; i < m->n_ports; i++) {
        snprintf(name, sizeof(name), "%s.pcap", m->ports[i]);
        if (!same_file(a, b, name))
            return name;
    }
    if (traced && !same_file(a, b, "trace"))
        return "trace";
    if (!same_file(a, b, "state"))
        return "state";
    return same_file(a, b, "report") ? NULL : "report";
}

/* ---- a case ---- */

static void release(struct args *a)
{
    while (a->n > 0)
        free(a->v[--a->n]);
}

static bool differ(const struct test *t, const char *layout, const char *what)
{
    fprintf(said, "differ %u %s %s: %s\n", t->p->number, t->folder, layout,
            what);
    fflush(said);
    return false;
}

static bool run_as(const struct test *t, int layout, const char *to,
                   bool traced)
{
    struct args a = {.n = 0};
    int status;

    arguments(&a, t, traced);
    status = run(t, layout, &a, to);
    release(&a);
    return status == 0 || differ(t, to, "exit status");
}

static bool compare(const struct test *t, int layout, bool traced)
{
    const char *what;
    char to[32];

    snprintf(to, sizeof(to), "%s%d", traced ? "traced" : "plain", layout);
    if (!run_as(t, layout, to, traced))
        return false;
    what = difference(t, "interp", to, traced);
    return !what || differ(t, to, what);
}

/* On several cores, atomic state changes in an order that the run tells, and
 * the interpreter follows. */
static bool compare_cores(const struct test *t)
{
    struct args a = {.n = 0};
    const char *what = "exit status";

    arguments(&a, t, true);
    add(&a, "--cores=%u", t->cores);
    add(&a, "--order=%s/order", work);
    if (run(t, 0, &a, "cores") == 0) {
        release(&a);
        arguments(&a, t, true);
        add(&a, "--order=%s/order", work);
        if (run(t, -1, &a, "ordered") == 0)
            what = difference(t, "ordered", "cores", true);
    }
    release(&a);
    return !what || differ(t, "cores", what);
}

/* Lets peers answer what leaves the chains: they meet its translations. */
static bool with_answers(struct test *t, uint64_t seed)
{
    const struct nfl_module *m = t->p->modules[0];
    static char in[LINE];

    if (!run_as(t, -1, "asked", true))
        return false;
    snprintf(in, sizeof(in), "%s/in", work);
    mkdir(in, 0700);
    for (unsigned i = 0; i < m->n_ports; i++) {
        struct args a = {.n = 0};

        add(&a, "%s/%s.pcap", t->folder, m->ports[i]);
        add(&a, "%s/asked/%s.pcap", work, m->ports[i]);
        add(&a, "%s/%s.pcap", in, m->ports[i]);
        if (!answer(a.v[0], a.v[1], a.v[2], seed + i))
            abort();
        release(&a);
    }
    t->in = in;
    return true;
}

static void one_case(const struct program *p, char *words)
{
    struct test t = {.p = p, .folder = strtok(words, " "), .cores = 1};
    unsigned long seed = 0;
    char *word;
    bool answers = false, good;

    snprintf(at_hand, LINE, "%s", t.folder);
    t.in = t.folder;
    while ((word = strtok(NULL, " ")))
        if (strcmp(word, "changes") == 0)
            t.changes = true;
        else if (sscanf(word, "answer=%lu", &seed) == 1)
            answers = true;
        else if (sscanf(word, "cores=%u", &t.cores) != 1)
            abort();
    good =
        (!answers || with_answers(&t, seed)) && run_as(&t, -1, "interp", true);
    for (unsigned i = 0; good && i < n_files; i++)
        good = compare(&t, (int)i, true);
    good = good && compare(&t, 0, false);
    if (good && t.cores > 1)
        good = compare_cores(&t);
    if (good)
        fprintf(said, "same %u %s\n", p->number, t.folder);
}

/* ---- the list ---- */

/* In a process of its own: what crashes is this program only. */
static void program(struct program *p, const char *path, char *const *cases,
                    unsigned n)
{
    int status = 0;
    pid_t child;

    if (!load(p, path)) {
        diags_print(p->unit.diags, stderr, false);
        fprintf(said, "differ %u %s load: it is no program\n", p->number, path);
        return;
    }
    fflush(NULL);
    child = fork();
    if (child < 0)
        abort();
    if (child == 0) {
        for (unsigned i = 0; i < n; i++) {
            alarm(SLOW);
            one_case(p, cases[i]);
        }
        tell_edges(p->number);
        fflush(said);
        _exit(0);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status != 0)
        fprintf(said, "differ %u %s crash: signal %d\n", p->number, at_hand,
                WTERMSIG(status));
    arena_free(p->unit.arena);
}

static void all(FILE *list)
{
    static char line[LINE], path[LINE];
    static char *cases[LINE];
    struct program p = {.number = 0};
    unsigned n = 0;
    bool any = false, more;

    do {
        more = fgets(line, sizeof(line), list) != NULL;
        line[more ? strcspn(line, "\n") : 0] = '\0';
        if (more && strncmp(line, "case ", 5) == 0 && n < LINE) {
            cases[n++] = strdup(line + 5);
            continue;
        }
        if (any)
            program(&p, path, cases, n);
        while (n > 0)
            free(cases[--n]);
        any = sscanf(line, "program %u %s", &p.number, path) == 2;
    } while (more);
}

int main(int argc, char **argv)
{
    FILE *list;

    if (argc < 5 || argc - 4 > FILES)
        return 2;
    stdlib = argv[1];
    work = argv[2];
    list = fopen(argv[3], "r");
    said = fdopen(dup(STDOUT_FILENO), "w");
    while (argv[4 + n_files]) {
        files[n_files].so = dlopen(argv[4 + n_files], RTLD_NOW | RTLD_LOCAL);
        if (!files[n_files++].so)
            fprintf(stderr, "soak: %s\n", dlerror());
        if (!files[n_files - 1].so)
            return 2;
    }
    at_hand = mmap(NULL, LINE, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!list || !said || at_hand == MAP_FAILED)
        return 2;
    setvbuf(said, NULL, _IOLBF, 0); /* a line that was begun is not lost */
    all(list);
    tell_all_edges();
    return fclose(said) == 0 ? 0 : 1;
}
