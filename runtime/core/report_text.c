/* The final statistics as tables for people. */
#include "core/grid.h"
#include "core/memtext.h"
#include <nfl/report.h>
#include <stdlib.h>
#include <string.h>

static void head(const struct nfl_report *r, FILE *to)
{
    uint64_t packets = 0, bytes = 0;
    char n[32];
    unsigned i;

    for (i = 0; i < r->n_ports; i++) {
        packets += r->ports[i].rx_packets;
        bytes += r->ports[i].rx_bytes;
    }
    fprintf(to, "%s: %s packet%s", r->program, nfl_grouped(packets, n),
            packets == 1 ? "" : "s");
    fprintf(to, ", %s bytes", nfl_grouped(bytes, n));
    if (packets > 1 && r->last >= r->first)
        fprintf(to, ", %.3f s from the first to the last",
                (double)(r->last - r->first) / 1e9);
    fputs("\n\n", to);
}

static bool ports(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {"port", "received", "bytes",
                                         "sent", "bytes",    "written to"};
    bool captures = false;
    struct nfl_grid *g;
    char n[32];
    unsigned i;

    for (i = 0; i < r->n_ports; i++)
        captures = captures || r->ports[i].out;
    g = nfl_grid_new(captures ? "lrrrrl" : "lrrrr", titles);
    for (i = 0; i < r->n_ports; i++) {
        const struct nfl_report_port *p = &r->ports[i];

        nfl_grid_text(g, p->name);
        nfl_grid_number(g, p->rx_packets);
        nfl_grid_number(g, p->rx_bytes);
        nfl_grid_number(g, p->tx_packets);
        nfl_grid_number(g, p->tx_bytes);
        if (captures)
            nfl_grid_text(g, p->out ? p->out : "");
    }
    if (!nfl_grid_print(g, to))
        return false;
    if (r->made)
        fprintf(to, "\n  %s packet%s made by NFs\n", nfl_grouped(r->made, n),
                r->made == 1 ? " was" : "s were");
    if (r->held)
        fprintf(to, "\n  %s segment%s waited for bytes in front of %s\n",
                nfl_grouped(r->held, n), r->held == 1 ? "" : "s",
                r->held == 1 ? "it" : "them");
    if (r->cut)
        fprintf(to, "\n  %s more fragment%s left than packets\n",
                nfl_grouped(r->cut, n), r->cut == 1 ? "" : "s");
    return true;
}

/* What live ports are, and what they lost. */
static bool devices(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {
        "port",        "device",  "link",           "MTU",
        "not fetched", "damaged", "lost on sending"};
    struct nfl_grid *g;
    char name[64], mtu[16];
    unsigned i;

    if (r->n_ports == 0 || !r->ports[0].device.kind)
        return true;
    fputc('\n', to);
    g = nfl_grid_new("lllrrrr", titles);
    for (i = 0; i < r->n_ports; i++) {
        const struct nfl_report_device *d = &r->ports[i].device;

        snprintf(name, sizeof(name), "%s:%s", d->kind, d->name);
        snprintf(mtu, sizeof(mtu), "%u", d->mtu);
        nfl_grid_text(g, r->ports[i].name);
        nfl_grid_text(g, name);
        nfl_grid_text(g, d->up ? "up" : "down");
        nfl_grid_text(g, mtu);
        nfl_grid_number(g, d->rx_lost);
        nfl_grid_number(g, d->rx_errors);
        nfl_grid_number(g, d->tx_lost);
    }
    return nfl_grid_print(g, to);
}

static bool flows(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {"flows of", "opened",  "ended",
                                         "live",     "evicted", "refused",
                                         "room for"};
    struct nfl_grid *g = nfl_grid_new("lrrrrrr", titles);
    unsigned i;

    if (r->n_flows)
        fputc('\n', to);
    for (i = 0; i < r->n_flows; i++) {
        const struct nfl_report_flows *f = &r->flows[i];

        nfl_grid_text(g, f->chain);
        nfl_grid_number(g, f->opened);
        nfl_grid_number(g, f->ended);
        nfl_grid_number(g, f->live);
        nfl_grid_number(g, f->evicted);
        nfl_grid_number(g, f->refused);
        nfl_grid_number(g, f->size);
    }
    return nfl_grid_print(g, to);
}

enum { WHO = 256 }; /* of longer names only the begin is shown */

static bool has_chains(const struct nfl_report *r)
{
    const char *one = NULL;
    unsigned i;

    for (i = 0; i < r->n_handlers; i++) {
        if (one && strcmp(one, r->handlers[i].chain) != 0)
            return true;
        one = r->handlers[i].chain;
    }
    return false;
}

