/* What a handler does, as terms: each statement under the condition that it
 * runs. */
#include "base/arena.h"
#include "verify/scene.h"

static void block(struct run *r, const struct ir_block *b, term when);

/* Of the place: both courses run the same statements. */
const char *stmt_name(struct run *r, const struct ir_stmt *s, const char *what,
                      unsigned i)
{
    return arena_fmt(r->scene->arena, "%s.%s.%u of %s line %u+%p", what,
                     ir_op_name[s->op], i, r->nf->ir->source->name,
                     s->loc.src ? loc_linecol(s->loc).line : 0,
                     (const void *)s);
}

static void become(struct run *r, term *at, term when, term value)
{
    *at = smt_if(r->z, when, value, *at);
}

static term *variable(struct run *r, const struct var *v)
{
    unsigned i = 0;

    while (r->scene->vars[i].nf != r->nf || r->scene->vars[i].var != v)
        i++;
    return &r->var[i];
}

/* ---- leaving ---- */

static term reason_of(struct run *r, const struct reason *why)
{
    const struct plan_reason *p = r->nf->reasons.first;

    if (!why) /* it waits */
        return smt_num(r->z, 0, REASON_BITS);
    while (p->source != why)
        p = p->next;
    return smt_num(r->z, p->index + 1, REASON_BITS);
}

static void drop(struct run *r, term when, term reason)
{
    become(r, &r->reason, when, reason);
    r->passes = smt_and(r->z, r->passes, smt_not(r->z, when));
    r->goes_on = smt_and(r->z, r->goes_on, smt_not(r->z, when));
}

static void drop_flow(struct run *r, const struct ir_stmt *s, term when)
{
    unsigned at = r->nf->position;

    become(r, &r->dropped[at], when, r->z->yes);
    become(r, &r->drop_reason[at], when, reason_of(r, s->reason));
    if (!r->in_rule)
        drop(r, when, reason_of(r, s->reason));
    r->goes_on = smt_and(r->z, r->goes_on, smt_not(r->z, when));
}

/* ---- state ---- */

static term updated(struct run *r, const struct ir_stmt *s, term old)
{
    Z3_context c = r->z->c;
    term by = expr_term(r, s->value);

    switch (s->update) {
    case UP_ADD:
        return Z3_mk_bvadd(c, old, by);
    case UP_SUB:
        return Z3_mk_bvsub(c, old, by);
    case UP_OR:
        return Z3_mk_bvor(c, old, by);
    case UP_AND:
        return Z3_mk_bvand(c, old, by);
    case UP_MAX:
        return smt_if(r->z, Z3_mk_bvult(c, old, by), by, old);
    case UP_MIN:
        return smt_if(r->z, Z3_mk_bvugt(c, old, by), by, old);
    default:
        return by;
    }
}

static void store_field(struct run *r, const struct ir_stmt *s, term when)
{
    unsigned n = r->scene->n_fields;
    int i = scene_field(r->scene, s->field);
    term *before;

    edits_store(r, s->field, expr_term(r, s->value), when);
    if (stacks_store(r, s->field, expr_term(r, s->value), when) || i < 0)
        return;
    before = arena_dup(r->scene->arena, r->field, n * sizeof(term));
    become(r, &r->field[i], when, expr_term(r, s->value));
    sums_store(r, s->field, before);
}

/* ---- what is known by name only ---- */

/* The story goes on with the statement, what it asks, and the packet's bytes
 * and flow if it is handed those. */
static void tell(struct run *r, const struct ir_stmt *s, term when)
{
    struct terms args = {.n = 0};
    const struct ir_expr *e;

    args.of[args.n++] = r->story;
    if (s->self)
        expr_args(r, s->self, &args);
    LIST_EACH (e, &s->args)
        expr_args(r, e, &args);
    LIST_EACH (e, &s->values)
        expr_args(r, e, &args);
    if (s->op == IR_table_update && s->value) {
        r->entry = smt_apply(r->z, stmt_name(r, s, "entry", 0), r->z->story,
                             args.n, args.of);
        expr_args(r, s->value, &args);
    }
    if (s->op == IR_make && s->value)
        expr_args(r, s->value, &args);
    if (s->op == IR_make) /* of the one at hand, with all that it has */
        args.of[args.n++] = stacks_grown(r);
    if (r->edited != r->z->no)
        args.of[args.n++] = smt_if(r->z, r->edited, r->body, r->content);
    if (s->op == IR_cell && s->var)
        for (unsigned i = 0; i < s->member->object->numbers; i++)
            args.of[args.n++] = variable(r, s->var)[i];
    become(r, &r->story, when,
           smt_apply(r->z, stmt_name(r, s, "story", 0), r->z->story, args.n,
                     args.of));
    if (s->op != IR_call || !s->member->edits)
        return;
    r->payload = smt_or(r->z, r->payload, when);
    become(r, &r->content, when, r->story);
}

