/* Declarations of tables: table[K -> V](size = .., idle = .., full = ..). */
#include "sema/sema.h"

static const num_t ns_per_tick = 1000000;

/* ---- types of keys and values ---- */

bool type_is_storable(const struct type *t)
{
    const struct part *p;

    if (type_is_number(t) || t->kind == TY_BOOL || t->kind == TY_UNION ||
        t->kind == TY_DURATION)
        return true;
    if (t->kind != TY_TUPLE)
        return false;
    LIST_EACH (p, &t->parts)
        if (!type_is_storable(p->type))
            return false;
    return true;
}

static unsigned bits_of(const struct type *t)
{
    const struct part *p;
    unsigned bits = 0;

    if (t->kind == TY_BOOL)
        return 1;
    if (t->kind == TY_UNION)
        return 129;
    if (t->kind == TY_DURATION)
        return 64;
    LIST_EACH (p, &t->parts)
        bits += bits_of(p->type);
    return t->kind == TY_TUPLE ? bits : t->bits;
}

struct type *key_type_fits(struct sema *s, struct type *t, struct loc at,
                           const char *what)
{
    if (t->kind == TY_ERROR)
        return NULL;
    if (!type_is_storable(t)) {
        diag_note(diag_error(s->diags, at, "%s cannot be of type '%s'", what,
                             t->name),
                  "numbers, enums, bool, addresses, durations, tuples and "
                  "structs of them can");
        return NULL;
    }
    if (bits_of(t) <= TABLE_KEY_BITS)
        return t;
    diag_error(s->diags, at, "%s has at most %d bits", what, TABLE_KEY_BITS);
    return NULL;
}

static struct type *part_type(struct sema *s, const struct ast_type *a,
                              const char *what)
{
    return key_type_fits(s, type_resolve(s, a), a->loc, what);
}

static const char *type_text(struct sema *s, const struct table *t)
{
    return arena_fmt(s->arena, "table[%s%s%s]", t->key ? t->key->name : "?",
                     t->value ? " -> " : "",
                     t->cell    ? t->cell->type->name
                     : t->value ? t->value->name
                                : "");
}

bool table_infer(struct sema *s, struct var *v, const struct texpr *key)
{
    struct type *t =
        key_type_fits(s, key->type, key->loc, "the key of a table");

    if (!t)
        return false;
    v->table->key = t;
    v->type = type_make(s, TY_TABLE, type_text(s, v->table));
    return true;
}

/* ---- size, time, full ---- */

struct terms { /* what is written in the parentheses */
    const struct ast_arg *size, *idle, *timeout, *full;
};

static bool is_word(const struct ast_expr *e, const char *word)
{
    return e->kind == AE_NAME && strcmp(e->text, word) == 0;
}

static bool take_term(struct sema *s, struct terms *t, const struct ast_arg *a)
{
    static const char *const names[] = {"size", "idle", "timeout", "full"};
    const struct ast_arg **to[] = {&t->size, &t->idle, &t->timeout, &t->full};
    const char *name = a->name ? a->name : names[0];
    struct diag *d;

    for (unsigned i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        if (*to[i])
            diag_error(s->diags, a->value->loc, "'%s' is given twice", name);
        *to[i] = a;
        return true;
    }
    d = diag_error(s->diags, a->name_loc, "a table has no parameter '%s'",
                   name);
    if (!hint_near(d, name, names, 4))
        diag_note(d, "it has size, idle or timeout, and full");
    return false;
}

/* As it is written in the source, or what is usual. */
static const char *term_text(struct sema *s, const struct ast_arg *a,
                             const char *usual)
{
    struct loc at;

    if (!a)
        return usual;
    at = a->value->loc;
    return arena_strn(s->arena, at.src->text + at.off, at.len);
}

static bool terms_given(struct sema *s, const struct ast_var *a,
                        const struct type *type, const struct terms *t)
{
    const struct ast_arg *time = t->timeout ? t->timeout : t->idle;
    const char *missing = "";
    struct diag *d;

    if (!t->size)
        missing = "`size`";
    if (!time)
        missing = arena_fmt(s->arena, "%s%s`idle` or `timeout`", missing,
                            *missing ? ", " : "");
    if (!t->full)
        missing =
            arena_fmt(s->arena, "%s%s`full`", missing, *missing ? ", " : "");
    if (!*missing)
        return true;
    d = diag_error(s->diags, a->loc,
                   "a table states its size, how long an entry stays, and "
                   "what it does when it is full; %s %s missing",
                   missing, strchr(missing, ',') ? "are" : "is");
    diag_hint(d, "%s %s: %s(size = %s, %s = %s, full = %s)", a->storage,
              a->name, type->name, term_text(s, t->size, "64k"),
              t->timeout ? "timeout" : "idle", term_text(s, time, "1min"),
              term_text(s, t->full, "oldest"));
    return false;
}

/* True if e is a constant, or a parameter, perhaps widened. */
static struct texpr *config(struct scope *sc, const struct ast_expr *a,
                            struct type *want)
{
    struct texpr *e = expr_value(sc, a, want), *of = e;

