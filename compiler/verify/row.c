/* What sessions keep, as terms: evaluated in the state in which a packet
 * arrives, and in that which it leaves. That nothing in between changes it is
 * proved of each packet, so it is so of all. */
#include "base/arena.h"
#include "verify/scene.h"

static const struct plan_row *row_of(const struct run *r)
{
    return &r->scene->chain->row[r->scene->side];
}

static unsigned slot_number(const struct run *r, const struct row_slot *of)
{
    const struct row_slot *s;
    unsigned i = 0;

    for (s = row_of(r)->slots.first; s != of; s = s->next)
        i++;
    return i;
}

term row_kept(const struct run *r, const struct ir_expr *e)
{
    const struct row_slot *s = row_slot_of(r->row, e);

    return s ? r->kept[slot_number(r, s)] : NULL;
}

unsigned row_place(const struct run *r)
{
    const struct scene *s = r->scene;

    return s->wrong == WRONG_ROW && r->keeps ? 0 : s->place[r->nf->position];
}

term row_field(const struct run *r, const struct ir_expr *e)
{
    const struct scene *s = r->scene;
    enum role role = row_role(s->plan, e->field);

    return scene_tuple(s, &r->hops, row_place(r),
                       s->back ? scene_turned(role) : role);
}

struct note {
    struct ir_visit visit;
    struct run *run;
    const struct row_map *map;
    term *kept;
};

static void note_one(struct ir_visit *v, const struct ir_expr *e)
{
    struct note *n = (struct note *)v;
    const struct row_slot *s = row_slot_of(n->map, e);

    if (s && s->expr == e)
        n->kept[slot_number(n->run, s)] = expr_term(n->run, e);
}

void row_note(struct run *r, const struct row_map *m, const struct ir_expr *e,
              term *kept)
{
    struct note n = {{note_one, NULL}, r, m, kept};

    ir_walk_expr(&n.visit, e);
}

static void keep_handler(struct run *r, const struct row_map *m,
                         const struct ir_handler *h, term *kept)
{
    r->local = arena_alloc(r->scene->arena, (h->locals.n + 1) * sizeof(term));
    r->goes_on = r->z->yes;
    run_keeping(r, m, h->guard, kept);
    row_note(r, m, h->when, kept);
    run_keeping(r, m, h->body, kept);
}

term *row_terms(const struct run *r)
{
    const struct scene *s = r->scene;
    term *kept = arena_alloc(s->arena, (row_of(r)->slots.n + 1) * sizeof(term));
    struct run k = *r;
    const struct plan_handler *h;

    k.row = NULL;
    k.kept = NULL;
    k.keeps = true;
    k.edited = r->z->no; /* it is made of packets as they arrive */
    k.n_stacks = 0;
    for (unsigned i = 0; i < s->n_nfs; i++) {
        k.nf = s->way[i];
        LIST_EACH (h, &s->way[i]->run[RAISE_PACKET])
            keep_handler(&k, &s->plan->rows[s->side], h->ir, kept);
    }
    return kept;
}
