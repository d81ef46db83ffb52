/* Ports, and which chain takes the packets of one that several have: the first
 * whose condition holds, by the order of declaration. */
#include "sema/sema.h"

/* ---- ports ---- */

static struct port *port_named(struct sema *s, struct chain *c,
                               const struct ast_side *side)
{
    struct port *p;

    LIST_EACH (p, &s->tree->ports)
        if (strcmp(p->name, side->port) == 0)
            return p;
    p = ARENA_NEW(s->arena, struct port);
    p->name = side->port;
    p->loc = side->port_loc;
    p->index = s->tree->ports.n;
    p->chain = c;
    LIST_ADD(&s->tree->ports, p);
    return p;
}

static void port_add(struct sema *s, struct chain *c,
                     const struct ast_side *side, unsigned i)
{
    c->port[i] = port_named(s, c, side);
    c->side[i] = side->label ? side->label : i ? "outside" : "inside";
}

void ports_add(struct sema *s, struct chain *c, const struct ast_decl *d)
{
    struct loc at = d->side[1].label  ? d->side[1].label_loc
                    : d->side[1].port ? d->side[1].port_loc
                                      : d->side[0].label_loc;

    port_add(s, c, &d->side[0], 0);
    c->side[1] = "outside";
    if (d->side[1].port)
        port_add(s, c, &d->side[1], 1);
    if (c->port[0] == c->port[1])
        diag_note(diag_error(s->diags, d->side[1].port_loc,
                             "both sides of chain '%s' are port '%s'", c->name,
                             c->port[0]->name),
                  "what arrives at a port has come from one side; a chain of "
                  "one port is written chain %s (%s)",
                  c->name, c->port[0]->name);
    if (strcmp(c->side[0], c->side[1]) == 0)
        diag_error(s->diags, at, "both sides are called '%s'", c->side[1]);
}

bool chain_enters(const struct chain *c, const struct port *p, unsigned *side)
{
    *side = c->port[0] != p;
    return c->port[0] == p || (c->two_way && c->port[1] == p);
}

/* ---- conditions ---- */

/* C of the program, or something that is kept. */
static const struct texpr *no_question(const struct texpr *e)
{
    const struct texpr *bad;
    const struct titem *i;
    const struct targ *a;

    if (!e)
        return NULL;
    if (e->kind == TE_CALL && (!e->a || e->member->object->file))
        return e;
    bad = no_question(e->a);
    bad = bad ? bad : no_question(e->b);
    LIST_EACH (i, &e->items) {
        bad = bad ? bad : no_question(i->lo);
        bad = bad ? bad : no_question(i->hi);
    }
    LIST_EACH (a, &e->args)
        bad = bad ? bad : no_question(a->value);
    return bad;
}

void filter_add(struct sema *s, struct chain *c, const struct ast_decl *d)
{
    struct scope sc = {.sema = s, .packet = true, .filter = true};
    struct binding p = {.name = "p"};
    struct hset implied = {0};
    const struct texpr *bad;
    struct diag *m;

    if (!d->cond)
        return;
    c->filter_loc = d->cond_loc;
    if (s->tree->packet) {
        p.local = ARENA_NEW(s->arena, struct local);
        p.local->name = p.name;
        p.local->type = s->tree->packet;
        sc.names = &p;
    }
    c->filter = cond_value(&sc, d->cond, &implied);
    bad = no_question(c->filter);
    if (bad) {
        m = diag_error(s->diags, bad->loc,
                       "the condition of a chain does not call C");
        diag_note(m, "it is asked before the packet is anybody's; an NF that "
                     "calls C can choose a way: exits, goto");
    }
}

/* ---- what is never asked ---- */

/* Whether b, which is declared before c, leaves it nothing at a port. */
static bool hides(struct sema *s, const struct chain *b, const struct chain *c)
{
    const struct port *p;
    struct diag *d;
    unsigned side;

    for (unsigned i = 0; i < 2; i++) {
        p = c->port[i];
        if (!p || b->filter_loc.src || !chain_enters(c, p, &side) ||
            !chain_enters(b, p, &side))
            continue;
        d = diag_error(s->diags, c->loc,
                       "chain '%s' would get nothing from port '%s': '%s' "
                       "takes all that arrives there",
                       c->name, p->name, b->name);
        diag_also(d, b->loc, "declared before");
        diag_hint(d,
                  "say what '%s' takes: chain %s (...) if p.tcp.dport == 80; "
                  "or declare '%s' first",
                  b->name, b->name, c->name);
        return true;
    }
    return false;
}

/* ---- which worker a packet belongs to, whatever chain takes it ---- */

