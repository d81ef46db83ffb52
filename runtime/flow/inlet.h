/* Where packets come in, at ports where fragments are looked at: between a back
 * end that reads frames and the workers. One for each thread that reads. */
#ifndef NFL_FLOW_INLET_H
#define NFL_FLOW_INLET_H

#include <nfl/session.h>

/* So many buffers of all ports wait, at most, besides those of a burst. */
unsigned nfl_inlet_held(const struct nfl_module *m);
/* Bytes of the longest frame that is put together; 0: none is. */
uint32_t nfl_inlet_longest(const struct nfl_module *m);

/* What becomes of buffers. */
struct nfl_inlet_buffers {
    void (*discard)(void *buffer);
    /* As in struct nfl_fragment_sink. */
    bool (*grow)(struct nfl_pkt *p, uint32_t len);
};

struct nfl_inlet;

/* Drops are counted in drops[]. False: no memory. *inlet is NULL if no port of
 * the module needs one. */
bool nfl_inlet_new(struct nfl_inlet **inlet, const struct nfl_module *m,
                   uint64_t seed, uint64_t *drops,
                   const struct nfl_inlet_buffers *buffers);
/* Discards what waits. */
void nfl_inlet_free(struct nfl_inlet *in);

/* A frame arrived; at most NFL_BURST of one port before nfl_inlet_get says that
 * there is nothing. */
void nfl_inlet_put(struct nfl_inlet *in, struct nfl_pkt *p);
/* The next packet that enters. */
bool nfl_inlet_get(struct nfl_inlet *in, struct nfl_pkt *p);
/* No more frames: what waits is dropped. */
void nfl_inlet_end(struct nfl_inlet *in);

#endif
