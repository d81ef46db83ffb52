#include "verify/scene.h"
#include "base/arena.h"

/* ---- what lies where ---- */

sort scene_sort(struct smt *z, struct ir_type t)
{
    if (t.kind == IR_BOOL)
        return smt_bool(z);
    return smt_bits(z, t.kind == IR_ADDR ? ADDRESS_BITS : t.bits);
}

static sort var_sort(struct smt *z, const struct type *t)
{
    switch (t->kind) {
    case TY_BOOL:
        return smt_bool(z);
    case TY_UNION:
        return smt_bits(z, ADDRESS_BITS);
    case TY_DURATION:
        return smt_bits(z, 64);
    default:
        return smt_bits(z, t->bits);
    }
}

int scene_header(const struct scene *s, const struct header *h)
{
    int from = h->of ? scene_header(s, h->of) + 1 : 0;

    if (h->of && from == 0)
        return -1;
    for (unsigned i = (unsigned)from; i < s->shape->n; i++)
        if (s->shape->header[i] == (h->of ? h->real : h))
            return (int)i;
    return -1;
}

int scene_field(const struct scene *s, const struct field *f)
{
    int h = scene_header(s, f->header);

    return h < 0 ? -1
                 : (int)(s->first_field[h] + (f->real ? f->real : f)->index);
}

term scene_bytes(const struct scene *s, const term *field)
{
    term all = NULL;

    for (unsigned i = 0; i < s->n_fields; i++)
        all = all ? Z3_mk_concat(s->z->c, all, field[i]) : field[i];
    return all;
}

unsigned scene_length(const struct scene *s)
{
    unsigned last = s->shape->n - 1;

    return s->shape->at[last] + s->shape->header[last]->fixed_bytes;
}

enum role scene_turned(enum role r)
{
    static const enum role to[ROLE_N] = {
        [ROLE_SRC] = ROLE_DST,     [ROLE_DST] = ROLE_SRC,
        [ROLE_SPORT] = ROLE_DPORT, [ROLE_DPORT] = ROLE_SPORT,
        [ROLE_PROTO] = ROLE_PROTO,
    };

    return to[r];
}

/* ---- the packet ---- */

static void know(struct scene *s, term fact)
{
    s->known = smt_and(s->z, s->known, fact);
}

static void add_fields(struct scene *s)
{
    const struct plan_shape *p = s->shape;
    const struct field *f;
    unsigned i, n = 0;

    for (i = 0; i < p->n; i++)
        s->n_fields += p->header[i]->fields.n;
    s->arrived = arena_alloc(s->arena, s->n_fields * sizeof(term));
    for (i = 0; i < p->n; i++) {
        s->first_field[i] = n;
        LIST_EACH (f, &p->header[i]->fields)
            s->arrived[n++] = smt_any(
                s->z, arena_fmt(s->arena, "%s.%s", p->header[i]->name, f->name),
                smt_bits(s->z, f->bits));
    }
}

static const struct ir_header *ir_of(const struct scene *s, unsigned i)
{
    const struct ir_header *h = s->plan->ir->headers.first;

    while (h->source != s->shape->header[i])
        h = h->next;
    return h;
}

static const struct header *parent_of(const struct ir_header *h)
{
    return h->source->select ? h->source->select_as : h->source;
}

/* Its `next` field has a value by which `child` follows. */
static term follows(const struct scene *s, unsigned i,
                    const struct header *child)
{
    const struct ir_header *h = ir_of(s, i);
    const struct after *a;
    term any = s->z->no;

    LIST_EACH (a, &child->after) {
        const struct field *f = h->source->select;

        if (a->parent != parent_of(h))
            continue;
        any = smt_or(s->z, any,
                     a->always || !f
                         ? s->z->yes
                         : smt_same(s->z, s->arrived[scene_field(s, f)],
                                    smt_num(s->z, a->value, f->bits)));
    }
    return h->select_if ? smt_and(s->z, any, here_term(s, h->select_if)) : any;
}

/* It is long enough for all that follows. */
static void know_end(struct scene *s, unsigned i, const struct ir_expr *e)
{
    term end = smt_fit(s->z, here_term(s, e), 64);
    unsigned rest = scene_length(s) - s->shape->at[i];

    know(s, Z3_mk_bvuge(s->z->c, end, smt_num(s->z, rest, 64)));
}

