/* Tables: LANGUAGE.md, "Tables". */
#include "interp/table.h"
#include "base/arena.h"
#include "base/mem.h"
#include "interp/eval.h"
#include "interp/world.h"
#include <stdlib.h>

/* ---- values that outlive the handler ---- */

/* x NULL: zero. */
static struct ival keep(const struct type *t, const struct ival *x)
{
    struct ival own = {0};
    const struct part *p;
    unsigned i = 0;

    if (x)
        own = *x;
    if (!t || t->kind != TY_TUPLE)
        return own;
    own.parts = mem_zeroed(t->parts.n, sizeof(*own.parts));
    LIST_EACH (p, &t->parts) {
        own.parts[i] = keep(p->type, x ? &x->parts[i] : NULL);
        i++;
    }
    return own;
}

static void let_go(const struct type *t, struct ival *own)
{
    const struct part *p;
    unsigned i = 0;

    if (!t || t->kind != TY_TUPLE)
        return;
    LIST_EACH (p, &t->parts)
        let_go(p->type, &own->parts[i++]);
    free(own->parts);
}

/* ---- making ---- */

void tables_make(struct world *w, const struct chain *c, struct station *st)
{
    const struct var *v;

    LIST_EACH (v, &st->at->nf->vars) {
        struct tab *t;

        if (v->type->kind != TY_TABLE)
            continue;
        t = ARENA_NEW(w->arena, struct tab);
        t->var = v;
        t->shards = c->shards;
        t->size = (uint64_t)position_value(st->at, v->table->size);
        if (v->table->time)
            t->ticks =
                (uint64_t)position_value(st->at, v->table->time) / 1000000;
        t->of = arena_alloc(w->arena, c->shards * sizeof(*t->of));
        LIST_ADD(&st->tables, t);
    }
}

/* ---- entries ---- */

static void take_out(struct tab *t, entries *l, struct entry *e)
{
    struct entry *before = NULL, *x;

    for (x = l->first; x != e; x = x->next)
        before = x;
    if (before)
        before->next = e->next;
    else
        l->first = e->next;
    if (l->last == e)
        l->last = before;
    l->n--;
    let_go(t->var->table->key, &e->key);
    let_go(t->var->table->value, &e->value);
    free(e);
}

static void expire(struct tab *t, entries *l, uint64_t now)
{
    struct entry *e, *next;

    for (e = l->first; e; e = next) {
        next = e->next;
        if (e->expires <= now)
            take_out(t, l, e);
    }
}

void tables_expire(struct world *w)
{
    struct tab *t;

    for (unsigned i = 0; i < w->n_passages; i++) {
        for (unsigned k = 0; k < w->passages[i].n; k++) {
            LIST_EACH (t, &w->passages[i].stations[k].tables)
                for (unsigned s = 0; s < t->shards; s++)
                    expire(t, &t->of[s], w->now);
        }
    }
}

void tables_free(struct station *st)
{
    struct tab *t;

    LIST_EACH (t, &st->tables)
        for (unsigned s = 0; s < t->shards; s++)
            while (t->of[s].first)
                take_out(t, &t->of[s], t->of[s].first);
}

static struct entry *find(const struct tab *t, const entries *l,
                          const struct ival *key)
{
    struct entry *e;

    LIST_EACH (e, l)
        if (eval_equal(t->var->table->key, &e->key, key))
            return e;
    return NULL;
}

/* Whom the policy of a full shard ends, or NULL. */
static struct entry *victim(const struct tab *t, const entries *l)
{
    struct entry *e, *found = l->first;

    if (t->var->table->full == FULL_REFUSE)
        return NULL;
    if (t->var->table->full == FULL_OLDEST)
        return found;
    LIST_EACH (e, l)
        if (e->expires < found->expires)
            found = e;
    return found;
}

/* A new entry with the value zero; NULL if the shard is full. */
static struct entry *insert(struct tab *t, unsigned shard,
                            const struct ival *key)
{
    entries *l = &t->of[shard];
    struct entry *e;

    if (l->n == shard_share(t->size, t->shards, shard)) {
        e = victim(t, l);
        if (!e) {
            t->refused++;
            return NULL;
        }
        t->evicted++;
        take_out(t, l, e);
    }
    e = mem_zeroed(1, sizeof(*e));
    e->key = keep(t->var->table->key, key);
    e->value = keep(t->var->table->value, NULL);
    e->expires = UINT64_MAX;
    LIST_ADD(l, e);
    t->added++;
    return e;
}

/* ---- accesses ---- */

static struct tab *table_of(const struct moment *m, const struct var *v)
{
    struct tab *t = m->station->tables.first;

    while (t->var != v)
        t = t->next;
    return t;
}

static void arm(const struct tab *t, struct entry *e, uint64_t now)
{
    if (t->ticks)
        e->expires = now + t->ticks;
}

