/* Reads the command line. Options may stand before and after the command and
 * its files; with interp, what follows the file is the program's. */
#include "tool/settings.h"

#include "base/arena.h"
#include "config.h"
#include "tool/doctor.h"
#include "tool/fmt.h"
#include "tool/help.h"
#include "tool/paths.h"
#include "tool/test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(a) ((unsigned)(sizeof(a) / sizeof((a)[0])))

struct reading {
    struct settings *s;
    char **argv; /* what is left */
    const char **include;
    unsigned n_include;
    bool dashes;              /* -- was there: no more options */
    const char *given[OPT_N]; /* as spelled; to check at the end */
};

static const enum pass_id command_last[CMD_N] = {
#define COMMAND(name, arguments, last, what) PASS_##last,
#include "tool/command.def"
#undef COMMAND
};

/* A pass goes by its name, with or without a final s, and by its product. */
static int find_pass(const char *word)
{
    static const char *const product[PASS_N] = {
#define PASS(name, field, dump, what) #field,
#include "pass.def"
#undef PASS
    };
    size_t n = strlen(word);

    for (int i = 0; i < PASS_N; i++)
        if (strcmp(word, pass_names[i]) == 0 || strcmp(word, product[i]) == 0 ||
            (strncmp(word, pass_names[i], n) == 0 &&
             strcmp(pass_names[i] + n, "s") == 0))
            return i;
    return -1;
}

static int find_command(const char *word)
{
    for (int i = 0; i < CMD_N; i++)
        if (strcmp(word, command_names[i]) == 0)
            return i;
    return -1;
}

static int set_pass(struct reading *r, enum option_id id, const char *value)
{
    int p = find_pass(value);

    if (p < 0) {
        fprintf(stderr, "nflc: there is no pass '%s'%s\n", value,
                did_you_mean(r->s->arena, value, pass_names, PASS_N));
        help_passes(stderr);
        return 2;
    }
    if (id == OPT_DUMP) {
        r->s->dump |= 1u << p;
    } else {
        r->s->last = (enum pass_id)p;
        r->s->stopped = true;
    }
    return -1;
}

static int set_backend(struct reading *r, const char *value)
{
    static const char *const names[] = {"dpdk", "heap"};

    if (strcmp(value, "dpdk") != 0 && strcmp(value, "heap") != 0)
        return usage_error(
            CMD_build, "there is no backend '%s', only dpdk and heap%s", value,
            did_you_mean(r->s->arena, value, names, COUNT(names)));
    r->s->heap = strcmp(value, "heap") == 0;
    return -1;
}

static int set_seconds(struct reading *r, const char *value)
{
    unsigned long n = strtoul(value, NULL, 10);

    if (strspn(value, "0123456789") != strlen(value) || n < 1 || n > 86400)
        return usage_error(r->s->command,
                           "--verify-seconds is 1 to 86400, not '%s'", value);
    r->s->verify_seconds = (unsigned)n;
    return -1;
}

static int set_lto(struct reading *r, const char *value)
{
    bool yes = strcmp(value, "yes") == 0;

    if (!yes && strcmp(value, "no") != 0)
        return usage_error(CMD_build, "--lto is yes or no, not '%s'", value);
    r->s->lto = yes ? LTO_YES : LTO_NO;
    return -1;
}

static int set_optimise(struct reading *r, const char *value)
{
    if (value[0] < '0' || value[0] > '0' + OPTIMISE_MOST || value[1])
        return usage_error(r->s->command, "-O is 0 to %d, not '%s'",
                           OPTIMISE_MOST, value);
    r->s->optimise = value[0] - '0';
    return -1;
}

/* The interpreter is what all others are compared with: it is always one. */
static int set_layouts(struct reading *r, const char *value)
{
    const char *word = value;

    r->s->layouts = 1u << LAYOUT_INTERP;
    for (;; word += strcspn(word, ",") + 1) {
        char *name = arena_strn(r->s->arena, word, strcspn(word, ","));
        unsigned i = 0;

        while (i < LAYOUT_N && strcmp(name, layout_names[i]) != 0)
            i++;
        if (i == LAYOUT_N)
            return usage_error(
                CMD_test, "there is no layout '%s'%s", name,
                did_you_mean(r->s->arena, name, layout_names, LAYOUT_N));
        r->s->layouts |= 1u << i;
        if (word[strcspn(word, ",")] == '\0')
            return -1;
    }
}

