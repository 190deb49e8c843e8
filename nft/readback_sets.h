#ifndef SHUNT_NFT_READBACK_SETS_H
#define SHUNT_NFT_READBACK_SETS_H

#include "base/fault.h"
#include "kernel/netlink.h"
#include "nft/plan.h"

struct nlmsghdr;

/* Begin a request NFT_MSG_GET* in a buffer of NETLINK_MESSAGE_BYTES. */
struct nlmsghdr *readback_request(char *buf, uint16_t type);

/* Compare a table's sets with the plan, elements only of those that have `most` at most. 0: the same, 1: not so, with the first difference in
 * *difference; or -errno. */
int readback_sets(struct netlink *nl, const struct plan_table *table, size_t most,
		  struct fault *difference);

#endif
