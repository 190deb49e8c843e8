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
	int err;

	if (fw->is_before_bridges && access(BR_NETFILTER, F_OK) == 0)
		return 0;
	err = firewall_bridges_are_there(fw, &are_there);
	if (err)
		return fault_set(fault, err, "cannot look for bridges: %s", strerror(-err));
	if (!are_there) {
		fw->is_before_bridges = false; /* the module is gone, or there is no bridge yet */
		return 0;
	}
	err = firewall_rewrite(fw, fault);
	if (err)
		return err;
	fw->is_before_bridges = true;
	return 1;
}
