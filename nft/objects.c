/* Chains, counters and timeout policies as the kernel wants them. */
#include "nft/objects.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink_cttimeout.h>

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>

/* libnftnl would also write the timeouts that are not given, as 0: connections would be forgotten at
 * once. Left out, the kernel fills in its settings of today. */
static void put_timeouts(struct nlmsghdr *message, const struct plan_object *object)
{
	struct nlattr *data = mnl_attr_nest_start(message, NFTA_OBJ_DATA);
	struct nlattr *seconds;

	mnl_attr_put_u16(message, NFTA_CT_TIMEOUT_L3PROTO, htons(object->timeout_family));
	mnl_attr_put_u8(message, NFTA_CT_TIMEOUT_L4PROTO, object->protocol);
	seconds = mnl_attr_nest_start(message, NFTA_CT_TIMEOUT_DATA);
	if (object->protocol == IPPROTO_UDP) {
		mnl_attr_put_u32(message, CTA_TIMEOUT_UDP_UNREPLIED, htonl(PLAN_UNREPLIED_S));
		mnl_attr_put_u32(message, CTA_TIMEOUT_UDP_REPLIED, htonl(PLAN_REPLIED_S));
	} else {
		mnl_attr_put_u32(message, CTA_TIMEOUT_TCP_LAST_ACK, htonl(PLAN_LAST_ACK_S));
		mnl_attr_put_u32(message, CTA_TIMEOUT_TCP_TIME_WAIT, htonl(PLAN_TIME_WAIT_S));
		mnl_attr_put_u32(message, CTA_TIMEOUT_TCP_CLOSE, htonl(PLAN_CLOSE_S));
	}
	mnl_attr_nest_end(message, seconds);
	mnl_attr_nest_end(message, data);
}

static void put_counter(struct nlmsghdr *message)
{
	struct nlattr *data = mnl_attr_nest_start(message, NFTA_OBJ_DATA);

	mnl_attr_put_u64(message, NFTA_COUNTER_PACKETS, 0);
	mnl_attr_put_u64(message, NFTA_COUNTER_BYTES, 0);
	mnl_attr_nest_end(message, data);
}

void objects_put(struct nlmsghdr *message, const struct plan_table *table,
		 const struct plan_object *object)
{
	uint32_t type = object->timeout_family ? NFT_OBJECT_CT_TIMEOUT : NFT_OBJECT_COUNTER;

	mnl_attr_put_strz(message, NFTA_OBJ_TABLE, table->name);
	mnl_attr_put_strz(message, NFTA_OBJ_NAME, object->name);
	mnl_attr_put_u32(message, NFTA_OBJ_TYPE, htonl(type));
	if (object->timeout_family)
		put_timeouts(message, object);
	else
		put_counter(message);
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
