/* The passes of this folder. */
#ifndef NFL_SEMA_PASS_H
#define NFL_SEMA_PASS_H

#include <stdio.h>

struct unit;
struct tree;

void pass_types(struct unit *u);
void pass_effects(struct unit *u);
void tree_dump(const struct tree *t, FILE *to);

#endif
