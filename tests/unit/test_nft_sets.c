/* Elements of sets as the kernel has them. */

#include <errno.h>

#include "nft/plan_build.h"
#include "nft/sets.h"
#include "nft_sample.h"

static void expect(const struct sets_bound *bound, uint16_t port, bool is_end)
{
	assert_int_equal(bound->key[0] << 8 | bound->key[1], port);
	assert_int_equal(bound->is_end, is_end);
}

static void test_interval_bounds(void **state)
{
	struct plan_range at[] = { { { 0, 80 }, { 0, 80 } },
				   { { 1, 187 }, { 1, 255 } },
				   { { 254, 0 }, { 255, 255 } } };
	struct plan_set set = { .kind = PLAN_PORTS, .at = at, .count = 3 };
	size_t count;
	struct sets_bound *bounds = sets_bounds(&set, &count);

	(void)state;
	assert_non_null(bounds);
	/* the last reaches to the end of all ports, and has none itself */
	assert_int_equal(count, 5);
	expect(&bounds[0], 80, false);
	expect(&bounds[1], 81, true);
	expect(&bounds[2], 443, false);
	expect(&bounds[3], 512, true);
	expect(&bounds[4], 0xfe00, false);
	free(bounds);
}

static void test_plain_keys(void **state)
{
	struct plan_range at[] = { { { 2 }, { 2 } }, { { 10 }, { 10 } } };
	struct plan_set set = { .kind = PLAN_FAMILIES, .at = at, .count = 2 };
	size_t count;
	struct sets_bound *bounds = sets_bounds(&set, &count);

	(void)state;
	assert_non_null(bounds);
	assert_int_equal(count, 2);
	assert_int_equal(bounds[1].key[0], 10);
	assert_false(bounds[0].is_end);
	free(bounds);
}

static void test_order(void **state)
{
	struct sets_bound a = { .key = { 1 }, .is_end = false };
	struct sets_bound b = { .key = { 1 }, .is_end = true };
	struct sets_bound c = { .key = { 2 }, .is_end = false };

	(void)state;
	assert_true(sets_compare(&a, &b) < 0);
	assert_true(sets_compare(&c, &b) > 0);
	assert_int_equal(sets_compare(&a, &a), 0);
}

static void test_difference(void **state)
{
	struct plan_range old_at[] = { { { 1 }, { 1 } }, { { 3 }, { 3 } }, { { 5 }, { 5 } } };
	struct plan_range new_at[] = { { { 3 }, { 3 } }, { { 4 }, { 4 } } };
	const struct plan_set old = { .name = "s", .kind = PLAN_HOSTS4, .at = old_at, .count = 3 };
	const struct plan_set new = { .name = "s", .kind = PLAN_HOSTS4, .at = new_at, .count = 2 };
	const struct plan_table table = { .name = "t" };
	struct batch *batch = NULL;

	(void)state;
	assert_int_equal(batch_new(&batch), 0);
	assert_int_equal(sets_put_difference(batch, &table, &old, &old), 0);
	assert_true(batch_is_empty(batch));
	/* 1 and 5 go, 4 comes: a message each way */
	assert_int_equal(sets_put_difference(batch, &table, &old, &new), 0);
	assert_int_equal(batch_count(batch), 3);
	batch_free(batch);
}

static void test_families_are_two(void **state)
{
	static const uint8_t three[] = { 1, 2, 3 };
	static const struct sets_life life = { 1, 1 };
	struct plan *plan = plan_empty();
	struct batch *batch = NULL;

	(void)state;
	assert_int_equal(batch_new(&batch), 0);
	assert_int_equal(sets_put_families(batch, &plan->owned, "alive", three, 3, life), -EINVAL);
	assert_int_equal(sets_put_families(batch, &plan->owned, "alive", three, 2, life), 0);
	batch_free(batch);
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval_bounds),
		cmocka_unit_test(test_plain_keys),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_families_are_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
