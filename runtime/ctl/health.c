#include "ctl/health.h"
#include "ctl/health_msg.h"
#include "ctl/say.h"
#include "flow/reload.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_MS = 5000, LIST_SECONDS = 2, END_NAPS = 200 };

struct target {
    unsigned chain;
    const struct nfl_param_desc *param;
};

static struct {
    const struct nfl_options *o;
    const struct nfl_module *m;
    struct target *targets; /* as o->health */
    int fd;                 /* 0: there is no process */
    pid_t pid;
    pthread_t thread;
    bool threaded;
    /* What was said, and not yet taken. */
    pthread_mutex_t lock;
    struct nfl_health_news *news;
    unsigned n, room;
    atomic_bool pending, over;
} health = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the parameters ---- */

static bool is_it(const struct nfl_param_desc *p, const char *name)
{
    char full[300];

    snprintf(full, sizeof(full), "%s.%s.%s", p->chain, p->nf, p->name);
    return p->kind == NFL_PARAM_FILE && p->object >= 0 && !p->fixed &&
           strcmp(full, name) == 0;
}

static bool find_target(const struct nfl_module *m, const char *name,
                        struct target *to)
{
    unsigned i, k;

    for (i = 0; i < m->n_chains; i++)
        for (k = 0; k < m->chains[i]->n_params; k++)
            if (is_it(&m->chains[i]->params[k], name)) {
                *to = (struct target){i, &m->chains[i]->params[k]};
                return true;
            }
    nfl_error("--health: no parameter %s is made of a file of backends", name);
    return false;
}

static bool find_targets(const struct nfl_options *o,
                         const struct nfl_module *m)
{
    unsigned i;

    health.targets = calloc(o->n_health, sizeof(*health.targets));
    if (!health.targets) {
        nfl_error("no memory for --health");
        return false;
    }
    for (i = 0; i < o->n_health; i++)
        if (!find_target(m, o->health[i].param, &health.targets[i]))
            return false;
    return true;
}

/* ---- the process ---- */

static bool wait_ready(void)
{
    struct pollfd in = {.fd = health.fd, .events = POLLIN};
    struct nfl_health_news n = {.what = NFL_HEALTH_FAILED};

    while (poll(&in, 1, READY_MS) < 0 && errno == EINTR)
        ;
    if (!(in.revents & (POLLIN | POLLHUP)) ||
        recv(health.fd, &n, sizeof(n), MSG_DONTWAIT) != (ssize_t)sizeof(n))
        snprintf(n.why, sizeof(n.why), "its process does not begin");
    if (n.what == NFL_HEALTH_READY)
        return true;
    nfl_error("--health %s: %s", health.o->health[n.target].param, n.why);
    return false;
}

bool nfl_health_start(const struct nfl_options *o, const struct nfl_module *m)
{
    struct timeval patience = {.tv_sec = LIST_SECONDS};
    int pair[2];

    if (!o->n_health)
        return true;
    health.o = o;
    health.m = m;
    if (!find_targets(o, m))
        return false;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        nfl_error("--health: %s", strerror(errno));
        return false;
    }
    health.pid = fork();
    if (health.pid == 0)
        nfl_health_helper(pair[1], o);
    close(pair[1]);
    health.fd = pair[0];
    if (health.pid < 0) {
        nfl_error("--health: there can be no process for it: %s",
                  strerror(errno));
        return false;
    }
    setsockopt(health.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    return wait_ready();
}

/* It ends when the other end of its socket is closed, unless it is stopped. */
static void bury(void)
{
    const struct timespec nap = {.tv_nsec = 10000000};
    unsigned i;

    for (i = 0; i < END_NAPS; i++) {
        if (waitpid(health.pid, NULL, WNOHANG) != 0)
            return;
        nanosleep(&nap, NULL);
    }
    kill(health.pid, SIGKILL);
    waitpid(health.pid, NULL, 0);
}