/* It stands for the file. */
static int set_text(struct reading *r, const char *value)
{
    struct settings *s = r->s;

    if (s->n_files > 0)
        return usage_error(s->command, "one program: %s or -e, not both",
                           s->text ? "one -e" : s->files[0]);
    s->text = value;
    s->files[s->n_files++] = "-e";
    return -1;
}

/* What an option without a value sets, but for the forms of a graph. */
static bool *flag(struct settings *s, enum option_id id)
{
    bool *const flags[OPT_N] = {
        [OPT_REMARKS] = &s->remarks,
        [OPT_PRINT_C] = &s->print_c,
        [OPT_SANITIZE] = &s->sanitize,
        [OPT_NO_CONSOLIDATE] = &s->no_consolidate,
        [OPT_NO_CACHE] = &s->no_cache,
        [OPT_KEEP] = &s->keep,
        [OPT_VERBOSE] = &s->verbose,
    };

    return flags[id];
}

static int set(struct reading *r, enum option_id id, const char *value)
{
    struct settings *s = r->s;

    switch (id) {
    case OPT_INCLUDE:
        r->include[r->n_include++] = value;
        break;
    case OPT_TEXT:
        return set_text(r, value);
    case OPT_STDLIB:
        s->stdlib = value;
        break;
    case OPT_DUMP:
    case OPT_STOP:
        return set_pass(r, id, value);
    case OPT_OUTPUT:
        s->out = value;
        break;
    case OPT_BACKEND:
        return set_backend(r, value);
    case OPT_CC:
        s->cc = value;
        break;
    case OPT_CPU:
        s->cpu = value;
        break;
    case OPT_OPTIMISE:
        return set_optimise(r, value);
    case OPT_LTO:
        return set_lto(r, value);
    case OPT_TEXT_FORM:
    case OPT_JSON:
    case OPT_SVG:
        s->graph = GRAPH_TEXT + (id - OPT_TEXT_FORM);
        s->json = id == OPT_JSON;
        break;
    case OPT_VERIFY:
        s->verify = true;
        break;
    case OPT_VERIFY_SECONDS:
        s->verify = true;
        return set_seconds(r, value);
    case OPT_VERIFY_PCAP:
        s->verify = true;
        s->verify_pcap = value;
        break;
    case OPT_FILTER:
        s->filter = value;
        break;
    case OPT_LAYOUT:
        return set_layouts(r, value);
    case OPT_CAPTURES:
        s->captures = value;
        break;
    case OPT_JUNIT:
        s->junit = value;
        break;
    default:
        *flag(s, id) = true;
    }
    return -1;
}

/* The row that `arg` spells. *value: what is joined to it, or NULL. */
static int find_option(const char *arg, const char **value)
{
    for (int i = 0; i < OPT_N; i++) {
        const char *spelling = option_rows[i].spelling;
        size_t n = strlen(spelling);
        bool is_long = spelling[1] == '-';

        *value = NULL;
        if (strncmp(arg, spelling, n) != 0)
            continue;
        if (arg[n] == '\0')
            return i;
        *value = arg + n + (is_long ? 1 : 0);
        if (is_long ? arg[n] == '=' : option_rows[i].argument != NULL)
            return i;
    }
    return -1;
}

static int unknown_option(struct reading *r, const char *arg)
{
    static const char *const more[] = {"--help", "--version"};
    size_t n = strcspn(arg, "=");
    const char *word = arena_strn(r->s->arena, arg, n);
    const char *names[OPT_N + COUNT(more)];
    const enum command_id c = r->s->command;

    if (c == CMD_interp && !r->s->n_files)
        return usage_error(c,
                           "there is no option '%s' of nflc; those of the "
                           "program stand behind its file",
                           word);
    for (unsigned i = 0; i < OPT_N; i++)
        names[i] = option_rows[i].spelling;
    for (unsigned i = 0; i < COUNT(more); i++)
        names[OPT_N + i] = more[i];
    return usage_error(c, "there is no option '%s'%s", word,
                       did_you_mean(r->s->arena, word, names, COUNT(names)));
}

static int version(void)
{
    puts("nflc " PACKAGE_VERSION);
    return 0;
}

