/* Headers that the language adds and removes, and the plan does not: stacks of
 * known headers, what packets have of them, and what is read and stored. */
#include "base/arena.h"
#include "verify/stacks.h"

enum { GROWS = 128 };

/* ---- the frame ---- */

/* How long the i-th header of the shape is. */
term stack_long(const struct scene *s, unsigned i)
{
    const struct ir_header *h = s->plan->ir->headers.first;

    while (h->source != s->shape->header[i])
        h = h->next;
    return h->size && i + 1 == s->shape->n
               ? smt_fit(s->z, here_term(s, h->size), FRAME_BITS)
               : smt_num(s->z, h->source->fixed_bytes, FRAME_BITS);
}

/* The frame has all that its headers say, and can grow as the plan asks. */
void stacks_scene(struct scene *s)
{
    const struct plan_row *row = &s->chain->row[s->side];
    struct smt *z = s->z;
    unsigned last = s->shape->n - 1,
             room = row->room < GROWS ? row->room : GROWS;
    const struct ir_header *h;
    term all[8], to;
    unsigned n = 0;

    to = Z3_mk_bvadd(z->c, stack_long(s, last),
                     smt_num(z, s->shape->at[last], FRAME_BITS));
    s->frame = smt_any(z, "frame", smt_bits(z, FRAME_BITS));
    all[n++] = Z3_mk_bvule(z->c, to, s->frame);
    LIST_EACH (h, &s->plan->ir->headers)
        for (unsigned i = 0; i <= last && n < 6; i++)
            if (h->source == s->shape->header[i] && h->end &&
                !h->source->end_optional)
                all[n++] = Z3_mk_bvule(
                    z->c,
                    Z3_mk_bvadd(z->c,
                                smt_fit(z, here_term(s, h->end), FRAME_BITS),
                                smt_num(z, s->shape->at[i], FRAME_BITS)),
                    s->frame);
    all[n++] =
        Z3_mk_bvule(z->c, s->frame, smt_num(z, 65535 - row->room, FRAME_BITS));
    s->room = smt_any(z, "room", smt_bits(z, FRAME_BITS));
    all[n++] =
        smt_and(z, Z3_mk_bvuge(z->c, s->room, smt_num(z, room, FRAME_BITS)),
                Z3_mk_bvule(z->c, s->room, smt_num(z, GROWS, FRAME_BITS)));
    while (n-- > 0)
        s->known = smt_and(z, s->known, all[n]);
}

/* ---- stacks ---- */

void stack_begin(struct run *r)
{
    const struct plan_shape *p = r->scene->shape;
    struct stack *st;

    if (r->n_stacks)
        return;
    r->stacks = arena_alloc(r->scene->arena, STACKS * sizeof(*r->stacks));
    st = &r->stacks[r->n_stacks++];
    *st = (struct stack){.where = r->z->yes,
                         .n = p->n,
                         .frame = r->frame,
                         .room = r->scene->room};
    for (unsigned i = 0; i < p->n; i++)
        st->at[i] = (struct layer){.header = p->header[i],
                                   .arrived = (int)i,
                                   .bytes = p->header[i]->fixed_bytes};
}

static int find(const struct stack *st, const struct header *h)
{
    int from = h->of ? find(st, h->of) + 1 : 0;

    if (h->of && from == 0)
        return -1;
    for (unsigned i = (unsigned)from; i < st->n; i++)
        if (st->at[i].header == (h->of ? h->real : h))
            return (int)i;
    return -1;
}

/* The field of a layer, as it is. */
term stack_value(const struct run *r, const struct layer *l,
                 const struct field *f)
{
    if (f->real)
        f = f->real;
    if (l->arrived < 0)
        return l->field[f->index];
    if (l->next && f == l->header->select)
        return l->next;
    if (l->end && f == l->header->end_by.field)
        return l->end;
    return r->field[r->scene->first_field[l->arrived] + f->index];
}

/* By others than handlers. */
void stack_put(struct layer *l, const struct field *f, term to)
{
    if (l->arrived < 0)
        l->field[f->index] = to;
    else if (f == l->header->select)
        l->next = to;
    else
        l->end = to;
}

struct stack stack_copy(const struct run *r, const struct stack *st)
{
    struct stack to = *st;

    for (unsigned i = 0; i < to.n; i++)
        if (to.at[i].arrived < 0)
            to.at[i].field =
                arena_dup(r->scene->arena, to.at[i].field,
                          to.at[i].header->fields.n * sizeof(term));
    return to;
}

static bool same(const struct stack *a, const struct stack *b)
{
    bool all = a->n == b->n;

    for (unsigned i = 0; all && i < a->n; i++)
        all = a->at[i].header == b->at[i].header &&
              a->at[i].arrived == b->at[i].arrived;
    return all;
}

