/* The IR as text, for people and golden tests. */
#include "ir/ir.h"

const char *const ir_op_name[IR_OP_N] = {
#define EXPR(name, operands, result) [IR_##name] = #name,
#define STMT(name)                   [IR_##name] = #name,
#include "ir/ir_op.def"
#undef EXPR
#undef STMT
};

static void indent(FILE *to, unsigned depth)
{
    fprintf(to, "%*s", (int)depth * 2, "");
}

/* Decimal while that is short, else hexadecimal. */
static void dump_num(FILE *to, num_t n)
{
    if (n < 100000)
        fprintf(to, "%u", (unsigned)n);
    else if (n >> 64)
        fprintf(to, "0x%llx%016llx", (unsigned long long)(n >> 64),
                (unsigned long long)n);
    else
        fprintf(to, "0x%llx", (unsigned long long)n);
}

static void dump_type(FILE *to, struct ir_type t)
{
    static const char *const name[] = {
        [IR_NUM] = "u",         [IR_BOOL] = "bool",     [IR_ADDR] = "addr",
        [IR_STRING] = "string", [IR_OBJECT] = "object", [IR_VOID] = "void",
        [IR_WORDS] = "words",
    };

    fputs(name[t.kind], to);
    if (t.kind == IR_NUM)
        fprintf(to, "%u", t.bits);
}

static void dump_expr(FILE *to, const struct ir_expr *e);

static void dump_items(FILE *to, const struct ir_expr *e)
{
    const struct ir_item *i;

    LIST_EACH (i, &e->items) {
        fprintf(to, i == e->items.first ? " {" : ", ");
        if (e->a && e->a->type.kind == IR_ADDR)
            fprintf(to, "v%d ", i->v6 ? 6 : 4);
        dump_expr(to, i->lo);
        if (i->lo == i->hi)
            continue;
        fputs("..", to);
        dump_expr(to, i->hi);
    }
    if (e->items.n)
        fputc('}', to);
}

/* What a node names, besides its operands. */
static void dump_name(FILE *to, const struct ir_expr *e)
{
    if (e->local)
        fprintf(to, " %s", e->local->name);
    if (e->var)
        fprintf(to, " %s", e->var->name);
    else if (e->object)
        fprintf(to, " %s", e->object->name);
    if (e->config)
        fprintf(to, " %s%s", e->config->name, e->num ? ".." : "");
    if (e->field)
        fprintf(to, " %s.%s", e->field->header->name, e->field->name);
    if (e->header)
        fprintf(to, " %s", e->header->name);
    if (e->member)
        fprintf(to, " .%s", e->member->name);
    if (e->op == IR_entry)
        fprintf(to, " .%u", e->part);
    if (e->op == IR_from_side || e->op == IR_address || e->op == IR_awake)
        fprintf(to, " %u", (unsigned)e->num);
}

static void dump_expr(FILE *to, const struct ir_expr *e)
{
    if (e->op == IR_const) {
        if (e->type.kind == IR_ADDR)
            fputs(e->v6 ? "v6:" : "v4:", to);
        dump_num(to, e->num);
        return;
    }
    if (e->op == IR_str) {
        fprintf(to, "\"%s\"", e->str);
        return;
    }
    fprintf(to, "(%s", ir_op_name[e->op]);
    if (e->op == IR_cast || e->op == IR_number)
        dump_type(to, e->type);
    dump_name(to, e);
    if (e->a) {
        fputc(' ', to);
        dump_expr(to, e->a);
    }
    if (e->b) {
        fputc(' ', to);
        dump_expr(to, e->b);
    }
    dump_items(to, e);
    fputc(')', to);
}

static void dump_block(FILE *to, const struct ir_block *b, unsigned depth);

static void dump_sub(FILE *to, const char *what, const struct ir_block *b,
                     unsigned depth)
{
    if (!b)
        return;
    indent(to, depth);
    fprintf(to, "%s\n", what);
    dump_block(to, b, depth + 1);
}

static void dump_others(FILE *to, const struct ir_stmt *s)
{
    const struct ir_result *r;

    LIST_EACH (r, &s->results) {
        if (!r->other)
            continue;
        fputs(r == s->results.first ? " or " : ", ", to);
        dump_expr(to, r->other);
    }
}

static void dump_call(FILE *to, const struct ir_stmt *s)
{
    const struct ir_expr *a;

    fputc(' ', to);
    if (s->self)
        dump_expr(to, s->self);
    fprintf(to, "%s%s", s->self ? " ." : "", s->member->name);
    LIST_EACH (a, &s->args) {
        fputc(' ', to);
        dump_expr(to, a);
    }
    dump_others(to, s);
}

static void dump_list(FILE *to, const ir_exprs *list)
{
    const struct ir_expr *e;

    LIST_EACH (e, list) {
        dump_expr(to, e);
        fputs(e->next ? ", " : "", to);
    }
}

static void dump_access(FILE *to, const struct ir_stmt *s)
{
    if (s->table) {
        fprintf(to, " %s[", s->table->var->name);
        dump_list(to, &s->args);
        fputc(']', to);
    }
    if (s->member)
        fprintf(to, " .%s", s->member->name);
    if (s->part)
        fprintf(to, ".%u", s->part);
    if (s->values.n) {
        fputs(" = ", to);
        dump_list(to, &s->values);
    }
    dump_others(to, s);
}

