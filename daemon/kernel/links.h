#ifndef SHUNT_KERNEL_LINKS_H
#define SHUNT_KERNEL_LINKS_H

#include "kernel/addr_list.h"
#include "kernel/netlink.h"

/* One address of the interface with that index; port 0. Nonzero stops and is the result of the walk. */
typedef int links_each(void *arg, uint32_t index, const struct addr *a);

/*
 * Walk the addresses of this box: those that can be used, so none that
 * duplicate address detection still holds back. 0, what `each` returned, or
 * -errno; -EINTR when they changed meanwhile: begin again, at most
 * NETLINK_TRIES times.
 */
int links_walk(struct netlink *nl, links_each *each, void *arg);

/* Ask for the addresses of this box, those of lo left out; port 0. 0 and a list for
 * addr_list_free(), or -errno. */
int links_read(struct addr_list *out, struct netlink *nl);

/* Is there any bridge? 1, 0 or -errno. */
int links_have_bridge(struct netlink *nl);

#endif
