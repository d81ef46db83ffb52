/* acl(rules) and policy(rules): a rule file, and its index. */
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

void *nfs_policy_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *rules);
void nfs_policy_free(void *object);
void nfs_policy_judge(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t first, uint64_t *verdict,
                      uint64_t *line);
void nfs_policy_state(const void *object, struct nfl_state *s,
                      const char *prefix);

typedef struct nfl_acl_rules *reader(const char *path, char *err,
                                     size_t errlen);

enum { ALLOW, DENY, REJECT };

static struct nfl_acl_rules *read_rules(struct nfl_setup *setup,
                                        const char *name, reader *read)
{
    struct nfl_acl_rules *rules;
    char *path = nfl_options_file(setup->options, setup->module->srcdir, name,
                                  setup->err, sizeof(setup->err));

    if (!path)
        return NULL;
    rules = read(path, setup->err, sizeof(setup->err));
    free(path);
    return rules;
}

static void *make(struct nfl_setup *setup, const char *rules, reader *read)
{
    struct nfs_acl *a = calloc(1, sizeof(*a));

    if (!a) {
        snprintf(setup->err, sizeof(setup->err), "no memory for rules");
        return NULL;
    }
    a->rules = read_rules(setup, rules, read);
    if (a->rules)
        a->index = nfs_acl_index_new(a->rules, setup->err, sizeof(setup->err));
    if (a->index)
        return a;
    nfs_acl_free(a);
    return NULL;
}

void *nfs_acl_new(struct nfl_chain *c, struct nfl_setup *setup,
                  const char *rules)
{
    (void)c;
    return make(setup, rules, nfl_acl_read);
}

void *nfs_policy_new(struct nfl_chain *c, struct nfl_setup *setup,
                     const char *rules)
{
    (void)c;
    return make(setup, rules, nfl_policy_read);
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
    struct nfs_acl_question q = {&t, f->side == 0, false, 0};
    const struct nfl_acl_rule *r = nfs_acl_index_find(a->index, &q);

    (void)name;
    return r ? r->deny : a->rules->default_deny;
}

static uint64_t verdict_of(uint8_t deny, uint8_t reject)
{
    return reject ? REJECT : deny ? DENY : ALLOW;
}

void nfs_policy_judge(struct nfl_ctx *c, void *object, const char *name,
                      struct nfl_session *f, uint64_t first, uint64_t *verdict,
                      uint64_t *line)
{
    const struct nfs_acl *a = object;
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);
    struct nfs_acl_question q = {&t, f->side == 0, true, (uint16_t)first};
    const struct nfl_acl_rule *r = nfs_acl_index_find(a->index, &q);

    (void)name;
    *verdict = r ? verdict_of(r->deny, r->reject)
                 : verdict_of(a->rules->default_deny, a->rules->default_reject);
    *line = r ? r->line : 0;
}

void nfs_acl_state(const void *object, struct nfl_state *s, const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}

void nfs_policy_free(void *object)
{
    nfs_acl_free(object);
}

void nfs_policy_state(const void *object, struct nfl_state *s,
                      const char *prefix)
{
    (void)object;
    (void)s;
    (void)prefix;
}
