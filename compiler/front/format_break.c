/* Where the formatter breaks a line that is too long: a block of statements
 * into its lines, else at the outermost sign, at the latest that fits. No
 * break may be one that the grammar sees. */
#include "front/format.h"

#include "front/parse.h"
#include <string.h>

struct place {
    unsigned at;   /* the item that begins the next line */
    unsigned cost; /* the brackets around it, then the sign */
    bool fits;
};

enum { NO_PLACE = 1000, PER_BRACKET = 10 };

static bool is_open(int kind)
{
    return kind == '(' || kind == '[' || kind == '{';
}

static bool is_close(int kind)
{
    return kind == ')' || kind == ']' || kind == '}';
}

/* What a break before v[i] costs; NO_PLACE: it must not be there. `arrows`:
 * of a declaration as chain .. = A -> B. */
static unsigned sign_cost(const struct fitem *v, unsigned i, bool in_parens,
                          bool arrows)
{
    int last = v[i - 1].kind, kind = v[i].kind;

    if ((kind == T_WITH && last == ')') || (last == '=' && arrows))
        return in_parens ? NO_PLACE : 0;
    if (kind == T_ARROW || kind == T_BOTH)
        return in_parens ? 8 : 1;
    if (kind == T_LOR || kind == T_OR)
        return 2;
    if (kind == T_LAND)
        return 3;
    if (last == ',' || last == ';')
        return 4;
    if (last == '=' || last == T_OP_SET)
        return in_parens ? NO_PLACE : 5;
    if (last == T_SUM || last == T_PRODUCT || last == T_SHIFT || last == '|' ||
        last == '&' || last == '^')
        return 6;
    return last == '(' || last == '[' ? 9 : NO_PLACE;
}

/* Is there an arrow or `with` outside of all brackets? */
static bool has_arrow(const struct fitems *f, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        if (f->v[i].kind == T_ARROW || f->v[i].kind == T_WITH)
            return true;
        if (f->v[i].partner > i)
            i = f->v[i].partner;
    }
    return false;
}

/* The best place of [from, to), whose widths are those of one line. */
static struct place best_place(const struct fitems *f, unsigned from,
                               unsigned to, unsigned column)
{
    struct place best = {0, NO_PLACE * PER_BRACKET, false};
    unsigned depth = 0, parens = 0, cost;
    bool fits, arrows = has_arrow(f, from, to);

    for (unsigned i = from; i < to; i++) {
        const struct fitem *x = &f->v[i];

        if (is_close(x->kind) && depth) {
            depth--;
            parens -= parens && x->kind != '}';
        }
        cost = i > from ? sign_cost(f->v, i, parens > 0, arrows) : NO_PLACE;
        fits = column <= FORMAT_WIDTH;
        if (cost < NO_PLACE) {
            cost += depth * PER_BRACKET;
            if (best.at == 0 || (fits && cost <= best.cost) ||
                (!best.fits && !fits && cost < best.cost))
                best = (struct place){i, cost, fits};
        }
        if (is_open(x->kind)) {
            depth++;
            parens += x->kind != '{';
        }
        column += x->len + (i > from && format_blank(f, i));
    }
    return best;
}

/* A '{' stands behind what it belongs to. A block over several lines has its
 * first and its last on lines of their own. */
void format_braces(struct fitems *f)
{
    for (unsigned i = 1; i < f->n; i++) {
        struct fitem *x = &f->v[i];
        unsigned first = i + 1;
        bool broken = false;

        if (x->kind != '{' || x->set || x->partner == i)
            continue;
        x->brk &= x->item || x[-1].kind == FORMAT_COMMENT;
        for (unsigned k = first; k <= x->partner; k++)
            broken |= f->v[k].brk;
        while (f->v[first].kind == FORMAT_COMMENT && !f->v[first].brk)
            first++;
        f->v[first].brk |= broken;
        f->v[x->partner].brk |= broken;
    }
}

/* The outermost block of [from, to): breaks it into lines. */
static bool break_block(struct fitems *f, unsigned from, unsigned to)
{
    for (unsigned i = from; i + 1 < to; i++) {
        struct fitem *x = &f->v[i];

        if (x->kind != '{' || x->set || x->partner >= to || x->partner == i + 1)
            continue;
        for (unsigned k = i + 1; k < x->partner; k++) {
            f->v[k].brk |= k == i + 1 || f->v[k].item;
            if (f->v[k].partner > k)
                k = f->v[k].partner;
        }
        f->v[x->partner].brk = true;
        return true;
    }
    return false;
}

bool format_break(struct fitems *f, unsigned from, unsigned to, unsigned indent)
{
    struct place p;

    if (break_block(f, from, to))
        return true;
    p = best_place(f, from, to, indent);
    if (!p.at)
        return false;
    f->v[p.at].brk = true;
    return true;
}
