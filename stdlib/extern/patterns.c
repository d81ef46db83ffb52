/* patterns(list): Vectorscan in block mode. Its scratch memory is each worker's
 * own; the database never changes. */
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_MAX = 4096, PATTERNS_MAX = 100000 };

struct nfx_patterns {
    hs_database_t *db;
    /* while they are read */
    char **text;
    unsigned *id, *flags;
    unsigned n;
};

struct nfx_patterns_scratch {
    hs_scratch_t *hs;
};

/* ---- the file ---- */

static bool flags_of(const char *text, unsigned *flags)
{
    *flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
    for (; *text; text++) {
        if (*text == 'i')
            *flags |= HS_FLAG_CASELESS;
        else if (*text == 's')
            *flags |= HS_FLAG_DOTALL;
        else if (*text == 'm')
            *flags |= HS_FLAG_MULTILINE;
        else
            return false;
    }
    return true;
}

/* NUMBER:/EXPRESSION/FLAGS */
static bool add(struct nfx_patterns *p, char *line)
{
    char *end, *last;
    unsigned long id = strtoul(line, &end, 10);

    if (end == line || end[0] != ':' || end[1] != '/' || id > UINT32_MAX)
        return false;
    last = strrchr(end + 2, '/');
    if (!last || !flags_of(last + 1, &p->flags[p->n]))
        return false;
    *last = '\0';
    p->text[p->n] = strdup(end + 2);
    p->id[p->n] = (unsigned)id;
    return p->text[p->n] && ++p->n;
}

static bool read_lines(struct nfx_patterns *p, const uint8_t *list,
                       uint32_t list_len, char *err, uint32_t err_size)
{
    char line[EXPRESSION_MAX];
    unsigned number = 0;
    uint32_t n;

    for (uint32_t at = 0; at < list_len; at += n + 1) {
        const uint8_t *end = memchr(list + at, '\n', list_len - at);

        n = (uint32_t)(end ? end - (list + at) : list_len - at);
        number++;
        snprintf(line, sizeof(line), "%.*s", (int)n, (const char *)list + at);
        line[strcspn(line, "\r")] = '\0';
        if (!line[0] || line[0] == '#')
            continue;
        if (p->n == PATTERNS_MAX || n >= sizeof(line) || !add(p, line)) {
            snprintf(err, err_size,
                     "patterns, line %u: expected NUMBER:/EXPRESSION/FLAGS",
                     number);
            return false;
        }
    }
    if (p->n == 0)
        snprintf(err, err_size, "there are no patterns in the file");
    return p->n > 0;
}

static void forget(struct nfx_patterns *p)
{
    for (unsigned i = 0; i < p->n; i++)
        free(p->text[i]);
    free(p->text);
    free(p->id);
    free(p->flags);
}

static bool compile(struct nfx_patterns *p, char *err, uint32_t err_size)
{
    hs_compile_error_t *wrong = NULL;

    if (hs_compile_multi((const char *const *)p->text, p->flags, p->id, p->n,
                         HS_MODE_BLOCK, NULL, &p->db, &wrong) == HS_SUCCESS)
        return true;
    snprintf(err, err_size, "pattern %d: %s",
             wrong->expression < 0 ? 0 : (int)p->id[wrong->expression],
             wrong->message);
    hs_free_compile_error(wrong);
    return false;
}

struct nfx_patterns *nfx_patterns_new(const uint8_t *list, uint32_t list_len,
                                      char *err, uint32_t err_size)
{
    struct nfx_patterns *p = calloc(1, sizeof(*p));
    bool good = false;

    if (!p)
        return NULL;
    p->text = calloc(PATTERNS_MAX, sizeof(*p->text));
    p->id = calloc(PATTERNS_MAX, sizeof(*p->id));
    p->flags = calloc(PATTERNS_MAX, sizeof(*p->flags));
    if (p->text && p->id && p->flags)
        good = read_lines(p, list, list_len, err, err_size) &&
               compile(p, err, err_size);
    forget(p);
    if (good)
        return p;
    free(p);
    return NULL;
}

void nfx_patterns_free(struct nfx_patterns *state)
{
    hs_free_database(state->db);
    free(state);
}

struct nfx_patterns_scratch *nfx_patterns_scratch_new(
    const struct nfx_patterns *state)
{
    struct nfx_patterns_scratch *s = calloc(1, sizeof(*s));

    if (s && hs_alloc_scratch(state->db, &s->hs) == HS_SUCCESS)
        return s;
    free(s);
    return NULL;
}

void nfx_patterns_scratch_free(struct nfx_patterns_scratch *scratch)
{
    hs_free_scratch(scratch->hs);
    free(scratch);
}

/* ---- looking ---- */

struct found {
    unsigned n, least;
};

/* Once for each number: patterns may share one. */
static int one(unsigned id, unsigned long long from, unsigned long long to,
               unsigned flags, void *of)
{
    struct found *f = of;

    (void)from, (void)to, (void)flags;
    if (!f->n || id < f->least)
        f->least = id;
    f->n++;
    return 0;
}

static struct found look(const struct nfx_patterns *state,
                         struct nfx_patterns_scratch *scratch,
                         const uint8_t *payload, uint32_t payload_len)
{
    struct found f = {0, 0};

    hs_scan(state->db, (const char *)payload, payload_len, 0, scratch->hs, one,
            &f);
    return f;
}

bool nfx_patterns_find(const struct nfx_patterns *state,
                       struct nfx_patterns_scratch *scratch,
                       const uint8_t *payload, uint32_t payload_len,
                       uint32_t *result)
{
    struct found f = look(state, scratch, payload, payload_len);

    *result = f.least;
    return f.n > 0;
}

uint32_t nfx_patterns_count(const struct nfx_patterns *state,
                            struct nfx_patterns_scratch *scratch,
                            const uint8_t *payload, uint32_t payload_len)
{
    return look(state, scratch, payload, payload_len).n;
}
