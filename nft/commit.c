/* Tables as transactions. */
#include "nft/commit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "nft/objects.h"
#include "nft/rules.h"
#include "nft/sets.h"

static int put_table(struct batch *batch, const struct plan_table *table)
{
	struct nlmsghdr *message = batch_begin(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL,
					       "table inet %s", table->name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table->name);
	mnl_attr_put_u32(message, NFTA_TABLE_FLAGS, htonl(table->is_owned ? NFT_TABLE_F_OWNER : 0));
	batch_end(batch);
	return 0;
}

static int put_object(struct batch *batch, const struct plan_table *table,
		      const struct plan_object *object)
{
	struct nlmsghdr *message = batch_begin(
		batch, NFT_MSG_NEWOBJ, NLM_F_CREATE, "%s %s of table %s",
		object->timeout_family ? "ct timeout" : "counter", object->name, table->name);

	if (!message)
		return -ENOMEM;
	objects_put(message, table, object);
	batch_end(batch);
	return 0;
}

static int put_set(struct batch *batch, const struct plan_table *table, const struct plan_set *set,
		   uint32_t id)
{
	struct nftnl_set *s = sets_make(table, set, id);
	struct nlmsghdr *message;

	if (!s)
		return -ENOMEM;
	message = batch_begin(batch, NFT_MSG_NEWSET, NLM_F_CREATE, "set %s of table %s", set->name,
			      table->name);
	if (message)
		nftnl_set_nlmsg_build_payload(message, s);
	batch_end(batch);
	nftnl_set_free(s);
	return message ? sets_put_elements(batch, table, set) : -ENOMEM;
}

static int put_chain(struct batch *batch, const struct plan_table *table,
		     const struct plan_chain *chain)
{
	struct nftnl_chain *c = objects_make_chain(table, chain);
	struct nlmsghdr *message;

	if (!c)
		return -ENOMEM;
	message = batch_begin(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE, "chain %s of table %s",
			      chain->name, table->name);
	if (message)
		nftnl_chain_nlmsg_build_payload(message, c);
	batch_end(batch);
	nftnl_chain_free(c);
	return message ? 0 : -ENOMEM;
}

static int put_rule(struct batch *batch, const struct plan_table *table,
		    const struct plan_chain *chain, size_t number)
{
	struct nftnl_rule *r = rules_make(table, chain, &chain->rules[number]);
	struct nlmsghdr *message;

	if (!r)
		return -ENOMEM;
	message = batch_begin(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND,
			      "rule %zu of chain %s of table %s", number + 1, chain->name,
			      table->name);
	if (message)
		nftnl_rule_nlmsg_build_payload(message, r);
	batch_end(batch);
	nftnl_rule_free(r);
	return message ? 0 : -ENOMEM;
}

int commit_put(struct batch *batch, const struct plan_table *table)
{
	int err = put_table(batch, table);
	size_t i;
	size_t r;

	for (i = 0; !err && i < table->object_count; i++)
		err = put_object(batch, table, &table->objects[i]);
	for (i = 0; !err && i < table->set_count; i++)
		err = put_set(batch, table, &table->sets[i], (uint32_t)i + 1);
	/* all chains before the first rule, for rules jump */
	for (i = 0; !err && i < table->chain_count; i++)
		err = put_chain(batch, table, &table->chains[i]);
	for (i = 0; !err && i < table->chain_count; i++)
		for (r = 0; !err && r < table->chains[i].count; r++)
			err = put_rule(batch, table, &table->chains[i], r);
	return err;
}

static int put_delete(struct batch *batch, const char *name)
{
	struct nlmsghdr *message =
		batch_begin(batch, NFT_MSG_DELTABLE, 0, "delete table inet %s", name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, name);
	batch_end(batch);
	return 0;
}

int commit_table(struct netlink *nl, const struct plan_table *table, bool is_there,
		 struct fault *fault)
{
	struct batch *batch = NULL;
	int err = batch_new(&batch);

	if (!err && is_there)
		err = put_delete(batch, table->name);
	if (!err)
		err = commit_put(batch, table);
	if (err)
		(void)fault_set(fault, err, "table inet %s: out of memory", table->name);
	else
		err = batch_send(batch, nl, fault);
	batch_free(batch);
	return err;
}

int commit_delete(struct netlink *nl, const char *name, struct fault *fault)
{
	struct batch *batch = NULL;
	struct fault refused = { 0 };
	int err = batch_new(&batch);

	if (!err)
		err = put_delete(batch, name);
	if (err)
		(void)fault_set(&refused, err, "delete table inet %s: out of memory", name);
	else
		err = batch_send(batch, nl, &refused);
	batch_free(batch);
	if (err == -ENOENT)
		return 0;
	if (err && fault)
		*fault = refused;
	return err;
}

int commit_families(struct netlink *nl, const struct plan_table *table, const char *set,
		    struct sets_life life)
{
	static const uint8_t both[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	struct batch *batch = NULL;
	int err = batch_new(&batch);

	/* an element that is there keeps its old timeout when it is added again, before Linux 6.12 */
	if (!err)
		err = sets_flush(batch, table, set);
	if (!err && life.left_ms)
		err = sets_put_families(batch, table, set, both, sizeof both, life);
	if (!err)
		err = batch_send(batch, nl, NULL);
	batch_free(batch);
	return err;
}
