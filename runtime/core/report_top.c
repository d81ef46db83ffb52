/* The greatest entries of a table. */
#include <nfl/report.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
