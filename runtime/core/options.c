/* The command line. */
#include "config.h"
#include "core/fail.h"
#include "core/optargs.h"
#include <nfl/pkt.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { USAGE = 2, MAX_SECONDS = 86400, ROUNDS = 31, MAX_ROUNDS = 1000000 };

enum {
    OPT_PORT = 256,
    OPT_JSON,
    OPT_STATS,
    OPT_TOP,
    OPT_TRACE,
    OPT_STATE,
    OPT_FILES,
    OPT_SET,
    OPT_CONFIG,
    OPT_CHANGES,
    OPT_SEED,
    OPT_EAL,
    OPT_BENCH,
    OPT_BENCH_BURST,
    OPT_USER,
    OPT_TELEMETRY,
    OPT_CORES,
    OPT_ORDER,
    OPT_QUIET,
    OPT_HEALTH,
    OPT_HEALTH_EVERY,
    OPT_HEALTH_DEADLINE,
    OPT_HEALTH_RISE,
    OPT_HEALTH_FALL,
    OPT_VERSION
};

static const struct option long_options[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"json", no_argument, NULL, OPT_JSON},
    {"stats", optional_argument, NULL, OPT_STATS},
    {"top", required_argument, NULL, OPT_TOP},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"state", required_argument, NULL, OPT_STATE},
    {"order", required_argument, NULL, OPT_ORDER},
    {"files", required_argument, NULL, OPT_FILES},
    {"set", required_argument, NULL, OPT_SET},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"changes", required_argument, NULL, OPT_CHANGES},
    {"seed", required_argument, NULL, OPT_SEED},
    {"eal", required_argument, NULL, OPT_EAL},
    {"bench", optional_argument, NULL, OPT_BENCH},
    {"bench-burst", required_argument, NULL, OPT_BENCH_BURST},
    {"user", required_argument, NULL, OPT_USER},
    {"telemetry", no_argument, NULL, OPT_TELEMETRY},
    {"cores", required_argument, NULL, OPT_CORES},
    {"health", required_argument, NULL, OPT_HEALTH},
    {"health-every", required_argument, NULL, OPT_HEALTH_EVERY},
    {"health-deadline", required_argument, NULL, OPT_HEALTH_DEADLINE},
    {"health-rise", required_argument, NULL, OPT_HEALTH_RISE},
    {"health-fall", required_argument, NULL, OPT_HEALTH_FALL},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

/* ---- one option ---- */

static bool set_number(const char *option, const char *arg, uint64_t min,
                       uint64_t max, uint64_t *v, char *err, size_t errlen)
{
    if (nfl_number_parse(arg, min, max, v))
        return true;
    return nfl_fail(err, errlen, "%s=%s: write a number from %llu to %llu",
                    option, arg, (unsigned long long)min,
                    (unsigned long long)max);
}

/* The words of the command line stay where they are. */
static bool add_set(struct nfl_options *o, const char *arg, char *err,
                    size_t errlen)
{
    const char **set = realloc(o->set, (o->n_set + 1) * sizeof(*set));

    if (!set)
        return nfl_fail(err, errlen, "no memory");
    o->set = set;
    o->set[o->n_set++] = arg;
    return true;
}

static bool set_stats(struct nfl_options *o, const char *arg, char *err,
                      size_t errlen)
{
    uint64_t seconds = 1;

    if (arg &&
        !set_number("--stats", arg, 1, MAX_SECONDS, &seconds, err, errlen))
        return false;
    o->stats = (unsigned)seconds;
    return true;
}

static bool set_top(struct nfl_options *o, const char *arg, char *err,
                    size_t errlen)
{
    uint64_t n;

    if (!set_number("--top", arg, 1, 1000000, &n, err, errlen))
        return false;
    o->top = (unsigned)n;
    return true;
}

static bool set_bench(struct nfl_options *o, const char *arg, bool allow_live,
                      char *err, size_t errlen)
{
    uint64_t rounds = ROUNDS;

    if (!allow_live)
        return nfl_fail(err, errlen,
                        "--bench: only programs on DPDK are measured");
    if (arg && !set_number("--bench", arg, 1, MAX_ROUNDS, &rounds, err, errlen))
        return false;
    o->bench = (unsigned)rounds;
    return true;
}

static bool set_bench_burst(struct nfl_options *o, const char *arg, char *err,
                            size_t errlen)
{
    uint64_t n;

    if (!set_number("--bench-burst", arg, 1, NFL_BURST, &n, err, errlen))
        return false;
    o->bench_burst = (unsigned)n;
    return true;
}

static bool set_eal(struct nfl_options *o, const char *arg, bool allow_live,
                    char *err, size_t errlen)
{
    char why[512];

    if (!allow_live)
        return nfl_fail(err, errlen,
                        "--eal: the interpreter has no use for it");
    if (nfl_words_split(arg, &o->eal, &o->n_eal, why, sizeof(why)))
        return true;
    return nfl_fail(err, errlen, "--eal: %s", why);
}

