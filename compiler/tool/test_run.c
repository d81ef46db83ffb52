#include "tool/test_run.h"

#include "interp/interp.h"
#include "sema/tree.h"
#include "tool/words.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <nfl/capture.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 60, ERR_BYTES = 512 }; /* seconds for one run */

struct running {
    struct arena *arena;
    struct unit *u;
    const struct layout *layout;
    const struct script *script;
    unsigned n; /* packets */
    const char *folder, *tag, *order;
    struct outcome *to;
};

static void failed(struct running *r, const char *why)
{
    if (!r->to->failed)
        r->to->failed = arena_str(r->arena, why);
}

static const char *path_of(struct running *r, const char *what)
{
    return arena_fmt(r->arena, "%s/%s.%s", r->folder, r->tag, what);
}

/* ---- what goes in ---- */

static const char *input_of(struct running *r, const struct port *p)
{
    return path_of(r, arena_fmt(r->arena, "%s.in.pcap", p->name));
}

static void write_input(struct running *r, const struct port *p)
{
    char err[ERR_BYTES];
    struct nfl_capture_out *c =
        nfl_capture_create(input_of(r, p), err, sizeof(err));
    const struct frame *f = r->script->in.first;
    bool good = c != NULL;

    for (unsigned i = 0; good && i < r->n; i++, f = f->next)
        if (f->port == p->index)
            good = nfl_capture_write(c, f->time, f->bytes, (uint32_t)f->len);
    if (c)
        good = nfl_capture_finish(c, true, err, sizeof(err)) && good;
    if (!good)
        failed(r, err);
}

/* The changes that are due by the last packet, in order. */
static const char *write_changes(struct running *r)
{
    const char *path = path_of(r, "changes");
    const struct setting *s;
    unsigned n = 0;
    FILE *to = NULL;

    LIST_EACH (s, &r->script->settings) {
        if (!s->time)
            continue;
        if (!to && !(to = fopen(path, "we"))) {
            failed(r, strerror(errno));
            return NULL;
        }
        fprintf(to, "%llu.%03llu %s\n",
                (unsigned long long)(s->time / 1000000000),
                (unsigned long long)(s->time / 1000000 % 1000), s->text);
        n++;
    }
    if (to && fclose(to) != 0)
        failed(r, strerror(errno));
    return n ? path : NULL;
}

static void arguments(struct running *r, struct words *argv)
{
    const char *changes = write_changes(r);
    const struct setting *s;
    const struct port *p;

    words_add(argv, r->layout->binary ? r->layout->binary : "nflc");
    LIST_EACH (p, &r->u->tree->ports) {
        write_input(r, p);
        words_add(argv, "--port");
        words_add(
            argv,
            arena_fmt(r->arena, "%s=pcap:%s,%s", p->name, input_of(r, p),
                      path_of(r, arena_fmt(r->arena, "%s.pcap", p->name))));
    }
    LIST_EACH (s, &r->script->settings) {
        if (s->time)
            continue;
        words_add(argv, "--set");
        words_add(argv, s->text);
    }
    if (changes)
        words_add(argv, arena_fmt(r->arena, "--changes=%s", changes));
    words_add(argv, "--json");
    words_add(argv, arena_fmt(r->arena, "--trace=%s", path_of(r, "trace")));
    words_add(argv, arena_fmt(r->arena, "--state=%s", path_of(r, "state")));
    if (r->order)
        words_add(argv, arena_fmt(r->arena, "--order=%s", r->order));
    if (r->layout->cores > 1)
        words_add(argv, arena_fmt(r->arena, "--cores=%u", r->layout->cores));
}

/* ---- the process ---- */

static void redirect(const char *path, int to)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || dup2(fd, to) < 0)
        _exit(126);
}

static void child(struct running *r, struct words *argv)
{
    int status;

    redirect(path_of(r, "json"), STDOUT_FILENO);
    redirect(path_of(r, "errors"), STDERR_FILENO);
    alarm(PATIENCE);
    if (r->layout->binary) {
        execv(r->layout->binary, (char **)(uintptr_t)argv->v);
        _exit(127);
    }
    status = interp_run(r->u, (int)argv->n, (char **)(uintptr_t)argv->v);
    fflush(NULL);
    _exit(status);
}

/* Its exit status, or 128 + the signal that ended it. */
static int run(struct running *r, struct words *argv)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        child(r, argv);
    if (pid < 0)
        return 126;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- what comes out ---- */

