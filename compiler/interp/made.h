/* Packets that NFs make: LANGUAGE.md, "Packets that NFs make". */
#ifndef NFL_INTERP_MADE_H
#define NFL_INTERP_MADE_H

#include "interp/packet.h"

struct made_packet;
struct moment;
struct world;

/* The NF at hand asks for a packet: the headers with these values, and n bytes
 * of the packet at hand from byte `at` on. */
void made_ask(struct moment *m, const struct tstmt *s, const num_t *values,
              size_t at, size_t n);
/* It turns the packet at hand around, if that has no more bytes, and has not
 * turned before. */
void made_turn(struct moment *m, size_t most);
/* What the packet of the moment, which has left or was dropped, made goes its
 * way, in order of asking, and behind it the one that turned, with what that
 * makes: to world.leaving, or it is dropped. */
void made_pass(const struct moment *m);
/* With room for so many bytes, and to grow. */
struct made_packet *made_new(size_t room);
void made_free(struct made_packet *d);

#endif