static bool set_user(struct nfl_options *o, const char *arg, bool allow_live,
                     char *err, size_t errlen)
{
    if (!allow_live)
        return nfl_fail(err, errlen,
                        "--user: the interpreter opens no ports, and runs as "
                        "whoever starts it");
    if (!*arg)
        return nfl_fail(err, errlen, "--user: names no user");
    o->user = arg;
    return true;
}

static bool set_telemetry(struct nfl_options *o, bool allow_live, char *err,
                          size_t errlen)
{
    if (!allow_live)
        return nfl_fail(err, errlen, "--telemetry: only DPDK has it");
    o->telemetry = true;
    return true;
}

static bool set_health(struct nfl_options *o, int option, const char *arg,
                       bool allow_live, char *err, size_t errlen)
{
    switch (option) {
    case OPT_HEALTH_EVERY:
        return nfl_health_number("--health-every", arg, true, &o->health_every,
                                 err, errlen);
    case OPT_HEALTH_DEADLINE:
        return nfl_health_number("--health-deadline", arg, true,
                                 &o->health_deadline, err, errlen);
    case OPT_HEALTH_RISE:
        return nfl_health_number("--health-rise", arg, false, &o->health_rise,
                                 err, errlen);
    case OPT_HEALTH_FALL:
        return nfl_health_number("--health-fall", arg, false, &o->health_fall,
                                 err, errlen);
    default:
        return nfl_health_parse(o, arg, allow_live, err, errlen);
    }
}

static bool set(struct nfl_options *o, int option, const char *arg,
                bool allow_live, char *err, size_t errlen)
{
    switch (option) {
    case OPT_PORT:
        return nfl_port_parse(o, arg, allow_live, err, errlen);
    case OPT_JSON:
        o->json = true;
        return true;
    case OPT_STATS:
        return set_stats(o, arg, err, errlen);
    case OPT_TOP:
        return set_top(o, arg, err, errlen);
    case OPT_TRACE:
        o->trace = arg;
        return true;
    case OPT_STATE:
        o->state = arg;
        return true;
    case OPT_ORDER:
        o->order = arg;
        return true;
    case OPT_FILES:
        o->files = arg;
        return true;
    case OPT_SET:
        return add_set(o, arg, err, errlen);
    case OPT_CONFIG:
        o->config = arg;
        return true;
    case OPT_CHANGES:
        o->changes = arg;
        return true;
    case OPT_SEED:
        o->seed_given = true;
        return set_number("--seed", arg, 0, UINT64_MAX, &o->seed, err, errlen);
    case OPT_EAL:
        return set_eal(o, arg, allow_live, err, errlen);
    case OPT_BENCH:
        return set_bench(o, arg, allow_live, err, errlen);
    case OPT_BENCH_BURST:
        return set_bench_burst(o, arg, err, errlen);
    case OPT_USER:
        return set_user(o, arg, allow_live, err, errlen);
    case OPT_TELEMETRY:
        return set_telemetry(o, allow_live, err, errlen);
    case OPT_CORES:
        return nfl_cores_parse(o, arg, err, errlen);
    case OPT_QUIET:
        o->quiet = true;
        return true;
    default:
        return set_health(o, option, arg, allow_live, err, errlen);
    }
}

/* ---- the whole line ---- */

static bool unknown(int code, char **argv, char *err, size_t errlen)
{
    const char *word = argv[optind - 1];
    char letter[2] = {(char)optopt, '\0'};

    if (code == ':')
        return nfl_fail(err, errlen, "%s needs a value", word);
    if (optopt > 255)
        return nfl_fail(err, errlen, "%s: the option takes no value", word);
    return nfl_fail(err, errlen, "unknown option '%s%s'", optopt ? "-" : "",
                    optopt ? letter : word);
}

static bool is_interface(const struct nfl_port_spec *s)
{
    return s->kind == NFL_PORT_IFACE || s->kind == NFL_PORT_TAP ||
           s->kind == NFL_PORT_XDP;
}

static bool same_device(const struct nfl_options *o, unsigned i, char *err,
                        size_t errlen)
{
    const struct nfl_port_spec *s = &o->ports[i], *other;
    const char *what = is_interface(s) ? "interface" : "device";
    unsigned j;

    for (j = 0; j < i; j++) {
        other = &o->ports[j];
        if (s->arg && other->arg && is_interface(s) == is_interface(other) &&
            strcmp(s->arg, other->arg) == 0)
            return !nfl_fail(err, errlen,
                             "ports %s and %s are both %s %s; give each port "
                             "one of its own",
                             other->name, s->name, what, s->arg);
    }
    return false;
}

