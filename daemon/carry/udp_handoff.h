#ifndef SHUNT_CARRY_UDP_HANDOFF_H
#define SHUNT_CARRY_UDP_HANDOFF_H

#include "carry/udp_flow.h"

/*
 * Giving a UDP flow to the kernel: one entry of conntrack with NAT, no socket,
 * no buffer and no process of ours.
 *
 * Early, which is the rule: as soon as the flow is decided. The entry that led it to
 * the listener gives its place to one that leads on to the server
 * (kernel/conntrack_swap.h), and what was held is sent on as raw packets that
 * nobody tracks, each still from its client. There never is a socket towards
 * the server. That costs no more than to relay a question and its answer does: 33 us
 * of the daemon's beside 34 to 40 (udpnew of the lab, on a busy box), and the relay
 * has yet to close its socket and to forget its two entries. So even a flow of two
 * datagrams loses nothing, and none takes a descriptor.
 *
 * Late: a flow that had to be relayed first, because another server may have to
 * be tried and this one has answered nobody lately, or the way to it was just being
 * tried, or conntrack was crowded; once it has shown to be more than a question
 * and an answer. From the swap on the kernel forwards both ways. The socket
 * towards the server is disconnected, or early demultiplexing would go on giving
 * it the answers, and what it still has goes to the client, untracked; it is closed
 * a little later, read once more.
 * Such datagrams are overtaken by what the kernel forwards: so a turn in which
 * all queues are empty is waited for, some time.
 *
 * What of the client was still in the listener's queue is sent on raw.
 */

/* Its server has answered. */
void udp_handoff_answered(struct udp_flow *f);

/* The flow is decided, its server and source are chosen, nothing was sent: hand it over, if it may be. True:
 * done. */
bool udp_handoff_early(struct udp_flow *f);

/* It is relayed: is it worth a look after this turn? */
bool udp_handoff_is_due(const struct udp_flow *f);

/* Hand it over if this is the moment. is_empty: nothing of it waits in queues of ours. */
void udp_handoff_look(struct udp_flow *f, bool is_empty);

/* It was handed over, and a message of its client's had been in our queue. */
void udp_handoff_late(struct udp_flow *f, const struct udp_run *run);

/* Some time has passed since then: what came to its socket meanwhile goes to the client. */
void udp_handoff_end(struct udp_flow *f);

#endif
