#ifndef SHUNT_FIREWALL_ROUTING_H
#define SHUNT_FIREWALL_ROUTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/mark.h"
#include "kernel/netlink.h"
#include "policy/config.h"

/*
 * The four ip rules per family and the local route by which diverted packets,
 * and the answers of servers on this very box, reach our sockets; and one rule
 * for each server on a loopback address. A box without IPv6 does without its half.
 */

/* Add what is missing. Returns how many were, with *fault naming the first; or -errno. */
int firewall_routing_repair(struct netlink *nl, const struct config *config, struct fault *fault);

/* The same for the rules of servers on loopback addresses alone; those of servers that another
 * configuration had stay, for connections with them may: firewall_leaving.c. */
int firewall_routing_loopback(struct netlink *nl, const struct config *config, struct fault *fault);

/* Delete the rule of one of those servers. 0, also when it is not there; or -errno. */
int firewall_routing_forget(struct netlink *nl, const struct addr *server, uint32_t table);

/* Delete all of it, going on after errors; 0 or the first -errno. */
int firewall_routing_delete(struct netlink *nl, const struct marks *marks, uint32_t table,
			    struct fault *fault);

#endif
