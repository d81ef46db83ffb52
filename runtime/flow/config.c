/* Parameters of NFs that were set from outside, and changes of them. What a
 * change needs is made before the run; to apply it is to set two pointers. */
#include "flow/config.h"
#include "flow/reload.h"
#include <nfl/options.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct nfl_change {
    uint64_t tick;
    bool relative; /* to the first one of the clock */
    unsigned chain;
    void *block;
    int object;   /* that it replaces, or -1 */
    void *made;   /* the new one */
    void *before; /* what the object was when the program started */
};

static bool fail(char *err, size_t errlen, const char *why)
{
    snprintf(err, errlen, "%s", why);
    return false;
}

/* ---- values ---- */

static void put(uint8_t *at, const struct nfl_param_desc *p, nfl_u128 v)
{
    uint32_t v32 = (uint32_t)v;
    uint64_t v64 = (uint64_t)v;
    bool yes = v != 0;

    if (p->kind == NFL_PARAM_BOOL)
        memcpy(at, &yes, sizeof(yes));
    else if (p->bits <= 32)
        memcpy(at, &v32, sizeof(v32));
    else if (p->bits <= 64)
        memcpy(at, &v64, sizeof(v64));
    else
        memcpy(at, &v, sizeof(v));
}

void nfl_config_set(void *block, const struct nfl_setting *s)
{
    const struct nfl_param_desc *p = s->param;
    struct nfl_ipaddr addr = {s->u, s->v6};
    uint8_t *at = (uint8_t *)block + p->offset;
    const char *str = s->str;

    if (str)
        memcpy(at, &str, sizeof(str));
    else if (p->kind == NFL_PARAM_IPADDR)
        memcpy(at, &addr, sizeof(addr));
    else
        put(at, p, s->u);
    if (p->range)
        put((uint8_t *)block + p->offset_hi, p, s->hi);
}

void *nfl_config_copy(const void *from, size_t bytes)
{
    void *block = aligned_alloc(16, (bytes + 15) / 16 * 16);

    if (block)
        memcpy(block, from, bytes);
    return block;
}

/* ---- at the start ---- */

static bool table_init(struct nfl_configs *x, const struct nfl_module *m)
{
    unsigned i;

    x->params = calloc(m->n_chains + 1, sizeof(*x->params));
    x->n_params = calloc(m->n_chains + 1, sizeof(*x->n_params));
    x->blocks = calloc(m->n_chains + 1, sizeof(*x->blocks));
    if (!x->params || !x->n_params || !x->blocks)
        return false;
    for (i = 0; i < m->n_chains; i++) {
        x->params[i] = m->chains[i]->params;
        x->n_params[i] = m->chains[i]->n_params;
    }
    x->table = (struct nfl_param_table){x->params, x->n_params, m->n_chains};
    return true;
}

static bool blocks_init(struct nfl_configs *x, const struct nfl_module *m)
{
    unsigned i;

    for (i = 0; i < m->n_chains; i++) {
        if (!m->chains[i]->config_bytes)
            continue;
        x->blocks[i] =
            nfl_config_copy(m->chains[i]->config, m->chains[i]->config_bytes);
        if (!x->blocks[i])
            return false;
    }
    for (i = 0; i < x->settings.n; i++)
        nfl_config_set(x->blocks[x->settings.list[i].chain],
                       &x->settings.list[i]);
    return true;
}

/* All workers look at the same blocks. */
static void borrow(struct nfl_worker *w, const struct nfl_worker *first)
{
    struct nfl_configs *x = first->configs;
    unsigned i;

    w->configs = x;
    w->change_at = first->change_at;
    for (i = 0; i < w->n_chains; i++)
        w->chains[i].config = x->blocks[i];
}

bool nfl_configs_new(struct nfl_worker *w, const struct nfl_worker *first,
                     const struct nfl_module *m, const struct nfl_options *o,
                     char *err, size_t errlen)
{
    struct nfl_configs *x;
    unsigned i;

    if (first) {
        borrow(w, first);
        return true;
    }
    x = w->configs = calloc(1, sizeof(*x));
    w->change_at = UINT64_MAX;
    if (x) {
        x->module = m;
        x->options = o;
    }
    if (!x || !table_init(x, m))
        return fail(err, errlen, "no memory");
    if (o && (!nfl_settings_read(&x->settings, o, &x->table, err, errlen) ||
              !nfl_changes_read(&x->changes, o, &x->table, err, errlen)))
        return false;
    if (!blocks_init(x, m))
        return fail(err, errlen, "no memory");
    for (i = 0; i < m->n_chains; i++)
        w->chains[i].config = x->blocks[i];
    return true;
}

