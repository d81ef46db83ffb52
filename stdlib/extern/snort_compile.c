/* Rules become databases of Vectorscan: what finds the rules of packets and of
 * HTTP in block mode, of streams in streaming mode; each expression has one of
 * its own, with which it is looked for where its rule says. */
#include "snort_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

struct list {
    char **text;
    unsigned *flags, *id;
    unsigned n;
};

static bool list_init(struct list *l, unsigned n)
{
    l->n = 0;
    l->text = calloc(n, sizeof(*l->text));
    l->flags = calloc(n, sizeof(*l->flags));
    l->id = calloc(n, sizeof(*l->id));
    return l->text && l->flags && l->id;
}

static void list_fini(struct list *l)
{
    for (unsigned i = 0; l->text && i < l->n; i++)
        free(l->text[i]);
    free(l->text);
    free(l->flags);
    free(l->id);
}

/* Each byte as \x41. */
static char *literal(const struct nfs_opt *o)
{
    char *text = malloc(4 * o->len + 1);

    for (unsigned i = 0; text && i < o->len; i++)
        snprintf(text + 4 * i, 5, "\\x%02x", o->bytes[i]);
    return text;
}

static bool list_add(struct list *l, const struct nfs_opt *o, unsigned id,
                     bool once)
{
    bool content = o->kind == NFS_CONTENT;

    l->id[l->n] = id;
    l->flags[l->n] = (content ? o->nocase ? HS_FLAG_CASELESS : 0 : o->flags) |
                     (once ? HS_FLAG_SINGLEMATCH : 0);
    l->text[l->n] = content ? literal(o) : strdup((const char *)o->bytes);
    return l->text[l->n] && ++l->n;
}

/* ---- databases ---- */

static bool compile(const struct nfs_engine *e, enum nfs_scope scope,
                    hs_database_t **db, char *err, size_t err_size)
{
    bool stream = scope == NFS_STREAM, good;
    hs_compile_error_t *wrong = NULL;
    struct list l;

    good = list_init(&l, e->rs->n);
    for (unsigned i = 0; good && i < e->rs->n; i++) {
        const struct nfs_rule *r = &e->rs->rules[i];

        if (r->scope == scope && r->fast >= 0)
            good = list_add(&l, &r->opts[r->fast], i, !stream);
    }
    if (good && l.n > 0 &&
        hs_compile_multi((const char *const *)l.text, l.flags, l.id, l.n,
                         stream ? HS_MODE_STREAM : HS_MODE_BLOCK, NULL, db,
                         &wrong) != HS_SUCCESS) {
        unsigned line = wrong->expression < 0
                            ? 0
                            : e->rs->rules[l.id[wrong->expression]].line;

        snprintf(err, err_size, "line %u: %s", line, wrong->message);
        hs_free_compile_error(wrong);
        good = false;
    }
    list_fini(&l);
    return good;
}

static bool compile_opt(const struct nfs_rule *r, struct nfs_opt *o, char *err,
                        size_t err_size)
{
    hs_compile_error_t *wrong = NULL;

    if (o->kind != NFS_PCRE ||
        hs_compile((const char *)o->bytes, o->flags, HS_MODE_BLOCK, NULL,
                   &o->db, &wrong) == HS_SUCCESS)
        return true;
    snprintf(err, err_size, "line %u: pcre: %s", r->line, wrong->message);
    hs_free_compile_error(wrong);
    return false;
}

static bool compile_opts(const struct nfs_engine *e, char *err, size_t err_size)
{
    for (unsigned i = 0; i < e->rs->n; i++) {
        struct nfs_rule *r = &e->rs->rules[i];

        for (unsigned k = 0; k < r->n_opts; k++)
            if (!compile_opt(r, &r->opts[k], err, err_size))
                return false;
    }
    return true;
}

/* Whether state of flows has any use. */
static bool asks_flows(const struct nfs_rule *r)
{
    return r->scope != NFS_PACKET || r->n_bits > 0 || r->established ||
           r->not_established || r->to_server || r->to_client;
}

