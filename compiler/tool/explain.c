/* nflc explain: effects, shard keys and the expected loss of flow tables. */
#include "tool/explain.h"
#include "interp/interp.h"

#include "plan/deps.h"
#include "plan/plan.h"
#include "tool/externs.h"
#include "sema/effect.h"
#include "unit.h"

#include <math.h>
#include <string.h>
#include <nfl/flow_bytes.h>

/* A shard gets X of F flows, X binomial with mean m = F / S and variance
 * v = F / S (1 - 1 / S); what exceeds its c entries is lost. With X taken as
 * normal, E[max(X - c, 0)] = s phi(z) - (c - m) (1 - Phi(z)), z = (c - m) / s.
 */
double explain_loss(double flows, double size, double shards)
{
    double m = flows / shards, c = size / shards;
    double s = sqrt(m * (1 - 1 / shards)), z, lost;

    if (s == 0)
        return flows > size ? flows - size : 0;
    z = (c - m) / s;
    lost =
        s * exp(-z * z / 2) / sqrt(2 * M_PI) - (c - m) * erfc(z / M_SQRT2) / 2;
    return lost > 0 ? lost * shards : 0;
}

/* The end by which the chain is divided; 2 if by none. */
static unsigned key_end(const struct chain *c)
{
    return c->key == KEY_LEFT ? 0 : c->key == KEY_RIGHT ? 1 : 2;
}

/* Is it made of tables that files fill? */
static bool has_rows(const struct keyfact *f)
{
    const struct targ *a, *given;

    LIST_EACH (a, &f->var->args) {
        if (!a->value || a->value->kind != TE_PARAM)
            continue;
        LIST_EACH (given, &f->at->args)
            if (given->param == a->value->param && given->value &&
                given->value->kind == TE_NEW &&
                given->value->args.first->value->value.str[0])
                return true;
    }
    return false;
}

static void explain_fact(const struct chain *c, const struct keyfact *f,
                         FILE *to)
{
    unsigned line = loc_linecol(f->loc).line;

    if (f->kind == KEY_TABLE) {
        if (c->shards > 1)
            fprintf(
                to, "    %s asks %s '%s' by %s '%s', line %u\n", f->at->name,
                f->var->table ? "table" : f->var->type->object->name, f->name,
                f->ends == 3 ? "both ends, so that at" : "the end at",
                c->side[key_end(c)], line);
        return;
    }
    if (f->kind == KEY_SMALL) {
        fprintf(to,
                "    %s has a table '%s' of fewer entries than there would "
                "be shards, line %u\n",
                f->at->name, f->name, line);
        return;
    }
    if (f->kind == KEY_LEASES) {
        fprintf(to, "    %s leases from '%s', divided among them", f->at->name,
                f->name);
        if (f->amount)
            fprintf(to, ": %llu, %llu a shard", (unsigned long long)f->amount,
                    (unsigned long long)(f->amount / c->shards));
        fprintf(to, ", line %u\n", line);
        if (f->var && has_rows(f))
            fputs("      what its tables say belongs to the shard of the "
                  "inside address\n",
                  to);
        return;
    }
    fprintf(to,
            "    %s may translate the end at '%s' of flows from '%s', "
            "line %u",
            f->at->name, c->side[f->end], c->side[f->opened], line);
    if (f->end != key_end(c) || c->shards == 1)
        fputc('\n', to);
    else if (f->leased)
        fprintf(to, ":\n      what is leased belongs to the shard; else it "
                    "fails where the new address belongs to another\n");
    else
        fprintf(to, ":\n      fails where the new address belongs to another "
                    "shard\n");
}

/* A call stands for both ways to open a flow, and each end that it gives, and
 * all accesses to a table for one: what was said is not said again. */
static bool fact_told(const struct chain *c, const struct keyfact *f)
{
    const struct keyfact *i;

    for (i = c->facts.first; i != f; i = i->next)
        if (i->at == f->at && i->kind == f->kind && i->end == f->end &&
            i->opened == f->opened && i->name == f->name &&
            (f->kind == KEY_TABLE ||
             (i->loc.src == f->loc.src &&
              loc_linecol(i->loc).line == loc_linecol(f->loc).line)))
            return true;
    return false;
}

