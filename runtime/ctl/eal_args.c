#include "ctl/eal_args.h"
#include "core/host.h"
#include "ctl/cores.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Megabytes. Without hugepages memory is only taken when it is touched, so
 * there is room for tables of rules. */
enum { MEM_PLAIN = 512 };

/* ---- what the user chose ---- */

static bool given(const struct nfl_options *o, const char *option)
{
    size_t n = strlen(option);
    bool is_short = option[1] != '-';
    unsigned i;

    for (i = 0; i < o->n_eal; i++)
        if (strncmp(o->eal[i], option, n) == 0 &&
            (is_short || o->eal[i][n] == '\0' || o->eal[i][n] == '='))
            return true;
    return false;
}

static bool any_given(const struct nfl_options *o, const char *const *options)
{
    for (; *options; options++)
        if (given(o, *options))
            return true;
    return false;
}

bool nfl_eal_cores_given(const struct nfl_options *o)
{
    static const char *const options[] = {"-l", "-c", "--lcores",
                                          "-s", "-S", NULL};

    return any_given(o, options);
}

static bool memory_given(const struct nfl_options *o)
{
    static const char *const options[] = {"--no-huge",
                                          "--in-memory",
                                          "--huge-dir",
                                          "--huge-unlink",
                                          "--huge-worker-stack",
                                          "--legacy-mem",
                                          "--single-file-segments",
                                          "--socket-mem",
                                          "--socket-limit",
                                          "--proc-type",
                                          NULL};

    return any_given(o, options);
}

static bool devices_given(const struct nfl_options *o)
{
    static const char *const options[] = {"-a",      "--allow",  "-b",
                                          "--block", "--no-pci", NULL};

    return any_given(o, options);
}

bool nfl_eal_talks(const struct nfl_options *o)
{
    return given(o, "--log-level");
}

bool nfl_eal_has_telemetry(const struct nfl_options *o)
{
    return o->telemetry || given(o, "--telemetry");
}

/* ---- what the machine has ---- */

unsigned nfl_hugepages_free(void)
{
    static const char top[] = "/sys/kernel/mm/hugepages";
    DIR *d = opendir(top);
    struct dirent *e;
    unsigned long kb, mb = 0;
    char path[512];

    if (!d)
        return 0;
    while ((e = readdir(d)) != NULL) {
        if (sscanf(e->d_name, "hugepages-%lukB", &kb) != 1)
            continue;
        snprintf(path, sizeof(path), "%s/%s/free_hugepages", top, e->d_name);
        mb += nfl_host_number(path) * (kb / 1024);
    }
    closedir(d);
    return (unsigned)mb;
}

/* ---- the arguments ---- */

static bool add(struct nfl_eal_args *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool add(struct nfl_eal_args *a, const char *fmt, ...)
{
    char *word;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&word, fmt, ap);
    va_end(ap);
    if (n < 0)
        return false;
    a->owned[a->n++] = word;
    return true;
}

/* Who names the run, or its part in one, wants it to be found by others. */
static bool shares(const struct nfl_options *o)
{
    static const char *const options[] = {"--proc-type", "--file-prefix",
                                          "--in-memory", "--no-shconf", NULL};

    return any_given(o, options);
}

/* --in-memory must not meet --no-huge: DPDK then looks for hugepages. */
static bool add_memory(struct nfl_eal_args *a, const struct nfl_options *o)
{
    const char *size = nfl_eal_value(o, "-m");
    unsigned long want = size ? strtoul(size, NULL, 10) : NFL_EAL_HUGE;

    if (memory_given(o))
        return shares(o) || add(a, "--no-shconf");
    a->huge = (!o->offline || o->bench) && nfl_hugepages_free() >= want;
    if (a->huge)
        return add(a, "--in-memory") && (size || add(a, "-m%d", NFL_EAL_HUGE));
    return add(a, "--no-huge") && (shares(o) || add(a, "--no-shconf")) &&
           (size || add(a, "-m%d", MEM_PLAIN));
}

static bool has_pci(const struct nfl_options *o)
{
    unsigned i;

    for (i = 0; i < o->n_ports; i++)
        if (o->ports[i].kind == NFL_PORT_PCI)
            return true;
    return false;
}

/* No device but those that the ports name. */
static bool add_devices(struct nfl_eal_args *a, const struct nfl_options *o)
{
    const struct nfl_port_spec *s;
    unsigned i;

    if (!has_pci(o))
        return add(a, "--no-pci");
    for (i = 0; i < o->n_ports; i++) {
        s = &o->ports[i];
        if (s->kind == NFL_PORT_PCI &&
            !add(a, "--allow=%s%s%s", s->arg, s->devargs ? "," : "",
                 s->devargs ? s->devargs : ""))
            return false;
    }
    return true;
}

static bool add_own(struct nfl_eal_args *a, const struct nfl_options *o)
{
    char lcores[2048];

    if (!nfl_eal_cores_given(o)) {
        nfl_cores_lcores(o, lcores, sizeof(lcores));
        if (!add(a, "--lcores=%s", lcores))
            return false;
    }
    if (!given(o, "--file-prefix") &&
        !add(a, "--file-prefix=nfl-%ld", (long)getpid()))
        return false;
    if (!devices_given(o) && !add_devices(a, o))
        return false;
    if (!given(o, "--iova-mode") && !has_pci(o) && !add(a, "--iova-mode=va"))
        return false;
    if (!nfl_eal_talks(o) && !add(a, "--log-level=*:error"))
        return false;
    return (nfl_eal_has_telemetry(o) || add(a, "--no-telemetry")) &&
           add_memory(a, o);
}

/* Hugepages are not worth a word when only files are read. */
static void describe(struct nfl_eal_args *a)
{
    size_t at = 0;
    unsigned i;

    at += (size_t)snprintf(a->said, sizeof(a->said), "DPDK starts with");
    for (i = 1; i < a->n && at < sizeof(a->said); i++)
        at += (size_t)snprintf(a->said + at, sizeof(a->said) - at, " %s",
                               a->owned[i]);
}

bool nfl_eal_args_make(struct nfl_eal_args *a, const char *program,
                       const struct nfl_options *o)
{
    size_t room = NFL_EAL_MAX + o->n_ports + o->n_eal + 1;
    unsigned i;
    bool ok;

    memset(a, 0, sizeof(*a));
    a->v = calloc(room, sizeof(*a->v));
    a->owned = calloc(room, sizeof(*a->owned));
    ok = a->v && a->owned && add(a, "%s", program) && add_own(a, o);
    for (i = 0; ok && i < o->n_eal; i++)
        ok = add(a, "%s", o->eal[i]);
    if (!ok) {
        nfl_eal_args_free(a);
        return false;
    }
    memcpy(a->v, a->owned, a->n * sizeof(*a->v));
    describe(a);
    return true;
}

void nfl_eal_args_free(struct nfl_eal_args *a)
{
    unsigned i;

    for (i = 0; a->owned && i < a->n; i++)
        free(a->owned[i]);
    free(a->owned);
    free(a->v);
    memset(a, 0, sizeof(*a));
}
