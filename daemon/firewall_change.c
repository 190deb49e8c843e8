/* From one configuration to another, while packets flow. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "firewall_ports.h"
#include "firewall_state.h"
#include "nft/commit.h"
#include "nft/readback.h"

int firewall_plan(struct plan **out, const struct firewall *fw, const struct config *config,
		  const struct firewall_ports *ports)
{
	struct plan_ports *copy = calloc(config->divert_count + 1, sizeof *copy);
	size_t i;
	int err;

	if (!copy)
		return -ENOMEM;
	for (i = 0; i < config->divert_count; i++)
		copy[i] = (struct plan_ports){ .v4 = ports[i].v4, .v6 = ports[i].v6 };
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

/* How a table becomes as planned that may not be as it was planned before: whole, then. 0 or -errno. */
static int plan_step(struct commit_step *step, struct netlink *nl)
{
	struct readback_table found;
	int same = readback_compare(nl, step->from, NULL);
	int err;

	if (same != 0)
		return same < 0 ? same : 0;
	err = readback_table(&found, nl, step->from->name);
	if (err)
		return err;
	step->from = NULL;
	step->is_there = found.is_there;
	return 0;
}

/* What differs from the plan before; where somebody else was faster, all. 1, 0 or -errno. */
static int write_plan(struct netlink *nl, const struct plan *from, const struct plan *to,
		      struct fault *fault)
{
	struct commit_step steps[] = { { .from = &from->lasting, .to = &to->lasting },
				       { .from = &from->owned, .to = &to->owned } };
	struct fault refused = { 0 };
	int result = commit_steps(nl, steps, 2, &refused);
	size_t i;
	int err = 0;

	if (result >= 0)
		return result;
	for (i = 0; !err && i < 2; i++)
		err = plan_step(&steps[i], nl);
	if (err || (steps[0].from && steps[1].from)) {
		/* all was as we think: the kernel means what it said */
		if (fault)
			*fault = refused;
		return result;
	}
	return commit_steps(nl, steps, 2, fault);
}

int firewall_change(struct firewall *fw, const struct config *config,
		    const struct firewall_ports *ports, struct fault *fault)
{
	struct plan *plan = NULL;
	int err = check_fixed(&fw->config->shunt, &config->shunt, fault);
	int result;

	if (err)
		return err;
	err = firewall_plan(&plan, fw, config, ports);
	if (err)
		return fault_set(fault, err, "cannot plan the nft tables: %s", strerror(-err));
	result = write_plan(&fw->nft, fw->plan, plan, fault);
	if (result < 0) {
		fw->dirt.tables = true;
		plan_free(plan);
		return result;
	}
	plan_free(fw->plan);
	fw->plan = plan;
	fw->config = config;
	return result;
}