static bool look_through(struct nfs_engine *e)
{
    e->n_words = (e->rs->n + 63) / 64;
    e->always = calloc(e->rs->n, sizeof(*e->always));
    for (unsigned i = 0; e->always && i < e->rs->n; i++) {
        const struct nfs_rule *r = &e->rs->rules[i];

        if (r->scope == NFS_PACKET && r->fast < 0)
            e->always[e->n_always++] = i;
        e->flows |= asks_flows(r);
    }
    return e->always != NULL;
}

int nfs_by_sid(const void *a, const void *b)
{
    const struct nfs_rule *x = *(const struct nfs_rule *const *)a,
                          *y = *(const struct nfs_rule *const *)b;

    return x->gid != y->gid ? (x->gid > y->gid) - (x->gid < y->gid)
                            : (x->sid > y->sid) - (x->sid < y->sid);
}

static bool sort(struct nfs_engine *e)
{
    e->by_sid = calloc(e->rs->n, sizeof(const struct nfs_rule *));
    for (unsigned i = 0; e->by_sid && i < e->rs->n; i++)
        e->by_sid[i] = &e->rs->rules[i];
    if (e->by_sid)
        qsort(e->by_sid, e->rs->n, sizeof(const struct nfs_rule *), nfs_by_sid);
    return e->by_sid != NULL;
}

struct nfs_engine *nfs_engine_new(struct nfs_rules *rs, char *err,
                                  size_t err_size)
{
    struct nfs_engine *e = calloc(1, sizeof(*e));

    snprintf(err, err_size, "no memory");
    if (!e)
        return NULL;
    e->rs = rs;
    if (look_through(e) && sort(e) &&
        compile(e, NFS_PACKET, &e->packet_db, err, err_size) &&
        compile(e, NFS_STREAM, &e->stream_db, err, err_size) &&
        compile(e, NFS_HTTP, &e->http_db, err, err_size) &&
        compile_opts(e, err, err_size))
        return e;
    e->rs = NULL; /* still the caller's */
    for (unsigned i = 0; i < rs->n; i++)
        for (unsigned k = 0; k < rs->rules[i].n_opts; k++) {
            hs_free_database(rs->rules[i].opts[k].db);
            rs->rules[i].opts[k].db = NULL;
        }
    nfs_engine_free(e);
    return NULL;
}

void nfs_engine_free(struct nfs_engine *e)
{
    for (unsigned i = 0; e->rs && i < e->rs->n; i++)
        for (unsigned k = 0; k < e->rs->rules[i].n_opts; k++)
            hs_free_database(e->rs->rules[i].opts[k].db);
    hs_free_database(e->packet_db);
    hs_free_database(e->stream_db);
    hs_free_database(e->http_db);
    free(e->always);
    free(e->by_sid);
    if (e->rs)
        nfs_rules_free(e->rs);
    free(e);
}

/* ---- scratch memory ---- */

static bool grow(hs_scratch_t **to, const hs_database_t *db)
{
    return !db || hs_alloc_scratch(db, to) == HS_SUCCESS;
}

static bool grow_all(hs_scratch_t **to, const struct nfs_engine *e)
{
    bool good = grow(to, e->packet_db) && grow(to, e->stream_db) &&
                grow(to, e->http_db);

    for (unsigned i = 0; good && i < e->rs->n; i++)
        for (unsigned k = 0; good && k < e->rs->rules[i].n_opts; k++)
            good = grow(to, e->rs->rules[i].opts[k].db);
    return good;
}

struct nfs_scratch *nfs_scratch_new(const struct nfs_engine *e)
{
    struct nfs_scratch *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->hit = calloc(e->n_words, sizeof(*s->hit));
    s->to = calloc(e->rs->n, sizeof(*s->to));
    if (s->hit && s->to && grow_all(&s->hs, e))
        return s;
    nfs_scratch_free(s);
    return NULL;
}

void nfs_scratch_free(struct nfs_scratch *s)
{
    hs_free_scratch(s->hs);
    free(s->hit);
    free(s->to);
    free(s);
}
