/* Constants: what must be known when the program is compiled. */
#include "sema/sema.h"

static bool fold_binary(enum ast_op op, num_t a, num_t b, unsigned bits,
                        num_t *out)
{
    switch (op) {
    case OP_ADD:
        *out = a + b;
        break;
    case OP_SUB:
        *out = a - b;
        break;
    case OP_MUL:
        *out = a * b;
        break;
    case OP_DIV:
        *out = b ? a / b : 0;
        break;
    case OP_MOD:
        *out = b ? a % b : a;
        break;
    case OP_AND:
        *out = a & b;
        break;
    case OP_OR:
        *out = a | b;
        break;
    case OP_XOR:
        *out = a ^ b;
        break;
    case OP_SHL:
        *out = b < bits ? a << b : 0;
        break;
    case OP_SHR:
        *out = b < bits ? a >> b : 0;
        break;
    default:
        return false;
    }
    *out &= num_mask(bits);
    return true;
}

static struct texpr *fold_tuple(struct scope *sc, struct texpr *e)
{
    struct texpr *c = expr_new(sc, TE_CONST, e->loc, e->type);
    struct targ *a;
    unsigned n = 0;

    c->value.parts =
        arena_alloc(sc->sema->arena, e->args.n * sizeof(*c->value.parts));
    LIST_EACH (a, &e->args) {
        a->value = fold(sc, a->value);
        if (a->value->type->kind == TY_ERROR)
            return a->value;
        c->value.parts[n++] = a->value->value;
    }
    return c;
}

static struct texpr *fold_cast(struct scope *sc, struct texpr *e)
{
    struct texpr *a = fold(sc, e->a), *c;

    if (a->type->kind == TY_ERROR)
        return a;
    c = expr_new(sc, TE_CONST, e->loc, e->type);
    c->value = a->value;
    if (e->type->kind == TY_UNION)
        c->value.alt = a->type == e->type->alt[1];
    else if (type_is_number(e->type))
        c->value.u &= num_mask(e->type->bits);
    return c;
}

static struct texpr *fold_operator(struct scope *sc, struct texpr *e)
{
    struct texpr *a = fold(sc, e->a);
    struct texpr *b = e->b ? fold(sc, e->b) : a;
    num_t n;

    if (a->type->kind == TY_ERROR)
        return a;
    if (b->type->kind == TY_ERROR)
        return b;
    if (e->kind == TE_COMPL)
        return expr_number(sc, e->loc, e->type,
                           ~a->value.u & num_mask(e->type->bits));
    if (!fold_binary(e->op, a->value.u, b->value.u, e->type->bits, &n)) {
        diag_error(sc->sema->diags, e->loc, "a constant is needed here");
        return expr_error(sc, e->loc);
    }
    return expr_number(sc, e->loc, e->type, n);
}

struct texpr *fold(struct scope *sc, struct texpr *e)
{
    switch (e->kind) {
    case TE_CONST:
    case TE_NEW:
        return e;
    case TE_TUPLE:
        return fold_tuple(sc, e);
    case TE_PART:
        e->a = fold(sc, e->a);
        return e->a->type->kind == TY_ERROR
                   ? e->a
                   : part_of(sc, e->a, e->part, e->loc);
    case TE_CAST:
        return fold_cast(sc, e);
    case TE_BINARY:
    case TE_COMPL:
        return fold_operator(sc, e);
    default:
        diag_error(sc->sema->diags, e->loc, "a constant is needed here");
        return expr_error(sc, e->loc);
    }
}
