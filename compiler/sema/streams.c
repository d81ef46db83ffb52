/* What a chain says of TCP streams in flows(...), and whether it needs the
 * monitor. */
#include "sema/sema.h"

static const num_t KIB = 1024;

static const struct stream_rules usual = {.pool = 16 * 1024 * 1024,
                                          .keep = 16 * 1024};
static const num_t USUAL_HELD = 16384; /* packets */

static num_t bytes(struct scope *sc, const struct ast_arg *a, num_t least,
                   num_t most)
{
    return flows_number(sc, a, type_uint(sc->sema, 64), least, most,
                        arena_fmt(sc->sema->arena, "`%s` (bytes)", a->name));
}

/* Which of the names it says; 0 and an error if none. */
static unsigned word(struct scope *sc, const struct ast_arg *a,
                     const char *const *names)
{
    const char *all = "";
    struct diag *d;
    unsigned n = 0;

    for (; names[n]; n++) {
        if (a->value->kind == AE_NAME && strcmp(a->value->text, names[n]) == 0)
            return n;
        all =
            arena_fmt(sc->sema->arena, "%s%s%s", all, n ? ", " : "", names[n]);
    }
    d = diag_error(sc->sema->diags, a->value->loc, "`%s` is one of %s", a->name,
                   all);
    if (a->value->kind == AE_NAME)
        hint_near(d, a->value->text, names, n);
    return 0;
}

bool streams_arg(struct scope *sc, struct chain *c, const struct ast_arg *a)
{
    static const char *const midstream[] = {"pick", "ignore", NULL};
    static const char *const sums[] = {"check", "trust", NULL};
    static const char *const mode[] = {"tap", "inline", NULL};
    const char *n = a->name ? a->name : "";

    if (strcmp(n, "streams") == 0)
        c->tcp.pool = bytes(sc, a, KIB, KIB << 30);
    else if (strcmp(n, "ahead") == 0)
        c->tcp.ahead = bytes(sc, a, KIB, KIB << 10);
    else if (strcmp(n, "keep") == 0)
        c->tcp.keep = bytes(sc, a, 256, 64 * KIB);
    else if (strcmp(n, "unacked") == 0)
        c->tcp.unacked = bytes(sc, a, 256, KIB << 10);
    else if (strcmp(n, "overlap") == 0)
        c->tcp.overlap = (enum overlap)word(sc, a, overlap_name);
    else if (strcmp(n, "midstream") == 0)
        c->tcp.ignores = word(sc, a, midstream);
    else if (strcmp(n, "checksums") == 0)
        c->tcp.trusts = word(sc, a, sums);
    else if (strcmp(n, "mode") == 0)
        c->tcp.in_line = word(sc, a, mode);
    else if (strcmp(n, "held") == 0)
        c->tcp.held = flows_number(sc, a, type_uint(sc->sema, 64), 1, 64 * KIB,
                                   "`held` (packets that wait for their turn)");
    else
        return false;
    return true;
}

void note_monitors(struct scope *sc, const struct member *m)
{
    if (m->keeps && sc->nf)
        sc->nf->keeps = true;
    if (m->changes && sc->nf)
        sc->nf->changes = true;
    if (m->monitors && sc->handler)
        sc->handler->monitors = true;
    else if (m->monitors && sc->event)
        sc->event->monitors = true;
}

void streams_usual(struct chain *c)
{
    c->tcp = usual;
}

/* A stream with fragments in it has holes. */
static void check_fragments(struct sema *s, const struct chain *c)
{
    if (!c->streams || c->fragments != FRAGMENTS_TRACK)
        return;
    diag_hint(diag_warning(s->diags, c->loc,
                           "the bytes of TCP segments that come in fragments "
                           "are missing in the streams of chain '%s'",
                           c->name),
              "fragments = reassemble, or refuse");
}

/* Where they wait they are not looked at again. */
static void check_waits(struct sema *s, const struct chain *c,
                        const struct position *who)
{
    const struct position *p;

    LIST_EACH (p, &c->nfs)
        if (p->nf->holds)
            diag_error(s->diags, c->loc,
                       "in chain '%s' '%s' changes bytes of streams, and '%s' "
                       "lets packets wait: not both can be in one chain",
                       c->name, who->name, p->name);
}

/* Who changes bytes must have them before the receiver. */
static void check_changes(struct sema *s, const struct chain *c)
{
    const struct position *p;

    LIST_EACH (p, &c->nfs) {
        if (!p->nf->changes)
            continue;
        if (!c->tcp.in_line)
            diag_hint(diag_error(s->diags, c->loc,
                                 "'%s' changes bytes of streams, but through "
                                 "chain '%s' segments pass at once",
                                 p->name, c->name),
                      "mode = inline in its flows(...)");
        check_waits(s, c, p);
        return;
    }
}

static void check_inline(struct sema *s, const struct chain *c)
{
    if (c->tcp.held && !c->tcp.in_line)
        diag_hint(diag_error(s->diags, c->loc,
                             "chain '%s' says how many packets are held, but "
                             "segments pass at once",
                             c->name),
                  "mode = inline in its flows(...)");
    if (c->tcp.in_line && !c->streams)
        diag_warning(s->diags, c->loc,
                     "chain '%s' is inline, but no NF asks for bytes of "
                     "streams: nothing is held",
                     c->name);
}

void streams_check(struct sema *s, struct chain *c)
{
    const struct position *p;
    const struct handler *h;

    LIST_EACH (p, &c->nfs)
        LIST_EACH (h, &p->nf->handlers) {
            c->monitors |= h->monitors;
            c->streams |= h->rank == RANK_DATA;
        }
    check_fragments(s, c);
    check_changes(s, c);
    check_inline(s, c);
    if (!c->tcp.held)
        c->tcp.held = USUAL_HELD;
    if (!c->tcp.ahead)
        c->tcp.ahead = (c->tcp.in_line ? 1024 : 64) * KIB;
}
