/* pass binding: what is known once for each flow, and what for each packet.
 * needs: ir   provides: bindings   invalidates: nothing
 * For each side of a chain the NFs are looked at in the order in which packets
 * from there visit them, and with each field of the headers is kept when its
 * value is known. In a chain with branches any NF may come before any other. */
#include "base/arena.h"
#include "ir/walk.h"
#include "plan/bind.h"
#include "unit.h"

const char *const time_name[TIME_N] = {
    [TIME_NEVER] = "never", [TIME_CONFIG] = "config", [TIME_SHAPE] = "shape",
    [TIME_FLOW] = "flow",   [TIME_PACKET] = "packet",
};

const char *const bound_name[BOUND_N] = {
    [BOUND_NONE] = "none",
    [BOUND_ACTION] = "action",
    [BOUND_GUARDED] = "guarded action",
    [BOUND_RESIDUAL] = "residual",
};

const struct bound_handler *binding_handler(const struct bindings *b,
                                            const struct ir_nf *nf,
                                            const struct ir_handler *h)
{
    const struct bound_chain *c = b->chains.first;
    const struct bound_handler *i;

    while (c->ir != nf->chain)
        c = c->next;
    i = c->handlers.first;
    while (i->ir != h)
        i = i->next;
    return i;
}

/* ---- fields as packets bring them ---- */

static void number_fields(struct bind *b)
{
    const struct header *h;

    b->first_field = arena_alloc(b->arena, (b->tree->headers.n + 1) *
                                               sizeof(*b->first_field));
    LIST_EACH (h, &b->tree->headers) {
        b->first_field[h->index] = b->n_fields;
        b->n_fields += h->fields.n;
    }
}

static bool in_tuple(const struct plan_shape *s, const struct field *f)
{
    for (unsigned r = 0; r < ROLE_N; r++)
        if (s->role[r] == f)
            return true;
    return false;
}

/* When a field's value is known as it arrives, in all shapes. */
static enum time arrives(const struct bind *b, const struct field *f)
{
    enum time t = TIME_NEVER;
    const struct plan_shape *s;

    LIST_EACH (s, &b->out->shapes) {
        enum time here = shape_knows(s, f, &(num_t){0}) ? TIME_SHAPE
                         : in_tuple(s, f)               ? TIME_FLOW
                                                        : TIME_PACKET;

        if (shape_place(s, f->header) >= 0 && here > t)
            t = here;
    }
    return t ? t : TIME_PACKET;
}

static void fields_begin(struct bind *b)
{
    const struct header *h;
    const struct field *f;

    LIST_EACH (h, &b->tree->headers)
        LIST_EACH (f, &h->fields)
            if (!f->real)
                *field_at(b, f) =
                    (struct bind_field){.binding.time = arrives(b, f)};
}

/* ---- branches: whatever some handler of packets writes ---- */

struct anywhere {
    struct ir_visit visit;
    struct bind *bind;
};

static void write_anywhere(struct ir_visit *v, const struct ir_stmt *s)
{
    struct bind *b = ((struct anywhere *)v)->bind;
    struct bind_field *f;

    if (s->op == IR_encap || s->op == IR_decap)
        b->resized = s->loc;
    if (s->op != IR_store_field)
        return;
    f = field_at(b, s->field);
    f->written = true;
    f->binding.time = TIME_PACKET;
    f->binding.why = why_new(b, s->loc, "is written", (struct loc){0}, NULL);
}

static void any_order(struct bind *b)
{
    struct anywhere a = {{NULL, write_anywhere}, b};
    const struct ir_nf *n;
    const struct ir_handler *h;

    LIST_EACH (n, &b->chain->nfs)
        LIST_EACH (h, &n->handlers)
            if (h->source->raiser == RAISE_PACKET)
                ir_walk_handler(&a.visit, h);
}

/* ---- over a chain ---- */

/* The first packet of a flow takes the general path: what is done to it there
 * is nothing to those behind it. */
static void handler_apart(struct bind *b, struct bound_handler *h)
{
    struct bind_field *kept = b->fields;
    struct loc resized = b->resized;

    b->fields = arena_dup(b->arena, kept, (b->n_fields + 1) * sizeof(*kept));
    bind_handler(b, h);
    b->fields = kept;
    b->resized = resized;
}

/* Entering it, or leaving it, what it translates becomes the flow's. */
static void translate(struct bind *b, const struct ir_nf *n)
{
    const struct plan_shape *s;
    struct bind_field *f;

    LIST_EACH (s, &b->out->shapes)
        for (unsigned r = 0; r < ROLE_N && n->source->nf->rewrites; r++) {
            f = field_at(b, s->role[r]);
            if (f->binding.time < TIME_FLOW && f->written)
                f->binding.time = TIME_FLOW;
        }
}

static void bind_nf(struct bind *b, const struct ir_nf *n,
                    struct bound_chain *c)
{
    struct bound_handler *h;

    b->nf = n;
    writers_find(b);
    translate(b, n);
    LIST_EACH (h, &c->handlers) {
        if (h->nf != n)
            continue;
        if (h->apart)
            handler_apart(b, h);
        else
            bind_handler(b, h);
    }
    translate(b, n);
}

static const struct ir_nf *nf_at(const struct ir_chain *c, unsigned i)
{
    const struct ir_nf *n = c->nfs.first;

    while (i--)
        n = n->next;
    return n;
}

static void bind_side(struct bind *b, struct bound_chain *c)
{
    bool branches = c->ir->source->branches;
    unsigned n = c->ir->nfs.n;

    b->touches.first = b->touches.last = NULL;
    b->touches.n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (i == 0 || branches) {
            fields_begin(b);
            b->resized = (struct loc){0};
        }
        if (branches)
            any_order(b);
        bind_nf(b, nf_at(c->ir, b->side ? n - 1 - i : i), c);
    }
    clashes_find(b);
}

static void add_chain(struct bind *b, const struct ir_chain *ir)
{
    struct bound_chain *c = ARENA_NEW(b->arena, struct bound_chain);
    const struct ir_nf *n;
    const struct ir_handler *h;

    c->ir = b->chain = ir;
    LIST_EACH (n, &ir->nfs)
        LIST_EACH (h, &n->handlers) {
            struct bound_handler *to =
                ARENA_NEW(b->arena, struct bound_handler);

            to->ir = h;
            to->nf = n;
            to->apart =
                h->source->raiser != RAISE_PACKET &&
                (h->source->raiser != RAISE_RULE || handler_once(n, h->source));
            LIST_ADD(&c->handlers, to);
        }
    translations_find(b);
    for (b->side = 0; b->side <= ir->source->two_way; b->side++)
        bind_side(b, c);
    LIST_ADD(&b->out->chains, c);
}

void pass_binding(struct unit *u)
{
    struct bindings *out = ARENA_NEW(u->arena, struct bindings);
    struct bind b = {.arena = u->arena, .out = out, .tree = u->tree};
    const struct ir_chain *c;

    out->ir = u->ir;
    out->shapes = shapes_find(u->arena, u->ir);
    for (unsigned side = 0; side < 2; side++) {
        out->exprs[side] = arena_alloc(u->arena, (u->ir->n_exprs + 1) *
                                                     sizeof(*out->exprs[side]));
        out->stmts[side] = arena_alloc(u->arena, (u->ir->n_stmts + 1) *
                                                     sizeof(*out->stmts[side]));
    }
    number_fields(&b);
    b.fields = arena_alloc(u->arena, (b.n_fields + 1) * sizeof(*b.fields));
    LIST_EACH (c, &u->ir->chains)
        add_chain(&b, c);
    u->bindings = out;
}
