/* A run on several cores may read values of atomic state that no run on one
 * reads. Given the order of its operations, this run does the same; whether
 * that order is one that there could be is checked. */
#ifndef NFL_INTERP_ORDER_H
#define NFL_INTERP_ORDER_H

#include "sema/tree.h"

struct world;
struct moment;

/* Reads nfl/order.h's lines into w->order. False and w->err if it cannot. */
bool order_read(struct world *w, const char *path);

/* What the variable holds at this place of the order. */
num_t order_get(struct moment *m, const struct var *v);
/* An update by a value. */
void order_update(struct moment *m, const struct var *v, enum update update,
                  num_t by);

/* At the end: true if all was done, each shard did its packets in their order,
 * and every value that was read is the one that was there. Else w->err. Sets
 * what the variables hold in the end. */
bool order_holds(struct world *w);

#endif
