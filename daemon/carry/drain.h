#ifndef SHUNT_CARRY_DRAIN_H
#define SHUNT_CARRY_DRAIN_H

struct gate;

/*
 * Flows to servers that the configuration no longer has go on for `drain`, then
 * end with why=drained. A server is known by its address and port, whatever
 * backend lists it. One that comes back in time is as if it had never been gone.
 */

/* The table has changed: find the servers that are gone, and be there when their time is over. */
void drain_look(struct gate *g);

/* Forget the timer. */
void drain_done(struct gate *g);

#endif
