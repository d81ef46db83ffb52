/* nflc explain: what the fast path of a chain is, and why it is no faster. */
#include "tool/explain_fast.h"
#include "plan/deps.h"
#include "plan/plan.h"
#include "tool/explain.h"
#include "unit.h"

static const char *what(const struct plan_chain *c, const struct plan_fast *f)
{
    if (f->mode == FAST_NONE)
        return "none";
    if (f->mode == FAST_STEPS)
        return c->n_hops ? "each NF translates in its turn" : "step by step";
    return c->n_hops ? "one translation, behind all NFs" : "nothing translates";
}

static unsigned sides(const struct plan_chain *c)
{
    return c->ir->source->two_way ? 2 : 1;
}

void explain_fast(const struct unit *u, const struct plan_chain *c, FILE *to)
{
    fputs("\n  fast path, for packets of flows that go on\n", to);
    for (unsigned side = 0; side < sides(c); side++) {
        const struct plan_fast *f = &c->fast[side];

        fprintf(to, "    from '%s': %s", c->ir->source->side[side], what(c, f));
        if (f->why)
            fprintf(to, ": %s, %s", f->why,
                    deps_place(u->arena, u->tree->main, f->loc));
        fputs(f->sums == SUMS_COMPARED ? "; checksums by comparing bytes\n"
                                       : "\n",
              to);
    }
}

json_t *explain_fast_json(const struct plan_chain *c)
{
    json_t *all = json_array();

    for (unsigned side = 0; side < sides(c); side++) {
        const struct plan_fast *f = &c->fast[side];
        json_t *o = json_pack("{ss ss ss*}", "from", c->ir->source->side[side],
                              "mode", fast_mode_name[f->mode], "why", f->why);

        if (o && f->why && f->loc.src) {
            json_object_set_new(o, "file", json_string(f->loc.src->path));
            json_object_set_new(o, "line",
                                json_integer((int)loc_linecol(f->loc).line));
        }
        json_array_append_new(all, o);
    }
    return all;
}
