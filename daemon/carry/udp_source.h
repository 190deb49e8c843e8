#ifndef SHUNT_CARRY_UDP_SOURCE_H
#define SHUNT_CARRY_UDP_SOURCE_H

#include "carry/udp_flow.h"

/*
 * Whom the server of a UDP flow is to see: the client's address and port; where
 * that cannot be, its address, or an address of this box. Each step down is
 * counted, shows in the flow's line, and is said once for each backend where it
 * is the place of the server that makes it necessary.
 */

/*
 * Two sockets may well have the same two ends, and would get each other's
 * answers: so what a server sees is noted (udp.pairs), and whether another
 * carrier's flow, or one that the kernel carries, has the same ends is asked of
 * conntrack, where it can be (gate.handoff.share).
 */

/* Choose for the present server: what it is to see is this flow's from then on (f->source). */
void udp_source_choose(struct udp_flow *f);

/* Is what a server sees as that source a flow of this carrier's? A datagram of such a one that comes to us
 * from outside would go around for ever. */
bool udp_source_is_ours(const struct gate *g, const struct addr *from, const struct addr *server);

/* Open the socket towards it, from that source, or the next that can be had. It, or -errno. */
int udp_source_open(struct udp_flow *f);

/* The flow goes to that server no more: others may have its source. */
void udp_source_leave(struct udp_flow *f);

/* The kernel carries it: its source stays its own, and it is for the keeper to say when that is over. */
void udp_source_keep(struct udp_flow *f);

#endif
