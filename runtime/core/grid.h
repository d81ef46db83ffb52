/* Tables of text with aligned columns. */
#ifndef NFL_CORE_GRID_H
#define NFL_CORE_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct nfl_grid;

/* align has a letter for each column: l or r. Titles are as many. */
struct nfl_grid *nfl_grid_new(const char *align, const char *const *titles);
/* Cells, row by row. */
void nfl_grid_text(struct nfl_grid *g, const char *text);
void nfl_grid_number(struct nfl_grid *g, uint64_t v);
/* Prints, if there is a row below the titles, and frees. False, and nothing is
 * printed, if there was no memory for all of it. */
bool nfl_grid_print(struct nfl_grid *g, FILE *to);

/* 1234567 as "1,234,567"; returns buf, of at least 32 bytes. */
char *nfl_grouped(uint64_t v, char *buf);

#endif
