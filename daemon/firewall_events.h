#ifndef SHUNT_FIREWALL_EVENTS_H
#define SHUNT_FIREWALL_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/netlink.h"
#include "nft/hosts.h"

/* What the kernel says of changes to tables, rules, routes, links and addresses. */
struct firewall_events {
	struct netlink nft;
	struct netlink route;
	int poll; /* readable when either is; -1: closed */
};

/* What may have been touched by somebody else. */
struct firewall_dirt {
	bool tables;
	bool elements; /* of big sets, which are compared only when need be */
	bool lost;     /* nobody knows whether of these */
	bool routing;
	bool others; /* rules of somebody else's changed */
	bool hosts;  /* addresses of interfaces that diverts follow */
	bool links;  /* networks of links */
};

/* What is ours, for telling it from others'. */
struct firewall_own {
	uint32_t nft_port; /* what comes through these two sockets we did ourselves */
	uint32_t route_port;
	uint32_t table; /* routing table */
	const struct host_list *hosts;
};

/* 0 and open sockets, nothing joined yet; or -errno. */
int firewall_events_open(struct firewall_events *e);

/* Listen from now on. 0 or -errno. */
int firewall_events_join(struct firewall_events *e);

/*
 * For a transaction of ours: hear nothing of nft from now on, and the kernel
 * need not make an event of 4 KiB for each element; then listen again. What was
 * missed meanwhile nobody tells. 0 or -errno.
 */
int firewall_events_hush(struct firewall_events *e);
int firewall_events_listen(struct firewall_events *e);

/* Closed is fine. */
void firewall_events_close(struct firewall_events *e);

/* Read what waits and add to *dirt. */
void firewall_events_drain(struct firewall_events *e, const struct firewall_own *own,
			   struct firewall_dirt *dirt);

#endif
