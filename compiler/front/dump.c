/* ast_dump: the declarations of the main file, much as they were written,
 * with parentheses around every operation. */
#include "front/dump.h"
#include "front/pass.h"

#include "base/text.h"
#include <string.h>

static void dump_expr(struct out *o, const struct ast_expr *e);
static void dump_block(struct out *o, const struct ast_block *b);
static void dump_type(struct out *o, const struct ast_type *t);

const char *ast_op_text(enum ast_op op)
{
    static const char *const texts[] = {
        [OP_ADD] = "+",   [OP_SUB] = "-",  [OP_MUL] = "*", [OP_DIV] = "/",
        [OP_MOD] = "%",   [OP_AND] = "&",  [OP_OR] = "|",  [OP_XOR] = "^",
        [OP_SHL] = "<<",  [OP_SHR] = ">>", [OP_EQ] = "==", [OP_NE] = "!=",
        [OP_LT] = "<",    [OP_LE] = "<=",  [OP_GT] = ">",  [OP_GE] = ">=",
        [OP_LAND] = "&&", [OP_LOR] = "||", [OP_NOT] = "!", [OP_NEG] = "~",
    };

    return texts[op];
}

void dump_line(struct out *o)
{
    fprintf(o->to, "%*s", (int)(4 * o->indent), "");
}

static void dump_doc(struct out *o, const char *doc)
{
    const char *end;

    while (doc) {
        end = strchr(doc, '\n');
        dump_line(o);
        fprintf(o->to, "///%s%.*s\n", *doc && *doc != '\n' ? " " : "",
                end ? (int)(end - doc) : (int)strlen(doc), doc);
        doc = end ? end + 1 : NULL;
    }
}

/* ---- expressions ---- */

void dump_string(struct out *o, const char *s)
{
    fputc('"', o->to);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(o->to, "\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", o->to);
        else if (*s == '\t')
            fputs("\\t", o->to);
        else if ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f)
            fprintf(o->to, "\\x%02x", (unsigned char)*s);
        else
            fputc(*s, o->to);
    }
    fputc('"', o->to);
}

static void dump_literal(struct out *o, const struct ast_expr *e)
{
    char buf[NUM_TEXT];

    switch (e->lit) {
    case LIT_INT:
        fputs(num_text(buf, e->num), o->to);
        break;
    case LIT_IPV4:
        fputs(ipv4_text(buf, e->num), o->to);
        break;
    case LIT_IPV6:
        fputs(ipv6_text(buf, e->num), o->to);
        break;
    case LIT_MAC:
        fputs(mac_text(buf, e->num), o->to);
        break;
    case LIT_DURATION:
        fprintf(o->to, "%sns", num_text(buf, e->num));
        break;
    case LIT_STRING:
        dump_string(o, e->text);
        break;
    }
}

/* Opening and closing sign around the list. */
void dump_args(struct out *o, const struct ast_arg *a, const char *signs)
{
    fputc(signs[0], o->to);
    for (; a; a = a->next) {
        if (a->name)
            fprintf(o->to, "%s = ", a->name);
        dump_expr(o, a->value);
        if (a->next)
            fputs(", ", o->to);
    }
    fputc(signs[1], o->to);
}

static void dump_pair(struct out *o, const struct ast_expr *e, const char *op)
{
    fputc('(', o->to);
    dump_expr(o, e->a);
    fputs(op, o->to);
    dump_expr(o, e->b);
    fputc(')', o->to);
}

static void dump_binary(struct out *o, const struct ast_expr *e)
{
    char op[8];

    snprintf(op, sizeof(op), " %s ", ast_op_text(e->op));
    dump_pair(o, e, op);
}