static char *read_text(struct running *r, const char *path)
{
    char *text = NULL;
    size_t n = 0, room = 0, got;
    FILE *f = fopen(path, "re");

    while (f) {
        char *more = arena_alloc(r->arena, room = 2 * room + 4096);

        memcpy(more, text ? text : "", n);
        text = more;
        got = fread(text + n, 1, room - n - 1, f);
        n += got;
        if (n < room - 1)
            break;
    }
    if (f)
        fclose(f);
    return text ? text : arena_str(r->arena, "");
}

static struct lines split(struct running *r, char *text)
{
    struct lines l = {NULL, 0};
    unsigned n = 1;

    for (const char *p = text; *p; p++)
        n += *p == '\n';
    l.v = arena_alloc(r->arena, n * sizeof(char *));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        l.v[l.n++] = line;
    return l;
}

frames *test_capture(struct arena *a, const char *path, unsigned port,
                     const char **why)
{
    frames *list = ARENA_NEW(a, frames);
    char err[ERR_BYTES] = "";
    struct nfl_capture_in *c = nfl_capture_open(path, err, sizeof(err));
    struct nfl_frame f;
    struct frame *to;
    int got = c ? 1 : -1;

    while (c && (got = nfl_capture_next(c, &f, err, sizeof(err))) > 0) {
        to = ARENA_NEW(a, struct frame);
        to->time = f.time;
        to->port = port;
        to->len = f.len;
        to->bytes = arena_dup(a, f.data, f.len + (f.len == 0));
        LIST_ADD(list, to);
    }
    if (c)
        nfl_capture_close(c);
    if (got == 0)
        return list;
    *why = arena_str(a, err);
    return NULL;
}

static const char *text_of(struct running *r, const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text ? arena_str(r->arena, text) : NULL;
}

static uint64_t number_of(const json_t *o, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(o, key));
}

static void read_report(struct running *r, const char *text)
{
    json_t *all = json_loads(text, 0, NULL), *one;
    struct drop_row *d;
    struct flow_row *f;
    size_t i;

    json_array_foreach(json_object_get(all, "drops"), i, one)
    {
        d = ARENA_NEW(r->arena, struct drop_row);
        d->nf = text_of(r, one, "nf");
        d->reason = text_of(r, one, "reason");
        d->packets = number_of(one, "packets");
        LIST_ADD(&r->to->drops, d);
    }
    json_array_foreach(json_object_get(all, "flows"), i, one)
    {
        f = ARENA_NEW(r->arena, struct flow_row);
        f->chain = text_of(r, one, "chain");
        f->live = number_of(one, "live");
        LIST_ADD(&r->to->flows, f);
    }
    if (!all)
        failed(r, "its report is no JSON");
    json_decref(all);
}

static void read_outcome(struct running *r)
{
    struct outcome *to = r->to;
    const struct port *p;
    const char *why = "";
    char *report = read_text(r, path_of(r, "json"));
    frames *list;

    to->out =
        arena_alloc(r->arena, (r->u->tree->ports.n + 1) * sizeof(*to->out));
    LIST_EACH (p, &r->u->tree->ports) {
        list = test_capture(r->arena,
                            path_of(r, arena_fmt(r->arena, "%s.pcap", p->name)),
                            p->index, &why);
        if (list)
            to->out[p->index] = *list;
        else
            failed(r, why);
    }
    read_report(r, report);
    to->report = split(r, report);
    to->trace = split(r, read_text(r, path_of(r, "trace")));
    to->state = split(r, read_text(r, path_of(r, "state")));
}

struct outcome *test_run(struct unit *u, const struct layout *l,
                         const struct script *s, unsigned n, const char *folder,
                         const char *tag, const char *order)
{
    struct outcome *to = ARENA_NEW(u->arena, struct outcome);
    struct running r = {u->arena, u, l, s, n, folder, tag, order, to};
    struct words argv = words_new(u->arena, NULL, NULL);
    int status;

    arguments(&r, &argv);
    if (to->failed)
        return to;
    status = run(&r, &argv);
    if (status == 0) {
        read_outcome(&r);
    } else if (status > 128) {
        to->failed =
            arena_fmt(u->arena, "it was ended by signal %d%s", status - 128,
                      status == 128 + 14 ? ": it took too long" : "");
    } else {
        struct lines err = split(&r, read_text(&r, path_of(&r, "errors")));

        to->failed = err.n ? err.v[err.n - 1]
                           : arena_fmt(u->arena, "exit status %d", status);
    }
    return to;
}
