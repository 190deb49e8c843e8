#ifndef SHUNT_POLICY_ROUTE_INDEX_H
#define SHUNT_POLICY_ROUTE_INDEX_H

#include "policy/config.h"

struct fault;
struct route_index;

/* What is known of a flow when it is to be routed. All borrowed. */
struct route_query {
	unsigned divert;           /* index into config.diverts */
	int protocol;              /* wire id, or -1: none was recognised */
	struct span name;          /* as wire_hints holds it; empty: none was sent */
	struct span alpn;          /* as wire_hints holds it */
	struct span method;        /* of an HTTP/1 request, and */
	struct span path;          /* its target: as wire_hints holds them */
	struct span mac1;          /* WireGuard message: likewise */
	const struct route *known; /* a route whose other conditions on what the client says are
				    * known to be met: all but protocol and name; NULL: none's */
	struct addr client;
	struct addr to;                /* original destination */
	const volatile uint64_t *open; /* a bit for each route whose `when` holds; NULL: all do */
	unsigned *cut; /* NULL, or counts the regexes that were given up at a limit */
};

/*
 * Index the routes of a configuration, which must outlive the index. Exact
 * names are hashed, so that 100,000 of them cost a flow no more than one; regexes
 * are tried only where neither these nor wildcards let a route win.
 * Returns 0 and an index for route_index_free(), or -ENOMEM.
 */
int route_index_new(struct route_index **out, const struct config *config);
void route_index_free(struct route_index *index);

/*
 * The route that wins (spec section 4, "Which route wins"): its index into
 * config.routes, or -1 when none matches. The flow must have sent a byte. No
 * allocation, no system call; one at a time on an index.
 */
int route_index_find(const struct route_index *index, const struct route_query *query);

/* Room for the regexes of probes, one at a time; NULL: none has one. */
struct regex_room *route_index_room(const struct route_index *index);

/* The recognisers that routes of this divert name: only these decide its flows. */
struct proto_set route_index_protocols(const struct route_index *index, unsigned divert);

/* Those of them whose flows a route of this divert may take for what they tell late: the server's name, or
 * its absence, ALPN, mac1. */
struct proto_set route_index_named(const struct route_index *index, unsigned divert);

/*
 * Is there exactly one route that this divert's flows of a transport (WIRE_TCP or
 * WIRE_UDP) may fit, and that one without any condition? Then its index (such a
 * flow needs no recogniser and no question), else -1.
 */
int route_index_unconditional(const struct route_index *index, unsigned divert, unsigned transport);

#endif
