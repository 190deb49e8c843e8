#ifndef SHUNT_FIREWALL_EVENTS_H
#define SHUNT_FIREWALL_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/netlink.h"

/* What the kernel says of changes to tables, rules, routes and lo. */
struct firewall_events {
	struct netlink nft;
	struct netlink route;
	int poll; /* readable when either is; -1: closed */
};

/* What may have been touched by somebody else. */
struct firewall_dirt {
	bool tables;
	bool routing;
};

/* 0 and open sockets, nothing joined yet; or -errno. */
int firewall_events_open(struct firewall_events *e);

/* Listen from now on. 0 or -errno. */
int firewall_events_join(struct firewall_events *e);

/* Closed is fine. */
void firewall_events_close(struct firewall_events *e);

/*
 * Read what waits and add to *dirt. Changes made through the two sockets with
 * these ports are ours and do not count; nor do routes of tables but `table`.
 */
void firewall_events_drain(struct firewall_events *e, uint32_t nft_port, uint32_t route_port,
			   uint32_t table, struct firewall_dirt *dirt);

#endif
