/* acl(rules): a rule file, and its index. */
#include "acl.h"
#include <nfl/ctx.h>
#include <nfl/options.h>
#include <stdlib.h>

struct nfs_acl {
    struct nfl_acl_rules *rules;
    struct nfs_acl_index *index;
};

void *nfs_acl_new(struct nfl_chain *c, struct nfl_setup *setup,
                  const char *rules);
void nfs_acl_free(void *object);
uint64_t nfs_acl_lookup(struct nfl_ctx *c, void *object, const char *name,
                        struct nfl_session *f);
void nfs_acl_state(const void *object, struct nfl_state *s, const char *prefix);

static struct nfl_acl_rules *read_rules(struct nfl_setup *setup,
                                        const char *name)
{
    struct nfl_acl_rules *rules;
    char *path = nfl_options_file(setup->options, setup->module->srcdir, name,
                                  setup->err, sizeof(setup->err));

    if (!path)
        return NULL;
    rules = nfl_acl_read(path, setup->err, sizeof(setup->err));
    free(path);
    return rules;
}

void *nfs_acl_new(struct nfl_chain *c, struct nfl_setup *setup,
                  const char *rules)
{
    struct nfs_acl *a = calloc(1, sizeof(*a));

    (void)c;
    if (!a) {
        snprintf(setup->err, sizeof(setup->err), "no memory for an acl");
        return NULL;
    }
    a->rules = read_rules(setup, rules);
    if (a->rules)
        a->index = nfs_acl_index_new(a->rules, setup->err, sizeof(setup->err));
    if (a->index)
        return a;
    nfs_acl_free(a);
    return NULL;
}

void nfs_acl_free(void *object)
{
    struct nfs_acl *a = object;

    if (!a)
        return;
    if (a->index)
        nfs_acl_index_free(a->index);
    nfl_acl_free(a->rules);
    free(a);
}

uint64_t nfs_acl_lookup(struct nfl_ctx *c, void *object, const char *name,
                        struct nfl_session *f)
{
    const struct nfs_acl *a = object;
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    (void)name;
    return nfs_acl_index_lookup(a->index, &t, f->side == 0);
}

void nfs_acl_state(const void *object, struct nfl_state *s, const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}
