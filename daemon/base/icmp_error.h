#ifndef SHUNT_BASE_ICMP_ERROR_H
#define SHUNT_BASE_ICMP_ERROR_H

#include "base/addr.h"

enum {
	ICMP_ERROR_MOST_BYTES = 40 + 8 + 40 + 8, /* of one that is made, and all that is read */
};

/*
 * An ICMP error about a TCP segment (RFC 792, RFC 4443): who could not send it
 * on, and what it quotes of it, which is looked at no further than to its
 * sequence number.
 */
struct icmp_error {
	struct addr hop;  /* who says it */
	struct addr from; /* the sender of the segment, as it is quoted */
	struct addr to;
	uint32_t seq;
	uint32_t rest; /* of the ICMP header: the MTU, say; host order */
	uint8_t type;
	uint8_t code;
	uint8_t quoted[40]; /* the IP header of the segment: 20 or 40 bytes */
};

/* Read one: an IP packet, perhaps cut off. False when it is anything else, or has IP options. */
bool icmp_error_parse(struct span packet, struct icmp_error *out);

/* Write the same error, to and about another sender of the segment, which numbered it otherwise. Same
 * family as e. How many bytes. */
size_t icmp_error_make(const struct icmp_error *e, const struct addr *from, uint32_t seq,
		       uint8_t out[static ICMP_ERROR_MOST_BYTES]);

#endif
