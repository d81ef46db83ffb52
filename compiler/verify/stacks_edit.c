/* Adding and removing, where the plan does neither: as LANGUAGE.md, section 2,
 * "Adding and removing", says. Which statements those are is the plan's word;
 * what follows from them is found out here. */
#include "base/arena.h"
#include "verify/stacks.h"
#include <string.h>

/* ---- lengths ---- */

static term minus(const struct run *r, term a, term b)
{
    return Z3_mk_bvsub(r->z->c, a, b);
}

static const struct linear *end_of(const struct header *h)
{
    return h->end_by.known && h->end_by.field ? &h->end_by : NULL;
}

struct ends { /* of each header with what it carries */
    unsigned at[CANCEL_HEADERS];
    term to[CANCEL_HEADERS]; /* the header itself */
    term end[CANCEL_HEADERS];
    term says[CANCEL_HEADERS]; /* by a field of it */
};

static struct ends ends(struct run *r, const struct stack *st)
{
    struct ends e;
    term end = st->frame;
    unsigned at = 0;

    for (unsigned i = 0; i < st->n; i++) {
        const struct layer *l = &st->at[i];
        const struct linear *by = end_of(l->header);
        bool last = l->arrived + 1 == (int)r->scene->shape->n;
        term by_field, ok;

        e.at[i] = at;
        e.to[i] = stack_plus(r, stack_num(r, at),
                             last ? stack_long(r->scene, (unsigned)l->arrived)
                                  : stack_num(r, l->bytes));
        at += l->bytes;
        e.says[i] = r->z->no;
        e.end[i] = end;
        if (!by)
            continue;
        r->beyond |= by->field->bits > 20 || by->mul > 4096;
        by_field = Z3_mk_bvmul(
            r->z->c, smt_fit(r->z, stack_value(r, l, by->field), FRAME_BITS),
            stack_num(r, by->mul));
        by_field = stack_plus(r, by_field, stack_num(r, by->add + e.at[i]));
        ok = smt_and(r->z, Z3_mk_bvuge(r->z->c, by_field, e.to[i]),
                     Z3_mk_bvule(r->z->c, by_field, end));
        e.says[i] = ok;
        e.end[i] = end = smt_if(r->z, ok, by_field, end);
    }
    return e;
}

/* The field of the i-th header says that it ends at `end`. Returns where it
 * cannot. */
static term say(struct run *r, struct layer *l, unsigned at, term end,
                term says)
{
    const struct linear *by = end_of(l->header);
    term rest, v, fits;
    unsigned bits;

    if (!by || says == r->z->no)
        return r->z->no;
    bits = by->field->bits;
    rest = minus(r, end, stack_num(r, at + by->add));
    v = by->mul == 1 ? rest
                     : Z3_mk_bvudiv(r->z->c, rest, stack_num(r, by->mul));
    fits = smt_and(
        r->z, Z3_mk_bvuge(r->z->c, end, stack_num(r, at + by->add)),
        smt_and(r->z,
                smt_same(r->z, Z3_mk_bvmul(r->z->c, v, stack_num(r, by->mul)),
                         rest),
                Z3_mk_bvule(r->z->c, v, stack_num(r, ((num_t)1 << bits) - 1))));
    stack_put(l, by->field,
              smt_if(r->z, says, smt_fit(r->z, v, bits),
                     stack_value(r, l, by->field)));
    return smt_and(r->z, says, smt_not(r->z, fits));
}

/* A sum of the rest, or what it covers in front, would be made anew. */
static void is_resized(struct run *r, const struct layer *l)
{
    r->beyond |= l->header->checksums.n || l->header->pseudo.n;
}

/* The payload is what it was. */
static void claim_payload(struct run *r, const struct ir_stmt *s, term where,
                          const struct ends *was, unsigned n,
                          const struct ends *is, unsigned m)
{
    struct claim *c = ARENA_NEW(r->scene->arena, struct claim);

    c->what = arena_fmt(r->scene->arena, "the payload's length behind line %u",
                        loc_linecol(s->loc).line);
    c->where = smt_and(r->z, r->passes, where);
    c->was = minus(r, was->end[n - 1], was->to[n - 1]);
    c->is = minus(r, is->end[m - 1], is->to[m - 1]);
    LIST_ADD(&r->claims, c);
}

/* ---- what follows what ---- */

/* May `next` (NULL: the payload) follow `up` (NULL: it is the first)? It
 * followed `from`. *says: what `up` has to say then, or NULL. */
static bool join(struct run *r, const struct header *up,
                 const struct layer *from, const struct header *next,
                 term *says)
{
    const struct after *a;

    *says = NULL;
    if (up && from && up->select && up->select_as == from->header->select_as) {
        if (from->header->select)
            *says = stack_value(r, from, from->header->select);
        return true;
    }
    if (!next || !up)
        return next && next->first;
    a = header_follows(up, next);
    if (a && up->select)
        *says = smt_num(r->z, a->value, up->select->bits);
    return a != NULL;
}