static int help(const struct settings *s)
{
    if (s->command < CMD_N)
        help_command(s->command, stdout);
    else
        help_all(stdout);
    return 0;
}

/* -e: the ports of its chain are those that the program's options bind. */
static int find_ports(struct settings *s)
{
    const char **ports = arena_alloc(s->arena, 3 * sizeof(char *));
    unsigned n = 0;

    for (int i = 1; i < s->n_rest; i++) {
        const char *arg = s->rest[i], *name = NULL;

        if (strncmp(arg, "--port=", 7) == 0)
            name = arg + 7;
        else if (strcmp(arg, "--port") == 0 && i + 1 < s->n_rest)
            name = s->rest[++i];
        if (name && n == 2)
            return usage_error(s->command, "-e takes one port or two");
        if (name)
            ports[n++] = arena_strn(s->arena, name, strcspn(name, "="));
    }
    if (n)
        s->ports = ports;
    return n || s->n_rest > 1
               ? -1
               : usage_error(s->command,
                             "which packets? nflc %s -e TEXT --port "
                             "NAME=pcap:FILE",
                             command_names[s->command]);
}

/* Is it an option of nflc, which a program does not know? */
static bool is_ours(const struct reading *r, int option)
{
    static const enum option_id names[] = {OPT_INCLUDE, OPT_STDLIB};

    for (unsigned k = 0; k < COUNT(names); k++)
        if (option == (int)names[k])
            return true;
    return option >= 0 && r->s->command == CMD_run &&
           !(option_rows[option].commands & 1u << CMD_interp) &&
           option_rows[option].commands & 1u << CMD_run;
}

/* interp, run: all that follows the file is the program's. */
static int take_rest(struct reading *r)
{
    struct settings *s = r->s;
    const char *value, *before = "";

    s->rest = r->argv - 1;
    for (; *r->argv; before = *r->argv++) {
        const char *arg = *r->argv, *next = r->argv[1];
        int i = find_option(arg, &value);

        if (!is_ours(r, i) || strcmp(before, "--eal") == 0)
            continue;
        if (value || !option_rows[i].argument)
            next = NULL;
        return usage_error(s->command,
                           "option %s is nflc's, so it stands before the "
                           "file: nflc %s %s%s%s %s ...",
                           option_rows[i].spelling, command_names[s->command],
                           arg, next ? " " : "", next ? next : "", s->files[0]);
    }
    s->n_rest = (int)(r->argv - s->rest);
    return s->text ? find_ports(s) : -1;
}

static int option(struct reading *r)
{
    const char *arg = *r->argv++, *value;
    int i;

    if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)
        return help(r->s);
    if (strcmp(arg, "--version") == 0)
        return version();
    i = find_option(arg, &value);
    if (i < 0)
        return unknown_option(r, arg);
    if (value && !option_rows[i].argument)
        return usage_error(r->s->command, "option %s takes no value",
                           option_rows[i].spelling);
    if (option_rows[i].argument && !value)
        value = *r->argv ? *r->argv++ : NULL;
    if (option_rows[i].argument && (!value || !*value))
        return usage_error(r->s->command, "option %s needs a value: %s",
                           option_rows[i].spelling, option_rows[i].argument);
    r->given[i] = arg;
    i = set(r, (enum option_id)i, value);
    return i < 0 && command_has_rest(r->s->command) && r->s->n_files
               ? take_rest(r)
               : i;
}

/* `nflc help build`. */
static int help_word(struct reading *r)
{
    const char *word = *r->argv;
    int c;

    if (!word || word[0] == '-' || strcmp(word, "help") == 0) {
        help_all(stdout);
        return 0;
    }
    if (strcmp(word, "doctor") == 0) {
        doctor_help(stdout);
        return 0;
    }
    if (strcmp(word, "fmt") == 0) {
        fmt_help(stdout);
        return 0;
    }
    c = find_command(word);
    if (c < 0)
        return usage_error(
            CMD_N, "there is no command '%s'%s", word,
            did_you_mean(r->s->arena, word, command_names, CMD_N));
    help_command((enum command_id)c, stdout);
    return 0;
}

