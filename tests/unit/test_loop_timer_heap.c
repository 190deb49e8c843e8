/* The timer heap: order, removal, moves, and many of them. */
#include <stdlib.h>

#include "loop/timer_heap.h"
#include "unit.h"

enum {
	MANY = 2000,
};

static void test_empty(void **state)
{
	struct timer_heap h = { 0 };
	struct timer t = { 0 };
	uint64_t at_ms;

	(void)state;
	assert_false(timer_heap_next(&h, &at_ms));
	assert_null(timer_heap_due(&h, UINT64_MAX));
	timer_heap_remove(&h, &t); /* is not in: nothing happens */
	timer_heap_done(&h);
}

static void test_due_only_when_due(void **state)
{
	struct timer_heap h = { 0 };
	struct timer t = { 0 };
	uint64_t at_ms;

	(void)state;
	assert_int_equal(timer_heap_set(&h, &t, 100), 0);
	assert_true(timer_heap_next(&h, &at_ms));
	assert_int_equal(at_ms, 100);
	assert_null(timer_heap_due(&h, 99));
	assert_ptr_equal(timer_heap_due(&h, 100), &t);
	assert_int_equal(t.index, 0);
	assert_null(timer_heap_due(&h, 100));
	timer_heap_done(&h);
}

static void test_moving(void **state)
{
	struct timer_heap h = { 0 };
	struct timer a = { 0 };
	struct timer b = { 0 };

	(void)state;
	assert_int_equal(timer_heap_set(&h, &a, 10), 0);
	assert_int_equal(timer_heap_set(&h, &b, 20), 0);
	assert_int_equal(timer_heap_set(&h, &a, 30), 0);
	assert_ptr_equal(timer_heap_due(&h, 50), &b);
	assert_ptr_equal(timer_heap_due(&h, 50), &a);
	assert_null(timer_heap_due(&h, 50));
	timer_heap_done(&h);
}

/* Random times, every third removed again: the rest comes out in order, and all of it. */
static void test_many_in_order(void **state)
{
	struct timer_heap h = { 0 };
	struct timer *all = calloc(MANY, sizeof *all);
	struct timer *t;
	uint64_t last_ms = 0;
	uint32_t seed = 12345;
	size_t out = 0;

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < MANY; i++) {
		seed = seed * 1664525 + 1013904223;
		assert_int_equal(timer_heap_set(&h, &all[i], seed % 5000), 0);
	}
	for (size_t i = 0; i < MANY; i += 3)
		timer_heap_remove(&h, &all[i]);
	for (t = timer_heap_due(&h, UINT64_MAX); t; t = timer_heap_due(&h, UINT64_MAX)) {
		assert_true(t->at_ms >= last_ms);
		assert_int_not_equal((size_t)(t - all) % 3, 0);
		last_ms = t->at_ms;
		out++;
	}
	assert_int_equal(out, MANY - (MANY + 2) / 3);
	timer_heap_done(&h);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_due_only_when_due),
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_many_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
