/* Tests: their lines, one after the other, in the terms of the chain that they
 * run. Loops are unrolled. */
#include "sema/testing.h"

enum { STEPS_MAX = 4096, ROUNDS_MAX = 16384 };

struct reader {
    struct scope scope;
    struct ttest *test;
    struct loc ran;  /* the first `run`; src NULL: there was none */
    bool sent;       /* a packet */
    unsigned rounds; /* of loops, by how much stands for the name */
    bool full;
};

static bool is_verb(const struct ast_item *i, const char *verb)
{
    return strcmp(i->verb, verb) == 0;
}

static bool is_name(const struct ast_expr *e, const char *name)
{
    return e && e->kind == AE_NAME && strcmp(e->text, name) == 0;
}

/* ---- ports ---- */

const char *test_port_name(struct sema *s, const struct port *p)
{
    const char *tail = strstr(p->name, "__");

    return strncmp(p->chain->name, "test__", 6) == 0 && tail
               ? arena_strn(s->arena, p->name, (size_t)(tail - p->name))
               : p->name;
}

const struct port *test_port(struct sema *s, const struct chain *c,
                             const char *name, struct loc at)
{
    const char *names[2] = {NULL, NULL};
    unsigned n = 0;
    struct diag *d;

    for (unsigned i = 0; i < 2; i++) {
        if (!c->port[i])
            continue;
        names[n] = test_port_name(s, c->port[i]);
        if (strcmp(names[n++], name) == 0)
            return c->port[i];
    }
    d = diag_error(s->diags, at, "the chain of this test has no port '%s'",
                   name);
    if (!hint_near(d, name, names, n))
        diag_note(d, "it has %s%s%s", names[0], n > 1 ? " and " : "",
                  n > 1 ? names[1] : "");
    return NULL;
}

/* ---- steps ---- */

static struct tstep *step_new(struct reader *r, enum tstep_kind kind,
                              const struct ast_item *i)
{
    struct tstep *s = ARENA_NEW(r->scope.sema->arena, struct tstep);

    s->kind = kind;
    s->loc = i->loc;
    if (r->test->steps.n < STEPS_MAX) {
        LIST_ADD(&r->test->steps, s);
        return s;
    }
    if (!r->full)
        diag_error(r->scope.sema->diags, i->loc, "a test has at most %d steps",
                   STEPS_MAX);
    r->full = true;
    return s;
}

static const struct port *port_of(struct reader *r, const struct ast_item *i)
{
    return test_port(r->scope.sema, r->test->chain, i->port, i->port_loc);
}

static void wrong(struct reader *r, const struct ast_item *i, const char *like)
{
    diag_hint(diag_error(r->scope.sema->diags, i->loc, "'%s' is not written so",
                         i->verb),
              "%s", like);
}

static void add_send(struct reader *r, const struct ast_item *i)
{
    struct tstep *s;

    if (!i->port) {
        wrong(r, i, "send PORT PACKET, as send lan eth / ip / udp / \"x\"");
        return;
    }
    s = step_new(r, STEP_SEND, i);
    s->port = port_of(r, i);
    s->packet = test_packet(&r->scope, i->value, false);
    r->sent = true;
}

/* reply PORT, reply PORT CHANGES */
static void add_reply(struct reader *r, const struct ast_item *i)
{
    struct tstep *s = step_new(r, STEP_REPLY, i);

    if (i->port) {
        s->port = port_of(r, i);
        s->packet = test_packet(&r->scope, i->value, true);
    } else if (i->value->kind == AE_NAME) {
        s->port = test_port(r->scope.sema, r->test->chain, i->value->text,
                            i->value->loc);
    } else {
        wrong(r, i, "reply PORT, as reply wan, or reply wan \"payload\"");
    }
    if (!r->sent)
        diag_error(r->scope.sema->diags, i->loc,
                   "nothing was sent yet to reply to");
    r->sent = true;
}

/* A / B / C(f = v): the path, and the arguments of its last part. */
static const char *event_path(struct reader *r, const struct ast_expr *e,
                              const struct ast_expr **call)
{
    const char *a, *b;

    if (e->kind == AE_NAME)
        return e->text;
    if (e->kind == AE_CALL && !*call) {
        *call = e;
        return event_path(r, e->a, call);
    }
    if (e->kind != AE_BINARY)
        return NULL;
    b = event_path(r, e->b, call);
    a = event_path(r, e->a, call);
    return a && b ? arena_fmt(r->scope.sema->arena, "%s/%s", a, b) : NULL;
}

