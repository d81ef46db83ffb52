/* The process of --health. It has no rights but those of its user, no shell
 * and no file of the program, and ends with it. */
#include "ctl/health_msg.h"
#include "ctl/rights.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 32, FD = 3, FAR = 60000 };

struct check {
    struct nfl_health_host host;
    bool up;
    unsigned streak; /* answers in a row that say otherwise */
    pid_t pid;       /* 0: nothing runs */
    bool killed;
    int64_t began, due; /* ms */
};

struct target {
    const struct nfl_health_spec *spec;
    char **argv; /* its words, room for address and port, NULL */
    struct check *checks;
    unsigned n;
};

static struct {
    const struct nfl_options *o;
    struct target *targets;
    unsigned running;
    sigset_t waiting; /* what is blocked while it sleeps: nothing */
} helper;

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what it says ---- */

static void say(unsigned target, enum nfl_health_what what,
                const struct nfl_health_host *host, const char *why)
{
    struct nfl_health_news n = {.target = target, .what = what};

    if (host)
        n.host = *host;
    snprintf(n.why, sizeof(n.why), "%s", why);
    if (send(FD, &n, sizeof(n), MSG_NOSIGNAL) < 0 && errno != EINTR)
        _exit(0);
}

static void judge(unsigned target, struct check *c, bool good, const char *why)
{
    unsigned need = c->up ? helper.o->health_fall : helper.o->health_rise;

    if (good == c->up) {
        c->streak = 0;
        return;
    }
    if (++c->streak < need)
        return;
    c->up = good;
    c->streak = 0;
    say(target, good ? NFL_HEALTH_UP : NFL_HEALTH_DOWN, &c->host, why);
}

static void answered(unsigned target, struct check *c, int status)
{
    char why[80];
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !c->killed;

    if (c->killed)
        snprintf(why, sizeof(why), "no answer within %u s",
                 helper.o->health_deadline);
    else if (WIFEXITED(status))
        snprintf(why, sizeof(why), "exit status %d", WEXITSTATUS(status));
    else
        snprintf(why, sizeof(why), "killed by signal %d", WTERMSIG(status));
    c->pid = 0;
    helper.running--;
    judge(target, c, good, why);
}

/* ---- commands ---- */

static _Noreturn void become(char **argv)
{
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    static char words[] = "LC_ALL=C";
    static char *const environment[] = {path, words, NULL};
    sigset_t none;
    int i;

    setpgid(0, 0);
    for (i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close(FD);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execve(argv[0], argv, environment);
    _exit(127);
}

static void begin(struct target *t, struct check *c, int64_t now)
{
    char addr[INET6_ADDRSTRLEN], port[8];

    c->due = now + 1000 * (int64_t)helper.o->health_every;
    c->began = now;
    c->killed = false;
    inet_ntop(c->host.v6 ? AF_INET6 : AF_INET, c->host.addr, addr,
              sizeof(addr));
    snprintf(port, sizeof(port), "%u", c->host.port);
    t->argv[t->spec->argc] = addr;
    t->argv[t->spec->argc + 1] = port;
    c->pid = fork();
    if (c->pid == 0)
        become(t->argv);
    if (c->pid < 0) {
        c->pid = 0; /* of the backend nothing is known */
        return;
    }
    setpgid(c->pid, c->pid); /* whoever comes first */
    helper.running++;
}

static void end(struct check *c)
{
    if (c->pid)
        kill(-c->pid, SIGKILL);
    c->killed = true;
}

/* The deadlines and the begins that are due; when the next one is. */
static int64_t step(struct target *t, int64_t now, int64_t next)
{
    int64_t deadline = 1000 * (int64_t)helper.o->health_deadline, at;
    unsigned i;

    for (i = 0; i < t->n; i++) {
        struct check *c = &t->checks[i];

        if (c->pid && !c->killed && now >= c->began + deadline)
            end(c);
        else if (!c->pid && now >= c->due && helper.running < AT_ONCE)
            begin(t, c, now);
        if (c->pid && c->killed)
            continue; /* SIGCHLD comes */
        at = c->pid ? c->began + deadline : c->due;
        if (at < next && (c->pid || helper.running < AT_ONCE))
            next = at;
    }
    return next;
}

static void reap(void)
{
    unsigned i, k;
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (i = 0; i < helper.o->n_health; i++)
            for (k = 0; k < helper.targets[i].n; k++)
                if (helper.targets[i].checks[k].pid == pid)
                    answered(i, &helper.targets[i].checks[k], status);
}

/* ---- what it is told ---- */

static bool same(const struct nfl_health_host *a,
                 const struct nfl_health_host *b)
{
    return a->v6 == b->v6 && a->port == b->port &&
           memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* A backend that stays goes on as it is; a new one is up at first. */
static void take(struct target *t, struct check *to,
                 const struct nfl_health_host *host)
{
    unsigned i;

    *to = (struct check){.host = *host, .up = true};
    for (i = 0; i < t->n; i++)
        if (same(&t->checks[i].host, host)) {
            *to = t->checks[i];
            t->checks[i].pid = 0;
            t->checks[i].up = true;
        }
}

static void told(const struct nfl_health_list *l)
{
    struct target *t = &helper.targets[l->target];
    struct check *checks = calloc(l->n + 1, sizeof(*checks));
    unsigned i;

    if (!checks)
        _exit(1);
    for (i = 0; i < l->n; i++)
        take(t, &checks[i], &l->hosts[i]);
    for (i = 0; i < t->n; i++) {
        helper.running -= t->checks[i].pid != 0;
        end(&t->checks[i]);
        if (!t->checks[i].up)
            say(l->target, NFL_HEALTH_FORGOTTEN, &t->checks[i].host, "");
    }
    free(t->checks);
    t->checks = checks;
    t->n = l->n;
}

static void hear(void)
{
    static struct nfl_health_list l;
    ssize_t n = recv(FD, &l, sizeof(l), MSG_DONTWAIT);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        unsigned i, k;

        for (i = 0; i < helper.o->n_health; i++)
            for (k = 0; k < helper.targets[i].n; k++)
                end(&helper.targets[i].checks[k]);
        _exit(0);
    }
    if (n > 0 && l.target < helper.o->n_health && l.n <= NFL_BACKENDS_MAX)
        told(&l);
}

/* ---- its life ---- */

static void on_child(int number)
{
    (void)number;
}

/* SIGCHLD comes only while it sleeps. The others are the program's. */
static void take_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction child = {.sa_handler = on_child};
    sigset_t block;
    size_t i;

    for (i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&helper.waiting);
    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigprocmask(SIG_SETMASK, &block, NULL);
    sigaction(SIGCHLD, &child, NULL);
}

