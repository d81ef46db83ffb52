/* The final statistics as JSON, and whether they add up. */
#include "core/fail.h"
#include <errno.h>
#include <jansson.h>
#include <nfl/report.h>
#include <stdlib.h>
#include <string.h>

/* ---- balance ---- */

bool nfl_report_balanced(const struct nfl_report *r, char *err, size_t errlen)
{
    uint64_t rx = 0, tx = 0, drops = 0;
    unsigned i;

    for (i = 0; i < r->n_ports; i++) {
        rx += r->ports[i].rx_packets;
        tx += r->ports[i].tx_packets;
    }
    for (i = 0; i < r->n_drops; i++)
        drops += r->drops[i].packets;
    if (rx + r->made + r->cut == tx + drops)
        return true;
    return nfl_fail(err, errlen,
                    "packets are unaccounted for: %llu received, %llu made and "
                    "%llu cut off, "
                    "but "
                    "%llu sent and %llu dropped; this is a bug in nflc",
                    (unsigned long long)rx, (unsigned long long)r->made,
                    (unsigned long long)r->cut, (unsigned long long)tx,
                    (unsigned long long)drops);
}

/* ---- JSON ---- */

/* JSON's numbers end at 2^63 here; what is beyond becomes a string. */
static json_t *number(uint64_t v)
{
    char text[24];

    if (v <= INT64_MAX)
        return json_integer((json_int_t)v);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
    return json_string(text);
}

static json_t *text_or_null(const char *s)
{
    json_t *v;

    errno = 0;
    v = s ? json_string(s) : json_null();
    /* Names of files need not be UTF-8. */
    return v || errno == ENOMEM ? v : json_string("?");
}

/* Takes the value, also where there is no memory: then *lost is set. */
static void set(json_t *o, const char *key, json_t *v, bool *lost)
{
    if (json_object_set_new(o, key, v) != 0)
        *lost = true;
}

static void append(json_t *a, json_t *v, bool *lost)
{
    if (json_array_append_new(a, v) != 0)
        *lost = true;
}

static json_t *json_device(const struct nfl_report_device *d, bool *lost)
{
    json_t *o = json_object();

    set(o, "kind", text_or_null(d->kind), lost);
    set(o, "name", text_or_null(d->name), lost);
    set(o, "driver", text_or_null(d->driver), lost);
    set(o, "mtu", number(d->mtu), lost);
    set(o, "queues", number(d->queues), lost);
    set(o, "link", text_or_null(d->up ? "up" : "down"), lost);
    set(o, "rx_lost", number(d->rx_lost), lost);
    set(o, "rx_errors", number(d->rx_errors), lost);
    set(o, "rx_partial_checksums", number(d->rx_partial), lost);
    set(o, "rx_bad_checksums", number(d->rx_bad_sums), lost);
    set(o, "tx_lost", number(d->tx_lost), lost);
    return o;
}

static json_t *json_ports(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_ports; i++) {
        json_t *o = json_object();

        set(o, "name", text_or_null(r->ports[i].name), lost);
        set(o, "rx_packets", number(r->ports[i].rx_packets), lost);
        set(o, "rx_bytes", number(r->ports[i].rx_bytes), lost);
        set(o, "tx_packets", number(r->ports[i].tx_packets), lost);
        set(o, "tx_bytes", number(r->ports[i].tx_bytes), lost);
        set(o, "out", text_or_null(r->ports[i].out), lost);
        if (r->ports[i].device.kind)
            set(o, "device", json_device(&r->ports[i].device, lost), lost);
        append(a, o, lost);
    }
    return a;
}

static json_t *json_drops(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_drops; i++) {
        json_t *o;

        if (r->drops[i].packets == 0)
            continue;
        o = json_object();
        set(o, "chain", text_or_null(r->drops[i].chain), lost);
        set(o, "nf", text_or_null(r->drops[i].nf), lost);
        set(o, "reason", text_or_null(r->drops[i].reason), lost);
        set(o, "packets", number(r->drops[i].packets), lost);
        append(a, o, lost);
    }
    return a;
}

static json_t *json_flows(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_flows; i++) {
        json_t *o = json_object();

        set(o, "chain", text_or_null(r->flows[i].chain), lost);
        set(o, "size", number(r->flows[i].size), lost);
        set(o, "opened", number(r->flows[i].opened), lost);
        set(o, "ended", number(r->flows[i].ended), lost);
        set(o, "evicted", number(r->flows[i].evicted), lost);
        set(o, "refused", number(r->flows[i].refused), lost);
        set(o, "live", number(r->flows[i].live), lost);
        append(a, o, lost);
    }
    return a;
}

