#include "ctl/cores.h"
#include "ctl/eal_args.h"
#include "ctl/say.h"
#include <nfl/session.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

enum { JOIN_US = 1000 };

/* ---- what the machine has ---- */

/* The CPUs where this process may run; none if the kernel does not tell. */
static unsigned allowed(cpu_set_t *set)
{
    CPU_ZERO(set);
    if (sched_getaffinity(0, sizeof(*set), set) != 0)
        CPU_ZERO(set);
    return (unsigned)CPU_COUNT(set);
}

/* "0,1,5" */
static const char *list(const cpu_set_t *set, char *buf, size_t len)
{
    size_t at = 0;
    int i;

    snprintf(buf, len, "0");
    for (i = 0; i < CPU_SETSIZE && at + 8 < len; i++)
        if (CPU_ISSET(i, set))
            at +=
                (size_t)snprintf(buf + at, len - at, "%s%d", at ? "," : "", i);
    return buf;
}

static bool check_list(const struct nfl_options *o, const cpu_set_t *set)
{
    char text[512];
    unsigned i;

    for (i = 0; i < o->cores; i++) {
        if (CPU_ISSET(o->cpus[i], set))
            continue;
        nfl_error("--cores: this process may not run on CPU %u, or there is "
                  "none; it may use %s",
                  o->cpus[i], list(set, text, sizeof(text)));
        return false;
    }
    return true;
}

bool nfl_cores_check(const struct nfl_options *o)
{
    char text[512];
    cpu_set_t set;
    unsigned n = allowed(&set);

    if (nfl_eal_cores_given(o)) {
        if (!o->cpus)
            return true;
        nfl_error("both --cores and --eal say which CPUs to use; write "
                  "--cores=%u, or leave out what --eal says of lcores",
                  o->cores);
        return false;
    }
    if (n == 0)
        return true;
    if (o->cpus)
        return check_list(o, &set);
    if (o->cores <= n)
        return true;
    nfl_error("--cores=%u: this process may run on %u CPU%s (%s); write "
              "--cores=%u, or give it more",
              o->cores, n, n == 1 ? "" : "s", list(&set, text, sizeof(text)),
              n);
    return false;
}

/* ---- lcores ---- */

/* Takes from the set what the workers use. */
static void choose(const struct nfl_options *o, cpu_set_t *set, unsigned *cpus)
{
    unsigned i, cpu = 0;

    for (i = 0; i < o->cores; i++) {
        while (!o->cpus && cpu + 1 < CPU_SETSIZE && !CPU_ISSET(cpu, set))
            cpu++;
        cpus[i] = o->cpus ? o->cpus[i] : cpu;
        CPU_CLR(cpus[i], set);
    }
}

void nfl_cores_lcores(const struct nfl_options *o, char *buf, size_t len)
{
    unsigned cpus[NFL_WORKERS_MAX], i;
    char text[512];
    cpu_set_t set;
    size_t at;

    allowed(&set);
    if (o->cores == 1 && !o->cpus) { /* it floats: who wants a CPU, says so */
        snprintf(buf, len, "0@(%s)", list(&set, text, sizeof(text)));
        return;
    }
    choose(o, &set, cpus);
    if (o->cores == 1 || CPU_COUNT(&set) == 0) {
        CPU_ZERO(&set);
        CPU_SET(cpus[0], &set);
    }
    at = (size_t)snprintf(buf, len, "0@(%s)", list(&set, text, sizeof(text)));
    for (i = 0; o->cores > 1 && i < o->cores && at < len; i++)
        at += (size_t)snprintf(buf + at, len - at, ",%u@%u", i + 1, cpus[i]);
}

bool nfl_cores_ready(const struct nfl_options *o)
{
    unsigned n = rte_lcore_count(), want = o->cores > 1 ? o->cores + 1 : 1;

    if (n >= want)
        return true;
    nfl_error("--cores=%u takes %u lcores, one for the main thread; --eal has "
              "%u: leave out what it says of them, or write --cores=%u",
              o->cores, want, n, n > 2 ? n - 1 : 1);
    return false;
}

/* ---- threads ---- */

static struct {
    void (*fn)(void *arg, unsigned index);
    void *arg;
} work;

static int start(void *index)
{
    work.fn(work.arg, (unsigned)(uintptr_t)index);
    return 0;
}

void nfl_cores_launch(unsigned n, void (*fn)(void *arg, unsigned index),
                      void *arg)
{
    unsigned lcore, i = 0;

    work.fn = fn;
    work.arg = arg;
    RTE_LCORE_FOREACH_WORKER(lcore)
    {
        if (i < n)
            rte_eal_remote_launch(start, (void *)(uintptr_t)i++, lcore);
    }
}

void nfl_cores_join(void)
{
    unsigned lcore;

    /* rte_eal_wait_lcore() spins, perhaps on the CPU that it waits for. */
    RTE_LCORE_FOREACH_WORKER(lcore)
    {
        while (rte_eal_get_lcore_state(lcore) != WAIT)
            usleep(JOIN_US);
    }
    rte_eal_mp_wait_lcore();
}
