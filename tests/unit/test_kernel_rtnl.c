/* Rules, the route and addresses, in a network namespace of this test's own; skipped without root. */

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fib_rules.h>
#include <linux/netlink.h>

#include "kernel/links.h"
#include "kernel/rtnl_route.h"
#include "kernel/rtnl_rule.h"
#include "own_netns.h"

static int enter(void **state)
{
	return enter_netns(state, NETLINK_ROUTE);
}

static void set_lo(short flags)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = flags };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
	assert_int_equal(close(fd), 0);
}

static void test_rules(void **state)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct netlink *nl = need_netns(state);
	size_t i;

	for (i = 0; i < 2; i++) {
		struct rtnl_rule rule = { .family = families[i],
					  .action = FR_ACT_TO_TBL,
					  .pref = 900,
					  .mark = 0x5f000000,
					  .mask = 0xff000000,
					  .table = 1443 };
		struct rtnl_rule other = rule;

		other.is_from_lo = true;
		assert_int_equal(rtnl_rule_find(nl, &rule), 0);
		assert_int_equal(rtnl_rule_add(nl, &other), 0);
		assert_int_equal(rtnl_rule_find(nl, &rule), 0);
		/* it must not take the other, which has all that it has and more */
		assert_int_equal(rtnl_rule_delete(nl, &rule), 0);
		assert_int_equal(rtnl_rule_find(nl, &other), 1);
		assert_int_equal(rtnl_rule_add(nl, &rule), 0);
		assert_int_equal(rtnl_rule_add(nl, &rule), 0);
		assert_int_equal(rtnl_rule_find(nl, &rule), 1);
		assert_int_equal(rtnl_rule_delete(nl, &other), 0);
		assert_int_equal(rtnl_rule_find(nl, &rule), 1);
		assert_int_equal(rtnl_rule_delete(nl, &rule), 0);
		assert_int_equal(rtnl_rule_find(nl, &rule), 0);
		assert_int_equal(rtnl_rule_delete(nl, &rule), 0);
	}
}

static void test_rules_of_one_endpoint(void **state)
{
	static const char *const ends[] = { "127.0.0.1:7001", "127.0.0.1:7002", "[::1]:7001" };
	struct netlink *nl = need_netns(state);
	struct rtnl_rule rules[3];
	size_t i;

	for (i = 0; i < 3; i++) {
		rules[i] = (struct rtnl_rule){
			.action = FR_ACT_TO_TBL, .is_from_lo = true, .pref = 897, .table = 1443
		};
		assert_int_equal(addr_parse(&rules[i].from, ends[i], true), 0);
		rules[i].family = (uint8_t)rules[i].from.family;
		assert_int_equal(rtnl_rule_find(nl, &rules[i]), 0);
		assert_int_equal(rtnl_rule_add(nl, &rules[i]), 0);
		assert_int_equal(rtnl_rule_add(nl, &rules[i]), 0);
		assert_int_equal(rtnl_rule_find(nl, &rules[i]), 1);
	}
	/* a rule for all is not one of them */
	rules[1].from.family = 0;
	assert_int_equal(rtnl_rule_find(nl, &rules[1]), 0);
	rules[1].from.family = AF_INET;
	assert_int_equal(rtnl_rule_delete(nl, &rules[1]), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[0]), 1);
	assert_int_equal(rtnl_rule_find(nl, &rules[1]), 0);
	assert_int_equal(rtnl_rule_add(nl, &rules[1]), 0);
	assert_int_equal(rtnl_rule_delete_all(nl, AF_INET, 897, 1444), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[0]), 1);
	assert_int_equal(rtnl_rule_delete_all(nl, AF_INET, 897, 1443), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[0]), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[1]), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[2]), 1);
	assert_int_equal(rtnl_rule_delete_all(nl, AF_INET6, 897, 1443), 0);
	assert_int_equal(rtnl_rule_find(nl, &rules[2]), 0);
}

static void test_other_kinds(void **state)
{
	struct netlink *nl = need_netns(state);
	struct rtnl_rule nop = { .family = AF_INET, .action = FR_ACT_NOP, .pref = 901 };
	struct rtnl_rule jump = { .family = AF_INET,
				  .action = FR_ACT_GOTO,
				  .is_from_lo = true,
				  .pref = 899,
				  .mark = 1,
				  .mask = 1,
				  .jump = 901 };

	assert_int_equal(rtnl_rule_add(nl, &nop), 0);
	assert_int_equal(rtnl_rule_add(nl, &jump), 0);
	assert_int_equal(rtnl_rule_find(nl, &nop), 1);
	assert_int_equal(rtnl_rule_find(nl, &jump), 1);
	jump.jump = 902;
	assert_int_equal(rtnl_rule_find(nl, &jump), 0);
	jump.jump = 901;
	assert_int_equal(rtnl_rule_delete(nl, &jump), 0);
	assert_int_equal(rtnl_rule_delete(nl, &nop), 0);
}

static void test_route(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct netlink *nl = need_netns(state);
	size_t i;

	set_lo(0);
	assert_int_equal(rtnl_route_add(nl, AF_INET6, 1443), -ENETDOWN);
	set_lo(IFF_UP);
	for (i = 0; i < 2; i++) {
		assert_int_equal(rtnl_route_find(nl, families[i], 1443), 0);
		assert_int_equal(rtnl_route_add(nl, families[i], 1443), 0);
		assert_int_equal(rtnl_route_add(nl, families[i], 1443), 0);
		assert_int_equal(rtnl_route_find(nl, families[i], 1443), 1);
		assert_int_equal(rtnl_route_find(nl, families[i], 1444), 0);
		assert_int_equal(rtnl_route_delete(nl, families[i], 1443), 0);
		assert_int_equal(rtnl_route_find(nl, families[i], 1443), 0);
		assert_int_equal(rtnl_route_delete(nl, families[i], 1443), 0);
	}
	set_lo(0);
}

static void test_addresses_of_lo_do_not_count(void **state)
{
	struct netlink *nl = need_netns(state);
	struct addr_list list = { NULL, 0 };

	set_lo(IFF_UP);
	assert_int_equal(links_read(&list, nl), 0);
	assert_int_equal(list.count, 0);
	addr_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rules_of_one_endpoint),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_addresses_of_lo_do_not_count),
	};

	return cmocka_run_group_tests(tests, enter, leave_netns);
}
