#ifndef SHUNT_POLICY_ROUTE_H
#define SHUNT_POLICY_ROUTE_H

#include "policy/route_index.h"

/*
 * How well a route fits a flow, beyond the name: the parts of "which route
 * wins" in the order in which they count.
 */
struct route_rank {
	bool is_protocol_named;
	int further_keys; /* present among alpn, from, to */
	int from_bits;    /* of the longest prefix that holds the client; -1: no `from` */
	int to_bits;      /* likewise of the original destination */
};

/* Does each key but the name fit? Then *rank is set. */
bool route_fits(const struct route *route, const struct route_query *query,
		struct route_rank *rank);

/* Above 0 when a beats b, below 0 the other way round, 0 when the order in the file decides. */
int route_rank_compare(const struct route_rank *a, const struct route_rank *b);

/* The part of the rank that is the same for every flow; the bits are -1. */
struct route_rank route_rank_fixed(const struct route *route);

/* Does it look at the name, or for none? */
bool route_has_name(const struct route *route);

/* May flows of this recogniser carry a server name or ALPN? */
bool route_proto_has_names(unsigned id);

/* The recognisers without which this route cannot be judged: those it names; or, when it asks for a
 * name or ALPN of any protocol, all that may carry one. */
struct proto_set route_recognisers(const struct route *route);

#endif
