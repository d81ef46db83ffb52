/* What stands here for the ways of other languages. Hints are made of the
 * words of the source, so that they can be pasted. */
#include "sema/sema.h"

const char *loc_text(struct sema *s, struct loc at)
{
    return arena_strn(s->arena, at.src->text + at.off, at.len);
}

/* p.payload == "GET" */
void advise_bytes(struct sema *s, struct diag *d, const struct ast_expr *e)
{
    diag_hint(d, "ask p.payload.starts(%s), ends(%s) or contains(%s)",
              loc_text(s, e->loc), loc_text(s, e->loc), loc_text(s, e->loc));
}

/* p.payload[0] */
void advise_index(struct sema *s, struct diag *d, const struct ast_expr *e)
{
    const char *bytes = loc_text(s, e->a->loc);

    if (e->b->kind == AE_RANGE)
        diag_hint(d, "ask %s.starts(\"...\", at = %s)", bytes,
                  loc_text(s, e->b->a->loc));
    else
        diag_hint(d, "write let b = %s.u8(%s) or return", bytes,
                  loc_text(s, e->b->loc));
}

/* p.has(ip) and has(p, ip) */
bool advise_has(struct diag *d, const struct ast_expr *e)
{
    const struct ast_arg *a = e->args.first;

    if (strcmp(e->a->text, "has") != 0)
        return false;
    if (e->a->kind == AE_DOT && e->args.n == 1 && e->a->a->kind == AE_NAME &&
        a->value->kind == AE_NAME)
        diag_hint(d, "write %s has %s", e->a->a->text, a->value->text);
    else if (e->a->kind == AE_NAME && e->args.n == 2 &&
             a->value->kind == AE_NAME && a->next->value->kind == AE_NAME)
        diag_hint(d, "write %s has %s", a->value->text, a->next->value->text);
    else
        diag_hint(d, "write p has ip");
    return true;
}

void advise_full(struct diag *d, const char *word)
{
    static const char *const as[][2] = {
        {"lru", "idle"},      {"lfu", "idle"},      {"expire", "idle"},
        {"fifo", "oldest"},   {"evict", "oldest"},  {"replace", "oldest"},
        {"reject", "refuse"}, {"newest", "refuse"}, {"none", "refuse"},
        {"error", "refuse"},
    };
    const char *near = diag_nearest(word, full_name, 3);

    for (unsigned i = 0; i < sizeof(as) / sizeof(as[0]); i++)
        if (strcasecmp(word, as[i][0]) == 0)
            near = as[i][1];
    if (near)
        diag_hint(d, "write full = %s", near);
    diag_note(d, "refuse: nothing new is taken in; oldest: what came first "
                 "makes room; idle: what would end first makes room");
}

bool advise_clock(struct diag *d, const char *word)
{
    static const char *const clocks[] = {"now",       "time",  "clock",
                                         "timestamp", "ts",    "gettime",
                                         "elapsed",   "uptime"};
    static const char *const dice[] = {"random", "rand", "uniform"};

    for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        if (strcmp(word, clocks[i]) != 0)
            continue;
        diag_hint(d, "there is no clock but p.time, when the packet arrived, "
                     "in nanoseconds. What ends by time is an entry of a "
                     "table (timeout = 1s, or idle), what has a rate a bucket "
                     "(use std.type.meter), what is done each second `on "
                     "timer 1s { ... }`");
        return true;
    }
    for (unsigned i = 0; i < sizeof(dice) / sizeof(dice[0]); i++) {
        if (strcmp(word, dice[i]) != 0)
            continue;
        diag_hint(d, "there are no random numbers; p.hash is a number that "
                     "the packets of a flow share");
        return true;
    }
    return false;
}

bool advise_container(struct diag *d, const char *word, const char *inside)
{
    static const char *const maps[] = {"map", "dict", "hash", "hashmap"};
    static const char *const lists[] = {"list", "array", "vector", "set"};
    static const char *const usual = "(size = 1k, idle = 1min, full = oldest)";

    for (unsigned i = 0; i < 4; i++) {
        if (strcasecmp(word, maps[i]) == 0) {
            diag_hint(d, "write table[%s]%s", inside ? inside : "ipaddr -> u32",
                      usual);
            return true;
        }
        if (strcasecmp(word, lists[i]) == 0) {
            diag_hint(d, "a set is a table of keys alone: table[%s]%s",
                      inside ? inside : "ipaddr", usual);
            return true;
        }
    }
    return false;
}

void advise_tuple(struct sema *s, struct diag *d, const struct ast_stmt *m)
{
    const struct ast_expr *first =
        m->arms.first ? m->arms.first->patterns.first : NULL;
    const struct ast_arg *a, *b;
    const char *all = NULL;

    if (!first || first->kind != AE_TUPLE ||
        first->args.n != m->value->args.n) {
        diag_hint(d, "match one part of it, and ask for the others by if");
        return;
    }
    for (a = m->value->args.first, b = first->args.first; a && b;
         a = a->next, b = b->next) {
        const char *term = arena_fmt(
            s->arena, b->value->kind == AE_RANGE ? "%s in %s" : "%s == %s",
            loc_text(s, a->value->loc), loc_text(s, b->value->loc));

        all = all ? arena_fmt(s->arena, "%s && %s", all, term) : term;
    }
    diag_hint(d, "write if %s { ... }", all);
}