static void explain_key(const struct chain *c, FILE *to)
{
    const struct keyfact *f;
    bool leases = false;

    LIST_EACH (f, &c->facts)
        leases |= f->kind == KEY_LEASES;
    if (c->key == KEY_NONE) {
        fprintf(to, "  shards: any division is right\n");
        return;
    }
    fprintf(to, "  shards: %u, ", c->shards);
    if (!c->tracks && c->shards == 1)
        fprintf(to, "since its packets share state that is not divided\n");
    else if (c->key == KEY_TUPLE)
        fprintf(to, "by the tuple of the flow\n");
    else
        fprintf(to, "by the end at '%s': %sits address\n", c->side[key_end(c)],
                leases ? "the shard that leases it, else by " : "by ");
    LIST_EACH (f, &c->facts)
        if (!fact_told(c, f))
            explain_fact(c, f, to);
}

static void explain_var(const struct chain *c, const struct position *p,
                        const struct var *v, FILE *to)
{
    static const char *const by[] = {
        [UP_SET] = "never changed",        [UP_ADD] = "changed by sums",
        [UP_SUB] = "changed by sums",      [UP_OR] = "changed by |=",
        [UP_AND] = "changed by &=",        [UP_MAX] = "changed to a maximum",
        [UP_MIN] = "changed to a minimum",
    };

    if (v->type->kind == TY_OBJECT || v->table)
        return;
    if (v->storage == ST_SPLIT)
        fprintf(
            to,
            "  split %s.%s: one for each of %u shard%s; what is read is that "
            "of the own one, 1/%u of the whole on average\n",
            p->name, v->name, c->shards, c->shards == 1 ? "" : "s", c->shards);
    if (v->storage == ST_ATOMIC)
        fprintf(to, "  atomic %s.%s: one for all shards, %s\n", p->name,
                v->name, by[v->update]);
}

static void explain_state(const struct chain *c, FILE *to)
{
    const struct position *p;
    const struct var *v;

    LIST_EACH (p, &c->nfs)
        LIST_EACH (v, &p->nf->vars)
            explain_var(c, p, v, to);
}

void explain_loads(double size, double shards, const char *what, FILE *to)
{
    static const double loads[] = {0.8, 0.9, 0.95, 1.0};
    int word = (int)strcspn(what, " ");

    fprintf(to,
            "    %s that meet a full shard while others have room, to be "
            "expected:\n",
            what);
    for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        double n = size * loads[i], lost = explain_loss(n, size, shards);

        fprintf(to, "    %3.0f %% full, %12.0f %.*s: ", loads[i] * 100, n, word,
                what);
        if (lost < 0.5)
            fprintf(to, "none\n");
        else
            fprintf(to, "%.0f (%.2g %%)\n", lost, 100 * lost / n);
    }
}

static void explain_memory(const struct plan *p, const struct plan_chain *c,
                           FILE *to)
{
    uint64_t flows = (uint64_t)c->ir->source->flows;
    uint64_t entry = NFL_SESSION_BYTES + plan_flow_adds(p, c);
    double all[2];

    for (int v6 = 0; v6 < 2; v6++)
        all[v6] = nfl_flow_bytes(flows, entry, c->n_hops, v6);
    fprintf(to,
            "    memory: %.0f bytes a flow of IPv4 (its entry %llu), %.0f of "
            "IPv6 (%llu); at most %.1f MB in all\n",
            ceil(all[0] / (double)flows),
            (unsigned long long)nfl_entry_stride(entry, c->n_hops, false),
            ceil(all[1] / (double)flows),
            (unsigned long long)nfl_entry_stride(entry, c->n_hops, true),
            all[1] / 1e6);
}

