#include "tool/build.h"

#include "base/mem.h"
#include "emit/ctext.h"
#include "front/ast.h"
#include "tool/binary.h"
#include "tool/help.h"
#include "tool/output.h"
#include "tool/process.h"
#include "tool/proofs.h"
#include "tool/run.h"
#include "tool/scratch.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "edge" of "some/edge.nfl". */
static const char *program_name(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    size_t n = strlen(base);

    if (n > 4 && strcmp(base + n - 4, ".nfl") == 0)
        n -= 4;
    return arena_strn(a, base, n);
}

/* What is wrong with the file's name; -1: nothing. */
static int name_output(struct build *b)
{
    const struct settings *s = b->settings;

    if (s->command == CMD_run)
        return -1;
    if (!b->out)
        b->out = s->print_c ? "-" : b->name;
    if (!s->out && !s->print_c && s->text)
        return usage_error(CMD_build, "name the binary of -e with -o");
    if (!s->out && !s->print_c && strcmp(b->name, s->files[0]) == 0)
        return usage_error(CMD_build,
                           "%s does not end in .nfl; name the binary with -o",
                           s->files[0]);
    if (!s->print_c && strcmp(b->out, "-") == 0)
        return usage_error(CMD_build, "a binary cannot go to standard output");
    return -1;
}

int build_start(struct build *b, struct arena *a, const struct settings *s)
{
    int status;

    *b = (struct build){.settings = s, .arena = a, .out = s->out};
    b->name = s->text ? "main" : program_name(a, s->files[0]);
    if (s->stopped)
        return -1;
    status = name_output(b);
    if (status >= 0 || s->print_c)
        return status;
    if (!s->no_cache && !s->sanitize && !s->keep)
        b->cache = cache_open(a, s->verbose);
    return toolchain_find(&b->tools, a, s, b->cache);
}

/* A binary must not take the place of a source. */
static bool is_source(const struct unit *u, const char *path)
{
    struct stat out, in;
    const struct source *s;

    if (stat(path, &out) < 0)
        return false;
    for (s = u->ast->sources; s; s = s->next)
        if (stat(s->path, &in) == 0 && in.st_dev == out.st_dev &&
            in.st_ino == out.st_ino) {
            fprintf(stderr,
                    "nflc: cannot write %s: it is a source of the "
                    "program\n",
                    path);
            return true;
        }
    return false;
}

/* `name` is what messages call it. */
static bool write_c(const struct unit *u, const char *path, const char *name)
{
    FILE *to = fopen(path, "w");

    if (!to) {
        fprintf(stderr, "nflc: cannot write %s: %s\n", name, strerror(errno));
        return false;
    }
    ctext_dump(u->ctext, to);
    return output_close(to, name);
}

/* What goes when there is no memory in the middle of it. */
static void give_up(void *of)
{
    const struct build *b = of;

    if (b->part)
        output_abort(b->part);
    if (b->folder)
        scratch_remove(b->folder);
}

static int print_c(struct build *b, const struct unit *u)
{
    struct output o;

    if (strcmp(b->out, "-") == 0) {
        ctext_dump(u->ctext, stdout);
        return 0;
    }
    if (!output_open(&o, b->arena, b->out, false))
        return 1;
    if (!write_c(u, o.part, o.path)) {
        output_abort(&o);
        return 1;
    }
    return output_commit(&o) ? 0 : 1;
}

/* The part becomes the binary, with the permissions of a new program. */
static bool fill(const struct output *o, const struct blob *bin)
{
    mode_t mask = umask(0);
    int fd = open(o->part, O_WRONLY | O_TRUNC | O_CLOEXEC);
    bool good;

    umask(mask);
    good = fd >= 0 && blob_write(bin, fd) && fchmod(fd, 0777 & ~mask) == 0;
    if (fd >= 0)
        good = close(fd) == 0 && good;
    if (!good)
        fprintf(stderr, "nflc: cannot write %s: %s\n", o->path,
                strerror(errno));
    return good;
}

static int make_file(struct build *b, const struct unit *u)
{
    struct output o;
    struct blob bin;
    bool made;

    if (!output_open(&o, b->arena, b->out, true))
        return 1;
    b->part = &o;
    made = binary_make(b, u, &bin) && fill(&o, &bin);
    b->part = NULL;
    if (made)
        made = output_commit(&o);
    else
        output_abort(&o);
    return made ? 0 : 1;
}

/* Ends as the signal would have ended us, had there been nothing to remove. */
static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

/* From memory: the process becomes the program. */
static int run(struct build *b, const struct unit *u)
{
    const struct settings *s = b->settings;
    struct blob bin;

    if (!binary_make(b, u, &bin))
        return 1;
    process_unguard();
    return process_signal() ? 1 : run_program(b->name, &bin, s->rest);
}

int build_finish(struct build *b, const struct unit *u)
{
    const struct settings *s = b->settings;
    int status;

    if (s->command == CMD_build && strcmp(b->out, "-") != 0 &&
        is_source(u, b->out))
        return 1;
    if (s->verify && !proofs_good(u, s, s->print_c ? stderr : stdout))
        return 1;
    if (s->print_c)
        return print_c(b, u);
    process_guard();
    mem_cleanup(give_up, b);
    status = s->command == CMD_run ? run(b, u) : make_file(b, u);
    mem_cleanup(NULL, NULL);
    if (process_signal())
        die_of(process_signal());
    return status;
}