static void dump_expr(struct out *o, const struct ast_expr *e)
{
    switch (e->kind) {
    case AE_LIT:
        dump_literal(o, e);
        break;
    case AE_PREFIX:
        dump_literal(o, e);
        fprintf(o->to, "/%u", e->plen);
        break;
    case AE_NAME:
        fputs(e->text, o->to);
        break;
    case AE_DOT:
        dump_expr(o, e->a);
        fprintf(o->to, ".%s", e->text);
        break;
    case AE_HAS:
        fputc('(', o->to);
        dump_expr(o, e->a);
        fprintf(o->to, " has %s)", e->text);
        break;
    case AE_CALL:
        dump_expr(o, e->a);
        dump_args(o, e->args.first, "()");
        break;
    case AE_INDEX:
        dump_expr(o, e->a);
        fputc('[', o->to);
        dump_expr(o, e->b);
        fputc(']', o->to);
        break;
    case AE_UNARY:
        fputs(ast_op_text(e->op), o->to);
        dump_expr(o, e->a);
        break;
    case AE_BINARY:
        dump_binary(o, e);
        break;
    case AE_IN:
        dump_pair(o, e, " in ");
        break;
    case AE_RANGE:
        dump_pair(o, e, "..");
        break;
    case AE_SET:
        dump_args(o, e->args.first, "{}");
        break;
    case AE_TUPLE:
        dump_args(o, e->args.first, "()");
        break;
    }
}

/* ---- types, parameters ---- */

static void dump_parts(struct out *o, const struct ast_type *t)
{
    static const char signs[][3] = {
        [AT_RANGE] = "[]", [AT_TUPLE] = "()", [AT_TABLE] = "[]"};
    const struct ast_type *part;

    fputc(signs[t->kind][0], o->to);
    LIST_EACH (part, &t->parts) {
        dump_type(o, part);
        if (part->next)
            fputs(t->kind == AT_TABLE ? " -> " : ", ", o->to);
    }
    fputc(signs[t->kind][1], o->to);
}

static void dump_type(struct out *o, const struct ast_type *t)
{
    fputs(t->name ? t->name : "", o->to);
    if (t->kind == AT_RANGE || t->kind == AT_TUPLE || t->kind == AT_TABLE)
        dump_parts(o, t);
    if (t->kind == AT_OBJECT || t->kind == AT_TABLE)
        dump_args(o, t->args.first, "()");
    if (t->optional)
        fputc('?', o->to);
}

static void dump_typed(struct out *o, const char *name,
                       const struct ast_type *t)
{
    fprintf(o->to, "%s: ", name);
    dump_type(o, t);
}

static void dump_params_in(struct out *o, const ast_params *params,
                           const char *brackets)
{
    const struct ast_param *p;

    fputc(brackets[0], o->to);
    LIST_EACH (p, params) {
        dump_typed(o, p->name, p->type);
        if (p->def) {
            fputs(" = ", o->to);
            dump_expr(o, p->def);
        }
        if (p->next)
            fputs(", ", o->to);
    }
    fputc(brackets[1], o->to);
}

static void dump_params(struct out *o, const ast_params *params)
{
    dump_params_in(o, params, "()");
}

void dump_names(struct out *o, const struct ast_name *n, const char *by)
{
    for (; n; n = n->next)
        fprintf(o->to, "%s%s", n->text, n->next ? by : "");
}

void dump_if(struct out *o, const struct ast_expr *cond)
{
    if (!cond)
        return;
    fputs(" if ", o->to);
    dump_expr(o, cond);
}

static void dump_values(struct out *o, const ast_enumvals *values)
{
    const struct ast_enumval *v;

    fputs(" { ", o->to);
    LIST_EACH (v, values) {
        fprintf(o->to, "%s = ", v->name);
        dump_expr(o, v->value);
        fputs(v->next ? ", " : " }", o->to);
    }
}

/* ---- statements ---- */

static void dump_drop(struct out *o, const struct ast_stmt *s)
{
    fprintf(o->to, "drop%s", s->flow ? " flow" : s->opened ? " new" : "");
    if (s->reason) {
        fputc(' ', o->to);
        dump_string(o, s->reason);
    }
}

static void dump_return(struct out *o, const struct ast_stmt *s)
{
    if (s->kind == AS_RETURN)
        fputs("return", o->to);
    else
        fprintf(o->to, "goto %s%s", s->flow ? "flow " : "", s->name);
}

