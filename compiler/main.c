/* nflc: reads the command line, runs the passes of pass.def, and hands their
 * products to the command. */
#include "base/arena.h"
#include "base/diag.h"
#include "emit/ctext.h"
#include "front/pass.h"
#include "interp/interp.h"
#include "ir/ir.h"
#include "plan/binding.h"
#include "plan/deps.h"
#include "plan/plan.h"
#include "sema/effect.h"
#include "sema/cproto.h"
#include "sema/pass.h"
#include "tool/build.h"
#include "tool/ccode.h"
#include "tool/doctor.h"
#include "tool/explain.h"
#include "tool/fmt.h"
#include "tool/graph.h"
#include "tool/output.h"
#include "tool/proofs.h"
#include "tool/settings.h"
#include "tool/test.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct pass {
    void (*run)(struct unit *u);
    void (*dump)(const struct unit *u, FILE *to);
};

#define PASS(name, field, dump, what)                                          \
    static void dump_##name(const struct unit *u, FILE *to)                    \
    {                                                                          \
        dump(u->field, to);                                                    \
    }
#include "pass.def"
#undef PASS

static const struct pass passes[PASS_N] = {
#define PASS(name, field, dump, what) {pass_##name, dump_##name},
#include "pass.def"
#undef PASS
};

/* A library is fine to check, but there is nothing to run in it. */
static void want_chain(const struct unit *u)
{
    static const struct loc nowhere;

    if (u->tree->chains.n == 0)
        diag_hint(diag_error(u->diags, nowhere,
                             "'%s' has no chain, so it does nothing", u->path),
                  "chain NAME (LEFT <-> RIGHT) = NF");
}

/* Runs the passes up to the last one asked for; false if there were errors. */
static bool run_passes(struct unit *u, const struct settings *s)
{
    bool good;

    for (unsigned i = 0; i <= (unsigned)s->last; i++) {
        passes[i].run(u);
        if (i == PASS_types && s->command != CMD_check &&
            s->command != CMD_test && s->command != CMD_externs &&
            !s->stopped && !diags_errors(u->diags))
            want_chain(u);
        if (diags_errors(u->diags))
            break;
        if (s->dump & (1u << i))
            passes[i].dump(u, stdout);
    }
    good = diags_errors(u->diags) == 0;
    if (good && u->tree && s->command == CMD_check)
        interp_advise(u);
    fflush(stdout);
    diags_print(u->diags, stderr, s->remarks);
    return good;
}

static int run_file(const struct settings *s, struct arena *a, const char *path)
{
    struct unit u = {.arena = a,
                     .diags = diags_new(a),
                     .path = path,
                     .text = s->text,
                     .ports = s->ports,
                     .include = s->include,
                     .stdlib = s->stdlib,
                     .tests = s->command == CMD_check,
                     .consolidate = !s->no_consolidate};
    struct build b;
    int status = -1;

    if (s->command == CMD_build || s->command == CMD_run)
        status = build_start(&b, a, s);
    if (status >= 0)
        return status;
    if (!run_passes(&u, s))
        return 1;
    if (s->stopped || s->command == CMD_check)
        return 0;
    if (s->command == CMD_explain) {
        if (s->json && !explain_json(&u, s->n_files > 1, stdout))
            return 1;
        if (!s->json)
            explain(&u, stdout);
        return s->verify && !proofs_good(&u, s, s->json ? stderr : stdout);
    }
    if (s->command == CMD_externs)
        cproto_header(a, u.tree, stdout);
    if (s->command == CMD_externs)
        return 0;
    if (s->command == CMD_graph)
        return graph(&u, s);
    if (s->command == CMD_interp)
        return ccode_load(&u, s) ? interp_run(&u, s->n_rest, s->rest) : 1;
    return build_finish(&b, &u);
}

/* One arena for each file. */
static int run_files(const struct settings *s)
{
    int status = 0, one;

    for (unsigned i = 0; i < s->n_files; i++) {
        struct arena *a = arena_new();

        one = run_file(s, a, s->files[i]);
        if (one > status)
            status = one;
        arena_free(a);
    }
    return status;
}

/* Commands that read their arguments themselves. */
static int own_command(struct arena *a, int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "doctor") == 0)
        return doctor(a, argc - 1, argv + 1);
    if (strcmp(word, "fmt") == 0)
        return fmt(a, argc - 1, argv + 1);
    if (strcmp(word, "explain") == 0)
        return explain_codes(argc - 1, argv + 1);
    return -1;
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    struct settings s;
    int status = own_command(a, argc, argv);

    if (status < 0) {
        status = settings_parse(&s, a, argc, argv);
        if (status < 0)
            status = s.command == CMD_test ? test_command(&s, run_passes)
                                           : run_files(&s);
    }
    if (!output_close(stdout, "standard output") && status == 0)
        status = 1;
    arena_free(a);
    return status;
}
