/* From one configuration to another, while packets flow. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "firewall_held.h"
#include "firewall_hosts.h"
#include "firewall_links.h"
#include "firewall_ports.h"
#include "firewall_routing.h"
#include "firewall_state.h"
#include "nft/commit.h"
#include "nft/plan_names.h"

int firewall_copy_ports(struct firewall_ports **out, const struct config *config,
			const struct firewall_ports *ports)
{
	struct firewall_ports *copy = calloc(config->divert_count + 1, sizeof *copy);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, ports, config->divert_count * sizeof *copy);
	*out = copy;
	return 0;
}

int firewall_plan(struct plan **out, const struct firewall *fw, const struct config *config,
		  const struct firewall_ports *ports)
{
	struct plan_ports *copy = calloc(config->divert_count + 1, sizeof *copy);
	size_t i;
	int err;

	if (!copy)
		return -ENOMEM;
	for (i = 0; i < config->divert_count; i++)
		copy[i] = (struct plan_ports){ .v4 = ports[i].v4,
					       .v6 = ports[i].v6,
					       .udp4 = ports[i].udp4,
					       .udp6 = ports[i].udp6 };
	err = plan_build(out, config, copy, &fw->options);
	free(copy);
	return err;
}

int firewall_check(struct firewall *fw, const struct config *config, struct fault *fault)
{
	return firewall_ports_check(&fw->route, config, fault);
}

/* Sockets, rules and routes that are there carry the old ones. */
static int check_fixed(const struct config_shunt *was, const struct config_shunt *is,
		       struct fault *fault)
{
	if (was->mark.base != is->mark.base || was->mark.mask != is->mark.mask)
		return fault_set(
			fault, -EINVAL,
			"[shunt] mark cannot change while connections are marked: restart");
	if (was->table != is->table)
		return fault_set(fault, -EINVAL,
				 "[shunt] table cannot change while packets are routed: restart");
	return 0;
}

/* Where somebody else was faster, what he did is undone first. 1, 0 or -errno. */
static int write_plan(struct firewall *fw, const struct plan *plan, struct fault *fault)
{
	struct fault undone = { 0 };
	int count = firewall_write_plan(fw, plan, fault);

	if (count < 0 && firewall_tend_tables(fw, &undone) > 0)
		count = firewall_write_plan(fw, plan, fault);
	return count < 0 ? count : count > 0;
}

/* A plan of that configuration, with the addresses and the names of today; free both also on failure. */
static int plan_anew(struct firewall *fw, const struct config *config,
		     const struct firewall_ports *ports, struct plan **plan,
		     struct host_list *hosts, struct fault *fault)
{
	int err = firewall_plan(plan, fw, config, ports);

	if (err)
		return fault_set(fault, err, "cannot plan the nft tables: %s", strerror(-err));
	err = firewall_hosts_plan(hosts, *plan, config, &fw->route, fault);
	if (err)
		return err;
	err = plan_names_follow(*plan, fw->plan);
	return err ? fault_set(fault, err, "cannot plan the nft tables: %s", strerror(-err)) : 0;
}

/* What is in the kernel now is that plan: the old one, and its ports, go. */
static void take_over(struct firewall *fw, struct plan *plan, struct host_list hosts,
		      struct firewall_ports *ports)
{
	firewall_hosts_free(&fw->hosts);
	plan_free(fw->plan);
	free(fw->ports);
	fw->hosts = hosts;
	fw->plan = plan;
	fw->ports = ports;
	fw->has_new_links = false;
}

int firewall_change(struct firewall *fw, const struct config *config,
		    const struct firewall_ports *ports, struct fault *fault)
{
	struct firewall_ports *copy = NULL;
	struct plan *plan = NULL;
	struct host_list hosts = { NULL, 0 };
	const struct config *was = fw->config;
	int result = check_fixed(&was->shunt, &config->shunt, fault);

	if (!result && firewall_copy_ports(&copy, config, ports))
		result = fault_set(fault, -ENOMEM, "cannot plan the nft tables: out of memory");
	fw->options.had_udp = fw->options.had_udp || (was != config && firewall_held_has(was));
	if (was != config && firewall_links_read(fw, config) < 0)
		fw->dirt.links = true;
	if (!result)
		result = plan_anew(fw, config, ports, &plan, &hosts, fault);
	if (!result) {
		result = write_plan(fw, plan, fault);
		/* what a failure may have left is looked after */
		fw->dirt.tables = fw->dirt.tables || result < 0;
	}
	if (result < 0) {
		firewall_hosts_free(&hosts);
		plan_free(plan);
		free(copy);
		fw->dirt.links = fw->dirt.links || fw->has_new_links;
		return result;
	}
	take_over(fw, plan, hosts, copy);
	fw->config = config;
	firewall_leaving_change(fw, was);
	/* where conntrack cannot be asked they go as they run out */
	if (was != config && firewall_held_has(was))
		(void)firewall_held_leave(&fw->nft, config, was);
	if (firewall_routing_loopback(&fw->route, config, NULL) < 0)
		fw->dirt.routing = true; /* tried again, and said, by the next firewall_tend() */
	return result;
}