static void dump_alt(struct out *o, const struct ast_alt *alt)
{
    if (alt->kind == ALT_NONE)
        return;
    fputs(" or ", o->to);
    if (alt->kind == ALT_DROP)
        dump_drop(o, alt->block->stmts.first);
    else if (alt->kind == ALT_RETURN)
        dump_return(o, alt->block->stmts.first);
    else if (alt->kind == ALT_VALUE)
        dump_expr(o, alt->value);
    else
        dump_block(o, alt->block);
}

static void dump_cond(struct out *o, const struct ast_stmt *s)
{
    fputs("if ", o->to);
    dump_expr(o, s->value);
    fputc(' ', o->to);
    dump_block(o, s->body);
    if (s->other) {
        fputs(" else ", o->to);
        dump_block(o, s->other);
    }
}

static void dump_match(struct out *o, const struct ast_stmt *s)
{
    const struct ast_arm *a;
    const struct ast_expr *e;

    fputs("match ", o->to);
    dump_expr(o, s->value);
    fputs(" {\n", o->to);
    o->indent++;
    LIST_EACH (a, &s->arms) {
        dump_line(o);
        LIST_EACH (e, &a->patterns) {
            dump_expr(o, e);
            fputs(e->next ? ", " : " -> ", o->to);
        }
        dump_block(o, a->body);
        fputc('\n', o->to);
    }
    if (s->other) {
        dump_line(o);
        fputs("else -> ", o->to);
        dump_block(o, s->other);
        fputc('\n', o->to);
    }
    o->indent--;
    dump_line(o);
    fputc('}', o->to);
}

static void dump_stmt(struct out *o, const struct ast_stmt *s)
{
    dump_line(o);
    switch (s->kind) {
    case AS_LET:
        fprintf(o->to, "let %s = ", s->name);
        dump_expr(o, s->value);
        break;
    case AS_ASSIGN:
        dump_expr(o, s->target);
        fprintf(o->to,
                " %s= ", s->op < 0 ? "" : ast_op_text((enum ast_op)s->op));
        dump_expr(o, s->value);
        break;
    case AS_IF:
        dump_cond(o, s);
        break;
    case AS_DROP:
        dump_drop(o, s);
        break;
    case AS_RETURN:
    case AS_GOTO:
        dump_return(o, s);
        break;
    case AS_EXPR:
        dump_expr(o, s->value);
        break;
    case AS_MATCH:
        dump_match(o, s);
        break;
    case AS_EVENT:
        fprintf(o->to, "%s %s", s->name, s->path->text);
        if (s->args.n)
            dump_args(o, s->args.first, "()");
        break;
    case AS_FOR:
        fprintf(o->to, "for %s in ", s->name);
        dump_expr(o, s->value);
        fputc(' ', o->to);
        dump_block(o, s->body);
        break;
    }
    dump_alt(o, &s->alt);
    fputc('\n', o->to);
}

static void dump_block(struct out *o, const struct ast_block *b)
{
    const struct ast_stmt *s;

    fputs("{\n", o->to);
    o->indent++;
    LIST_EACH (s, &b->stmts)
        dump_stmt(o, s);
    o->indent--;
    dump_line(o);
    fputc('}', o->to);
}

/* ---- declarations ---- */

static void dump_type_decl(struct out *o, const struct ast_decl *d)
{
    const struct ast_type *t;

    fprintf(o->to, "type %s = ", d->name);
    if (d->type)
        dump_type(o, d->type);
    LIST_EACH (t, &d->alts) {
        dump_type(o, t);
        fputs(t->next ? " | " : "", o->to);
    }
    if (d->like) {
        fputs(" like ", o->to);
        dump_expr(o, d->like);
    }
}

static void dump_roles(struct out *o, const struct ast_role *r)
{
    for (; r; r = r->next)
        fprintf(o->to, "%s = %s%s", r->role, r->field, r->next ? ", " : "");
}

static void dump_word_expr(struct out *o, const char *word,
                           const struct ast_expr *e)
{
    fputs(word, o->to);
    dump_expr(o, e);
}

