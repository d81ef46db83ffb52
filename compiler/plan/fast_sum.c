/* Can checksums follow the stores to header fields one by one? Only where no
 * word of a packet is written twice: what counts is how it left against how it
 * arrived (LANGUAGE.md, rule 14). */
#include "plan/fast.h"
#include "plan/plan.h"

enum { WORDS_MAX = 64 };

struct words { /* that were written so far, on the way at hand */
    struct word {
        const struct header *header;
        unsigned number; /* of 16 bits, in the header */
    } at[WORDS_MAX];
    unsigned n;
    const struct row_map *row;
    bool twice; /* or too many, or not to be followed */
};

static void write_word(struct words *w, const struct header *h, unsigned number)
{
    for (unsigned i = 0; i < w->n; i++)
        w->twice |= w->at[i].header == h && w->at[i].number == number;
    if (w->n == WORDS_MAX)
        w->twice = true;
    else
        w->at[w->n++] = (struct word){h, number};
}

static void write_field(struct words *w, const struct field *f)
{
    w->twice |= f->cond || f->real;
    for (unsigned i = f->bit_off / 16; i <= (f->bit_off + f->bits - 1) / 16;
         i++)
        write_word(w, f->header, i);
}

static void in_block(struct words *w, const struct ir_block *b);

/* Either of the blocks runs: what both wrote was written once. */
static void in_branches(struct words *w, const struct ir_block *a,
                        const struct ir_block *b)
{
    struct words other = *w;
    unsigned before = w->n, i;

    if (a)
        in_block(w, a);
    if (b)
        in_block(&other, b);
    w->twice |= other.twice;
    for (i = before; i < other.n; i++) {
        bool twice = w->twice;

        write_word(w, other.at[i].header, other.at[i].number);
        w->twice = twice || w->n == WORDS_MAX;
    }
}

static void in_block(struct words *w, const struct ir_block *b)
{
    const struct ir_stmt *s;

    LIST_EACH (s, &b->stmts) {
        if (w->row->skips[s->number])
            continue;
        if (s->op == IR_store_field)
            write_field(w, s->field);
        w->twice |= s->op == IR_sums_now || s->op == IR_encap ||
                    s->op == IR_decap || (s->op == IR_call && s->member->edits);
        if (s->body || s->other)
            in_branches(w, s->body, s->other);
    }
}

bool fast_writes_once(const struct plan *p, const struct plan_chain *c,
                      unsigned side)
{
    const struct plan_step *s;
    const struct plan_handler *h;
    struct words w = {.row = &p->rows[side]};

    LIST_EACH (s, &c->stages.first->order[side])
        LIST_EACH (h, &s->nf->run[RAISE_PACKET]) {
            if (!fast_may_run(p, h->ir))
                continue;
            in_block(&w, h->ir->guard);
            in_block(&w, h->ir->body);
        }
    return !w.twice;
}
