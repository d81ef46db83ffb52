/* nflc explain: which way packets take past the NFs of a chain. */
#include "tool/explain.h"
#include "base/arena.h"

#include "sema/tree.h"

static void explain_steps(const struct step *first, FILE *to);

static void explain_branches(const struct step *s, FILE *to)
{
    const struct branch *b;
    const struct exit *x;

    fputs(" { ", to);
    LIST_EACH (b, &s->branches) {
        LIST_EACH (x, &s->at->nf->exits)
            if (b->exits >> x->number & 1)
                fprintf(to, "%s ", x->name);
        fprintf(to, "%s-> ", b->exits & 1 ? "else " : "");
        explain_steps(b->steps.first, to);
        if (b->out)
            fprintf(to, "%sout", b->steps.first ? " -> " : "");
        else if (!b->steps.first)
            fputs("next", to);
        fputs(b->next ? "; " : " }", to);
    }
}

static void explain_steps(const struct step *first, FILE *to)
{
    const struct step *s;

    for (s = first; s; s = s->next) {
        fprintf(to, "%s%s", s == first ? "" : " -> ", s->at->name);
        if (s->branches.first)
            explain_branches(s, to);
    }
}

/* ---- which packets it takes ---- */

const char *explain_filter(struct arena *a, const struct chain *c)
{
    const struct loc *at = &c->filter_loc;
    char *text, *to;

    if (!at->src)
        return "";
    text = to = arena_strn(a, at->src->text + at->off, at->len);
    for (const char *p = text; *p; p++) {
        *to = *p == '\n' || *p == '\t' ? ' ' : *p;
        to += to == text || *to != ' ' || to[-1] != ' ';
    }
    *to = '\0';
    return text;
}

/* The chains that are asked before it at a port. */
static void explain_port(const struct tree *tree, const struct chain *c,
                         const struct port *p, bool *begun, FILE *to)
{
    const struct chain *b;
    unsigned side, n = 0;

    if (!p || !chain_enters(c, p, &side))
        return;
    for (b = tree->chains.first; b != c; b = b->next)
        if (chain_enters(b, p, &side)) {
            fprintf(to, "%s%s",
                    n++      ? ", "
                    : *begun ? "; "
                             : "  asked behind: ",
                    b->name);
            *begun = true;
        }
    if (n)
        fprintf(to, " at %s", p->name);
}

void explain_ingress(struct arena *a, const struct tree *tree,
                     const struct chain *c, FILE *to)
{
    bool begun = false;

    if (!c->group)
        return;
    fprintf(to, "  takes: %s%s\n",
            c->tracks ? "packets of its flows, and others " : "packets ",
            c->filter_loc.src ? explain_filter(a, c) : "that are left");
    explain_port(tree, c, c->port[0], &begun, to);
    explain_port(tree, c, c->port[1], &begun, to);
    if (begun)
        fputc('\n', to);
}

/* ---- its way ---- */

/* Pairs of which no rule says which comes first. */
static void explain_free(const struct chain *c, FILE *to)
{
    const struct position *a, *b;
    unsigned n = 0;

    LIST_EACH (a, &c->nfs)
        for (b = a->next; b; b = b->next)
            if (a->item != b->item && !(c->ruled[b->item] >> a->item & 1))
                fprintf(to, "%s%s and %s",
                        n++ ? ", " : "  left free: ", a->name, b->name);
    if (n)
        fputs(", in the order of mention\n", to);
}

void explain_way(const struct chain *c, FILE *to)
{
    if (!c->branches && !c->ruled)
        return;
    fputs("  way: ", to);
    explain_steps(c->steps.first, to);
    fputc('\n', to);
    if (c->ruled)
        explain_free(c, to);
}
