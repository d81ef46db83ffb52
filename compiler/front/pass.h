/* The pass of this folder. */
#ifndef NFL_FRONT_PASS_H
#define NFL_FRONT_PASS_H

#include "front/ast.h"
#include <stdio.h>

struct unit;

/* Reads the main file and all that it uses; fills u->ast. */
void pass_load(struct unit *u);

/* Prints the declarations of the main file, every expression in parentheses
 * (dump.c). */
void ast_dump(const struct ast *ast, FILE *to);

#endif
