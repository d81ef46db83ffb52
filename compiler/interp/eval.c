/* Expressions: LANGUAGE.md, "Values". */
#include "interp/eval.h"
#include "base/arena.h"
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/table.h"
#include "interp/world.h"
#include "interp/order.h"
#include <stdlib.h>
#include <string.h>

static unsigned type_bits(const struct type *t)
{
    switch (t->kind) {
    case TY_BOOL:
        return 1;
    case TY_UINT:
    case TY_ENUM:
        return t->bits;
    case TY_DURATION:
        return 64;
    default:
        return 128;
    }
}

num_t type_cut(const struct type *t, num_t u)
{
    return u & num_mask(type_bits(t));
}

static struct ival number(num_t u)
{
    return (struct ival){.u = u};
}

static struct ival *new_parts(struct moment *m, unsigned n)
{
    return arena_alloc(m->world->scratch, n * sizeof(struct ival));
}

static struct ival constant(struct moment *m, const struct type *t,
                            const struct value *v)
{
    struct ival x = {.u = v->u, .hi = v->hi, .alt = v->alt, .str = v->str};
    const struct part *part;
    unsigned i = 0;

    if (t->kind != TY_TUPLE)
        return x;
    x.parts = new_parts(m, t->parts.n);
    LIST_EACH (part, &t->parts) {
        x.parts[i] = constant(m, part->type, &v->parts[i]);
        i++;
    }
    return x;
}

static struct ival tuple(struct moment *m, const struct texpr *e)
{
    struct ival x = {0};
    const struct targ *a;
    unsigned i = 0;

    x.parts = new_parts(m, e->args.n);
    LIST_EACH (a, &e->args) {
        x.parts[i++] = eval(m, a->value);
    }
    return x;
}

static struct ival variable(struct moment *m, const struct var *v)
{
    if (v->type->kind == TY_OBJECT)
        return m->station->objects[v->index];
    if (v->storage == ST_FLOW)
        return m->session->vars[m->station->at->index][v->index];
    if (v->storage == ST_ATOMIC && m->world->order)
        return number(order_get(m, v));
    if (v->storage == ST_ATOMIC)
        return m->station->atomic[v->index];
    return station_shared(m->world, m->station, m->shard)[v->index];
}

static struct ival field(struct moment *m, const struct field *f)
{
    const struct layer *l =
        m->layer ? m->layer : packet_layer(m->packet, f->header);

    if (!l)
        abort(); /* the types promise that the header is there */
    return number(layer_get(m->packet, l, f));
}

static num_t shift(enum ast_op op, num_t a, num_t by, unsigned bits)
{
    if (by >= bits)
        return 0;
    return op == OP_SHL ? a << by : a >> by;
}

static num_t arithmetic(enum ast_op op, num_t a, num_t b, unsigned bits)
{
    switch (op) {
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return b ? a / b : 0;
    case OP_MOD:
        return b ? a % b : a;
    case OP_AND:
        return a & b;
    case OP_OR:
        return a | b;
    case OP_XOR:
        return a ^ b;
    case OP_SHL:
    case OP_SHR:
        return shift(op, a, b, bits);
    default:
        abort();
    }
}

num_t eval_operator(const struct type *t, enum ast_op op, num_t x, num_t y)
{
    return type_cut(t, arithmetic(op, x, y, type_bits(t)));
}

struct ival eval_copy(struct moment *m, const struct type *t,
                      const struct ival *x)
{
    struct ival copy = *x;
    const struct part *part;
    unsigned i = 0;

    if (t->kind != TY_TUPLE)
        return copy;
    copy.parts = new_parts(m, t->parts.n);
    LIST_EACH (part, &t->parts) {
        copy.parts[i] = eval_copy(m, part->type, &x->parts[i]);
        i++;
    }
    return copy;
}

bool eval_equal(const struct type *t, const struct ival *a,
                const struct ival *b)
{
    const struct part *part;
    unsigned i = 0;

    switch (t->kind) {
    case TY_UNION:
        return a->alt == b->alt && a->u == b->u;
    case TY_RANGE:
        return a->u == b->u && a->hi == b->hi;
    case TY_TUPLE:
        LIST_EACH (part, &t->parts) {
            if (!eval_equal(part->type, &a->parts[i], &b->parts[i]))
                return false;
            i++;
        }
        return true;
    default:
        return a->u == b->u;
    }
}