/* May a function make something of the payload? */
static bool asks_payload(const struct ir_stmt *s)
{
    const struct ir_expr *e;

    if (s->self && s->self->op != IR_object && s->self->op != IR_flow)
        return true;
    LIST_EACH (e, &s->args)
        if (e->type.kind == IR_OBJECT && e->op != IR_flow)
            return true;
    return false;
}

/* A function that changes nothing: at all places the same. */
static void ask(struct run *r, const struct ir_stmt *s)
{
    struct terms args = {.n = 0};
    const char *name = arena_fmt(
        r->scene->arena, "%s.%s of %p", s->member->object->name,
        s->member->name, s->self ? (const void *)s->self->object : NULL);
    const struct ir_expr *e;

    args.of[args.n++] = asks_payload(s) ? edits_look(r, r->content)
                                        : smt_any(r->z, "nothing", r->z->story);
    if (s->self)
        expr_args(r, s->self, &args);
    LIST_EACH (e, &s->args) {
        if (e->type.kind == IR_STRING)
            name = arena_fmt(r->scene->arena, "%s %s %p", name,
                             e->str ? e->str : "", (const void *)e->config);
        expr_args(r, e, &args);
    }
    r->asked = smt_apply(r->z, name, r->z->story, args.n, args.of);
}

static term outcome(struct run *r, const struct ir_stmt *s, const char *what,
                    unsigned i, sort of)
{
    if (s->op == IR_call && expr_is_pure(r, s->member))
        return smt_apply(
            r->z,
            arena_fmt(r->scene->arena, "%s.%u of %s", what, i, s->member->name),
            of, 1, &r->asked);
    return smt_apply(r->z, stmt_name(r, s, what, i), of, 1, &r->story);
}

/* Numbers of a cell that the NF has as variables. */
static void change_cell(struct run *r, const struct ir_stmt *s, term when)
{
    if (s->op != IR_cell || !s->var)
        return;
    for (unsigned i = 0; i < s->member->object->numbers; i++)
        become(r, &variable(r, s->var)[i], when,
               outcome(r, s, "number", i, smt_bits(r->z, 64)));
}

/* A later translation by the NF at hand. */
static void change_hop(struct run *r, const struct ir_stmt *s, term when)
{
    unsigned i = r->scene->place[r->nf->position];

    if (s->op != IR_call || !s->member->rewrites)
        return;
    for (unsigned role = 0; role < ROLE_N; role++) {
        term *set = &r->hops.set[i][role], *to = &r->hops.to[i][role];

        if (!*set)
            continue;
        r->renewed = smt_or(r->z, r->renewed, when);
        become(r, set, when, outcome(r, s, "sets", role, smt_bool(r->z)));
        become(r, to, when,
               outcome(r, s, "to", role, Z3_get_sort(r->z->c, *to)));
    }
}

/* Calls, tables, cells: what they hand out, and what is done if they fail. */
static void call(struct run *r, const struct ir_stmt *s, term when)
{
    term fails = r->z->no;
    const struct ir_result *x;
    unsigned i = 0;

    if (s->op == IR_call && expr_is_pure(r, s->member))
        ask(r, s);
    else
        tell(r, s, when);
    change_cell(r, s, when);
    if (s->local)
        r->local[s->local->index] = outcome(r, s, "has", 0, smt_bool(r->z));
    if (s->other)
        fails = outcome(r, s, "fails", 0, smt_bool(r->z));
    change_hop(r, s, smt_and(r->z, when, smt_not(r->z, fails)));
    if (s->other)
        block(r, s->other, smt_and(r->z, when, fails));
    LIST_EACH (x, &s->results) {
        term of =
            outcome(r, s, "result", i++, scene_sort(r->z, x->local->type));

        r->local[x->local->index] =
            x->other ? smt_if(r->z, fails, expr_term(r, x->other), of) : of;
    }
}

/* ---- statements ---- */

static void branch(struct run *r, const struct ir_stmt *s, term when)
{
    term cond = expr_term(r, s->value);

    block(r, s->body, smt_and(r->z, when, cond));
    if (s->other)
        block(r, s->other, smt_and(r->z, when, smt_not(r->z, cond)));
}

static void edit(struct run *r, const struct ir_stmt *s, term when)
{
    bool known = r->scene->plan->rows[r->scene->side].skips[s->number];
    term fails = known ? stacks_do(r, s, when)
                       : edits_do(r, s, stmt_name(r, s, "edit", 0), when);

    if (!known)
        tell(r, s, smt_and(r->z, when, smt_not(r->z, fails)));
    block(r, s->other, smt_and(r->z, when, fails));
}