/* Only FD stays; 0, 1 and 2 are nothing. */
static void leave_files(int fd)
{
    int null = open("/dev/null", O_RDWR), i;

    for (i = 0; i < FD; i++)
        dup2(null, i);
    if (fd != FD)
        dup2(fd, FD);
    close_range(FD + 1, ~0u, 0);
    fcntl(FD, F_SETFD, FD_CLOEXEC);
}

/* Why the command cannot be run; NULL: it can. */
static const char *unfit(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return strerror(errno);
    if (!S_ISREG(st.st_mode))
        return "it is no program";
    return access(path, X_OK) == 0 ? NULL : strerror(errno);
}

static void prepare(void)
{
    const struct nfl_options *o = helper.o;
    unsigned i;

    helper.targets = calloc(o->n_health + 1, sizeof(*helper.targets));
    for (i = 0; helper.targets && i < o->n_health; i++) {
        const struct nfl_health_spec *s = &o->health[i];
        struct target *t = &helper.targets[i];
        const char *why = unfit(s->argv[0]);

        t->spec = s;
        t->argv = calloc(s->argc + 3, sizeof(*t->argv));
        if (!why && !t->argv)
            why = "no memory";
        if (why) {
            char text[200];

            snprintf(text, sizeof(text), "cannot run %.100s: %s", s->argv[0],
                     why);
            say(i, NFL_HEALTH_FAILED, NULL, text);
            _exit(1);
        }
        memcpy(t->argv, s->argv, s->argc * sizeof(*t->argv));
    }
    if (!helper.targets)
        _exit(1);
}

_Noreturn void nfl_health_helper(int fd, const struct nfl_options *o)
{
    struct pollfd in = {.fd = FD, .events = POLLIN};
    const char *why;

    helper.o = o;
    setsid();
    prctl(PR_SET_NAME, "health");
    take_signals();
    leave_files(fd);
    why = nfl_rights_shed();
    if (why) {
        say(0, NFL_HEALTH_FAILED, NULL, why);
        _exit(1);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prepare();
    say(0, NFL_HEALTH_READY, NULL, "");
    for (;;) {
        int64_t now = now_ms(), next = now + FAR;
        struct timespec sleep;
        unsigned i;

        for (i = 0; i < o->n_health; i++)
            next = step(&helper.targets[i], now, next);
        next = next > now ? next - now : 0;
        sleep = (struct timespec){next / 1000, next % 1000 * 1000000};
        if (ppoll(&in, 1, &sleep, &helper.waiting) > 0)
            hear();
        reap();
    }
}
