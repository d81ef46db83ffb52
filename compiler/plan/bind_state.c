/* Who changes the state of an NF, and who translates flows, at packet time. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/bind.h"

bool handler_once(const struct ir_nf *nf, const struct handler *h)
{
    const struct ir_handler *i;
    const struct ruleref *r;
    bool asked = false;

    if (h->raiser != RAISE_RULE)
        return h->raiser == RAISE_NEW || h->raiser == RAISE_CONFIG;
    LIST_EACH (i, &nf->handlers)
        LIST_EACH (r, &i->source->rules) {
            if (r->rule == h && !handler_once(nf, i->source))
                return false;
            asked |= r->rule == h;
        }
    return asked;
}

/* ---- writers ---- */

struct find {
    struct ir_visit visit;
    struct bind *bind;
    const struct ir_handler *handler;
};

static void add(struct find *f, const struct ir_stmt *s, const struct var *v)
{
    struct writer *w = ARENA_NEW(f->bind->arena, struct writer);

    w->stmt = s;
    w->handler = f->handler;
    w->var = v;
    LIST_ADD(&f->bind->writers, w);
}

const struct var *object_state(const struct ir_expr *self)
{
    const struct object *o;

    if (!self || self->op != IR_object || !self->object->var)
        return NULL;
    o = self->object->type;
    return o->updates || object_keeps(o) ? self->object->var : NULL;
}

static void find_stmt(struct ir_visit *v, const struct ir_stmt *s)
{
    struct find *f = (struct find *)v;
    const struct var *n = s->var;

    if (s->op == IR_store_flow || s->op == IR_store_shared ||
        s->op == IR_update_atomic)
        add(f, s, s->var);
    if (s->op == IR_cell && !s->table)
        for (unsigned i = 0; i < s->member->object->numbers; i++, n = n->next)
            add(f, s, n);
    if (s->op == IR_table_set || s->op == IR_table_update ||
        s->op == IR_table_remove || (s->op == IR_cell && s->table))
        add(f, s, s->table->var);
    if (s->op == IR_call && s->member->updates && object_state(s->self))
        add(f, s, object_state(s->self));
}

void writers_find(struct bind *b)
{
    struct find f = {{NULL, find_stmt}, b, NULL};

    b->writers.first = b->writers.last = NULL;
    b->writers.n = 0;
    LIST_EACH (f.handler, &b->nf->handlers)
        ir_walk_handler(&f.visit, f.handler);
}

/* ---- when state is known ---- */

static const char *verb(const struct var *v)
{
    return v->table || v->type->kind == TY_OBJECT ? "asks" : "reads";
}

/* State of a flow changes once if only what runs once changes it; what flows
 * have in common may change for any packet; what never changes is constant. */
struct known state_known(struct bind *b, const struct var *v, struct loc loc)
{
    struct known k = known_at(TIME_CONFIG);
    const struct writer *w;

    LIST_EACH (w, &b->writers) {
        if (w->var != v)
            continue;
        if (v->storage == ST_FLOW && handler_once(b->nf, w->handler->source)) {
            if (k.binding.time < TIME_FLOW)
                k.binding.time = TIME_FLOW;
            continue;
        }
        k.binding.time = TIME_PACKET;
        k.binding.why =
            why_new(b, loc, arena_fmt(b->arena, "%s %s", verb(v), v->name),
                    w->stmt->loc,
                    w->handler->source->raiser == RAISE_RULE
                        ? "changes by a rule"
                        : arena_fmt(b->arena, "changes on %s",
                                    w->handler->source->events));
        known_add_var(b, &k, v);
        return k;
    }
    return k;
}

static void add_flip(struct bind *b, struct bound *to, const struct writer *w)
{
    struct flip *f;

    LIST_EACH (f, &to->flips)
        if (f->stmt == w->stmt)
            return;
    f = ARENA_NEW(b->arena, struct flip);
    f->stmt = w->stmt;
    f->handler = w->handler;
    f->var = w->var;
    LIST_ADD(&to->flips, f);
}

/* That a rule fired is no reason for it to fire. */
void flips_find(struct bind *b, const struct known *k, struct bound *to)
{
    const struct varref *r;
    const struct writer *w;

    to->asks_packet |= k->packet;
    LIST_EACH (w, &b->writers)
        LIST_EACH (r, &k->vars)
            if (r->var == w->var && w->var != b->handler->source->fired)
                add_flip(b, to, w);
}

/* ---- translations ---- */

static void find_rewrite(struct ir_visit *v, const struct ir_stmt *s)
{
    struct find *f = (struct find *)v;
    struct bind *b = f->bind;

    if (s->op != IR_call || !s->member->rewrites)
        return;
    b->translators |= b->translator && b->translator != b->nf;
    b->translator = b->nf;
    b->translated = s->loc;
}

void translations_find(struct bind *b)
{
    struct find f = {{NULL, find_rewrite}, b, NULL};

    b->translator = NULL;
    b->translators = false;
    LIST_EACH (b->nf, &b->chain->nfs)
        LIST_EACH (f.handler, &b->nf->handlers)
            if (!handler_once(b->nf, f.handler->source))
                ir_walk_handler(&f.visit, f.handler);
}

bool tuple_late(const struct bind *b)
{
    return b->translators || (b->translator && b->translator != b->nf);
}
