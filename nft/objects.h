#ifndef SHUNT_NFT_OBJECTS_H
#define SHUNT_NFT_OBJECTS_H

#include "nft/plan.h"

struct nftnl_chain;
struct nftnl_obj;

/* Make libnftnl's object of a planned counter or timeout policy; for nftnl_obj_free(). NULL without
 * memory. */
struct nftnl_obj *objects_make(const struct plan_table *table, const struct plan_object *object);

/* The same of a planned chain, without its rules; for nftnl_chain_free(). */
struct nftnl_chain *objects_make_chain(const struct plan_table *table,
				       const struct plan_chain *chain);

#endif
