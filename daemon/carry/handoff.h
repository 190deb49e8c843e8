#ifndef SHUNT_CARRY_HANDOFF_H
#define SHUNT_CARRY_HANDOFF_H

#include "carry/tcp_session.h"

/*
 * Giving a relayed flow to the kernel: from then on it is one entry of
 * conntrack with NAT and shifted sequence numbers, and no socket, no buffer and
 * no process of ours is involved.
 *
 * One way for all flows: relayed first, handed over when it is worth while. The
 * server's leg began with the client's sequence number, so that only answers
 * need a shift, and any flow can be handed over at any moment at which
 *   all that we told a peer to have arrived was passed on, and
 *   all that we passed on was acknowledged by its receiver.
 * What came in but was neither read by us nor acknowledged is still its
 * sender's; it is sent on by ourselves once, as a courtesy, and by its sender
 * again should that be lost.
 *
 * To find such a moment nothing may leave our sockets while we look: both get
 * a mark (MARK_FREEZE) with which the rule set drops what they send. A flow that
 * is quiet has such a moment at once; one that asks and answers has it when a
 * question has just arrived; one in full flow is brought to it: the
 * acknowledgements to its sender are frozen, so that it stops after what it may
 * send unacknowledged, the receiver takes what is on its way, and the sender
 * is told to go on in the same instant. A short connection sees none of this.
 */

enum {
	HANDOFF_FIRST_LOOK_MS = 250, /* a flow that ends before costs nothing */
};

/*
 * Open what it takes, before the sandbox closes. Without it, or when it is not
 * wanted, flows are relayed. With SHUNT_RELAY=handoff in the environment the first look
 * comes at once.
 */
void handoff_open(struct handoff *h, bool is_wanted);
void handoff_done(struct handoff *h);

/* Will it be possible to hand it over, as far as its divert and this box say? */
bool handoff_may_begin(const struct tcp_session *s);

/* The role of the mark of a flow's socket towards its server. Its SYN was read. */
enum mark_role handoff_server_role(const struct tcp_session *s);

/* Does the box forward packets of that family? As it said within the last tenth of a second. */
bool handoff_is_forwarded(struct handoff *h, uint16_t family, uint64_t now_ms);

/* A flow begins to be relayed: may it be handed over later? */
void handoff_begin(struct tcp_session *s);

/* The flow ends: what its sockets have still to say may leave. */
void handoff_end(struct tcp_session *s);

/* The time has come to look at a flow. In how many ms to look again; 0: never. */
uint64_t handoff_look(struct tcp_session *s);

/*
 * Something happened to `side`, nothing of which was read yet. The events (EPOLL*)
 * with which the relay goes on; 0: none, the flow may be no longer ours.
 */
uint32_t handoff_events(struct tcp_session *s, struct tcp_side *side, uint32_t events);

/* Bytes were moved: a flow in full flow is worth it early. */
void handoff_moved(struct tcp_session *s);

#endif
