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

/*
 * Let the sets PLAN_FLOWS* of a table have these flows, or, with is_there false,
 * not have them, whether or not they had them before. Where the plan has no such
 * sets nothing is appended. 0 or -ENOMEM.
 */
int flows_put(struct batch *batch, const struct plan_table *table, const struct flows_pair *at,
	      size_t count, bool is_there);

#endif
