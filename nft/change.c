/* From one plan of a table to another, by what differs. Of both parts the order is the kernel's wish: what
 * is used comes before its users and goes after them. */
#include "nft/change.h"

#include <arpa/inet.h>
#include <errno.h>

#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>

#include "nft/plan_same.h"
#include "nft/put.h"

/* All rules of all chains. */
static int put_flush(struct batch *batch, const struct plan_table *table)
{
	struct nlmsghdr *message =
		batch_begin(batch, NFT_MSG_DELRULE, 0, "rules of table %s", table->name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_RULE_TABLE, table->name);
	batch_end(batch);
	return 0;
}

/* What a thing of that kind is called in messages. */
struct thing {
	uint16_t message; /* NFT_MSG_DEL* */
	uint16_t name;    /* attribute; that of the table is NFTA_TABLE_NAME for all */
	const char *word;
};

static int put_delete(struct batch *batch, const struct plan_table *table, struct thing thing,
		      const char *name)
{
	struct nlmsghdr *message = batch_begin(batch, thing.message, 0, "delete %s %s of table %s",
					       thing.word, name, table->name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table->name);
	mnl_attr_put_strz(message, thing.name, name);
	batch_end(batch);
	return 0;
}

static int delete_chains(struct batch *batch, const struct plan_table *from,
			 const struct plan_table *to)
{
	static const struct thing chain = { NFT_MSG_DELCHAIN, NFTA_CHAIN_NAME, "chain" };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < from->chain_count; i++) {
		const struct plan_chain *later = plan_find_chain(to, from->chains[i].name);

		if (!later || !plan_chain_is_same(&from->chains[i], later))
			err = put_delete(batch, from, chain, from->chains[i].name);
	}
	return err;
}

/* Is it the plan's in both? Of those that differ, names differ too. */
static bool has_set(const struct plan_table *table, const struct plan_set *set)
{
	const struct plan_set *found = plan_find_set(table, set->name);

	return found && plan_set_is_same(found, set);
}

/* The sets of one plan that the other does not have. */
static int delete_sets(struct batch *batch, const struct plan_table *of,
		       const struct plan_table *besides)
{
	static const struct thing set = { NFT_MSG_DELSET, NFTA_SET_NAME, "set" };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < of->set_count; i++)
		if (!has_set(besides, &of->sets[i]))
			err = put_delete(batch, of, set, of->sets[i].name);
	return err;
}

static int delete_object(struct batch *batch, const struct plan_table *table,
			 const struct plan_object *object)
{
	uint32_t type = object->timeout_family ? NFT_OBJECT_CT_TIMEOUT : NFT_OBJECT_COUNTER;
	struct nlmsghdr *message =
		batch_begin(batch, NFT_MSG_DELOBJ, 0, "delete object %s of table %s", object->name,
			    table->name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_OBJ_TABLE, table->name);
	mnl_attr_put_strz(message, NFTA_OBJ_NAME, object->name);
	mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(type));
	batch_end(batch);
	return 0;
}

static int delete_objects(struct batch *batch, const struct plan_table *from,
			  const struct plan_table *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < from->object_count; i++) {
		const struct plan_object *later = plan_find_object(to, from->objects[i].name);

		if (!later || !plan_object_is_same(&from->objects[i], later))
			err = delete_object(batch, from, &from->objects[i]);
	}
	return err;
}

static int put_new(struct batch *batch, const struct plan_table *from, const struct plan_table *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < to->object_count; i++) {
		const struct plan_object *old = plan_find_object(from, to->objects[i].name);

		if (!old || !plan_object_is_same(old, &to->objects[i]))
			err = put_object(batch, to, &to->objects[i]);
	}
	for (i = 0; !err && i < to->chain_count; i++) {
		const struct plan_chain *old = plan_find_chain(from, to->chains[i].name);

		if (!old || !plan_chain_is_same(old, &to->chains[i]))
			err = put_chain(batch, to, &to->chains[i]);
	}
	return err;
}

int change_put_sets(struct batch *batch, const struct plan_table *from, const struct plan_table *to)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < to->set_count; i++)
		if (!has_set(from, &to->sets[i]))
			err = put_set(batch, to, &to->sets[i]);
	return err;
}

int change_take_sets(struct batch *batch, const struct plan_table *from,
		     const struct plan_table *to)
{
	return delete_sets(batch, to, from);
}

int change_put(struct batch *batch, const struct plan_table *from, const struct plan_table *to)
{
	int err;

	if (plan_table_is_same(from, to))
		return 0;
	err = put_flush(batch, from);
	if (!err)
		err = delete_chains(batch, from, to);
	if (!err)
		err = delete_sets(batch, from, to);
	if (!err)
		err = delete_objects(batch, from, to);
	if (!err)
		err = put_new(batch, from, to);
	return err ? err : put_rules(batch, to);
}
