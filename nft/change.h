#ifndef SHUNT_NFT_CHANGE_H
#define SHUNT_NFT_CHANGE_H

#include "nft/batch.h"
#include "nft/plan.h"

/*
 * Append what turns a table that the kernel holds as planned in `from` into
 * the one planned in `to`: all rules are written anew, chains, sets and objects
 * only where they differ. So named counters go on counting, and sets whose
 * elements come and go keep them with what is left of their time. Nothing is
 * appended when both are the same. next_id: numbers of sets in the batch. 0 or
 * -ENOMEM.
 */
int change_put(struct batch *batch, const struct plan_table *from, const struct plan_table *to,
	       uint32_t *next_id);

#endif
