/* The order of atomic operations, for tests: what a run on several cores reads
 * of atomic state depends on it. The interpreter, given the same order, does
 * the same (LANGUAGE.md, "Shards"). Never on the packet path of a real run:
 * each operation waits for all others. */
#ifndef NFL_ORDER_H
#define NFL_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nfl_op {
    NFL_OP_GET,
    NFL_OP_ADD,
    NFL_OP_SUB,
    NFL_OP_OR,
    NFL_OP_AND,
    NFL_OP_MAX,
    NFL_OP_MIN,
};

struct nfl_ctx;
struct nfl_order;

/* NULL and err on failure. Close: false if not all could be written. */
struct nfl_order *nfl_order_open(const char *path, char *err, size_t errlen);
bool nfl_order_close(struct nfl_order *o);

/* Does it to the object of 1, 2, 4 or 8 bytes, and writes a line
 * "PACKET CHAIN NF NAME OP VALUE FLOW"; FLOW is "-", "timer SHARD", or the
 * initiator's side (0 left, 1 right) and the tuple T0: flows of both sides may
 * have the same one.
 * Returns what was there before. */
uint64_t nfl_order_do(const struct nfl_ctx *c, void *at, unsigned bytes,
                      enum nfl_op op, uint64_t v);

#endif
