#ifndef SHUNT_NFT_RULES_H
#define SHUNT_NFT_RULES_H

#include "nft/plan.h"

struct nftnl_rule;

/* Make libnftnl's rule of a planned one; for nftnl_rule_free(). NULL without memory. */
struct nftnl_rule *rules_make(const struct plan_table *table, const struct plan_chain *chain,
			      const struct plan_rule *rule);

#endif
