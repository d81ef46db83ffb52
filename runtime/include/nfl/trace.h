/* The event trace: one line for each handler that runs, in order, for people
 * and for comparing layouts. And the final state. Both are text; the same in
 * every layout and the interpreter. Not for the packet path: off by default. */
#ifndef NFL_TRACE_H
#define NFL_TRACE_H

#include <nfl/num.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* "PACKET TICK CHAIN NF EVENTS:LINE FLOW": packet counts from 1 in the order
 * of input; FLOW is "-" or the tuple T0. */
void nfl_trace_event(FILE *to, uint64_t packet, uint64_t tick,
                     const char *chain, const char *nf, const char *events,
                     unsigned line, const struct nfl_tuple *flow);

/* "PACKET TICK CHAIN NF emit EVENT(NAME = VALUE, ...):LINE FLOW" */
struct nfl_field { /* a number or an address that an event carries */
    const char *name;
    enum nfl_fmt fmt;
    nfl_u128 v;
};
void nfl_trace_emit(FILE *to, uint64_t packet, uint64_t tick, const char *chain,
                    const char *nf, const char *event, unsigned line,
                    const struct nfl_tuple *flow,
                    const struct nfl_field *fields, unsigned n);

/* Of several workers each writes a trace of its own, in which a line of this
 * kind comes before the lines of a flow whose time was over, and one with
 * UINT64_MAX after them. nfl_trace_merge puts such traces together: by packet,
 * and, since flows end before the packet, by when they were due. */
void nfl_trace_due(FILE *to, uint64_t expires, unsigned chain, uint64_t armed);

struct nfl_trace_part {
    char *text;
    size_t len;
};
/* False if there is no memory. */
bool nfl_trace_merge(FILE *to, const struct nfl_trace_part *parts, unsigned n);

/* The file of --trace; it grows while the program runs. NULL, or false, and
 * err on failure. Nothing is left of a trace that could not be written as a
 * whole, or, with keep false, is given up. */
FILE *nfl_trace_open(const char *path, char *err, size_t errlen);
bool nfl_trace_close(FILE *f, const char *path, bool keep, char *err,
                     size_t errlen);

/* tcp 10.0.0.5:5000 > 198.51.100.9:53; IPv6 in brackets. Returns buf. */
char *nfl_tuple_text(const struct nfl_tuple *t, char *buf, size_t len);
char *nfl_num_text(nfl_u128 v, enum nfl_fmt fmt, char *buf, size_t len);

/* The final state: a list of lines that is sorted and then written, so that
 * no layout's order shows. */
struct nfl_state;
struct nfl_state *nfl_state_new(void);
void nfl_state_add(struct nfl_state *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Lines in use here, in this order of words:
 *   flow CHAIN TUPLE(T0) leaves TUPLE(Tn) shard N expires TICK
 *   flow CHAIN TUPLE(T0) var NF NAME VALUE         (one each)
 *   flow CHAIN TUPLE(T0) dropped NF REASON         (one each NF)
 *   flow CHAIN TUPLE(T0) lease NF NAME VALUE       (one each lease)
 *   shared CHAIN SHARD NF NAME VALUE               (zero values left out)
 *   split CHAIN SHARD NF NAME VALUE                (zero values left out)
 *   atomic CHAIN NF NAME VALUE                     (zero values left out)
 *   object CHAIN NF NAME KEY VALUE                 (what an extern reports)
 *   table CHAIN NF NAME shard N entries COUNT      (none left out)
 *   table CHAIN NF NAME shard N entry KEY [-> VALUE] [expires TICK] */
/* Sorts, writes to path (by a temporary name), frees. False and err if not. */
bool nfl_state_write(struct nfl_state *s, const char *path, char *err,
                     size_t errlen);

#endif