static struct ival binary(struct moment *m, const struct texpr *e)
{
    struct ival a, b;

    if (e->op == OP_LAND)
        return number(eval_true(m, e->a) && eval_true(m, e->b));
    if (e->op == OP_LOR)
        return number(eval_true(m, e->a) || eval_true(m, e->b));
    a = eval(m, e->a);
    b = eval(m, e->b);
    switch (e->op) {
    case OP_EQ:
        return number(eval_equal(e->a->type, &a, &b));
    case OP_NE:
        return number(!eval_equal(e->a->type, &a, &b));
    case OP_LT:
        return number(a.u < b.u);
    case OP_LE:
        return number(a.u <= b.u);
    case OP_GT:
        return number(a.u > b.u);
    case OP_GE:
        return number(a.u >= b.u);
    default:
        return number(type_cut(
            e->type, arithmetic(e->op, a.u, b.u, type_bits(e->a->type))));
    }
}

static struct ival in(struct moment *m, const struct texpr *e)
{
    struct ival x = eval(m, e->a);
    const struct titem *i;

    LIST_EACH (i, &e->items) {
        if (e->a->type->kind == TY_UNION && x.alt != i->alt)
            continue;
        if (eval(m, i->lo).u <= x.u && x.u <= eval(m, i->hi).u)
            return number(true);
    }
    return number(false);
}

/* x of type `from` as one of type `to`. */
static struct ival cast(struct moment *m, const struct type *from,
                        const struct type *to, struct ival x)
{
    const struct part *f, *t;
    struct ival y = {0};
    unsigned i = 0;

    switch (to->kind) {
    case TY_UNION:
        if (from->kind != TY_UNION)
            x.alt = from == to->alt[1];
        return x;
    case TY_RANGE:
        x.u = type_cut(to->elem, x.u);
        x.hi = type_cut(to->elem, x.hi);
        return x;
    case TY_TUPLE:
        y.parts = new_parts(m, to->parts.n);
        f = from->parts.first;
        LIST_EACH (t, &to->parts) {
            y.parts[i] = cast(m, f->type, t->type, x.parts[i]);
            f = f->next;
            i++;
        }
        return y;
    default:
        x.u = type_cut(to, x.u);
        return x;
    }
}

enum { ARGS_MAX = 32 }; /* of one call */

/* Of a key: a number of one bit takes a word, too. */
enum { KEY_WORDS_MAX = TABLE_KEY_BITS + 2 };

struct args {
    struct ival value[ARGS_MAX];
    const struct ival *at[ARGS_MAX]; /* NULL: left out */
    uint64_t *key;
    unsigned n_words;
    const struct targ *key_arg;
};

static void add_words(struct args *to, const struct type *t,
                      const struct ival *x)
{
    const struct part *p;
    unsigned i = 0;

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts)
            add_words(to, p->type, &x->parts[i++]);
        return;
    }
    to->key[to->n_words++] = (uint64_t)x->u;
    if (t->kind == TY_UNION || type_bits(t) > 64)
        to->key[to->n_words++] = (uint64_t)(x->u >> 64);
    if (t->kind == TY_UNION)
        to->key[to->n_words++] = x->alt;
}

/* The words of a key: LANGUAGE.md, section 7. */
static void take_key(struct moment *m, const struct targ *a,
                     const struct ival *x, struct args *to)
{
    to->key = arena_alloc(m->world->scratch, KEY_WORDS_MAX * sizeof(*to->key));
    to->key_arg = a;
    add_words(to, a->value->type, x);
}

static void arguments(struct moment *m, const struct targ *a, struct args *to)
{
    for (unsigned i = 0; a; a = a->next, i++) {
        if (i == ARGS_MAX)
            abort();
        if (!a->value)
            continue;
        to->value[i] = eval(m, a->value);
        to->at[i] = &to->value[i];
        if (a->param->key)
            take_key(m, a, &to->value[i], to);
    }
}

/* Where the numbers of a variable are. */
static struct ival *numbers_of(struct moment *m, const struct var *first)
{
    if (first->storage == ST_FLOW)
        return &m->session->vars[m->station->at->index][first->index];
    return &station_shared(m->world, m->station, m->shard)[first->index];
}

