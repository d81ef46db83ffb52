/* What sessions keep for packets from a side: the struct, how it is read on the
 * fast path, and how it is made. plan/row.h */
#include "emit/emit.h"
#include "ir/walk.h"
#include <string.h>

static const char *const member[] = {"kept_left", "kept_right"};

/* ---- the struct ---- */

static const char *storage(const struct row_slot *s)
{
    switch (s->bytes) {
    case 1:
        return "uint8_t";
    case 2:
        return "uint16_t";
    case 4:
        return "uint32_t";
    default:
        return "uint64_t";
    }
}

static const char *what(struct emit *e, const struct row_slot *s)
{
    return arena_fmt(e->arena, "%s, line %u", s->nf->ir->source->name,
                     loc_linecol(s->expr->loc).line);
}

static void type(struct emit *e, unsigned side)
{
    const struct plan_row *r = &e->chain->row[side];
    const struct row_slot *s;

    cw_open(e->w, "struct gc_%s_%s", name_chain(e), member[side]);
    for (unsigned bytes = 8; bytes; bytes /= 2)
        LIST_EACH (s, &r->slots)
            if (s->bytes == bytes)
                cw(e->w, "%s v%u; /* %s */", storage(s), s->number, what(e, s));
    if (r->n_bits)
        cw(e->w, "uint%u_t bits;", 8 * row_bits_bytes(r));
    cw_close(e->w, arena_fmt(e->arena, " %s%s;", member[side],
                             plan_ends(e->chain) > 1 ? "[2]" : ""));
}

void emit_kept_types(struct emit *e)
{
    for (unsigned side = 0; side < 2; side++)
        if (e->chain->row[side].slots.n)
            type(e, side);
}

/* ---- reading it ---- */

/* "s->kept_left", or of one direction. */
static const char *place(struct emit *e, unsigned side)
{
    return arena_fmt(e->arena, "s->%s%s", member[side],
                     plan_ends(e->chain) > 1 ? "[c->back]" : "");
}

struct cexpr emit_kept(struct emit *e, const struct row_slot *s)
{
    const char *at = place(e, e->side);
    struct cexpr c = {NULL, PREC_PRIMARY};

    if (!s->bytes) {
        c.text = arena_fmt(e->arena, "nflg_bit(%s.bits, %u)", at, s->number);
    } else if (s->bytes < 4) {
        c.text = arena_fmt(e->arena, "(uint32_t)%s.v%u", at, s->number);
        c.prec = PREC_UNARY;
    } else {
        c.text = arena_fmt(e->arena, "%s.v%u", at, s->number);
    }
    return c;
}

bool emit_is_kept(const struct emit *e, const struct ir_handler *h,
                  unsigned side)
{
    return e->chain->fast[side].mode != FAST_NONE &&
           h->source->raiser == RAISE_PACKET && fast_may_run(e->plan, h) &&
           row_changes(&e->plan->rows[side], h);
}

const char *emit_kept_name(struct emit *e, const struct plan_nf *n,
                           const struct ir_handler *h, unsigned side)
{
    return arena_fmt(e->arena, "%s_%s", name_handler(e, n, h),
                     side ? "right" : "left");
}

/* ---- writes that may change it ---- */

/* Calls fn for each slot that the store may change. */
typedef void flip_fn(void *to, unsigned side, const struct row_slot *s);

static void each_flip(const struct emit *e, const struct ir_stmt *store,
                      flip_fn *fn, void *to)
{
    const struct row_slot *s;
    const struct row_flip *f;

    for (unsigned side = 0; e->chain && side < 2; side++)
        LIST_EACH (s, &e->chain->row[side].slots)
            LIST_EACH (f, &s->flips)
                if (f->store == store)
                    fn(to, side, s);
}

static void flip(void *to, unsigned side, const struct row_slot *s)
{
    struct emit *e = to;
    const char *is = emit_value(e, s->expr), *at = place(e, side);

    if (plan_ends(e->chain) > 1)
        cw_any(e->w, "nflg_void(&s->session);");
    else if (!s->anywhere)
        cw_any(e->w, "nflg_flip(&s->session, %u, true);", side);
    else if (s->bytes)
        cw_any(e->w, "nflg_flip(&s->session, %u, %s.v%u != (%s)(%s));", side,
               at, s->number, storage(s), is);
    else
        cw_any(e->w,
               "nflg_flip(&s->session, %u, nflg_bit(%s.bits, %u) != (%s));",
               side, at, s->number, is);
}

void emit_flips(struct emit *e, const struct ir_stmt *s)
{
    each_flip(e, s, flip, e);
}

static void ask(void *to, unsigned side, const struct row_slot *s)
{
    bool *asked = to;

    (void)side;
    *asked |= s->anywhere && ir_asks(s->expr, IR_config);
}

bool emit_flips_ask(const struct emit *e, const struct ir_stmt *s)
{
    bool asked = false;

    each_flip(e, s, ask, &asked);
    return asked && plan_ends(e->chain) == 1;
}

/* ---- making it ---- */

struct cexpr emit_of_tuple(struct emit *e, const struct ir_expr *x)
{
    static const char *const part[ROLE_N] = {
        [ROLE_SRC] = "src",
        [ROLE_DST] = "dst",
        [ROLE_SPORT] = "sport",
        [ROLE_DPORT] = "dport",
    };
    struct cexpr c = {NULL, PREC_UNARY};

    c.text = arena_fmt(e->arena, "(%s)nflg_seen_as(c).%s", emit_ctype(x->type),
                       part[row_role(e->plan, x->field)]);
    return c;
}

