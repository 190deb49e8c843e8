/* The scheduling policy of this process, both ways. */
#include <sched.h>
#include <sys/resource.h>

#include "kernel/sched_batch.h"
#include "unit.h"

static void test_both_ways(void **state)
{
	int nice = getpriority(PRIO_PROCESS, 0);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sched_batch(true), 0);
		assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
		assert_int_equal(sched_batch(true), 0); /* it is so already */
		assert_int_equal(sched_batch(false), 0);
		assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	}
	assert_int_equal(getpriority(PRIO_PROCESS, 0), nice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
