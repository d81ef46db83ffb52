#include "core/host.h"
#include "core/fit.h"
#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- findings ---- */

static struct nfl_host_finding *new_finding(struct nfl_host *h)
{
    struct nfl_host_finding *v;
    unsigned room = h->room ? 2 * h->room : 16;

    if (h->n == h->room) {
        v = realloc(h->v, room * sizeof(*v));
        if (!v) {
            h->full = true;
            return NULL;
        }
        h->v = v;
        h->room = room;
    }
    return &h->v[h->n++];
}

void nfl_host_add(struct nfl_host *h, const char *check,
                  enum nfl_host_state state, const char *mend, const char *fmt,
                  ...)
{
    struct nfl_host_finding *f = new_finding(h);
    va_list ap;

    if (!f)
        return;
    f->state = state;
    snprintf(f->check, sizeof(f->check), "%s", check);
    snprintf(f->mend, sizeof(f->mend), "%s", mend ? mend : "");
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof(f->text), fmt, ap);
    va_end(ap);
}

const struct nfl_host_finding *nfl_host_bad(const struct nfl_host *h)
{
    unsigned i;

    for (i = 0; i < h->n; i++)
        if (h->v[i].state == NFL_HOST_BAD)
            return &h->v[i];
    return NULL;
}

void nfl_host_fini(struct nfl_host *h)
{
    free(h->v);
    memset(h, 0, sizeof(*h));
}

/* ---- the machine ---- */

static const char *below = "";

void nfl_host_below(const char *folder)
{
    below = folder;
}

void nfl_host_path(char path[PATH_MAX], const char *fmt, ...)
{
    int n = snprintf(path, PATH_MAX, "%s", below);
    va_list ap;

    if (n < 0 || n >= PATH_MAX)
        n = 0;
    va_start(ap, fmt);
    vsnprintf(path + n, PATH_MAX - (size_t)n, fmt, ap);
    va_end(ap);
}

bool nfl_host_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

unsigned long nfl_host_number(const char *path)
{
    FILE *f = fopen(path, "re");
    unsigned long n = 0;

    if (f) {
        if (fscanf(f, "%lu", &n) != 1)
            n = 0;
        fclose(f);
    }
    return n;
}

bool nfl_host_can(int capability)
{
    struct __user_cap_header_struct h = {.version =
                                             _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[2] = {{0}, {0}};

    if (syscall(SYS_capget, &h, d) != 0)
        return false;
    return d[capability / 32].effective & 1u << capability % 32;
}

const char *nfl_eal_value(const struct nfl_options *o, const char *option)
{
    size_t n = strlen(option);
    unsigned i;

    for (i = 0; i < o->n_eal; i++) {
        const char *word = o->eal[i];

        if (strncmp(word, option, n) != 0)
            continue;
        if (word[n] == '\0')
            return i + 1 < o->n_eal ? o->eal[i + 1] : "";
        if (word[n] == '=')
            return word + n + 1;
        if (option[1] != '-')
            return word + n;
    }
    return NULL;
}

/* ---- checks ---- */

static void look_at_cpu(struct nfl_host *h)
{
    char missing[64];

    if (nfl_cpu_is_enough(missing, sizeof(missing)))
        nfl_host_add(h, "cpu", NFL_HOST_GOOD, NULL,
                     "the CPU has what DPDK and the runtime of nflc need");
    else
        nfl_host_add(h, "cpu", NFL_HOST_BAD, NULL,
                     "this CPU lacks %s, which DPDK and the runtime of nflc "
                     "need; a virtual machine may hide it (QEMU: -cpu host)",
                     missing);
}

static void look_at_user(struct nfl_host *h, const char *name)
{
    struct passwd *p = getpwnam(name);
    char mend[128];

    snprintf(mend, sizeof(mend), "useradd --system %s", name);
    if (!p)
        nfl_host_add(h, "user", NFL_HOST_BAD, mend, "there is no user '%s'",
                     name);
    else if (geteuid() != 0 && p->pw_uid != geteuid())
        nfl_host_add(h, "user", NFL_HOST_BAD, NULL,
                     "only root can run a program as user %s", name);
    else
        nfl_host_add(h, "user", NFL_HOST_GOOD, NULL,
                     "there is a user %s to run as", name);
}

static void look_at_outputs(struct nfl_host *h, const struct nfl_options *o)
{
    char err[512];

    if (!nfl_options_check(o, err, sizeof(err)))
        nfl_host_add(h, "files", NFL_HOST_BAD, NULL, "%s", err);
}

void nfl_host_look(struct nfl_host *h, const struct nfl_options *o, bool all)
{
    unsigned i;

    memset(h, 0, sizeof(*h));
    look_at_cpu(h);
    nfl_host_hugepages(h, o, all);
    nfl_host_prefix(h, o);
    if (o->user)
        look_at_user(h, o->user);
    for (i = 0; i < o->n_ports; i++)
        if (all || o->ports[i].kind != NFL_PORT_PCAP) /* opened at once */
            nfl_host_port(h, &o->ports[i]);
    if (all)
        look_at_outputs(h, o);
    if (all && o->n_ports == 0) {
        nfl_host_interfaces(h);
        nfl_host_vfio(h);
    }
}
