#ifndef SHUNT_KERNEL_INJECT_H
#define SHUNT_KERNEL_INJECT_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/stamp.h"

/* TCP segments made by ourselves, sent by raw sockets, from any address. Needs CAP_NET_RAW. */
struct inject {
	int v4; /* -1: not to be had */
	int v6;
};

enum {
	INJECT_MOST_BYTES = 9000, /* of one segment */
};

struct inject_segment {
	struct addr from;
	struct addr to;
	struct addr towards; /* to which host it is routed; family 0: to its own */
	uint32_t mark;       /* of the packet */
	uint32_t seq;        /* RFC 9293 3.1 */
	uint32_t ack;
	uint16_t window; /* as in the header: shifted */
	uint8_t tos;     /* IPv4 TOS or IPv6 traffic class */
	bool is_push;
	bool is_syn;        /* a connection's first segment, without an acknowledgement */
	bool has_stamp;     /* both ends agreed on timestamps: some take no segment without */
	struct stamp stamp; /* as its receiver is to see it */
};

/* Open both sockets. 0, or -errno when there is neither. */
int inject_open(struct inject *in);
void inject_close(struct inject *in);

/* Send one packet, whole with its IP header, to that host. 0 or -errno: -EMSGSIZE when it is larger than
 * the way allows. */
int inject_packet(const struct inject *in, const struct addr *to, uint32_t mark,
		  struct span packet);

/* Send one segment with that data (empty: an acknowledgement). 0 or -errno: -EMSGSIZE when it is
 * larger than INJECT_MOST_BYTES or than the way allows. */
int inject_send(const struct inject *in, const struct inject_segment *s, struct span data);

#endif
