/* acl(rules) and policy(rules) of stdlib/type: the rules are tried one after
 * the other. Only the reader of rule files is the runtime's. */
#include "interp/object.h"
#include "interp/world.h"
#include <nfl/acl_text.h>
#include <stdlib.h>
#include <string.h>

static void *read_with(struct world *w, const char *name,
                       struct nfl_acl_rules *(*read)(const char *, char *,
                                                     size_t))
{
    struct nfl_acl_rules *rules;
    char *path =
        nfl_options_file(w->options, w->srcdir, name, w->err, sizeof(w->err));

    if (!path)
        return NULL;
    rules = read(path, w->err, sizeof(w->err));
    free(path);
    return rules;
}

void *acl_make(struct world *w, unsigned shards, const struct ival *const *args)
{
    (void)shards;
    return read_with(w, args[0]->str, nfl_acl_read);
}

void *policy_make(struct world *w, unsigned shards,
                  const struct ival *const *args)
{
    (void)shards;
    return read_with(w, args[0]->str, nfl_policy_read);
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

/* What the first packet must show, bit by bit. */
static bool first_holds(const struct nfl_acl_rule *r, unsigned first)
{
    for (unsigned bit = 0; bit < 16; bit++)
        if (r->first_mask >> bit & 1 &&
            (r->first >> bit & 1) != (first >> bit & 1))
            return false;
    return true;
}

/* judge(f, first) -> (verdict, line): allow 0, deny 1, reject 2 */
bool policy_judge(const struct call *c, struct ival *result)
{
    const struct moment *m = c->moment;
    const struct nfl_acl_rules *rules = c->self;
    struct nfl_tuple t = moment_tuple(m);
    bool deny = rules->default_deny, reject = rules->default_reject;
    unsigned line = 0;

    for (unsigned i = 0; i < rules->n; i++) {
        const struct nfl_acl_rule *r = &rules->rules[i];

        if (rule_holds(r, &t, m->session->side == 0) &&
            first_holds(r, (unsigned)c->args[1]->u)) {
            deny = r->deny;
            reject = r->reject;
            line = r->line;
            break;
        }
    }
    result_parts(c, result, 2);
    result->parts[0].u = reject ? 2 : deny ? 1 : 0;
    result->parts[1].u = line;
    return true;
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

/* ---- rules that decide nothing ---- */

enum { TOLD_MAX = 5 }; /* of a file */

struct shadows {
    struct diags *diags;
    struct loc at;
    const char *path;
    struct diag *last;
    unsigned n;
};

static void shadowed(void *arg, unsigned line, unsigned by)
{
    struct shadows *s = arg;
    const char *slash = strrchr(s->path, '/');

    if (s->n++ < TOLD_MAX)
        s->last = diag_warning(s->diags, s->at,
                               "%s:%u: this rule never decides: line %u "
                               "matches all that it does",
                               slash ? slash + 1 : s->path, line, by);
}

static void advise(struct shadows *s, struct nfl_acl_rules *rules)
{
    if (!rules)
        return;
    nfl_acl_shadowed(rules, shadowed, s);
    if (s->n > TOLD_MAX)
        diag_note(s->last, "so do %u more of its lines", s->n - TOLD_MAX);
    nfl_acl_free(rules);
}

void acl_advise(struct diags *d, struct loc at, const char *path)
{
    struct shadows s = {d, at, path, NULL, 0};
    char err[256];

    advise(&s, nfl_acl_read(path, err, sizeof(err)));
}

void policy_advise(struct diags *d, struct loc at, const char *path)
{
    struct shadows s = {d, at, path, NULL, 0};
    char err[256];

    advise(&s, nfl_policy_read(path, err, sizeof(err)));
}
