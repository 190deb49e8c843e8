/* Diverts of `to = @IFACE` follow the addresses of that interface: elements of sets come and go, no rule
 * is touched. */
#include <errno.h>
#include <string.h>

#include "firewall_hosts.h"
#include "firewall_links.h"
#include "firewall_state.h"
#include "nft/batch.h"

int firewall_hosts_plan(struct host_list *out, struct plan *plan, const struct config *config,
			struct netlink *route, struct fault *fault)
{
	struct host_list hosts = { NULL, 0 };
	int err = firewall_hosts_read(&hosts, config, route);

	if (!err)
		err = hosts_fill(plan, config, &hosts, NULL);
	if (err) {
		firewall_hosts_free(&hosts);
		return fault_set(fault, err, "cannot read the addresses of interfaces: %s",
				 strerror(-err));
	}
	*out = hosts;
	return 0;
}

/* The first interface whose addresses are others than before, as a line. */
static void tell(const struct host_list *before, const struct host_list *now, struct fault *fault)
{
	size_t i;

	for (i = 0; i < now->count; i++) {
		const struct addr_list *was = &before->at[i].addresses;
		const struct addr_list *is = &now->at[i].addresses;

		if (was->count == is->count &&
		    (!is->count || !memcmp(was->at, is->at, is->count * sizeof *is->at)))
			continue;
		(void)fault_set(fault, 0, "to = @%s: addresses: %zu now, %zu before",
				now->at[i].name, is->count, was->count);
		return;
	}
}

/* Both lists are of the same configuration. 1, 0 or -errno. */
static int write_hosts(struct firewall *fw, const struct host_list *now, struct fault *fault)
{
	struct batch *batch = NULL;
	int result = batch_new(&batch);

	if (!result)
		result = hosts_fill(fw->plan, fw->config, now, batch);
	if (result)
		(void)fault_set(fault, result, "to = @IFACE: out of memory");
	else if (!batch_is_empty(batch))
		result = batch_send(batch, &fw->nft, fault);
	if (!result && !batch_is_empty(batch))
		result = 1;
	batch_free(batch);
	return result;
}

int firewall_follow(struct firewall *fw, struct fault *fault)
{
	struct host_list now = { NULL, 0 };
	struct fault refused = { 0 };
	int result;

	firewall_drain(fw);
	result = fw->dirt.links ? firewall_links_follow(fw, fault) : 0;
	fw->dirt.links = result < 0;
	if (result < 0)
		return result;
	if (!fw->dirt.hosts || !fw->hosts.count) {
		fw->dirt.hosts = false;
		return 0;
	}
	result = firewall_hosts_read(&now, fw->config, &fw->route);
	if (result)
		return fault_set(fault, result, "cannot read the addresses of interfaces: %s",
				 strerror(-result));
	result = write_hosts(fw, &now, &refused);
	fw->dirt.hosts = false;
	if (result > 0)
		tell(&fw->hosts, &now, &refused);
	else if (result < 0)
		/* the plan knows them: what is in the kernel is compared with it */
		fw->dirt.tables = true;
	firewall_hosts_free(&fw->hosts);
	fw->hosts = now;
	if (fault && result)
		*fault = refused;
	return result;
}
