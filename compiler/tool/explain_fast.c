/* nflc explain: what the fast path of a chain is, and why it is no faster. */
#include "tool/explain_fast.h"
#include "base/arena.h"
#include "plan/deps.h"
#include "plan/plan.h"
#include "tool/explain.h"
#include "unit.h"
#include <string.h>

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

/* What the source says there, if it is short. A place may end before the last
 * parenthesis. */
static const char *quoted(const struct unit *u, struct loc loc)
{
    const char *text = loc.src->text + loc.off;
    int open = 0;

    if (loc.len > 60 || memchr(text, '\n', loc.len))
        return "a condition";
    for (uint32_t i = 0; i < loc.len; i++)
        open += (text[i] == '(') - (text[i] == ')');
    for (; open > 0 && text[loc.len] == ')'; open--)
        loc.len++;
    for (; open < 0 && loc.off && text[-1] == '('; open++) {
        text--;
        loc.off--;
        loc.len++;
    }
    return arena_fmt(u->arena, "%.*s", (int)loc.len, text);
}

static void explain_cancels(const struct unit *u, const struct plan_row *r,
                            FILE *to)
{
    const struct row_cancel *c;

    LIST_EACH (c, &r->cancels)
        fprintf(to,
                "      cancels: %s adds %s, %s, and %s removes it, %s: neither "
                "is done\n",
                c->nf->ir->source->name, c->push->stack->text,
                deps_place(u->arena, u->tree->main, c->push->loc),
                c->by_nf->ir->source->name,
                deps_place(u->arena, u->tree->main, c->pop->loc));
    if (r->cancels.n)
        fprintf(to,
                "      frames that have no room for %u bytes more take the "
                "general path\n",
                r->room);
}

static void explain_row(const struct unit *u, const struct plan_row *r,
                        FILE *to)
{
    unsigned align, bytes = row_bytes(r, &align);
    const struct row_slot *s;
    const struct row_flip *f;
    const struct row_dead *d;

    explain_cancels(u, r, to);
    LIST_EACH (d, &r->dead)
        fprintf(to,
                "      not done: %s writes %s.%s, %s, which %s overwrites, "
                "%s\n",
                d->nf->ir->source->name, d->store->field->header->name,
                d->store->field->name,
                deps_place(u->arena, u->tree->main, d->store->loc),
                d->by_nf->ir->source->name,
                deps_place(u->arena, u->tree->main, d->by->loc));
    if (!r->slots.n)
        return;
    fprintf(to, "      computed once for each flow, and kept in %u byte%s%s:\n",
            bytes, bytes == 1 ? "" : "s",
            r->asks_config ? "; anew after a change of parameters" : "");
    LIST_EACH (s, &r->slots) {
        fprintf(to, "        %s: %s, %s", s->nf->ir->source->name,
                quoted(u, s->expr->loc),
                deps_place(u->arena, u->tree->main, s->expr->loc));
        LIST_EACH (f, &s->flips)
            fprintf(to, "%s %s",
                    f == s->flips.first ? "; checked by the writes in" : ",",
                    deps_place(u->arena, u->tree->main, f->store->loc));
        fputc('\n', to);
    }
}

/* Why checks that ask no flow do not come first. */
static void explain_stateless(const struct plan_chain *c, unsigned side,
                              FILE *to)
{
    const struct plan_step *s = c->stages.first->order[side].first;
    unsigned n = c->fast[side].stateless;

    if (!n)
        return;
    fputs("      need no flow:", to);
    for (unsigned i = 0; i < n; i++, s = s->next)
        fprintf(to, "%s %s", i ? "," : "", s->nf->ir->source->name);
    fputs("; they run behind the look-up all the same, since\n"
          "      packets that they drop refresh their flows, too; a burst is "
          "looked up at once, so none waits\n",
          to);
}

static json_t *stateless_json(const struct plan_chain *c, unsigned side)
{
    const struct plan_step *s = c->stages.first->order[side].first;
    json_t *all = json_array();

    for (unsigned i = 0; i < c->fast[side].stateless; i++, s = s->next)
        json_array_append_new(all, json_string(s->nf->ir->source->name));
    return all;
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
        explain_stateless(c, side, to);
        explain_row(u, &c->row[side], to);
    }
    if (c->calls)
        fprintf(to,
                "    handlers are called there, not inlined: for all layouts "
                "of headers they\n      would have about %u statements, and "
                "more than %u take long to compile\n",
                c->fast[0].size + c->fast[1].size, FAST_SIZE_MAX);
}

static json_t *row_json(const struct unit *u, const struct plan_row *r)
{
    json_t *all = json_array();
    const struct row_slot *s;

    LIST_EACH (s, &r->slots)
        json_array_append_new(
            all,
            json_pack("{ss ss ss si si}", "nf", s->nf->ir->source->name, "what",
                      quoted(u, s->expr->loc), "file", s->expr->loc.src->path,
                      "line", (int)loc_linecol(s->expr->loc).line, "bytes",
                      (int)s->bytes));
    return all;
}

static json_t *cancels_json(const struct plan_row *r)
{
    json_t *all = json_array();
    const struct row_cancel *c;

    LIST_EACH (c, &r->cancels)
        json_array_append_new(
            all,
            json_pack("{ss ss ss si ss ss si}", "headers", c->push->stack->text,
                      "added_by", c->nf->ir->source->name, "file",
                      c->push->loc.src->path, "line",
                      (int)loc_linecol(c->push->loc).line, "removed_by",
                      c->by_nf->ir->source->name, "removed_file",
                      c->pop->loc.src->path, "removed_line",
                      (int)loc_linecol(c->pop->loc).line));
    return all;
}

json_t *explain_fast_json(const struct unit *u, const struct plan_chain *c)
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
        json_object_set_new(o, "called", json_boolean(c->calls));
        json_object_set_new(o, "stateless", stateless_json(c, side));
        json_object_set_new(o, "cancels", cancels_json(&c->row[side]));
        json_object_set_new(o, "kept", row_json(u, &c->row[side]));
        json_array_append_new(all, o);
    }
    return all;
}