static json_t *json_handlers(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_handlers; i++) {
        json_t *o = json_object();

        set(o, "chain", text_or_null(r->handlers[i].chain), lost);
        set(o, "nf", text_or_null(r->handlers[i].nf), lost);
        set(o, "events", text_or_null(r->handlers[i].events), lost);
        set(o, "line", number(r->handlers[i].line), lost);
        set(o, "runs", number(r->handlers[i].runs), lost);
        append(a, o, lost);
    }
    return a;
}

/* The name, and for a bucket the numbers that it is for. */
static void set_name(json_t *o, const struct nfl_report_value *v, bool *lost)
{
    char name[256];

    snprintf(name, sizeof(name), "%s", v->name);
    if (v->bucket && strstr(name, "__"))
        *strstr(name, "__") = '\0';
    set(o, "name", text_or_null(name), lost);
    if (v->bucket) {
        set(o, "from", number(nfl_bucket_from(v->bucket)), lost);
        set(o, "to", number(nfl_bucket_to(v->bucket)), lost);
    }
}

static json_t *json_values(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_values; i++) {
        json_t *o;

        if (r->values[i].bucket && r->values[i].value == 0)
            continue;
        o = json_object();
        set(o, "chain", text_or_null(r->values[i].chain), lost);
        set(o, "nf", text_or_null(r->values[i].nf), lost);
        set_name(o, &r->values[i], lost);
        set(o, "storage", text_or_null(r->values[i].storage), lost);
        set(o, "merge", text_or_null(r->values[i].merge), lost);
        set(o, "value", number(r->values[i].value), lost);
        append(a, o, lost);
    }
    return a;
}

/* Values that are one number are numbers, all others text. */
static json_t *json_top(const struct nfl_report_table *t, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < t->n_top; i++) {
        const char *v = t->top[i].value;
        json_t *o = json_object();

        set(o, "key", text_or_null(t->top[i].key), lost);
        if (v)
            set(o, "value",
                v[strspn(v, "0123456789")] ? text_or_null(v)
                                           : number(t->top[i].rank),
                lost);
        append(a, o, lost);
    }
    return a;
}

static json_t *json_tables(const struct nfl_report *r, bool *lost)
{
    json_t *a = json_array();
    unsigned i;

    for (i = 0; i < r->n_tables; i++) {
        json_t *o = json_object();

        set(o, "chain", text_or_null(r->tables[i].chain), lost);
        set(o, "nf", text_or_null(r->tables[i].nf), lost);
        set(o, "name", text_or_null(r->tables[i].name), lost);
        set(o, "size", number(r->tables[i].size), lost);
        set(o, "entries", number(r->tables[i].entries), lost);
        set(o, "added", number(r->tables[i].added), lost);
        set(o, "evicted", number(r->tables[i].evicted), lost);
        set(o, "refused", number(r->tables[i].refused), lost);
        if (r->top)
            set(o, "top", json_top(&r->tables[i], lost), lost);
        append(a, o, lost);
    }
    return a;
}

/* Not json_dumps(): where there is no memory that may leave out a key. */
static char *text_of(const json_t *o)
{
    size_t len = json_dumpb(o, NULL, 0, JSON_INDENT(2));
    char *text = len ? malloc(len + 1) : NULL;

    if (!text || json_dumpb(o, text, len, JSON_INDENT(2)) != len) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

bool nfl_report_json(const struct nfl_report *r, FILE *to)
{
    json_t *o = json_object();
    bool lost = false;
    char *text;

    set(o, "program", text_or_null(r->program), &lost);
    set(o, "first_ns", number(r->first), &lost);
    set(o, "last_ns", number(r->last), &lost);
    set(o, "generated", number(r->made), &lost);
    set(o, "held", number(r->held), &lost);
    set(o, "cut", number(r->cut), &lost);
    set(o, "ports", json_ports(r, &lost), &lost);
    set(o, "drops", json_drops(r, &lost), &lost);
    set(o, "flows", json_flows(r, &lost), &lost);
    set(o, "handlers", json_handlers(r, &lost), &lost);
    set(o, "values", json_values(r, &lost), &lost);
    set(o, "tables", json_tables(r, &lost), &lost);
    text = lost ? NULL : text_of(o);
    json_decref(o);
    if (!text)
        return false;
    fprintf(to, "%s\n", text);
    free(text);
    return true;
}
