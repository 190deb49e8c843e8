#ifndef SHUNT_NFT_PUT_H
#define SHUNT_NFT_PUT_H

#include "nft/batch.h"
#include "nft/plan.h"

/* Append to a batch what makes one thing of a table that is there already. 0 or -ENOMEM, all of them. */
int put_object(struct batch *batch, const struct plan_table *table,
	       const struct plan_object *object);

/* With its elements. */
int put_set(struct batch *batch, const struct plan_table *table, const struct plan_set *set);

/* Without its rules, which may jump to chains that come later. */
int put_chain(struct batch *batch, const struct plan_table *table, const struct plan_chain *chain);

/* Append the rules of all chains to them. */
int put_rules(struct batch *batch, const struct plan_table *table);

#endif