unsigned emit_shapes_with(const struct emit *e, const struct header *h)
{
    const struct plan_shape *s;
    unsigned mask = 0;

    LIST_EACH (s, &e->plan->shapes)
        mask |= (unsigned)shape_has(s, h) << s->number;
    return mask;
}

struct made { /* the slots in an expression of the source */
    struct ir_visit visit;
    struct emit *e;
};

/* At each place where it is asked: conditions around one say nothing of those
 * around another. */
static void keep_one(struct ir_visit *v, const struct ir_expr *x)
{
    struct emit *e = ((struct made *)v)->e;
    const struct row_slot *s = row_slot_of(&e->plan->rows[e->side], x);

    if (!s)
        return;
    cw_at(e->w, x->loc);
    if (!s->bytes) {
        cw(e->w, "if (%s)", emit_value(e, x));
        cw_any(e->w, "    nflg_keep_bit(k->bits, %u);", s->number);
    } else if (s->bytes < 4) {
        cw(e->w, "k->v%u = (%s)(%s);", s->number, storage(s), emit_value(e, x));
    } else {
        cw(e->w, "k->v%u = %s;", s->number, emit_value(e, x));
    }
}

static void keep_of(struct emit *e, const struct ir_expr *x)
{
    struct made m = {{keep_one, NULL}, e};

    ir_walk_expr(&m.visit, x);
}

static void keep_block(struct emit *e, const struct row_map *m,
                       const struct ir_block *b);

static void keep_blocks(struct emit *e, const struct row_map *m,
                        const struct ir_stmt *s)
{
    bool under = m->makes[s->number] == MAKE_IF;

    if (!row_makes_in(m, s->body) && !row_makes_in(m, s->other))
        return;
    cw_open(e->w, "%s",
            under ? arena_fmt(e->arena, "if (%s)", emit_value(e, s->value))
                  : "");
    keep_block(e, m, s->body);
    if (row_makes_in(m, s->other)) {
        cw_close(e->w, "");
        cw_open(e->w, under ? "else" : "");
        keep_block(e, m, s->other);
    }
    cw_close(e->w, "");
}

static void keep_block(struct emit *e, const struct row_map *m,
                       const struct ir_block *b)
{
    const struct ir_stmt *s;
    const struct ir_expr *a;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        if (m->makes[s->number] == MAKE_ALL) {
            emit_statement(e, s);
            continue;
        }
        if (m->makes[s->number] == MAKE_NOTHING)
            continue;
        LIST_EACH (a, &s->args)
            keep_of(e, a);
        LIST_EACH (a, &s->values)
            keep_of(e, a);
        keep_of(e, s->value);
        keep_blocks(e, m, s);
    }
}

struct needs { /* what the function has to name */
    struct ir_visit visit;
    const struct row_map *map;
    bool any, config;
};

static void see_expr(struct ir_visit *v, const struct ir_expr *x)
{
    struct needs *n = (struct needs *)v;
    const struct row_slot *s = row_slot_of(n->map, x);

    n->any |= s != NULL;
    n->config |= x->op == IR_config;
}

static struct needs needs_of(const struct emit *e, const struct ir_handler *h,
                             unsigned side)
{
    struct needs n = {{see_expr, NULL}, &e->plan->rows[side], false, false};

    ir_walk_handler(&n.visit, h);
    return n;
}

static const char *keeper(struct emit *e, const struct plan_nf *n,
                          const struct ir_handler *h, unsigned side)
{
    return arena_fmt(e->arena, "%s_keeps", emit_kept_name(e, n, h, side));
}

static void keep_handler(struct emit *e, const struct ir_handler *h)
{
    const struct row_map *m = &e->plan->rows[e->side];
    struct needs n = needs_of(e, h, e->side);
    const char *head;

    if (!emit_is_kept(e, h, e->side) || !n.any)
        return;
    e->handler = h;
    e->temps = 0;
    cw_blank(e->w);
    head = arena_fmt(e->arena, "static void %s(", keeper(e, e->nf, h, e->side));
    cw(e->w, "%sstruct gc_%s_session *s, struct nfl_ctx *c,", head,
       name_chain(e));
    cw(e->w, "%*sconst struct nflg_head *h, unsigned shape)", (int)strlen(head),
       "");
    cw_open(e->w, "%s", "");
    cw(e->w, "struct gc_%s_%s *k = &%s;", name_chain(e), member[e->side],
       place(e, e->side));
    if (n.config)
        emit_config_local(e, "c->chain");
    cw_blank(e->w);
    cw(e->w, "(void)h, (void)shape%s;", n.config ? ", (void)cf" : "");
    cw(e->w, "c->nf = %u;", e->nf->position);
    keep_block(e, m, h->guard);
    if (h->when)
        keep_of(e, h->when);
    keep_block(e, m, h->body);
    cw_home(e->w);
    cw_close(e->w, "");
}

void emit_keepers(struct emit *e)
{
    const struct plan_nf *n;
    const struct ir_handler *h;

    e->keeps = true;
    for (e->side = 0; e->side < 2; e->side++)
        LIST_EACH (n, &e->chain->nfs) {
            e->nf = n;
            LIST_EACH (h, &n->ir->handlers)
                keep_handler(e, h);
        }
    e->keeps = false;
}

void emit_keep_all(struct emit *e, unsigned side)
{
    const struct plan_nf *n;
    const struct ir_handler *h;

    if (!e->chain->row[side].slots.n)
        return;
    cw(e->w, "memset(&%s, 0, sizeof(%s));", place(e, side), place(e, side));
    LIST_EACH (n, &e->chain->nfs)
        LIST_EACH (h, &n->ir->handlers)
            if (emit_is_kept(e, h, side) && needs_of(e, h, side).any)
                cw(e->w, "%s(s, c, h, shape);", keeper(e, n, h, side));
}
