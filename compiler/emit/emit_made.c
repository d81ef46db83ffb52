/* The way of packets that NFs make, from who made them on, and of those that
 * waited, from the NF where they did. LANGUAGE.md, section 4. */
#include "emit/emit.h"
#include <string.h>

static const char *const side_name[] = {"left", "right"};

bool emit_makes(const struct plan_chain *c)
{
    const struct plan_nf *n;

    LIST_EACH (n, &c->nfs)
        if (n->ir->source->nf->makes)
            return true;
    return false;
}

bool emit_turns(const struct plan_chain *c)
{
    const struct plan_nf *n;

    LIST_EACH (n, &c->nfs)
        if (n->ir->source->nf->turns)
            return true;
    return false;
}

bool emit_holds(const struct plan_chain *c)
{
    const struct plan_nf *n;

    LIST_EACH (n, &c->nfs)
        if (n->ir->source->nf->holds)
            return true;
    return false;
}

/* ---- where the maker stands ---- */

/* by == 1 || by == 2, of all NFs in the steps; NULL if there are none. */
static const char *by_one_of(struct emit *e, const struct plan_step *s,
                             const char *more)
{
    const struct plan_branch *b;

    for (; s; s = s->next) {
        more = arena_fmt(e->arena, "%s%sby == %u", more ? more : "",
                         more ? " || " : "", s->nf->position);
        LIST_EACH (b, &s->branches)
            more = by_one_of(e, b->steps.first, more);
    }
    return more;
}

static const char *by_in_branches(struct emit *e, const struct plan_step *s)
{
    const struct plan_branch *b;
    const char *all = NULL;

    LIST_EACH (b, &s->branches)
        all = by_one_of(e, b->steps.first, all);
    return all;
}

/* An exit by which one comes into the branch: bit 0, of those without one, has
 * the label `default`. */
static unsigned an_exit(const struct plan_branch *b)
{
    return b->exits & 1 ? 255 : (unsigned)__builtin_ctz(b->exits);
}

/* The exit of s that the packet takes, whose maker may stand behind it: in the
 * branch that the flow takes, or else in the first of those where it stands. */
static const char *exit_of(struct emit *e, const struct plan_step *s)
{
    const char *exit = arena_fmt(e->arena, "gx_%s(c)", name_nf(e, s->nf));
    const char *taken = "in", *first = "", *in;
    const struct plan_branch *b;

    LIST_EACH (b, &s->branches) {
        in = by_one_of(e, b->steps.first, NULL);
        if (!in)
            continue;
        taken = arena_fmt(e->arena, "%s || (0x%xu >> %s & 1 && (%s))", taken,
                          b->exits, exit, in);
        first = arena_fmt(e->arena, "%s%s ? %u : ", first, in, an_exit(b));
    }
    return *first
               ? arena_fmt(e->arena, "%s ? %s : %s%s", taken, exit, first, exit)
               : exit;
}

/* ---- the ways ---- */

static void visit(struct emit *e, const struct plan_step *s, bool leaves)
{
    if (s->nf->ir->source->nf->holds) {
        cw_open(e->w, "if (in || (again && by == %u))", s->nf->position);
        cw(e->w, "in = true;");
    } else {
        cw_open(e->w, "if (in)");
    }
    cw(e->w, "if (!gn_%s(c, h))", name_nf(e, s->nf));
    cw(e->w, "    return false;");
    cw_out(e->w);
    cw(e->w, "} else if (by == %u) {", s->nf->position);
    cw_in(e->w);
    cw(e->w, "in = true;");
    cw(e->w, "c->nf = %u;", s->nf->position);
    if (leaves && s->nf->hop >= 0)
        cw(e->w, "nflg_apply(c, h, %d);", s->nf->hop);
    cw_close(e->w, "");
}

static void forward(struct emit *e, const plan_steps *steps)
{
    const struct plan_branch *b;
    const struct plan_step *s;
    const char *behind;

    LIST_EACH (s, steps) {
        visit(e, s, true);
        if (!s->branches.first)
            continue;
        behind = by_in_branches(e, s);
        cw_open(e->w, "if (in%s%s)", behind ? " || " : "",
                behind ? behind : "");
        cw(e->w, "switch (%s) {", exit_of(e, s));
        LIST_EACH (b, &s->branches) {
            emit_cases(e, b->exits);
            cw_in(e->w);
            forward(e, &b->steps);
            cw(e->w, b->out ? "return true;" : "break;");
            cw_out(e->w);
        }
        cw(e->w, "}");
        cw_close(e->w, "");
    }
}

