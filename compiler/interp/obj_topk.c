/* topk of stdlib/type/sketch.nfl: for each shard a list of keys in the order
 * in which they were taken in. LANGUAGE.md, section 7. */
#include "base/mem.h"
#include "interp/object.h"
#include "interp/world.h"
#include <stdlib.h>
#include <string.h>

struct counted {
    char *text; /* of the key: the same for equal keys */
    uint64_t count, error;
    struct counted *next;
};
typedef LIST(struct counted) counts;

struct topk {
    unsigned size, shards;
    bool divided; /* a key is in one shard only */
    counts *of;   /* by shard */
    uint64_t taken, evicted;
};

void *topk_make(struct world *w, unsigned shards,
                const struct ival *const *args)
{
    struct topk *t;

    if (args[0]->u < 1 || args[0]->u > 1 << 20) {
        snprintf(w->err, sizeof(w->err),
                 "the size of a topk is from 1 to 1048576");
        return NULL;
    }
    t = mem_zeroed(1, sizeof(*t));
    t->size = (unsigned)args[0]->u;
    t->shards = shards;
    t->of = mem_zeroed(shards, sizeof(*t->of));
    return t;
}

static void take_out(counts *l, struct counted *e)
{
    struct counted **at = &l->first, *last = NULL;

    for (; *at != e; at = &(*at)->next)
        last = *at;
    *at = e->next;
    if (l->last == e)
        l->last = last;
    l->n--;
    free(e->text);
    free(e);
}

void topk_free(void *self)
{
    struct topk *t = self;

    for (unsigned i = 0; i < t->shards; i++)
        while (t->of[i].first)
            take_out(&t->of[i], t->of[i].first);
    free(t->of);
    free(t);
}

static char *key_text(const struct call *c)
{
    const struct targ *a = c->key_arg;
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        mem_none();
    value_print(f, a->value->type, c->args[a->param->index]);
    if (fclose(f) != 0)
        mem_none();
    return text;
}

static struct counted *find(const counts *l, const char *text)
{
    struct counted *e;

    LIST_EACH (e, l)
        if (strcmp(e->text, text) == 0)
            return e;
    return NULL;
}

/* The first of those with the least count. */
static struct counted *least(const counts *l)
{
    struct counted *e, *found = l->first;

    LIST_EACH (e, l)
        if (e->count < found->count)
            found = e;
    return found;
}

bool topk_add(const struct call *c, struct ival *result)
{
    struct topk *t = c->self;
    counts *l = &t->of[c->moment->shard];
    char *text = key_text(c);
    struct counted *e = find(l, text), *out;

    t->divided = c->divided;
    if (!e) {
        e = mem_zeroed(1, sizeof(*e));
        e->text = strdup(text);
        out = l->n == t->size ? least(l) : NULL;
        if (out) {
            e->count = e->error = out->count;
            take_out(l, out);
            t->evicted++;
        }
        LIST_ADD(l, e);
        t->taken++;
    }
    free(text);
    e->count += (uint64_t)c->args[1]->u;
    result->u = e->count;
    return true;
}

bool topk_count(const struct call *c, struct ival *result)
{
    const struct topk *t = c->self;
    char *text = key_text(c);
    const struct counted *e = find(&t->of[c->moment->shard], text);

    free(text);
    result->u = e ? e->count : 0;
    return true;
}

/* ---- over all shards ---- */

/* False if a shard before has the key. */
static bool merge(const struct topk *t, unsigned shard, const char *text,
                  uint64_t *count, uint64_t *error)
{
    *count = *error = 0;
    for (unsigned i = 0; i < t->shards; i++) {
        const struct counted *e = find(&t->of[i], text);
        bool full = t->of[i].n == t->size && !t->divided;
        uint64_t most = full ? least(&t->of[i])->count : 0;

        if (e && i < shard)
            return false;
        *count += e ? e->count : most;
        *error += e ? e->error : most;
    }
    return true;
}

void topk_state(const void *self, struct nfl_state *to, const char *prefix)
{
    const struct topk *t = self;
    const struct counted *e;
    uint64_t count, error;

    for (unsigned i = 0; i < t->shards; i++)
        LIST_EACH (e, &t->of[i])
            if (merge(t, i, e->text, &count, &error))
                nfl_state_add(to, "object %s key %s count %llu error %llu",
                              prefix, e->text, (unsigned long long)count,
                              (unsigned long long)error);
}

static void report_key(const char *key, uint64_t count, uint64_t error,
                       struct nfl_report_table *row)
{
    char *text = NULL;
    int n = error
                ? asprintf(&text, "%s -> %llu, error %llu", key,
                           (unsigned long long)count, (unsigned long long)error)
                : asprintf(&text, "%s -> %llu", key, (unsigned long long)count);

    if (n < 0 || !nfl_report_entry_add(row, text))
        mem_none();
    free(text);
}

void topk_report(const void *self, struct nfl_report *r,
                 const struct nfl_report_object *who)
{
    const struct topk *t = self;
    struct nfl_report_table *row = &r->tables[r->n_tables++];
    const struct counted *e;
    uint64_t count, error;

    *row = (struct nfl_report_table){.chain = who->chain,
                                     .nf = who->nf,
                                     .name = who->name,
                                     .size = t->size,
                                     .added = t->taken,
                                     .evicted = t->evicted};
    for (unsigned i = 0; i < t->shards; i++) {
        LIST_EACH (e, &t->of[i]) {
            if (!merge(t, i, e->text, &count, &error))
                continue;
            row->entries++;
            if (r->top)
                report_key(e->text, count, error, row);
        }
    }
    nfl_report_entries_cut(row, r->top);
}

void topk_explain(const struct value *args, unsigned shards, FILE *to)
{
    double size = (double)args[0].u;

    fprintf(to,
            "    never too little; too much by at most %.3g %% of all that was "
            "added; who has more is among them\n",
            100 / size);
    fprintf(to, "    %.0f keys a shard, %.0f in all\n", size, size * shards);
}
