/* Pieces of a picture (SVG), in pixels from its top left corner. */
#ifndef TOOL_GRAPH_DRAW_H
#define TOOL_GRAPH_DRAW_H

#include "sema/tree.h"
#include <stdio.h>

enum {
    BOX_W = 150,
    BOX_H = 34,
    GAP_X = 46,
    GAP_Y = 12,
    LINE = 18, /* of text */
    MARGIN = 20,
    LETTER = 8, /* width, of a monospaced font of 13 pixels */
};

struct svg {
    const struct unit *unit;
    FILE *to;
    unsigned x, y, width;
};

void svg_words(struct svg *v, const char *class, unsigned x, unsigned y,
               const char *text);
/* A box at v->x. */
void svg_box(struct svg *v, const char *class, unsigned y, const char *text);
void svg_line(struct svg *v, unsigned x, unsigned y, unsigned to_x,
              unsigned to_y);

/* ---- graph_branch.c: the branches of a chain ---- */

/* Draws them at v->y, and sets it to what is below. */
void svg_branches(struct svg *v, const struct chain *c);
/* How wide that is. */
unsigned svg_branches_width(const struct chain *c);

#endif
