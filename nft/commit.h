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

/*
 * Turn both tables from one plan into another. First the sets that are new are
 * laid ready, then one transaction gives the rules that use them for the old
 * ones: a set that was made together with its rules is empty for some
 * microseconds after them. Sets of `to` must have other names than those of
 * `from` unless they are the same (nft/plan_names.h). How many
 * transactions it took, 0 when nothing differs; or -errno with the object that was refused in *fault:
 * the kernel has `from`, or something else that it had before.
 */
int commit_change(struct netlink *nl, const struct plan *from, const struct plan *to,
		  struct fault *fault);

/* Delete a table. 0, also when there is none; or -errno: -EPERM when another's socket owns it. */
int commit_delete(struct netlink *nl, const char *name, struct fault *fault);

/*
 * Let the set `set` of a table hold exactly both families for life.left_ms
 * from now; 0: let it be empty. One small transaction. 0 or -errno.
 */
int commit_families(struct netlink *nl, const struct plan_table *table, const char *set,
		    struct sets_life life);

/* Append the messages that make a table; commit_table() is made of it. 0 or -ENOMEM. */
int commit_put(struct batch *batch, const struct plan_table *table);

#endif
