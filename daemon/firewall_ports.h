#ifndef SHUNT_FIREWALL_PORTS_H
#define SHUNT_FIREWALL_PORTS_H

#include "base/fault.h"
#include "kernel/local_ports.h"
#include "kernel/netlink.h"
#include "nft/hosts.h"
#include "policy/config.h"

/*
 * Refuse diverts that would take a port which this box itself serves to others,
 * as ssh or a web interface, unless they say `force = yes` or name interfaces.
 * 0, with what firewall_ports_shared() has to say in *fault; -EADDRINUSE with a fault that names divert, port and remedy; or -errno.
 */
int firewall_ports_check(struct netlink *route, const struct config *config, struct fault *fault);

/* What the kernel tells for it. */
struct firewall_box {
	struct addr_list served; /* sockets that listen to others */
	struct addr_list served_udp;
	struct local_ports_range chosen; /* by the kernel, for sockets that serve nobody */
	struct addr_list own;            /* this box's addresses */
	struct host_list hosts;          /* those of interfaces that diverts name */
};

/* The same with what is told. */
int firewall_ports_compare(const struct config *config, const struct firewall_box *box,
			   struct fault *fault);

/* A line about such ports of diverts that name interfaces, into *note, which is empty; it stays so
 * when there are none. */
void firewall_ports_shared(const struct config *config, const struct firewall_box *box,
			   struct fault *note);

#endif
