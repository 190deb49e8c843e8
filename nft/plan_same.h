#ifndef SHUNT_NFT_PLAN_SAME_H
#define SHUNT_NFT_PLAN_SAME_H

#include "nft/plan.h"

/* Find by name; NULL when there is none. */
const struct plan_set *plan_find_set(const struct plan_table *table, const char *name);
const struct plan_chain *plan_find_chain(const struct plan_table *table, const char *name);
const struct plan_object *plan_find_object(const struct plan_table *table, const char *name);

/* The same kind, and the same elements as far as they are the plan's. */
bool plan_set_is_same(const struct plan_set *a, const struct plan_set *b);

/* On the same hook; the rules are not looked at. */
bool plan_chain_is_same(const struct plan_chain *a, const struct plan_chain *b);

bool plan_object_is_same(const struct plan_object *a, const struct plan_object *b);

/* In everything, and in the same order. */
bool plan_table_is_same(const struct plan_table *a, const struct plan_table *b);

#endif
