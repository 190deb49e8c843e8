#ifndef SHUNT_NFT_READBACK_H
#define SHUNT_NFT_READBACK_H

#include "base/fault.h"
#include "kernel/netlink.h"
#include "nft/plan.h"

struct nlmsghdr;

/* Is an nft message, listed or sent as an event, about that inet table or something in it? Looks at
 * nothing but the names: what others keep in their tables may be strange to us. */
bool readback_is_of(const struct nlmsghdr *message, const char *table);

/* What the kernel says of a table by name. */
struct readback_table {
	bool is_there;
	bool is_owned;
	uint32_t owner; /* port of the owner's socket, most often its process id */
};

/* 0 and *out, or -errno. */
int readback_table(struct readback_table *out, struct netlink *nl, const char *name);

/* The number of the last transaction that was made, of whomever: each adds one. 0 and *out, or -errno. */
int readback_generation(uint32_t *out, struct netlink *nl);

enum {
	/* The kernel lists a set in steps that each begin anew: 100,000 intervals take it half a second,
	 * and ten times as many a hundred times as long. */
	READBACK_BIG_SET = 4096,
	/* So these are never read back: to write them anew is faster. */
	READBACK_HUGE_SET = 200000,
};

/*
 * Compare what the kernel holds with a plan: sets and their elements (those
 * that come and go left out; of huge sets it says that they differ), objects,
 * chains, every rule. 1: the same. 0: not
 * so, with the first difference in *difference (NULL is fine). Or -errno.
 */
int readback_compare(struct netlink *nl, const struct plan_table *table, struct fault *difference);

/* The same, but of sets with more than READBACK_BIG_SET elements these are not looked at. */
int readback_compare_quickly(struct netlink *nl, const struct plan_table *table,
			     struct fault *difference);

#endif
