/* nflc test: which files, several of them at once, and what is printed in the
 * end. Each file has a process of its own, which hands back what it printed and
 * a JSON object. */
#include "tool/test.h"

#include "base/arena.h"
#include "tool/process.h"
#include "tool/test_file.h"
#include "tool/test_junit.h"
#include "tool/words.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
    const char *path;
    pid_t pid;  /* 0: not started */
    FILE *text; /* what it printed */
    FILE *json;
    bool ended;
};

struct all {
    const struct settings *s;
    test_passes *passes;
    struct arena *arena;
    struct job *jobs;
    unsigned n, started, running;
    json_t *results; /* array, by file */
    unsigned passed, failed, broken;
};

/* ---- which files ---- */

/* A line of it begins with: test "... */
static bool has_test(const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool has = false;

    while (f && !has && getline(&line, &room, f) > 0)
        has = strncmp(line, "test", 4) == 0 &&
              line[4 + strspn(line + 4, " \t")] == '"';
    free(line);
    if (f)
        fclose(f);
    return has;
}

static bool is_nfl(const char *name)
{
    size_t n = strlen(name);

    return n > 4 && strcmp(name + n - 4, ".nfl") == 0;
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

/* Files with tests below the folder, in the order of their names. */
static void add_folder(struct words *to, const char *folder)
{
    struct dirent **list;
    struct stat st;
    int n = scandir(folder, &list, visible, alphasort);

    for (int i = 0; i < n; i++) {
        const char *path = arena_fmt(
            to->arena, "%s%s%s", folder,
            folder[strlen(folder) - 1] == '/' ? "" : "/", list[i]->d_name);

        if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            add_folder(to, path);
        else if (is_nfl(path) && has_test(path))
            words_add(to, path);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

static void find_files(struct all *all)
{
    struct words files = words_new(all->arena, NULL, NULL);
    struct stat st;

    for (unsigned i = 0; i < all->s->n_files; i++)
        if (stat(all->s->files[i], &st) == 0 && S_ISDIR(st.st_mode))
            add_folder(&files, all->s->files[i]);
        else
            words_add(&files, all->s->files[i]);
    all->n = files.n;
    all->jobs = arena_alloc(all->arena, (files.n + 1) * sizeof(*all->jobs));
    for (unsigned i = 0; i < files.n; i++)
        all->jobs[i].path = files.v[i];
}

/* ---- jobs ---- */

static void work(struct all *all, struct job *j)
{
    json_t *o;

    if (dup2(fileno(j->text), STDOUT_FILENO) < 0 ||
        dup2(fileno(j->text), STDERR_FILENO) < 0)
        _exit(126);
    process_guard();
    o = test_file(all->s, all->passes, j->path);
    json_dumpf(o, j->json, 0);
    fflush(NULL);
    _exit(0);
}

static bool start(struct all *all)
{
    struct job *j = &all->jobs[all->started++];

    j->text = tmpfile();
    j->json = tmpfile();
    fflush(NULL);
    j->pid = j->text && j->json ? fork() : -1;
    if (j->pid == 0)
        work(all, j);
    j->ended = j->pid < 0;
    all->running += j->pid > 0;
    return j->pid > 0;
}

static void wait_one(struct all *all)
{
    pid_t pid = waitpid(-1, NULL, 0);

    for (unsigned i = 0; pid > 0 && i < all->started; i++)
        if (all->jobs[i].pid == pid) {
            all->jobs[i].ended = true;
            all->running--;
        }
}

static void copy(FILE *from, FILE *to)
{
    char buf[4096];
    size_t n;

    rewind(from);
    while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
        fwrite(buf, 1, n, to);
}

static void count(struct all *all, json_t *o)
{
    json_t *t;
    size_t i;

    all->broken += json_object_get(o, "error") != NULL;
    json_array_foreach(json_object_get(o, "tests"), i, t)
    {
        if (strcmp(json_string_value(json_object_get(t, "status")), "passed"))
            all->failed++;
        else
            all->passed++;
    }
}

static void finish(struct all *all, struct job *j)
{
    json_t *o = NULL;

    if (j->text)
        copy(j->text, all->s->json ? stderr : stdout);
    if (j->json) {
        rewind(j->json);
        o = json_loadf(j->json, 0, NULL);
    }
    if (!o)
        o = json_pack("{s:s, s:s}", "file", j->path, "error",
                      "its tests came to no end");
    if (json_object_get(o, "error"))
        fprintf(stderr, "nflc: %s: %s\n", j->path,
                json_string_value(json_object_get(o, "error")));
    count(all, o);
    json_array_append_new(all->results, o);
    if (j->text)
        fclose(j->text);
    if (j->json)
        fclose(j->json);
}

/* In order, as soon as those before are done. */
static void run_jobs(struct all *all)
{
    long most = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned next = 0;

    while (next < all->n) {
        while (all->started < all->n && all->running < (unsigned)most &&
               !process_signal())
            start(all);
        if (next >= all->started)
            break;
        if (!all->jobs[next].ended)
            wait_one(all);
        else
            finish(all, &all->jobs[next++]);
    }
}

/* ---- the end ---- */

static void summarise(const struct all *all)
{
    FILE *to = all->s->json ? stderr : stdout;

    fprintf(to, "%u passed, %u failed", all->passed, all->failed);
    if (all->broken)
        fprintf(to, ", %u file%s with errors", all->broken,
                all->broken == 1 ? "" : "s");
    fputc('\n', to);
}

static bool write_results(const struct all *all)
{
    bool good = true;

    if (all->s->json) {
        json_dumpf(all->results, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    if (all->s->junit)
        good = junit_write(all->results, all->s->junit);
    return good;
}

int test_command(const struct settings *s, test_passes *passes)
{
    struct all all = {.s = s, .passes = passes, .arena = s->arena};
    bool good;

    all.results = json_array();
    find_files(&all);
    if (all.n == 0) {
        fprintf(stderr, "nflc: there is no file with tests\n");
        return 2;
    }
    process_guard();
    run_jobs(&all);
    summarise(&all);
    good = write_results(&all);
    json_decref(all.results);
    if (all.passed + all.failed + all.broken == 0)
        return 2;
    return good && !all.failed && !all.broken && !process_signal() ? 0 : 1;
}
