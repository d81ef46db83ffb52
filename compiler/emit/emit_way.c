/* The way of a packet from NF to NF: a call after the other, and a switch
 * where an NF has exits. LANGUAGE.md, section 4. */
#include "emit/emit.h"

static const char *const side_name[] = {"left", "right"};

bool emit_branches(const struct plan_chain *c)
{
    return c->ir->source->branches && c->ir->source->two_way;
}

static void put(const plan_steps *steps, uint8_t order[64], unsigned *n)
{
    const struct plan_step *s;
    const struct plan_branch *b;
    unsigned i;

    LIST_EACH (s, steps) {
        for (i = 0; i < *n && order[i] != s->nf->position;)
            i++;
        if (i == *n)
            order[(*n)++] = (uint8_t)s->nf->position;
        LIST_EACH (b, &s->branches)
            put(&b->steps, order, n);
    }
}

unsigned emit_order(const struct plan_chain *c, unsigned side,
                    uint8_t order[64])
{
    unsigned n = 0;

    put(&c->stages.first->order[side], order, &n);
    return n;
}

static const char *session_exit(struct emit *e, const struct plan_nf *n)
{
    return arena_fmt(e->arena, "((struct gc_%s_session *)c->session)->exit[%d]",
                     name_chain(e), n->exit_slot);
}

/* How functions are called: those that visit an NF, and the ways. */
struct pace {
    const char *visit, *way, *kind;
};

static const struct pace general = {"gn", "gc", "static"};
static const struct pace by_mode[] = {
    [FAST_STEPS] = {"gt", "gy", "NFLG_ALONG"},
    [FAST_MERGED] = {"gm", "gy", "NFLG_ALONG"},
};

/* ---- without branches ---- */

static const char *conjunction(struct emit *e, const plan_steps *steps)
{
    const struct plan_step *s;
    const char *all = NULL, *one;

    LIST_EACH (s, steps) {
        one = arena_fmt(e->arena, "gn_%s(c, h)", name_nf(e, s->nf));
        all = all ? arena_fmt(e->arena, "%s && %s", all, one) : one;
    }
    return all;
}

/* ---- which exit ---- */

static void exit_of(struct emit *e, const struct plan_nf *n)
{
    const struct chain *c = e->chain->ir->source;

    cw_blank(e->w);
    cw(e->w, "/* The exit of %s that the packet at hand takes. */",
       n->ir->source->name);
    cw(e->w, "NFLG_FN unsigned gx_%s(const struct nfl_ctx *c)", name_nf(e, n));
    cw_open(e->w, "%s", "");
    if (!c->two_way) {
        cw(e->w, "if (c->exit)");
        cw(e->w, "    return c->exit;");
    }
    if (n->exit_slot >= 0) {
        cw(e->w, "return c->session ? nflg_exit(");
        cw(e->w, "    %s) : 0;", session_exit(e, n));
    } else {
        cw(e->w, "return c->exit;");
    }
    cw_close(e->w, "");
}

bool emit_may_leave(const struct plan_step *s)
{
    const struct plan_branch *b;
    const struct plan_step *in;

    LIST_EACH (b, &s->branches) {
        if (b->out)
            return true;
        LIST_EACH (in, &b->steps)
            if (emit_may_leave(in))
                return true;
    }
    return false;
}

void emit_cases(struct emit *e, uint32_t exits)
{
    for (unsigned i = 1; i < 32; i++)
        if (exits >> i & 1)
            cw(e->w, "case %u:", i);
    if (exits & 1)
        cw(e->w, "default:");
}

/* gl_a(c) || gl_b(c), of steps at which a packet may leave. */
static const char *leaves(struct emit *e, const plan_steps *steps)
{
    const struct plan_step *s;
    const char *all = NULL, *one;

    LIST_EACH (s, steps) {
        if (!emit_may_leave(s))
            continue;
        one = arena_fmt(e->arena, "gl_%s(c)", name_nf(e, s->nf));
        all = all ? arena_fmt(e->arena, "%s || %s", all, one) : one;
    }
    return all ? all : "false";
}

static void leave_of(struct emit *e, const struct plan_step *s)
{
    const struct plan_branch *b;

    cw_blank(e->w);
    cw(e->w, "/* Does the flow leave behind %s? */", s->nf->ir->source->name);
    cw(e->w, "NFLG_FN bool gl_%s(const struct nfl_ctx *c)", name_nf(e, s->nf));
    cw_open(e->w, "%s", "");
    cw(e->w, "switch (gx_%s(c)) {", name_nf(e, s->nf));
    LIST_EACH (b, &s->branches) {
        emit_cases(e, b->exits);
        cw(e->w, "    return %s;", b->out ? "true" : leaves(e, &b->steps));
    }
    cw(e->w, "}");
    cw_close(e->w, "");
}

