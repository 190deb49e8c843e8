#ifndef SHUNT_KERNEL_RTNL_PLACES_H
#define SHUNT_KERNEL_RTNL_PLACES_H

#include "base/place.h"
#include "kernel/netlink.h"

/* Places in the order of place_sort(). Zero-initialised it is empty. */
struct place_list {
	struct place at[PLACES_MOST];
	size_t count;
	bool is_cut; /* there are more: only our own addresses and networks are in it */
};

/*
 * Ask the kernel for the addresses of this box and for the routes of its main
 * table. Link-local IPv6 is left out: it means nothing beyond its link. Where a
 * route has several next routers, the first one counts. 0, or -errno and *out
 * as it was; -EINTR: routes change all the time.
 */
int rtnl_places_read(struct place_list *out, struct netlink *nl);

/* Hear of every change that may matter to it, by netlink_events(). 0 or -errno. */
int rtnl_places_join(struct netlink *nl);

#endif
