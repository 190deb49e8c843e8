#ifndef SHUNT_CARRY_UDP_REPLY_H
#define SHUNT_CARRY_UDP_REPLY_H

#include "carry/udp_flow.h"
#include "kernel/udp_send.h"

/*
 * What answers leave by: one socket for each address and port that clients
 * sent to, shared by all flows to it. There is none before the first answer. Where
 * a service of this box has that port for itself alone, answers leave by a raw
 * socket.
 */
struct udp_reply {
	struct udp_node node; /* in udp.replies */
	struct addr at;
	unsigned users;
	int fd; /* -1: by a raw socket */
};

/* That of the flow, which holds it from now on; NULL: no descriptor or no memory is left. */
struct udp_reply *udp_reply_of(struct udp_flow *f);

/* One flow less uses it; NULL is fine. */
void udp_reply_drop(struct gate *g, struct udp_reply *r);

/* Add a message of the server's to what is to be sent to the client, and send. mark: of the packets; 0:
 * their socket's. */
void udp_reply_add(struct udp_flow *f, const struct udp_run *run, uint32_t mark);
void udp_reply_send(struct udp_flow *f, uint32_t mark);

#endif
