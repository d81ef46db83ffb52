#include "tool/fmt.h"

#include "base/diag.h"
#include "base/mem.h"
#include "front/format.h"
#include "tool/output.h"
#include "tool/process.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum mode { WRITE, CHECK, DIFF, STDOUT };

struct job {
    struct arena *arena;
    enum mode mode;
    unsigned changed; /* files that were not formatted */
    int status;
};

void fmt_help(FILE *to)
{
    fputs(
        "Usage: nflc fmt [--check | --diff | --stdout] FILE|FOLDER...\n"
        "nflc fmt: lay out programs in one way, in place.\n"
        "Of a folder all .nfl files are taken, also below it; - is standard "
        "input.\n"
        "Blanks and indentation change, and lines over 100 columns are broken; "
        "tokens,\n"
        "comments and the author's line breaks stay. A file that does not "
        "parse is left\n"
        "alone, and its errors are printed.\n\n"
        "Options:\n"
        "  --check           write nothing; name the files that are not "
        "formatted\n"
        "  --diff            write nothing; show what would change\n"
        "  --stdout          write to standard output, not to the files\n\n"
        "Exit status: 0 fine, 1 a file has errors or, with --check and --diff, "
        "is not\n"
        "formatted, 2 wrong usage.\n",
        to);
}

static void fail(struct job *j, const char *path, const char *why)
{
    fprintf(stderr, "nflc: cannot read '%s': %s\n", path, why);
    j->status = 1;
}

/* ---- one file ---- */

/* The whole text goes to `path`, of these rights, or nothing does. */
static bool write_file(struct arena *a, const char *path, const char *text,
                       mode_t rights)
{
    struct output o;
    FILE *to;

    if (!output_open(&o, a, path, false))
        return false;
    to = fopen(o.part, "w");
    if (!to) {
        fprintf(stderr, "nflc: cannot write %s: %s\n", path, strerror(errno));
        output_abort(&o);
        return false;
    }
    fputs(text, to);
    if (!output_close(to, path) || chmod(o.part, rights) != 0) {
        output_abort(&o);
        return false;
    }
    return output_commit(&o);
}

static void replace(struct job *j, const char *path, const char *text)
{
    char *real = realpath(path, NULL); /* a link stays one */
    struct stat st;

    if (!real || stat(real, &st) != 0)
        fail(j, path, strerror(errno));
    else if (!write_file(j->arena, real, text, st.st_mode & 07777))
        j->status = 1;
    free(real);
}

/* By diff(1); the new text comes from a file of its own. */
static void show_diff(struct job *j, const char *path, const char *old,
                      const char *text)
{
    char names[2][32] = {"/tmp/nflc-fmt.XXXXXX", "/tmp/nflc-fmt.XXXXXX"};
    const char *texts[2] = {old, text};
    struct words argv;
    FILE *to;

    for (unsigned i = 0; i < 2; i++) {
        int fd = mkstemp(names[i]);

        to = fd < 0 ? NULL : fdopen(fd, "w");
        if (!to) {
            fprintf(stderr, "nflc: cannot write %s: %s\n", names[i],
                    strerror(errno));
            j->status = 1;
            return;
        }
        fputs(texts[i], to);
        fclose(to);
    }
    argv = words_new(j->arena, "diff", "-u", "--label", path, "--label", path,
                     names[0], names[1], (const char *)NULL);
    fflush(stdout);
    if (process_run(&argv, NULL) > 1)
        j->status = 1;
    unlink(names[0]);
    unlink(names[1]);
}

static void format_one(struct job *j, const struct source *src, bool input)
{
    struct diags *d = diags_new(j->arena);
    const char *text = format_source(j->arena, d, src);
    bool same = text && strcmp(text, src->text) == 0;

    if (!text) {
        diags_print(d, stderr, false);
        j->status = 1;
        return;
    }
    j->changed += !same;
    if (j->mode == STDOUT || (j->mode == WRITE && input))
        fputs(text, stdout);
    else if (!same && j->mode == DIFF)
        show_diff(j, src->path, src->text, text);
    else if (!same && j->mode == CHECK)
        printf("%s\n", src->path);
    else if (!same)
        replace(j, src->path, text);
}

/* "-" is standard input. */
static void format_path(struct job *j, const char *path)
{
    bool input = strcmp(path, "-") == 0;
    struct job one = *j;
    const char *why;
    struct source *src;

    one.arena = arena_new();
    src = source_read(one.arena, input ? "/dev/stdin" : path, &why);
    if (!src) {
        fail(&one, path, why);
    } else {
        src->path = input ? "standard input" : path;
        format_one(&one, src, input);
    }
    arena_free(one.arena);
    j->status = one.status;
    j->changed = one.changed;
}

/* ---- folders ---- */

static bool is_program(const char *name)
{
    size_t n = strlen(name);

    return n > 4 && strcmp(name + n - 4, ".nfl") == 0;
}

static void format_folder(struct job *j, const char *folder)
{
    struct dirent **found;
    int n = scandir(folder, &found, NULL, alphasort);
    struct stat st;

    if (n < 0) {
        fail(j, folder, strerror(errno));
        return;
    }
    for (int i = 0; i < n; i++) {
        const char *name = found[i]->d_name;
        const char *path =
            arena_fmt(j->arena, "%s%s%s", folder,
                      folder[strlen(folder) - 1] == '/' ? "" : "/", name);

        if (name[0] != '.' && lstat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                format_folder(j, path);
            else if (S_ISREG(st.st_mode) && is_program(name))
                format_path(j, path);
        }
        free(found[i]);
    }
    free(found);
}

/* ---- the command ---- */

static int usage(const char *what, const char *word)
{
    fprintf(stderr, "nflc: %s%s%s\nTry 'nflc help fmt'.\n", what,
            *word ? " " : "", word);
    return 2;
}

/* -1 to go on. */
static int option(struct job *j, const char *arg)
{
    static const char *const names[] = {"", "--check", "--diff", "--stdout"};

    if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
        fmt_help(stdout);
        return 0;
    }
    for (unsigned i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(arg, names[i]) != 0)
            continue;
        if (j->mode != WRITE && j->mode != (enum mode)i)
            return usage("only one of --check, --diff and --stdout", "");
        j->mode = (enum mode)i;
        return -1;
    }
    return usage("there is no option", arena_fmt(j->arena, "'%s'", arg));
}

int fmt(struct arena *a, int argc, char **argv)
{
    struct job j = {.arena = a};
    bool dashes = false;
    struct stat st;
    int n = 0, status;

    for (int i = 1; i < argc; i++) {
        if (!dashes && strcmp(argv[i], "--") == 0) {
            dashes = true;
        } else if (!dashes && argv[i][0] == '-' && argv[i][1]) {
            status = option(&j, argv[i]);
            if (status >= 0)
                return status;
        } else {
            argv[n++] = argv[i];
        }
    }
    if (n == 0)
        return usage("fmt needs a file or a folder", "");
    for (int i = 0; i < n; i++) {
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
            format_folder(&j, argv[i]);
        else
            format_path(&j, argv[i]);
    }
    if (j.mode != CHECK && j.mode != DIFF)
        return j.status;
    return j.status || j.changed ? 1 : 0;
}