/* ---- changes ---- */

/* The last values of the chain that were prepared. */
static const void *latest(const struct nfl_configs *x, unsigned chain)
{
    unsigned i;

    for (i = x->n_changes; i > 0; i--)
        if (x->change[i - 1].chain == chain)
            return x->change[i - 1].block;
    return x->blocks[chain];
}

static bool prepare(struct nfl_worker *w, struct nfl_setup *setup,
                    const struct nfl_setting *s)
{
    struct nfl_configs *x = w->configs;
    const struct nfl_chain_desc *d = w->chains[s->chain].desc;
    struct nfl_chain like = w->chains[s->chain];
    struct nfl_change *c = &x->change[x->n_changes];

    *c = (struct nfl_change){.tick = s->time / 1000000,
                             .relative = s->relative,
                             .chain = s->chain,
                             .object = s->param->object};
    c->block = nfl_config_copy(latest(x, s->chain), d->config_bytes);
    if (!c->block)
        return false;
    x->n_changes++;
    nfl_config_set(c->block, s);
    if (c->object < 0)
        return true;
    like.config = c->block;
    setup->shards = d->shards;
    c->before = like.objects[c->object];
    c->made = d->make(&like, setup, (unsigned)c->object);
    return c->made != NULL;
}

bool nfl_configs_prepare(struct nfl_worker *w, struct nfl_setup *setup,
                         const struct nfl_options *o, char *err, size_t errlen)
{
    struct nfl_configs *x = w->configs;
    unsigned i;

    x->change = calloc(x->changes.n + 1, sizeof(*x->change));
    if (!x->change)
        return fail(err, errlen, "no memory");
    for (i = 0; i < x->changes.n; i++) {
        setup->err[0] = '\0';
        if (prepare(w, setup, &x->changes.list[i]))
            continue;
        snprintf(err, errlen, "%s:%u: %s", o->changes, x->changes.list[i].line,
                 setup->err[0] ? setup->err : "no memory");
        return false;
    }
    if (x->n_changes)
        w->change_at = x->change[0].relative ? 0 : x->change[0].tick;
    return true;
}

void nfl_config_object(const struct nfl_worker *w, struct nfl_chain *c,
                       unsigned i, void *made)
{
    const struct nfl_chain_desc *d = c->desc;
    uint32_t s = nfl_first_shard(d->shards, w->of, w->index);
    uint32_t end = s + (uint32_t)nfl_share(d->shards, w->of, w->index);
    void *before = c->objects[i];

    for (; d->inherit && s < end; s++)
        d->inherit(made, before, i, s);
    c->objects[i] = made;
}

static void apply(struct nfl_worker *w, const struct nfl_change *c)
{
    struct nfl_chain *to = &w->chains[c->chain];

    to->config = c->block;
    to->config_age++;
    if (c->object >= 0)
        nfl_config_object(w, to, (unsigned)c->object, c->made);
}

void nfl_configs_change(struct nfl_worker *w)
{
    const struct nfl_configs *x = w->configs;

    if (!w->started)
        w->started = w->now;
    for (; w->change_next < x->n_changes; w->change_next++) {
        const struct nfl_change *c = &x->change[w->change_next];

        w->change_at = c->tick + (c->relative ? w->started : 0);
        if (w->change_at > w->now)
            return;
        apply(w, c);
    }
    w->change_at = UINT64_MAX;
}

void nfl_configs_free(struct nfl_worker *w)
{
    struct nfl_configs *x = w->configs;
    unsigned i;

    if (x && w->index == 0)
        nfl_reload_free(w);
    w->configs = NULL;
    if (!x || w->index > 0)
        return;
    for (i = 0; i < x->n_changes; i++) {
        struct nfl_change *c = &x->change[i];

        if (c->made) {
            w->chains[c->chain].objects[c->object] = c->before;
            w->chains[c->chain].desc->discard(c->made, (unsigned)c->object);
        }
        free(c->block);
    }
    for (i = 0; x->blocks && i < x->table.n_chains; i++)
        free(x->blocks[i]);
    nfl_settings_free(&x->settings);
    nfl_settings_free(&x->changes);
    free(x->params);
    free(x->n_params);
    free(x->blocks);
    free(x->change);
    for (i = 0; i < x->n_down; i++)
        free(x->down[i].set.backends);
    free(x->down);
    free(x);
}
