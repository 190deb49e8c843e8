#ifndef SHUNT_KERNEL_INJECT_UDP_H
#define SHUNT_KERNEL_INJECT_UDP_H

#include "kernel/inject.h"

/* One datagram from any address and port (RFC 768), with that mark. */
struct inject_datagram {
	struct addr from;
	struct addr to;
	uint32_t mark;
	uint8_t tos; /* IPv4 TOS or IPv6 traffic class */
};

/*
 * Send it: as a raw packet, or, where it has to be cut into pieces, by a
 * socket of its own. 0 or -errno: -EADDRINUSE when it has to be cut, and a socket
 * of this box that shares with nobody is at `from`.
 */
int inject_datagram(const struct inject *in, const struct inject_datagram *d, struct span data);

#endif
