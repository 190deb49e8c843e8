/* Tables as they shall be: written, compared, repaired. */
#include <string.h>

#include "firewall_state.h"
#include "nft/commit.h"
#include "nft/readback.h"

bool firewall_hush(struct firewall *fw, uint32_t *generation)
{
	return readback_generation(generation, &fw->nft) == 0 &&
	       firewall_events_hush(&fw->events) == 0;
}

void firewall_listen_again(struct firewall *fw, bool is_hushed, uint32_t expected)
{
	uint32_t generation;

	if (!is_hushed)
		return; /* then there are events */
	if (firewall_events_listen(&fw->events) || readback_generation(&generation, &fw->nft) ||
	    generation != expected) {
		fw->dirt.tables = true;
		fw->dirt.lost = true;
	}
}

int firewall_write_table(struct firewall *fw, const struct plan_table *table, bool is_there,
			 struct fault *fault)
{
	uint32_t generation = 0;
	bool is_hushed = firewall_hush(fw, &generation);
	int err = commit_table(&fw->nft, table, is_there, fault);

	firewall_listen_again(fw, is_hushed, generation + !err);
	fw->writes += !err;
	return err;
}

int firewall_write_plan(struct firewall *fw, const struct plan *plan, struct fault *fault)
{
	uint32_t generation = 0;
	bool is_hushed = firewall_hush(fw, &generation);
	int count = commit_change(&fw->nft, fw->plan, plan, fault);

	firewall_listen_again(fw, is_hushed, generation + (count > 0 ? (uint32_t)count : 0));
	fw->writes += count > 0;
	return count;
}

int firewall_repair_table(struct firewall *fw, const struct plan_table *table, bool is_quick,
			  struct fault *fault)
{
	struct fault difference = { 0 };
	struct readback_table found;
	int err = is_quick ? readback_compare_quickly(&fw->nft, table, &difference)
			   : readback_compare(&fw->nft, table, &difference);

	if (err > 0)
		return 0;
	if (!err)
		err = readback_table(&found, &fw->nft, table->name);
	if (err)
		return fault_set(fault, err, "cannot read back table inet %s: %s", table->name,
				 strerror(-err));
	err = firewall_write_table(fw, table, found.is_there, fault);
	if (err)
		return err;
	if (fault)
		*fault = difference;
	return 1;
}

/* Each whatever becomes of the other. An owned one that had to be made again gets its elements again;
 * those of its big sets nobody else can touch. */
int firewall_tend_tables(struct firewall *fw, struct fault *fault)
{
	struct fault of_owned = { 0 };
	int lasting = firewall_repair_table(fw, &fw->plan->lasting, !fw->dirt.elements, fault);
	int owned = firewall_repair_table(fw, &fw->plan->owned, true, &of_owned);

	if (lasting >= 0)
		fw->dirt.elements = false;
	if (owned > 0) {
		fw->cookies_until_ms = 0;
		/* what is over comes with the next renewal */
		(void)firewall_alive(fw, fw->alive_until_ms);
	}
	if (lasting < 0)
		return lasting;
	if (owned < 0 || (owned > 0 && lasting == 0))
		*fault = of_owned;
	return owned < 0 ? owned : lasting + owned;
}
