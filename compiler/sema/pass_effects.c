/* pass effects: what each handler reads, writes and may do.
 * needs: tree   provides: effects   invalidates: nothing
 * Sets hold what may happen on some path; nothing is annotated by authors
 * but the functions of extern types. */
#include "base/arena.h"
#include "sema/effect.h"
#include "sema/pass.h"
#include "unit.h"

struct walk {
    struct arena *arena;
    const struct tree *tree;
    struct effect *e;
};

static bool same(const struct effref *a, const struct effref *b)
{
    return a->field == b->field && a->var == b->var && a->member == b->member &&
           a->header == b->header && a->whole == b->whole &&
           a->bytes == b->bytes && texpr_same(a->key, b->key);
}

static void add(struct walk *w, effrefs *to, struct effref what)
{
    struct effref *r;

    /* An inner header may be the outermost one of its kind, too. */
    if (what.field && what.field->real)
        what.field = what.field->real;
    if (what.header && what.header->of) {
        struct effref of = {.header = what.header->of, .loc = what.loc};

        add(w, to, of);
        what.header = what.header->real;
    }
    LIST_EACH (r, to)
        if (same(r, &what))
            return;
    /* Options may be the same bytes; those of any stand for them all. */
    if (what.field && header_is_option(what.field->header)) {
        const struct header *of = what.field->header->of;
        struct effref any = {.loc = what.loc};

        any.field = option_any(w->tree, of)->fields.first;
        if (any.field != what.field)
            add(w, to, any);
    }
    r = ARENA_NEW(w->arena, struct effref);
    *r = what;
    LIST_ADD(to, r);
}

static void walk_expr(struct walk *w, const struct texpr *e);

/* What is asked of the payload reads the packet's property of that name. */
static bool of_payload(const struct walk *w, const struct member *m)
{
    return w->tree->payload && m->object->type == w->tree->payload->type;
}

static void note_rewrite(struct walk *w, const struct texpr *e)
{
    bool ends[2];

    call_ends(e, ends);
    w->e->ends[0] |= ends[0];
    w->e->ends[1] |= ends[1];
    if (!w->e->rewrites)
        w->e->rewrite_loc = e->loc;
    w->e->rewrites = true;
}

/* What is handed the flow may ask for all of its tuple. */
static void note_whole(struct walk *w, const struct texpr *e)
{
    struct effref r = {0};
    const struct targ *a;

    LIST_EACH (a, &e->args) {
        if (!a->value || a->value->type != w->tree->flow)
            continue;
        r.whole = a->value->type->object;
        r.loc = a->value->loc;
        add(w, &w->e->reads, r);
    }
}

/* The numbers of a cell, and what its settings ask; an entry is walk_access'.
 */
static void walk_cell(struct walk *w, const struct texpr *e)
{
    struct effref r = {.loc = e->loc};
    const struct targ *a;

    LIST_EACH (a, &e->cell->args)
        walk_expr(w, a->value);
    r.var = e->cell->first;
    for (unsigned i = 0; r.var && i < e->cell->type->numbers; i++) {
        add(w, &w->e->reads, r);
        add(w, &w->e->writes, r);
        r.var = r.var->next;
    }
}

/* An object that functions change is state, of which they ask or change what
 * their key says, or all of it. */
static void walk_object(struct walk *w, const struct texpr *e)
{
    struct effref r = {.loc = e->loc};
    const struct object *o = e->member->object;
    const struct targ *a;

    if (!e->a || e->a->kind != TE_VAR || !(o->updates || object_keeps(o)))
        return;
    r.var = e->a->var;
    LIST_EACH (a, &e->args)
        if (a->param->key)
            r.key = a->value;
    add(w, &w->e->reads, r);
    if (e->member->updates)
        add(w, &w->e->writes, r);
}

/* All of the packet is kept, and its way ends. */
static void note_hold(struct walk *w, const struct texpr *e)
{
    if (!w->e->drops)
        w->e->drop_loc = e->loc;
    if (!w->e->holds)
        w->e->hold_loc = e->loc;
    w->e->drops = w->e->holds = true;
}

