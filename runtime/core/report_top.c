/* The greatest entries of a table. */
#include <nfl/report.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_TEXT = 21 };

/* The first number of a value: all of it, or the first part of a tuple. */
static uint64_t rank_of(const char *value)
{
    while (value && *value && !isdigit((unsigned char)*value))
        value++;
    return value ? strtoull(value, NULL, 10) : 0;
}

bool nfl_report_entry_add(struct nfl_report_table *t, const char *text)
{
    struct nfl_report_entry *e = t->top;
    char *copy = strdup(text), *arrow;

    if ((t->n_top & (t->n_top - 1)) == 0) /* room for twice as many */
        e = realloc(e, (t->n_top ? 2 * (size_t)t->n_top : 1) * sizeof(*e));
    if (e)
        t->top = e;
    if (!e || !copy) {
        free(copy);
        return false;
    }
    arrow = strstr(copy, " -> ");
    if (arrow)
        *arrow = '\0';
    e[t->n_top++] = (struct nfl_report_entry){
        .key = copy,
        .value = arrow ? arrow + 4 : NULL,
        .rank = rank_of(arrow ? arrow + 4 : NULL),
    };
    return true;
}

static bool is_number(const char *value)
{
    return value && *value && strspn(value, "0123456789") == strlen(value);
}

static int by_key(const void *a, const void *b)
{
    const struct nfl_report_entry *x = a, *y = b;

    return strcmp(x->key, y->key);
}

/* One of x and y, which have the same key; false: they say what cannot be
 * added up, or there is no memory. */
static bool merge(struct nfl_report_entry *x, const struct nfl_report_entry *y)
{
    char *text;
    size_t n = strlen(x->key) + 1;

    if (!x->value && !y->value)
        return true;
    if (!is_number(x->value) || !is_number(y->value))
        return false;
    text = malloc(n + NUMBER_TEXT);
    if (!text)
        return false;
    x->rank += y->rank;
    memcpy(text, x->key, n);
    snprintf(text + n, NUMBER_TEXT, "%" PRIu64, x->rank);
    free(x->key);
    x->key = text;
    x->value = text + n;
    return true;
}

/* Shards that keep a table each may have the same key: their numbers are added
 * up. */
static void merge_shards(struct nfl_report_table *t)
{
    unsigned i, n = 0;

    qsort(t->top, t->n_top, sizeof(*t->top), by_key);
    for (i = 0; i < t->n_top; i++) {
        if (n > 0 && by_key(&t->top[n - 1], &t->top[i]) == 0 &&
            merge(&t->top[n - 1], &t->top[i])) {
            free(t->top[i].key);
            t->same++;
        } else {
            t->top[n++] = t->top[i];
        }
    }
    t->n_top = n;
}

/* The greatest first; equals by their text, so that there is one order. */
static int order(const void *a, const void *b)
{
    const struct nfl_report_entry *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank > y->rank ? -1 : 1;
    return strcmp(x->key, y->key);
}

void nfl_report_entries_cut(struct nfl_report_table *t, unsigned most)
{
    if (t->n_top && most)
        merge_shards(t);
    if (t->n_top)
        qsort(t->top, t->n_top, sizeof(*t->top), order);
    while (t->n_top > most)
        free(t->top[--t->n_top].key);
}

void nfl_report_entries_free(struct nfl_report_table *t)
{
    nfl_report_entries_cut(t, 0);
    free(t->top);
    t->top = NULL;
}
