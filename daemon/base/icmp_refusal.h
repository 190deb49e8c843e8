#ifndef SHUNT_BASE_ICMP_REFUSAL_H
#define SHUNT_BASE_ICMP_REFUSAL_H

#include "base/addr.h"

enum {
	ICMP_REFUSAL_QUOTED = 64, /* bytes of a refused datagram that are quoted: its head */
	ICMP_REFUSAL_MOST_BYTES = 8 + 40 + 8 + ICMP_REFUSAL_QUOTED,
};

/*
 * Write the ICMP message which says that nobody takes datagrams at `to` (RFC 792
 * and RFC 4443 3.1: port unreachable), about this one of `from`. The packet it
 * came in is not known any more, so a plain IP header is quoted with what all
 * look at: addresses, ports, protocol. Without an IP header of its own; the
 * checksum of ICMPv6 is left to the kernel. How many bytes.
 */
size_t icmp_refusal_make(const struct addr *from, const struct addr *to, struct span datagram,
			 uint8_t out[static ICMP_REFUSAL_MOST_BYTES]);

#endif
