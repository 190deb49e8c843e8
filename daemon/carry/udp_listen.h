#ifndef SHUNT_CARRY_UDP_LISTEN_H
#define SHUNT_CARRY_UDP_LISTEN_H

#include "carry/gate.h"

struct udp_flow;

/*
 * One socket to which datagrams are led, of all clients and flows of a divert.
 * It sends nothing. When it is closed while it has flows (its divert is gone;
 * this carrier is retired), each of them is given a connected socket of its own, to
 * which the kernel leads its datagrams from then on. Otherwise there is none:
 * every packet to a port would be compared with all of them.
 */
struct udp_listener {
	LIST_ENTRY(udp_listener)
	entry; /* in udp.listeners; or in next.udp_listeners: not watched yet */
	struct watch w;
	struct gate *gate;
	struct gate_table *table; /* the current one, or when it leaves the last that knew it */
	uint64_t leave_ms;        /* when it ends; 0: it does not */
	uint16_t divert;          /* index into the table */
	bool is_read_empty;       /* it was, at its last event */
};

/* A listener of that divert, not in any list yet and not watched. The socket is taken over, closed on
 * failure. NULL without memory. */
struct udp_listener *udp_listener_new(struct gate *g, struct gate_table *table, uint16_t divert,
				      int fd);

/* Out of its list, closed, freed; relayed flows go on without it, undecided ones end. */
void udp_listener_free(struct udp_listener *l);

/* Read it from now on. It is in no list; when it cannot be watched, it is gone, and logged. */
void udp_listener_start(struct udp_listener *l);

/* It belongs to this divert of another table from now on. */
void udp_listener_move(struct udp_listener *l, struct gate_table *table, uint16_t divert);

/* Its divert is gone: relayed flows go on without it. Read what came before, within that time, then close
 * it. */
void udp_listener_leave(struct udp_listener *l, uint64_t in_ms);

/* Close the listeners for good. */
void udp_listen_close(struct gate *g);

/* Give a relayed flow a socket of its own towards its client. Without one it ends. */
void udp_listen_own(struct udp_flow *f);

/* Close a flow's own socket towards its client, if it has one. */
void udp_listen_hang_up(struct udp_flow *f);

#endif
