/* Tables as transactions. */
#include "nft/commit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libmnl/libmnl.h>

#include "nft/change.h"
#include "nft/put.h"

enum {
	TABLE_F_PERSIST = 4, /* NFT_TABLE_F_PERSIST of Linux 6.9, which older headers lack */
};

static int put_table(struct batch *batch, const struct plan_table *table)
{
	struct nlmsghdr *message = batch_begin(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL,
					       "table inet %s", table->name);

	if (!message)
		return -ENOMEM;
	mnl_attr_put_strz(message, NFTA_TABLE_NAME, table->name);
	mnl_attr_put_u32(message, NFTA_TABLE_FLAGS,
			 htonl((table->is_owned ? NFT_TABLE_F_OWNER : 0) |
			       (table->is_lasting ? TABLE_F_PERSIST : 0)));
	batch_end(batch);
	return 0;
}

int commit_put(struct batch *batch, const struct plan_table *table)
{
	int err = put_table(batch, table);
	size_t i;

	for (i = 0; !err && i < table->object_count; i++)
		err = put_object(batch, table, &table->objects[i]);
	for (i = 0; !err && i < table->set_count; i++)
		err = put_set(batch, table, &table->sets[i]);
	/* all chains before the first rule, for rules jump */
	for (i = 0; !err && i < table->chain_count; i++)
		err = put_chain(batch, table, &table->chains[i]);
	return err ? err : put_rules(batch, table);
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

typedef int commit_part(struct batch *batch, const struct plan_table *from,
			const struct plan_table *to);

/* One part of a change, for both tables in one transaction. 1; 0: there was nothing to do; or -errno. */
static int send_part(struct netlink *nl, const struct plan *from, const struct plan *to,
		     commit_part *part, struct fault *fault)
{
	struct batch *batch = NULL;
	bool is_empty = false;
	int err = batch_new(&batch);

	if (!err)
		err = part(batch, &from->lasting, &to->lasting);
	if (!err)
		err = part(batch, &from->owned, &to->owned);
	if (err) {
		(void)fault_set(fault, err, "nft transaction: out of memory");
	} else {
		is_empty = batch_is_empty(batch);
		err = is_empty ? 0 : batch_send(batch, nl, fault);
	}
	batch_free(batch);
	return err ? err : !is_empty;
}

int commit_change(struct netlink *nl, const struct plan *from, const struct plan *to,
		  struct fault *fault)
{
	int sets = send_part(nl, from, to, change_put_sets, fault);
	int rules = sets < 0 ? sets : send_part(nl, from, to, change_put, fault);

	if (rules < 0 && sets > 0)
		(void)send_part(nl, from, to, change_take_sets, NULL); /* the first fault counts */
	return rules < 0 ? rules : sets + rules;
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
