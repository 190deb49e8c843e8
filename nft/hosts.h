#ifndef SHUNT_NFT_HOSTS_H
#define SHUNT_NFT_HOSTS_H

#include "kernel/addr_list.h"
#include "nft/batch.h"
#include "nft/plan.h"

/* An interface that some divert names by `to = @IFACE`. */
struct host_interface {
	const char *name;
	uint32_t index; /* 0: there is none of that name now */
	struct addr_list addresses;
};

struct host_list {
	struct host_interface *at;
	size_t count;
};

/*
 * Let the sets PLAN_HOSTS* of both tables hold the addresses that the
 * interfaces of their divert have now. batch: gets what turns the sets in the
 * kernel, filled as before, into these; NULL: they are not there yet. 0; or
 * -ENOMEM, which leaves some sets as they were and the batch useless.
 */
int hosts_fill(struct plan *plan, const struct config *config, const struct host_list *interfaces,
	       struct batch *batch);

#endif