    while (of->kind == TE_CAST)
        of = of->a;
    if (of->type->kind == TY_ERROR)
        return NULL;
    if (of->kind == TE_PARAM)
        return e;
    e = fold(sc, e);
    return e->type->kind == TY_ERROR ? NULL : e;
}

static bool take_time(struct scope *sc, const struct terms *t, struct table *to)
{
    const struct ast_arg *a = t->idle ? t->idle : t->timeout;

    to->idle = t->idle != NULL;
    if (t->idle && t->timeout) {
        diag_note(diag_error(sc->sema->diags, t->timeout->name_loc,
                             "a table has `idle` or `timeout`, not both"),
                  "idle counts from the last access, timeout from when the "
                  "entry was set");
        return false;
    }
    if (t->timeout && is_word(a->value, "never"))
        return true;
    if (is_word(a->value, "never")) {
        diag_hint(
            diag_error(sc->sema->diags, a->value->loc, "a time is needed here"),
            "where entries stay for good write timeout = never");
        return false;
    }
    to->time = config(sc, a->value, sc->sema->duration);
    return to->time != NULL;
}

static bool take_full(struct sema *s, const struct terms *t, struct table *to)
{
    const struct ast_expr *e = t->full->value;
    struct diag *d;

    for (unsigned i = 0; full_name[i]; i++) {
        if (!is_word(e, full_name[i]))
            continue;
        to->full = (enum full)i;
        if (to->full != FULL_IDLE || to->time)
            return true;
        diag_hint(diag_error(s->diags, e->loc,
                             "entries that stay for good are all idle alike"),
                  "write full = oldest");
        return false;
    }
    d = diag_error(s->diags, e->loc,
                   "what a full table does is refuse, oldest or idle");
    if (e->kind == AE_NAME)
        advise_full(d, e->text);
    return false;
}

bool table_declare(struct sema *s, struct nf *n, const struct ast_var *a,
                   struct var *v)
{
    struct scope sc = {.sema = s, .nf = n};
    struct table *t = ARENA_NEW(s->arena, struct table);
    const struct ast_type *value = a->type->parts.first->next;
    struct terms terms = {0};
    const struct ast_arg *arg;
    bool ok = true;

    if (!a->type->parts.first->implied)
        t->key = part_type(s, a->type->parts.first, "the key of a table");
    if (value)
        t->value = cell_values(s, n, value, t, &ok);
    if (value && !t->value && ok)
        t->value = part_type(s, value, "the value of a table");
    if ((!t->key && !a->type->parts.first->implied) || (value && !t->value))
        return false;
    v->type = type_make(s, TY_TABLE, type_text(s, t));
    v->table = t;
    if (t->cell)
        t->cell->name = a->name;
    LIST_EACH (arg, &a->type->args)
        ok &= take_term(s, &terms, arg);
    if (v->storage == ST_FLOW || v->storage == ST_ATOMIC) {
        diag_hint(diag_error(s->diags, a->loc,
                             v->storage == ST_FLOW
                                 ? "a table is shared by all flows, not kept "
                                   "for each of them"
                                 : "a table is divided among the shards, so "
                                   "it cannot be atomic"),
                  "shared %s: %s(...)", a->name, v->type->name);
        return false;
    }
    if (!ok || !terms_given(s, a, v->type, &terms))
        return false;
    t->size = config(&sc, terms.size->value, type_uint(s, 64));
    ok = take_time(&sc, &terms, t);
    return take_full(s, &terms, t) && ok && t->size;
}

/* ---- where the NF stands ---- */

static void check_size(struct sema *s, const struct chain *c,
                       const struct position *p, const struct var *v)
{
    num_t n = position_value(p, v->table->size);
    struct diag *d;

    if (n >= c->shards && n <= TABLE_SIZE_MAX)
        return;
    if (n > TABLE_SIZE_MAX)
        d = diag_error(s->diags, v->table->size->loc,
                       "a table has at most %d entries", TABLE_SIZE_MAX);
    else
        d = diag_error(s->diags, v->table->size->loc,
                       "'%s' has %llu entries for the %u shards of chain "
                       "'%s': some would have none",
                       v->name, (unsigned long long)n, c->shards, c->name);
    if (n <= TABLE_SIZE_MAX)
        diag_hint(d, "give it size = %u or more%s", c->shards,
                  c->tracks ? ", or the chain fewer: flows(..., shards = 1)"
                            : "");
    diag_also(d, p->loc, "used here");
}

static void check_time(struct sema *s, const struct position *p,
                       const struct var *v)
{
    num_t ns = position_value(p, v->table->time);

    if (ns % ns_per_tick == 0 && ns >= ns_per_tick &&
        ns / ns_per_tick <= UINT32_MAX)
        return;
    diag_also(diag_error(s->diags, v->table->time->loc,
                         "a timeout is a number of whole milliseconds from "
                         "1ms to 49d"),
              p->loc, "used here");
}

void tables_check(struct sema *s, const struct chain *c,
                  const struct position *p)
{
    const struct var *v;

    LIST_EACH (v, &p->nf->vars) {
        if (v->type->kind != TY_TABLE)
            continue;
        check_size(s, c, p, v);
        if (v->table->time)
            check_time(s, p, v);
    }
}