void nfl_health_end(void)
{
    if (health.fd > 0)
        shutdown(health.fd, SHUT_RDWR);
    if (health.threaded)
        pthread_join(health.thread, NULL);
    if (health.fd > 0)
        close(health.fd);
    if (health.pid > 0)
        bury();
    free(health.targets);
    free(health.news);
    health.targets = NULL;
    health.news = NULL;
    health.fd = 0;
    health.pid = 0;
    health.threaded = false;
}

/* ---- what it asks ---- */

static struct nfl_backends *read_backends(const struct target *t,
                                          const void *values, char *err,
                                          size_t errlen)
{
    struct nfl_backends *b;
    const char *name;
    char *path;

    memcpy(&name, (const uint8_t *)values + t->param->offset, sizeof(name));
    path = nfl_options_file(health.o, health.m->srcdir, name, err, errlen);
    if (!path)
        return NULL;
    b = nfl_backends_read(path, err, errlen);
    free(path);
    return b;
}

static struct nfl_health_host host_of(const struct nfl_backend *b)
{
    struct nfl_health_host h = {.port = b->port, .v6 = b->v6};
    unsigned n = b->v6 ? 16 : 4, i;

    for (i = 0; i < n; i++)
        h.addr[i] = (uint8_t)(b->addr >> 8 * (n - 1 - i));
    return h;
}

static bool send_list(unsigned target, const struct nfl_backends *b)
{
    struct nfl_health_list *l = calloc(1, sizeof(*l));
    size_t len;
    unsigned i;
    bool sent;

    if (!l)
        return false;
    l->target = target;
    l->n = b->n;
    for (i = 0; i < b->n; i++)
        l->hosts[i] = host_of(&b->backends[i]);
    len = offsetof(struct nfl_health_list, hosts) + b->n * sizeof(*l->hosts);
    sent = send(health.fd, l, len, MSG_NOSIGNAL) == (ssize_t)len;
    free(l);
    return sent;
}

void nfl_health_lists(const struct nfl_worker *first,
                      const struct nfl_reload *made)
{
    char err[1024];
    unsigned i;

    for (i = 0; health.fd && i < health.o->n_health; i++) {
        const struct target *t = &health.targets[i];
        const void *values = made->chains[t->chain].block;
        struct nfl_backends *b =
            read_backends(t, values ? values : first->chains[t->chain].config,
                          err, sizeof(err));

        if (b)
            send_list(i, b);
        nfl_backends_free(b);
    }
}

/* ---- what it says ---- */

/* With health.lock. */
static bool has_room(void)
{
    unsigned room = health.room ? 2 * health.room : 64;
    struct nfl_health_news *list;

    if (health.n < health.room)
        return true;
    list = realloc(health.news, room * sizeof(*list));
    if (!list)
        return false;
    health.news = list;
    health.room = room;
    return true;
}

static void keep(const struct nfl_health_news *n)
{
    pthread_mutex_lock(&health.lock);
    if (has_room())
        health.news[health.n++] = *n;
    pthread_mutex_unlock(&health.lock);
    atomic_store(&health.pending, true);
}

static void *listen_to(void *arg)
{
    struct nfl_health_news n;
    ssize_t len;

    (void)arg;
    while ((len = recv(health.fd, &n, sizeof(n), 0)) != 0) {
        if (len < 0 && errno != EINTR)
            break;
        if (len == (ssize_t)sizeof(n) && n.target < health.o->n_health)
            keep(&n);
    }
    atomic_store(&health.over, true);
    atomic_store(&health.pending, true);
    return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(void)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    health.threaded =
        pthread_create(&health.thread, NULL, listen_to, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!health.threaded)
        nfl_error("--health: there can be no thread for it");
    return health.threaded;
}