/* The member of the entry's value that e is about, and its type. */
static struct ival *place_of(const struct texpr *e, struct entry *in,
                             const struct type **type)
{
    struct ival *x = &in->value;
    const struct part *p;

    *type = e->var->table->value;
    for (unsigned i = 0; i < e->depth; i++) {
        x = &x->parts[e->path[i]];
        p = (*type)->parts.first;
        for (unsigned k = 0; k < e->path[i]; k++)
            p = p->next;
        *type = p->type;
    }
    return x;
}

/* Sets or updates the entry, which is new or not. */
static void write_entry(const struct texpr *e, struct entry *to,
                        const struct ival *value)
{
    const struct type *type;
    struct ival *x = place_of(e, to, &type);

    if (!type)
        return;
    if (e->access == ACCESS_UPDATE) {
        x->u = eval_operator(type, e->op, x->u, value->u);
        return;
    }
    let_go(type, x);
    *x = keep(type, value);
}

/* The key, and what is assigned, are known. */
static bool do_access(struct moment *m, const struct texpr *e,
                      const struct ival *key, const struct ival *value,
                      struct ival *result)
{
    struct tab *t = table_of(m, e->var);
    entries *l = &t->of[m->shard];
    bool idle = t->var->table->idle, made = false;
    const struct type *type;
    const struct ival *at;
    struct entry *found;

    found = find(t, l, key);
    if (!found && access_makes(e->access)) {
        found = insert(t, m->shard, key);
        made = found != NULL;
    }
    *result = (struct ival){.u = found != NULL};
    if (!found)
        return e->access == ACCESS_HAS || e->access == ACCESS_REMOVE;
    if (e->access == ACCESS_REMOVE) {
        take_out(t, l, found);
        return true;
    }
    if (idle || made || e->access == ACCESS_SET)
        arm(t, found, m->world->now);
    if (e->access == ACCESS_CELL) {
        *result = found->value;
    } else if (access_makes(e->access)) {
        write_entry(e, found, value);
    } else if (e->access == ACCESS_READ) {
        at = place_of(e, found, &type);
        *result = eval_copy(m, type, at);
    }
    return true;
}

bool table_access(struct moment *m, const struct texpr *e, struct ival *result)
{
    struct ival key = eval(m, e->a), value = {0};

    if (e->b)
        value = eval(m, e->b);
    return do_access(m, e, &key, &value, result);
}

struct ival *table_cell(struct moment *m, const struct texpr *e,
                        const struct ival *key)
{
    struct ival entry;

    return do_access(m, e, key, NULL, &entry) ? entry.parts : NULL;
}

/* ---- the final state ---- */

uint64_t table_entries(const struct tab *t)
{
    uint64_t n = 0;

    for (unsigned s = 0; s < t->shards; s++)
        n += t->of[s].n;
    return n;
}

void value_print(FILE *to, const struct type *t, const struct ival *x)
{
    const struct enumval *v;
    const struct part *p;
    char buf[64];
    unsigned i = 0;

    if (t->kind == TY_TUPLE) {
        fputc('(', to);
        LIST_EACH (p, &t->parts) {
            value_print(to, p->type, &x->parts[i++]);
            fputs(p->next ? ", " : ")", to);
        }
        return;
    }
    LIST_EACH (v, &t->values) {
        if (v->value == x->u) {
            fputs(v->name, to);
            return;
        }
    }
    fputs(nfl_num_text(x->u, value_format(t, x), buf, sizeof(buf)), to);
}

/* KEY, or KEY -> VALUE. */
static char *entry_text(const struct tab *t, const struct entry *e)
{
    const struct table *type = t->var->table;
    char *line = NULL;
    size_t len;
    FILE *f = open_memstream(&line, &len);

    if (!f)
        mem_none();
    value_print(f, type->key, &e->key);
    if (type->value) {
        fputs(" -> ", f);
        value_print(f, type->value, &e->value);
    }
    if (fclose(f) != 0)
        mem_none();
    return line;
}

static void entry_line(const struct tab *t, const char *prefix, unsigned shard,
                       const struct entry *e, struct nfl_state *to)
{
    char *line = entry_text(t, e);

    if (t->ticks)
        nfl_state_add(to, "table %s shard %u entry %s expires %llu", prefix,
                      shard, line, (unsigned long long)e->expires);
    else
        nfl_state_add(to, "table %s shard %u entry %s", prefix, shard, line);
    free(line);
}

void table_top(const struct tab *t, unsigned most, struct nfl_report_table *row)
{
    const struct entry *e;
    char *line;

    for (unsigned s = 0; most && s < t->shards; s++) {
        LIST_EACH (e, &t->of[s]) {
            line = entry_text(t, e);
            if (!nfl_report_entry_add(row, line))
                mem_none();
            free(line);
        }
    }
    nfl_report_entries_cut(row, most);
}

void table_state(const struct tab *t, const char *prefix, struct nfl_state *to)
{
    const struct entry *e;

    for (unsigned s = 0; s < t->shards; s++) {
        if (!t->of[s].n)
            continue;
        nfl_state_add(to, "table %s shard %u entries %u", prefix, s,
                      (unsigned)t->of[s].n);
        LIST_EACH (e, &t->of[s])
            entry_line(t, prefix, s, e, to);
    }
}
