/* Exits of NFs: `exits http, dns`, and what chooses one. */
#include "sema/sema.h"

static struct exit *exit_named(const struct nf *n, const char *name)
{
    struct exit *x;

    LIST_EACH (x, &n->exits)
        if (strcmp(x->name, name) == 0)
            return x;
    return NULL;
}

void exits_declare(struct sema *s, struct nf *n, const struct ast_decl *d)
{
    struct ast_name *a;
    struct exit *x;

    LIST_EACH (a, &d->exits) {
        x = exit_named(n, a->text);
        if (x) {
            twice(s, a->loc, "exit", a->text, x->loc);
            continue;
        }
        if (n->exits.n == EXITS_MAX) {
            diag_error(s->diags, d->loc, "an NF has at most %d exits",
                       EXITS_MAX);
            break;
        }
        x = ARENA_NEW(s->arena, struct exit);
        x->name = a->text;
        x->loc = a->loc;
        x->number = n->exits.n + 1;
        LIST_ADD(&n->exits, x);
    }
}

static struct exit *find_exit(struct scope *sc, const struct ast_stmt *s)
{
    struct exit *x = exit_named(sc->nf, s->name);
    struct diag *d;

    if (x)
        return x;
    d = diag_error(sc->sema->diags, s->name_loc, "'%s' has no exit '%s'",
                   sc->nf->name, s->name);
    if (sc->nf->exits.n == 0)
        diag_hint(d, "declare it in the NF: exits %s", s->name);
    else
        HINT_NEAR(d, sc->sema, s->name, &sc->nf->exits);
    return NULL;
}

/* A flow may also be sent elsewhere where it is told of. */
static bool goes_on(enum raiser r, bool flow)
{
    return raiser_has_packet(r) || r == RAISE_CONFIG ||
           (flow && (r == RAISE_EMIT || r == RAISE_RULE));
}

struct tstmt *exit_goto(struct scope *sc, const struct ast_stmt *s,
                        struct tblock *to)
{
    enum raiser raiser = sc->handler->raiser;
    struct tstmt *t = tstmt_new(sc, TS_GOTO, s->loc);

    t->exit = find_exit(sc, s);
    if (!goes_on(raiser, s->flow))
        diag_error(sc->sema->diags, s->loc,
                   "nothing goes on from here: %s is raised without a packet",
                   sc->handler->events);
    t->flow = s->flow || raiser != RAISE_PACKET;
    if (t->flow)
        sc->handler->needs_flow = true;
    if (!t->flow && !sc->nf->goto_packet.src)
        sc->nf->goto_packet = s->loc;
    if (t->flow && raiser != RAISE_NEW && !sc->nf->goto_late.src)
        sc->nf->goto_late = s->loc;
    if (t->exit)
        LIST_ADD(&to->stmts, t);
    return tstmt_new(sc, TS_RETURN, s->loc);
}

void exits_check(struct sema *s, const struct chain *c, const struct step *st)
{
    const struct nf *n = st->at->nf;
    struct diag *d;

    if (c->two_way && n->goto_packet.src) {
        d = diag_error(s->diags, n->goto_packet,
                       "'%s' chooses an exit for one packet, but in a `<->` "
                       "chain a flow has one way, for both directions",
                       n->name);
        diag_also(d, st->at->loc, "used here");
        diag_hint(d, "goto flow ... chooses for the flow; so does goto in a "
                     "handler of FLOW/NEW");
    }
    if (st->fixed && n->goto_late.src) {
        d = diag_error(s->diags, n->goto_late,
                       "'%s' may change the way of a flow, but an NF in one "
                       "of its branches translates",
                       n->name);
        diag_also(d, st->at->loc, "used here");
        diag_hint(d, "choose the exit in a handler of FLOW/NEW");
    }
}
