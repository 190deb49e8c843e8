#ifndef SHUNT_CARRY_TCP_LISTEN_H
#define SHUNT_CARRY_TCP_LISTEN_H

#include "carry/gate.h"

/* One listening socket of this carrier. */
struct tcp_listener {
	struct watch w;
	struct gate *gate;
	uint16_t divert; /* index into the table */
};

/* Accept on these sockets from now on; the array stays the caller's. 0 or -errno. */
int tcp_listen_start(struct gate *g, struct tcp_listener *listeners, size_t count);

/* Stop accepting until a place or a descriptor is free again. */
void tcp_listen_park(struct gate *g);

/* A session ended: accept again if that was what we waited for. */
void tcp_listen_unpark(struct gate *g);

/* Close the listeners for good. */
void tcp_listen_close(struct gate *g);

#endif