static bool hands_out(const struct chain *c)
{
    const struct keyfact *f;

    LIST_EACH (f, &c->facts)
        if (f->kind == KEY_LEASES)
            return true;
    return false;
}

/* Whether both divide the packets from the port in the same way. */
static bool alike(const struct chain *b, const struct chain *c,
                  const struct port *p)
{
    unsigned of_b, of_c;

    chain_enters(b, p, &of_b);
    chain_enters(c, p, &of_c);
    if (b->key == KEY_NONE || c->key == KEY_NONE)
        return true;
    if (b->shards != c->shards)
        return false;
    if (b->shards == 1)
        return true;
    return b->key == c->key &&
           (b->key == KEY_TUPLE ||
            (of_b == of_c && !hands_out(b) && !hands_out(c)));
}

static const char *divides(struct sema *s, const struct chain *c)
{
    const char *by = c->key == KEY_TUPLE ? "whole flows"
                     : c->key == KEY_LEFT
                         ? arena_fmt(s->arena, "the end at '%s'", c->side[0])
                         : arena_fmt(s->arena, "the end at '%s'", c->side[1]);

    return arena_fmt(s->arena, "%u shard%s by %s%s", c->shards,
                     c->shards == 1 ? "" : "s", by,
                     hands_out(c) ? ", and by what it hands out" : "");
}

static void not_alike(struct sema *s, const struct chain *b,
                      const struct chain *c, const struct port *p)
{
    const struct chain *of[] = {b, c};
    const struct keyfact *f;
    struct diag *d = diag_error(
        s->diags, c->loc,
        "chains '%s' and '%s' share port '%s', but divide its packets in "
        "different ways",
        b->name, c->name, p->name);

    diag_also(d, b->loc, "the other chain");
    for (unsigned i = 0; i < 2; i++) {
        diag_note(d, "'%s' has %s", of[i]->name, divides(s, of[i]));
        f = of[i]->facts.first;
        if (f && of[i]->key != KEY_TUPLE)
            diag_also(d, f->loc, "'%s' of '%s' speaks for that", f->name,
                      f->at->name);
    }
    diag_hint(d, "the core that a packet belongs to has to be known before its "
                 "chain is: write shards = 1 in flows(...) of both, or give "
                 "one of them a port of its own");
}

/* What becomes of fragments is settled before the chain is known. */
static bool fragments_alike(struct sema *s, const struct chain *b,
                            const struct chain *c, const struct port *p)
{
    struct diag *d;

    if (!b->tracks || !c->tracks || b->fragments == c->fragments)
        return true;
    d = diag_error(s->diags, c->loc,
                   "chains '%s' and '%s' share port '%s', but do not say the "
                   "same of its fragments",
                   b->name, c->name, p->name);
    diag_also(d, b->loc, "the other chain");
    diag_note(d, "'%s' has fragments = %s, '%s' has fragments = %s", b->name,
              fragments_name[b->fragments], c->name,
              fragments_name[c->fragments]);
    diag_hint(d, "write the same in flows(...) of both");
    return false;
}

/* ---- all chains ---- */

static const struct port *shared_port(const struct chain *b,
                                      const struct chain *c)
{
    unsigned side;

    for (unsigned i = 0; i < 2; i++)
        if (c->port[i] && chain_enters(c, c->port[i], &side) &&
            chain_enters(b, c->port[i], &side))
            return c->port[i];
    return NULL;
}

static void join(struct sema *s, struct chain *b, struct chain *c)
{
    struct chain *x = b->group ? b->group : b, *y = c->group ? c->group : c;
    struct chain *first = NULL, *i;

    LIST_EACH (i, &s->tree->chains) {
        if (i != x && i != y && (!i->group || (i->group != x && i->group != y)))
            continue;
        first = first ? first : i;
        i->group = first;
    }
}

static void pair_check(struct sema *s, const struct chain *b,
                       const struct chain *c)
{
    unsigned side;

    for (unsigned i = 0; i < 2; i++)
        if (c->port[i] && chain_enters(c, c->port[i], &side) &&
            chain_enters(b, c->port[i], &side)) {
            if (!alike(b, c, c->port[i])) {
                not_alike(s, b, c, c->port[i]);
                return;
            }
            if (!fragments_alike(s, b, c, c->port[i]))
                return;
        }
}

void ingress_check(struct sema *s)
{
    struct chain *b, *c;
    bool hidden;

    LIST_EACH (c, &s->tree->chains) {
        hidden = false;
        if (c->filter && !c->group)
            c->group = c;
        for (b = s->tree->chains.first; b != c; b = b->next) {
            if (hidden || !shared_port(b, c))
                continue;
            hidden = hides(s, b, c);
            if (!hidden)
                pair_check(s, b, c);
            join(s, b, c);
        }
    }
}
