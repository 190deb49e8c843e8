#ifndef SHUNT_FIREWALL_STATE_H
#define SHUNT_FIREWALL_STATE_H

#include "firewall.h"
#include "firewall_events.h"
#include "nft/plan.h"

enum {
	/* of one more the rule of that which is to go first goes at once: every packet of the box is
	 * compared with all */
	FIREWALL_LEAVING_MOST = 64,
};

/* A server on a loopback address that the configuration does not have any more. */
struct firewall_leaving {
	struct addr server;
	uint64_t until_ms; /* its rule stays, for flows may go on for `drain` */
};

/* What is behind firewall.h, for the files firewall*.c alone. */
struct firewall {
	const struct config *config;
	struct firewall_ports *ports; /* one for each divert */
	struct plan *plan;            /* what the kernel holds, or shall hold after a repair */
	struct plan_options options;
	struct plan_link *links; /* of options */
	bool has_new_links;      /* the plan is from before them */
	struct netlink nft;      /* owns the table `shunt`: lives as long as we */
	struct netlink route;
	struct netlink errors; /* see firewall_errors() */
	struct fault handoff;  /* why nothing can be handed over; err 0: it can */
	struct firewall_events events;
	struct firewall_dirt dirt; /* what has still to be looked at */
	struct host_list hosts;    /* interfaces of `to = @IFACE`, as the plan has them */
	uint64_t alive_until_ms;
	uint64_t cookies_until_ms;
	uint64_t cookies_sent;
	uint64_t writes; /* of tables of ours, see firewall_writes() */
	struct firewall_leaving leaving[FIREWALL_LEAVING_MOST];
	size_t leaving_count;
};

/* The configuration has changed: servers on loopback addresses leave, or come back. */
void firewall_leaving_change(struct firewall *fw, const struct config *was);

/* The rules of those whose time is over go. */
void firewall_leaving_look(struct firewall *fw);

/* Plan the tables of a configuration. 0 and a plan for plan_free(), or -errno. */
int firewall_plan(struct plan **out, const struct firewall *fw, const struct config *config,
		  const struct firewall_ports *ports);

/*
 * Read the addresses of the interfaces that config names, and fill the sets of
 * a plan of it that is not in the kernel yet. 0 and *out, for
 * firewall_hosts_free(), whose names are config's; or -errno.
 */
int firewall_hosts_plan(struct host_list *out, struct plan *plan, const struct config *config,
			struct netlink *route, struct fault *fault);

/* Read what the kernel tells of changes into fw->dirt. */
void firewall_drain(struct firewall *fw);

/* What is written between these two makes no events. Where somebody else wrote as well, or nobody knows,
 * all is to be looked at: expected is the generation after what we wrote. */
bool firewall_hush(struct firewall *fw, uint32_t *generation);
void firewall_listen_again(struct firewall *fw, bool is_hushed, uint32_t expected);

/* Write a table whole, in place of one of that name when is_there. 0 or -errno. */
int firewall_write_table(struct firewall *fw, const struct plan_table *table, bool is_there,
			 struct fault *fault);

/* Write what differs from fw->plan. How many transactions it took, or -errno. */
int firewall_write_plan(struct firewall *fw, const struct plan *plan, struct fault *fault);

/* Compare one table with the plan, and write it when it differs: 1; 0: it was good; or -errno. is_quick:
 * elements of big sets are not looked at. */
int firewall_repair_table(struct firewall *fw, const struct plan_table *table, bool is_quick,
			  struct fault *fault);

/* Compare both tables with the plan, and write those that differ: how many, with the first difference in
 * *fault; or -errno. */
int firewall_tend_tables(struct firewall *fw, struct fault *fault);

/* Does br_netfilter watch a bridge? 0 and *out, or -errno. firewall_bridge.c */
int firewall_bridges_are_there(struct firewall *fw, bool *out);

/* Ports of the listeners of a configuration, for free(), in *out. 0 or -ENOMEM. */
int firewall_copy_ports(struct firewall_ports **out, const struct config *config,
			const struct firewall_ports *ports);

#endif
