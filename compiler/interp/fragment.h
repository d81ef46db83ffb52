/* Fragments before they enter: LANGUAGE.md, "Fragments". */
#ifndef NFL_INTERP_FRAGMENT_H
#define NFL_INTERP_FRAGMENT_H

struct arrival;
struct world;

/* Takes a frame over. What enters now is in w->entering, in order. */
void fragments_take(struct world *w, struct arrival *a);
/* There are no more: what waits is dropped. */
void fragments_end(struct world *w);
void arrival_free(struct arrival *a);

#endif
