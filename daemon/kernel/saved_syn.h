#ifndef SHUNT_KERNEL_SAVED_SYN_H
#define SHUNT_KERNEL_SAVED_SYN_H

#include <stdbool.h>

#include "base/span.h"

enum {
	SAVED_SYN_NO_SCALE = 255,
	SAVED_SYN_MOST_SCALE = 14, /* RFC 7323 2.3 */
};

/* What a client's SYN said. */
struct saved_syn {
	uint32_t isn;          /* its initial sequence number */
	uint32_t stamp;        /* its clock (RFC 7323 3), with has_stamp */
	uint16_t most_segment; /* bytes of a segment that it takes (RFC 9293 3.7.1); 0: not said */
	uint8_t scale; /* how its windows will be shifted (RFC 7323 2.2), or SAVED_SYN_NO_SCALE */
	uint8_t tos;   /* IPv4 TOS or IPv6 traffic class */
	bool has_stamp;
};

/*
 * What the SYN of an accepted socket said (TCP_SAVED_SYN, RFC 9293 3.1). One
 * exact read where TCP_REPAIR needs five and can race with arriving data. The
 * kernel hands it out once. False when it has none (the handshake was a SYN cookie's).
 */
bool saved_syn_read(int fd, struct saved_syn *out);

/* The same from the bytes: an IP header and the TCP header behind it. */
bool saved_syn_parse(struct span packet, struct saved_syn *out);

#endif
