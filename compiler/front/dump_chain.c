/* ast_dump of chains, and of NFs that are chains. */
#include "front/dump.h"

static void dump_use(struct out *o, const struct ast_use_nf *u)
{
    const struct ast_branch *b;

    fputs(u->name, o->to);
    if (u->reason)
        fputc(' ', o->to);
    if (u->reason)
        dump_string(o, u->reason);
    dump_args(o, u->args.first, "()");
    if (u->as)
        fprintf(o->to, " as %s", u->as);
    if (!u->branches.n)
        return;
    fputs(" {\n", o->to);
    o->indent++;
    LIST_EACH (b, &u->branches) {
        dump_line(o);
        dump_names(o, b->exits.first, ", ");
        fputs(b->exits.n ? " ->" : "else ->", o->to);
        dump_uses(o, b->nfs.first, true);
        fputc('\n', o->to);
    }
    o->indent--;
    dump_line(o);
    fputc('}', o->to);
}

void dump_uses(struct out *o, const struct ast_use_nf *first, bool arrows)
{
    const struct ast_use_nf *u;

    o->indent++;
    for (u = first; u; u = u->next) {
        fputc('\n', o->to);
        dump_line(o);
        fputs(u == first || !arrows ? "" : "-> ", o->to);
        dump_use(o, u);
    }
    o->indent--;
}

static void dump_side(struct out *o, const struct ast_side *s)
{
    fprintf(o->to, "%s%s%s", s->label ? s->label : "", s->label ? " " : "",
            s->port);
}

void dump_chain(struct out *o, const struct ast_decl *d)
{
    fprintf(o->to, "chain %s (", d->name);
    dump_side(o, &d->side[0]);
    if (d->side[1].port) {
        fputs(d->two_way ? " <-> " : " -> ", o->to);
        dump_side(o, &d->side[1]);
    }
    fputc(')', o->to);
    dump_if(o, d->cond);
    if (d->has_flows) {
        fputs(" with flows", o->to);
        dump_args(o, d->flows.first, "()");
    }
    fputs(d->intents ? " = {" : " =", o->to);
    dump_uses(o, d->nfs.first, !d->intents);
    if (d->intents)
        fputs("\n}", o->to);
}
