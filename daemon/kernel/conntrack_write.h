#ifndef SHUNT_KERNEL_CONNTRACK_WRITE_H
#define SHUNT_KERNEL_CONNTRACK_WRITE_H

#include "kernel/conntrack.h"

struct nlmsghdr;

enum {
	/* a number that means nothing to the kernel, in a place of the entry where it keeps it */
	CONNTRACK_HAS_STAMPS = 0x7323,
};

/* Messages to ctnetlink, written into a buffer of NETLINK_MESSAGE_BYTES, or behind each other into a
 * larger one. */

/* One side of a connection: the packets that one of its ends sends. */
struct conntrack_side {
	uint8_t transport;
	uint16_t zone;
	uint16_t which; /* CTA_TUPLE_ORIG or CTA_TUPLE_REPLY */
	const struct addr *from;
	const struct addr *to;
};

/* A message of that type (IPCTNL_MSG_*) about the entries of one family, or of all (AF_UNSPEC). */
struct nlmsghdr *conntrack_write(void *buf, unsigned type, uint16_t family);

/* The same about the entry that has this side; id: only about the one that the kernel calls so; 0: any. */
struct nlmsghdr *conntrack_write_side(void *buf, unsigned type, const struct conntrack_side *side,
				      uint32_t id);

/* Make the entry of conntrack_hand_over(). */
struct nlmsghdr *conntrack_write_hand(void *buf, const struct conntrack_hand *hand);

#endif