/* What is so of a packet of the shape, by the declarations of its headers. */
static void know_packet(struct scene *s)
{
    const struct ir_given *g;

    for (unsigned i = 0; i < s->shape->n; i++) {
        const struct ir_header *h = ir_of(s, i);
        bool last = i + 1 == s->shape->n;

        if (h->valid)
            know(s, here_term(s, h->valid));
        if (h->size && !last) {
            term size = here_term(s, h->size);

            know(s, smt_same(s->z, size,
                             smt_num(s->z, h->source->fixed_bytes,
                                     smt_width(s->z, size))));
        }
        if (h->end && !h->source->end_optional)
            know_end(s, i, h->end);
        if (!last)
            know(s, follows(s, i, s->shape->header[i + 1]));
        LIST_EACH (g, &h->given)
            if (g->source->none && g->cond)
                know(s, smt_not(s->z, here_term(s, g->cond)));
    }
}

/* ---- the flow ---- */

static const char *of_nf(const struct scene *s, const struct plan_nf *n,
                         const char *what)
{
    return arena_fmt(s->arena, "%s.%s", n->ir->source->name, what);
}

static void add_hop(struct scene *s, const struct plan_nf *n, unsigned i)
{
    for (unsigned r = 0; r < ROLE_N; r++) {
        const char *name = role_name[r];

        if (n->hop < 0 || r == ROLE_PROTO)
            continue;
        s->hops.set[i][r] =
            smt_any(s->z, of_nf(s, n, arena_fmt(s->arena, "sets.%s", name)),
                    smt_bool(s->z));
        s->hops.to[i][r] =
            smt_any(s->z, of_nf(s, n, arena_fmt(s->arena, "to.%s", name)),
                    smt_bits(s->z, s->shape->role[r]->bits));
    }
}

term scene_tuple(const struct scene *s, const struct hops *h, unsigned i,
                 unsigned role)
{
    term t = s->tuple[role];

    for (unsigned k = 0; k < i; k++)
        if (h->set[k][role])
            t = smt_if(s->z, h->set[k][role], h->to[k][role], t);
    return t;
}

/* Those of all branches, each once: of those on other ways than the flow's
 * nothing is translated. Returns how many there are. */
static unsigned in_order(struct scene *s, const plan_steps *steps, unsigned n)
{
    const struct plan_step *step;
    const struct plan_branch *b;
    unsigned i;

    LIST_EACH (step, steps) {
        for (i = 0; i < n && s->way[i] != step->nf;)
            i++;
        if (i == n)
            s->way[n++] = step->nf;
        LIST_EACH (b, &step->branches)
            n = in_order(s, &b->steps, n);
    }
    return n;
}

static void add_flow(struct scene *s)
{
    bool two_way = s->chain->ir->source->two_way;
    unsigned opener = s->back && two_way ? 1 - s->side : s->side, i, r;

    for (r = 0; r < ROLE_N; r++)
        s->tuple[r] =
            smt_any(s->z, arena_fmt(s->arena, "flow.%s", role_name[r]),
                    smt_bits(s->z, s->shape->role[r]->bits));
    s->n_nfs = in_order(s, &s->chain->stages.first->order[opener], 0);
    for (i = 0; i < s->n_nfs; i++) {
        s->place[s->way[i]->position] = i;
        add_hop(s, s->way[i], i);
    }
    for (r = 0; r < ROLE_N; r++) {
        term field = s->arrived[scene_field(s, s->shape->role[r])];

        know(s, smt_same(s->z, field,
                         s->back ? scene_tuple(s, &s->hops, i,
                                               scene_turned((enum role)r))
                                 : s->tuple[r]));
    }
    in_order(s, &s->chain->stages.first->order[s->side], 0);
}

/* ---- state ---- */

