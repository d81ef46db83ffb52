#include "tool/help.h"

#include "base/arena.h"
#include "base/diag.h"
#include "config.h"

#include <stdarg.h>
#include <string.h>

#define ALL     ((1u << CMD_N) - 1)
#define BUILD   (1u << CMD_build)
#define GRAPH   (1u << CMD_graph)
#define EXPLAIN (1u << CMD_explain)
#define TEST    (1u << CMD_test)
#define INTERP  (1u << CMD_interp)
#define MAKE    (BUILD | 1u << CMD_run | TEST)

const struct option_row option_rows[OPT_N] = {
#define OPTION(id, spelling, argument, commands, what)                         \
    {spelling, argument, commands, what},
#include "tool/option.def"
#undef OPTION
};

const char *const command_names[CMD_N] = {
#define COMMAND(name, arguments, last, what) #name,
#include "tool/command.def"
#undef COMMAND
};

const char *const pass_names[PASS_N] = {
#define PASS(name, field, dump, what) #name,
#include "pass.def"
#undef PASS
};

static const char *const command_arguments[CMD_N] = {
#define COMMAND(name, arguments, last, what) arguments,
#include "tool/command.def"
#undef COMMAND
};

static const char *const command_what[CMD_N] = {
#define COMMAND(name, arguments, last, what) what,
#include "tool/command.def"
#undef COMMAND
};

static const char *const pass_what[PASS_N] = {
#define PASS(name, field, dump, what) what,
#include "pass.def"
#undef PASS
};

/* Two columns; a long left one gets a line of its own. */
static void row(FILE *to, const char *left, const char *what)
{
    if (strlen(left) > 16)
        fprintf(to, "  %s\n%20s%s\n", left, "", what);
    else
        fprintf(to, "  %-16s  %s\n", left, what);
}

static void option_help(FILE *to, enum command_id c)
{
    fprintf(to, "\nOptions:\n");
    for (unsigned i = 0; i < OPT_N; i++) {
        const struct option_row *o = &option_rows[i];
        const char *gap = o->spelling[1] == '-' ? "=" : " ";
        char left[64];

        if (!(o->commands & (1u << c)))
            continue;
        snprintf(left, sizeof left, "%s%s%s", o->spelling,
                 o->argument ? gap : "", o->argument ? o->argument : "");
        row(to, left, o->what);
    }
}

void help_passes(FILE *to)
{
    fprintf(to, "Passes, in order:\n");
    for (unsigned i = 0; i < PASS_N; i++)
        row(to, pass_names[i], pass_what[i]);
}

bool command_has_rest(enum command_id c)
{
    return c == CMD_interp || c == CMD_run;
}

void help_all(FILE *to)
{
    fprintf(to, "Usage: nflc COMMAND [OPTION]... FILE...\n"
                "Compiles network functions written in NFL.\n\n"
                "Commands:\n");
    for (unsigned i = 0; i < CMD_N; i++)
        row(to, command_names[i], command_what[i]);
    row(to, "fmt", "lay out programs in one way");
    row(to, "doctor", "tell what this machine lacks, and what mends it");
    row(to, "help [COMMAND]", "explain a command and its options");
    fprintf(to, "\nOther forms:\n");
    row(to, "-S FILE", "print the C of a program: nflc build -S");
    row(to, "--version", "print the version");
    row(to, "--help", "this text");
    fprintf(to, "\nExit status: 0 fine, 1 errors in a program or a failed "
                "build, 2 wrong usage.\n"
                "All is explained in the manual page: man nflc\n");
}

void help_command(enum command_id c, FILE *to)
{
    fprintf(to, "Usage: nflc %s [OPTION]... %s\n", command_names[c],
            command_arguments[c]);
    fprintf(to, "nflc %s: %s.\n", command_names[c], command_what[c]);
    if (command_has_rest(c))
        fprintf(to, "Options before FILE are nflc's, those after it the "
                    "program's, the same as those\n"
                    "of its binary: --port, --help and others.\n");
    option_help(to, c);
    fprintf(to, "\n");
    help_passes(to);
}

int usage_error(enum command_id command, const char *fmt, ...)
{
    va_list ap;

    fflush(stdout);
    fputs("nflc: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    if (command < CMD_N)
        fprintf(stderr, "\nTry 'nflc help %s'.\n", command_names[command]);
    else
        fputs("\nTry 'nflc --help'.\n", stderr);
    return 2;
}

const char *did_you_mean(struct arena *a, const char *word,
                         const char *const *names, unsigned n)
{
    const char *near = diag_nearest(word, names, n);

    return near ? arena_fmt(a, "; did you mean '%s'?", near) : "";
}
