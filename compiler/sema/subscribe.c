/* Subscriptions that change for a flow while it lives: each event that an NF
 * switches has a bit, kept with the flow, and each handler with a name. */
#include "sema/sema.h"

enum { MOST = 64 };

struct find {
    struct sema *sema;
    struct nf *nf;
    const struct ast_decl *decl;
    num_t woken; /* bits that some `subscribe` sets */
};

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

int switch_bit(const struct nf *n, const struct event *e, const char *name)
{
    const struct subscription *s;

    LIST_EACH (s, &n->switches)
        if (name ? same(s->name, name) : !s->name && s->event == e)
            return s->bit;
    return -1;
}

/* The bit of an event that exists, or of a name; made if there is none. */
static int bit_of(struct find *f, const struct ast_path *p,
                  const struct event *e, const char *name, bool asleep)
{
    int bit = switch_bit(f->nf, e, name);
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
    s->name = name;
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
            if (!i->asleep && same(i->name, h->name) &&
                strcmp(q->text, p->text) == 0) {
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
            bit_of(f, p, e, h->name, true);
            both_ways(f, h, p);
        }
    }
}

/* ---- what statements switch ---- */

/* The first handler that `subscribe path` is about: it has the name, or none
 * and the event. */
static const struct ast_handler *meant(const struct ast_decl *d,
                                       const char *path)
{
    const struct ast_handler *h;
    const struct ast_path *p;

    LIST_EACH (h, &d->handlers) {
        if (h->name && strcmp(h->name, path) == 0)
            return h;
        if (!h->name)
            LIST_EACH (p, &h->events)
                if (strcmp(p->text, path) == 0)
                    return h;
    }
    return NULL;
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

    LIST_EACH (h, &f->decl->handlers) {
        if (h->name && n < 128)
            near[n++] = h->name;
        if (!h->name)
            LIST_EACH (p, &h->events)
                if (n < 128)
                    near[n++] = p->text;
    }
    if (!hint_near(d, s->path->text, near, n))
        diag_note(d, "name an event as a handler of this NF does, or what "
                     "stands behind the handler's `as`");
}

static void find_stmt(struct find *f, const struct ast_stmt *s)
{
    const struct ast_handler *h;
    const struct event *e;
    int bit;

    if (s->kind != AS_EVENT || strcmp(s->name, "emit") == 0)
        return;
    h = meant(f->decl, s->path->text);
    if (!h) {
        not_handled(f, s);
        return;
    }
    e = event_named(f->sema, h->name ? h->events.first->text : s->path->text);
    if (!e)
        return; /* the handler says so */
    bit = bit_of(f, s->path, e, h->name, h->asleep);
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
                if (same(h->name, s->name) &&
                    strcmp(p->text, s->event->path) == 0)
                    diag_hint(diag_warning(f->sema->diags, h->loc,
                                           "'%s' is asleep, and nothing in "
                                           "'%s' wakes it",
                                           p->text, f->nf->name),
                              "subscribe %s", h->name ? h->name : p->text);
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
    int bit = switch_bit(sc->nf, e, e ? NULL : s->path->text);
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

struct texpr *awake(struct scope *sc, const struct event *e, const char *name,
                    struct loc at)
{
    int bit = switch_bit(sc->nf, e, name);
    struct texpr *a;

    if (bit < 0)
        return NULL;
    a = expr_new(sc, TE_AWAKE, at, sc->sema->boolean);
    a->part = (unsigned)bit;
    a->var = sc->nf->switched;
    return a;
}

bool handler_sleeps(const struct handler *h)
{
    const struct subscription *s;

    LIST_EACH (s, &h->subscriptions)
        if (s->bit < 0)
            return false;
    return true;
}
