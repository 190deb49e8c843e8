#ifndef SHUNT_CARRY_TCP_LISTEN_H
#define SHUNT_CARRY_TCP_LISTEN_H

#include "carry/gate.h"

/* One listening socket of this carrier. */
struct tcp_listener {
	LIST_ENTRY(tcp_listener)
	entry; /* in gate.listeners; or in next.listeners: not watched yet */
	struct watch w;
	struct gate *gate;
	struct gate_table *table; /* the current one, or when it leaves the last that knew it */
	uint64_t leave_ms;        /* when it ends; 0: it does not */
	uint16_t divert;          /* index into the table */
	uint16_t family;
	uint8_t scale_votes; /* of flows, for the scale that clients are told: carry/handoff_terms.h */
	uint8_t bare_votes; /* the same, for taking timestamps from clients */
};

/* A listener of that divert, not in any list yet and not watched. The socket is taken over, closed
 * on failure. NULL without memory. */
struct tcp_listener *tcp_listener_new(struct gate *g, struct gate_table *table, uint16_t divert,
				      int fd);

/* Out of its list, closed, freed. */
void tcp_listener_free(struct tcp_listener *l);

/* Accept on it from now on. It is in no list; when it cannot be watched, it is gone, and logged. */
void tcp_listener_start(struct tcp_listener *l);

/* It belongs to this divert of another table from now on. */
void tcp_listener_move(struct tcp_listener *l, struct gate_table *table, uint16_t divert);

/* Its divert is gone: accept who comes within that time, then close it. */
void tcp_listener_leave(struct tcp_listener *l, uint64_t in_ms);

/* Stop accepting until a place or a descriptor is free again. */
void tcp_listen_park(struct gate *g);

/* A session ended: accept again if that was what we waited for. */
void tcp_listen_unpark(struct gate *g);

/* Close the listeners for good. */
void tcp_listen_close(struct gate *g);

#endif
