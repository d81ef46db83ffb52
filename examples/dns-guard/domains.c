/* domains(list): a set of names, by hash. `nflc externs dns-guard.nfl` prints
 * what is defined here. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 255, SLOTS = 1 << 16 };

struct nfx_domains {
    unsigned n;
    char *name[SLOTS]; /* at its hash or behind: "ads.example", in lower case */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned hash(const char *name)
{
    unsigned h = 2166136261u;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h % SLOTS;
}

static bool is_known(const struct nfx_domains *d, const char *name)
{
    for (unsigned i = hash(name); d->name[i]; i = (i + 1) % SLOTS)
        if (strcmp(d->name[i], name) == 0)
            return true;
    return false;
}

static bool add(struct nfx_domains *d, const char *text, size_t n)
{
    char *name = calloc(1, n + 1);
    unsigned i;

    if (!name || d->n == SLOTS / 2) {
        free(name);
        return false;
    }
    for (size_t k = 0; k < n; k++)
        name[k] = lower(text[k]);
    for (i = hash(name); d->name[i]; i = (i + 1) % SLOTS)
        ;
    d->name[i] = name;
    d->n++;
    return true;
}

struct nfx_domains *nfx_domains_new(const uint8_t *list, uint32_t list_len,
                                    char *err, uint32_t err_size)
{
    struct nfx_domains *d = calloc(1, sizeof(*d));
    uint32_t at = 0, n;

    for (; d && at < list_len; at += n + 1) {
        const char *line = (const char *)list + at;
        const char *end = memchr(line, '\n', list_len - at);

        n = end ? (uint32_t)(end - line) : list_len - at;
        if (n == 0 || line[0] == '#')
            continue;
        if (!add(d, line, n)) {
            snprintf(err, err_size, "more than %d domains", SLOTS / 2);
            nfx_domains_free(d);
            return NULL;
        }
    }
    return d;
}

void nfx_domains_free(struct nfx_domains *state)
{
    for (unsigned i = 0; i < SLOTS; i++)
        free(state->name[i]);
    free(state);
}

/* The name that begins at `at`, with dots between its labels: RFC 1035, section
 * 3.1. A question comes first, so it has no pointers. */
static bool read_name(const uint8_t *message, uint32_t len, uint32_t at,
                      char name[NAME_MAX_BYTES + 1])
{
    unsigned to = 0;

    while (at < len && message[at]) {
        unsigned n = message[at++];

        if (n > 63 || n > len - at || to + n + 1 > NAME_MAX_BYTES)
            return false;
        if (to)
            name[to++] = '.';
        for (; n > 0; n--)
            name[to++] = lower((char)message[at++]);
    }
    name[to] = '\0';
    return at < len && strlen(name) == to;
}

bool nfx_domains_has(const struct nfx_domains *state, const uint8_t *message,
                     uint32_t message_len, uint16_t at, bool *result)
{
    char name[NAME_MAX_BYTES + 1];
    const char *dot = name;

    if (!read_name(message, message_len, at, name))
        return false;
    *result = is_known(state, name);
    while (!*result && (dot = strchr(dot, '.')))
        *result = is_known(state, ++dot);
    return true;
}
