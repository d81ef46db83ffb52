/* nflc explain: the tables of NFs. */
#include "ir/ir.h"
#include "tool/explain.h"

static void explain_one(const struct ir_table *t, unsigned shards, FILE *to)
{
    static const char *const policy[] = {
        [FULL_REFUSE] = "a new entry is refused",
        [FULL_OLDEST] = "the oldest entry makes room",
        [FULL_IDLE] = "the entry that would end first makes room",
    };
    const struct table *of = t->var->table;

    fprintf(to, "  %s %s.%s: %s, %llu entries", storage_name[t->var->storage],
            t->nf->source->name, t->var->name, t->var->type->name,
            (unsigned long long)t->size);
    if (shards > 1)
        fprintf(to, ", %llu a shard; where a shard",
                (unsigned long long)(t->size / shards));
    else
        fputs("; where it", to);
    fprintf(to, " is full, %s\n", policy[of->full]);
    if (t->ticks)
        fprintf(to, "    an entry ends %llu ms after %s\n",
                (unsigned long long)t->ticks,
                of->idle ? "the last access to it" : "it was set");
    else
        fputs("    entries stay until they are removed or make room\n", to);
    if (shards > 1)
        explain_loads((double)t->size, shards, "entries", to);
}

void explain_tables(const struct ir_chain *c, FILE *to)
{
    const struct ir_table *t;

    LIST_EACH (t, &c->tables)
        explain_one(t, c->source->shards, to);
}
