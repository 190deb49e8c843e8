/* The monotonic clock: milliseconds, and it goes. */
#include <time.h>

#include "base/clock.h"
#include "unit.h"

static void test_goes(void **state)
{
	const struct timespec pause = { 0, 20 * 1000 * 1000 };
	uint64_t before = clock_ms();

	(void)state;
	assert_int_equal(nanosleep(&pause, NULL), 0);
	assert_true(clock_ms() >= before + 19);
	assert_true(clock_ms() < before + 60 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
