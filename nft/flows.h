#ifndef SHUNT_NFT_FLOWS_H
#define SHUNT_NFT_FLOWS_H

#include "base/addr.h"
#include "nft/batch.h"
#include "nft/plan.h"

/* A flow as its client knows it. */
struct flows_pair {
	struct addr client;
	struct addr to;
};

/* Sets of flows, one for each family. */
enum flows_sets {
	FLOWS_HANDED, /* those that were handed over */
	FLOWS_CUT,    /* who says what is answered by a RST: the sender first, whoever it is */
};

/*
 * Let these sets PLAN_FLOWS* of a table have these flows, or, with is_there false,
 * not have them, whether or not they had them before. Where the plan has no such
 * sets nothing is appended. 0 or -ENOMEM.
 */
int flows_put(struct batch *batch, const struct plan_table *table, enum flows_sets which,
	      const struct flows_pair *at, size_t count, bool is_there);

#endif
