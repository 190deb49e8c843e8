#ifndef SHUNT_KERNEL_RTNL_ROUTE_H
#define SHUNT_KERNEL_RTNL_ROUTE_H

#include <stdint.h>

#include "kernel/netlink.h"

/*
 * The one route that we use: `local default dev lo table TABLE`, which delivers
 * to this box whatever is looked up in that table. family: AF_INET or AF_INET6.
 */

/* Add it. 0, also when it is there already; -ENETDOWN while lo is down (IPv6 says so); -EAFNOSUPPORT without that
 * family; -EEXIST when another default route lies in that table; or -errno. */
int rtnl_route_add(struct netlink *nl, int family, uint32_t table);

/* Delete it. 0, also when it is not there; or -errno. */
int rtnl_route_delete(struct netlink *nl, int family, uint32_t table);

/* Is it there? 1, 0, or -errno. */
int rtnl_route_find(struct netlink *nl, int family, uint32_t table);

#endif
