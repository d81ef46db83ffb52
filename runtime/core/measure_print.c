/* Measurements as a table for people, and as JSON. */
#include "core/grid.h"
#include "core/measure.h"
#include <jansson.h>

static double mean(const struct nfl_measure_row *r)
{
    return r->packets ? (double)r->cycles / (double)r->packets : 0;
}

/* Million packets a second, of all cores. */
static double mpps(const struct nfl_measure *m, const struct nfl_measure_row *r)
{
    if (!r->cycles)
        return 0;
    return m->hz * (r->rate > 0 ? r->rate : 1 / mean(r)) / 1e6;
}

/* ---- text ---- */

static void cell(struct nfl_grid *g, double v)
{
    char text[32];

    snprintf(text, sizeof(text), "%.1f", v);
    nfl_grid_text(g, text);
}

static void row(struct nfl_grid *g, const struct nfl_measure *m,
                struct nfl_measure_row *r)
{
    static const double p[] = {.1, .5, .9, .99};
    unsigned i;

    nfl_grid_text(g, r->what);
    nfl_grid_number(g, r->n_rounds);
    cell(g, mpps(m, r));
    cell(g, mean(r));
    cell(g, nfl_measure_rounds(r, .1));
    for (i = 0; i < 4; i++)
        cell(g, nfl_measure_bursts(r, p[i]));
}

void nfl_measure_text(struct nfl_measure *m, FILE *to)
{
    static const char *const titles[] = {
        "cycles per packet", "rounds",    "Mpps",      "mean",      "round p10",
        "burst p10",         "burst p50", "burst p90", "burst p99",
    };
    struct nfl_grid *g = nfl_grid_new("lrrrrrrrr", titles);
    const struct nfl_measure_row *last = &m->rows[m->n_rows - 1];
    char n[2][32];
    unsigned i;

    fprintf(to,
            "%s: %s packets a round, in bursts of up to %u from memory\n"
            "%u core%s; TSC at %.0f MHz; buffers of %u bytes in %s\n\n",
            m->program, nfl_grouped(m->packets, n[0]), m->burst, m->cores,
            m->cores == 1 ? "" : "s at the same time", m->hz / 1e6,
            m->buffer_room,
            m->huge ? "hugepages" : "small pages (no-huge: slower)");
    for (i = 0; i < m->n_rows; i++)
        row(g, m, &m->rows[i]);
    nfl_grid_print(g, to);
    fprintf(to, "\n  of %s packets with I/O, %s were dropped\n",
            nfl_grouped(last->packets, n[0]), nfl_grouped(last->dropped, n[1]));
}

/* ---- JSON ---- */

static void set(json_t *o, const char *key, json_t *v)
{
    json_object_set_new(o, key, v);
}

static json_t *json_rounds(struct nfl_measure_row *r)
{
    json_t *o = json_object();

    set(o, "p10", json_real(nfl_measure_rounds(r, .1)));
    set(o, "p50", json_real(nfl_measure_rounds(r, .5)));
    return o;
}

static json_t *json_bursts(const struct nfl_measure_row *r)
{
    json_t *o = json_object();

    set(o, "p10", json_real(nfl_measure_bursts(r, .1)));
    set(o, "p50", json_real(nfl_measure_bursts(r, .5)));
    set(o, "p90", json_real(nfl_measure_bursts(r, .9)));
    set(o, "p99", json_real(nfl_measure_bursts(r, .99)));
    return o;
}

static json_t *json_row(const struct nfl_measure *m, struct nfl_measure_row *r)
{
    json_t *o = json_object();

    set(o, "name", json_string(r->name));
    set(o, "rounds", json_integer(r->n_rounds));
    set(o, "packets", json_integer((json_int_t)r->packets));
    set(o, "sent", json_integer((json_int_t)r->sent));
    set(o, "dropped", json_integer((json_int_t)r->dropped));
    set(o, "mpps", json_real(mpps(m, r)));
    set(o, "cycles", json_real(mean(r)));
    set(o, "round", json_rounds(r));
    set(o, "burst", json_bursts(r));
    return o;
}

void nfl_measure_json(struct nfl_measure *m, FILE *to)
{
    json_t *o = json_object(), *rows = json_array();
    unsigned i;

    for (i = 0; i < m->n_rows; i++)
        json_array_append_new(rows, json_row(m, &m->rows[i]));
    set(o, "program", json_string(m->program));
    set(o, "tsc_hz", json_real(m->hz));
    set(o, "huge", json_boolean(m->huge));
    set(o, "packets", json_integer((json_int_t)m->packets));
    set(o, "burst", json_integer(m->burst));
    set(o, "cores", json_integer(m->cores));
    set(o, "buffer_room", json_integer(m->buffer_room));
    set(o, "rows", rows);
    json_dumpf(o, to, JSON_INDENT(2) | JSON_REAL_PRECISION(8));
    fputc('\n', to);
    json_decref(o);
}
