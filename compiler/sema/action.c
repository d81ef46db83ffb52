/* Actions: functions of statements. A call is the statements with the arguments
 * in the place of the parameters, so nothing of actions is left in the typed
 * tree. */
#include "sema/sema.h"
#include <ctype.h>

/* encap_vxlan of p.encap(vxlan, ...), reply_reset of p.reply(reset), or NULL. A
 * header alone is just that header. */
static const struct ast_decl *header_action(struct scope *sc,
                                            const struct ast_expr *e)
{
    const struct ast_arg *a = e->args.first;
    const struct ast_decl *d;

    if (!a || a->name || a->value->kind != AE_NAME ||
        (!a->next && header_named(sc->sema, a->value->text)))
        return NULL;
    d = function_named(sc->sema, arena_fmt(sc->sema->arena, "%s_%s", e->a->text,
                                           a->value->text));
    return d && d->body ? d : NULL;
}

const struct ast_decl *action_called(struct scope *sc, const struct ast_expr *e)
{
    const struct ast_decl *d = NULL;

    if (e->kind != AE_CALL)
        return NULL;
    if (e->a->kind == AE_NAME)
        d = function_named(sc->sema, e->a->text);
    else if (e->a->kind == AE_DOT && access_packet(sc, e->a->a))
        d = stack_call(sc, e) ? header_action(sc, e)
                              : function_named(sc->sema, e->a->text);
    return d && d->body ? d : NULL;
}

/* The arguments of the call, the packet in front if it stands there. */
static const struct ast_arg *arguments(struct scope *sc,
                                       const struct ast_expr *e)
{
    struct ast_arg *packet;

    if (e->a->kind == AE_NAME)
        return e->args.first;
    packet = ARENA_NEW(sc->sema->arena, struct ast_arg);
    packet->value = e->a->a;
    packet->next = stack_call(sc, e) ? e->args.first->next : e->args.first;
    return packet;
}

/* Values are computed once, before. */
static void bind(struct scope *sc, struct scope *in, struct targ *args,
                 struct tblock *to)
{
    struct tstmt *let;

    for (; args; args = args->next) {
        struct texpr *v = args->value;

        if (v->kind == TE_CONST || v->type->kind == TY_OBJECT) {
            scope_bind(in, args->param->name, NULL, v);
            continue;
        }
        let = tstmt_new(sc, TS_LET, v->loc);
        let->value = v;
        let->local = hidden_local(sc, v->loc, v->type);
        LIST_ADD(&to->stmts, let);
        scope_bind(in, args->param->name, let->local, NULL);
    }
}

void action_into(struct scope *sc, const struct ast_stmt *s,
                 const struct ast_decl *d, struct tblock *to)
{
    const struct ast_expr *e = s->value;
    struct calling c = {d, sc->calling,
                        sc->calling ? sc->calling->depth + 1 : 1};
    struct scope in = *sc;
    struct targ *args;
    params ps = {0};

    if (calls_itself(sc, e, d))
        return;
    function_params(sc, d, &ps);
    if (!bind_args(sc, arguments(sc, e), &ps, e->loc,
                   arena_fmt(sc->sema->arena, "'%s'", d->name), &args))
        return;
    in.names = NULL;
    in.calling = &c;
    in.caller = s->alt.kind == ALT_NONE ? sc->caller : sc;
    in.call = s->alt.kind == ALT_NONE ? sc->call : s;
    bind(sc, &in, args, to);
    block_into(&in, d->body, to);
    sc->present = in.present;
    sc->gone = in.gone;
    sc->added = in.added;
}

/* emit_flow_tcp_terminate of FLOW/TCP/TERMINATE: what an NF asks the stack for
 * by saying an event that the stack raises. */
static const char *name_of_event(struct sema *s, const char *path)
{
    char *name = arena_fmt(s->arena, "emit_%s", path);

    for (char *c = name; *c; c++)
        *c = *c == '/' ? '_' : (char)tolower((unsigned char)*c);
    return name;
}

bool action_asked(struct scope *sc, const struct ast_stmt *s, struct tblock *to)
{
    struct sema *sema = sc->sema;
    const struct event *e = event_named(sema, s->path->text);
    const struct ast_decl *d;
    struct calling c = {NULL, sc->calling, 1};
    struct scope in = *sc;
    struct local *packet;
    params ps = {0};

    if (!e || e->raiser == RAISE_EMIT || s->args.n || !sc->packet ||
        !sema->tree->packet)
        return false;
    d = function_named(sema, name_of_event(sema, e->path));
    if (!d || !d->body)
        return false;
    c.fn = d;
    c.depth = sc->calling ? sc->calling->depth + 1 : 1;
    function_params(sc, d, &ps);
    in.names = NULL;
    in.calling = &c;
    packet = hidden_local(sc, s->loc, sema->tree->packet);
    if (ps.first)
        scope_bind(&in, ps.first->name, packet, NULL);
    block_into(&in, d->body, to);
    return true;
}

void action_check(struct scope *sc, const struct ast_decl *d)
{
    struct nf nf = {.name = d->name};
    struct handler h = {
        .nf = &nf, .raiser = RAISE_PACKET, .events = "an action"};
    struct tblock b = {0};

    sc->nf = &nf;
    sc->handler = &h;
    block_into(sc, d->body, &b);
}
