/* Checksums as terms: LANGUAGE.md, section 6. Sums are of 32 bits, which 64
 * words of 17 bits do not fill. */
#include "base/arena.h"
#include "verify/scene.h"

enum { SUM_BITS = 32 };

struct cover { /* what a checksum covers */
    const struct scene *s;
    term was, is; /* the bytes of all headers */
    unsigned own; /* its own place */
    struct words words;
};

/* ---- words ---- */

/* The word at byte `at`; what stands at `end` counts as zero. */
static term word(const struct cover *c, term bytes, unsigned at, unsigned end)
{
    unsigned length = scene_length(c->s);

    if (at + 1 < end)
        return smt_slice(c->s->z, bytes, (length - at - 2) * 8, 16);
    return Z3_mk_concat(c->s->z->c,
                        smt_slice(c->s->z, bytes, (length - at - 1) * 8, 8),
                        smt_num(c->s->z, 0, 8));
}

static bool is_key(const struct scene *s, unsigned at)
{
    for (unsigned r = 0; r < ROLE_N; r++) {
        const struct field *f = s->shape->role[r];
        unsigned from = s->shape->at[s->shape->role_in[r]] + f->bit_off / 8;

        if (r != ROLE_PROTO && at + 1 >= from && at < from + f->bits / 8)
            return true;
    }
    return false;
}

static void add_range(struct cover *c, unsigned from, unsigned end)
{
    struct words *w = &c->words;

    for (unsigned at = from; at < end; at += 2) {
        if (at == c->own || w->n == 64)
            continue;
        w->at[w->n] = at;
        w->was[w->n] = word(c, c->was, at, end);
        w->is[w->n] = word(c, c->is, at, end);
        w->key[w->n++] = is_key(c->s, at);
    }
}

/* Of the nearest header in front that has some. */
static void add_pseudo(struct cover *c, unsigned in)
{
    const struct plan_shape *p = c->s->shape;
    const struct fieldref *f;

    while (in-- > 0) {
        if (!p->header[in]->pseudo.n)
            continue;
        LIST_EACH (f, &p->header[in]->pseudo) {
            unsigned at = p->at[in] + f->field->bit_off / 8;

            add_range(c, at, at + f->field->bits / 8);
        }
        return;
    }
}

static struct words words(const struct scene *s, unsigned k, const term *was,
                          const term *is)
{
    const struct shape_sum *sum = &s->shape->sum[k];
    unsigned at = s->shape->at[sum->in];
    struct cover c = {.s = s, .own = sum->at};

    c.was = scene_bytes(s, was);
    c.is = scene_bytes(s, is);
    add_range(&c, at,
              sum->sum->rest ? scene_length(s)
                             : at + s->shape->header[sum->in]->fixed_bytes);
    if (sum->sum->pseudo)
        add_pseudo(&c, sum->in);
    return c.words;
}

struct words sums_words(const struct run *r, unsigned k)
{
    return words(r->scene, k, r->scene->arrived, r->field);
}

struct words sums_row(const struct run *r, unsigned k)
{
    const struct scene *s = r->scene;
    bool anew = s->chain->fast[s->side].rewrites;
    struct run was, is;
    term from[ROLE_N], to[ROLE_N];

    run_init(&was, s);
    run_init(&is, s);
    course_tuple(s, &s->hops, false, from);
    course_tuple(s, anew ? &r->hops : &s->hops, s->wrong != WRONG_SUM, to);
    for (unsigned i = 0; i < ROLE_N; i++) {
        int f = scene_field(s, s->shape->role[i]);

        was.field[f] = from[i];
        is.field[f] = to[i];
    }
    return words(s, k, was.field, is.field);
}

void sums_store(struct run *r, const struct field *f, const term *before)
{
    const struct scene *s = r->scene;
    struct cover c = {.s = s,
                      .was = scene_bytes(s, before),
                      .is = scene_bytes(s, r->field),
                      .own = ~0u};
    unsigned from = s->shape->at[scene_header(s, f->header)];
    unsigned end = scene_length(s), i;

    add_range(&c, from + f->bit_off / 16 * 2,
              from + (f->bit_off + f->bits + 15) / 16 * 2);
    for (i = 0; i < c.words.n && c.words.at[i] < end; i++) {
        struct stored *w = ARENA_NEW(s->arena, struct stored);

        w->at = c.words.at[i];
        w->was = c.words.was[i];
        w->is = c.words.is[i];
        LIST_ADD(&r->stores, w);
    }
}

/* ---- sums ---- */

term sums_fold(struct smt *z, term n)
{
    for (unsigned i = 0; i < 3; i++)
        n = Z3_mk_bvadd(z->c, smt_fit(z, smt_fit(z, n, 16), SUM_BITS),
                        Z3_mk_bvlshr(z->c, n, smt_num(z, 16, SUM_BITS)));
    return n;
}

term sums_change(struct smt *z, term m, term n)
{
    term by = Z3_mk_bvadd(z->c, smt_fit(z, Z3_mk_bvnot(z->c, m), SUM_BITS),
                          smt_fit(z, n, SUM_BITS));

    return smt_if(z, smt_same(z, m, n), smt_num(z, 0, SUM_BITS), by);
}

term sums_total(struct smt *z, const struct words *w)
{
    term total = smt_num(z, 0, SUM_BITS);

    for (unsigned i = 0; i < w->n; i++)
        total = Z3_mk_bvadd(z->c, total, sums_change(z, w->was[i], w->is[i]));
    return total;
}

term sums_result(const struct run *r, unsigned k, term total)
{
    const struct scene *s = r->scene;
    struct smt *z = s->z;
    const struct shape_sum *sum = &s->shape->sum[k];
    term old = s->arrived[scene_field(s, sum->sum->field)], new;
    term zero = smt_num(z, 0, 16);

    total =
        Z3_mk_bvadd(z->c, total, smt_fit(z, Z3_mk_bvnot(z->c, old), SUM_BITS));
    if (sum->sum->rest && r->payload != z->no)
        total =
            Z3_mk_bvadd(z->c, total,
                        smt_if(z, r->payload,
                               smt_fit(z,
                                       smt_apply(z, "payload", smt_bits(z, 16),
                                                 1, &r->story),
                                       SUM_BITS),
                               smt_num(z, 0, SUM_BITS)));
    new = Z3_mk_bvnot(z->c, smt_fit(z, sums_fold(z, total), 16));
    if (!sum->sum->optional)
        return new;
    new = smt_if(z, smt_same(z, new, zero), smt_num(z, 0xffff, 16), new);
    return smt_if(z, smt_same(z, old, zero), zero, new);
}

void sums_put(struct run *r, term when)
{
    const struct scene *s = r->scene;
    unsigned k;

    for (k = s->shape->n_sums; k-- > 0;) {
        struct words w = sums_words(r, k);
        term *to = &r->field[scene_field(s, s->shape->sum[k].sum->field)];

        *to = smt_if(r->z, when, sums_result(r, k, sums_total(r->z, &w)), *to);
    }
}
