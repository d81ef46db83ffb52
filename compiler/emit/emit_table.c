/* Tables: their entries as C structs, their descriptors, the accesses. */
#include "emit/emit.h"
#include <string.h>

enum { WORD = 64 };

/* ---- how a key lies in words of 64 bits ---- */

static bool is_wide(const struct ir_expr *part)
{
    return part->type.kind == IR_ADDR || part->type.bits > WORD;
}

static unsigned take_bits(unsigned *end, unsigned bits)
{
    unsigned at = *end;

    if (at % WORD + bits > WORD)
        at = (at + WORD - 1) / WORD * WORD;
    *end = at + bits;
    return at;
}

/* What is wider than a word first, two words each; then the others, none of
 * them across the end of a word. Returns the number of words. */
static unsigned pack(const ir_exprs *parts, struct emit_spot *spots)
{
    const struct ir_expr *p;
    unsigned end = 0, i = 0;

    LIST_EACH (p, parts) {
        spots[i].bits = p->type.kind == IR_ADDR ? 2 * WORD : p->type.bits;
        if (is_wide(p)) {
            spots[i].at = end;
            end += 2 * WORD;
        }
        i++;
    }
    i = 0;
    LIST_EACH (p, parts) {
        if (!is_wide(p))
            spots[i].at = take_bits(&end, spots[i].bits);
        else if (p->type.kind == IR_ADDR)
            spots[i].v6 = take_bits(&end, 1);
        i++;
    }
    return (end + WORD - 1) / WORD;
}

const struct emit_spot *emit_spots(struct emit *e, const struct ir_table *t,
                                   unsigned *words)
{
    struct emit_spot *s = arena_alloc(e->arena, t->key.n * sizeof(*s));

    *words = pack(&t->key, s);
    return s;
}

const char *emit_entry_type(struct emit *e, const struct ir_table *t)
{
    return arena_fmt(e->arena, "struct gt_%s_%s",
                     name_nf(e, plan_nf_of(e->chain, t->nf)), t->var->name);
}

/* ---- the entry ---- */

const char *emit_storage(struct ir_type t)
{
    if (t.kind == IR_BOOL)
        return "bool";
    if (t.kind == IR_ADDR)
        return "struct nfl_ipaddr";
    return t.bits <= 8    ? "uint8_t"
           : t.bits <= 16 ? "uint16_t"
           : t.bits <= 32 ? "uint32_t"
           : t.bits <= 64 ? "uint64_t"
                          : "nfl_u128";
}

void emit_entries(struct emit *e)
{
    const struct ir_table *t;
    const struct ir_expr *p;
    unsigned words, i;

    emit_row_types(e);

    LIST_EACH (t, &e->chain->ir->tables) {
        emit_spots(e, t, &words);
        cw_blank(e->w);
        cw(e->w, "/* An entry of %s: %s, of %s. */", t->var->name,
           t->var->type->name, t->nf->source->name);
        cw_open(e->w, "%s", emit_entry_type(e, t));
        cw(e->w, "struct nfl_entry entry;");
        cw(e->w, "uint64_t key[%u];", words);
        i = 0;
        LIST_EACH (p, &t->value)
            cw(e->w, "%s v%u;", emit_storage(p->type), i++);
        cw_close(e->w, ";");
    }
}

/* ---- descriptors ---- */

struct flat { /* a number or an address among the parts of a type */
    const struct type *type;
    const char *before, *after;
    struct flat *next;
};
typedef LIST(struct flat) flats;

/* The parts of t, with the signs of its tuples. */
static void flatten(struct emit *e, const struct type *t, const char *before,
                    const char *after, flats *to)
{
    const struct part *p;
    struct flat *f;

    if (t->kind != TY_TUPLE) {
        f = ARENA_NEW(e->arena, struct flat);
        f->type = t;
        f->before = before;
        f->after = after;
        LIST_ADD(to, f);
        return;
    }
    LIST_EACH (p, &t->parts)
        flatten(e, p->type,
                p == t->parts.first ? arena_fmt(e->arena, "%s(", before) : "",
                p->next ? ", " : arena_fmt(e->arena, ")%s", after), to);
}