/* A function of an extern type reads and writes its state. */
static void walk_call(struct walk *w, const struct texpr *e)
{
    struct effref r = {.member = e->member, .loc = e->loc};

    note_whole(w, e);
    if (of_payload(w, e->member))
        return;
    if (e->member->object->rows)
        return; /* what a file says, which is config */
    if (e->cell)
        walk_cell(w, e);
    add(w, &w->e->reads, r);
    walk_object(w, e);
    if (e->member->leases || e->member->rewrites ||
        (e->member->updates && e->member->object->file))
        add(w, &w->e->writes, r);
    if (e->member->edits)
        add(w, &w->e->writes,
            (struct effref){.member = w->tree->payload, .loc = e->loc});
    w->e->leases |= e->member->leases;
    if (e->member->holds)
        note_hold(w, e);
    if (e->member->cuts && !w->e->cuts)
        w->e->cut_loc = e->loc;
    w->e->cuts |= e->member->cuts;
    if (e->member->rewrites)
        note_rewrite(w, e);
}

/* Where each access restarts the time of an entry, it also writes. */
static void walk_access(struct walk *w, const struct texpr *e)
{
    struct effref r = {.var = e->var, .key = e->a, .loc = e->loc};

    if (e->access != ACCESS_SET && e->access != ACCESS_REMOVE)
        add(w, &w->e->reads, r);
    if (access_makes(e->access) || e->access == ACCESS_REMOVE ||
        e->var->table->idle)
        add(w, &w->e->writes, r);
}

/* The bytes of a header are read with checksums brought up to date: all of
 * them, since one may cover another. */
static void walk_bytes(struct walk *w, const struct texpr *e)
{
    struct effref r = {.loc = e->loc};
    const struct header *h;
    const struct checksum *c;

    r.header = e->header;
    add(w, &w->e->reads, r);
    r.header = NULL;
    r.bytes = e->header->of ? e->header->real : e->header;
    add(w, &w->e->reads, r);
    r.bytes = NULL;
    r.member = w->tree->payload;
    add(w, &w->e->reads, r);
    r.member = NULL;
    LIST_EACH (h, &w->tree->headers)
        LIST_EACH (c, &h->checksums) {
            r.field = c->field;
            add(w, &w->e->writes, r);
        }
}

static void walk_parts(struct walk *w, const struct texpr *e)
{
    const struct titem *i;
    const struct targ *a;

    walk_expr(w, e->a);
    walk_expr(w, e->b);
    LIST_EACH (i, &e->items) {
        walk_expr(w, i->lo);
        if (i->hi != i->lo)
            walk_expr(w, i->hi);
    }
    LIST_EACH (a, &e->args)
        walk_expr(w, a->value);
}

static void walk_expr(struct walk *w, const struct texpr *e)
{
    struct effref r = {0};

    if (!e)
        return;
    r.loc = e->loc;
    if (e->kind == TE_FIELD)
        r.field = e->field;
    else if (e->kind == TE_HAS)
        r.header = e->header;
    else if (e->kind == TE_GET && !of_payload(w, e->member))
        r.member = e->member;
    else if (e->kind == TE_AWAKE ||
             (e->kind == TE_VAR && e->type->kind != TY_OBJECT))
        r.var = e->var;
    if (r.field || r.header || r.member || r.var)
        add(w, &w->e->reads, r);
    walk_parts(w, e);
    if (e->kind == TE_FIELD)
        walk_expr(w, e->field->cond);
    if (e->kind == TE_BYTES)
        walk_bytes(w, e);
    if (e->kind == TE_CALL)
        walk_call(w, e);
    if (e->kind == TE_TABLE)
        walk_access(w, e);
}

static void walk_block(struct walk *w, const struct tblock *b);

/* What a statement asks. That atomic state is compared or added to is part of
 * its update, not a look at its value. */
