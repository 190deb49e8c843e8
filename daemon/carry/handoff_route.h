#ifndef SHUNT_CARRY_HANDOFF_ROUTE_H
#define SHUNT_CARRY_HANDOFF_ROUTE_H

#include <stdbool.h>

#include "base/addr.h"
#include "kernel/netlink.h"

/*
 * Would the packets of a flow still reach both of its ends if they were
 * forwarded? What a socket sends finds its way by other rules: of a flow that is
 * handed over the packets come in by an interface, and bear the mark bits that
 * others gave its connection, the WAN by which the client came, say. Where these
 * lead to a table with nothing but a default route, they would leave by it.
 *
 * Others copy the connection's mark to its packets, and most of them only their own
 * bits of it, which we cannot know: asked is with all bits that are not ours,
 * for rules look at bits of their own under a mask. Who never copies them finds
 * fewer flows handed over, where rules look at just these, and none that goes astray
 * for that.
 */

/* A flow, and the marks of its two connections as others have them. */
struct handoff_route {
	struct addr client;
	struct addr server;
	uint32_t link_in;     /* index of the interface that the client came in by; 0: unknown */
	uint32_t mark;        /* of the client's connection */
	uint32_t client_mark; /* of our socket towards the client, with these bits */
	uint32_t server_mark; /* of our socket towards the server, with those of its connection */
};

enum {
	HANDOFF_ROUTES = 256,    /* answers that are remembered */
	HANDOFF_ROUTE_MS = 3000, /* for so long: routes change */
};

struct handoff_route_known {
	struct handoff_route asked;
	uint64_t until_ms;
	bool is_good;
};

/* Answers of the last seconds, the same for all ports of a client. Zeroed: none. */
struct handoff_routes {
	struct handoff_route_known known[HANDOFF_ROUTES];
};

struct tcp_session;

/* The mark bits that others gave the flow's connection with `to` in that zone of conntrack. */
uint32_t handoff_route_mark(struct tcp_session *s, uint16_t zone, const struct addr *to);

/* Would they reach both ends, with these bits of others' of the client's connection? */
bool handoff_route_leads(struct tcp_session *s, const struct addr *server, uint32_t foreign);

/* The same of any flow. Not when the kernel does not say. now_ms: of a clock that never goes back. */
bool handoff_route_ask(struct handoff_routes *routes, struct netlink *nl,
		       const struct handoff_route *flow, uint64_t now_ms);

#endif
