#ifndef SHUNT_FIREWALL_PORTS_H
#define SHUNT_FIREWALL_PORTS_H

#include "base/fault.h"
#include "kernel/addr_list.h"
#include "kernel/netlink.h"
#include "policy/config.h"

/*
 * Refuse diverts that would take a port which this box itself serves to others,
 * as ssh or a web interface, unless they say `force = yes` or name interfaces.
 * 0, with what firewall_ports_shared() has to say in *fault; -EADDRINUSE with a fault that names divert, port and remedy; or -errno.
 */
int firewall_ports_check(struct netlink *route, const struct config *config, struct fault *fault);

/* The same with what the kernel would tell: served ports, and this box's addresses. */
int firewall_ports_compare(const struct config *config, const struct addr_list *served,
			   const struct addr_list *own, struct fault *fault);

/* A line about such ports of diverts that name interfaces, into *note, which is empty; it stays so
 * when there are none. */
void firewall_ports_shared(const struct config *config, const struct addr_list *served,
			   const struct addr_list *own, struct fault *note);

#endif
