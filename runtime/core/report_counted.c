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
    losses(r, to);
    return true;
}
