#include "tool/build.h"

#include "base/mem.h"
#include "front/ast.h"
#include "tool/help.h"
#include "tool/output.h"
#include "tool/process.h"
#include "tool/scratch.h"
#include "unit.h"

#include <errno.h>
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

int build_start(struct build *b, struct arena *a, const struct settings *s)
{
    const char *file = s->files[0];

    *b = (struct build){.settings = s, .arena = a, .out = s->out};
    b->name = program_name(a, file);
    if (s->stopped)
        return -1;
    if (!b->out)
        b->out = s->print_c ? "-" : b->name;
    if (!s->out && !s->print_c && strcmp(b->name, file) == 0)
        return usage_error(CMD_build,
                           "%s does not end in .nfl; name the binary with -o",
                           file);
    if (!s->print_c && strcmp(b->out, "-") == 0)
        return usage_error(CMD_build, "a binary cannot go to standard output");
    return s->print_c ? -1 : toolchain_find(&b->tools, a, s);
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
static bool write_c(struct build *b, const struct unit *u, const char *path,
                    const char *name)
{
    FILE *to = fopen(path, "w");

    if (!to) {
        fprintf(stderr, "nflc: cannot write %s: %s\n", name, strerror(errno));
        return false;
    }
    b->print(u->ctext, to);
    return output_close(to, name);
}

/* What goes when there is no memory in the middle of it. */
struct half_made {
    struct output output;
    const char *folder;
};

static void give_up(void *of)
{
    const struct half_made *h = of;

    output_abort(&h->output);
    if (h->folder)
        scratch_remove(h->folder);
}

static int print_c(struct build *b, const struct unit *u)
{
    struct output o;

    if (strcmp(b->out, "-") == 0) {
        b->print(u->ctext, stdout);
        return 0;
    }
    if (!output_open(&o, b->arena, b->out, false))
        return 1;
    if (!write_c(b, u, o.part, o.path)) {
        output_abort(&o);
        return 1;
    }
    return output_commit(&o) ? 0 : 1;
}

/* Nothing an author writes may make the C compiler fail. */
static bool our_fault(const struct build *b, const char *folder)
{
    if (!process_signal() && !b->tools.excused)
        fprintf(stderr,
                "nflc: %s failed on the C that nflc wrote: a fault of nflc, "
                "not of the program.\n"
                "Please report it. The C is kept in %s\n",
                b->tools.ran, folder);
    return false;
}

static bool link_fault(const struct build *b)
{
    if (!process_signal() && !b->tools.excused)
        fprintf(stderr,
                "nflc: %s could not link the program. Is nflc installed "
                "whole, and the DPDK\n"
                "that it was built with? 'nflc build -v' shows the command.\n",
                b->tools.cc);
    return false;
}

/* Fills the output's part; *keep is set if the C is worth a look. */
static bool make(struct build *b, const struct unit *u, const char *folder,
                 const char *out, bool *keep)
{
    const char *c = arena_fmt(b->arena, "%s/%s.c", folder, b->name);

    if (!write_c(b, u, c, c))
        return false;
    if (!toolchain_compile(&b->tools, folder, b->name)) {
        *keep = *keep || (!process_signal() && !b->tools.excused);
        return our_fault(b, folder);
    }
    return toolchain_link(&b->tools, folder, b->name, out) || link_fault(b);
}

static int make_binary(struct build *b, const struct unit *u)
{
    bool made = false, keep = b->settings->keep;
    struct half_made h = {.folder = NULL};

    process_guard();
    if (!output_open(&h.output, b->arena, b->out, true))
        return 1;
    mem_cleanup(give_up, &h);
    h.folder = scratch_new(b->arena);
    if (h.folder)
        made = make(b, u, h.folder, h.output.part, &keep);
    mem_cleanup(NULL, NULL);
    if (made)
        made = output_commit(&h.output);
    else
        output_abort(&h.output);
    if (h.folder && !keep)
        scratch_remove(h.folder);
    else if (h.folder && b->settings->keep)
        fprintf(stderr, "nflc: kept %s\n", h.folder);
    return made ? 0 : 1;
}

/* Ends as the signal would have ended us, had there been nothing to remove. */
static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

int build_finish(struct build *b, const struct unit *u)
{
    int status;

    if (strcmp(b->out, "-") != 0 && is_source(u, b->out))
        return 1;
    if (b->settings->print_c)
        return print_c(b, u);
    status = make_binary(b, u);
    if (process_signal())
        die_of(process_signal());
    return status;
}
