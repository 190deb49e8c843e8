/* Flows that were handed over, as the owned table knows them. */
#include "firewall_flows.h"

#include "firewall_state.h"

int firewall_flows(struct firewall *fw, enum flows_sets which, const struct flows_pair *at,
		   size_t count, bool is_there)
{
	struct batch *batch = NULL;
	uint32_t generation = 0;
	bool is_hushed;
	int err = batch_new(&batch);

	if (!err)
		err = flows_put(batch, &fw->plan->owned, which, at, count, is_there);
	if (!err && !batch_is_empty(batch)) {
		is_hushed = firewall_hush(fw, &generation);
		err = batch_send(batch, &fw->nft, NULL);
		firewall_listen_again(fw, is_hushed, generation + !err);
	}
	batch_free(batch);
	return err;
}

bool firewall_others_changed(struct firewall *fw)
{
	bool have_changed = fw->dirt.others;

	fw->dirt.others = false;
	return have_changed;
}

uint64_t firewall_writes(const struct firewall *fw)
{
	return fw->writes;
}