/* The values of the part's enum, if it is one. */
static const char *names(struct emit *e, const char *parts, unsigned i,
                         const struct type *t)
{
    const struct enumval *v;
    char *name;

    if (!t->values.n)
        return "NULL";
    name = arena_fmt(e->arena, "%s_%u", parts, i);
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_name %s[] = {", name);
    LIST_EACH (v, &t->values)
        cw(e->w, "    {%s, %s},", emit_num(e, v->value, 64),
           cw_quote(e->arena, v->name));
    cw(e->w, "    {0, NULL},");
    cw(e->w, "};");
    return name;
}

static unsigned bits_of(const struct type *t)
{
    if (t->kind == TY_BOOL)
        return 8;
    if (t->kind == TY_UNION)
        return 128;
    return t->bits <= 8    ? 8
           : t->bits <= 16 ? 16
           : t->bits <= 32 ? 32
           : t->bits <= 64 ? 64
                           : 128;
}

/* Where the i-th part lies. */
static const char *where(struct emit *e, const struct ir_table *t,
                         const struct emit_spot *s, const struct type *type,
                         unsigned i)
{
    if (s)
        return arena_fmt(e->arena, ".bits = %u, .at = %u, .v6 = %u", s[i].bits,
                         s[i].at, s[i].v6);
    return arena_fmt(e->arena, ".bits = %u, .at = offsetof(%s, v%u)",
                     bits_of(type), emit_entry_type(e, t), i);
}

/* The descriptors of the parts of the key (s) or of the value (no s). */
static void parts(struct emit *e, const struct ir_table *t,
                  const struct type *type, const struct emit_spot *s,
                  const char *name)
{
    flats list = {0};
    const struct flat *f;
    const char **of;
    unsigned i = 0;

    flatten(e, type, "", "", &list);
    of = arena_alloc(e->arena, list.n * sizeof(*of));
    LIST_EACH (f, &list) {
        of[i] = names(e, name, i, f->type);
        i++;
    }
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_part_desc %s[] = {", name);
    i = 0;
    LIST_EACH (f, &list) {
        cw(e->w, "    {.before = %s, .after = %s, .fmt = %s, .names = %s,",
           cw_quote(e->arena, f->before), cw_quote(e->arena, f->after),
           emit_fmt(f->type), of[i]);
        cw(e->w, "     %s},", where(e, t, s, f->type, i));
        i++;
    }
    cw(e->w, "};");
}

void emit_key_parts(struct emit *e, const struct type *type,
                    const struct emit_spot *s, const char *name)
{
    parts(e, NULL, type, s, name);
}

static void describe(struct emit *e, const struct ir_table *t)
{
    static const char *const full[] = {
        [FULL_REFUSE] = "REFUSE",
        [FULL_OLDEST] = "OLDEST",
        [FULL_IDLE] = "IDLE",
    };
    const char *name = emit_entry_type(e, t) + strlen("struct ");
    unsigned words;

    emit_spots(e, t, &words);
    cw(e->w, "    {.nf = %u, .name = %s, .size = %llu,", t->nf->source->index,
       cw_quote(e->arena, t->var->name), (unsigned long long)t->size);
    cw(e->w, "     .ticks = %llu, .idle = %s, .full = NFL_FULL_%s,",
       (unsigned long long)t->ticks, t->var->table->idle ? "true" : "false",
       full[t->var->table->full]);
    cw(e->w, "     .entry_bytes = sizeof(struct %s), .key_words = %u,", name,
       words);
    cw(e->w, "     .key = %s_key, .n_key = %u,", name, t->key.n);
    if (t->value.n)
        cw(e->w, "     .value = %s_value, .n_value = %u,", name, t->value.n);
    cw(e->w, "    },");
}

void emit_tables(struct emit *e)
{
    const struct ir_table *t;
    unsigned words;

    if (!e->chain->ir->tables.n)
        return;
    LIST_EACH (t, &e->chain->ir->tables) {
        const char *name = emit_entry_type(e, t) + strlen("struct ");

        parts(e, t, t->var->table->key, emit_spots(e, t, &words),
              arena_fmt(e->arena, "%s_key", name));
        if (t->value.n)
            parts(e, t, t->var->table->value, NULL,
                  arena_fmt(e->arena, "%s_value", name));
    }
    cw_blank(e->w);
    cw(e->w, "static const struct nfl_tab_desc gc_%s_tables[] = {",
       name_chain(e));
    LIST_EACH (t, &e->chain->ir->tables)
        describe(e, t);
    cw(e->w, "};");
}
