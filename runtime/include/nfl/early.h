/* Packets that wait in front of an inline chain until the stream has come to
 * them: LANGUAGE.md, "Inline chains". They belong to sessions, and to the owner
 * of the shard. Nothing is allocated while packets pass. */
#ifndef NFL_EARLY_H
#define NFL_EARLY_H

#include <nfl/ctx.h>
#include <nfl/made.h>
#include <nfl/tcp_inline.h>

struct nfl_early_segment {
    uint32_t seq, payload; /* of its bytes; how many */
    uint32_t tcp, header;  /* byte of the frame where its header is; bytes */
    bool fin;
};

/* The packet at hand, which is that segment, is held, or dropped where it
 * cannot be: p->out and the reason say so. It arrived with the tuple t. */
void nfl_early_hold(const struct nfl_ctx *c, struct nfl_pkt *p,
                    const struct nfl_tuple *t,
                    const struct nfl_early_segment *s);

/* The next one of the session that need not wait any longer, those of side
 * `from` first, to enter behind that packet; watch: as subscriptions are now.
 * NULL: none. As nfl_made says, but for its bytes. */
struct nfl_made *nfl_early_next(struct nfl_worker *w, struct nfl_chain *c,
                                const struct nfl_session *s, unsigned from,
                                unsigned watch, const struct nfl_pkt *behind);

#endif
