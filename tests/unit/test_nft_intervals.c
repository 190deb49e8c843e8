/* Intervals as nft sets want them. */

#include "nft/intervals.h"
#include "unit.h"

static struct plan_range ports(uint16_t first, uint16_t last)
{
	struct plan_range r = { .first = { (uint8_t)(first >> 8), (uint8_t)first },
				.last = { (uint8_t)(last >> 8), (uint8_t)last } };

	return r;
}

static void expect(const struct plan_range *at, uint16_t first, uint16_t last)
{
	struct plan_range wanted = ports(first, last);

	assert_memory_equal(at, &wanted, sizeof wanted);
}

static void test_sorts(void **state)
{
	struct plan_range at[] = { ports(443, 443), ports(80, 80), ports(8443, 8449) };

	(void)state;
	assert_int_equal(intervals_join(at, 3, 2), 3);
	expect(&at[0], 80, 80);
	expect(&at[1], 443, 443);
	expect(&at[2], 8443, 8449);
}

static void test_joins_what_overlaps_or_adjoins(void **state)
{
	struct plan_range at[] = { ports(10, 20), ports(15, 30), ports(31, 31),
				   ports(12, 13), ports(33, 40), ports(33, 40) };

	(void)state;
	assert_int_equal(intervals_join(at, 6, 2), 2);
	expect(&at[0], 10, 31);
	expect(&at[1], 33, 40);
}

static void test_reaches_to_the_end(void **state)
{
	struct plan_range at[] = { ports(65000, 65535), ports(65100, 65200), ports(65535, 65535) };

	(void)state;
	assert_int_equal(intervals_join(at, 3, 2), 1);
	expect(&at[0], 65000, 65535);
}

static void test_carries_over_bytes(void **state)
{
	struct plan_range at[] = { ports(0, 255), ports(256, 511), ports(513, 600) };

	(void)state;
	assert_int_equal(intervals_join(at, 3, 2), 2);
	expect(&at[0], 0, 511);
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(intervals_join(NULL, 0, 4), 0);
}

static void test_next(void **state)
{
	uint8_t key[4] = { 10, 0, 255, 255 };
	uint8_t last[4] = { 255, 255, 255, 255 };

	(void)state;
	assert_true(intervals_next(key, 4));
	assert_memory_equal(key, ((uint8_t[]){ 10, 1, 0, 0 }), 4);
	assert_false(intervals_next(last, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorts),
		cmocka_unit_test(test_joins_what_overlaps_or_adjoins),
		cmocka_unit_test(test_reaches_to_the_end),
		cmocka_unit_test(test_carries_over_bytes),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
