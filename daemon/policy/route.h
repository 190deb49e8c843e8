#ifndef SHUNT_POLICY_ROUTE_H
#define SHUNT_POLICY_ROUTE_H

#include "policy/route_index.h"

/*
 * How well a route fits a flow, beyond the name: the parts of "which route
 * wins" in the order in which they count.
 */
struct route_rank {
	bool is_protocol_named;
	int further_keys; /* present among alpn, path, method, wireguard_key, from, to, when */
	int from_bits;    /* of the longest prefix that holds the client; -1: no `from` */
	int to_bits;      /* likewise of the original destination */
	int path_bytes;   /* of the longest `path` that the request's begins with; -1: no `path` */
};

/* Does each key but the name, and but `when`, fit? Then *rank is set. */
bool route_fits(const struct route *route, const struct route_query *query,
		struct route_rank *rank);

/* Above 0 when a beats b, below 0 the other way round, 0 when the order in the file decides. */
int route_rank_compare(const struct route_rank *a, const struct route_rank *b);

/* The part of the rank that is the same for every flow; bits and bytes are -1. */
struct route_rank route_rank_fixed(const struct route *route);

/* Does it look at the name, or for none? */
bool route_has_name(const struct route *route);

/* What the client must tell before the route can be judged (WIRE_SAYS_*); `server_name = none` asks
 * for a name, too. */
unsigned route_asks(const struct route *route);

/* The recognisers without which this route cannot be judged: those it names; or, when it asks for
 * something of any protocol, all of the transports that its diverts take whose flows may carry all
 * of that. */
struct proto_set route_recognisers(const struct route *route);

/* Those of them that may be sure of a flow before they can tell what the route asks for, all but the
 * request: a name, ALPN, mac1. */
struct proto_set route_awaits(const struct route *route);

/* The key of the route for which a WireGuard message was made, or NULL. */
const struct wireguard_key *route_wireguard_key(const struct route *route, struct span mac1);

#endif