static void add_carried(struct reader *r, struct tstep *s,
                        const struct event *event, const struct ast_arg *a)
{
    struct sema *sema = r->scope.sema;
    struct tcarried *c = ARENA_NEW(sema->arena, struct tcarried);
    const struct param *p;
    struct texpr *v;

    LIST_EACH (p, &event->params)
        if (a->name && strcmp(p->name, a->name) == 0)
            break;
    if (!p) {
        HINT_NEAR(diag_error(sema->diags, a->name ? a->name_loc : a->value->loc,
                             "the event '%s' carries no '%s'", event->path,
                             a->name ? a->name : "value without a name"),
                  sema, a->name ? a->name : "", &event->params);
        return;
    }
    v = expr_value(&r->scope, a->value, p->type);
    if (v->type->kind != TY_ERROR)
        v = fold(&r->scope, v);
    c->name = p->name;
    c->type = p->type;
    c->value = v->value;
    LIST_ADD(&s->carried, c);
}

static void expect_event(struct reader *r, const struct ast_item *i)
{
    struct tstep *s = step_new(r, STEP_EVENT, i);
    const struct ast_expr *call = NULL;
    const struct event *event;
    const struct ast_arg *a;

    s->text = event_path(r, i->value, &call);
    if (!s->text) {
        wrong(r, i, "expect event PATH, as expect event FLOW/NEW");
        return;
    }
    event = event_named(r->scope.sema, s->text);
    if (!event)
        advise_event(r->scope.sema,
                     diag_error(r->scope.sema->diags, i->value->loc,
                                "there is no event '%s'", s->text),
                     s->text);
    else if (call)
        LIST_EACH (a, &call->args)
            add_carried(r, s, event, a);
}

static void expect_packet(struct reader *r, const struct ast_item *i)
{
    bool nothing = is_name(i->value, "nothing");
    struct tstep *s = step_new(r, nothing ? STEP_NOTHING : STEP_EXPECT, i);

    s->port = port_of(r, i);
    if (!nothing)
        s->packet = test_packet(&r->scope, i->value, true);
}

static void expect_value(struct reader *r, const struct ast_item *i,
                         const struct ast_expr *e)
{
    struct tstep *s;

    if (e->kind == AE_BINARY && e->op == OP_LAND) {
        expect_value(r, i, e->a);
        expect_value(r, i, e->b);
        return;
    }
    s = step_new(r, STEP_VALUE, i);
    s->loc = e->loc;
    s->value = test_value(&r->scope, r->test->chain, e);
}

static void add_expect(struct reader *r, const struct ast_item *i)
{
    if (i->drop)
        step_new(r, STEP_DROP, i)->text = i->reason;
    else if (i->port && strcmp(i->port, "event") == 0)
        expect_event(r, i);
    else if (i->port)
        expect_packet(r, i);
    else if (is_name(i->value, "nothing"))
        step_new(r, STEP_NOTHING, i);
    else
        expect_value(r, i, i->value);
}

static void add_after(struct reader *r, const struct ast_item *i)
{
    struct texpr *e;

    if (i->port) {
        wrong(r, i, "after TIME, as after 5s");
        return;
    }
    e = expr_value(&r->scope, i->value, r->scope.sema->duration);
    if (e->type->kind != TY_ERROR)
        e = fold(&r->scope, e);
    step_new(r, STEP_AFTER, i)->time = e->value.u;
}

static void add_set(struct reader *r, const struct ast_item *i)
{
    if (i->port || !i->to)
        wrong(r, i, "set NF.PARAMETER = VALUE");
    else
        step_new(r, STEP_SET, i)->text =
            test_setting(&r->scope, r->test->chain, i->value, i->to);
}

static void add_run(struct reader *r, const struct ast_item *i)
{
    struct sema *s = r->scope.sema;

    if (r->ran.src) {
        diag_also(diag_error(s->diags, i->loc, "a test runs one chain"), r->ran,
                  "this one");
        return;
    }
    r->ran = i->loc;
    r->test->chain = i->chain->name ? chain_named(s, i->chain->name) : NULL;
}

