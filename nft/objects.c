/* Chains, counters and timeout policies as libnftnl's objects. */
#include "nft/objects.h"

#include <netinet/in.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <libnftnl/chain.h>
#include <libnftnl/object.h>

static void set_timeouts(struct nftnl_obj *o, uint8_t family)
{
	/* those that are 0 are left to the kernel, which fills in its settings of today */
	const uint32_t seconds[NFTNL_CTTIMEOUT_ARRAY_MAX] = {
		[NFTNL_CTTIMEOUT_TCP_LAST_ACK] = PLAN_LAST_ACK_S,
		[NFTNL_CTTIMEOUT_TCP_TIME_WAIT] = PLAN_TIME_WAIT_S,
		[NFTNL_CTTIMEOUT_TCP_CLOSE] = PLAN_CLOSE_S,
	};

	nftnl_obj_set_u16(o, NFTNL_OBJ_CT_TIMEOUT_L3PROTO, family);
	nftnl_obj_set_u8(o, NFTNL_OBJ_CT_TIMEOUT_L4PROTO, IPPROTO_TCP);
	nftnl_obj_set_data(o, NFTNL_OBJ_CT_TIMEOUT_ARRAY, seconds, sizeof seconds);
}

struct nftnl_obj *objects_make(const struct plan_table *table, const struct plan_object *object)
{
	struct nftnl_obj *o = nftnl_obj_alloc();
	bool is_counter = object->timeout_family == 0;

	if (!o)
		return NULL;
	nftnl_obj_set_u32(o, NFTNL_OBJ_FAMILY, NFPROTO_INET);
	nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE,
			  is_counter ? NFT_OBJECT_COUNTER : NFT_OBJECT_CT_TIMEOUT);
	nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, table->name);
	nftnl_obj_set_str(o, NFTNL_OBJ_NAME, object->name);
	if (is_counter)
		nftnl_obj_set_u64(o, NFTNL_OBJ_CTR_PKTS, 0);
	else
		set_timeouts(o, object->timeout_family);
	return o;
}

struct nftnl_chain *objects_make_chain(const struct plan_table *table,
				       const struct plan_chain *chain)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c)
		return NULL;
	nftnl_chain_set_u32(c, NFTNL_CHAIN_FAMILY, NFPROTO_INET);
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table->name);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, chain->name);
	if (!chain->type)
		return c;
	nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, chain->type);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, chain->hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, chain->priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	return c;
}
