/* Lists that know no capacity. */
#include <stdlib.h>

#include "policy/list.h"
#include "unit.h"

static void test_growth(void **state)
{
	unsigned *at = NULL;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		at = list_room(at, count, sizeof *at);
		assert_non_null(at);
		at[count] = (unsigned)count;
	}
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(at[i], i);
	free(at);
}

static void test_ports(void **state)
{
	struct port_range ranges[] = { { 443, 443 }, { 500, 600 }, { UINT16_MAX, UINT16_MAX } };
	const struct port_list list = { ranges, 3 };
	const struct port_list none = { NULL, 0 };

	(void)state;
	assert_true(port_list_has(&list, 443));
	assert_true(port_list_has(&list, 500));
	assert_true(port_list_has(&list, 600));
	assert_true(port_list_has(&list, UINT16_MAX));
	assert_false(port_list_has(&list, 442));
	assert_false(port_list_has(&list, 499));
	assert_false(port_list_has(&list, 601));
	assert_false(port_list_has(&none, 443));
}

static void test_networks(void **state)
{
	struct prefix networks[2];
	const struct prefix_list list = { networks, 2 };
	const struct prefix_list none = { NULL, 0 };
	struct addr a;

	(void)state;
	assert_int_equal(prefix_parse(&networks[0], "192.0.2.0/24"), 0);
	assert_int_equal(prefix_parse(&networks[1], "2001:db8::/32"), 0);
	assert_int_equal(addr_parse(&a, "192.0.2.255", false), 0);
	assert_true(prefix_list_holds(&list, &a));
	assert_false(prefix_list_holds(&none, &a));
	assert_int_equal(addr_parse(&a, "2001:db8:1::1", false), 0);
	assert_true(prefix_list_holds(&list, &a));
	assert_int_equal(addr_parse(&a, "192.0.3.0", false), 0);
	assert_false(prefix_list_holds(&list, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
