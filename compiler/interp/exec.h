/* Statements, handlers, and the way of a packet through a chain. */
#ifndef NFL_INTERP_EXEC_H
#define NFL_INTERP_EXEC_H

#include <stdbool.h>

struct course;
struct world;
struct passage;
struct packet;
struct session;
struct moment;
struct event;
struct handler;

/* A parsed packet gets its session and shard, by the side of the moment, and is
 * seen by the monitor. False if it is dropped, which was counted, or held. */
bool passage_enter(struct moment *m);
/* It passed all NFs. False: it is dropped all the same, and was counted. */
bool moment_leaves(struct moment *m);
/* It goes its way, with a course of its own. False if it is dropped, which is
 * counted. */
bool passage_way(struct moment *m, struct course *course);
/* What happens behind it: events, what NFs made, its flow ends if it is
 * refused. */
void passage_behind(struct moment *m);
/* Takes one through the chain. The same. */
bool passage_run(struct world *w, struct passage *c, struct packet *p,
                 unsigned side);

/* Counts it with the reason of the moment, unless the packet waits. */
void moment_dropped(const struct moment *m);

/* What the NF at hand is subscribed to: looked at once for each event. */
void exec_look(struct moment *m);
/* Runs a handler where it has to, then its rules, which may drop the flow but
 * change no reason. */
void exec_handler(struct moment *m, const struct handler *h);
/* Raises an emitted event to the NF at hand. */
void raise_emitted(struct moment *m, const struct event *e);

/* Raises the end of a flow. */
void passage_end(struct world *w, struct session *s);
/* Raises the end of the run to a flow that is live. */
void passage_stop(struct world *w, struct session *s);

#endif
