/* Whose table is there, and how often did anything change? */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>

#include "nft/readback.h"
#include "nft/readback_sets.h"

struct nlmsghdr *readback_request(char *buf, uint16_t type)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);

	request->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	head->nfgen_family = NFPROTO_INET;
	head->version = NFNETLINK_V0;
	return request;
}

bool readback_is_of(const struct nlmsghdr *message, const char *table)
{
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;

	if (mnl_nlmsg_get_payload_len(message) < sizeof *head ||
	    head->nfgen_family != NFPROTO_INET || (message->nlmsg_type & 0xff) == NFT_MSG_NEWGEN)
		return false;
	mnl_attr_for_each (attr, message, sizeof *head) {
		/* of tables, chains, rules, sets, elements and objects alike */
		if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME)
			return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 &&
			       !strcmp(mnl_attr_get_str(attr), table);
	}
	return false;
}

struct table_search {
	const char *name;
	struct readback_table found;
};

static int take_table(const struct nlmsghdr *message, void *arg)
{
	struct table_search *search = arg;
	const struct nlattr *attr;
	struct readback_table t = { .is_there = true };

	if (!readback_is_of(message, search->name))
		return 0;
	mnl_attr_for_each (attr, message, sizeof(struct nfgenmsg)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == NFTA_TABLE_FLAGS)
			t.is_owned = ntohl(mnl_attr_get_u32(attr)) & NFT_TABLE_F_OWNER;
		else if (type == NFTA_TABLE_OWNER)
			t.owner = ntohl(mnl_attr_get_u32(attr));
	}
	search->found = t;
	return 0;
}

int readback_table(struct readback_table *out, struct netlink *nl, const char *name)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	struct table_search search = { .name = name };
	int tries;
	int err;

	for (tries = 0, err = -EINTR; err == -EINTR && tries < NETLINK_TRIES; tries++)
		err = netlink_dump(nl, readback_request(buf, NFT_MSG_GETTABLE), take_table,
				   &search);
	if (!err)
		*out = search.found;
	return err;
}

static int take_generation(const struct nlmsghdr *message, void *arg)
{
	const struct nlattr *attr;
	uint32_t *generation = arg;

	mnl_attr_for_each (attr, message, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) == NFTA_GEN_ID)
			*generation = ntohl(mnl_attr_get_u32(attr));
	}
	return 0;
}

int readback_generation(uint32_t *out, struct netlink *nl)
{
	_Alignas(struct nlmsghdr) char buf[NETLINK_MESSAGE_BYTES];
	uint32_t generation = 0;
	int err = netlink_ask(nl, readback_request(buf, NFT_MSG_GETGEN), take_generation,
			      &generation);

	if (!err)
		*out = generation;
	return err;
}
