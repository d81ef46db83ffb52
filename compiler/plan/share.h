/* Common elements: what an NF asks of a packet that another one asked before,
 * with nothing in between that changes the answer. Only for this folder. */
#ifndef NFL_PLAN_SHARE_H
#define NFL_PLAN_SHARE_H

struct unit;
struct plan_chain;

/* Fills in plan_handler.shares; the chain's NFs are known. */
void share_handlers(const struct unit *u, struct plan_chain *c);

#endif
