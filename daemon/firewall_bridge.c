/* Who comes first among the hooks: br_netfilter or chain `from_bridge` (nft/plan_owned.c). */
#include <string.h>
#include <unistd.h>

#include "firewall_state.h"
#include "kernel/links.h"

#define BR_NETFILTER "/proc/sys/net/bridge/bridge-nf-call-iptables"

int firewall_bridges_are_there(struct firewall *fw, bool *out)
{
	int found = 0;

	if (access(BR_NETFILTER, F_OK) == 0)
		found = links_have_bridge(&fw->route);
	if (found < 0)
		return found;
	*out = found;
	return 0;
}

int firewall_bridges(struct firewall *fw, struct fault *fault)
{
	bool are_there = false;
	int result;

	if (fw->options.has_bridges && access(BR_NETFILTER, F_OK) == 0)
		return 0; /* as long as the module stays it keeps its place */
	result = firewall_bridges_are_there(fw, &are_there);
	if (result)
		return fault_set(fault, result, "cannot look for bridges: %s", strerror(-result));
	if (are_there == fw->options.has_bridges)
		return 0;
	fw->options.has_bridges = are_there;
	result = firewall_change(fw, fw->config, fw->ports, fault);
	if (result < 0) {
		fw->options.has_bridges = !are_there; /* the next call tries again */
		return result;
	}
	return result > 0 && are_there;
}