/* What would be measured, too, or could not be repeated. */
static bool measurable(const struct nfl_options *o,
                       const struct nfl_port_spec *live, char *err,
                       size_t errlen)
{
    if (live)
        return nfl_fail(err, errlen,
                        "--bench replays captures, and port %s is live",
                        live->name);
    if (o->trace || o->state || o->order)
        return nfl_fail(err, errlen, "--bench cannot be combined with %s",
                        o->trace   ? "--trace"
                        : o->state ? "--state"
                                   : "--order");
    return true;
}

/* Every port is bound, and all are captures or none. */
static bool complete(struct nfl_options *o, char *err, size_t errlen)
{
    const struct nfl_port_spec *capture = NULL, *other = NULL;
    char names[256];
    unsigned i;

    for (i = 0; i < o->n_ports; i++) {
        const struct nfl_port_spec *s = &o->ports[i];

        if (!s->in && !s->out && !s->arg)
            return nfl_fail(err, errlen,
                            "no --port for '%s'; this program has ports %s",
                            s->name, nfl_port_names(o, names, sizeof(names)));
        if (same_device(o, i, err, errlen))
            return false;
        if (s->kind == NFL_PORT_PCAP)
            capture = s;
        else
            other = s;
    }
    if (capture && other)
        return nfl_fail(err, errlen,
                        "port %s is a capture and port %s is live; captures "
                        "run on their own clock, so all ports must be "
                        "captures or none",
                        capture->name, other->name);
    o->offline = !other;
    if (o->offline && o->n_health)
        return nfl_fail(err, errlen,
                        "--health: captures have no servers to ask; it is for "
                        "live ports");
    if (o->bench_burst && !o->bench)
        return nfl_fail(err, errlen, "--bench-burst says something of --bench");
    return !o->bench || measurable(o, other, err, errlen);
}

/* -2: go on with the next; else as nfl_options_parse. */
static int one(struct nfl_options *o, int code, char **argv,
               const char *program, bool allow_live, char *err, size_t errlen)
{
    switch (code) {
    case 'h':
        nfl_help_print(stdout, program, o, allow_live);
        return 0;
    case OPT_VERSION:
        printf("%s (nflc %s)\n", program, PACKAGE_VERSION);
        return 0;
    case '?':
    case ':':
        unknown(code, argv, err, errlen);
        return USAGE;
    default:
        return set(o, code, optarg, allow_live, err, errlen) ? -2 : USAGE;
    }
}

static int parse(struct nfl_options *o, int argc, char **argv,
                 const char *program, bool allow_live, char *err, size_t errlen)
{
    int code, r;

    optind = 0; /* the driver may have used getopt before */
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        r = one(o, code, argv, program, allow_live, err, errlen);
        if (r != -2)
            return r;
    }
    if (optind < argc) {
        nfl_fail(err, errlen, "what is '%s'? Options begin with --%s",
                 argv[optind],
                 o->stats   ? "; --stats takes its number as --stats=N"
                 : o->bench ? "; --bench takes its number as --bench=N"
                            : "");
        return USAGE;
    }
    return complete(o, err, errlen) ? -1 : USAGE;
}

int nfl_options_parse(struct nfl_options *o, int argc, char **argv,
                      const char *program, const char *const *port_names,
                      unsigned n_ports, bool allow_live)
{
    char err[1024];
    unsigned i;
    int r;

    memset(o, 0, sizeof(*o));
    o->ports = calloc(n_ports + 1, sizeof(*o->ports));
    if (!o->ports) {
        fprintf(stderr, "%s: no memory\n", program);
        return 1;
    }
    o->n_ports = n_ports;
    o->cores = 1;
    nfl_health_defaults(o);
    for (i = 0; i < n_ports; i++)
        o->ports[i].name = port_names[i];
    r = parse(o, argc, argv, program, allow_live, err, sizeof(err));
    if (r == USAGE && strcmp(err, "no memory") == 0) {
        fprintf(stderr, "%s: %s\n", program, err);
        r = 1;
    } else if (r == USAGE) {
        fprintf(stderr, "%s: %s (%s --help lists all options)\n", program, err,
                program);
    }
    if (r != -1)
        nfl_options_fini(o);
    return r;
}

void nfl_options_fini(struct nfl_options *o)
{
    unsigned i;

    for (i = 0; i < o->n_ports; i++) {
        free(o->ports[i].in);
        free(o->ports[i].out);
        free(o->ports[i].arg);
        free(o->ports[i].devargs);
    }
    for (i = 0; i < o->n_eal; i++)
        free(o->eal[i]);
    nfl_health_specs_free(o);
    free(o->set);
    free(o->ports);
    free(o->eal);
    free(o->cpus);
    memset(o, 0, sizeof(*o));
}

uint64_t nfl_options_seed(const struct nfl_options *o)
{
    struct timespec t;
    uint64_t seed;

    if (o->seed_given)
        return o->seed;
    if (o->offline)
        return 1;
    if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
        return seed;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000007u ^ (uint64_t)t.tv_nsec;
}