static void add_vars(struct scene *s)
{
    const struct plan_nf *n;
    const struct var *v;

    LIST_EACH (n, &s->chain->nfs)
        s->n_vars += n->ir->source->nf->vars.n;
    s->vars = arena_alloc(s->arena, (s->n_vars + 1) * sizeof(*s->vars));
    s->n_vars = 0;
    LIST_EACH (n, &s->chain->nfs)
        LIST_EACH (v, &n->ir->source->nf->vars)
            if (v->type->kind != TY_OBJECT && v->type->kind != TY_TABLE)
                s->vars[s->n_vars++] =
                    (struct var_at){n, v,
                                    smt_any(s->z, of_nf(s, n, v->name),
                                            var_sort(s->z, v->type))};
}

static void add_drops(struct scene *s)
{
    unsigned n = s->chain->nfs.n;
    const struct plan_nf *p;

    s->dropped = arena_alloc(s->arena, (n + 1) * sizeof(term));
    s->drop_reason = arena_alloc(s->arena, (n + 1) * sizeof(term));
    s->seen = arena_alloc(s->arena, (n + 1) * sizeof(term));
    LIST_EACH (p, &s->chain->nfs) {
        s->seen[p->position] =
            smt_any(s->z, of_nf(s, p, "had FLOW/NEW"), smt_bool(s->z));
        if (p->drop_slot < 0)
            continue;
        s->dropped[p->position] =
            smt_any(s->z, of_nf(s, p, "dropped the flow"), smt_bool(s->z));
        s->drop_reason[p->position] =
            smt_any(s->z, of_nf(s, p, "reason"), smt_bits(s->z, REASON_BITS));
    }
}

/* The session is ready: NFs that need the flow's first packet have had it, as
 * far as its packets come. */
static void know_ready(struct scene *s)
{
    uint64_t need = s->chain->fast[s->side].need;
    term comes = s->z->yes;

    for (unsigned i = 0; i < s->n_nfs; i++) {
        unsigned at = s->way[i]->position;

        if (s->dropped[at])
            comes = smt_and(s->z, comes, smt_not(s->z, s->dropped[at]));
        if (need >> at & 1)
            know(s, smt_or(s->z, smt_not(s->z, comes), s->seen[at]));
    }
}

void scene_init(struct scene *s, struct arena *a, struct smt *z,
                const struct plan *plan, const struct plan_chain *c,
                const struct plan_shape *shape, unsigned side, bool back)
{
    *s = (struct scene){.arena = a,
                        .z = z,
                        .plan = plan,
                        .chain = c,
                        .shape = shape,
                        .side = side,
                        .back = back,
                        .known = z->yes};
    add_fields(s);
    know_packet(s);
    add_flow(s);
    add_vars(s);
    add_drops(s);
    ways_scene(s);
    stacks_scene(s);
    know_ready(s);
}

static term *copies(const struct scene *s, const term *from, unsigned n)
{
    term *to = arena_alloc(s->arena, (n + 1) * sizeof(term));

    for (unsigned i = 0; from && i < n; i++)
        to[i] = from[i];
    return to;
}

void run_init(struct run *r, const struct scene *s)
{
    unsigned i, nfs = s->chain->nfs.n;

    *r = (struct run){.scene = s,
                      .z = s->z,
                      .passes = s->z->yes,
                      .payload = s->z->no,
                      .content = smt_any(s->z, "payload", s->z->story),
                      .edited = s->z->no,
                      .frame = s->frame,
                      .body = smt_any(s->z, "no body", s->z->story),
                      .hops = s->hops,
                      .renewed = s->z->no,
                      .ends = s->z->no,
                      .reason = smt_num(s->z, 0, REASON_BITS),
                      .story = smt_any(s->z, "story", s->z->story)};
    r->field = copies(s, s->arrived, s->n_fields);
    r->var = copies(s, NULL, s->n_vars);
    for (i = 0; i < s->n_vars; i++)
        r->var[i] = s->vars[i].before;
    r->dropped = copies(s, s->dropped, nfs);
    r->drop_reason = copies(s, s->drop_reason, nfs);
    r->seen = copies(s, s->seen, nfs);
    r->exits = copies(s, s->exit, nfs);
    r->settled = copies(s, s->settled, nfs);
    r->ran = copies(s, NULL, s->chain->ir->n_handlers);
    for (i = 0; i < s->chain->ir->n_handlers; i++)
        r->ran[i] = s->z->no;
}