/* CHAIN.NF where there are several chains, as settings have it. */
static const char *who(const struct nfl_report *r, const char *chain,
                       const char *nf, char name[WHO])
{
    if (!has_chains(r) || !chain)
        return nf;
    snprintf(name, WHO, "%s.%s", chain, nf);
    return name;
}

static bool drops(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {"dropped", "by", "because"};
    struct nfl_grid *g = nfl_grid_new("rll", titles);
    char name[WHO];
    unsigned i, n = 0;

    for (i = 0; i < r->n_drops; i++)
        n += r->drops[i].packets != 0;
    if (n)
        fputc('\n', to);
    else
        fputs("\n  nothing was dropped\n", to);
    for (i = 0; i < r->n_drops; i++) {
        const struct nfl_report_drop *d = &r->drops[i];

        if (d->packets == 0)
            continue;
        nfl_grid_number(g, d->packets);
        nfl_grid_text(g, d->nf      ? who(r, d->chain, d->nf, name)
                         : d->chain ? d->chain
                                    : "the runtime");
        nfl_grid_text(g, d->reason);
    }
    return nfl_grid_print(g, to);
}

static bool handlers(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {"ran", "NF", "on", "line"};
    struct nfl_grid *g = nfl_grid_new("rllr", titles);
    char line[16], name[WHO];
    unsigned i;

    if (r->n_handlers)
        fputc('\n', to);
    for (i = 0; i < r->n_handlers; i++) {
        const struct nfl_report_handler *h = &r->handlers[i];

        snprintf(line, sizeof(line), "%u", h->line);
        nfl_grid_number(g, h->runs);
        nfl_grid_text(g, who(r, h->chain, h->nf, name));
        nfl_grid_text(g, h->events);
        nfl_grid_text(g, line);
    }
    return nfl_grid_print(g, to);
}

static bool values(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {"NF", "state", "kept", "value"};
    struct nfl_grid *g = nfl_grid_new("lllr", titles);
    char kept[32], name[WHO];
    unsigned i;

    if (r->n_values)
        fputc('\n', to);
    for (i = 0; i < r->n_values; i++) {
        nfl_grid_text(g, who(r, r->values[i].chain, r->values[i].nf, name));
        snprintf(kept, sizeof(kept), "%s%s%s", r->values[i].storage,
                 r->values[i].merge ? ", " : "",
                 r->values[i].merge ? r->values[i].merge : "");
        nfl_grid_text(g, r->values[i].name);
        nfl_grid_text(g, kept);
        nfl_grid_number(g, r->values[i].value);
    }
    return nfl_grid_print(g, to);
}

static bool tables(const struct nfl_report *r, FILE *to)
{
    static const char *const titles[] = {
        "NF", "table", "entries", "added", "evicted", "refused", "room for"};
    struct nfl_grid *g = nfl_grid_new("llrrrrr", titles);
    char name[WHO];
    unsigned i;

    if (r->n_tables)
        fputc('\n', to);
    for (i = 0; i < r->n_tables; i++) {
        const struct nfl_report_table *t = &r->tables[i];

        nfl_grid_text(g, who(r, t->chain, t->nf, name));
        nfl_grid_text(g, t->name);
        nfl_grid_number(g, t->entries);
        nfl_grid_number(g, t->added);
        nfl_grid_number(g, t->evicted);
        nfl_grid_number(g, t->refused);
        nfl_grid_number(g, t->size);
    }
    return nfl_grid_print(g, to);
}

static bool tops(const struct nfl_report *r, FILE *to)
{
    if (r->top && r->n_tables) {
        fputc('\n', to);
        nfl_report_tops(r, to);
    }
    return true;
}

static bool whole(const struct nfl_report *r, FILE *to)
{
    return ports(r, to) && devices(r, to) && drops(r, to) && flows(r, to) &&
           handlers(r, to) && values(r, to) && tables(r, to) && tops(r, to);
}

bool nfl_report_text(const struct nfl_report *r, FILE *to)
{
    struct nfl_memtext t = {0};
    FILE *f = nfl_memtext_open(&t);
    bool good;

    if (!f)
        return false;
    head(r, f);
    good = r->brief ? nfl_report_counted(r, f) : whole(r, f);
    good = nfl_memtext_close(f) && good;
    if (good && t.len > 0)
        fwrite(t.text, 1, t.len, to);
    free(t.text);
    return good;
}
