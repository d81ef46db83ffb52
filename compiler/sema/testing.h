/* What the files about tests share. */
#ifndef NFL_SEMA_TESTING_H
#define NFL_SEMA_TESTING_H

#include "sema/sema.h"
#include "sema/test.h"

/* ---- test_packet.c ---- */

/* eth / ip(src = 10.0.0.1) / "x". A pattern may leave out outer headers and
 * have ranges. NULL if something was wrong. */
struct tpacket *test_packet(struct scope *sc, const struct ast_expr *e,
                            bool pattern);

/* ---- test_value.c ---- */

/* A comparison about state of the chain; NULL if something was wrong. */
struct tvalue *test_value(struct scope *sc, const struct chain *c,
                          const struct ast_expr *e);
/* CHAIN.NF.PARAM=VALUE of `set`; NULL if something was wrong. */
const char *test_setting(struct scope *sc, const struct chain *c,
                         const struct ast_expr *target,
                         const struct ast_expr *value);

/* ---- test_loop.c ---- */

/* The lines of the loop for one value. */
struct ast_item *test_case(struct sema *s, const struct ast_item *loop,
                           const struct ast_expr *value);

/* ---- test.c ---- */

/* "lan", also of a chain that a test made. */
const char *test_port_name(struct sema *s, const struct port *p);
/* Reports if the chain has none of that name. */
const struct port *test_port(struct sema *s, const struct chain *c,
                             const char *name, struct loc at);

#endif