/* What one address can have at a time. */
static void explain_end(const struct chain *c, FILE *to)
{
    unsigned long long most = (unsigned long long)(c->flows / c->shards), part;
    const struct keyfact *f;

    fprintf(to,
            "    all flows of an address at '%s' are of one shard: at most "
            "%llu at a time\n",
            c->side[c->key == KEY_RIGHT], most);
    LIST_EACH (f, &c->facts) {
        part = (unsigned long long)(f->amount / c->shards);
        if (f->kind == KEY_LEASES && f->amount && part < most)
            fprintf(to, "    of them at most %llu that lease from '%s' of %s\n",
                    part, f->name, f->at->name);
    }
}

static void explain_fragments(const struct chain *c, FILE *to)
{
    static const char *const text[FRAGMENTS_N] = {
        [FRAGMENTS_PASS] = "pass; later ones have no flow",
        [FRAGMENTS_TRACK] = "track; later ones have the flow of their first",
        [FRAGMENTS_REFUSE] = "refuse; none comes in",
        [FRAGMENTS_REASSEMBLE] =
            "reassemble; whole datagrams come in, and leave in fragments",
    };

    fprintf(to, "    fragments: %s\n", text[c->fragments]);
}

static void explain_table(const struct plan *plan, const struct plan_chain *p,
                          FILE *to)
{
    const struct chain *c = p->ir->source;
    static const char *const policy[] = {
        "a new flow is refused", "the oldest flow makes room",
        "the flow that would expire first makes room"};
    bool ends = c->shards > 1 && (c->key == KEY_LEFT || c->key == KEY_RIGHT);
    const struct ownidle *o;

    fprintf(to,
            "  flow table: %llu entries, %llu a shard; where a shard is full, "
            "%s\n",
            (unsigned long long)c->flows,
            (unsigned long long)(c->flows / c->shards), policy[c->full]);
    if (ends)
        explain_end(c, to);
    explain_memory(plan, p, to);
    fprintf(to, "    timeouts: opening %llu ms, idle %llu ms, closing %llu ms",
            (unsigned long long)c->opening, (unsigned long long)c->idle,
            (unsigned long long)c->closing);
    LIST_EACH (o, &c->own)
        fprintf(to, "; idle flows of %s %llu ms", o->name,
                (unsigned long long)o->ticks);
    fputc('\n', to);
    if (c->fragments)
        explain_fragments(c, to);
    explain_tcp(c, to);
    explain_loads((double)c->flows, c->shards,
                  ends ? "flows of different addresses" : "flows", to);
}

static void explain_nf(const struct unit *u, const struct position *p, FILE *to)
{
    const struct handler *h;

    fprintf(to, "\n  %s\n", p->name);
    LIST_EACH (h, &p->nf->handlers)
        effect_print(effect_of(u->effects, h), "    ", to);
}

static void explain_chain(const struct unit *u, const struct plan_chain *c,
                          const struct deps_chain *d, FILE *to)
{
    const struct chain *s = c->ir->source;
    const struct position *p;

    fprintf(to, "chain %s: %s %s", s->name, s->side[0], s->port[0]->name);
    if (s->port[1])
        fprintf(to, " %s %s %s", s->two_way ? "<->" : "->", s->side[1],
                s->port[1]->name);
    fputc('\n', to);
    explain_ingress(u->arena, u->tree, s, to);
    if (!s->tracks)
        fprintf(to, "  no NF looks at flows: there is no flow table\n");
    explain_way(s, to);
    explain_key(s, to);
    if (s->tracks)
        explain_table(u->plan, c, to);
    explain_state(s, to);
    explain_tables(c->ir, to);
    explain_objects(c->ir, to);
    interp_tell(u, s, to);
    explain_events(u, s, to);
    LIST_EACH (p, &s->nfs)
        explain_nf(u, p, to);
    explain_fast(u, c, to);
    explain_binding(u, s, to);
    explain_shares(u, c, to);
    explain_pairs(u, d, to);
}

void explain(const struct unit *u, FILE *to)
{
    const struct deps_chain *d = u->deps->chains.first;
    const struct plan_chain *c;

    LIST_EACH (c, &u->plan->chains) {
        explain_chain(u, c, d, to);
        d = d->next;
        if (c->next)
            fputc('\n', to);
    }
    externs_explain(u, to);
}
