/* What a program counted that is there to count: numbers and histograms. */
#include "core/grid.h"
#include <nfl/report.h>
#include <string.h>

enum { BAR = 40, RANGE = 48 };

static size_t longer(size_t n, const char *text)
{
    return strlen(text) > n ? strlen(text) : n;
}

/* ---- numbers ---- */

static void numbers(const struct nfl_report *r, FILE *to)
{
    size_t name = 0, number = 0;
    char buf[32];
    unsigned i;

    for (i = 0; i < r->n_values; i++) {
        if (r->values[i].bucket)
            continue;
        name = longer(name, r->values[i].name);
        number = longer(number, nfl_grouped(r->values[i].value, buf));
    }
    for (i = 0; i < r->n_values; i++)
        if (!r->values[i].bucket)
            fprintf(to, "  %-*s  %*s\n", (int)name, r->values[i].name,
                    (int)number, nfl_grouped(r->values[i].value, buf));
}

/* ---- histograms ---- */

/* "64..127" */
static char *range_text(unsigned bucket, char buf[RANGE])
{
    char to[32];

    nfl_grouped(nfl_bucket_from(bucket), buf);
    if (bucket > 2) {
        strcat(buf, "..");
        strcat(buf, nfl_grouped(nfl_bucket_to(bucket), to));
    }
    return buf;
}

static void bar(uint64_t value, uint64_t most, FILE *to)
{
    unsigned n = (unsigned)((double)value / (double)most * BAR + 0.5), i;

    for (i = 0; i < n; i++)
        fputc('#', to);
}

/* From the first bucket that holds something to the last. */
static void histogram(const struct nfl_report_value *v, FILE *to)
{
    unsigned first = NFL_REPORT_BUCKETS, last = 0, i;
    size_t range = 0, number = 0;
    char text[RANGE], buf[32];
    uint64_t most = 0;

    for (i = 0; i < NFL_REPORT_BUCKETS; i++) {
        if (v[i].value == 0)
            continue;
        first = i < first ? i : first;
        last = i;
        most = v[i].value > most ? v[i].value : most;
        number = longer(number, nfl_grouped(v[i].value, buf));
    }
    fprintf(to, "  %.*s%s\n", (int)(strstr(v->name, "__") - v->name), v->name,
            most ? "" : ": none");
    for (i = first; i <= last; i++)
        range = longer(range, range_text(v[i].bucket, text));
    for (i = first; i <= last; i++) {
        fprintf(to, "    %*s  %*s%s", (int)range, range_text(v[i].bucket, text),
                (int)number, nfl_grouped(v[i].value, buf),
                v[i].value ? "  " : "");
        bar(v[i].value, most, to);
        fputc('\n', to);
    }
}

static void histograms(const struct nfl_report *r, FILE *to)
{
    unsigned i;

    for (i = 0; i + NFL_REPORT_BUCKETS <= r->n_values; i++)
        if (r->values[i].bucket == 1)
            histogram(&r->values[i], to);
}

/* ---- tables ---- */

/* 1234567 as "1,234,567"; what is no number stays as it is. */
static const char *value_text(const struct nfl_report_entry *e, char buf[32])
{
    if (!e->value || e->value[strspn(e->value, "0123456789")])
        return e->value ? e->value : "";
    return nfl_grouped(e->rank, buf);
}

static void table(const struct nfl_report_table *t, FILE *to)
{
    size_t key = 0, value = 0;
    char buf[32];
    unsigned i;

    for (i = 0; i < t->n_top; i++) {
        key = longer(key, t->top[i].key);
        value = longer(value, value_text(&t->top[i], buf));
    }
    fprintf(to, "  %s%s\n", t->name, t->n_top ? "" : ": empty");
    for (i = 0; i < t->n_top; i++)
        fprintf(to, "    %-*s  %*s\n", (int)key, t->top[i].key, (int)value,
                value_text(&t->top[i], buf));
    if (t->entries - t->same > t->n_top)
        fprintf(to, "    and %s more\n",
                nfl_grouped(t->entries - t->same - t->n_top, buf));
    if (t->evicted)
        fprintf(to, "    %s made room for others\n",
                nfl_grouped(t->evicted, buf));
}

void nfl_report_tops(const struct nfl_report *r, FILE *to)
{
    unsigned i;

    for (i = 0; i < r->n_tables; i++)
        table(&r->tables[i], to);
}

/* ---- losses ---- */

static void losses(const struct nfl_report *r, FILE *to)
{
    char n[32];
    unsigned i;

    for (i = 0; i < r->n_drops; i++) {
        const struct nfl_report_drop *d = &r->drops[i];

        if (d->packets && !d->end)
            fprintf(to, "  %s dropped%s%s: %s\n", nfl_grouped(d->packets, n),
                    d->nf ? " by " : "", d->nf ? d->nf : "", d->reason);
    }
}

bool nfl_report_counted(const struct nfl_report *r, FILE *to)
{
    numbers(r, to);
    histograms(r, to);
    nfl_report_tops(r, to);
    losses(r, to);
    return true;
}