static bool names_a_program(const char *word)
{
    size_t n = strlen(word);
    struct stat st;

    return (n > 4 && strcmp(word + n - 4, ".nfl") == 0) ||
           (stat(word, &st) == 0 && S_ISREG(st.st_mode));
}

/* Is there a -S, here or further on? */
static bool prints_c(const struct reading *r)
{
    for (char **a = r->argv; *a && !r->dashes; a++)
        if (strcmp(*a, "-S") == 0)
            return true;
    return r->s->print_c;
}

/* The first word. With -S it may be the file. */
static int first_word(struct reading *r)
{
    const char *word = *r->argv;
    struct settings *s = r->s;
    int c = find_command(word);

    if (c >= 0) {
        r->argv++;
        s->command = (enum command_id)c;
        return -1;
    }
    if (strcmp(word, "help") == 0) {
        r->argv++;
        return help_word(r);
    }
    if (prints_c(r)) {
        s->command = CMD_build;
        return -1;
    }
    if (names_a_program(word))
        return usage_error(CMD_N,
                           "'%s' is no command; did you mean "
                           "'nflc build %s'?",
                           word, word);
    return usage_error(CMD_N, "there is no command '%s'%s", word,
                       did_you_mean(s->arena, word, command_names, CMD_N));
}

static int word(struct reading *r)
{
    struct settings *s = r->s;

    if (s->command == CMD_N)
        return first_word(r);
    if (s->text)
        return usage_error(s->command, "one program: -e or %s, not both",
                           *r->argv);
    if (s->n_files > 0 && s->command == CMD_build)
        return usage_error(s->command,
                           "build takes one file, not '%s' and '%s'",
                           s->files[0], *r->argv);
    s->files[s->n_files++] = *r->argv++;
    return command_has_rest(s->command) ? take_rest(r) : -1;
}

/* "build, run and test" */
static const char *commands_text(struct arena *a, unsigned commands)
{
    const char *text = NULL;

    for (unsigned i = 0; i < CMD_N; i++) {
        if (!(commands & (1u << i)))
            continue;
        commands &= ~(1u << i);
        text = !text ? command_names[i]
                     : arena_fmt(a, "%s%s%s", text, commands ? ", " : " and ",
                                 command_names[i]);
    }
    return text;
}

/* What can be judged only when everything was read. */
static int check(struct reading *r)
{
    struct settings *s = r->s;

    if (s->command == CMD_N && s->print_c)
        s->command = CMD_build;
    if (s->command == CMD_N)
        return usage_error(s->command, "no command was given");
    for (unsigned i = 0; i < OPT_N; i++)
        if (r->given[i] && !(option_rows[i].commands & (1u << s->command)))
            return usage_error(
                s->command, "option %s is not for %s, only for %s",
                option_rows[i].spelling, command_names[s->command],
                commands_text(s->arena, option_rows[i].commands));
    if (s->n_files == 0)
        return usage_error(s->command, "%s needs a file",
                           command_names[s->command]);
    if (!s->stopped)
        s->last = command_last[s->command];
    if (s->sanitize && !s->heap)
        return usage_error(s->command,
                           "--sanitize needs --backend=heap: sanitizers are "
                           "blind inside DPDK's packet buffers");
    return -1;
}

int settings_parse(struct settings *s, struct arena *a, int argc, char **argv)
{
    static const char *const one_port[] = {"in", NULL};
    size_t room = (size_t)argc + 1;
    struct reading r = {.s = s, .argv = argv + 1};
    int status = -1;

    *s = (struct settings){.arena = a, .command = CMD_N};
    s->stdlib = paths_get()->stdlib;
    s->cpu = "native";
    s->verify_seconds = 10;
    s->optimise = -1;
    s->layouts = (1u << LAYOUT_N) - 1;
    s->cc = NFL_DEFAULT_CC;
    s->files = arena_alloc(a, room * sizeof(char *));
    s->ports = one_port;
    r.include = arena_alloc(a, room * sizeof(char *));
    s->include = r.include;
    while (status < 0 && *r.argv) {
        const char *arg = *r.argv;

        if (!r.dashes && strcmp(arg, "--") == 0) {
            r.dashes = true;
            r.argv++;
        } else if (!r.dashes && arg[0] == '-' && arg[1]) {
            status = option(&r);
        } else {
            status = word(&r);
        }
    }
    return status < 0 ? check(&r) : status;
}
