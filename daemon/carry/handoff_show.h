#ifndef SHUNT_CARRY_HANDOFF_SHOW_H
#define SHUNT_CARRY_HANDOFF_SHOW_H

#include "base/mark.h"
#include "kernel/inject.h"

/*
 * Showing conntrack where both ends of a flow are, whose entry was made just now.
 *
 * It takes the windows of an entry that it is given from the first packet of each
 * side, whoever sent it; or, told to be liberal, it believes every FIN and RST. So
 * the first packets are ours: while our sockets still take all that comes, it
 * sees one of each end's, and then that of the client's again, for what an end may be sent is
 * learnt from packets that come after one of the other's. They say what the ends
 * said, with windows as wide as what we have promised the other. Conntrack sees them as
 * they are sent; then the rules drop them (MARK_HANDED), so nobody else does.
 *
 * After that a FIN or RST must have a number that fits, as in any other entry.
 */

/* Where one end of the flow is. Sequence numbers as on its own wire. */
struct handoff_end {
	uint32_t next;   /* of what it sends, behind all that is passed on for it */
	uint32_t heard;  /* it has acknowledged all before */
	uint32_t window; /* bytes from there on that it may be sent, at most */
	uint8_t scale;   /* its window's */
};

struct handoff_shown {
	struct addr client;
	struct addr to;     /* as the client has it */
	struct addr server; /* as it is */
	struct handoff_end client_end;
	struct handoff_end server_end;
	bool has_stamps; /* as the flow: bytes are counted by it */
};

/* The entry is there. 0 or -errno: -ENOENT when there is no rule that drops what only conntrack is to see. */
int handoff_show(const struct inject *in, const struct marks *marks,
		 const struct handoff_shown *flow);

#endif
