#include "tool/test_file.h"

#include "tool/diag_json.h"

#include "base/diag.h"
#include "base/snippet.h"
#include "sema/tree.h"
#include "tool/binary.h"
#include "tool/ccode.h"
#include "tool/build.h"
#include "tool/process.h"
#include "tool/test_check.h"
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const layout_names[LAYOUT_N] = {"interp", "heap", "heap2", "dpdk",
                                            "dpdk2"};

struct file {
    const struct settings *s;
    struct arena *arena;
    struct unit u;
    const char *folder;            /* of the binaries */
    struct layout of[LAYOUT_N];    /* name NULL: not in this run */
    const char *skipped[LAYOUT_N]; /* why not, though it was asked for */
    unsigned number;               /* of the test at hand, from 1 */
};

static bool asked(const struct file *f, enum test_layout l)
{
    return f->s->layouts & (1u << l);
}

/* ---- folders ---- */

static const char *new_folder(struct arena *a)
{
    const char *tmp = getenv("TMPDIR");
    char *path =
        arena_fmt(a, "%s/nflc-test.XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (mkdtemp(path))
        return path;
    fprintf(stderr, "nflc: cannot make a folder %s: %s\n", path,
            strerror(errno));
    return NULL;
}

/* It holds files only. */
static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;

    while (d && (e = readdir(d)))
        unlinkat(dirfd(d), e->d_name, 0); /* "." and ".." stay */
    if (d)
        closedir(d);
    rmdir(path);
}

static const char *stem(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);

    if (n > 4 && strcmp(base + n - 4, ".nfl") == 0)
        n -= 4;
    return arena_strn(a, base, n);
}

/* Below --captures, or a temporary one. */
static const char *test_folder(struct file *f)
{
    const char *path;

    if (!f->s->captures)
        return new_folder(f->arena);
    path = arena_fmt(f->arena, "%s/%s-%u", f->s->captures,
                     stem(f->arena, f->u.path), f->number);
    if ((mkdir(f->s->captures, 0777) == 0 || errno == EEXIST) &&
        (mkdir(path, 0777) == 0 || errno == EEXIST))
        return path;
    fprintf(stderr, "nflc: cannot make a folder %s: %s\n", path,
            strerror(errno));
    return NULL;
}

/* ---- binaries ---- */

static bool build_binary(struct file *f, bool heap, const char *path)
{
    struct settings s = *f->s;
    const char *files[] = {f->u.path, NULL};
    struct build b;
    struct blob bin;

    s.command = CMD_run;
    s.files = files;
    s.n_files = 1;
    s.heap = heap;
    s.keep = false;
    if (heap && s.lto == LTO_AUTO)
        s.lto = LTO_NO;
    if (heap && s.optimise < 0)
        s.optimise = 0;
    return build_start(&b, f->arena, &s) < 0 && binary_make(&b, &f->u, &bin) &&
           blob_save(&bin, path, O_TRUNC, 0700);
}

/* Both at once. */
static bool build_binaries(struct file *f, const char *heap, const char *dpdk)
{
    bool good = true;
    int status = 0;
    pid_t pid = -1;

    fflush(NULL);
    if (heap && dpdk)
        pid = fork();
    if (pid == 0)
        _exit(build_binary(f, true, heap) ? 0 : 1);
    if (heap && pid < 0)
        good = build_binary(f, true, heap);
    if (dpdk)
        good = build_binary(f, false, dpdk) && good;
    if (pid > 0)
        good = waitpid(pid, &status, 0) == pid && status == 0 && good;
    return good;
}

/* A core without a shard would have nothing to do. */
static const char *why_not_two(const struct file *f)
{
    const struct chain *c;
    cpu_set_t cpus;

    if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) < 2)
        return "there is one CPU";
    LIST_EACH (c, &f->u.tree->chains)
        if (c->shards > 1)
            return NULL;
    return "its chains have one shard";
}

static bool set_layouts(struct file *f)
{
    static const unsigned cores[LAYOUT_N] = {1, 1, 2, 1, 2};
    const char *heap = arena_fmt(f->arena, "%s/heap", f->folder);
    const char *dpdk = arena_fmt(f->arena, "%s/dpdk", f->folder);
    bool any[2] = {false, false};

    for (unsigned i = 0; i < LAYOUT_N; i++) {
        if (!asked(f, i))
            continue;
        f->skipped[i] = cores[i] > 1 ? why_not_two(f) : NULL;
        if (f->skipped[i])
            continue;
        f->of[i].name = layout_names[i];
        f->of[i].cores = cores[i];
        if (i != LAYOUT_INTERP)
            f->of[i].binary = i < LAYOUT_DPDK ? heap : dpdk;
        any[i >= LAYOUT_DPDK] |= i != LAYOUT_INTERP;
    }
    return ccode_load(&f->u, f->s) &&
           build_binaries(f, any[0] ? heap : NULL, any[1] ? dpdk : NULL);
}

