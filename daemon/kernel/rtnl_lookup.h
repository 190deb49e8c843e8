#ifndef SHUNT_KERNEL_RTNL_LOOKUP_H
#define SHUNT_KERNEL_RTNL_LOOKUP_H

#include <stdbool.h>

#include "base/addr.h"
#include "kernel/netlink.h"

/* Which way a packet of TCP would take now, asked of the kernel (RTM_GETROUTE): by its rules and tables. */

struct rtnl_packet {
	struct addr from; /* family 0: any; a port of 0: any */
	struct addr to;
	uint32_t mark;
	uint32_t link_in; /* index of the interface that it comes in by; 0: this box makes it */
};

/* The route that it takes. */
struct rtnl_way {
	uint32_t link;    /* index of the interface; 0: several next hops */
	uint32_t nexthop; /* number of the next hop's object; 0: none */
	uint32_t table;
	uint32_t priority;
	struct addr gateway;     /* family 0: none */
	struct addr destination; /* of the route; its port is the length of the prefix */
};

/* 0; -EHOSTUNREACH or another -errno when it would not be sent on, or the kernel does not say; not for
 * addresses of this box. */
int rtnl_lookup(struct netlink *nl, const struct rtnl_packet *packet, struct rtnl_way *out);

/* Do these two lead to the same next host? Of routes with several next hops: are they the same route? */
bool rtnl_way_equal(const struct rtnl_way *a, const struct rtnl_way *b);

#endif
