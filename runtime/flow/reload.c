/* Sets of parameters that replace others in a live run. Every pointer of a set
 * is to its own settings, to those of the start, which stay, or to the module;
 * so the set before can go when no worker has it. */
#include "flow/reload.h"
#include "core/fail.h"
#include <nfl/options.h>
#include <stdlib.h>
#include <string.h>

/* ---- what differs ---- */

static bool is_text(const struct nfl_param_desc *p)
{
    return p->kind == NFL_PARAM_STRING || p->kind == NFL_PARAM_FILE;
}

static size_t bytes_of(const struct nfl_param_desc *p)
{
    return p->kind == NFL_PARAM_BOOL ? sizeof(bool)
           : is_text(p)              ? sizeof(const char *)
           : p->bits <= 32           ? 4
           : p->bits <= 64           ? 8
                                     : 16;
}

static bool same(const struct nfl_param_desc *p, const void *a, const void *b)
{
    struct nfl_ipaddr addr[2];
    const char *text[2];

    if (p->kind == NFL_PARAM_IPADDR) {
        memcpy(&addr[0], a, sizeof(*addr));
        memcpy(&addr[1], b, sizeof(*addr));
        return nfl_ipaddr_eq(addr[0], addr[1]);
    }
    if (!is_text(p))
        return memcmp(a, b, bytes_of(p)) == 0;
    memcpy(&text[0], a, sizeof(*text));
    memcpy(&text[1], b, sizeof(*text));
    return strcmp(text[0], text[1]) == 0;
}

static bool unchanged(const struct nfl_param_desc *p, const void *x,
                      const void *y)
{
    const uint8_t *a = x, *b = y;

    return same(p, a + p->offset, b + p->offset) &&
           (!p->range || same(p, a + p->offset_hi, b + p->offset_hi));
}

static void tell(struct nfl_reload *r, const struct nfl_param_desc *p)
{
    char *at = r->what + strlen(r->what);
    size_t room = sizeof(r->what) - strlen(r->what);
    char name[300];

    snprintf(name, sizeof(name), "%s%s.%s.%s", *r->what ? ", " : "", p->chain,
             p->nf, p->name);
    if (strlen(name) + sizeof(", ...") < room)
        memcpy(at, name, strlen(name) + 1);
    else if (room > sizeof(", ...") && strcmp(at - 3, "...") != 0)
        memcpy(at, ", ...", sizeof(", ..."));
}

static void tell_more(struct nfl_reload *r, const struct nfl_param_desc *p,
                      const char *told)
{
    size_t used = strlen(r->told);
    int n;

    if (!*told)
        return;
    n = snprintf(r->told + used, sizeof(r->told) - used, "; %s.%s.%s: %s",
                 p->chain, p->nf, p->name, told);
    if (n < 0 || (size_t)n >= sizeof(r->told) - used)
        r->told[used] = '\0'; /* all of it or nothing */
}

/* The last line wins. */
static unsigned line_of(const struct nfl_settings *s,
                        const struct nfl_param_desc *p)
{
    unsigned i;

    for (i = s->n; i > 0; i--)
        if (s->list[i - 1].param == p)
            return s->list[i - 1].line;
    return 0;
}

static bool refuse(const struct nfl_configs *x, const struct nfl_reload *r,
                   const struct nfl_param_desc *p, char *err, size_t errlen)
{
    unsigned line = line_of(&r->settings, p);
    char at[16] = "";

    if (line)
        snprintf(at, sizeof(at), ":%u", line);
    return nfl_fail(err, errlen,
                    "%s%s: %s.%s.%s %s while the program runs: %s; start it "
                    "again",
                    x->options->config, at, p->chain, p->nf, p->name,
                    line ? "cannot change"
                         : "is not set any more, and cannot change",
                    p->fixed);
}

/* ---- a set ---- */

