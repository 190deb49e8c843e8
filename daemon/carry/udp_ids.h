#ifndef SHUNT_CARRY_UDP_IDS_H
#define SHUNT_CARRY_UDP_IDS_H

#include "carry/udp_flow.h"

/*
 * Flows that are found again. A client's address may change under way (NAT, roaming),
 * and flows are forgotten (silence, a death of ours): what comes then begins with
 * bytes by which nobody can tell its server. But QUIC and WireGuard name an identifier
 * that the server made up (base/flow_id.h), and those are remembered (flow/known.h).
 *
 * Learning: the answer about a flow says which of its server's datagrams are to be
 * asked about (struct answer_watch). Of a relayed flow they pass by here. Of one that
 * was handed over, rules show a copy of those that look as if they told one (chain
 * `told`), by the socket of carry/mend.h; whichever carrier reads it finds the flow in
 * the same table, by its two ends.
 *
 * Finding: the answer about a flow's first datagrams names the identifier that is in
 * the first. Where it is known the sniffer is asked once more, about the route and the
 * name that are known with it; when it decides for the same route, the flow goes
 * to the same server. Nothing in here looks into a datagram.
 */
enum {
	UDP_MOST_LEARNING = 256, /* questions at once; what is beyond is not learned */
};

/* The answer about an undecided flow: is it one that is known by what its first datagram names? Then
 * f->known is there, and it is to be asked about so. It is looked up once. */
bool udp_ids_find(struct udp_flow *f, const struct answer *a);

/* Ask about it, as asker_ask(). */
int udp_ids_ask(struct udp_flow *f);

/* The answer to that. True: it is to be followed. False: the flow is to be asked about as any other. */
bool udp_ids_led(struct udp_flow *f, const struct answer *a);

/* Forget who it may be. */
void udp_ids_drop(struct udp_flow *f);

/* It is decided: which of its server's datagrams matter? */
void udp_ids_watch(struct udp_flow *f, const struct answer *a);

/* It is the kernel's from now on, or will be at once. */
void udp_ids_handed(struct udp_flow *f);

/* Datagrams of the server of a relayed flow. */
void udp_ids_seen(struct udp_flow *f, const struct udp_run *run);

/* A packet that a rule showed. */
void udp_ids_shown(struct gate *g, struct span packet);

/* Forget all questions about servers' datagrams. */
void udp_ids_stop(struct gate *g);

#endif