static void become_one(struct run *r, struct stack *a, const struct stack *b)
{
    struct smt *z = r->z;

    a->frame = smt_if(z, a->where, a->frame, b->frame);
    a->room = smt_if(z, a->where, a->room, b->room);
    for (unsigned i = 0; i < a->n; i++) {
        struct layer *l = &a->at[i];
        const struct layer *m = &b->at[i];
        const struct field *f;

        LIST_EACH (f, &l->header->fields) {
            term was = stack_value(r, l, f), is = stack_value(r, m, f);

            if (was != is)
                stack_put(l, f, smt_if(z, a->where, was, is));
        }
    }
    a->where = smt_or(z, a->where, b->where);
}

/* Does it hold of some packet that is at hand? */
bool stack_may_be(struct run *r, term where)
{
    const struct scene *s = r->scene;
    Z3_model at;
    term some = smt_and(r->z, s->known, smt_and(r->z, r->passes, where));

    return where != r->z->no && smt_ask(r->z, some, r->z->no, &at) != ALWAYS;
}

void stack_add(struct run *r, struct stack st)
{
    if (!stack_may_be(r, st.where))
        return;
    for (unsigned i = 0; i < r->n_stacks; i++)
        if (same(&r->stacks[i], &st)) {
            become_one(r, &r->stacks[i], &st);
            return;
        }
    r->beyond |= r->n_stacks == STACKS;
    if (r->n_stacks < STACKS)
        r->stacks[r->n_stacks++] = st;
}

/* ---- reads and stores ---- */

term stacks_read(const struct run *r, const struct field *f, unsigned bits,
                 term before)
{
    for (unsigned i = 0; i < r->n_stacks; i++) {
        const struct stack *st = &r->stacks[i];
        int at = find(st, f->header);
        term is = at < 0 ? smt_num(r->z, 0, bits)
                         : smt_fit(r->z, stack_value(r, &st->at[at], f), bits);

        before = smt_if(r->z, st->where, is, before);
    }
    return before;
}

term stacks_has(const struct run *r, const struct header *h, term before)
{
    for (unsigned i = 0; i < r->n_stacks; i++)
        before =
            smt_if(r->z, r->stacks[i].where,
                   find(&r->stacks[i], h) < 0 ? r->z->no : r->z->yes, before);
    return before;
}

bool stacks_store(struct run *r, const struct field *f, term to, term when)
{
    for (unsigned i = 0; i < r->n_stacks; i++) {
        struct stack *st = &r->stacks[i];
        const struct field *real = f->real ? f->real : f;
        int at = find(st, f->header);
        struct layer *l = &st->at[at < 0 ? 0 : at];
        term now = smt_and(r->z, when, st->where), *t;

        if (at < 0)
            continue;
        if (l->arrived < 0)
            t = &l->field[real->index];
        else
            t = &r->field[r->scene->first_field[l->arrived] + real->index];
        r->beyond |= l->arrived >= 0 && (real == l->header->select ||
                                         real == l->header->end_by.field);
        *t = smt_if(r->z, now, to, *t);
    }
    return r->n_stacks > 0;
}

/* That there are more headers than arrived. */
term stacks_grown(const struct run *r)
{
    term any = r->z->no;

    for (unsigned i = 0; i < r->n_stacks; i++) {
        const struct stack *st = &r->stacks[i];
        bool arrived = st->n == r->scene->shape->n;

        for (unsigned k = 0; arrived && k < st->n; k++)
            arrived = st->at[k].arrived == (int)k;
        if (!arrived)
            any = smt_or(r->z, any, st->where);
    }
    return any;
}

static term *leaving(const struct run *r, const struct stack *st)
{
    const struct scene *s = r->scene;
    term *to = arena_dup(s->arena, r->field, s->n_fields * sizeof(term));
    const struct field *f;

    for (unsigned i = 0; i < st->n; i++) {
        const struct layer *l = &st->at[i];

        if (l->arrived >= 0)
            LIST_EACH (f, &l->header->fields)
                to[s->first_field[l->arrived] + f->index] =
                    stack_value(r, l, f);
    }
    return to;
}

/* Fields that were changed and changed back are those of the packet again, or
 * not. */
void stacks_end(struct run *r)
{
    const struct scene *s = r->scene;
    term *was = r->field;
    term frame = r->frame;

    r->field = arena_dup(s->arena, was, s->n_fields * sizeof(term));
    for (unsigned i = 0; i < r->n_stacks; i++) {
        const struct stack *st = &r->stacks[i];
        struct run at = *r;
        term *to;

        at.field = was;
        to = leaving(&at, st);
        for (unsigned k = 0; k < s->n_fields; k++)
            r->field[k] = smt_if(r->z, st->where, to[k], r->field[k]);
        frame = smt_if(r->z, st->where, st->frame, frame);
    }
    r->frame = frame;
}

term stacks_length(const struct run *r)
{
    term frame = r->frame;

    for (unsigned i = 0; i < r->n_stacks; i++)
        frame = smt_if(r->z, r->stacks[i].where, r->stacks[i].frame, frame);
    return frame;
}