bool nfl_health_begin(struct nfl_io *io)
{
    const struct nfl_worker *first = io->workers.at[0];
    struct nfl_configs *x = first->configs;
    char err[1024];
    unsigned i;

    if (!health.fd)
        return true;
    x->down = calloc(health.o->n_health, sizeof(*x->down));
    for (i = 0; x->down && i < health.o->n_health; i++) {
        const struct target *t = &health.targets[i];
        struct nfl_backends *b =
            read_backends(t, first->chains[t->chain].config, err, sizeof(err));
        bool sent = b && send_list(i, b);

        nfl_backends_free(b);
        if (!sent) {
            nfl_error("--health %s: %s", health.o->health[i].param,
                      b ? "its process does not listen" : err);
            return false;
        }
        x->down[x->n_down++] =
            (struct nfl_down){.chain = t->chain, .object = t->param->object};
    }
    return x->down && start_thread();
}

bool nfl_health_pending(void)
{
    return atomic_load_explicit(&health.pending, memory_order_relaxed) &&
           atomic_exchange(&health.pending, false);
}

static struct nfl_backend backend_of(const struct nfl_health_host *h)
{
    struct nfl_backend b = {.port = h->port, .v6 = h->v6};
    unsigned i;

    for (i = 0; i < (h->v6 ? 16u : 4u); i++)
        b.addr = b.addr << 8 | h->addr[i];
    return b;
}

static bool same(const struct nfl_backend *a, const struct nfl_backend *b)
{
    return a->addr == b->addr && a->v6 == b->v6 && a->port == b->port;
}

/* True if it was not so before. */
static bool note_down(struct nfl_backends *set, const struct nfl_backend *b,
                      bool down)
{
    struct nfl_backend *list;
    unsigned i;

    for (i = 0; i < set->n && !same(&set->backends[i], b); i++)
        ;
    if (down == (i < set->n))
        return false;
    if (!down) {
        set->backends[i] = set->backends[--set->n];
        return true;
    }
    list = realloc(set->backends, (set->n + 1) * sizeof(*list));
    if (!list)
        return false;
    set->backends = list;
    list[set->n++] = *b;
    return true;
}

static void tell(const struct nfl_health_news *n)
{
    const struct nfl_health_host *h = &n->host;
    char addr[INET6_ADDRSTRLEN], port[8] = "";
    const char *name = health.o->health[n->target].param;

    inet_ntop(h->v6 ? AF_INET6 : AF_INET, h->addr, addr, sizeof(addr));
    if (h->port)
        snprintf(port, sizeof(port), ":%u", h->port);
    if (n->what == NFL_HEALTH_FORGOTTEN)
        return;
    if (n->what == NFL_HEALTH_UP)
        nfl_note("health: %s: %s%s%s%s is up", name, h->v6 ? "[" : "", addr,
                 h->v6 ? "]" : "", port);
    else
        nfl_note("health: %s: %s%s%s%s is down: %s", name, h->v6 ? "[" : "",
                 addr, h->v6 ? "]" : "", port, n->why);
}

bool nfl_health_take(struct nfl_io *io)
{
    struct nfl_configs *x = io->workers.at[0]->configs;
    bool changed = false;
    unsigned i;

    pthread_mutex_lock(&health.lock);
    for (i = 0; i < health.n; i++) {
        const struct nfl_health_news *n = &health.news[i];
        struct nfl_backend b = backend_of(&n->host);

        if (!note_down(&x->down[n->target].set, &b, n->what == NFL_HEALTH_DOWN))
            continue;
        x->down[n->target].changed = changed = true;
        tell(n);
    }
    health.n = 0;
    pthread_mutex_unlock(&health.lock);
    if (atomic_exchange(&health.over, false))
        nfl_error("health: the process that asks has ended; all backends stay "
                  "as they are");
    return changed;
}

void nfl_health_known(struct nfl_worker *first)
{
    unsigned i;

    for (i = 0; i < first->configs->n_down; i++)
        first->configs->down[i].changed = false;
}
