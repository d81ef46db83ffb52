/* A packet behind an edit that both courses do at the same place: a term that
 * is known by name only, made from the packet before and what the edit asks.
 * What is read of it, and what becomes of it by a store, is a function of it.
 */
#include "base/arena.h"
#include "verify/scene.h"

/* The bytes of all headers. With those that the plan does not add they are
 * others. */
static term seen(const struct run *r)
{
    term bytes = scene_bytes(r->scene, r->field), grown = stacks_grown(r);

    return smt_if(r->z, grown,
                  smt_apply(r->z, "bytes of more headers",
                            Z3_get_sort(r->z->c, bytes), 1, &bytes),
                  bytes);
}

/* All of it: the bytes of its headers while nobody has edited it. */
static term packet(const struct run *r)
{
    term bytes = seen(r);

    return smt_if(r->z, r->edited, r->body,
                  smt_apply(r->z, "as it lies", r->z->story, 1, &bytes));
}

static const char *of_field(const struct run *r, const char *what,
                            const struct field *f)
{
    return arena_fmt(r->scene->arena, "%s %s.%s at %p", what, f->header->name,
                     f->name, (const void *)f);
}

term edits_read(const struct run *r, const struct field *f, unsigned bits,
                term before)
{
    before = stacks_read(r, f, bits, before);
    if (r->edited == r->z->no)
        return before;
    return smt_if(r->z, r->edited,
                  smt_apply(r->z, of_field(r, "read", f), smt_bits(r->z, bits),
                            1, &r->body),
                  before);
}

/* A packet has what arrived with it and what was added, and no more. */
static bool may_have(const struct run *r, const struct header *h)
{
    const struct added *a;
    const struct tlayer *l;

    if (h->of || scene_header(r->scene, h) >= 0)
        return true;
    LIST_EACH (a, &r->added)
        LIST_EACH (l, &a->stack->layers)
            if (l->header == h)
                return true;
    return false;
}

term edits_has(const struct run *r, const struct header *h, term before)
{
    const char *name;

    before = stacks_has(r, h, before);
    if (r->edited == r->z->no || !may_have(r, h))
        return before;
    name = arena_fmt(r->scene->arena, "has %s at %p", h->name, (const void *)h);
    return smt_if(r->z, r->edited,
                  smt_apply(r->z, name, smt_bool(r->z), 1, &r->body), before);
}

static void becomes(struct run *r, const char *name, term value, term when)
{
    term args[] = {r->body, value};

    if (r->edited == r->z->no)
        return;
    r->body = smt_if(r->z, smt_and(r->z, when, r->edited),
                     smt_apply(r->z, name, r->z->story, 2, args), r->body);
}

void edits_store(struct run *r, const struct field *f, term value, term when)
{
    becomes(r, of_field(r, "store", f), value, when);
}

void edits_translate(struct run *r, unsigned role, term value, term when)
{
    becomes(r, arena_fmt(r->scene->arena, "translate %s", role_name[role]),
            value, when);
}

void edits_sum(struct run *r, term when)
{
    becomes(r, "sums", r->body, when);
}

term edits_look(const struct run *r, term what)
{
    term args[] = {what, r->body};

    if (r->edited == r->z->no)
        return what;
    return smt_if(
        r->z, r->edited,
        smt_apply(r->z, "behind edits", Z3_get_sort(r->z->c, what), 2, args),
        what);
}

/* The bytes of headers that lie where they did; of others nothing is known by
 * them. */
term edits_bytes(const struct run *r)
{
    term bytes = seen(r);

    if (r->edited == r->z->no)
        return bytes;
    return smt_if(
        r->z, r->edited,
        smt_apply(r->z, "headers", Z3_get_sort(r->z->c, bytes), 1, &r->body),
        bytes);
}

term edits_do(struct run *r, const struct ir_stmt *s, const char *name,
              term when)
{
    struct terms args = {.n = 0};
    const struct ir_expr *e;
    term after, fails;
    struct added *a = ARENA_NEW(r->scene->arena, struct added);

    if (s->op == IR_encap) {
        a->stack = s->stack;
        LIST_ADD(&r->added, a);
    }
    stacks_end(r);
    args.of[args.n++] = packet(r);
    args.of[args.n++] = r->frame;
    args.of[args.n++] = r->content;
    LIST_EACH (e, &s->values)
        expr_args(r, e, &args);
    after = smt_apply(r->z, name, r->z->story, args.n, args.of);
    fails = smt_apply(r->z, arena_fmt(r->scene->arena, "fails %s", name),
                      smt_bool(r->z), 1, &after);
    when = smt_and(r->z, when, smt_not(r->z, fails));
    r->body = smt_if(r->z, when, after, r->body);
    r->edited = smt_or(r->z, r->edited, when);
    return fails;
}
