/* Subscriptions that change for a flow while it lives: each event that an NF
 * switches has a bit, kept with the flow. */
#include "sema/sema.h"

enum { MOST = 64 };

struct find {
    struct sema *sema;
    struct nf *nf;
    const struct ast_decl *decl;
    num_t woken; /* bits that some `subscribe` sets */
};

int switch_bit(const struct nf *n, const struct event *e)
{
    const struct subscription *s;

    LIST_EACH (s, &n->switches)
        if (s->event == e)
            return s->bit;
    return -1;
}

/* The bit of an event that exists; made if there is none. */
static int bit_of(struct find *f, const struct ast_path *p,
                  const struct event *e, bool asleep)
{
    int bit = switch_bit(f->nf, e);
    struct subscription *s;

    if (bit >= 0)
        return bit;
    if (f->nf->switches.n == MOST) {
        diag_error(f->sema->diags, p->loc, "an NF switches at most %d events",
                   MOST);
        return 0;
    }
    s = ARENA_NEW(f->sema->arena, struct subscription);
    s->event = e;
    s->bit = (int)f->nf->switches.n;
    LIST_ADD(&f->nf->switches, s);
    if (!asleep)
        f->nf->awake |= (num_t)1 << s->bit;
    return s->bit;
}

/* ---- what is asleep at first ---- */

static void both_ways(struct find *f, const struct ast_handler *h,
                      const struct ast_path *p)
{
    const struct ast_handler *i;
    const struct ast_path *q;

    LIST_EACH (i, &f->decl->handlers)
        LIST_EACH (q, &i->events)
            if (!i->asleep && strcmp(q->text, p->text) == 0) {
                diag_also(diag_error(f->sema->diags, h->loc,
                                     "'%s' is asleep here, but not in another "
                                     "handler of '%s'",
                                     p->text, f->nf->name),
                          i->loc, "the other one");
                return;
            }
}

static void find_asleep(struct find *f)
{
    const struct ast_handler *h;
    const struct ast_path *p;
    const struct event *e;

    LIST_EACH (h, &f->decl->handlers) {
        if (!h->asleep)
            continue;
        LIST_EACH (p, &h->events) {
            e = event_named(f->sema, p->text);
            if (!e)
                continue;
            bit_of(f, p, e, true);
            both_ways(f, h, p);
        }
    }
}

/* ---- what statements switch ---- */

static bool is_handled(const struct find *f, const char *path)
{
    const struct ast_handler *h;
    const struct ast_path *p;

    LIST_EACH (h, &f->decl->handlers)
        LIST_EACH (p, &h->events)
            if (strcmp(p->text, path) == 0)
                return true;
    return false;
}

static void not_handled(struct find *f, const struct ast_stmt *s)
{
    const char *near[128];
    const struct ast_handler *h;
    const struct ast_path *p;
    unsigned n = 0;
    struct diag *d = diag_error(f->sema->diags, s->path->loc,
                                "'%s' has no handler of '%s' to %s",
                                f->nf->name, s->path->text, s->name);

    LIST_EACH (h, &f->decl->handlers)
        LIST_EACH (p, &h->events)
            if (n < 128)
                near[n++] = p->text;
    if (!hint_near(d, s->path->text, near, n))
        diag_note(d, "name an event as a handler of this NF does");
}

static void find_stmt(struct find *f, const struct ast_stmt *s)
{
    const struct event *e;
    int bit;

    if (s->kind != AS_EVENT || strcmp(s->name, "emit") == 0)
        return;
    if (!is_handled(f, s->path->text)) {
        not_handled(f, s);
        return;
    }
    e = event_named(f->sema, s->path->text);
    if (!e)
        return; /* the handler says so */
    bit = bit_of(f, s->path, e, false);
    if (strcmp(s->name, "subscribe") == 0)
        f->woken |= (num_t)1 << bit;
}

static void find_block(struct find *f, const struct ast_block *b)
{
    const struct ast_stmt *s;
    const struct ast_arm *a;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts) {
        find_stmt(f, s);
        find_block(f, s->body);
        find_block(f, s->other);
        find_block(f, s->alt.block);
        LIST_EACH (a, &s->arms)
            find_block(f, a->body);
    }
}

static void never_woken(struct find *f)
{
    const struct subscription *s;
    const struct ast_handler *h;
    const struct ast_path *p;

    if (diags_errors(f->sema->diags))
        return;
    LIST_EACH (s, &f->nf->switches) {
        if ((f->nf->awake | f->woken) >> s->bit & 1)
            continue;
        LIST_EACH (h, &f->decl->handlers)
            LIST_EACH (p, &h->events)
                if (strcmp(p->text, s->event->path) == 0)
                    diag_hint(diag_warning(f->sema->diags, h->loc,
                                           "'%s' is asleep, and nothing in "
                                           "'%s' wakes it",
                                           p->text, f->nf->name),
                              "subscribe %s", p->text);
    }
}

void switches_find(struct sema *s, struct nf *n, const struct ast_decl *d)
{
    struct find f = {.sema = s, .nf = n, .decl = d};
    const struct ast_handler *h;
    unsigned bits = 8;

    find_asleep(&f);
    LIST_EACH (h, &d->handlers)
        find_block(&f, h->body);
    never_woken(&f);
    if (!n->switches.n)
        return;
    while (bits < n->switches.n)
        bits *= 2;
    n->switched = var_hidden(s, n, "subscriptions.switched", n->loc, ST_FLOW,
                             type_uint(s, bits));
}

/* ---- subscribe PKT/TCP ---- */

struct tstmt *switch_stmt(struct scope *sc, const struct ast_stmt *s)
{
    const struct event *e = event_named(sc->sema, s->path->text);
    struct var *v = sc->nf->switched;
    struct tstmt *t = tstmt_new(sc, TS_VAR, s->loc);
    int bit = e ? switch_bit(sc->nf, e) : -1;
    struct texpr *was;
    num_t one;
    bool on = strcmp(s->name, "subscribe") == 0;

    if (bit < 0)
        return NULL;
    one = (num_t)1 << bit;
    was = expr_new(sc, TE_VAR, s->loc, v->type);
    was->var = v;
    t->var = v;
    if (on == (sc->nf->awake >> bit & 1))
        t->value = expr_binary(
            sc, OP_AND, s->loc, v->type, was,
            expr_number(sc, s->loc, v->type, num_mask(v->type->bits) & ~one));
    else
        t->value = expr_binary(sc, OP_OR, s->loc, v->type, was,
                               expr_number(sc, s->loc, v->type, one));
    sc->handler->needs_flow = true;
    return t;
}

struct texpr *awake(struct scope *sc, const struct event *e, struct loc at)
{
    int bit = switch_bit(sc->nf, e);
    struct texpr *a;

    if (bit < 0)
        return NULL;
    a = expr_new(sc, TE_AWAKE, at, sc->sema->boolean);
    a->part = (unsigned)bit;
    a->var = sc->nf->switched;
    return a;
}