/* With r->again the chains go on with the values that they have. */
static bool fill(const struct nfl_worker *first, struct nfl_reload *r)
{
    unsigned i;

    r->n_chains = first->n_chains;
    r->chains = calloc(r->n_chains + 1, sizeof(*r->chains));
    for (i = 0; r->chains && i < r->n_chains; i++) {
        const struct nfl_chain_desc *d = first->chains[i].desc;
        struct nfl_reload_chain *c = &r->chains[i];

        c->made = calloc(d->n_objects + 1, sizeof(*c->made));
        c->before = calloc(d->n_objects + 1, sizeof(*c->before));
        if (d->config_bytes && !r->again)
            c->block = nfl_config_copy(d->config, d->config_bytes);
        if (!c->made || !c->before ||
            (d->config_bytes && !r->again && !c->block))
            return false;
    }
    for (i = 0; r->chains && i < r->settings.n; i++)
        nfl_config_set(r->chains[r->settings.list[i].chain].block,
                       &r->settings.list[i]);
    return r->chains != NULL;
}

/* Values that cannot change keep what they were at the start, as it lies
 * there: objects that stay may hold it. */
static bool compare(const struct nfl_worker *first, struct nfl_reload *r,
                    unsigned chain, char *err, size_t errlen)
{
    const struct nfl_configs *x = first->configs;
    const struct nfl_chain *now = &first->chains[chain];
    struct nfl_reload_chain *c = &r->chains[chain];
    unsigned i;

    for (i = 0; i < now->desc->n_params; i++) {
        const struct nfl_param_desc *p = &now->desc->params[i];
        bool differs = !unchanged(p, now->config, c->block);

        if (differs && p->fixed)
            return refuse(x, r, p, err, errlen);
        if (p->fixed && is_text(p))
            memcpy((uint8_t *)c->block + p->offset,
                   (const uint8_t *)now->config + p->offset,
                   sizeof(const char *));
        if (differs)
            tell(r, p);
        c->changed |= differs;
    }
    return true;
}

static struct nfl_down *down_of(const struct nfl_configs *x, unsigned chain,
                                int object)
{
    unsigned i;

    for (i = 0; i < x->n_down; i++)
        if (x->down[i].chain == chain && x->down[i].object == object)
            return &x->down[i];
    return NULL;
}

static bool make_one(const struct nfl_worker *first, struct nfl_reload *r,
                     unsigned chain, const struct nfl_param_desc *p, char *err,
                     size_t errlen)
{
    const struct nfl_chain *now = &first->chains[chain];
    const struct nfl_down *down = down_of(first->configs, chain, p->object);
    struct nfl_reload_chain *c = &r->chains[chain];
    struct nfl_chain like = *now;
    struct nfl_setup setup = {.module = first->configs->module,
                              .options = first->configs->options,
                              .shards = now->desc->shards,
                              .workers = first->of,
                              .seed = now->seed,
                              .before = now->objects[p->object],
                              .again = r->again,
                              .down = down ? &down->set : NULL};

    if (c->block)
        like.config = c->block;
    c->before[p->object] = now->objects[p->object];
    c->made[p->object] = now->desc->make(&like, &setup, (unsigned)p->object);
    if (!c->made[p->object])
        return nfl_fail(err, errlen, "%s",
                        setup.err[0] ? setup.err : "no memory");
    tell_more(r, p, setup.told);
    c->changed = true;
    r->objects++;
    return true;
}

/* Those of files are always made, since the files may have changed. */
static bool is_due(const struct nfl_worker *first, const struct nfl_reload *r,
                   unsigned chain, const struct nfl_param_desc *p)
{
    const struct nfl_down *down;

    if (p->object < 0 || p->fixed || r->chains[chain].made[p->object])
        return false;
    down = down_of(first->configs, chain, p->object);
    return r->again ? down && down->changed
                    : is_text(p) || !unchanged(p, first->chains[chain].config,
                                               r->chains[chain].block);
}

static bool make(const struct nfl_worker *first, struct nfl_reload *r,
                 unsigned chain, char *err, size_t errlen)
{
    const struct nfl_chain_desc *d = first->chains[chain].desc;
    unsigned i;

    for (i = 0; i < d->n_params; i++)
        if (is_due(first, r, chain, &d->params[i]) &&
            !make_one(first, r, chain, &d->params[i], err, errlen))
            return false;
    return true;
}