static void dump_local(FILE *to, const struct ir_local *l)
{
    fprintf(to, " %s:", l->name);
    dump_type(to, l->type);
}

static void dump_stmt(FILE *to, const struct ir_stmt *s, unsigned depth)
{
    static const char *const update[] = {
        [UP_ADD] = "add", [UP_SUB] = "sub", [UP_OR] = "or",
        [UP_AND] = "and", [UP_MAX] = "max", [UP_MIN] = "min",
    };
    const struct ir_result *r;
    bool call = s->op == IR_call || s->op == IR_find || s->op == IR_find_has ||
                s->table || s->op == IR_cell;

    indent(to, depth);
    fputs(ir_op_name[s->op], to);
    if (s->local)
        dump_local(to, s->local);
    LIST_EACH (r, &s->results)
        dump_local(to, r->local);
    if (s->field)
        fprintf(to, " %s.%s", s->field->header->name, s->field->name);
    if (s->var)
        fprintf(to, " %s", s->var->name);
    if (s->op == IR_update_atomic)
        fprintf(to, " %s", update[s->update]);
    if (s->reason)
        fprintf(to, " \"%s\"", s->reason->text);
    if (s->stack) {
        fprintf(to, " %s", s->stack->text);
        fputs(s->values.n ? " with " : "", to);
        dump_list(to, &s->values);
    }
    if (s->event) {
        fprintf(to, " %s ", s->event->path);
        dump_list(to, &s->args);
    }
    if (s->op == IR_goto || s->op == IR_goto_flow)
        fprintf(to, " %u", s->part);
    if (s->table || s->op == IR_cell)
        dump_access(to, s);
    else if (call)
        dump_call(to, s);
    if (s->value) {
        fputc(' ', to);
        dump_expr(to, s->value);
    }
    fprintf(to, "  ; line %u\n", loc_linecol(s->loc).line);
    dump_block(to, s->body, depth + 1);
    if (s->other && s->other->stmts.n)
        dump_sub(to, call || s->stack ? "or" : "else", s->other, depth);
}

static void dump_block(FILE *to, const struct ir_block *b, unsigned depth)
{
    const struct ir_stmt *s;

    if (b)
        LIST_EACH (s, &b->stmts)
            dump_stmt(to, s, depth);
}

static void dump_handler(FILE *to, const struct ir_handler *h)
{
    fprintf(to, "    handler %u: %s, %s\n", h->index,
            raiser_name[h->source->raiser], h->source->events);
    dump_block(to, h->guard, 3);
    if (h->when) {
        fputs("      when ", to);
        dump_expr(to, h->when);
        fputc('\n', to);
    }
    dump_block(to, h->body, 3);
}

static void dump_filter(FILE *to, const struct ir_handler *h)
{
    dump_block(to, h->guard, 1);
    fputs("  takes ", to);
    dump_expr(to, h->when);
    fputc('\n', to);
}

static void dump_object(FILE *to, const struct ir_object *o)
{
    const struct ir_expr *a;

    fprintf(to, "    object %u: %s %s", o->index, o->name, o->type->name);
    LIST_EACH (a, &o->args) {
        fputc(' ', to);
        dump_expr(to, a);
    }
    fputc('\n', to);
}

static void dump_table(FILE *to, const struct ir_table *t)
{
    fprintf(to, "    table %u: %s, size ", t->index, t->var->name);
    dump_num(to, t->size);
    fprintf(to, ", %s ", t->var->table->idle ? "idle" : "timeout");
    dump_num(to, t->ticks);
    fprintf(to, ", full %s\n", full_name[t->var->table->full]);
}

static void dump_chain(FILE *to, const struct ir_chain *c)
{
    const struct ir_table *t;
    const struct ir_nf *n;
    const struct ir_object *o;
    const struct ir_handler *h;

    fprintf(to, "chain %s\n", c->source->name);
    if (c->filter)
        dump_filter(to, c->filter);
    LIST_EACH (n, &c->nfs) {
        fprintf(to, "  %u %s\n", n->source->index, n->source->name);
        LIST_EACH (o, &c->objects)
            if (o->nf == n)
                dump_object(to, o);
        LIST_EACH (t, &c->tables)
            if (t->nf == n)
                dump_table(to, t);
        LIST_EACH (h, &n->handlers)
            dump_handler(to, h);
    }
}

static void dump_part(FILE *to, const char *name, const struct ir_expr *e)
{
    if (!e)
        return;
    fprintf(to, "  %s ", name);
    dump_expr(to, e);
    fputc('\n', to);
}

static void dump_header(FILE *to, const struct ir_header *h)
{
    const struct ir_given *g;

    fprintf(to, "header %s\n", h->source->name);
    dump_part(to, "valid", h->valid);
    dump_part(to, "size", h->size);
    dump_part(to, "end", h->end);
    dump_part(to, "next if", h->select_if);
    LIST_EACH (g, &h->given)
        dump_part(to, g->source->none ? "flow none if" : "flow if", g->cond);
}

void ir_dump(const struct ir *ir, FILE *to)
{
    const struct ir_header *h;
    const struct ir_chain *c;

    LIST_EACH (h, &ir->headers)
        if (h->valid || h->size || h->end || h->select_if || h->given.n)
            dump_header(to, h);
    LIST_EACH (c, &ir->chains)
        dump_chain(to, c);
}