static void walk_asked(struct walk *w, const struct tstmt *s)
{
    const struct texpr *e = s->value;

    if (s->kind == TS_VAR && s->var->storage == ST_ATOMIC) {
        walk_expr(w, e->b);
    } else if (s->kind == TS_IF && s->update != UP_SET) {
        while (e->kind == TE_BINARY && e->op == OP_LAND) {
            walk_expr(w, e->a);
            e = e->b;
        }
        walk_expr(w, s->body->stmts.first->value);
    } else {
        walk_expr(w, e);
    }
}

static void walk_stack(struct walk *w, const struct tstmt *s, effrefs *to)
{
    const struct tlayer *l;

    LIST_EACH (l, &s->stack->layers) {
        struct effref r = {.header = l->header, .loc = s->loc};

        add(w, to, r);
    }
}

static void walk_emit(struct walk *w, const struct tstmt *s)
{
    const struct targ *a;
    struct effevent *e;

    LIST_EACH (a, &s->args)
        walk_expr(w, a->value);
    LIST_EACH (e, &w->e->emits)
        if (e->event == s->event)
            return;
    e = ARENA_NEW(w->arena, struct effevent);
    e->event = s->event;
    e->loc = s->loc;
    LIST_ADD(&w->e->emits, e);
}

/* What an emitted event, or a rule, asks besides `when`. */
static void walk_raised(struct walk *w, const struct handler *h)
{
    struct effref r = {.var = h->nf->switched, .loc = h->loc};
    const struct subscription *s;

    LIST_EACH (s, &h->subscriptions)
        if (h->raiser == RAISE_EMIT && s->bit >= 0)
            add(w, &w->e->reads, r);
    if (!h->fired)
        return;
    r.var = h->fired;
    add(w, &w->e->reads, r);
    add(w, &w->e->writes, r);
}

static void walk_stmt(struct walk *w, const struct tstmt *s)
{
    struct effref r = {.loc = s->loc};

    walk_asked(w, s);
    if (s->kind == TS_MAKE && !w->e->makes)
        w->e->make_loc = s->loc;
    w->e->makes |= s->kind == TS_MAKE;
    if (s->kind == TS_ENCAP || s->kind == TS_DECAP)
        walk_stack(w, s, s->kind == TS_ENCAP ? &w->e->adds : &w->e->removes);
    walk_expr(w, s->alt_value);
    if (s->kind == TS_FIELD) {
        walk_expr(w, s->field->cond);
        r.field = s->field;
    }
    if (s->kind == TS_VAR)
        r.var = s->var;
    if (r.field || r.var)
        add(w, &w->e->writes, r);
    if (s->kind == TS_EMIT)
        walk_emit(w, s);
    if (s->kind == TS_DROP) {
        if (!w->e->drops)
            w->e->drop_loc = s->loc;
        w->e->drops = true;
        w->e->drops_flow |= s->flow || s->opened;
    }
    w->e->chooses |= s->kind == TS_GOTO;
    if (s->kind == TS_IF && s->update != UP_SET) {
        r.var = s->body->stmts.first->var;
        add(w, &w->e->writes, r);
        return;
    }
    walk_block(w, s->body);
    walk_block(w, s->other);
    walk_block(w, s->alt);
}

static void walk_block(struct walk *w, const struct tblock *b)
{
    const struct tstmt *s;

    if (!b)
        return;
    LIST_EACH (s, &b->stmts)
        walk_stmt(w, s);
}

void pass_effects(struct unit *u)
{
    struct effects *all = ARENA_NEW(u->arena, struct effects);
    struct walk w = {.arena = u->arena, .tree = u->tree};
    struct nf *n;
    struct handler *h;

    LIST_EACH (n, &u->tree->nfs) {
        LIST_EACH (h, &n->handlers) {
            w.e = ARENA_NEW(u->arena, struct effect);
            w.e->handler = h;
            walk_raised(&w, h);
            walk_expr(&w, h->when);
            walk_block(&w, h->body);
            LIST_ADD(&all->all, w.e);
        }
    }
    u->effects = all;
}