static void free_objects(const struct nfl_worker *first, struct nfl_reload *r,
                         bool made)
{
    unsigned i, k;

    for (i = 0; r->chains && i < r->n_chains; i++) {
        const struct nfl_chain_desc *d = first->chains[i].desc;
        void **list = made ? r->chains[i].made : r->chains[i].before;

        for (k = 0; list && k < d->n_objects; k++) {
            if (list[k])
                d->discard(list[k], k);
            list[k] = NULL;
        }
    }
}

static void free_set(struct nfl_reload *r)
{
    unsigned i;

    for (i = 0; r && r->chains && i < r->n_chains; i++) {
        free(r->chains[i].block);
        free(r->chains[i].made);
        free(r->chains[i].before);
    }
    if (!r)
        return;
    nfl_settings_free(&r->settings);
    free(r->chains);
    free(r);
}

void nfl_reload_discard(const struct nfl_worker *first, struct nfl_reload *r)
{
    if (r)
        free_objects(first, r, true);
    free_set(r);
}

static struct nfl_reload *new(const struct nfl_worker *first, bool again,
                              char *err, size_t errlen)
{
    const struct nfl_configs *x = first->configs;
    struct nfl_reload *r = calloc(1, sizeof(*r));
    unsigned i;
    bool good = r != NULL;

    if (good) {
        r->again = again;
        good = again || nfl_settings_read(&r->settings, x->options, &x->table,
                                          err, errlen);
    }
    if (!r || (good && !fill(first, r)))
        good = nfl_fail(err, errlen, "no memory");
    for (i = 0; good && !again && i < first->n_chains; i++)
        good = compare(first, r, i, err, errlen);
    for (i = 0; good && i < first->n_chains; i++)
        good = make(first, r, i, err, errlen);
    if (good)
        return r;
    nfl_reload_discard(first, r);
    return NULL;
}

struct nfl_reload *nfl_reload_new(const struct nfl_worker *first, char *err,
                                  size_t errlen)
{
    return new (first, false, err, errlen);
}

struct nfl_reload *nfl_reload_again(const struct nfl_worker *first, char *err,
                                    size_t errlen)
{
    return new (first, true, err, errlen);
}

/* ---- among the workers ---- */

void nfl_reload_publish(struct nfl_worker *first, struct nfl_reload *r)
{
    struct nfl_configs *x = first->configs;

    x->before = atomic_load_explicit(&x->reload, memory_order_relaxed);
    atomic_store_explicit(&x->reload, r, memory_order_release);
}

void nfl_reload_apply(struct nfl_worker *w, struct nfl_reload *r)
{
    unsigned i, k;

    for (i = 0; i < w->n_chains; i++) {
        const struct nfl_reload_chain *c = &r->chains[i];
        struct nfl_chain *to = &w->chains[i];

        if (c->block)
            to->config = c->block;
        for (k = 0; k < to->desc->n_objects; k++)
            if (c->made[k])
                nfl_config_object(w, to, k, c->made[k]);
        to->config_age += c->changed;
    }
    w->reload = r;
    atomic_fetch_add_explicit(&r->taken, 1, memory_order_release);
}

/* What the workers go on with lies in the set before. */
static void inherit(struct nfl_reload *to, struct nfl_reload *from)
{
    unsigned i;

    to->settings = from->settings;
    memset(&from->settings, 0, sizeof(from->settings));
    for (i = 0; i < to->n_chains; i++) {
        to->chains[i].block = from->chains[i].block;
        from->chains[i].block = NULL;
    }
}

static void settle(struct nfl_worker *first)
{
    struct nfl_configs *x = first->configs;
    struct nfl_reload *r = x->reload;

    free_objects(first, r, false);
    if (r->again && x->before)
        inherit(r, x->before);
    free_set(x->before);
    x->before = NULL;
}

bool nfl_reload_settled(struct nfl_worker *first)
{
    struct nfl_reload *r = first->configs->reload;

    if (!r)
        return true;
    if (atomic_load_explicit(&r->taken, memory_order_acquire) < first->of)
        return false;
    settle(first);
    return true;
}

void nfl_reload_free(struct nfl_worker *first)
{
    struct nfl_configs *x = first->configs;

    if (!x->reload)
        return;
    nfl_reload_take(first);
    settle(first);
    free_set(x->reload);
    x->reload = NULL;
}
