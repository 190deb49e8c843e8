#ifndef SHUNT_NFT_CHANGE_H
#define SHUNT_NFT_CHANGE_H

#include "nft/batch.h"
#include "nft/plan.h"

/*
 * What turns a table that the kernel holds as planned in `from` into the one
 * planned in `to`, in parts that are a transaction each. All append to a batch,
 * nothing where nothing differs; 0 or -ENOMEM.
 */

/* The sets that `from` does not have, with their elements. */
int change_put_sets(struct batch *batch, const struct plan_table *from,
		    const struct plan_table *to);

/* Away with these, which nobody uses yet. */
int change_take_sets(struct batch *batch, const struct plan_table *from,
		     const struct plan_table *to);

/*
 * Everything else, the sets that `to` does not have going as well. All rules
 * are written anew, chains and objects only where they differ: so named
 * counters go on counting, and sets whose elements come and go keep them with
 * what is left of their time.
 */
int change_put(struct batch *batch, const struct plan_table *from, const struct plan_table *to);

#endif
