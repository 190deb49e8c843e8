#ifndef SHUNT_KERNEL_UDP_LISTEN_H
#define SHUNT_KERNEL_UDP_LISTEN_H

#include "base/addr.h"

struct fault;

/* What listeners are wanted. */
struct udp_listen {
	int family; /* AF_INET or AF_INET6 */
	uint32_t mark;
	unsigned count; /* one per carrier */
};

enum {
	UDP_LISTEN_ROOM_BYTES = 4 << 20, /* of datagrams that wait, of all flows of a divert */
};

/*
 * Open sockets that share one port of 127.0.0.1 or ::1, for the tproxy rules to
 * lead datagrams to: all of a flow come to the same one of them, as long as all
 * stay open. Never a wildcard: a client whose own port equals ours would hit it.
 * With each datagram come where its client sent it (IP_ORIGDSTADDR,
 * IPV6_ORIGDSTADDR) and its traffic class (IP_TOS, IPV6_TCLASS). Nothing must be
 * sent by them. Non-blocking, close-on-exec. Fills fds[count] and *port. 0,
 * -EAFNOSUPPORT when the box has no such family, or -errno with a fault; nothing
 * stays open on failure.
 */
int udp_listen_open(const struct udp_listen *want, int *fds, uint16_t *port, struct fault *fault);

#endif