static void backward(struct emit *e, const struct plan_step *s);

static void branches_backward(struct emit *e, const struct plan_step *s)
{
    const char *behind = by_in_branches(e, s);
    const struct plan_branch *b;

    cw_open(e->w, "if (in%s%s)", behind ? " || " : "", behind ? behind : "");
    emit_settle_exit(e, s);
    cw(e->w, "switch (%s) {", exit_of(e, s));
    LIST_EACH (b, &s->branches) {
        emit_cases(e, b->exits);
        cw_in(e->w);
        backward(e, b->steps.first);
        cw(e->w, "break;");
        cw_out(e->w);
    }
    cw(e->w, "}");
    cw_close(e->w, "");
}

/* As emit_way.c does it, but from the maker on. */
static void backward(struct emit *e, const struct plan_step *s)
{
    bool asks;

    if (!s)
        return;
    asks = s->next && emit_may_leave(s);
    if (asks)
        cw_open(e->w, "if (%s || !gl_%s(c))", by_one_of(e, s->next, NULL),
                name_nf(e, s->nf));
    backward(e, s->next);
    if (asks)
        cw_close(e->w, "");
    if (s->branches.first)
        branches_backward(e, s);
    visit(e, s, false);
}

static void begin(struct emit *e, unsigned side, const char *whose)
{
    cw_blank(e->w);
    cw(e->w,
       "/* One that NF number `by` made%s goes on%s, as if it were from %s. */",
       emit_holds(e->chain) ? ", or (again) held," : "",
       *whose ? " to the initiator" : "", e->chain->ir->source->side[side]);
    cw(e->w,
       "NFLG_SLOW bool gc_%s_on_%s%s(struct nfl_ctx *c, "
       "struct nflg_head *h, unsigned by%s)",
       name_chain(e), whose, side_name[side],
       emit_holds(e->chain) ? ", bool again" : "");
    cw_open(e->w, "%s", "");
    cw(e->w, "bool in = false;");
    cw_blank(e->w);
}

static void ways(struct emit *e)
{
    const plan_steps *order = e->chain->stages.first->order;
    unsigned sides = e->chain->ir->source->two_way ? 2 : 1;

    for (unsigned side = 0; side < sides; side++) {
        begin(e, side, "");
        forward(e, &order[side]);
        cw(e->w, "return true;");
        cw_close(e->w, "");
    }
    for (unsigned side = 0; side < 2 && emit_branches(e->chain); side++) {
        begin(e, side, "back_");
        backward(e, order[1 - side].first);
        cw(e->w, "return true;");
        cw_close(e->w, "");
    }
}

/* Which of them: c.back ? ... */
static const char *went(struct emit *e, const char *again)
{
    const char *n = name_chain(e), *ahead;
    const char *args = arena_fmt(e->arena, "(&c, &h, m->by%s%s)",
                                 emit_holds(e->chain) ? ", " : "",
                                 emit_holds(e->chain) ? again : "");

    if (!e->chain->ir->source->two_way)
        return arena_fmt(e->arena, "gc_%s_on_left%s", n, args);
    ahead =
        arena_fmt(e->arena, "c.side == 0 ? gc_%s_on_left%s : gc_%s_on_right%s",
                  n, args, n, args);
    if (!emit_branches(e->chain))
        return ahead;
    return arena_fmt(e->arena,
                     "c.back ? c.side == 0 ? gc_%s_on_back_left%s"
                     " : gc_%s_on_back_right%s : %s",
                     n, args, n, args, ahead);
}

/* The packet of m goes its way, and behind it what it emitted. */
static void pass(struct emit *e, const char *again)
{
    cw(e->w, "if (%s)", went(e, again));
    emit_passed(e, "&h");
    emit_end(e, "&c");
}

void emit_locals(struct emit *e)
{
    cw(e->w, "struct nflg_head h;");
    cw(e->w, "struct nfl_ctx c;");
    if (e->chain->events.n)
        cw(e->w, "struct gc_%s_events ev;", name_chain(e));
}