/* Inner ones first. */
static void questions(struct emit *e, const plan_steps *steps)
{
    const struct plan_step *s;
    const struct plan_branch *b;

    LIST_EACH (s, steps) {
        if (!s->branches.first)
            continue;
        LIST_EACH (b, &s->branches)
            questions(e, &b->steps);
        exit_of(e, s->nf);
        if (e->chain->ir->source->two_way && emit_may_leave(s))
            leave_of(e, s);
    }
}

/* ---- the ways ---- */

static void visit(struct emit *e, const struct pace *p,
                  const struct plan_step *s)
{
    cw(e->w, "if (!%s_%s(c, h))", p->visit, name_nf(e, s->nf));
    cw(e->w, "    return false;");
}

static void forward(struct emit *e, const struct pace *p,
                    const plan_steps *steps)
{
    const struct plan_step *s;
    const struct plan_branch *b;

    LIST_EACH (s, steps) {
        visit(e, p, s);
        if (!s->branches.first)
            continue;
        cw(e->w, "switch (gx_%s(c)) {", name_nf(e, s->nf));
        LIST_EACH (b, &s->branches) {
            emit_cases(e, b->exits);
            cw_in(e->w);
            forward(e, p, &b->steps);
            cw(e->w, b->out ? "return true;" : "break;");
            cw_out(e->w);
        }
        cw(e->w, "}");
    }
}

void emit_settle_exit(struct emit *e, const struct plan_step *s)
{
    if (!s->fixed || s->nf->exit_slot < 0)
        return;
    cw(e->w, "if (!%s)", session_exit(e, s->nf));
    cw(e->w, "    %s = NFLG_NO_EXIT;", session_exit(e, s->nf));
}

static void backward(struct emit *e, const struct pace *p,
                     const struct plan_step *s);

static void branches_backward(struct emit *e, const struct pace *p,
                              const struct plan_step *s)
{
    const struct plan_branch *b;

    emit_settle_exit(e, s);
    cw(e->w, "switch (gx_%s(c)) {", name_nf(e, s->nf));
    LIST_EACH (b, &s->branches) {
        emit_cases(e, b->exits);
        cw_in(e->w);
        backward(e, p, b->steps.first);
        cw(e->w, "break;");
        cw_out(e->w);
    }
    cw(e->w, "}");
}

/* The responder's packets: from the last step, unless the flow left before. */
static void backward(struct emit *e, const struct pace *p,
                     const struct plan_step *s)
{
    if (!s)
        return;
    if (s->next && emit_may_leave(s))
        cw_open(e->w, "if (!gl_%s(c))", name_nf(e, s->nf));
    backward(e, p, s->next);
    if (s->next && emit_may_leave(s))
        cw_close(e->w, "");
    if (s->branches.first)
        branches_backward(e, p, s);
    visit(e, p, s);
}

static void begin(struct emit *e, unsigned side, const struct pace *p,
                  const char *whose)
{
    cw_blank(e->w);
    cw(e->w, "/* A packet%s from %s: true if it leaves. */",
       *whose ? " of the responder" : "", e->chain->ir->source->side[side]);
    cw(e->w, "%s bool %s_%s_%s%s(struct nfl_ctx *c, struct nflg_head *h)",
       e->chain->calls ? "static" : p->kind, p->way, name_chain(e), whose,
       side_name[side]);
    cw_open(e->w, "%s", "");
}

static void way(struct emit *e, const struct pace *p, unsigned side)
{
    const plan_steps *steps = &e->chain->stages.first->order[side];
    const char *all;

    begin(e, side, p, "");
    if (e->chain->ir->source->branches) {
        forward(e, p, steps);
        cw(e->w, "return true;");
    } else {
        all = conjunction(e, steps);
        if (!all)
            cw(e->w, "(void)c, (void)h;");
        cw(e->w, "return %s;", all ? all : "true");
    }
    cw_close(e->w, "");
}

static void way_back(struct emit *e, const struct pace *p, unsigned side)
{
    begin(e, side, p, "back_");
    backward(e, p, e->chain->stages.first->order[1 - side].first);
    cw(e->w, "return true;");
    cw_close(e->w, "");
}

void emit_ways(struct emit *e)
{
    questions(e, &e->chain->stages.first->order[0]);
    way(e, &general, 0);
    if (e->chain->ir->source->two_way)
        way(e, &general, 1);
    if (!emit_branches(e->chain))
        return;
    way_back(e, &general, 0);
    way_back(e, &general, 1);
}

void emit_fast_ways(struct emit *e)
{
    const struct plan_chain *c = e->chain;

    for (unsigned side = 0; side < 2; side++) {
        const struct pace *p = &by_mode[c->fast[side].mode];

        if (!c->ir->source->branches || c->fast[side].mode == FAST_NONE)
            continue;
        way(e, p, side);
        if (c->ir->source->two_way)
            way_back(e, p, side);
    }
}
