#ifndef SHUNT_NFT_OBJECTS_H
#define SHUNT_NFT_OBJECTS_H

#include "nft/plan.h"

struct nftnl_chain;
struct nlmsghdr;

/* Append to a message NFT_MSG_NEWOBJ what makes a planned counter or timeout policy. */
void objects_put(struct nlmsghdr *message, const struct plan_table *table,
		 const struct plan_object *object);

/* Make libnftnl's chain of a planned one, without its rules; for nftnl_chain_free(). NULL without
 * memory. */
struct nftnl_chain *objects_make_chain(const struct plan_table *table,
				       const struct plan_chain *chain);

#endif