/* dispatch */
static void statement(struct run *r, const struct ir_stmt *s, term when)
{
    switch (s->op) {
    case IR_let:
        r->local[s->local->index] = expr_term(r, s->value);
        break;
    case IR_set:
        become(r, &r->local[s->local->index], when, expr_term(r, s->value));
        break;
    case IR_store_field:
        store_field(r, s, when);
        break;
    case IR_store_flow:
    case IR_store_shared:
        become(r, variable(r, s->var), when, expr_term(r, s->value));
        break;
    case IR_update_atomic:
        become(r, variable(r, s->var), when,
               updated(r, s, *variable(r, s->var)));
        break;
    case IR_if:
        branch(r, s, when);
        break;
    case IR_drop:
        drop(r, when, reason_of(r, s->reason));
        break;
    case IR_drop_flow:
        drop_flow(r, s, when);
        break;
    case IR_end_flow: /* behind the packet, whatever way that took */
        r->ends = smt_or(r->z, r->ends, when);
        break;
    case IR_goto:
    case IR_goto_flow:
        ways_choose(r, s->part, s->op == IR_goto_flow, when);
        break;
    case IR_return:
        r->goes_on = smt_and(r->z, r->goes_on, smt_not(r->z, when));
        break;
    case IR_encap:
    case IR_decap:
        edit(r, s, when);
        break;
    case IR_make:
        tell(r, s, when);
        break;
    case IR_sums_now:
        sums_put(r, when);
        edits_sum(r, when);
        r->beyond |= stacks_grown(r) != r->z->no;
        break;
    default:
        call(r, s, when);
        break;
    }
}

static void block(struct run *r, const struct ir_block *b, term when)
{
    const struct ir_stmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        term now = smt_and(r->z, when, r->goes_on);

        if (now == r->z->no)
            continue;
        if (r->row && r->row->skips[s->number])
            stacks_cut(r, r->row->cuts[s->number], now);
        else
            statement(r, s, now);
    }
}

/* ---- a row ---- */

static void note_all(struct run *r, const struct row_map *m,
                     const struct ir_stmt *s, term *kept)
{
    const struct ir_expr *e;

    LIST_EACH (e, &s->args)
        row_note(r, m, e, kept);
    LIST_EACH (e, &s->values)
        row_note(r, m, e, kept);
    row_note(r, m, s->value, kept);
}

static void keep(struct run *r, const struct row_map *m,
                 const struct ir_block *b, term when, term *kept)
{
    const struct ir_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts) {
            term yes = when, no = when;

            if (m->makes[s->number] == MAKE_NOTHING)
                continue;
            if (m->makes[s->number] == MAKE_ALL) {
                statement(r, s, when);
                continue;
            }
            note_all(r, m, s, kept);
            if (m->makes[s->number] == MAKE_IF) {
                term cond = expr_term(r, s->value);

                yes = smt_and(r->z, when, cond);
                no = smt_and(r->z, when, smt_not(r->z, cond));
            }
            keep(r, m, s->body, yes, kept);
            keep(r, m, s->other, no, kept);
        }
}

void run_keeping(struct run *r, const struct row_map *m,
                 const struct ir_block *b, term *kept)
{
    keep(r, m, b, r->z->yes, kept);
}

/* ---- handlers ---- */

/* If `where` holds: true where its body runs. */
static term run_one(struct run *r, const struct ir_handler *h, term where,
                    term skip)
{
    term when = r->z->yes;

    if (where == r->z->no)
        return where;
    r->local = arena_alloc(r->scene->arena, (h->locals.n + 1) * sizeof(term));
    r->goes_on = where;
    block(r, h->guard, r->z->yes);
    if (h->when)
        when = expr_term(r, h->when);
    when = smt_and(r->z, when, r->goes_on);
    r->ran[h->index] = smt_or(r->z, r->ran[h->index], when);
    block(r, h->body, smt_and(r->z, when, smt_not(r->z, skip)));
    return when;
}

static const struct ir_handler *ir_of(const struct run *r,
                                      const struct handler *source)
{
    const struct ir_handler *h = r->nf->ir->handlers.first;

    while (h->source != source)
        h = h->next;
    return h;
}

/* Rules are asked also if the handler dropped the packet; one that drops the
 * flow drops it, too. */
static void run_rules(struct run *r, const struct ir_handler *h, term ran)
{
    const struct ruleref *i;
    unsigned at = r->nf->position;

    r->in_rule = true;
    LIST_EACH (i, &h->source->rules)
        run_one(r, ir_of(r, i->rule), ran, r->z->no);
    r->in_rule = false;
    if (r->dropped[at])
        drop(r, smt_and(r->z, r->passes, smt_and(r->z, ran, r->dropped[at])),
             r->drop_reason[at]);
}

void run_handler(struct run *r, const struct ir_handler *h, term skip)
{
    term ran = run_one(r, h, r->passes, skip);

    if (h->source->rules.n)
        run_rules(r, h, ran);
}
