/* nflc graph --json. Arrays are in the order of the chain, or of the way. */
#include "base/arena.h"
#include "sema/tree.h"
#include "tool/explain.h"
#include "tool/graph.h"
#include "unit.h"
#include <jansson.h>

/* {"nf": "Nat", "does": "drops the flow", "file": "nat.nfl", "line": 12} */
static json_t *json_act(const struct deps_nf *n, const struct act *a)
{
    return json_pack("{ss ss ss si}", "nf", n->at->name, "does", a->text,
                     "file", a->loc.src->path, "line",
                     (int)loc_linecol(a->loc).line);
}

static json_t *json_reasons(const struct deps_pair *p)
{
    static const char *const name[] = {
        [NEED_MERGE] = "merge",
        [NEED_COPY] = "copy",
        [NEED_VERDICT] = "verdict",
        [NEED_ORDER] = "order",
    };
    json_t *all = json_array();

    for (unsigned i = NEED_MERGE; i < NEED_N; i++) {
        const struct conflict *c = &p->dep.why[i];

        if (c->first)
            json_array_append_new(
                all, json_pack("{ss so so}", "needs", name[i], "first",
                               json_act(p->first, c->first), "second",
                               json_act(p->second, c->second)));
    }
    return all;
}

static json_t *json_pairs(const struct deps_way *w)
{
    const struct deps_pair *p;
    json_t *all = json_array();

    LIST_EACH (p, &w->pairs)
        json_array_append_new(
            all, json_pack("{ss ss ss ss sb so}", "first", p->first->at->name,
                           "second", p->second->at->name, "answer",
                           answer_name[p->dep.answer], "buffered",
                           answer_name[p->dep.buffered], "whole", p->dep.whole,
                           "reasons", json_reasons(p)));
    return all;
}

struct json_merge {
    struct graph_merge merge;
    json_t *all;
};

static void json_merge(struct graph_merge *m, const char *text)
{
    json_array_append_new(((struct json_merge *)m)->all, json_string(text));
}

static json_t *json_stages(const struct unit *u, const struct deps_way *w)
{
    const struct deps_stage *s;
    const struct deps_member *m;
    json_t *all = json_array();

    LIST_EACH (s, &w->stages) {
        struct json_merge merge = {{u->arena, json_merge}, json_array()};
        json_t *nfs = json_array();

        LIST_EACH (m, &s->members)
            json_array_append_new(nfs,
                                  json_pack("{ss si ss}", "nf", m->nf->at->name,
                                            "position", (int)m->nf->at->index,
                                            "copy", deps_copy_name[m->copy]));
        graph_merges(&merge.merge, s);
        json_array_append_new(
            all, json_pack("{so so}", "nfs", nfs, "merge", merge.all));
    }
    return all;
}

static json_t *json_chain(const struct unit *u, const struct deps_chain *c)
{
    const struct deps_way *w;
    json_t *ways = json_array();

    LIST_EACH (w, &c->ways)
        json_array_append_new(
            ways,
            json_pack("{ss ss ss* so so}", "side", c->source->side[w->side],
                      "from", graph_port(c, w, 0), "to", graph_port(c, w, 1),
                      "stages", json_stages(u, w), "pairs", json_pairs(w)));
    return json_pack("{ss ss* so* so}", "chain", c->source->name, "if",
                     c->source->filter ? explain_filter(u->arena, c->source) + 3
                                       : NULL,
                     "branches", graph_branches_json(c->source), "ways", ways);
}

bool graph_json(const struct unit *u, FILE *to)
{
    const struct deps_chain *c;
    json_t *chains = json_array(), *all;
    bool done;

    LIST_EACH (c, &u->deps->chains)
        json_array_append_new(chains, json_chain(u, c));
    all = json_pack("{so}", "chains", chains);
    done = all && json_dumpf(all, to, JSON_INDENT(2)) == 0;
    fputc('\n', to);
    json_decref(all);
    return done;
}
