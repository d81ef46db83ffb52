#include "tool/cpu.h"

#include "tool/help.h"
#include "tool/process.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) || defined(__i386__)
#define CPU_FLAG "-march"
#else
#define CPU_FLAG "-mcpu"
#endif

/* Instruction sets that virtual machines are known to hide, or that a compiler
 * does not know as part of the CPU it takes this one for. Each is X in -mX and
 * __X__. Only sets that ordinary code may get into: no privileged ones. */
static const char *const sets[] = {
    "sse3",
    "ssse3",
    "sse4.1",
    "sse4.2",
    "popcnt",
    "lzcnt",
    "bmi",
    "bmi2",
    "movbe",
    "adx",
    "aes",
    "pclmul",
    "sha",
    "gfni",
    "vaes",
    "vpclmulqdq",
    "avx",
    "avx2",
    "f16c",
    "fma",
    "fma4",
    "xop",
    "tbm",
    "lwp",
    "sse4a",
    "rdrnd",
    "rdseed",
    "fsgsbase",
    "prfchw",
    "mwaitx",
    "clzero",
    "clwb",
    "clflushopt",
    "pku",
    "rdpid",
    "rdpru",
    "wbnoinvd",
    "waitpkg",
    "movdiri",
    "movdir64b",
    "serialize",
    "shstk",
    "avx512f",
    "avx512cd",
    "avx512bw",
    "avx512dq",
    "avx512vl",
    "avx512ifma",
    "avx512vbmi",
    "avx512vbmi2",
    "avx512vnni",
    "avx512bitalg",
    "avx512vpopcntdq",
    "avx512bf16",
    "avx512fp16",
    "avx512vp2intersect",
    "avxvnni",
    "avxifma",
    "avxvnniint8",
    "avxneconvert",
    "rtm",
    "hle",
};

static bool defines(const char *macros, const char *set)
{
    char line[64] = "#define __";
    size_t n = strlen(line);

    for (; *set && n < sizeof(line) - 5; set++)
        line[n++] = *set == '.' ? '_' : (char)toupper((unsigned char)*set);
    memcpy(line + n, "__ ", 4);
    return strstr(macros, line) != NULL;
}

/* All macros that the compiler defines for a CPU; NULL if it knows none of
 * that name, and *said is what it prints then. */
static const char *macros_of(struct arena *a, const char *cc, const char *name,
                             const char **said)
{
    struct words argv = words_new(a, cc, NULL);
    int status;

    words_fmt(&argv, "%s=%s", CPU_FLAG, name);
    words_split(&argv, "-dM -E -x c /dev/null");
    status = process_capture(&argv, NULL, said);
    return status == 0 ? *said : NULL;
}

/* The word between `before` and a blank or quote in `text`, or NULL. */
static const char *word_after(struct arena *a, const char *text,
                              const char *before)
{
    const char *at = strstr(text, before);
    size_t n;

    if (!at)
        return NULL;
    at += strlen(before);
    at += strspn(at, " \t\"");
    n = strcspn(at, " \t\"\n");
    return n ? arena_strn(a, at, n) : NULL;
}

/* clang's driver names the CPU in the command that it would run, gcc in its
 * table of options. */
static const char *native_name(struct arena *a, const char *cc)
{
    struct words clang = words_new(a, cc, CPU_FLAG "=native", NULL);
    struct words gcc = words_new(a, cc, CPU_FLAG "=native", NULL);
    const char *out, *name;

    words_split(&clang, "-### -c -x c /dev/null");
    if (process_capture(&clang, NULL, &out) == 0 &&
        (name = word_after(a, out, "\"-target-cpu\"")))
        return name;
    words_split(&gcc, "-Q --help=target");
    if (process_capture(&gcc, NULL, &out) == 0)
        return word_after(a, out, "  " CPU_FLAG "=");
    return NULL;
}

/* The names that a compiler lists when it does not know one: a list after a
 * colon, by commas or blanks. */