static void dump_hline(struct out *o, const struct ast_hline *l)
{
    switch (l->kind) {
    case AH_FIELD:
        dump_typed(o, l->name, l->type);
        if (l->flags.n)
            dump_values(o, &l->flags);
        if (l->def)
            dump_word_expr(o, " = ", l->def);
        break;
    case AH_MARK:
        fputs(l->name, o->to);
        return;
    case AH_SIZE:
        dump_word_expr(o, "size ", l->expr);
        return;
    case AH_END:
        dump_word_expr(o, "end ", l->expr);
        fputs(l->optional ? " optional" : "", o->to);
        return;
    case AH_VALID:
        dump_word_expr(o, "valid ", l->expr);
        return;
    case AH_NEXT:
        fprintf(o->to, "next %s", l->name);
        if (l->as)
            fprintf(o->to, " as %s", l->as);
        break;
    case AH_FLOW:
        fputs("flow ", o->to);
        dump_roles(o, l->roles.first);
        break;
    case AH_NOFLOW:
        fputs("flow none", o->to);
        break;
    case AH_CHECKSUM:
        fprintf(o->to, "checksum %s over ", l->name);
        dump_names(o, l->names.first, ", ");
        fputs(l->optional ? " optional" : "", o->to);
        break;
    case AH_PSEUDO:
        fputs("pseudo ", o->to);
        dump_names(o, l->names.first, ", ");
        break;
    }
    dump_if(o, l->expr);
}

static void dump_header(struct out *o, const struct ast_decl *d)
{
    const struct ast_after *a;
    const struct ast_hline *l;
    const struct ast_expr *v;

    fprintf(o->to, "header %s %s", d->name, d->first ? "first" : "after ");
    LIST_EACH (a, &d->after) {
        fputs(a->name, o->to);
        LIST_EACH (v, &a->values) {
            fputs(v == a->values.first ? "(" : ", ", o->to);
            dump_expr(o, v);
            fputs(v->next ? "" : ")", o->to);
        }
        fputs(a->next ? ", " : "", o->to);
    }
    if (d->more)
        return;
    fputs(" {\n", o->to);
    o->indent++;
    LIST_EACH (l, &d->lines) {
        dump_doc(o, l->doc);
        dump_line(o);
        dump_hline(o, l);
        fputc('\n', o->to);
    }
    o->indent--;
    fputc('}', o->to);
}

static void dump_event(struct out *o, const struct ast_decl *d)
{
    fprintf(o->to, "event %s ", d->name);
    dump_params(o, &d->params);
    dump_if(o, d->cond);
    if (d->raised)
        fprintf(o->to, " raised by %s", d->raised);
}

static void dump_member(struct out *o, const struct ast_member *m)
{
    fprintf(o->to, "%s%s%s", m->fn ? "fn " : "", m->name, m->fn ? "" : ": ");
    if (m->fn)
        dump_params(o, &m->params);
    if (m->fn && m->type)
        fputs(" -> ", o->to);
    if (m->type)
        dump_type(o, m->type);
    fputs(m->marks.n ? " " : "", o->to);
    dump_names(o, m->marks.first, " ");
}

/* from "a.c" link "x" */
static void dump_file(struct out *o, const ast_names *c_file)
{
    const struct ast_name *n;
    bool word = false;

    if (c_file->n)
        fputs(" from", o->to);
    LIST_EACH (n, c_file) {
        fprintf(o->to,
                !word             ? " \"%s\""
                : *n->text == ',' ? "%s"
                                  : " %s",
                n->text);
        word = !word;
    }
}

static void dump_extern(struct out *o, const struct ast_decl *d)
{
    const struct ast_member *m;

    if (d->plain) {
        fputs("extern ", o->to);
        dump_member(o, d->members.first);
        dump_file(o, &d->c_file);
        return;
    }
    fprintf(o->to, "extern type %s ", d->name);
    dump_params(o, &d->params);
    dump_file(o, &d->c_file);
    fputs(" {\n", o->to);
    o->indent++;
    LIST_EACH (m, &d->members) {
        dump_doc(o, m->doc);
        dump_line(o);
        dump_member(o, m);
        fputc('\n', o->to);
    }
    o->indent--;
    fputc('}', o->to);
}

