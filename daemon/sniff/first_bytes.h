#ifndef SHUNT_SNIFF_FIRST_BYTES_H
#define SHUNT_SNIFF_FIRST_BYTES_H

#include "base/span.h"
#include "policy/proto_set.h"

/*
 * Whom a flow's first byte leaves in question. All others would say NO to it, so that a
 * decision costs no more for recognisers that cannot match, however many there are.
 */
struct first_bytes {
	struct proto_set tcp[256]; /* by the first byte of the stream */
	struct proto_set udp[256]; /* by that of the first datagram */
	struct proto_set tcp_all;  /* where there is none yet */
	struct proto_set udp_all;
};

/* Learn it from the recognisers themselves: each is asked about each byte. Some thousand short
 * calls, so once per process, not per flow. */
void first_bytes_learn(struct first_bytes *out);

/* Those left by the first byte of a prefix, which came by WIRE_TCP or WIRE_UDP. */
const struct proto_set *first_bytes_leave(const struct first_bytes *first, unsigned transport,
					  struct span bytes);

#endif
