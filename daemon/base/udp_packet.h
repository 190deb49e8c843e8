#ifndef SHUNT_BASE_UDP_PACKET_H
#define SHUNT_BASE_UDP_PACKET_H

#include "base/addr.h"

/* A datagram as it is in the network (RFC 768), with its IP header. */
struct udp_packet {
	struct addr from;
	struct addr to;
	struct span head; /* the first bytes of the datagram, or all: part of the packet */
	uint16_t whole;   /* its size */
};

/* Read one: an IP packet, perhaps cut off. False when it is anything else, a fragment, or has IPv6
 * extension headers. */
bool udp_packet_parse(struct span packet, struct udp_packet *out);

#endif
