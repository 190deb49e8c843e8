#ifndef SHUNT_NFT_COMMIT_H
#define SHUNT_NFT_COMMIT_H

#include "base/fault.h"
#include "kernel/netlink.h"
#include "nft/batch.h"
#include "nft/plan.h"
#include "nft/sets.h"

/*
 * Write a whole table in one transaction, in place of one of that name when
 * is_there. An owned table belongs to the socket of nl from then on. 0, or
 * -errno with the object that the kernel refused in *fault; then the old table
 * is as it was.
 */
int commit_table(struct netlink *nl, const struct plan_table *table, bool is_there,
		 struct fault *fault);

/* What one transaction does to one table. */
struct commit_step {
	const struct plan_table *from; /* as the kernel holds it: only what differs is written */
	const struct plan_table *to;
	bool is_there; /* without `from`: one of that name goes first */
};

/*
 * Do all steps in one transaction. 1; 0: nothing differs, nothing was written;
 * or -errno as above. A kernel that holds another table than `from` may refuse
 * (-ENOENT, -EEXIST, -EBUSY), or keep what is not in `from`.
 */
int commit_steps(struct netlink *nl, const struct commit_step *steps, size_t count,
		 struct fault *fault);

/* Delete a table. 0, also when there is none; or -errno: -EPERM when another's socket owns it. */
int commit_delete(struct netlink *nl, const char *name, struct fault *fault);

/*
 * Let the set `set` of a table hold exactly both families for life.left_ms
 * from now; 0: let it be empty. One small transaction. 0 or -errno.
 */
int commit_families(struct netlink *nl, const struct plan_table *table, const char *set,
		    struct sets_life life);

/* Append the messages that make a table; commit_table() is made of it. next_id: numbers of sets in the
 * batch. 0 or -ENOMEM. */
int commit_put(struct batch *batch, const struct plan_table *table, uint32_t *next_id);

#endif
