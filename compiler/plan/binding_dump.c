/* Binding times as text, for people and golden tests. */
#include "plan/binding.h"
#include <stdlib.h>
#include <string.h>

static void dump_why(const struct why *w, FILE *to)
{
    fprintf(to, ": %s (%u)", w->text, loc_linecol(w->loc).line);
    if (w->by)
        fprintf(to, ", which %s (%u)", w->by, loc_linecol(w->by_loc).line);
}

static void dump_time(const struct binding *b, FILE *to)
{
    fputs(time_name[b->time], to);
    if (b->why)
        dump_why(b->why, to);
}

static void dump_what(const struct ir_stmt *s, FILE *to)
{
    if (s->local)
        fprintf(to, " %s", s->local->name);
    if (s->field)
        fprintf(to, " %s.%s", s->field->header->name, s->field->name);
    if (s->var)
        fprintf(to, " %s", s->var->name);
    if (s->table)
        fprintf(to, " %s", s->table->var->name);
    if (s->member)
        fprintf(to, " %s()", s->member->name);
    if (s->stack)
        fprintf(to, " %s", s->stack->text);
    if (s->event)
        fprintf(to, " %s", s->event->path);
}

static void dump_block(const struct bindings *b, const struct ir_block *block,
                       unsigned side, unsigned depth, FILE *to);

static void dump_flips(const struct bound *n, FILE *to)
{
    const struct flip *f;

    LIST_EACH (f, &n->flips)
        fprintf(to, "%s%s (%u)", f == n->flips.first ? "; flipped by " : ", ",
                f->var->name, loc_linecol(f->stmt->loc).line);
    if (n->class == BOUND_GUARDED && n->asks_packet)
        fputs(n->flips.n ? ", asks packets too" : "; asks packets", to);
}

static void dump_stmt(const struct bindings *b, const struct ir_stmt *s,
                      unsigned side, unsigned depth, FILE *to)
{
    const struct bound *n = binding_of(b, s, side);

    fprintf(to, "%*s%s", (int)depth * 2, "", ir_op_name[s->op]);
    dump_what(s, to);
    fprintf(to, " (%u): ", loc_linecol(s->loc).line);
    if (n->class)
        fprintf(to, "%s, ", bound_name[n->class]);
    dump_time(&n->binding, to);
    dump_flips(n, to);
    if (n->clash)
        fprintf(to, "; cannot wait: %s %s (%u)", n->clash->nf->source->name,
                n->clash->text, loc_linecol(n->clash->loc).line);
    fputc('\n', to);
    dump_block(b, s->body, side, depth + 1, to);
    if (s->other && s->other->stmts.n) {
        fprintf(to, "%*s%s\n", (int)depth * 2, "",
                s->op == IR_if ? "else" : "or");
        dump_block(b, s->other, side, depth + 1, to);
    }
}

static void dump_block(const struct bindings *b, const struct ir_block *block,
                       unsigned side, unsigned depth, FILE *to)
{
    const struct ir_stmt *s;

    if (block)
        LIST_EACH (s, &block->stmts)
            dump_stmt(b, s, side, depth, to);
}

/* "dead", or in which shapes it is not, if it is so in some. */
static void dump_shapes(const struct bindings *b, uint32_t shapes, FILE *to)
{
    const struct plan_shape *s;
    uint32_t all = (uint32_t)(((uint64_t)1 << b->shapes.n) - 1);

    if (shapes == all)
        return;
    fputs("      only for", to);
    LIST_EACH (s, &b->shapes)
        if (shapes >> (s->number - 1) & 1)
            fprintf(to, "%s %s",
                    shapes & ((1u << (s->number - 1)) - 1) ? "," : "", s->text);
    fputc('\n', to);
}

static void dump_way(const struct bindings *b, const struct bound_handler *h,
                     unsigned side, FILE *to)
{
    const struct bound_way *w = &h->way[side];

    if (!w->shapes) {
        fputs("      dead\n", to);
        return;
    }
    if (!h->apart) {
        fprintf(to, "      %s, runs ", bound_name[w->class]);
        dump_time(&w->guard, to);
        fputc('\n', to);
        dump_shapes(b, w->shapes, to);
    }
    dump_block(b, h->ir->guard, side, 3, to);
    dump_block(b, h->ir->body, side, 3, to);
}

static char *way_text(const struct bindings *b, const struct bound_handler *h,
                      unsigned side)
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);

    if (!to)
        abort();
    dump_way(b, h, side, to);
    fclose(to);
    return text;
}

/* What is the same for both sides is said once. */
static void dump_handler(const struct bindings *b, const struct chain *c,
                         const struct bound_handler *h, FILE *to)
{
    char *text[2] = {way_text(b, h, 0), way_text(b, h, 1)};
    bool same = !c->two_way || strcmp(text[0], text[1]) == 0;

    fprintf(to, "    handler %u: %s, %s%s\n", h->ir->index,
            raiser_name[h->ir->source->raiser], h->ir->source->events,
            h->apart ? ", apart" : "");
    for (unsigned side = 0; side < (same ? 1 : 2); side++) {
        if (!same)
            fprintf(to, "     from %s\n", c->side[side]);
        fputs(text[side], to);
    }
    free(text[0]);
    free(text[1]);
}

void binding_dump(const struct bindings *b, FILE *to)
{
    const struct bound_chain *c;
    const struct bound_handler *h;
    const struct ir_nf *n;

    LIST_EACH (c, &b->chains) {
        fprintf(to, "chain %s\n", c->ir->source->name);
        LIST_EACH (n, &c->ir->nfs) {
            fprintf(to, "  %u %s\n", n->source->index, n->source->name);
            LIST_EACH (h, &c->handlers)
                if (h->nf == n)
                    dump_handler(b, c->ir->source, h, to);
        }
    }
}