static bool call_cell(struct moment *m, const struct texpr *e,
                      struct ival *result)
{
    struct args args = {0}, settings = {0};
    uint64_t numbers[ARGS_MAX];
    struct call c = {.moment = m,
                     .args = args.at,
                     .settings = settings.at,
                     .numbers = numbers};
    unsigned n = e->cell->type->numbers;
    struct ival key = {0}, *at;
    bool good;

    if (e->a)
        key = eval(m, e->a->a);
    arguments(m, e->cell->args.first, &settings);
    arguments(m, e->args.first, &args);
    at = e->a ? table_cell(m, e->a, &key) : numbers_of(m, e->cell->first);
    if (!at)
        return false;
    for (unsigned i = 0; i < n; i++)
        numbers[i] = (uint64_t)at[i].u;
    good = object_member(e->member)(&c, result);
    for (unsigned i = 0; i < n; i++)
        at[i].u = numbers[i];
    return good;
}

bool eval_call(struct moment *m, const struct texpr *e, struct ival *result)
{
    struct args args = {0};
    struct call c = {.moment = m, .member = e->member, .args = args.at};
    struct ival self = {0};

    *result = (struct ival){0};
    if (e->cell)
        return call_cell(m, e, result);
    if (e->a)
        self = eval(m, e->a);
    arguments(m, e->args.first, &args);
    c.self = self.object;
    c.of = &self;
    c.name = self.str;
    c.key = args.key;
    c.n_words = args.n_words;
    c.key_arg = args.key_arg;
    c.type = e->member->object;
    c.divided = e->a && e->a->kind == TE_VAR && e->a->var->storage == ST_SHARED;
    if (!object_member(e->member)(&c, result))
        return false;
    for (unsigned i = 0; i < e->depth; i++)
        *result = result->parts[e->path[i]];
    return true;
}

/* A function that cannot fail, or a property. */
static struct ival call(struct moment *m, const struct texpr *e)
{
    struct ival x;

    if (!eval_call(m, e, &x))
        abort();
    return x;
}

/* The place in the frame. Calls get it before anything moves. */
static struct ival header_bytes(struct moment *m, const struct header *h)
{
    const struct layer *l = packet_layer(m->packet, h);

    packet_settle(m->packet);
    return (struct ival){.u = l->off, .hi = l->end};
}

/* dispatch */
struct ival eval(struct moment *m, const struct texpr *e)
{
    struct ival a;

    switch (e->kind) {
    case TE_CONST:
        return constant(m, e->type, &e->value);
    case TE_PARAM:
        return m->station->params[e->param->index];
    case TE_LOCAL:
        /* What is at hand has no value; in an event's condition, no place. */
        return type_is_at_hand(m->world->tree, e->type)
                   ? number(0)
                   : m->locals[e->local->index];
    case TE_VAR:
        return variable(m, e->var);
    case TE_FIELD:
        return field(m, e->field);
    case TE_HAS:
        return number(packet_layer(m->packet, e->header) != NULL);
    case TE_BYTES:
        return header_bytes(m, e->header);
    case TE_GET:
    case TE_CALL:
        return call(m, e);
    case TE_TABLE:
        table_access(m, e, &a);
        return a;
    case TE_AWAKE:
        return number(m->awake >> e->part & 1);
    case TE_NOT:
        return number(!eval_true(m, e->a));
    case TE_COMPL:
        return number(type_cut(e->type, ~eval(m, e->a).u));
    case TE_BINARY:
        return binary(m, e);
    case TE_IN:
        return in(m, e);
    case TE_CAST:
        return cast(m, e->a->type, e->type, eval(m, e->a));
    case TE_TUPLE:
        return tuple(m, e);
    case TE_PART:
        return eval(m, e->a).parts[e->part];
    case TE_LOW:
        return number(eval(m, e->a).u);
    case TE_HIGH:
        a = eval(m, e->a);
        return number(a.hi);
    case TE_NEW:
        break; /* made before the run, by world_init */
    }
    abort();
}

bool eval_true(struct moment *m, const struct texpr *e)
{
    return eval(m, e).u != 0;
}
