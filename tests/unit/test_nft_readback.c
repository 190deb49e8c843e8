/* Whose a message is; the comparison itself is tested in test_nft_commit.c and tests/golden. */

#include <arpa/inet.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <libmnl/libmnl.h>

#include "nft/readback.h"
#include "unit.h"

static struct nlmsghdr *message(char *buf, uint16_t type, uint8_t family)
{
	struct nlmsghdr *made = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(made, sizeof *head);

	made->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	head->nfgen_family = family;
	return made;
}

static void test_every_kind_names_its_table_alike(void **state)
{
	static const struct {
		uint16_t message;
		uint16_t name;
	} kinds[] = {
		{ NFT_MSG_NEWTABLE, NFTA_TABLE_NAME },
		{ NFT_MSG_DELTABLE, NFTA_TABLE_NAME },
		{ NFT_MSG_NEWCHAIN, NFTA_CHAIN_TABLE },
		{ NFT_MSG_DELRULE, NFTA_RULE_TABLE },
		{ NFT_MSG_NEWSET, NFTA_SET_TABLE },
		{ NFT_MSG_DELSETELEM, NFTA_SET_ELEM_LIST_TABLE },
		{ NFT_MSG_NEWOBJ, NFTA_OBJ_TABLE },
		{ NFT_MSG_NEWFLOWTABLE, NFTA_FLOWTABLE_TABLE },
	};
	_Alignas(struct nlmsghdr) char buf[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct nlmsghdr *m = message(buf, kinds[i].message, NFPROTO_INET);

		mnl_attr_put_strz(m, kinds[i].name, "shunt");
		assert_true(readback_is_of(m, "shunt"));
		assert_false(readback_is_of(m, "shunt_base"));
		assert_false(readback_is_of(m, "shun"));
	}
}

static void test_what_is_not_ours(void **state)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *m = message(buf, NFT_MSG_NEWTABLE, NFPROTO_IPV4);

	(void)state;
	mnl_attr_put_strz(m, NFTA_TABLE_NAME, "shunt");
	assert_false(readback_is_of(m, "shunt"));
	/* a number where other messages have the name */
	m = message(buf, NFT_MSG_NEWGEN, NFPROTO_INET);
	mnl_attr_put_u32(m, NFTA_GEN_ID, 0x61);
	assert_false(readback_is_of(m, "a"));
	/* no name at all, one without its end, and no head */
	m = message(buf, NFT_MSG_NEWCHAIN, NFPROTO_INET);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, "shunt");
	assert_false(readback_is_of(m, "shunt"));
	m = message(buf, NFT_MSG_NEWCHAIN, NFPROTO_INET);
	mnl_attr_put_str(m, NFTA_CHAIN_TABLE, "shunt");
	assert_false(readback_is_of(m, "shunt"));
	m = mnl_nlmsg_put_header(buf);
	assert_false(readback_is_of(m, "shunt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_names_its_table_alike),
		cmocka_unit_test(test_what_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