/* ---- loops ---- */

static void add_items(struct reader *r, const struct ast_item *items);

/* Up to `most`: values of loops around may stand in it many times. */
static unsigned size_of(const struct ast_expr *e, unsigned most)
{
    const struct ast_arg *a;
    unsigned n = 1;

    if (!e || !most)
        return 0;
    n += size_of(e->a, most - n);
    n += size_of(e->b, most - n);
    LIST_EACH (a, &e->args)
        n += size_of(a->value, most - n);
    return n;
}

static void add_case(struct reader *r, const struct ast_item *i,
                     const struct ast_expr *value)
{
    r->rounds += size_of(value, ROUNDS_MAX);
    if (r->rounds > ROUNDS_MAX) {
        if (!r->full)
            diag_error(r->scope.sema->diags, i->loc,
                       "the loops of a test have at most %d rounds",
                       ROUNDS_MAX);
        r->full = true;
        return;
    }
    add_items(r, test_case(r->scope.sema, i, value));
}

static bool bound(struct reader *r, const struct ast_expr *e, num_t *to)
{
    struct texpr *v = expr_value(&r->scope, e, type_uint(r->scope.sema, 64));

    if (v->type->kind != TY_ERROR)
        v = fold(&r->scope, v);
    *to = v->value.u;
    return v->type->kind != TY_ERROR;
}

static void count_up(struct reader *r, const struct ast_item *i)
{
    struct ast_expr value = {.kind = AE_LIT, .lit = LIT_INT, .depth = 1};
    const struct diags *d = r->scope.sema->diags;
    unsigned before = diags_errors(d);
    num_t lo, hi;

    if (!bound(r, i->value->a, &lo) || !bound(r, i->value->b, &hi))
        return;
    value.loc = i->value->loc;
    /* What is wrong in one round is so in the others. */
    for (value.num = lo; value.num <= hi && !r->full; value.num++) {
        add_case(r, i, &value);
        if (diags_errors(d) > before)
            return;
    }
}

static void add_for(struct reader *r, const struct ast_item *i)
{
    const struct ast_arg *a;

    if (i->value->kind == AE_RANGE) {
        count_up(r, i);
    } else if (i->value->kind == AE_SET) {
        LIST_EACH (a, &i->value->args)
            add_case(r, i, a->value);
    } else {
        diag_hint(diag_error(r->scope.sema->diags, i->value->loc,
                             "a loop goes over a range or a set"),
                  "for %s in {1, 2, 5}", i->name);
    }
}

/* ---- all ---- */

static void add_item(struct reader *r, const struct ast_item *i)
{
    if (is_verb(i, "run"))
        add_run(r, i);
    else if (!r->ran.src)
        return;
    else if (!r->test->chain)
        return;
    else if (is_verb(i, "for"))
        add_for(r, i);
    else if (is_verb(i, "send"))
        add_send(r, i);
    else if (is_verb(i, "reply"))
        add_reply(r, i);
    else if (is_verb(i, "expect"))
        add_expect(r, i);
    else if (is_verb(i, "after"))
        add_after(r, i);
    else
        add_set(r, i);
}

static void add_items(struct reader *r, const struct ast_item *items)
{
    for (const struct ast_item *i = items; i && !r->full; i = i->next)
        add_item(r, i);
}

static void test_declare(struct sema *s, const struct ast_decl *d)
{
    struct reader r = {.scope = {.sema = s, .constant = true}};
    struct ttest *o;

    r.test = ARENA_NEW(s->arena, struct ttest);
    r.test->name = d->name;
    r.test->loc = d->loc;
    LIST_EACH (o, &s->tree->tests)
        if (strcmp(o->name, d->name) == 0)
            twice(s, d->loc, "test", d->name, o->loc);
    if (!d->items.first || !is_verb(d->items.first, "run"))
        diag_hint(
            diag_error(s->diags, d->loc, "a test begins with what it runs"),
            "run CHAIN, or run NF(...) -> NF");
    add_items(&r, d->items.first);
    LIST_ADD(&s->tree->tests, r.test);
}

void tests_declare(struct sema *s)
{
    struct ast_decl *d;

    LIST_EACH (d, &s->ast->decls)
        if (d->kind == AD_TEST)
            test_declare(s, d);
}
