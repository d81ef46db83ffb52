/* The typed tree as text, in the notation of the source with every type and
 * derived condition written out: for --dump=types. */
#include "sema/pass.h"
#include "sema/tree.h"

static void expr(const struct texpr *e, FILE *to);

static void number(num_t n, FILE *to)
{
    if (n > UINT64_MAX)
        fprintf(to, "0x%llx%016llx", (unsigned long long)(n >> 64),
                (unsigned long long)n);
    else
        fprintf(to, "%llu", (unsigned long long)n);
}

static void ipv4(num_t n, FILE *to)
{
    unsigned a = (unsigned)n;

    fprintf(to, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
}

static void constant(const struct value *v, const struct type *t, FILE *to)
{
    const struct enumval *e;
    const struct part *p;
    unsigned i = 0;

    if (t->kind == TY_UNION)
        t = t->alt[v->alt];
    LIST_EACH (e, &t->values) {
        if (e->value == v->u) {
            fputs(e->name, to);
            return;
        }
    }
    if (t->kind == TY_BOOL) {
        fputs(v->u ? "true" : "false", to);
    } else if (t->kind == TY_STRING || t->kind == TY_FILE) {
        fprintf(to, "\"%s\"", v->str);
    } else if (t->kind == TY_TUPLE) {
        fputc('(', to);
        LIST_EACH (p, &t->parts) {
            fputs(i ? ", " : "", to);
            constant(&v->parts[i++], p->type, to);
        }
        fputc(')', to);
    } else if (t->form == LIT_IPV4) {
        ipv4(v->u, to);
    } else {
        number(v->u, to);
        if (t->kind == TY_RANGE) {
            fputs("..", to);
            number(v->hi, to);
        }
    }
}

static void args(const struct targ *a, FILE *to)
{
    fputc('(', to);
    for (; a; a = a->next) {
        if (a->value)
            expr(a->value, to);
        else
            fputc('-', to);
        fputs(a->next ? ", " : "", to);
    }
    fputc(')', to);
}

static void in(const struct texpr *e, FILE *to)
{
    const struct titem *i;

    expr(e->a, to);
    fputs(" in {", to);
    LIST_EACH (i, &e->items) {
        expr(i->lo, to);
        if (i->hi != i->lo) {
            fputs("..", to);
            expr(i->hi, to);
        }
        fputs(i->next ? ", " : "}", to);
    }
}

static void wrapped(const char *before, const struct texpr *e, FILE *to)
{
    fprintf(to, "%s(", before);
    expr(e, to);
    fputc(')', to);
}

/* k in t, t[k], t[k] = v, t[k] += v, remove t[k] */
static void access(const struct texpr *e, FILE *to)
{
    if (e->access == ACCESS_HAS) {
        expr(e->a, to);
        fprintf(to, " in %s", e->var->name);
        return;
    }
    fprintf(to, "%s%s[", e->access == ACCESS_REMOVE ? "remove " : "",
            e->var->name);
    expr(e->a, to);
    fputc(']', to);
    for (unsigned i = 0; i < e->depth; i++)
        fprintf(to, ".%u", e->path[i]);
    if (e->access == ACCESS_UPDATE)
        fprintf(to, " %s= ", ast_op_text(e->op));
    else if (access_makes(e->access) && e->access != ACCESS_CELL)
        fputs(e->b ? " = " : " added", to);
    if (e->b)
        expr(e->b, to);
}

/* dispatch */
static void expr(const struct texpr *e, FILE *to)
{
    switch (e->kind) {
    case TE_CONST:
        constant(&e->value, e->type, to);
        break;
    case TE_PARAM:
        fputs(e->param->name, to);
        break;
    case TE_LOCAL:
        fputs(e->local ? e->local->name : "p", to);
        break;
    case TE_VAR:
        fputs(e->var->name, to);
        break;
    case TE_FIELD:
        fprintf(to, "%s.%s", e->field->header->name, e->field->name);
        break;
    case TE_HAS:
        fprintf(to, "has %s", e->header->name);
        break;
    case TE_BYTES:
        fprintf(to, "%s.bytes", e->header->name);
        break;
    case TE_GET:
        expr(e->a, to);
        fprintf(to, ".%s", e->member->name);
        break;
    case TE_CALL:
        if (e->a)
            expr(e->a, to);
        else if (e->cell)
            fputs(e->cell->name, to);
        fprintf(to, "%s%s", e->a || e->cell ? "." : "", e->member->name);
        args(e->args.first, to);
        break;
    case TE_NOT:
        wrapped("!", e->a, to);
        break;
    case TE_COMPL:
        wrapped("~", e->a, to);
        break;
    case TE_BINARY:
        wrapped("", e->a, to);
        fprintf(to, " %s ", ast_op_text(e->op));
        wrapped("", e->b, to);
        break;
    case TE_IN:
        in(e, to);
        break;
    case TE_CAST:
        wrapped(e->type->name, e->a, to);
        break;
    case TE_TUPLE:
        args(e->args.first, to);
        break;
    case TE_PART:
        expr(e->a, to);
        fprintf(to, ".%u", e->part);
        break;
    case TE_NEW:
        fputs(e->type->name, to);
        args(e->args.first, to);
        break;
    case TE_TABLE:
        access(e, to);
        break;
    case TE_AWAKE:
        fprintf(to, "awake(%u)", e->part);
        break;
    case TE_LOW:
        wrapped("first", e->a, to);
        break;
    case TE_HIGH:
        wrapped("last", e->a, to);
        break;
    }
}

void texpr_print(const struct texpr *e, FILE *to)
{
    expr(e, to);
}

static void block(const struct tblock *b, int depth, FILE *to);

static void indent(int depth, FILE *to)
{
    fprintf(to, "%*s", depth * 4, "");
}

static void assign(const char *what, const char *name, const char *type,
                   const struct texpr *e, FILE *to)
{
    fprintf(to, "%s%s: %s = ", what, name, type);
    expr(e, to);
    fputc('\n', to);
}

static void call(const struct tstmt *s, int depth, FILE *to)
{
    if (s->local)
        fprintf(to, "let %s: %s = ", s->local->name, s->local->type->name);
    expr(s->value, to);
    if (s->alt_value) {
        fputs(" or ", to);
        expr(s->alt_value, to);
    }
    fputc('\n', to);
    if (s->alt) {
        indent(depth, to);
        fputs("or\n", to);
        block(s->alt, depth + 1, to);
    }
}

static void stack(const struct tstmt *s, int depth, FILE *to)
{
    const struct tlayer *l;
    const struct tset *set;

    fputs(s->kind == TS_ENCAP     ? "add"
          : s->kind == TS_DECAP   ? "remove"
          : stack_turns(s->stack) ? "turn"
          : s->back               ? "reply"
                                  : "send",
          to);
    LIST_EACH (l, &s->stack->layers) {
        fprintf(to, " %s", l->header->name);
        LIST_EACH (set, &l->sets) {
            fprintf(to, "%s%s = ", set == l->sets.first ? "(" : ", ",
                    set->field->name);
            expr(set->value, to);
            fputs(set->next ? "" : ")", to);
        }
        fputs(l->next ? " /" : "", to);
    }
    if (s->stack->up) {
        fputs(" after ", to);
        expr(s->stack->up, to);
    }
    if (s->kind == TS_MAKE && s->value) {
        fprintf(to, "%s %u bytes of ", stack_turns(s->stack) ? "" : " /",
                (unsigned)s->most);
        expr(s->value, to);
    }
    fputc('\n', to);
    if (!s->alt)
        return;
    indent(depth, to);
    fputs("or\n", to);
    block(s->alt, depth + 1, to);
}

static void branch(const struct tstmt *s, int depth, FILE *to)
{
    fputs("if ", to);
    expr(s->value, to);
    fputc('\n', to);
    block(s->body, depth + 1, to);
    if (!s->other)
        return;
    indent(depth, to);
    fputs("else\n", to);
    block(s->other, depth + 1, to);
}

static void stmt(const struct tstmt *s, int depth, FILE *to)
{
    indent(depth, to);
    switch (s->kind) {
    case TS_LET:
        assign("let ", s->local->name, s->local->type->name, s->value, to);
        break;
    case TS_FIELD:
        fprintf(to, "%s.", s->field->header->name);
        assign("", s->field->name, s->field->type->name, s->value, to);
        break;
    case TS_VAR:
        fprintf(to, "%s ", storage_name[s->var->storage]);
        assign("", s->var->name, s->var->type->name, s->value, to);
        break;
    case TS_IF:
        branch(s, depth, to);
        break;
    case TS_DROP:
        fprintf(to, "drop%s \"%s\"\n",
                s->flow     ? " flow"
                : s->opened ? " new"
                            : "",
                s->reason->text);
        break;
    case TS_RETURN:
        fputs("return\n", to);
        break;
    case TS_ENCAP:
    case TS_DECAP:
    case TS_MAKE:
        stack(s, depth, to);
        break;
    case TS_GOTO:
        fprintf(to, "goto %s%s\n", s->flow ? "flow " : "", s->exit->name);
        break;
    case TS_CALL:
    case TS_TABLE:
        call(s, depth, to);
        break;
    case TS_EMIT:
        fprintf(to, "emit %s", s->event->path);
        args(s->args.first, to);
        fputc('\n', to);
        break;
    }
}

static void block(const struct tblock *b, int depth, FILE *to)
{
    const struct tstmt *s;

    LIST_EACH (s, &b->stmts)
        stmt(s, depth, to);
}

static void rules(const struct handler *h, FILE *to)
{
    const struct ruleref *r;

    if (h->period) {
        fputs(" every ", to);
        expr(h->period, to);
    }
    LIST_EACH (r, &h->rules)
        fprintf(to, ", then the rule at line %u",
                loc_linecol(r->rule->loc).line);
}

static void handler(const struct handler *h, FILE *to)
{
    fprintf(to, "    on %s (raised by %s)", h->events, raiser_name[h->raiser]);
    if (h->from == FROM_SIDE)
        fprintf(to, " %s side %s", h->other ? "at" : "from", h->side);
    else if (h->from != FROM_ANY)
        fprintf(to, " from %s", h->from == FROM_CLIENT ? "client" : "server");
    if (h->needs_flow)
        fputs(" of a flow", to);
    if (h->when) {
        fputs(" if ", to);
        expr(h->when, to);
    }
    rules(h, to);
    fputc('\n', to);
    block(h->body, 2, to);
}

static void variable(const struct var *v, FILE *to)
{
    const struct table *t = v->table;

    fprintf(to, "    %s %s: %s", storage_name[v->storage], v->name,
            v->type->name);
    if (t) {
        fputs("(size = ", to);
        expr(t->size, to);
        fprintf(to, ", %s = ", t->idle ? "idle" : "timeout");
        if (t->time)
            expr(t->time, to);
        else
            fputs("never", to);
        fprintf(to, ", full = %s)", full_name[t->full]);
    }
    fputc('\n', to);
}

static void nf(const struct nf *n, FILE *to)
{
    const struct param *p;
    const struct var *v;
    const struct handler *h;

    fprintf(to, "nf %s\n", n->name);
    LIST_EACH (p, &n->params)
        fprintf(to, "    param %s: %s\n", p->name, p->type->name);
    LIST_EACH (v, &n->vars)
        variable(v, to);
    LIST_EACH (h, &n->handlers)
        handler(h, to);
}

static void chain(const struct chain *c, FILE *to)
{
    const struct position *p;
    const struct ownidle *o;

    fprintf(to, "chain %s (%s %s", c->name, c->side[0], c->port[0]->name);
    if (c->port[1])
        fprintf(to, " %s %s %s", c->two_way ? "<->" : "->", c->side[1],
                c->port[1]->name);
    fputs(")\n", to);
    if (c->filter) {
        fputs("    if ", to);
        texpr_print(c->filter, to);
        fputc('\n', to);
    }
    if (c->tracks)
        fprintf(to,
                "    flows %llu, opening %llums, idle %llums, closing %llums, "
                "%s, %u shards%s%s\n",
                (unsigned long long)c->flows, (unsigned long long)c->opening,
                (unsigned long long)c->idle, (unsigned long long)c->closing,
                full_name[c->full], c->shards,
                c->fragments ? ", fragments " : "",
                c->fragments ? fragments_name[c->fragments] : "");
    LIST_EACH (o, &c->own)
        fprintf(to, "    %s %llums\n", o->name, (unsigned long long)o->ticks);
    LIST_EACH (p, &c->nfs) {
        fprintf(to, "    %s", p->name);
        args(p->args.first, to);
        fputc('\n', to);
    }
}

/* Of the main file, and the chains of all. */
void tree_dump(const struct tree *t, FILE *to)
{
    const struct nf *n;
    const struct chain *c;

    LIST_EACH (n, &t->nfs)
        if (n->src == t->main)
            nf(n, to);
    LIST_EACH (c, &t->chains)
        chain(c, to);
}
