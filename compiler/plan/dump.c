/* The plan as text, for people and golden tests. */
#include "plan/plan.h"

static void dump_steps(FILE *to, const struct plan_step *s)
{
    const struct plan_branch *b;

    for (; s; s = s->next) {
        fprintf(to, " %s", s->nf->ir->source->name);
        if (!s->branches.first)
            continue;
        fprintf(to, "%s {", s->fixed ? " fixed" : "");
        LIST_EACH (b, &s->branches) {
            fprintf(to, " %#x:", b->exits);
            dump_steps(to, b->steps.first);
            fprintf(to, "%s%s", b->out ? " out" : "", b->next ? ";" : "");
        }
        fputs(" }", to);
    }
}

static void dump_order(FILE *to, const char *from, const struct plan_step *s)
{
    fprintf(to, "    from %s:", from);
    dump_steps(to, s);
    fputc('\n', to);
}

static void dump_stage(FILE *to, const struct plan_chain *c,
                       const struct plan_stage *s, unsigned index)
{
    fprintf(to, "  stage %u\n", index);
    dump_order(to, c->ir->source->side[0], s->order[0].first);
    if (c->ir->source->two_way)
        dump_order(to, c->ir->source->side[1], s->order[1].first);
}

static void dump_shares(FILE *to, const struct plan_nf *n)
{
    const struct plan_handler *h;

    LIST_EACH (h, &n->run[RAISE_PACKET])
        for (unsigned side = 0; side < 2; side++)
            if (h->shares[side].with)
                fprintf(to,
                        "    handler %u: from %s shared with position %u%s\n",
                        h->ir->index, n->ir->chain->source->side[side],
                        h->shares[side].with->position,
                        h->shares[side].cond ? ", if set alike" : "");
}

static void dump_nf(FILE *to, const struct plan_nf *n)
{
    const struct plan_handler *h;
    const struct plan_reason *r;

    fprintf(to, "  nf %u %s", n->position, n->ir->source->name);
    if (n->hop >= 0)
        fprintf(to, ", hop %d", n->hop);
    if (n->drop_slot >= 0)
        fprintf(to, ", drop slot %d", n->drop_slot);
    if (n->exit_slot >= 0)
        fprintf(to, ", exit slot %d", n->exit_slot);
    fputc('\n', to);
    for (unsigned i = 0; i < RAISE_N; i++) {
        if (!n->run[i].n)
            continue;
        fprintf(to, "    on %s:", raiser_name[i]);
        LIST_EACH (h, &n->run[i])
            fprintf(to, " %u", h->ir->index);
        fputc('\n', to);
    }
    dump_shares(to, n);
    LIST_EACH (r, &n->reasons)
        fprintf(to, "    reason %u: %s\n", r->index, r->source->text);
}

static void dump_vars(FILE *to, const plan_vars *vars)
{
    const struct plan_var *v;

    LIST_EACH (v, vars)
        fprintf(to, "  %s +%u %s.%s: %u byte%s\n",
                storage_name[v->var->storage], v->offset,
                v->nf->ir->source->name, v->var->name, v->bytes,
                v->bytes == 1 ? "" : "s");
}

static void dump_events(FILE *to, const struct plan_chain *c)
{
    const struct plan_event *e;
    const struct plan_timer *t;
    const struct plan_nf *n;

    LIST_EACH (e, &c->events) {
        fprintf(to, "  event %u %s to", e->index, e->source->path);
        LIST_EACH (n, &c->nfs)
            if (e->takers >> n->position & 1)
                fprintf(to, " %s", n->ir->source->name);
        fputc('\n', to);
    }
    if (c->events.n)
        fprintf(to, "  events under way: at most %u\n", c->most_events);
    LIST_EACH (t, &c->timers)
        fprintf(to, "  timer of %s: handler %u, %llu ms, %s\n",
                t->nf->ir->source->name, t->ir->index,
                (unsigned long long)t->ticks,
                t->every ? "in each shard" : "once");
}

static void dump_chain(FILE *to, const struct plan *p,
                       const struct plan_chain *c)
{
    static const char *const key[] = {
        [KEY_NONE] = "none",
        [KEY_TUPLE] = "tuple",
        [KEY_LEFT] = "left end",
        [KEY_RIGHT] = "right end",
    };
    const struct plan_stage *s;
    const struct plan_nf *n;
    const struct ir_object *o;
    unsigned i = 0;

    fprintf(to, "chain %s: layout rtc, %u shards, key %s\n",
            c->ir->source->name, c->ir->source->shards,
            key[c->ir->source->key]);
    LIST_EACH (s, &c->stages)
        dump_stage(to, c, s, i++);
    LIST_EACH (n, &c->nfs)
        dump_nf(to, n);
    if (c->ir->source->tracks)
        fprintf(to, "  session: %u hop%s, %u drop slot%s, %u bytes\n",
                c->n_hops, c->n_hops == 1 ? "" : "s", c->n_drop_slots,
                c->n_drop_slots == 1 ? "" : "s", c->flow_bytes);
    dump_vars(to, &c->flow_vars);
    dump_vars(to, &c->shared_vars);
    dump_vars(to, &c->atomic_vars);
    dump_events(to, c);
    LIST_EACH (o, &c->ir->objects)
        fprintf(to, "  object %u %s.%s: %s\n", o->index, o->nf->source->name,
                o->name, o->type->name);
    fprintf(to, "  packets are %s\n", c->writes ? "written" : "only read");
    fast_dump(p, c, to);
}

void plan_dump(const struct plan *p, FILE *to)
{
    const struct plan_chain *c;

    LIST_EACH (c, &p->chains)
        dump_chain(to, p, c);
}
