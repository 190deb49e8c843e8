#ifndef SHUNT_POLICY_ROUTE_COVER_H
#define SHUNT_POLICY_ROUTE_COVER_H

#include "policy/config.h"

/*
 * One route beside another, names apart: for those who want to know whether it
 * can ever win. Only what is certain is said, from the configuration alone.
 */
enum route_cover {
	COVER_NOTHING, /* a flow may fit `some` and not `all` */
	COVER_FLOWS,   /* each flow of `some` fits `all`, too; where it ranks higher is open */
	COVER_TIE,     /* and ranks no lower there: `all` wins if it stands first in the file */
	COVER_ABOVE,   /* and ranks above: `all` wins, wherever it stands */
};

/* How `all` covers `some` when both fit a flow's name equally well. */
enum route_cover route_covers(const struct route *all, const struct route *some);

/* What flows must carry (WIRE_SAYS_*) to fit the route. */
unsigned route_demands(const struct route *route);

/* The recognisers that flows of the route may be of: those that it names, on a transport that its
 * diverts take, and, unless it demands nothing of any protocol, that may carry all it demands. */
struct proto_set route_reaches(const struct route *route);

/* May a flow of that transport (WIRE_TCP or WIRE_UDP) fit the route at all? */
bool route_reaches_transport(const struct route *route, unsigned transport);

#endif
