/* Elements of the sets of flows that were handed over. */
#include "nft/flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>

#include "nft/plan_build.h"

enum {
	ELEMENTS_PER_MESSAGE = 1000, /* some 60 bytes each: one attribute holds 64 KiB */
	KEY_BYTES = 40,
	WORD_BYTES = 4, /* each part of a key is filled up to whole ones */
};

static size_t put_end(uint8_t *key, const struct addr *end)
{
	size_t size = addr_size(end);

	memcpy(key, end->bytes, size);
	key[size] = (uint8_t)(end->port >> 8);
	key[size + 1] = (uint8_t)end->port;
	return size + WORD_BYTES;
}

static void put_element(struct nlmsghdr *message, const struct flows_pair *flow)
{
	uint8_t key[KEY_BYTES] = { 0 };
	size_t size = put_end(key, &flow->client);
	struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	struct nlattr *data = mnl_attr_nest_start(message, NFTA_SET_ELEM_KEY);

	size += put_end(key + size, &flow->to);
	mnl_attr_put(message, NFTA_DATA_VALUE, size, key);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, element);
}

/* One message with those flows that belong into the set. */
static int put_message(struct batch *batch, const struct plan_table *table,
		       const struct plan_set *set, uint16_t type, const struct flows_pair *at,
		       size_t count)
{
	const uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
	const uint16_t family = set->kind == PLAN_FLOWS4 ? AF_INET : AF_INET6;
	struct nlmsghdr *message = batch_begin(batch, type, flags, "elements of set %s of table %s",
					       set->name, table->name);
	struct nlattr *list;
	size_t i;

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table->name);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set->name);
	list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (i = 0; i < count; i++)
		if (at[i].client.family == family && at[i].to.family == family)
			put_element(message, &at[i]);
	mnl_attr_nest_end(message, list);
	batch_end(batch);
	return 0;
}

static bool has_any(const struct plan_set *set, const struct flows_pair *at, size_t count)
{
	const uint16_t family = set->kind == PLAN_FLOWS4 ? AF_INET : AF_INET6;
	size_t i;

	for (i = 0; i < count; i++)
		if (at[i].client.family == family && at[i].to.family == family)
			return true;
	return false;
}

/* What is to be deleted is added first: it need not be there, and what is not there stops the whole
 * transaction. */
static int put_part(struct batch *batch, const struct plan_table *table, const struct plan_set *set,
		    const struct flows_pair *at, size_t count, bool is_there)
{
	int err = 0;

	if (!has_any(set, at, count))
		return 0;
	err = put_message(batch, table, set, NFT_MSG_NEWSETELEM, at, count);
	if (!err && !is_there)
		err = put_message(batch, table, set, NFT_MSG_DELSETELEM, at, count);
	return err;
}

static bool is_of(const struct plan_set *set, enum flows_sets which)
{
	const char *stem = which == FLOWS_CUT ? PLAN_CUT_SETS : PLAN_HANDED_SETS;

	return plan_set_is_flows(set->kind) && strncmp(set->name, stem, strlen(stem)) == 0;
}

int flows_put(struct batch *batch, const struct plan_table *table, enum flows_sets which,
	      const struct flows_pair *at, size_t count, bool is_there)
{
	size_t done;
	size_t part;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < table->set_count; i++) {
		if (!is_of(&table->sets[i], which))
			continue;
		for (done = 0; !err && done < count; done += part) {
			part = count - done < ELEMENTS_PER_MESSAGE ? count - done
								   : ELEMENTS_PER_MESSAGE;
			err = put_part(batch, table, &table->sets[i], at + done, part, is_there);
		}
	}
	return err;
}
