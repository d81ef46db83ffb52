#include "tool/probe.h"

#include "tool/digest.h"
#include "tool/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of /proc/cpuinfo that change from core to core or by the hour. */
static bool is_passing(const char *line)
{
    static const char *const names[] = {
        "processor",      "cpu MHz",  "core id",  "apicid",
        "initial apicid", "bogomips", "BogoMIPS", "physical id",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(line, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* This machine's CPU: what is said of the first one. False if nothing is. */
static bool add_native(struct digest *d)
{
    FILE *from = fopen("/proc/cpuinfo", "re");
    char *line = NULL;
    size_t room = 0;
    unsigned n = 0;

    if (!from)
        return false;
    for (; getline(&line, &room, from) > 0 && line[0] != '\n'; n++)
        if (!is_passing(line))
            digest_text(d, line);
    free(line);
    fclose(from);
    return n > 0;
}

static bool find_key(char *key, struct arena *a, const char *cc,
                     const char *wanted)
{
    const char *path = process_find(a, cc);
    struct digest d;
    bool good;

    digest_init(&d);
    digest_text(&d, "cpu 1");
    digest_text(&d, wanted);
    good = path && digest_identity(&d, path) &&
           (strcmp(wanted, "native") != 0 || add_native(&d));
    digest_end(&d, key);
    return good;
}

static struct blob to_text(const struct cpu *c, struct arena *a)
{
    const char *flags = "";
    char *text;

    for (unsigned i = 0; i < c->flags.n; i++)
        flags = arena_fmt(a, "%s %s", flags, c->flags.v[i]);
    text =
        arena_fmt(a, "%s\n%s\n%d\n%s\n", c->name, c->version, c->clang, flags);
    return (struct blob){text, strlen(text)};
}

/* The digest was right, so the lines are there. */
static void from_text(struct cpu *c, struct arena *a, const struct blob *b)
{
    char *at = arena_strn(a, b->data, b->n);
    const char *line[4];

    for (unsigned i = 0; i < 4; i++)
        line[i] = strsep(&at, "\n");
    *c = (struct cpu){.name = line[0],
                      .version = line[1],
                      .clang = atoi(line[2]),
                      .flags = {.arena = a}};
    words_split(&c->flags, line[3]);
}

int probe_cpu(struct cpu *c, struct arena *a, const char *cc,
              const char *wanted, struct cache *cache)
{
    char key[DIGEST_HEX + 1];
    struct blob text;
    bool known = cache && find_key(key, a, cc, wanted);
    int status;

    if (known && cache_get(cache, key, &text)) {
        from_text(c, a, &text);
        return -1;
    }
    status = cpu_find(c, a, cc, wanted);
    if (status < 0 && known) {
        text = to_text(c, a);
        cache_put(cache, key, &text);
    }
    return status;
}
