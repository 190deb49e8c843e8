#ifndef SHUNT_FIREWALL_HANDOFF_H
#define SHUNT_FIREWALL_HANDOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "kernel/netlink.h"

/*
 * Whether this box can take flows over: nft that takes options out of a SYN and
 * shows packets, conntrack entries with NAT and shifted sequence numbers,
 * TCP_REPAIR, raw sockets. For tests the environment's SHUNT_WITHOUT may name
 * some of strip, log, conntrack, repair and raw, with commas, that count as missing.
 */

/*
 * Try all of it. 0, with a socket in *errors for netlink_close() that shows ICMP
 * errors of that group; or -errno with a fault that names what is missing and
 * the remedy.
 */
int firewall_handoff_try(struct netlink *nft, struct netlink *errors, uint16_t *group,
			 struct fault *fault);

/* Does the kernel forward packets of either family? Where it does not, nothing can be handed over. */
struct firewall_forwarding {
	bool v4;
	bool v6;
};
struct firewall_forwarding firewall_forwarding_read(void);

#endif