const struct effect *effect_of(const struct effects *e, const struct handler *h)
{
    const struct effect *i;

    LIST_EACH (i, &e->all)
        if (i->handler == h)
            return i;
    return NULL;
}

/* ---- dump ---- */

static void dump_ref(const struct effref *r, FILE *to)
{
    if (r->field)
        fprintf(to, " %s.%s", r->field->header->name, r->field->name);
    else if (r->var)
        fprintf(to, " %s %s", storage_name[r->var->storage], r->var->name);
    else if (r->member)
        fprintf(to, " %s%s%s%s",
                r->member->object->plain ? "" : r->member->object->name,
                r->member->object->plain ? "" : ".", r->member->name,
                r->member->fn ? "()" : "");
    else if (r->bytes)
        fprintf(to, " the bytes of %s", r->bytes->name);
    else if (r->whole)
        fprintf(to, " all of the %s's tuple", r->whole->name);
    else
        fprintf(to, " has %s", r->header->name);
    if (r->key) {
        fputc('[', to);
        texpr_print(r->key, to);
        fputc(']', to);
    }
}

static void dump_refs(const char *indent, const char *what, const effrefs *refs,
                      FILE *to)
{
    const struct effref *r;

    if (!refs->first)
        return;
    fprintf(to, "%s    %s:", indent, what);
    LIST_EACH (r, refs) {
        dump_ref(r, to);
        if (r->next)
            fputc(',', to);
    }
    fputc('\n', to);
}

static void dump_headers(const char *indent, const char *what,
                         const effrefs *refs, FILE *to)
{
    const struct effref *r;

    if (!refs->first)
        return;
    fprintf(to, "%s    %s:", indent, what);
    LIST_EACH (r, refs)
        fprintf(to, " %s%s", r->header->name, r->next ? "," : "\n");
}

static void dump_order(const char *indent, const effrefs *reads, FILE *to)
{
    const struct effref *r;

    LIST_EACH (r, reads)
        if (r->var && r->var->storage == ST_ATOMIC)
            fprintf(to,
                    "%s    depends: on the order of packets among shards, by "
                    "'%s' at line %u\n",
                    indent, r->var->name, loc_linecol(r->loc).line);
}

static void dump_emits(const char *indent, const effevents *emits, FILE *to)
{
    const struct effevent *e;

    LIST_EACH (e, emits)
        fprintf(to, "%s    emits: %s, line %u\n", indent, e->event->path,
                loc_linecol(e->loc).line);
}

void effect_print(const struct effect *e, const char *indent, FILE *to)
{
    fprintf(to, "%s%s on %s, line %u\n", indent, e->handler->nf->name,
            e->handler->events, loc_linecol(e->handler->loc).line);
    dump_refs(indent, "reads", &e->reads, to);
    dump_refs(indent, "writes", &e->writes, to);
    dump_headers(indent, "adds", &e->adds, to);
    dump_headers(indent, "removes", &e->removes, to);
    dump_order(indent, &e->reads, to);
    dump_emits(indent, &e->emits, to);
    if (e->drops)
        fprintf(to, "%s    may: drop the %s\n", indent,
                e->drops_flow ? "packet or the flow" : "packet");
    if (e->chooses)
        fprintf(to, "%s    may: choose an exit\n", indent);
    if (e->makes)
        fprintf(to, "%s    may: make packets\n", indent);
    if (e->holds)
        fprintf(to, "%s    may: let the packet wait\n", indent);
    if (e->cuts)
        fprintf(to, "%s    may: cut the packet when it leaves\n", indent);
    if (e->leases)
        fprintf(to, "%s    may: lease\n", indent);
    if (e->rewrites)
        fprintf(to, "%s    may: translate\n", indent);
    if (e->handler->needs_flow)
        fprintf(to, "%s    needs: a flow\n", indent);
}

void effects_dump(const struct effects *e, FILE *to)
{
    const struct effect *i;

    LIST_EACH (i, &e->all)
        effect_print(i, "", to);
}
