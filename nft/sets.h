#ifndef SHUNT_NFT_SETS_H
#define SHUNT_NFT_SETS_H

#include "nft/batch.h"
#include "nft/plan.h"

struct nftnl_set;

/* Make libnftnl's set of a planned one, without its elements; for nftnl_set_free(). NULL without
 * memory. id: its number in the batch. */
struct nftnl_set *sets_make(const struct plan_table *table, const struct plan_set *set,
			    uint32_t id);

/* Add the elements of a planned set to a batch, in as many messages as it takes. 0 or -ENOMEM. */
int sets_put_elements(struct batch *batch, const struct plan_table *table,
		      const struct plan_set *set);

/* Turn the elements of a set of whole keys, which the kernel has as planned in `from`, into those of `to`;
 * what both have is not touched. 0 or -ENOMEM. */
int sets_put_difference(struct batch *batch, const struct plan_table *table,
			const struct plan_set *from, const struct plan_set *to);

/* How long an element lasts, and how much of that is left; 0: it stays. */
struct sets_life {
	unsigned whole_ms;
	unsigned left_ms;
};

/* Add elements with a timeout: each of `count` keys has one byte. 0 or -ENOMEM. */
int sets_put_families(struct batch *batch, const struct plan_table *table, const char *set,
		      const uint8_t *families, size_t count, struct sets_life life);

/* Empty a set. 0 or -ENOMEM. */
int sets_flush(struct batch *batch, const struct plan_table *table, const char *set);

/* One boundary in an interval set as the kernel has it, or one key of another set. */
struct sets_bound {
	uint8_t key[16];
	bool is_end; /* the first key behind an interval */
};

/* What the kernel should list for a planned set, sorted; malloc'd, NULL without memory. */
struct sets_bound *sets_bounds(const struct plan_set *set, size_t *count);

/* Order for qsort() of bounds. */
int sets_compare(const void *a, const void *b);

#endif
