/* Inline chains: segments that waited enter, and which changes of streams an NF
 * sees. LANGUAGE.md, "Inline chains". */
#include "emit/emit.h"
#include <string.h>

bool emit_is_inline(const struct emit *e)
{
    const struct chain *c = e->chain->ir->source;

    return c->monitors && c->tcp.in_line;
}

/* Packets that were held enter, one after the other. */
void emit_inline_enter(struct emit *e)
{
    const char *chain = name_chain(e);
    const char *head = arena_fmt(e->arena, "static void gc_%s_enter(", chain);

    if (!emit_is_inline(e))
        return;
    cw_blank(e->w);
    cw(e->w, "/* Segments that are due now enter behind a packet. */");
    cw(e->w, "%sstruct nfl_worker *w, struct nfl_chain *chain,", head);
    cw(e->w, "%*sstruct nfl_session *session, unsigned from,",
       (int)strlen(head), "");
    cw(e->w, "%*sconst struct nfl_pkt *behind)", (int)strlen(head), "");
    cw_open(e->w, "%s", "");
    cw(e->w, "const struct gc_%s_session *s = (struct gc_%s_session *)session;",
       chain, chain);
    cw(e->w, "struct nfl_made *m;");
    emit_locals(e);
    cw_blank(e->w);
    cw_open(e->w,
            "while ((m = nfl_early_next(w, chain, session, from, gq_%s(s), "
            "behind)) != NULL)",
            chain);
    cw(e->w, "g_parse(&h, &m->pkt);");
    cw(e->w, "nflg_enter_again(&c, w, chain, &h, m);");
    emit_begin(e, "&c");
    cw(e->w, "gu_%s(&c, &h);", chain);
    emit_pass(e, "&h");
    emit_end(e, "&c");
    emit_pass_made(e, "&c");
    if (e->chain->refuses)
        cw(e->w, "bool over = nflg_end_refused(&c);");
    emit_go_on(e, "behind");
    if (e->chain->refuses) {
        cw_open(e->w, "if (over)");
        cw(e->w, "w->behind = NULL;");
        cw(e->w, "return;");
        cw_close(e->w, "");
    }
    cw_close(e->w, "");
    cw_close(e->w, "");
}

void emit_inline_behind(struct emit *e, const char *pkt)
{
    if (!emit_is_inline(e))
        return;
    cw(e->w, "if (nflg_holds(&c))");
    cw(e->w, "    gc_%s_enter(w, chain, c.session, c.back, %s);", name_chain(e),
       pkt);
}

void emit_passed(struct emit *e, const char *h)
{
    cw(e->w, "    nflg_leave%s(&c, %s, &g_sums);",
       emit_is_inline(e) ? "_fit" : "", h);
}

void emit_end_refused(struct emit *e)
{
    if (!emit_is_inline(e)) {
        cw(e->w, "nflg_end_refused(&c);");
        return;
    }
    cw(e->w, "if (nflg_end_refused(&c))");
    cw(e->w, "    c.session = NULL;");
}

/* The NFs, as a mask, that packets meet before n, and itself. */
static const char *before(struct emit *e, const struct plan_nf *n,
                          unsigned side, bool back)
{
    uint8_t order[64];
    unsigned count = emit_order(e->chain, back ? 1 - side : side, order), i;
    num_t mask = (num_t)1 << n->position;

    for (i = 0; i < count && order[i] != n->position;)
        i++;
    if (back)
        while (++i < count)
            mask |= (num_t)1 << order[i];
    else
        while (i-- > 0)
            mask |= (num_t)1 << order[i];
    return emit_num(e, mask, 64);
}

static bool asks_bytes(const struct plan_nf *n)
{
    const struct handler *h;

    LIST_EACH (h, &n->ir->source->nf->handlers)
        if (h->rank == RANK_DATA)
            return true;
    return false;
}

void emit_inline_before(struct emit *e, const struct plan_nf *n)
{
    bool two_way = e->chain->ir->source->two_way;

    if (!plan_changes(e->chain) || !asks_bytes(n))
        return;
    cw(e->w, "static const uint64_t before[] = {%s, %s, %s, %s};",
       before(e, n, 0, false), before(e, n, two_way, false),
       before(e, n, 0, two_way), before(e, n, two_way, two_way));
    cw_blank(e->w);
    cw(e->w, "c->before = before[c->side + 2 * c->back];");
}