static void dump_handler(struct out *o, const struct ast_handler *h)
{
    const struct ast_path *path;

    dump_doc(o, h->doc);
    dump_line(o);
    if (h->period)
        dump_word_expr(o, "on timer ", h->period);
    else
        fputs(h->events.n ? "on " : "when ", o->to);
    LIST_EACH (path, &h->events)
        fprintf(o->to, "%s%s", path->text, path->next ? ", " : "");
    if (h->name)
        fprintf(o->to, " as %s", h->name);
    fputs(h->asleep ? " asleep" : "", o->to);
    if (h->from)
        fprintf(o->to, " %s %s", h->at ? "at" : "from", h->from);
    if (h->binders.n) {
        fputs(" (", o->to);
        dump_names(o, h->binders.first, ", ");
        fputc(')', o->to);
    }
    if (h->events.n)
        dump_if(o, h->cond);
    else if (h->cond)
        dump_expr(o, h->cond);
    fputc(' ', o->to);
    dump_block(o, h->body);
    fputc('\n', o->to);
}

static void dump_nf(struct out *o, const struct ast_decl *d)
{
    const struct ast_handler *h;
    const struct ast_var *v;

    fprintf(o->to, "nf %s ", d->name);
    dump_params(o, &d->params);
    if (d->nfs.n) {
        fputs(" =", o->to);
        dump_uses(o, d->nfs.first, true);
        return;
    }
    fputs(" {\n", o->to);
    o->indent++;
    if (d->exits.n) {
        dump_line(o);
        fputs("exits ", o->to);
        dump_names(o, d->exits.first, ", ");
        fputc('\n', o->to);
    }
    LIST_EACH (v, &d->vars) {
        dump_doc(o, v->doc);
        dump_line(o);
        fprintf(o->to, "%s ", v->storage);
        dump_typed(o, v->name, v->type);
        fputc('\n', o->to);
    }
    LIST_EACH (h, &d->handlers)
        dump_handler(o, h);
    o->indent--;
    fputc('}', o->to);
}

static void dump_decl(struct out *o, const struct ast_decl *d)
{
    dump_doc(o, d->doc);
    switch (d->kind) {
    case AD_USE:
        fputs("use ", o->to);
        dump_names(o, d->path.first, ".");
        break;
    case AD_TYPE:
        dump_type_decl(o, d);
        break;
    case AD_ENUM:
        fprintf(o->to, "enum %s: ", d->name);
        dump_type(o, d->type);
        dump_values(o, &d->values);
        break;
    case AD_STRUCT:
        fprintf(o->to, "struct %s ", d->name);
        dump_params_in(o, &d->params, "{}");
        break;
    case AD_HEADER:
        dump_header(o, d);
        break;
    case AD_EVENT:
        dump_event(o, d);
        break;
    case AD_EXTERN:
        dump_extern(o, d);
        break;
    case AD_NF:
        dump_nf(o, d);
        break;
    case AD_CHAIN:
        dump_chain(o, d);
        break;
    case AD_FN:
        fprintf(o->to, "fn %s", d->name);
        dump_params(o, &d->params);
        if (d->body)
            dump_block(o, d->body);
        if (!d->type)
            break; /* an action, or one that was not written to its end */
        fputs(" -> ", o->to);
        dump_type(o, d->type);
        dump_word_expr(o, " = ", d->cond);
        break;
    case AD_TEST:
        fputs("test ", o->to);
        dump_string(o, d->name);
        break;
    }
    fputc('\n', o->to);
}

void ast_dump(const struct ast *ast, FILE *to)
{
    struct out o = {to, 0};
    const struct ast_decl *d;

    LIST_EACH (d, &ast->decls)
        if (d->src == ast->main)
            dump_decl(&o, d);
}
