#ifndef SHUNT_FIREWALL_HOSTS_H
#define SHUNT_FIREWALL_HOSTS_H

#include "kernel/netlink.h"
#include "nft/hosts.h"
#include "policy/config.h"

/*
 * The interfaces that diverts of a configuration name by `to = @IFACE`, each
 * once, with the addresses that they have now; without IPv6 link-local ones,
 * whose clients would be refused, and loopback. Names are config's. 0 and a
 * list for firewall_hosts_free(), or -errno.
 */
int firewall_hosts_read(struct host_list *out, const struct config *config, struct netlink *route);

/* Make it empty; an empty one is fine. */
void firewall_hosts_free(struct host_list *list);

/* The interface of that index or name among them; NULL: none. name may be NULL. */
const struct host_interface *firewall_hosts_find(const struct host_list *list, uint32_t index,
						 const char *name);

#endif
