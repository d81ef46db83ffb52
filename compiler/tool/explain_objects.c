/* nflc explain: what objects that functions change take of memory, and how far
 * what they say may be off. */
#include "interp/object.h"
#include "ir/ir.h"
#include "tool/explain.h"

enum { ARGS_MAX = 16 };

/* As the source has them. */
static void values(const struct ir_object *o, struct value *to)
{
    const struct ir_expr *a;
    unsigned i = 0;

    LIST_EACH (a, &o->args) {
        if (i == ARGS_MAX)
            break;
        to[i++].u = a->op == IR_config ? a->config->value.u : a->num;
    }
}

static void explain_one(const struct ir_object *o, unsigned shards, FILE *to)
{
    const struct object_kind *kind = object_kind(o->type);
    struct value args[ARGS_MAX] = {{0}};

    fprintf(to, "  %s %s.%s: %s", storage_name[o->var->storage],
            o->nf->source->name, o->name, o->type->type->name);
    if (shards > 1)
        fprintf(to, ", one for each of %u shards%s", shards,
                o->var->storage == ST_SPLIT
                    ? "; what is asked is the own one"
                    : ", which has the keys that belong to it");
    fputc('\n', to);
    values(o, args);
    if (kind && kind->explain)
        kind->explain(args, shards, to);
}

void explain_objects(const struct ir_chain *c, FILE *to)
{
    const struct ir_object *o;

    LIST_EACH (o, &c->objects)
        if (o->type->updates)
            explain_one(o, c->source->shards, to);
}