/* Returns where it cannot. */
static term choose(struct run *r, struct layer *l, term says)
{
    const struct field *f = l->header->select;
    term wide, fits;

    if (!f || !says)
        return r->z->no;
    r->beyond |= f->cond != NULL;
    wide = smt_fit(r->z, says, 128);
    fits =
        smt_same(r->z, wide, smt_fit(r->z, smt_fit(r->z, wide, f->bits), 128));
    stack_put(l, f, smt_fit(r->z, says, f->bits));
    return smt_not(r->z, fits);
}

/* ---- adding ---- */

static const struct layer *layer(const struct stack *st, unsigned i)
{
    return i < st->n ? &st->at[i] : NULL;
}

static const struct header *header(const struct stack *st, unsigned i)
{
    return i < st->n ? st->at[i].header : NULL;
}

static bool place_of(struct run *r, const struct stack *st,
                     const struct tstack *t, unsigned *at, term *last)
{
    for (*at = 0; *at < st->n; ++*at) {
        const struct layer *up = *at ? layer(st, *at - 1) : NULL;
        const struct header *first = t->layers.first->header;

        if (up ? !header_follows(up->header, first) : !first->first)
            continue;
        if (join(r, t->layers.last->header, up, header(st, *at), last))
            return true;
    }
    return false;
}

/* As it is written; each value of s in its turn. */
static struct layer new_layer(struct run *r, const struct tlayer *l,
                              const struct ir_expr **v)
{
    struct layer to = {.header = l->header, .arrived = -1, .bytes = l->bytes};
    const struct field *f;
    const struct tset *set;

    to.field =
        arena_alloc(r->scene->arena, (l->header->fields.n + 1) * sizeof(term));
    LIST_EACH (f, &l->header->fields)
        to.field[f->index] = smt_num(r->z, f->def, f->bits);
    LIST_EACH (set, &l->sets) {
        if (set->field->header == l->header)
            to.field[set->field->index] =
                smt_fit(r->z, expr_term(r, *v), set->field->bits);
        *v = (*v)->next;
    }
    return to;
}

static unsigned count(const struct tstack *t, unsigned *bytes)
{
    const struct tlayer *l;
    unsigned n = 0;

    *bytes = 0;
    LIST_EACH (l, &t->layers) {
        *bytes += l->bytes;
        n++;
    }
    return n;
}

/* The new headers, before the i-th; what they say of each other. */
static term insert(struct run *r, struct stack *st, const struct ir_stmt *s,
                   unsigned i, term last)
{
    const struct ir_expr *v = s->values.first;
    const struct tlayer *l;
    term fails = r->z->no, up = NULL;
    unsigned bytes, n = count(s->stack, &bytes), k = i;

    memmove(st->at + i + n, st->at + i, (st->n - i) * sizeof(st->at[0]));
    st->n += n;
    LIST_EACH (l, &s->stack->layers)
        st->at[k++] = new_layer(r, l, &v);
    k = i;
    LIST_EACH (l, &s->stack->layers) {
        term says = last;

        if (l->next)
            join(r, l->header, NULL, l->next->header, &says);
        if (!l->by_hand)
            fails = smt_or(r->z, fails, choose(r, &st->at[k], says));
        k++;
    }
    if (!i)
        return fails;
    if (s->stack->up)
        up = expr_term(r, s->values.last);
    else
        join(r, st->at[i - 1].header, NULL, st->at[i].header, &up);
    return smt_or(r->z, fails, choose(r, &st->at[i - 1], up));
}

/* What becomes of one stack. Returns where it fails. */
static term push(struct run *r, struct stack *st, const struct ir_stmt *s)
{
    struct ends was = ends(r, st), is;
    unsigned bytes, n = count(s->stack, &bytes), i = 0, k, had = st->n;
    term fails, last, more = stack_num(r, bytes);

    if (st->n + n > CANCEL_HEADERS || !place_of(r, st, s->stack, &i, &last)) {
        r->beyond |= st->n + n > CANCEL_HEADERS || i == st->n;
        return r->z->yes;
    }
    fails = Z3_mk_bvugt(r->z->c, stack_plus(r, was.to[st->n - 1], more),
                        stack_num(r, CANCEL_BYTES));
    fails = smt_or(r->z, fails, Z3_mk_bvugt(r->z->c, more, st->room));
    fails = smt_or(r->z, fails, insert(r, st, s, i, last));
    for (k = 0; k < i + n; k++) {
        term end = stack_plus(r, k < i ? was.end[k] : was.end[i], more);
        unsigned at = k < i ? was.at[k] : was.at[i];

        for (unsigned m = i; k >= i && m < k; m++)
            at += st->at[m].bytes;
        if (k < i)
            is_resized(r, &st->at[k]);
        fails = smt_or(
            r->z, fails,
            say(r, &st->at[k], at, end, k < i ? was.says[k] : r->z->yes));
    }
    st->frame = stack_plus(r, st->frame, more);
    st->room = minus(r, st->room, more);
    is = ends(r, st);
    claim_payload(r, s, st->where, &was, had, &is, st->n);
    return fails;
}

/* ---- removing ---- */