/* ---- one test ---- */

static json_t *result(const struct ttest *t, const char *status,
                      const char *message)
{
    return json_pack("{s:s, s:i, s:s, s:s*}", "name", t->name, "line",
                     (int)loc_linecol(t->loc).line, "status", status, "message",
                     message);
}

static void run_layouts(struct file *f, struct check *k)
{
    check_interp(k);
    for (unsigned i = LAYOUT_INTERP + 1; i < LAYOUT_N && !k->failures; i++)
        if (f->of[i].name && !process_signal())
            check_layout(k, &f->of[i]);
}

static json_t *run_test(struct file *f, const struct ttest *t)
{
    struct check k = {.u = &f->u, .test = t, .folder = test_folder(f)};
    char *text = NULL;
    size_t n;
    json_t *r;

    k.say = k.folder ? open_memstream(&text, &n) : NULL;
    if (!k.say)
        return result(t, "failed", "no memory, or no room for captures");
    run_layouts(f, &k);
    if (k.failures)
        fprintf(k.say, "    captures, traces and states: %s\n", k.folder);
    fclose(k.say);
    printf("%s %s\n%s", k.failures ? "FAIL" : "ok  ", t->name, text);
    r = result(t, k.failures ? "failed" : "passed", text);
    if (!k.failures && !f->s->keep)
        remove_folder(k.folder);
    free(text);
    return r;
}

static bool is_chosen(const struct file *f, const struct ttest *t)
{
    return !f->s->filter || strstr(t->name, f->s->filter);
}

/* ---- the file ---- */

static json_t *run_tests(struct file *f)
{
    json_t *all = json_array();
    const struct ttest *t;

    LIST_EACH (t, &f->u.tree->tests) {
        f->number++;
        if (is_chosen(f, t) && !process_signal())
            json_array_append_new(all, run_test(f, t));
    }
    return all;
}

static unsigned count_chosen(const struct file *f)
{
    const struct ttest *t;
    unsigned n = 0;

    LIST_EACH (t, &f->u.tree->tests)
        n += is_chosen(f, t);
    return n;
}

static const char *layouts_text(const struct file *f)
{
    const char *text = NULL;

    for (unsigned i = 0; i < LAYOUT_N; i++)
        if (f->of[i].name)
            text = text ? arena_fmt(f->arena, "%s, %s", text, f->of[i].name)
                        : f->of[i].name;
    return text;
}

static json_t *in_layouts(struct file *f)
{
    json_t *tests = NULL;

    f->folder = new_folder(f->arena);
    if (!f->folder)
        return NULL;
    if (set_layouts(f)) {
        printf("%s: %s\n", f->u.path, layouts_text(f));
        for (unsigned i = 0; i < LAYOUT_N; i++)
            if (f->skipped[i])
                printf("skip %s: %s\n", layout_names[i], f->skipped[i]);
        tests = run_tests(f);
    }
    remove_folder(f->folder);
    return tests;
}

json_t *test_file(const struct settings *s, test_passes *passes,
                  const char *path)
{
    struct file f = {.s = s, .arena = arena_new()};
    struct settings up_to = *s;
    json_t *o = json_pack("{s:s}", "file", path);
    json_t *tests = NULL;
    bool good;

    f.u = (struct unit){.arena = f.arena,
                        .diags = diags_new(f.arena),
                        .path = path,
                        .include = s->include,
                        .stdlib = s->stdlib,
                        .consolidate = !s->no_consolidate,
                        .tests = true};
    if (s->layouts == 1u << LAYOUT_INTERP)
        up_to.last = PASS_effects;
    good = passes(&f.u, &up_to);
    json_object_set_new(o, "diagnostics", diag_json(f.u.diags, up_to.remarks));
    if (!good)
        json_object_set_new(o, "error", json_string("it has errors"));
    else if (f.u.tree->tests.n == 0)
        json_object_set_new(o, "error", json_string("it has no tests"));
    else if (count_chosen(&f) == 0)
        tests = json_array();
    else if (!(tests = in_layouts(&f)))
        json_object_set_new(o, "error", json_string("it could not be built"));
    if (tests)
        json_object_set_new(o, "tests", tests);
    fflush(NULL);
    arena_free(f.arena);
    return o;
}
