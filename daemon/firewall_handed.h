#ifndef SHUNT_FIREWALL_HANDED_H
#define SHUNT_FIREWALL_HANDED_H

#include "base/mark.h"
#include "kernel/netlink.h"

/* Does conntrack hold a flow that was handed over to the kernel and is not over? 1, 0, or -errno. */
int firewall_handed_live(struct netlink *nl, const struct marks *marks);

/* Take all such flows out of conntrack: both ends are left alone with them. 0 or -errno. */
int firewall_handed_forget(struct netlink *nl, const struct marks *marks);

#endif
