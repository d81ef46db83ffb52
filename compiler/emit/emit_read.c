/* Reads: of the moment, of state, of headers, of extern types. */
#include "emit/emit.h"

static struct cexpr primary(const char *text)
{
    struct cexpr c = {text, PREC_PRIMARY};

    return c;
}

static struct cexpr unary(const char *text)
{
    struct cexpr c = {text, PREC_UNARY};

    return c;
}

/* ---- the moment ---- */

struct cexpr emit_flow(struct emit *e, const struct ir_expr *x)
{
    (void)e;
    (void)x;
    return primary("c->session");
}

struct cexpr emit_packet(struct emit *e, const struct ir_expr *x)
{
    (void)e;
    (void)x;
    return primary("h");
}

struct cexpr emit_in_flow(struct emit *e, const struct ir_expr *x)
{
    struct cexpr c = {"c->session != NULL", PREC_EQUAL};

    (void)e;
    (void)x;
    return c;
}

struct cexpr emit_from_client(struct emit *e, const struct ir_expr *x)
{
    (void)e;
    (void)x;
    return unary("!c->back");
}

struct cexpr emit_from_side(struct emit *e, const struct ir_expr *x)
{
    struct cexpr c = {x->num ? "c->side == 1" : "c->side == 0", PREC_EQUAL};

    (void)e;
    return c;
}

struct cexpr emit_object(struct emit *e, const struct ir_expr *x)
{
    return primary(
        arena_fmt(e->arena, "c->chain->objects[%u]", x->object->index));
}

/* ---- state ---- */

struct cexpr emit_local(struct emit *e, const struct ir_expr *x)
{
    return primary(name_local(e, x->local));
}

/* What is stored in less than 32 bits would be promoted to int. */
static struct cexpr var(struct emit *e, const struct ir_expr *x,
                        const char *base)
{
    const char *v =
        arena_fmt(e->arena, "%s->%s", base, name_var(e, e->nf, x->var));

    if (x->type.kind == IR_NUM && x->type.bits <= 16)
        return unary(arena_fmt(e->arena, "(uint32_t)%s", v));
    return primary(v);
}

struct cexpr emit_flow_var(struct emit *e, const struct ir_expr *x)
{
    return var(e, x, "s");
}

struct cexpr emit_shared_var(struct emit *e, const struct ir_expr *x)
{
    return var(e, x, "sh");
}

struct cexpr emit_atomic_var(struct emit *e, const struct ir_expr *x)
{
    const char *v = arena_fmt(e->arena, "nflg_atomic_get(c, &at->%s)",
                              name_var(e, e->nf, x->var));

    if (x->type.kind == IR_NUM && x->type.bits <= 16)
        return unary(arena_fmt(e->arena, "(uint32_t)%s", v));
    return primary(v);
}

/* ---- headers ---- */

static bool whole_bytes(const struct field *f)
{
    return f->bit_off % 8 == 0 &&
           (f->bits == 8 || f->bits == 16 || f->bits == 32 || f->bits == 64 ||
            f->bits == 128);
}

struct cexpr emit_field(struct emit *e, const struct ir_expr *x)
{
    const struct field *f = x->field;
    const char *h = name_header(e, f->header);

    if (e->keeps)
        return emit_of_tuple(e, x);
    if (f->cond)
        return primary(arena_fmt(
            e->arena, "nflg_optional%u(h, %s, gf_%s_%s, %u)",
            emit_carrier(f->bits), h, f->header->name, f->name, f->bits));
    if (whole_bytes(f))
        return primary(arena_fmt(e->arena, "nflg_u%u(h, %s, %u)", f->bits, h,
                                 f->bit_off / 8));
    return primary(arena_fmt(e->arena, "nflg_bits%u(h, %s, %u, %u)",
                             emit_carrier(f->bits), h, f->bit_off, f->bits));
}

struct cexpr emit_here(struct emit *e, const struct ir_expr *x)
{
    const struct field *f = x->field;

    if (f->cond)
        return primary(
            arena_fmt(e->arena, "(%s)nflg_read_optional(p, gf_%s_%s, %u)",
                      emit_ctype(x->type), f->header->name, f->name, f->bits));
    if (whole_bytes(f))
        return primary(
            arena_fmt(e->arena, "nflg_get%u(p, %u)", f->bits, f->bit_off / 8));
    return primary(arena_fmt(e->arena, "nflg_getbits%u(p, %u, %u)",
                             emit_carrier(f->bits), f->bit_off, f->bits));
}

struct cexpr emit_has(struct emit *e, const struct ir_expr *x)
{
    if (e->keeps)
        return primary(arena_fmt(e->arena, "nflg_bit(%u, shape)",
                                 emit_shapes_with(e, x->header)));
    if (e->row && e->row->there[x->number])
        return primary("true");
    return primary(
        arena_fmt(e->arena, "nflg_has(h, %s)", name_header(e, x->header)));
}

struct cexpr emit_bytes(struct emit *e, const struct ir_expr *x)
{
    return primary(arena_fmt(e->arena, "nflg_header_bytes(h, %s)",
                             name_header(e, x->header)));
}

/* ---- properties of extern types ---- */

struct cexpr emit_get(struct emit *e, const struct ir_expr *x)
{
    static const ir_exprs none;
    struct cexpr c = {NULL, PREC_PRIMARY};

    c.text =
        arena_fmt(e->arena, "%s)", emit_call_head(e, x->member, x->a, &none));
    if (emit_is_prelude(e, x->member->object) || x->type.kind != IR_NUM ||
        x->type.bits >= 64)
        return c;
    c.text = emit_fit(e, c.text, x->type);
    c.prec = x->type.bits == 32 ? PREC_UNARY : PREC_AND;
    return c;
}
