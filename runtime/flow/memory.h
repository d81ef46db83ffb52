/* Memory of tables: zero, and large. */
#ifndef NFL_FLOW_MEMORY_H
#define NFL_FLOW_MEMORY_H

#include <stddef.h>

/* n things of so many bytes, on a line of the cache; it costs little before it
 * is touched. NULL if there is not so much. */
void *nfl_memory_new(size_t n, size_t bytes);
void nfl_memory_free(void *p, size_t n, size_t bytes);

#endif
