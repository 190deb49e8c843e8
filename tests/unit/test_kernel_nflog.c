/* Groups of nfnetlink_log, in a network namespace of this test's own; skipped without root. */
#include <errno.h>
#include <stdlib.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>

#include <libmnl/libmnl.h>

#include "kernel/nflog.h"
#include "own_netns.h"

enum {
	FIRST = 1443,
};

static int enter(void **state)
{
	return enter_netns(state, NETLINK_NETFILTER);
}

static void test_a_taken_group_is_stepped_over(void **state)
{
	struct netlink all[NFLOG_GROUPS];
	struct netlink more;
	uint16_t group;

	(void)need_netns(state);
	for (uint16_t i = 0; i < NFLOG_GROUPS; i++) {
		assert_int_equal(nflog_open(&all[i], FIRST, &group), 0);
		assert_int_equal(group, FIRST + i);
	}
	group = 7;
	assert_int_equal(nflog_open(&more, FIRST, &group), -EPERM);
	assert_int_equal(group, 7);
	netlink_close(&all[3]);
	assert_int_equal(nflog_open(&all[3], FIRST, &group), 0);
	assert_int_equal(group, FIRST + 3);
	for (uint16_t i = 0; i < NFLOG_GROUPS; i++)
		netlink_close(&all[i]);
}

static void test_packets_and_others(void **state)
{
	_Alignas(struct nlmsghdr) char buf[256];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct span packet = { NULL, 7 };

	(void)state;
	m->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;
	assert_false(nflog_packet(m, &packet)); /* not even its own header */
	(void)mnl_nlmsg_put_extra_header(m, sizeof(struct nfgenmsg));
	mnl_attr_put_u32(m, NFULA_MARK, 1);
	assert_false(nflog_packet(m, &packet));
	mnl_attr_put(m, NFULA_PAYLOAD, 5, "hello");
	m->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	assert_false(nflog_packet(m, &packet));
	assert_int_equal(packet.size, 7);
	m->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;
	assert_true(nflog_packet(m, &packet));
	assert_int_equal(packet.size, 5);
	assert_memory_equal(packet.data, "hello", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_taken_group_is_stepped_over, enter,
						leave_netns),
		cmocka_unit_test(test_packets_and_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
