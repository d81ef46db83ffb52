/* acl(rules) of stdlib/type/acl.nfl: the rules are tried one after the other.
 * Only the reader of rule files is the runtime's. */
#include "interp/object.h"
#include "interp/world.h"
#include <nfl/acl_text.h>
#include <stdlib.h>

void *acl_make(struct world *w, unsigned shards, const struct ival *const *args)
{
    struct nfl_acl_rules *rules;
    char *path = nfl_options_file(w->options, w->srcdir, args[0]->str, w->err,
                                  sizeof(w->err));

    (void)shards;
    if (!path)
        return NULL;
    rules = nfl_acl_read(path, w->err, sizeof(w->err));
    free(path);
    return rules;
}

void acl_free(void *self)
{
    nfl_acl_free(self);
}

static bool prefix_holds(num_t addr, num_t net, unsigned len, unsigned bits)
{
    return len == 0 || addr >> (bits - len) == net >> (bits - len);
}

static bool rule_holds(const struct nfl_acl_rule *r, const struct nfl_tuple *t,
                       bool out)
{
    unsigned bits = t->v6 ? 128 : 32;

    return r->v6 == t->v6 && (r->any_dir || r->out == out) &&
           (r->any_proto || r->proto == t->proto) &&
           prefix_holds(t->src, r->src, r->src_len, bits) &&
           prefix_holds(t->dst, r->dst, r->dst_len, bits) &&
           t->sport >= r->sport_lo && t->sport <= r->sport_hi &&
           t->dport >= r->dport_lo && t->dport <= r->dport_hi;
}

/* lookup(f) -> verdict: allow 0, deny 1 */
bool acl_lookup(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;
    const struct nfl_acl_rules *rules = c->self;
    struct nfl_tuple t = moment_tuple(m);

    result->u = rules->default_deny;
    for (unsigned i = 0; i < rules->n; i++) {
        if (rule_holds(&rules->rules[i], &t, m->session->side == 0)) {
            result->u = rules->rules[i].deny;
            break;
        }
    }
    return true;
}