static struct words names_in(struct arena *a, const char *said)
{
    struct words names = {.arena = a};
    const char *at = strstr(said, "valid ");
    char *list, *c;

    at = at ? strstr(at, ": ") : NULL;
    if (!at)
        return names;
    list = arena_strn(a, at + 2, strcspn(at + 2, "\n"));
    for (c = list; *c; c++)
        if (*c == ',' || *c == ';')
            *c = ' ';
    words_split(&names, list);
    return names;
}

/* A few of the names, of all sizes; the rest is a long list. */
static const char *some_of(struct arena *a, const struct words *names)
{
    static const char *const known[] = {
        "x86-64-v2", "x86-64-v3", "x86-64-v4", "haswell",    "icelake-server",
        "znver2",    "znver3",    "znver4",    "cortex-a72", "neoverse-n1",
    };
    const char *some = "";

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        for (unsigned k = 0; k < names->n; k++)
            if (strcmp(names->v[k], known[i]) == 0)
                some = arena_fmt(a, "%s, %s", some, known[i]);
    return some;
}

static int unknown_cpu(struct arena *a, const char *cc, const char *wanted,
                       const char *said)
{
    struct words names = names_in(a, said);
    const char *native = native_name(a, cc);

    return usage_error(CMD_build,
                       "%s knows no CPU '%s'%s\n"
                       "It knows native (here: %s)%s and others.",
                       cc, wanted, did_you_mean(a, wanted, names.v, names.n),
                       native ? native : "unknown", some_of(a, &names));
}

static const char *version(struct arena *a, const char *macros)
{
    static const char before[] = "#define __VERSION__ ";
    const char *at = strstr(macros, before);

    at = at ? at + strlen(before) : "";
    return arena_strn(a, at, strcspn(at, "\n"));
}

static int clang_version(struct arena *a, const char *macros)
{
    const char *version = word_after(a, macros, "#define __clang_major__");

    return version ? atoi(version) : 0;
}

/* Adds what makes the named CPU this very one. */
static void adjust(struct cpu *c, const char *named, const char *native)
{
    for (unsigned i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        bool has = defines(native, sets[i]);

        if (has != defines(named, sets[i]))
            words_fmt(&c->flags, has ? "-m%s" : "-mno-%s", sets[i]);
    }
}

/* True after a message if the compiler does not even start, as when there is
 * no memory to load it. Else whatever it printed is an answer. */
static bool is_broken(struct arena *a, const char *cc)
{
    struct words argv = words_new(a, cc, "--version", NULL);
    const char *said;
    int status = process_capture(&argv, NULL, &said);

    if (status >= 0 && status < 126)
        return false;
    if (status < 0) /* it was told */
        return true;
    if (!*said)
        said = "a signal ended it";
    fprintf(stderr, "nflc: %s does not run: %.*s\n", cc,
            (int)strcspn(said, "\n"), said);
    return true;
}

int cpu_find(struct cpu *c, struct arena *a, const char *cc, const char *wanted)
{
    bool native = strcmp(wanted, "native") == 0;
    const char *named, *here, *said;

    *c = (struct cpu){.name = wanted, .flags = {.arena = a}};
    if (native && !(c->name = native_name(a, cc))) {
        if (is_broken(a, cc))
            return 1;
        fprintf(stderr,
                "nflc: %s does not tell this machine's CPU; is it gcc or "
                "clang? If so, name the CPU with --cpu\n",
                cc);
        return 1;
    }
    named = macros_of(a, cc, c->name, &said);
    if (!named && is_broken(a, cc))
        return 1;
    if (!named)
        return unknown_cpu(a, cc, wanted, said);
    c->clang = clang_version(a, named);
    c->version = version(a, named);
    words_fmt(&c->flags, "%s=%s", CPU_FLAG, c->name);
    if (native && (here = macros_of(a, cc, "native", &said)))
        adjust(c, named, here);
    return -1;
}
