#include "verify/smt.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>

/* Terms are made by rules: what Z3 refuses is a mistake of the compiler. */
static void broken(Z3_context c, Z3_error_code code)
{
    fprintf(stderr, "nflc: internal error: Z3: %s\n",
            Z3_get_error_msg(c, code));
    abort();
}

void smt_init(struct smt *z, unsigned seconds)
{
    Z3_config config = Z3_mk_config();
    Z3_params params;

    *z = (struct smt){.seconds = seconds};
    z->c = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(z->c, broken);
    z->story =
        Z3_mk_uninterpreted_sort(z->c, Z3_mk_string_symbol(z->c, "story"));
    z->yes = Z3_mk_true(z->c);
    z->no = Z3_mk_false(z->c);
    /* That of all theories is many times slower here. */
    z->solver =
        Z3_mk_solver_for_logic(z->c, Z3_mk_string_symbol(z->c, "QF_UFBV"));
    Z3_solver_inc_ref(z->c, z->solver);
    params = Z3_mk_params(z->c);
    Z3_params_inc_ref(z->c, params);
    Z3_params_set_uint(z->c, params, Z3_mk_string_symbol(z->c, "timeout"),
                       seconds * 1000);
    Z3_solver_set_params(z->c, z->solver, params);
    Z3_params_dec_ref(z->c, params);
}

void smt_fini(struct smt *z)
{
    Z3_solver_dec_ref(z->c, z->solver);
    Z3_del_context(z->c);
}

sort smt_bits(struct smt *z, unsigned bits)
{
    return Z3_mk_bv_sort(z->c, bits);
}

sort smt_bool(struct smt *z)
{
    return Z3_mk_bool_sort(z->c);
}

term smt_num(struct smt *z, num_t v, unsigned bits)
{
    if (bits <= 64)
        return Z3_mk_unsigned_int64(z->c, (uint64_t)v, smt_bits(z, bits));
    return Z3_mk_concat(
        z->c,
        Z3_mk_unsigned_int64(z->c, (uint64_t)(v >> 64), smt_bits(z, bits - 64)),
        Z3_mk_unsigned_int64(z->c, (uint64_t)v, smt_bits(z, 64)));
}

term smt_any(struct smt *z, const char *name, sort s)
{
    return Z3_mk_const(z->c, Z3_mk_string_symbol(z->c, name), s);
}

term smt_apply(struct smt *z, const char *name, sort range, unsigned n,
               const term *args)
{
    sort *domain = mem_zeroed(n + 1, sizeof(sort));
    Z3_func_decl f;
    unsigned i;

    for (i = 0; i < n; i++)
        domain[i] = Z3_get_sort(z->c, args[i]);
    f = Z3_mk_func_decl(z->c, Z3_mk_string_symbol(z->c, name), n, domain,
                        range);
    free(domain);
    return Z3_mk_app(z->c, f, n, args);
}

/* ---- booleans ---- */

term smt_not(struct smt *z, term a)
{
    if (a == z->yes)
        return z->no;
    return a == z->no ? z->yes : Z3_mk_not(z->c, a);
}

term smt_and(struct smt *z, term a, term b)
{
    term both[] = {a, b};

    if (a == z->no || b == z->yes || a == b)
        return a;
    if (b == z->no || a == z->yes)
        return b;
    return Z3_mk_and(z->c, 2, both);
}

term smt_or(struct smt *z, term a, term b)
{
    term both[] = {a, b};

    if (a == z->yes || b == z->no || a == b)
        return a;
    if (b == z->yes || a == z->no)
        return b;
    return Z3_mk_or(z->c, 2, both);
}

term smt_same(struct smt *z, term a, term b)
{
    return a == b ? z->yes : Z3_simplify(z->c, Z3_mk_eq(z->c, a, b));
}

term smt_differ(struct smt *z, term a, term b)
{
    return smt_not(z, smt_same(z, a, b));
}

term smt_if(struct smt *z, term cond, term a, term b)
{
    if (cond == z->yes || a == b)
        return a;
    return cond == z->no ? b : Z3_mk_ite(z->c, cond, a, b);
}

/* ---- numbers ---- */

unsigned smt_width(struct smt *z, term a)
{
    return Z3_get_bv_sort_size(z->c, Z3_get_sort(z->c, a));
}

term smt_fit(struct smt *z, term a, unsigned bits)
{
    unsigned width = smt_width(z, a);

    if (width == bits)
        return a;
    if (width < bits)
        return Z3_mk_zero_ext(z->c, bits - width, a);
    return Z3_mk_extract(z->c, bits - 1, 0, a);
}

term smt_slice(struct smt *z, term a, unsigned low, unsigned bits)
{
    return Z3_simplify(z->c, Z3_mk_extract(z->c, low + bits - 1, low, a));
}

/* ---- questions ---- */

enum answer smt_ask(struct smt *z, term known, term claim, Z3_model *where)
{
    term against = smt_and(z, known, smt_not(z, claim));

    if (against == z->no)
        return ALWAYS;
    z->asked++;
    Z3_solver_reset(z->c, z->solver);
    Z3_solver_assert(z->c, z->solver, against);
    switch (Z3_solver_check(z->c, z->solver)) {
    case Z3_L_FALSE:
        return ALWAYS;
    case Z3_L_TRUE:
        *where = Z3_solver_get_model(z->c, z->solver);
        Z3_model_inc_ref(z->c, *where);
        return NOT_ALWAYS;
    default:
        return UNKNOWN;
    }
}

static term eval(struct smt *z, Z3_model where, term a)
{
    term v = a;

    Z3_model_eval(z->c, where, a, true, &v);
    return Z3_simplify(z->c, v);
}

num_t smt_value(struct smt *z, Z3_model where, term a)
{
    unsigned bits = smt_width(z, a), low = bits < 64 ? bits : 64;
    uint64_t v = 0;
    num_t n = 0;

    if (bits > 64)
        n = smt_value(z, where, smt_slice(z, a, 64, bits - 64)) << 64;
    Z3_get_numeral_uint64(z->c, eval(z, where, smt_slice(z, a, 0, low)), &v);
    return n | v;
}

bool smt_holds(struct smt *z, Z3_model where, term a)
{
    return eval(z, where, a) == z->yes;
}
