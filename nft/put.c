/* One object of a table as one message, or as many as it takes. */
#include "nft/put.h"

#include <errno.h>

#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "nft/objects.h"
#include "nft/rules.h"
#include "nft/sets.h"

int put_object(struct batch *batch, const struct plan_table *table,
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

int put_set(struct batch *batch, const struct plan_table *table, const struct plan_set *set)
{
	struct nftnl_set *s = sets_make(table, set, batch_count(batch));
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

int put_chain(struct batch *batch, const struct plan_table *table, const struct plan_chain *chain)
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

int put_rules(struct batch *batch, const struct plan_table *table)
{
	size_t i;
	size_t r;
	int err = 0;

	for (i = 0; !err && i < table->chain_count; i++)
		for (r = 0; !err && r < table->chains[i].count; r++)
			err = put_rule(batch, table, &table->chains[i], r);
	return err;
}
