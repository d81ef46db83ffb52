/* Reads backend files; stdlib/type/maglev.nfl documents what may stand in
 * them. */
#include "core/lines.h"
#include <nfl/backend_text.h>

#include <stdlib.h>
#include <string.h>

struct reader {
    struct nfl_lines in;
    struct nfl_backends *to;
    unsigned room; /* in to->backends */
};

static bool not_an_address(struct reader *r, const char *word)
{
    return nfl_lines_fail(&r->in,
                          "'%.*s' is not an address; write 10.0.0.1, "
                          "10.0.0.1:80 or [2001:db8::1]:80",
                          NFL_WORD_SHOWN, word);
}

static bool read_port(struct reader *r, const char *word, struct nfl_backend *b)
{
    unsigned port;

    if (!nfl_text_number(word, 65535, &port) || port == 0)
        return nfl_lines_fail(&r->in,
                              "port '%.*s' is not a number from 1 to 65535",
                              NFL_WORD_SHOWN, word);
    b->port = (uint16_t)port;
    return true;
}

static bool wants_brackets(struct reader *r, const char *word)
{
    return nfl_lines_fail(&r->in,
                          "an IPv6 address stands in brackets: [%.*s], or "
                          "[%.*s]:80 with a port",
                          NFL_WORD_SHOWN, word, NFL_WORD_SHOWN, word);
}

/* ADDR, ADDR:PORT, [ADDR] or [ADDR]:PORT */
static bool read_endpoint(struct reader *r, char *word, struct nfl_backend *b)
{
    bool bracket = *word == '[';
    char *end = bracket ? strchr(word, ']') : strrchr(word, ':');
    const char *port = NULL;
    unsigned bits;

    if (nfl_text_addr(word, &b->addr, &bits) && bits == 128)
        return wants_brackets(r, word);
    if (bracket && (!end || (end[1] && end[1] != ':')))
        return not_an_address(r, word);
    if (end && (!bracket || end[1]))
        port = bracket ? end + 2 : end + 1;
    if (end)
        *end = '\0';
    word += bracket;
    if (!nfl_text_addr(word, &b->addr, &bits))
        return not_an_address(r, word);
    if (bracket && bits == 32)
        return nfl_lines_fail(&r->in,
                              "'%s' is not an IPv6 address, so it "
                              "stands without brackets",
                              word);
    if (!bracket && bits == 128)
        return wants_brackets(r, word);
    b->v6 = bits == 128;
    return !port || read_port(r, port, b);
}

static bool read_weight(struct reader *r, struct nfl_backend *b)
{
    const char *word = nfl_lines_word(&r->in);
    unsigned weight;

    if (!word || !nfl_text_number(word, 65535, &weight))
        return nfl_lines_fail(&r->in, "weight needs a number from 0 to 65535");
    b->weight = (uint16_t)weight;
    return true;
}

static bool read_id(struct reader *r, struct nfl_backend *b)
{
    const char *word = nfl_lines_word(&r->in);
    unsigned id;

    if (!word || !nfl_text_number(word, UINT32_MAX, &id))
        return nfl_lines_fail(&r->in, "id needs a number from 0 to 4294967295");
    b->id = id;
    b->named = true;
    return true;
}

/* [weight N] [id N] [drain], in any order */
static bool read_words(struct reader *r, struct nfl_backend *b)
{
    enum { WEIGHT, ID, DRAIN, N };
    static const char *const words[N + 1] = {"weight", "id", "drain", NULL};
    bool given[N] = {false};
    const char *word;
    unsigned i;

    b->weight = 1;
    while ((word = nfl_lines_word(&r->in)) != NULL) {
        for (i = 0; i < N && strcmp(word, words[i]) != 0; i++)
            ;
        if (i == N)
            return nfl_lines_fail_word(&r->in, "no such word", word, words,
                                       "weight N, id N, drain, or nothing");
        if (given[i])
            return nfl_lines_fail(&r->in, "'%s' twice", words[i]);
        given[i] = true;
        b->drain |= i == DRAIN;
        if ((i == WEIGHT && !read_weight(r, b)) || (i == ID && !read_id(r, b)))
            return false;
    }
    return true;
}

static bool append(struct reader *r, const struct nfl_backend *b)
{
    struct nfl_backends *to = r->to;
    unsigned i;
    void *p;

    for (i = 0; i < to->n; i++) {
        const struct nfl_backend *o = &to->backends[i];

        if (o->addr == b->addr && o->v6 == b->v6 && o->port == b->port)
            return nfl_lines_fail(&r->in,
                                  "this backend stands in line %u already; "
                                  "give one of the two a weight for both",
                                  o->line);
        if (b->named && o->named && o->id == b->id && o->v6 == b->v6)
            return nfl_lines_fail(
                &r->in, "the backend of line %u has this id already", o->line);
    }
    if (to->n == NFL_BACKENDS_MAX)
        return nfl_lines_fail(&r->in, "more than %d backends",
                              NFL_BACKENDS_MAX);
    if (to->n == r->room) {
        r->room = r->room ? 2 * r->room : 16;
        p = realloc(to->backends, r->room * sizeof(*to->backends));
        if (!p)
            return nfl_lines_fail(&r->in, "no memory for so many backends");
        to->backends = p;
    }
    to->backends[to->n++] = *b;
    return true;
}

static bool read_backend(struct reader *r)
{
    struct nfl_backend b = {.line = r->in.line};
    char *word = nfl_lines_word(&r->in);

    return !word ||
           (read_endpoint(r, word, &b) && read_words(r, &b) && append(r, &b));
}

struct nfl_backends *nfl_backends_read(const char *path, char *err,
                                       size_t errlen)
{
    struct reader r = {.to = NULL};
    int more = -1;

    if (!nfl_lines_open(&r.in, path, "a file of backends", err, errlen))
        return NULL;
    r.to = calloc(1, sizeof(*r.to));
    if (r.to) {
        while ((more = nfl_lines_next(&r.in)) > 0 && read_backend(&r))
            continue;
    } else {
        nfl_lines_fail(&r.in, "no memory");
    }
    nfl_lines_close(&r.in);
    if (more == 0)
        return r.to;
    nfl_backends_free(r.to);
    return NULL;
}

void nfl_backends_free(struct nfl_backends *b)
{
    if (!b)
        return;
    free(b->backends);
    free(b);
}