/* A packet that turned around has a flow of its own, and makes others. */
static void turned(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* The packet of `by` turned around, and goes its way. */");
    cw(e->w, "NFLG_SLOW void gc_%s_turned(const struct nfl_ctx *by)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_worker *w = by->worker;");
    cw(e->w, "const struct nfl_pkt *behind = w->behind;");
    cw(e->w, "struct nfl_made *m = nflg_turned(w);");
    emit_locals(e);
    cw_blank(e->w);
    cw(e->w, "g_parse(&h, &m->pkt);");
    cw_open(e->w, "if (nflg_enter_turned(&c, by, &h))");
    emit_begin(e, "&c");
    emit_reconfigured(e, "by->chain");
    emit_tcp_sees(e, "&c", "&h", "goto over");
    pass(e, "false");
    cw(e->w, "if (w->n_passed < w->n_made)");
    cw(e->w, "    gc_%s_made(&c);", name_chain(e));
    if (e->chain->refuses) {
        cw(e->w, "if (c.session != by->session)");
        cw(e->w, "    nflg_end_refused(&c);");
    }
    cw_close(e->w, "");
    if (emit_is_inline(e))
        cw(e->w, "over:");
    cw(e->w, "w->behind = behind;");
    cw_close(e->w, "");
}

static void made(struct emit *e)
{
    cw_blank(e->w);
    cw(e->w, "/* What NFs made of the packet of `by` goes its way. */");
    cw(e->w, "NFLG_SLOW void gc_%s_made(const struct nfl_ctx *by)",
       name_chain(e));
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_worker *w = by->worker;");
    emit_locals(e);
    cw_blank(e->w);
    cw_open(e->w, "while (w->n_passed < w->n_made)");
    cw(e->w, "struct nfl_made *m = &w->made[w->n_passed++];");
    cw_blank(e->w);
    cw(e->w, "g_parse(&h, &m->pkt);");
    cw(e->w, "nflg_enter_made(&c, by, &h, m);");
    emit_begin(e, "&c");
    pass(e, "false");
    cw_close(e->w, "");
    cw_close(e->w, "");
}

static void go_on(struct emit *e)
{
    const char *head =
        arena_fmt(e->arena, "static void gc_%s_go_on(", name_chain(e));

    cw_blank(e->w);
    cw(e->w, "/* Packets that waited go on behind another one. */");
    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*sconst struct nfl_pkt *behind)", (int)strlen(head), "");
    cw_open(e->w, "%s", "");
    cw(e->w, "struct nfl_turn t = nfl_queues_turn(w, chain, behind);");
    cw(e->w, "struct nfl_made *m;");
    emit_locals(e);
    cw_blank(e->w);
    cw_open(e->w, "while ((m = nfl_queues_next(w, chain, &t)) != NULL)");
    cw(e->w, "g_parse(&h, &m->pkt);");
    cw(e->w, "nflg_enter_again(&c, w, chain, &h, m);");
    emit_begin(e, "&c");
    pass(e, "true");
    emit_pass_made(e, "&c");
    if (e->chain->refuses)
        cw(e->w, "nflg_end_refused(&c);");
    cw_close(e->w, "");
    cw_close(e->w, "");
}

void emit_made(struct emit *e)
{
    bool makes = emit_makes(e->chain), holds = emit_holds(e->chain);

    if (makes || holds)
        ways(e);
    if (makes)
        made(e);
    if (emit_turns(e->chain))
        turned(e);
    if (holds)
        go_on(e);
}

void emit_pass_made(struct emit *e, const char *c)
{
    if (!emit_makes(e->chain))
        return;
    cw(e->w, "if (w->n_passed < w->n_made)");
    cw(e->w, "    gc_%s_made(%s);", name_chain(e), c);
    if (!emit_turns(e->chain))
        return;
    cw(e->w, "if (w->turned->cause)");
    cw(e->w, "    gc_%s_turned(%s);", name_chain(e), c);
}

void emit_go_on(struct emit *e, const char *pkt)
{
    if (!emit_holds(e->chain))
        return;
    cw(e->w, "if (nflg_wakes(w, chain))");
    cw(e->w, "    gc_%s_go_on(w, chain, %s);", name_chain(e), pkt);
}
