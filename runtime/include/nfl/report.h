/* What a run did, in one form for every layout and the interpreter, printed as
 * text for people or as JSON. */
#ifndef NFL_REPORT_H
#define NFL_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { NFL_REPORT_TOP = 20 }; /* entries of a table that a brief one has */

struct nfl_report_device {   /* what a live port is */
    const char *kind, *name; /* "iface", "eth1" */
    const char *driver;      /* of DPDK; NULL: the kernel itself */
    unsigned mtu, queues;
    bool up; /* its link, in the end */
    /* Of those received, and among the dropped: nobody fetched them in time. */
    uint64_t rx_lost;
    /* Beside all other counts: damaged on arrival; sent, but then dropped by
     * the device or the kernel; arrived with checksums left to be filled in,
     * or with one that the device found wrong. */
    uint64_t rx_errors, tx_lost, rx_partial, rx_bad_sums;
};

struct nfl_report_port {
    const char *name;
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
    const char *out;                 /* capture that was written, or NULL */
    struct nfl_report_device device; /* kind NULL: it is a capture */
};

struct nfl_report_drop {
    const char *chain; /* NULL: before any chain */
    const char *nf;    /* NULL: the runtime */
    const char *reason;
    uint64_t packets;
    bool end; /* no loss: their chain goes no further */
};

struct nfl_report_flows {
    const char *chain;
    uint64_t size; /* entries, exactly */
    /* opened = ended + live; those evicted are among the ended. */
    uint64_t opened, ended, evicted, refused, live;
};

struct nfl_report_handler { /* how often each handler ran */
    const char *chain, *nf, *events;
    unsigned line;
    uint64_t runs;
};

struct nfl_report_value { /* scalars that flows have in common */
    const char *chain, *nf, *name;
    const char *storage; /* "shared", "split", "atomic" */
    const char *merge;   /* split: over all shards, "sum" or "max"; or NULL */
    uint64_t value;
    /* b > 0: of a histogram, which is NFL_REPORT_BUCKETS rows, in order; how
     * often there was 0 (b = 1), or 2^(b-2) and less than 2^(b-1). The name
     * has "__" and b - 1 at its end. */
    unsigned bucket;
};

#define NFL_REPORT_BUCKETS 65

/* The least and the greatest number of bucket b. */
static inline uint64_t nfl_bucket_from(unsigned b)
{
    return b > 1 ? (uint64_t)1 << (b - 2) : 0;
}

static inline uint64_t nfl_bucket_to(unsigned b)
{
    return b > 1 ? 2 * ((uint64_t)1 << (b - 2)) - 1 : 0;
}

struct nfl_report_entry {
    char *key;         /* owned by the report */
    const char *value; /* as text, behind the key; NULL: of a set */
    uint64_t rank;     /* what it is sorted by */
};

struct nfl_report_table { /* tables of NFs, over all shards */
    const char *chain, *nf, *name;
    uint64_t size;    /* entries, exactly */
    uint64_t entries; /* that are there in the end */
    /* Entries that were made; that made room for others; that were not made,
     * since their shard was full. */
    uint64_t added, evicted, refused;
    struct nfl_report_entry *top; /* its greatest entries, the greatest first */
    unsigned n_top;
    unsigned same; /* entries that are part of another shard's in `top` */
};

/* Whose rows an object adds: to values or to tables, one at most. */
struct nfl_report_object {
    const char *chain, *nf, *name, *storage;
};

struct nfl_report {
    const char *program;  /* name of the source without .nfl */
    unsigned top;         /* so many entries of each table, if it has them */
    bool brief;           /* as text: only what was counted, and losses */
    uint64_t first, last; /* of the first packet; the latest of all; ns */
    uint64_t made;        /* packets that NFs made: reply, send */
    uint64_t held;        /* that waited in front of inline chains */
    uint64_t cut;         /* fragments that were sent beyond one a packet */
    struct nfl_report_port *ports;
    unsigned n_ports;
    struct nfl_report_drop *drops; /* rows with 0 packets are not printed */
    unsigned n_drops;
    struct nfl_report_flows *flows;
    unsigned n_flows;
    struct nfl_report_handler *handlers;
    unsigned n_handlers;
    struct nfl_report_value *values;
    unsigned n_values;
    struct nfl_report_table *tables;
    unsigned n_tables;
};

/* False, and nothing is printed, if there is no memory for the text. */
bool nfl_report_text(const struct nfl_report *r, FILE *to);
/* Adds an entry, as the final state writes it: "KEY", or "KEY -> VALUE". False
 * if there is no memory. */
bool nfl_report_entry_add(struct nfl_report_table *t, const char *text);
/* Adds up those of the same key, sorts them by their values, and frees all but
 * so many. */
void nfl_report_entries_cut(struct nfl_report_table *t, unsigned most);
void nfl_report_entries_free(struct nfl_report_table *t);
/* Prints those of all tables. */
void nfl_report_tops(const struct nfl_report *r, FILE *to);

/* Only what was counted, and losses. */
bool nfl_report_counted(const struct nfl_report *r, FILE *to);
bool nfl_report_json(const struct nfl_report *r, FILE *to);

/* rx + made + cut = tx + drops. False, and one line in err, if a packet is
 * unaccounted. */
bool nfl_report_balanced(const struct nfl_report *r, char *err, size_t errlen);

#endif
