#ifndef SHUNT_KERNEL_STAMP_WATCH_H
#define SHUNT_KERNEL_STAMP_WATCH_H

#include "base/addr.h"
#include "base/stamp.h"

/*
 * The timestamps that a peer sends on a connection of ours, which no socket
 * option tells: read from copies of its segments, by a raw socket that gets
 * those of this one pair of addresses. Every segment for this box is compared
 * with each that is open, so only few, and for a short time. Needs CAP_NET_RAW
 * and CAP_NET_ADMIN, and Linux 5.17 for addresses that are not this box's.
 */
enum {
	STAMP_WATCH_NEAR = 1 << 25, /* what is that far from the connection's place is none of it */
	STAMP_WATCH_LATE = 1 << 20, /* nor what echoes a clock so many ticks away from ours */
};

struct stamp_watch {
	int fd; /* -1: none */
	bool is_v4;
	bool is_by_ack; /* `near` is of acknowledgements, else of sequence numbers */
	/* Where the connection is, and what our clock towards the peer shows, set by the owner: of those who
	 * can only guess one in 131072 is heard. Whoever has not heard of us for long, neither. */
	uint32_t near;
	uint32_t clock;
	bool is_seen;
	struct stamp seen; /* the latest of both: they may come from two segments */
};

/* Watch what `peer` sends to `own`. mark: SO_MARK, by which the way to the peer is found. 0 or -errno. */
int stamp_watch_open(struct stamp_watch *w, const struct addr *own, const struct addr *peer,
		     uint32_t mark);

/* Read what came since. Segments of which there is no room are not seen. */
void stamp_watch_read(struct stamp_watch *w);

void stamp_watch_close(struct stamp_watch *w);

#endif
