#ifndef SHUNT_FIREWALL_STATE_H
#define SHUNT_FIREWALL_STATE_H

#include "firewall.h"
#include "firewall_events.h"
#include "nft/plan.h"

/* What is behind firewall.h, for the files firewall*.c alone. */
struct firewall {
	const struct config *config;
	struct plan *plan; /* what the kernel holds, or shall hold after a repair */
	struct plan_options options;
	struct netlink nft; /* owns the table `shunt`: lives as long as we */
	struct netlink route;
	struct firewall_events events;
	struct firewall_dirt dirt; /* what has still to be looked at */
	uint64_t alive_until_ms;
	uint64_t cookies_until_ms;
	uint64_t cookies_sent;
};

/* Plan the tables of a configuration. 0 and a plan for plan_free(), or -errno. */
int firewall_plan(struct plan **out, const struct firewall *fw, const struct config *config,
		  const struct firewall_ports *ports);

/* Compare both tables with the plan, and write those that differ: how many, with the first difference in
 * *fault; or -errno. */
int firewall_tend_tables(struct firewall *fw, struct fault *fault);

#endif
