#include "tool/doctor.h"

#include "base/arena.h"
#include "config.h"
#include "tool/paths.h"
#include "tool/process.h"

#include <nfl/host.h>
#include <stdlib.h>
#include <string.h>

/* ---- what builds programs ---- */

static void look_at_compiler(struct nfl_host *h, struct arena *a)
{
    const char *slash = strrchr(NFL_DEFAULT_CC, '/');
    const char *package = slash ? slash + 1 : NFL_DEFAULT_CC;

    if (process_find(a, NFL_DEFAULT_CC))
        nfl_host_add(h, "compiler", NFL_HOST_GOOD, NULL,
                     "programs are compiled with %s", NFL_DEFAULT_CC);
    else
        nfl_host_add(h, "compiler", NFL_HOST_BAD,
                     arena_fmt(a, "apt-get install %s", package),
                     "there is no %s, which compiles programs", NFL_DEFAULT_CC);
}

/* The compiler knows where libraries lie. It answers with a path, or with no
 * more than the name. */
static void look_at_dpdk(struct nfl_host *h, struct arena *a)
{
    struct words argv = words_new(a, NFL_DEFAULT_CC, NULL);
    const char *said;

    if (!process_find(a, NFL_DEFAULT_CC))
        return;
    words_fmt(&argv, "-print-file-name=librte_eal.so");
    if (process_capture(&argv, NULL, &said) == 0 && said[0] == '/')
        nfl_host_add(h, "dpdk", NFL_HOST_GOOD, NULL,
                     "programs are linked with the DPDK of this system");
    else
        nfl_host_add(h, "dpdk", NFL_HOST_BAD, "apt-get install libdpdk-dev",
                     "there is no DPDK to link programs with");
}

/* ---- the command line ---- */

/* The names of the ports that are bound; the program would know them. */
static unsigned port_names(struct arena *a, char **argv, const char **names)
{
    unsigned n = 0, i;

    for (argv++; *argv; argv++) {
        const char *value = NULL;
        const char *name;
        size_t len;

        if (strncmp(*argv, "--port=", 7) == 0)
            value = *argv + 7;
        else if (strcmp(*argv, "--port") == 0)
            value = argv[1];
        len = value ? strcspn(value, "=") : 0;
        if (len == 0 || value[len] == '\0')
            continue;
        name = arena_strn(a, value, len);
        for (i = 0; i < n && strcmp(names[i], name) != 0; i++)
            ;
        if (i == n)
            names[n++] = name;
    }
    return n;
}

static bool asks_help(char **argv)
{
    for (argv++; *argv; argv++)
        if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
            return true;
    return false;
}

void doctor_help(FILE *to)
{
    fputs("Usage: nflc doctor [--json] [OPTION of a program]...\n"
          "Looks whether this machine is fit to compile programs and to run "
          "them, and tells\n"
          "the command that mends what is not. With --port, --eal and --user, "
          "as a program\n"
          "takes them, it looks at what that run needs: nflc doctor \\\n"
          "    --port lan=iface:eth1 --port wan=0000:03:00.0 --user nobody\n\n"
          "  ok    it is there\n"
          "  note  it is not, and nothing that was asked for needs it\n"
          "  bad   it is not, and is needed: the exit status is 1\n\n"
          "Nothing is changed.\n",
          to);
}

/* ---- the findings ---- */

static unsigned count_bad(const struct nfl_host *h)
{
    unsigned i, n = 0;

    for (i = 0; i < h->n; i++)
        n += h->v[i].state == NFL_HOST_BAD;
    return n;
}

static int print(const struct nfl_host *h, bool json)
{
    unsigned bad = count_bad(h);

    if (h->full || (json && !nfl_host_json(h, stdout))) {
        fprintf(stderr, "nflc: no memory\n");
        return 1;
    }
    if (!json) {
        nfl_host_text(h, stdout);
        if (bad)
            printf("\n%u %s to be mended.\n", bad,
                   bad == 1 ? "thing is" : "things are");
        else
            printf("\nAll that is needed is there.\n");
    }
    return bad ? 1 : 0;
}

int doctor(struct arena *a, int argc, char **argv)
{
    const char **names = arena_alloc(a, (size_t)argc * sizeof(*names));
    struct nfl_options o;
    struct nfl_host h;
    int status;

    if (asks_help(argv)) {
        doctor_help(stdout);
        return 0;
    }
    status = nfl_options_parse(&o, argc, argv, "nflc doctor", names,
                               port_names(a, argv, names), true);
    if (status >= 0)
        return status;
    nfl_host_look(&h, &o, true);
    look_at_compiler(&h, a);
    look_at_dpdk(&h, a);
    status = print(&h, o.json);
    nfl_host_fini(&h);
    nfl_options_fini(&o);
    return status;
}
