#include "tool/process.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 1000 }; /* ms until a terminal is told what goes on */

static volatile sig_atomic_t caught;
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void note(int number)
{
    caught = number;
}

void process_guard(void)
{
    struct sigaction act = {.sa_handler = note}, old;

    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], NULL, &old);
        if (old.sa_handler != SIG_IGN)
            sigaction(signals[i], &act, NULL);
    }
}

void process_unguard(void)
{
    struct sigaction old;

    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        sigaction(signals[i], NULL, &old);
        if (old.sa_handler == note)
            signal(signals[i], SIG_DFL);
    }
}

int process_signal(void)
{
    return caught;
}

const char *process_find(struct arena *a, const char *name)
{
    const char *path = getenv("PATH"), *full;

    if (strchr(name, '/'))
        return access(name, X_OK) == 0 ? name : NULL;
    if (!path)
        path = "/usr/local/bin:/usr/bin:/bin";
    while (*path && *name) {
        int n = (int)strcspn(path, ":");

        full = arena_fmt(a, "%.*s/%s", n ? n : 1, n ? path : ".", name);
        if (access(full, X_OK) == 0)
            return full;
        path += n + (path[n] == ':');
    }
    return NULL;
}

static void show_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-+=.,:/@%";

    if (*word && word[strspn(word, plain)] == '\0') {
        fputs(word, stderr);
        return;
    }
    fputc('\'', stderr);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", stderr);
        else
            fputc(*word, stderr);
    fputc('\'', stderr);
}

void process_show(const struct words *argv)
{
    for (unsigned i = 0; i < argv->n; i++) {
        if (i)
            fputc(' ', stderr);
        show_word(argv->v[i]);
    }
    fputc('\n', stderr);
}

/* Messages of compilers are parsed and shown: always the same language, and no
 * file left behind by LLVM's crash handler. The environment of nflc itself
 * stays: a program that it runs inherits it. */
static char **plain_environment(struct arena *a)
{
    static char extra[][32] = {"LC_ALL=C", "LLVM_DISABLE_SYMBOLIZATION=1"};
    size_t n = 0, to = 0;
    char **list;

    while (environ[n])
        n++;
    list = arena_alloc(a, (n + 3) * sizeof(*list));
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], "LC_ALL=", 7) != 0 &&
            strncmp(environ[i], "LLVM_DISABLE_SYMB", 17) != 0)
            list[to++] = environ[i];
    list[to++] = extra[0];
    list[to++] = extra[1];
    list[to] = NULL;
    return list;
}

static int spawn(pid_t *pid, const struct words *argv,
                 const posix_spawn_file_actions_t *files)
{
    int error;

    if (caught) {
        errno = EINTR;
        return -1;
    }
    fflush(NULL);
    error = posix_spawnp(pid, argv->v[0], files, NULL,
                         (char *const *)(uintptr_t)argv->v,
                         plain_environment(argv->arena));
    if (error) {
        fprintf(stderr, "nflc: cannot run %s: %s\n", argv->v[0],
                strerror(error));
        return -1;
    }
    return 0;
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
        if (caught)
            kill(pid, caught);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Says what goes on if the process still runs after a while. */
static void be_patient(pid_t pid, const char *what)
{
    struct pollfd end = {.events = POLLIN};

    if (!what || !isatty(STDERR_FILENO))
        return;
    end.fd = pidfd_open(pid, 0);
    if (end.fd < 0)
        return;
    if (poll(&end, 1, PATIENCE) == 0)
        fprintf(stderr, "nflc: %s ...\n", what);
    close(end.fd);
}

int process_run(const struct words *argv, const char *what)
{
    pid_t pid;

    if (spawn(&pid, argv, NULL) < 0)
        return -1;
    be_patient(pid, what);
    return wait_for(pid);
}

int process_run_all(const struct words *argv, unsigned n, const char *what)
{
    long jobs = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned most = jobs > 1 ? (unsigned)jobs : 1, i, done = 0;
    int status = 0, one;
    pid_t *pid;

    if (n == 0)
        return 0;
    pid = arena_alloc(argv->arena, n * sizeof(*pid));
    for (i = 0; i < n && status == 0; i++) {
        if (i - done == most) {
            be_patient(pid[done], done == 0 ? what : NULL);
            status = wait_for(pid[done++]);
        }
        one = status ? status : spawn(&pid[i], &argv[i], NULL);
        if (one) {
            status = one;
            break;
        }
    }
    while (done < i) {
        one = wait_for(pid[done++]);
        status = status ? status : one;
    }
    return status;
}

static const char *read_all(struct arena *a, int fd)
{
    size_t size = 0, room = 1 << 16;
    char *text = mem_zeroed(room, 1), *kept;
    ssize_t n;

    while ((n = read(fd, text + size, room - size)) > 0 ||
           (n < 0 && errno == EINTR && !caught)) {
        size += n > 0 ? (size_t)n : 0;
        if (size == room)
            text = mem_resized(text, room *= 2, 1);
    }
    kept = arena_strn(a, text, size);
    free(text);
    return kept;
}

int process_capture(const struct words *argv, const char *what,
                    const char **out)
{
    posix_spawn_file_actions_t files;
    int fd[2], error;
    pid_t pid;

    *out = "";
    if (pipe2(fd, O_CLOEXEC) < 0) {
        fprintf(stderr, "nflc: cannot make a pipe: %s\n", strerror(errno));
        return -1;
    }
    if (posix_spawn_file_actions_init(&files) ||
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) ||
        posix_spawn_file_actions_adddup2(&files, fd[1], 1) ||
        posix_spawn_file_actions_adddup2(&files, fd[1], 2))
        mem_none();
    error = spawn(&pid, argv, &files);
    posix_spawn_file_actions_destroy(&files);
    close(fd[1]);
    if (!error) {
        be_patient(pid, what);
        *out = read_all(argv->arena, fd[0]);
    }
    close(fd[0]);
    return error ? -1 : wait_for(pid);
}