static bool stands_at(const struct stack *st, const struct tstack *t,
                      unsigned i)
{
    const struct tlayer *l;

    LIST_EACH (l, &t->layers)
        if (header(st, i++) != l->header)
            return false;
    return true;
}

/* It says what follows for `of`, which it stands behind. */
static bool extends(const struct header *h, const struct header *of)
{
    return h && h != of && h->select && h->select_as == of;
}

/* The outermost such sequence; of a tunnel, with what extends it, and those in
 * front that are there to carry it. */
static bool locate(struct run *r, const struct stack *st,
                   const struct tstack *t, unsigned *from, unsigned *last,
                   term *says)
{
    const struct header *head = t->layers.first->header;
    bool tunnel = t->layers.n == 1 && head->tunnel, address = !tunnel;

    for (*from = 0; *from < st->n && !stands_at(st, t, *from);)
        ++*from;
    if (*from == st->n)
        return false;
    *last = *from + t->layers.n - 1;
    while (tunnel && extends(header(st, *last + 1), head))
        ++*last;
    for (;; --*from) {
        const struct header *up = *from ? header(st, *from - 1) : NULL;

        address |= header_gives_source(st->at[*from].header);
        if (address && join(r, up, &st->at[*last], header(st, *last + 1), says))
            return true;
        if (!tunnel || !*from)
            return false;
    }
}

static term pop(struct run *r, struct stack *st, const struct ir_stmt *s)
{
    struct ends was = ends(r, st), is;
    unsigned from, last, bytes, k, had = st->n;
    term says, fails, end, less;

    if (!locate(r, st, s->stack, &from, &last, &says))
        return r->z->yes;
    if (last + 1 == st->n) { /* the payload would begin elsewhere */
        r->beyond = true;
        return r->z->yes;
    }
    bytes = was.at[last + 1] - was.at[from];
    less = stack_num(r, bytes);
    end = minus(r, was.end[last], less);
    fails = from ? choose(r, &st->at[from - 1], says) : r->z->no;
    for (k = 0; k < from; k++) {
        is_resized(r, &st->at[k]);
        fails = smt_or(r->z, fails,
                       say(r, &st->at[k], was.at[k], end, was.says[k]));
    }
    st->frame = end;
    st->room = stack_plus(r, st->room, less);
    memmove(st->at + from, st->at + last + 1,
            (st->n - last - 1) * sizeof(st->at[0]));
    st->n -= last + 1 - from;
    is = ends(r, st);
    claim_payload(r, s, st->where, &was, had, &is, st->n);
    return fails;
}

/* ---- statements ---- */

term stacks_do(struct run *r, const struct ir_stmt *s, term when)
{
    struct stack *was;
    unsigned n, i;
    term failed = r->z->no;

    stack_begin(r);
    n = r->n_stacks;
    was = arena_dup(r->scene->arena, r->stacks, n * sizeof(*was));
    r->n_stacks = 0;
    r->beyond |= r->scene->chain->ir->source->branches ||
                 stack_may_be(r, smt_and(r->z, when, r->edited));
    for (i = 0; i < n; i++) {
        struct stack rest = was[i], to = stack_copy(r, &was[i]);
        term now = smt_and(r->z, was[i].where, when), fails = r->z->no;

        to.where = now;
        if (stack_may_be(r, now)) {
            struct run at = *r;

            /* as the packet is before: values ask it */
            at.stacks = was;
            at.n_stacks = n;
            fails = s->op == IR_encap ? push(&at, &to, s) : pop(&at, &to, s);
            r->beyond |= at.beyond;
            r->claims.first = at.claims.first;
            r->claims.last = at.claims.last;
            r->claims.n = at.claims.n;
        }
        if (!stack_may_be(r, smt_and(r->z, now, fails)))
            fails = r->z->no;
        to.where = smt_and(r->z, now, smt_not(r->z, fails));
        rest.where =
            smt_and(r->z, rest.where, smt_or(r->z, smt_not(r->z, when), fails));
        failed = smt_or(r->z, failed, smt_and(r->z, now, fails));
        stack_add(r, to);
        stack_add(r, rest);
    }
    return failed;
}

/* What is left of a removal that the plan does not do. */
void stacks_cut(struct run *r, const struct row_cut *cuts, term when)
{
    const struct row_cut *c;

    for (c = cuts; c; c = c->next) {
        int i = c->cuts ? scene_header(r->scene, c->header) : -1;
        const struct linear *l = &c->header->end_by;
        unsigned at;
        term to, fits;

        if (i < 0)
            continue;
        at = r->scene->shape->at[i];
        to = stack_plus(r,
                        smt_fit(r->z, r->field[scene_field(r->scene, l->field)],
                                FRAME_BITS),
                        stack_num(r, at + l->add));
        fits = smt_and(r->z, Z3_mk_bvuge(r->z->c, to, stack_num(r, at)),
                       Z3_mk_bvule(r->z->c, to, r->frame));
        r->frame = smt_if(r->z, smt_and(r->z, when, fits), to, r->frame);
    }
}
