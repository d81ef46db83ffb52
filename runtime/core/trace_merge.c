/* The traces of several workers as one. */
#include <nfl/trace.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = '@' };

/* What a line is sorted by; ends of flows come before what the packet does, and
 * that is due never. */
struct key {
    uint64_t packet, expires, chain, armed;
};

struct cursor {
    const char *at, *end; /* the line at hand; at == end: no more */
    size_t len;           /* of it, with its newline */
    struct key key;
};

void nfl_trace_due(FILE *to, uint64_t expires, unsigned chain, uint64_t armed)
{
    fprintf(to, "%c%llu %u %llu\n", MARK, (unsigned long long)expires, chain,
            (unsigned long long)armed);
}

static bool before(const struct key *a, const struct key *b)
{
    if (a->packet != b->packet)
        return a->packet < b->packet;
    if (a->expires != b->expires)
        return a->expires < b->expires;
    if (a->chain != b->chain)
        return a->chain < b->chain;
    return a->armed < b->armed;
}

static void read_mark(struct key *k, const char *text)
{
    char *p;

    k->expires = strtoull(text + 1, &p, 10);
    k->chain = strtoull(p, &p, 10);
    k->armed = strtoull(p, &p, 10);
}

/* To the next line that is one of the trace. Every text ends in a newline. */
static void look(struct cursor *c)
{
    while (c->at < c->end) {
        const char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));

        c->len = (size_t)((nl ? nl + 1 : c->end) - c->at);
        if (*c->at != MARK) {
            c->key.packet = strtoull(c->at, NULL, 10);
            return;
        }
        read_mark(&c->key, c->at);
        c->at += c->len;
    }
}

bool nfl_trace_merge(FILE *to, const struct nfl_trace_part *parts, unsigned n)
{
    struct cursor *c = calloc(n + 1, sizeof(*c)), *first;
    bool all = c != NULL;
    unsigned i;

    for (i = 0; c && i < n; i++) {
        c[i].at = parts[i].text;
        c[i].end = parts[i].text + parts[i].len;
        c[i].key.expires = UINT64_MAX;
        look(&c[i]);
    }
    while (c) {
        first = NULL;
        for (i = 0; i < n; i++)
            if (c[i].at < c[i].end &&
                (!first || before(&c[i].key, &first->key)))
                first = &c[i];
        if (!first)
            break;
        fwrite(first->at, 1, first->len, to);
        first->at += first->len;
        look(first);
    }
    free(c);
    return all;
}
